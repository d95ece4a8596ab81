"""The shape of `rosterway.toml`, as data: the reference page is written from these tables."""

from datetime import timedelta
from typing import cast

from rosterway.settings import shape, values
from rosterway.settings.exports import GRADE_EXPORT
from rosterway.settings.findings import Wrong
from rosterway.settings.grades import GRADES
from rosterway.settings.schema import Key, Many, Mapped, Named, Table, Variant
from rosterway.settings.secrets import SECRET, Secret
from rosterway.settings.sftp_connection import SFTP_CONNECTION
from rosterway.settings.sftp_quota import SFTP_QUOTA
from rosterway.settings.sis_imports import SIS_IMPORT
from rosterway.settings.values import Address, Kind, choice, frozen

_NONE = frozen({})
_EVERYWHERE = Address("0.0.0.0", 2222)  # noqa: S104 senders come from outside


def _read_database(raw: object) -> object:
    """PostgreSQL's address may hold a password, and then it is a secret like any other."""
    if isinstance(raw, dict):
        read = SECRET.read(raw)  # pyright: ignore[reportUnknownArgumentType]
        if isinstance(read, Secret) and read.place == "sealed":
            return Wrong("sealed secrets are kept in this database", "use env or file")
        return read
    if raw == "sqlite":
        return raw
    if isinstance(raw, str) and raw.startswith(("postgresql://", "postgres://")):
        if ":" in raw.partition("://")[2].rpartition("@")[0] or "password=" in raw:
            return Wrong("the address carries a password", 'write { env = "ROSTERWAY_DATABASE" }')
        return raw
    return Wrong("this is no database", f"write {DATABASE.says}")


DATABASE = Kind('"sqlite", "postgresql://host/name" or { env = "NAME" }', _read_database)


def _read_header(raw: object) -> object:
    """A header's value may be a key, and then it is a secret like any other."""
    if isinstance(raw, dict):
        return SECRET.read(raw)  # pyright: ignore[reportUnknownArgumentType]
    return values.TEXT.read(raw)


def _read_names(raw: object) -> object:
    names = cast("list[object]", raw) if isinstance(raw, list) else []
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        return Wrong("this is no list of names", f"write {NAMES.says}")
    return tuple(names)


NAMES = Kind('names such as ["sourcedId", "givenName"]', _read_names)


HEADER = Kind('text, or a secret by reference: { env = "NAME" }', _read_header)

SERVER = Table(
    shape.Server,
    (
        Key(
            "console",
            values.ADDRESS,
            "where the console and the API listen",
            default=Address("127.0.0.1", 8080),
        ),
        Key("sftp", values.ADDRESS, "where SFTP listens", default=_EVERYWHERE),
        Key("database", DATABASE, "where the store is", default="sqlite"),
        Key("blobs", values.BLOBS, "where files are kept", default="files"),
    ),
    "The server itself.",
)

CANVAS = Table(
    shape.CanvasAccount,
    (
        Key("url", values.ORIGIN, "Canvas, without a path", required=True),
        Key("token", SECRET, "an access token allowed to import SIS data", required=True),
        Key("account", values.ACCOUNT, "the root account", default="self"),
        Key(
            "environment",
            choice(shape.Environment),
            "which Canvas the address is",
            default=shape.Environment.PRODUCTION,
        ),
    ),
    "The Canvas account the rosters go to.",
)

SFTP_ACCOUNT = Table(
    shape.SftpAccount,
    (
        Key("keys", Many(values.PUBLIC_KEY), "public keys that may sign in", default=()),
        Key("password", SECRET, "a password that may sign in"),
        Key("allow", Many(values.NETWORK), "networks it may come from; any if empty", default=()),
    ),
    "An account of the hosted SFTP.",
)

AUTH = Variant(
    "method",
    {
        "oauth2": Table(
            shape.OAuth2,
            (
                Key("token_url", values.URL, "where tokens are had", required=True),
                Key("client_id", values.TEXT, "the client's name", required=True),
                Key("client_secret", SECRET, "the client's secret", required=True),
                Key("scope", values.TEXT, "scopes asked for, with blanks between"),
                Key(
                    "credentials",
                    choice(shape.Credentials),
                    "where name and secret are put; the profile's, else basic",
                ),
            ),
            "OAuth 2.0 client credentials.",
        ),
        "oauth1": Table(
            shape.OAuth1,
            (
                Key("client_id", values.TEXT, "the consumer key", required=True),
                Key("client_secret", SECRET, "the consumer secret", required=True),
                Key(
                    "signature",
                    choice(shape.Signature),
                    "how requests are signed",
                    default=shape.Signature.HMAC_SHA256,
                ),
            ),
            "OAuth 1.0a.",
        ),
        "bearer": Table(
            shape.Bearer, (Key("token", SECRET, "the token", required=True),), "A fixed token."
        ),
    },
)

