"""The kinds of value that `rosterway.toml` holds: how each is read, and what each is called.

A reader takes what TOML gave and answers the value we keep, or `Wrong`. Nothing here looks at the
clock, the network or the disk (time zones come from the zone database).
"""

import base64
import binascii
import codecs
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from rosterway.settings.findings import Severity, Wrong, nearest, one_of

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: `says` completes "this should be ..."; `read` answers a value or `Wrong`."""

    says: str
    read: Callable[[object], Any]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens; port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of every day, by the tenant's clock; it may go past midnight."""

    start: time
    end: time

    @classmethod
    def of(cls, written: str) -> "Hours":
        """What is written like "07:30-15:30"; `ValueError` where it is no part of a day."""
        start, _, end = written.partition("-")
        hours = cls(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
        if hours.start == hours.end:
            raise ValueError(f"{written} never ends")
        return hours

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def has(self, moment: time) -> bool:
        """Whether this time of day is in it."""
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


@dataclass(frozen=True, slots=True)
class Days:
    """Days one after the other, both ends included, by the tenant's calendar."""

    first: date
    last: date

    @classmethod
    def of(cls, written: str) -> "Days":
        """What is written like "2026-12-24" or "2026-12-24..2027-01-03"; `ValueError` else."""
        first, dots, last = written.partition("..")
        days = cls(date.fromisoformat(first), date.fromisoformat(last if dots else first))
        if days.last < days.first:
            raise ValueError(f"{written} ends before it begins")
        return days

    def __str__(self) -> str:
        alone = f"{self.first:%Y-%m-%d}"
        return alone if self.first == self.last else f"{alone}..{self.last:%Y-%m-%d}"

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def toml_type(raw: object) -> str:
    """What TOML calls this value."""
    match raw:
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case int() | float():
            return "a number"
        case date() | time():
            return "a date or time"
        case list():
            return "an array"
        case _:
            return "a table"


def textual(says: str, read: Callable[[str], object]) -> Kind:
    def from_raw(raw: object) -> object:
        if not isinstance(raw, str):
            return Wrong(f"this is {toml_type(raw)}", f"write {says}")
        if raw != raw.strip() or not raw or any(ord(character) < 32 for character in raw):
            return Wrong("this is empty, or has blanks around or in it", f"write {says}")
        return read(raw)

    return Kind(says, from_raw)


def matching(says: str, pattern: str) -> Kind:
    """Text that a pattern matches as a whole."""
    compiled = re.compile(pattern)

    def read(raw: str) -> object:
        return raw if compiled.fullmatch(raw) else Wrong(f'"{raw}" will not do', f"write {says}")

    return textual(says, read)


def choice(words: type[StrEnum]) -> Kind:
    """One of a closed set of words."""

    def read(raw: str) -> object:
        if raw in list(words):
            return words(raw)
        near = nearest(raw, list(words))
        hint = f'did you mean "{near}"?' if near else f"write {one_of(words)}"
        return Wrong(f'"{raw}" is none of the choices', hint)

    return textual(one_of(words), read)


def whole_number(least: int, most: int) -> Kind:
    """A number without a fraction, both ends allowed."""
    says = f"a whole number from {least} to {most}"

    def read(raw: object) -> object:
        if isinstance(raw, int) and not isinstance(raw, bool) and least <= raw <= most:
            return raw
        return Wrong("this number will not do", f"write {says}")

    return Kind(says, read)


_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def _duration(raw: str) -> object:
    match = _DURATION.fullmatch(raw)
    if match is None:
        return Wrong(f'"{raw}" is no duration', f"write {DURATION.says}")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    if days > 3660 or max(hours, minutes, seconds) > 10**9:
        return Wrong(f'"{raw}" is too long', f"write {DURATION.says}, of ten years at most")
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _yes_or_no(raw: object) -> object:
    return (
        raw if isinstance(raw, bool) else Wrong(f"this is {toml_type(raw)}", "write true or false")
    )


_BY_CHANCE = re.compile(r"(?<![a-z])[hr](?![a-z])", re.IGNORECASE)  # croniter's own H and R
_SOME_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)  # only to see that the schedule ever fires


def _cron(raw: str) -> object:
    # imported here: a configuration without schedules need not wait for it
    from croniter import CroniterError, croniter  # noqa: PLC0415

    if len(raw.split()) != 5:
        return Wrong(f'"{raw}" does not have five fields', f"write {CRON.says}")
    if _BY_CHANCE.search(raw):
        return Wrong(f'"{raw}" leaves the time to chance', f"write {CRON.says}")
    try:
        croniter(raw, _SOME_MONDAY).get_next()
    except CroniterError as error:
        return Wrong(f'"{raw}" is no schedule: {error}', f"write {CRON.says}")
    return raw


