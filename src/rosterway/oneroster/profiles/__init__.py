"""Provider profiles: what is known of each SIS, as data, and what follows for reading it.

A profile is one TOML file here; users add their own in a folder `profiles` beside the configuration,
which win over ours of the same name. What the configuration says always wins over a profile. Facts:
oneroster.md 15, instructure-integration.md 2, 3, 5, 7, 8 and S7, users-and-pains.md. Every deviation
and every rule for grades names its source, and `unverified` says what nobody has checked. The
sandbox's faults that show a deviation are named with it, so that tests exercise it.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from rosterway.errors import ConfigError
from rosterway.oneroster.doors import CategoryWay
from rosterway.passback.rules import Rules
from rosterway.settings.shape import Connection, Credentials, OAuth2, Service
from rosterway.settings.values import Hours

#: Where users put their own, beside the configuration.
FOLDER = "profiles"


class Auth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it is signed in to; `scope` "" means that none is sent."""

    methods: tuple[str, ...] = ()
    credentials: Credentials | None = None
    scope: str | None = None


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it is best read; None: as any."""

    page_size: int | None = None
    concurrency: int | None = None
    service: Service | None = None
    exclude: tuple[str, ...] = ()


class PassbackRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule of its gradebook, as `passback.rules.Rules` has it, and who says so.

    `unverified` says what nobody has checked of it; blank: the source states it of this SIS.
    """

    rule: str
    value: bool | int | str
    source: str
    unverified: str = ""


class Passback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What it takes of grades, when it must not be asked, and how its categories are asked for.

    `quiet_hours` are parts of the school's day such as "07:30-15:30, 23:00-01:00".
    """

    quiet_hours: str = ""
    categories: CategoryWay = CategoryWay.AUTO
    notes: tuple[str, ...] = ()
    rule: tuple[PassbackRule, ...] = ()

    def hours(self) -> tuple[Hours, ...]:
        """When it must not be asked.

        Raises:
            ConfigError: it is no part of a day.
        """
        try:
            return tuple(Hours.of(one) for one in self.quiet_hours.split(",") if one.strip())
        except ValueError as error:
            raise ConfigError(
                f"{self.quiet_hours!r} are no quiet hours",
                remedy='Write parts of the day such as "07:30-15:30".',
            ) from error

    def pack(self) -> Rules:
        """Its rule pack: what it says, and what is usual for all else.

        Raises:
            ConfigError: a rule is none, or cannot be like that.
        """
        told = {each.rule: each.value for each in self.rule}
        known = Rules.__struct_fields__
        for name in told:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                raise ConfigError(
                    f"There is no rule {name!r} for grades",
                    remedy=f"Did you mean {near[0]}?" if near else "The reference lists the rules.",
                )
        try:
            return msgspec.convert(told, Rules)
        except msgspec.ValidationError as error:
            raise ConfigError(
                f"A rule for grades says what none can: {error}",
                remedy="The reference page on providers lists what there is.",
            ) from error


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A header it wants, and the shape of its value."""

    name: str
    value: str
    what_for: str


class Deviation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where it departs from the standard, who says so, and the sandbox's faults that show it."""

    what: str
    source: str
    faults: tuple[str, ...] = ()


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Its own guides and support."""

    title: str
    url: str


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of one SIS; addresses have `{…}` where an installation's own part goes."""

    title: str
    versions: tuple[str, ...] = ()
    rostering_url: str = ""
    gradebook_url: str = ""
    token_url: str = ""
    unverified: tuple[str, ...] = ()
    auth: Auth = Auth()
    reading: Reading = Reading()
    passback: Passback = Passback()
    header: tuple[Header, ...] = ()
    deviation: tuple[Deviation, ...] = ()
    link: tuple[Link, ...] = ()


def names(folder: Path | None = None) -> list[str]:
    """The profiles there are: ours, and those in the user's folder."""
    own = {path.stem for path in folder.glob("*.toml")} if folder else set[str]()
    return sorted({*_ours(), *own})


def profile(name: str, folder: Path | None = None) -> Profile:
    """One of them. Raises ConfigError if there is none of that name, or it cannot be used."""
    if folder is not None and (path := folder / f"{name}.toml").is_file():
        try:
            return _read(path.read_text(encoding="utf-8-sig"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} cannot be read", remedy="save it as UTF-8") from error
    text = _ours().get(name)
    if text is None:
        near = get_close_matches(name, names(folder), n=1)
        raise ConfigError(
            f"There is no profile {name!r}",
            remedy=f"Did you mean {near[0]}?" if near else 'Write "generic".',
        )
    return _read(text, name)


def with_profile(connection: Connection, folder: Path | None = None) -> Connection:
    """A connection with what its profile says wherever the configuration says nothing.

    Raises ConfigError if there is no such profile.
    """
    known = profile(connection.profile, folder)
    auth = connection.auth
    if isinstance(auth, OAuth2):
        scope = known.auth.scope if auth.scope is None else auth.scope
        credentials = auth.credentials or known.auth.credentials
        auth = replace(auth, scope=scope, credentials=credentials)
    return replace(
        connection,
        auth=auth,
        concurrency=connection.concurrency or known.reading.concurrency,
        page_size=connection.page_size or known.reading.page_size,
        service=connection.service or known.reading.service,
        exclude=connection.exclude or known.reading.exclude,
    )


@cache
def _ours() -> dict[str, str]:
    return dict(_texts())


def _texts() -> Iterator[tuple[str, str]]:
    for file in resources.files("rosterway.oneroster.profiles").iterdir():
        if file.name.endswith(".toml"):
            yield file.name.removesuffix(".toml"), file.read_text(encoding="utf-8")


def _read(text: str, where: str) -> Profile:
    try:
        found = msgspec.convert(tomllib.loads(text), Profile)
        found.passback.pack()
        found.passback.hours()
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The profile {where} is no TOML: {error}", remedy="Mend it.") from error
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"The profile {where} says what no profile can: {error}",
            remedy="The reference page on providers lists what there is.",
        ) from error
    return found
