"""How somebody else's SFTP server is reached, as the file says it: `[tenant.NAME.connection.NAME]`
with `kind = "sftp"`.
"""

import re
from datetime import timedelta

from rosterway.settings import shape, values
from rosterway.settings.findings import Wrong
from rosterway.settings.schema import Key, Many, Table
from rosterway.settings.secrets import SECRET
from rosterway.settings.values import choice, matching, textual


def _path(raw: str) -> object:
    parts = raw.strip("/").split("/")
    if ".." in parts or "" in parts[:-1] or "\\" in raw:
        return Wrong(f'"{raw}" is no folder', f"write {REMOTE_PATH.says}")
    return raw.rstrip("/") or "/"


#: A folder on their server: from its root, or from where one is after signing in.
REMOTE_PATH = textual('a folder such as "/outgoing/canvas" or "canvas"', _path)

HOST = matching("a host name or an address", r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?")

#: Names in one folder; `*` and `?` do not stand for a slash because names have none.
PATTERN = matching('a pattern of file names such as "*.csv"', r"[^/\\\x00-\x1f]{1,200}")

_MOST_TIMEOUT = timedelta(minutes=10)


def _timeout(raw: object) -> object:
    read = values.DURATION.read(raw)
    if isinstance(read, timedelta) and not timedelta(seconds=1) <= read <= _MOST_TIMEOUT:
        return Wrong(f'"{raw}" is too short or too long', "write 1s at least and 10m at most")
    return read


TIMEOUT = values.Kind('a duration from "1s" to "10m"', _timeout)

SFTP_CONNECTION = Table(
    shape.SftpConnection,
    (
        Key("host", HOST, "their server", required=True),
        Key("port", values.whole_number(1, 65_535), "where it listens", default=22),
        Key("user", values.TEXT, "the name we sign in with", required=True),
        Key("key", SECRET, "the private key we sign in with, as OpenSSH or PEM writes one"),
        Key("passphrase", SECRET, "what opens that key, if it is locked"),
        Key("password", SECRET, "the password we sign in with"),
        Key(
            "folder",
            REMOTE_PATH,
            "the folder there that all others begin from; where one is after signing in if left out",
            default=".",
        ),
        Key(
            "files",
            Many(PATTERN),
            "names of files that are taken, whatever their capitals",
            default=("*.csv", "*.zip"),
        ),
        Key(
            "after",
            choice(shape.AfterPickUp),
            "what becomes of a file once we have kept it",
            default=shape.AfterPickUp.LEAVE,
        ),
        Key("moved_to", REMOTE_PATH, "the folder it is moved to then", default="taken"),
        Key("results", REMOTE_PATH, "the folder receipts are put into; none are if left out"),
        Key(
            "grade_export",
            REMOTE_PATH,
            "the folder grade exports are put into that are made `to` this connection",
            default="grade-export",
        ),
        Key(
            "timeout",
            TIMEOUT,
            "how long it may stay silent",
            default=timedelta(seconds=30),
        ),
    ),
    "Access to an SFTP server of somebody else: `kind` is `sftp`.",
)


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file's name is one of those that are taken."""
    return any(_matcher(pattern).fullmatch(name) for pattern in patterns)


def _matcher(pattern: str) -> re.Pattern[str]:
    # imported here: reading a configuration needs none of it
    from fnmatch import translate  # noqa: PLC0415

    return re.compile(translate(pattern), re.IGNORECASE)