def _days(raw: object) -> object:
    if isinstance(raw, date) and not isinstance(raw, datetime):  # TOML has days of its own
        return Days(raw, raw)
    return textual(DAYS.says, _days_of).read(raw)


def _days_of(raw: str) -> object:
    try:
        return Days.of(raw)
    except ValueError:
        return Wrong(f'"{raw}" is no day and no range of days', f"write {DAYS.says}")


def _share(raw: object) -> object:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and 0 <= raw <= 10:
        return float(raw)
    return Wrong("this share will not do", f"write {SHARE.says}")


_CODE = re.compile(r"[a-z][a-z0-9_]{2,60}")


def _error_code(raw: str) -> object:
    """A provider's minor code, as it is compared: some write blanks, some capitals."""
    code = raw.lower().replace(" ", "_")
    return (
        code if _CODE.fullmatch(code) else Wrong(f'"{raw}" is no code', f"write {ERROR_CODE.says}")
    )


def _zone(raw: str) -> object:
    zones = available_timezones()
    if raw in zones:
        return ZoneInfo(raw)
    near = nearest(raw, zones)
    hint = f'did you mean "{near}"?' if near else f"write {ZONE.says}"
    return Wrong(f'"{raw}" is no time zone', hint)


def _url(raw: str) -> object:
    try:
        parts = urlsplit(raw)
        host, port = parts.hostname, parts.port
    except ValueError:
        return Wrong("this is no address", f"write {URL.says}")
    if parts.scheme not in {"http", "https"} or not host or port == 0 or " " in raw:
        return Wrong("this is no address", f"write {URL.says}")
    if parts.username is not None or parts.password is not None:
        return Wrong("the address carries a user name or password", "keep secrets out of it")
    if parts.query or parts.fragment:
        return Wrong("the address goes on after its path", "leave out what follows ? or #")
    return raw.rstrip("/")


def _origin(raw: str) -> object:
    read = _url(raw)
    if isinstance(read, str) and urlsplit(read).path:
        host = f"{urlsplit(read).scheme}://{urlsplit(read).netloc}"
        return Wrong("the address goes on after the host", f'write "{host}"')
    return read


def _address(raw: str) -> object:
    host, _, port = raw.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        return Wrong(f'"{raw}" is ambiguous', 'write an IPv6 address in brackets: "[::1]:8080"')
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        return Wrong(f'"{raw}" is no address to listen at', f"write {ADDRESS.says}")
    return Address(host, int(port))


def _network(raw: str) -> object:
    try:
        return ipaddress.ip_network(raw)
    except ValueError:
        pass
    try:
        whole = ipaddress.ip_network(raw, strict=False)
    except ValueError:
        return Wrong(f'"{raw}" is no network', f"write {NETWORK.says}")
    return Wrong(f'"{raw}" is an address inside a network', f'write "{whole}"')


def _encoding(raw: str) -> object:
    try:
        "".encode(raw)
    except LookupError:
        near = nearest(raw, {"utf-8", "cp1252", "latin-1", "utf-16", "mac-roman", "cp850"})
        return Wrong(f'"{raw}" is no text encoding', f'did you mean "{near or "utf-8"}"?')
    return codecs.lookup(raw).name


def _key_line(raw: object) -> object:
    if isinstance(raw, str) and "PRIVATE KEY" in raw:
        return Wrong("this is a private key", "take it out of the file, and make a new pair")
    return textual(PUBLIC_KEY.says, _public_key).read(raw)


def _public_key(raw: str) -> object:
    """An OpenSSH public key line: type, base64 whose first field repeats the type, comment.

    A line that cannot be a key is a warning and is left out: the account's other ways in still
    work.
    """
    algorithm, _, rest = raw.partition(" ")
    if not algorithm.startswith(("ssh-", "ecdsa-", "sk-")) or not rest:
        return Wrong("this is no OpenSSH public key", f"write {PUBLIC_KEY.says}")
    unusable = Wrong(
        "this key is cut short or damaged, so nobody can sign in with it",
        "paste the whole line of the .pub file",
        severity=Severity.WARNING,
    )
    try:
        body = base64.b64decode(rest.split()[0], validate=True)
    except (binascii.Error, ValueError):
        return unusable
    name = algorithm.encode("utf-8")
    return raw if body.startswith(len(name).to_bytes(4, "big") + name) else unusable