CONNECTION = Table(
    shape.Connection,
    (
        Key(
            "profile",
            values.WORD,
            "the kind of provider, or one of your own",
            default="generic",
        ),
        Key("version", choice(shape.Version), "OneRoster's version", required=True),
        Key("rostering_url", values.URL, "the rostering service", required=True),
        Key(
            "gradebook_url",
            values.URL,
            "the gradebook service; where the standard has it, if left out",
        ),
        Key("auth", AUTH, "how we prove who we are", required=True),
        Key("concurrency", values.whole_number(1, 64), "requests at a time; the profile's, else 3"),
        Key(
            "page_size", values.whole_number(1, 100_000), "records a page; the profile's, else 1000"
        ),
        Key(
            "service",
            choice(shape.Service),
            "whole collections, or school by school; the profile's, else bulk",
        ),
        Key("exclude", Many(values.TEXT), "collections not read", default=()),
        Key("filter", Mapped(values.TEXT, values.TEXT), "filters by collection", default=_NONE),
        Key(
            "fields",
            Mapped(values.TEXT, NAMES),
            "the only values asked for, by collection",
            default=_NONE,
        ),
        Key("headers", Mapped(values.TEXT, HEADER), "sent with every request", default=_NONE),
        Key("ca", values.TEXT, "a file of certificates to trust, as PEM"),
        Key(
            "show_errors",
            Many(values.ERROR_CODE),
            "error codes of the SIS whose own words people see; if left out, all; none if empty",
        ),
    ),
    "Access to one SIS.",
)

#: A connection is one over OneRoster unless it says otherwise: those came first.
CONNECTIONS = Variant("kind", {"oneroster": CONNECTION, "sftp": SFTP_CONNECTION}, usual="oneroster")

ALARM = Table(
    shape.Alarm,
    (
        Key(
            "silent",
            values.DURATION,
            "how long it may bring nothing, days of blackout not counted; if left out, until a second "
            "moment of its schedule has passed",
        ),
        Key(
            "counts",
            values.SHARE,
            "by what share a table may leave the counts of the deliveries before; 0.3 in `diffing` "
            "if left out, elsewhere any",
        ),
    ),
    "When a feed is noticed although nothing of it fails.",
)

BLACKOUT = Many(values.DAYS)

FEED = Table(
    shape.Feed,
    (
        Key(
            "from",
            values.NAME,
            '"gateway", or a connection of this tenant',
            attribute="source",
            required=True,
        ),
        Key(
            "folder",
            values.FOLDER,
            "the folder files arrive in: of the tenant's tree, or below the `folder` of an SFTP "
            "connection",
        ),
        Key(
            "settle",
            values.DURATION,
            "how long files must be quiet to be taken as complete",
            default=timedelta(minutes=5),
        ),
        Key("encoding", values.ENCODING, "what the files are written in", default="utf-8"),
        Key("apply", choice(shape.Apply), "how a delivery is applied; follows from the folder"),
        Key(
            "approve",
            choice(shape.Approve),
            "when a plan waits for a person",
            default=shape.Approve.WHEN_HELD,
        ),
        Key(
            "on_error",
            choice(shape.OnError),
            "what a delivery with errors in its rows comes to: good rows go and bad ones wait, or "
            "nothing of it goes",
            default=shape.OnError.HOLD_BAD,
        ),
        Key(
            "vanished",
            values.VANISHED,
            "what a vanished row becomes, by table, role and phase of its term",
            default=_NONE,
        ),
        Key("limits", values.LIMITS, "how much may change before a plan is held", default=_NONE),
        Key(
            "schedule",
            values.CRON,
            "when it runs, in the tenant's time zone; if left out, as soon as a delivery is sealed, "
            "and from a connection only when told to",
        ),
        Key(
            "delta",
            values.CRON,
            "when only what has changed is read of a connection, between the whole pulls of `schedule`",
        ),
        Key("policy", values.TEXT, "a file that says how OneRoster becomes Canvas"),
        Key(
            "filter",
            Mapped(values.TEXT, values.TEXT),
            "filters by collection, in place of the connection's",
            default=_NONE,
        ),
        Key(
            "blackout",
            BLACKOUT,
            "days on which it does not run by itself, by the tenant's calendar",
            default=(),
        ),
        Key("alarm", ALARM, default=shape.Alarm()),
        Key("sis_import", SIS_IMPORT, default=shape.SisImportOptions()),
    ),
    "A named recurring roster.",
)

TENANT = Table(
    shape.tenant_of,
    (
        Key("name", values.TEXT, "the institution's name", required=True),
        Key("time_zone", values.ZONE, "its time zone", required=True),
        Key("canvas", CANVAS, required=True),
        Key("sftp", Named(values.LOGIN, "login", SFTP_ACCOUNT), default=_NONE),
        Key("sftp_quota", SFTP_QUOTA, default=shape.SftpQuota()),
        Key(
            "connection",
            Named(values.NAME, "name", CONNECTIONS),
            attribute="connections",
            default=_NONE,
        ),
        Key("feed", Named(values.NAME, "name", FEED), attribute="feeds", default=_NONE),
        Key("grades", GRADES),
        Key(
            "grade_export",
            Named(values.NAME, "name", GRADE_EXPORT),
            attribute="grade_exports",
            default=_NONE,
        ),
        Key("blackout", BLACKOUT, "days on which no feed runs by itself", default=()),
    ),
    "One institution.",
)

DOCUMENT = Table(
    shape.Settings,
    (
        Key("server", SERVER, default=None),
        Key("tenant", Named(values.NAME, "key", TENANT), attribute="tenants", default=_NONE),
    ),
)