def _account(raw: object) -> object:
    text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
    if isinstance(text, str) and re.fullmatch(r"self|[1-9]\d*", text):
        return text
    return Wrong("this is no root account", f"write {ACCOUNT.says}")


def _vanished(raw: object) -> object:
    """Shape only: words by table, in tables of their own by phase and role, and a number of days."""
    if not isinstance(raw, dict):
        return Wrong(f"this is {toml_type(raw)}", f"write {VANISHED.says}")
    read: dict[str, object] = {}
    for name, value in cast("dict[str, Any]", raw).items():
        if isinstance(value, dict):
            inner = _vanished(cast("dict[str, Any]", value))
            if isinstance(inner, Wrong):
                return Wrong(inner.problem, inner.remedy, at=(name, *inner.at))
            read[name] = inner
        elif isinstance(value, bool) or not isinstance(value, str | int):
            return Wrong(
                f"this is {toml_type(value)}", 'write a word such as "deleted"', at=(name,)
            )
        else:
            read[name] = value
    return MappingProxyType(read)


def _limits(raw: object) -> object:
    """Shape only: tables in tables, numbers at their ends, `off` a list of guard names."""
    if not isinstance(raw, dict):
        return Wrong(f"this is {toml_type(raw)}", f"write {LIMITS.says}")
    read: dict[str, object] = {}
    for name, value in cast("dict[str, Any]", raw).items():
        if name == "off":
            words = cast("list[object]", value) if isinstance(value, list) else [None]
            if not all(isinstance(word, str) for word in words):
                return Wrong("this is no list of guards", 'write off = ["class", …]', at=(name,))
            read[name] = tuple(words)
        elif isinstance(value, dict):
            inner = _limits(cast("dict[str, Any]", value))
            if isinstance(inner, Wrong):
                return Wrong(inner.problem, inner.remedy, at=(name, *inner.at))
            read[name] = inner
        elif isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            return Wrong("this is no number from 0 up", "write one, or a table of them", at=(name,))
        elif name == "share" and value > 1:
            return Wrong(
                f"a share is at most 1, and this is {value}",
                f"for {value} percent write {value / 100}",
                at=(name,),
            )
        else:
            read[name] = value
    return MappingProxyType(read)


TEXT = textual("a string", lambda raw: raw)
WORD = matching("a word of a-z, 0-9 and -", r"[a-z0-9]+(?:-[a-z0-9]+)*")
NAME = matching(
    "a name of a-z, 0-9 and -, at most 63 long", r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
LOGIN = matching(
    "a login of letters, digits and . _ -, at most 64 long", r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
)
FOLDER = matching(
    "a plain folder name, without slashes or a leading dot", r"[A-Za-z0-9_][A-Za-z0-9._ -]{0,99}"
)
VARIABLE = matching("the name of an environment variable", r"[A-Za-z_][A-Za-z0-9_]*")
DURATION = textual('a duration such as "90s", "5m" or "1h30m"', _duration)
CRON = textual('a cron schedule of five fields such as "0 2 * * *"', _cron)
DAYS = Kind('a day such as "2026-11-26", or days such as "2026-12-24..2027-01-03"', _days)
SHARE = Kind("a share such as 0.3, for 30 percent, or 0 to switch it off", _share)
ERROR_CODE = textual('an error code such as "invalid_filter_field"', _error_code)
ZONE = textual('a time zone such as "America/Denver"', _zone)
URL = textual('an address such as "https://sis.example/ims/oneroster"', _url)
ORIGIN = textual('an address such as "https://school.instructure.com"', _origin)
ADDRESS = textual('host and port, such as "127.0.0.1:8080"', _address)
NETWORK = textual('a network such as "10.0.0.0/8"', _network)
ENCODING = textual('an encoding such as "utf-8" or "cp1252"', _encoding)
PUBLIC_KEY = Kind("an OpenSSH public key, as in a .pub file", _key_line)
BLOBS = matching('"files" or "s3://bucket/prefix"', r"files|s3://[a-z0-9][a-z0-9.-]+(?:/\S*)?")
ACCOUNT = Kind('"self", or the number of a root account', _account)
LIMITS = Kind("a table of limits", _limits)
VANISHED = Kind('a table such as { users = "suspended" }', _vanished)
YES_OR_NO = Kind("true or false", _yes_or_no)


def frozen(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same mapping, read-only."""
    return MappingProxyType(dict(mapping))
