"""What Rosterway is told, as frozen values: the shape of `rosterway.toml` once read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from rosterway.settings.findings import Finding
from rosterway.settings.secrets import Secret
from rosterway.settings.values import Address, Days, Hours, Network, frozen

#: `feed.from` when the files come to our own SFTP, HTTPS or command line.
GATEWAY = "gateway"


class Environment(StrEnum):
    """Which Canvas an address belongs to."""

    PRODUCTION = "production"
    TEST = "test"
    BETA = "beta"
    SANDBOX = "sandbox"


class Apply(StrEnum):
    """How a delivery is applied; the last two leave the comparing to Canvas."""

    IMPORTS = "imports"
    DIFFING = "diffing"
    CANVAS_DIFFING = "canvas-diffing"
    CANVAS_BATCH = "canvas-batch"


class Approve(StrEnum):
    """When a plan waits for a person."""

    WHEN_HELD = "when-held"
    ALWAYS = "always"


class OnError(StrEnum):
    """What a delivery with errors in its rows comes to."""

    HOLD_BAD = "hold-bad"  # the good rows go, the bad ones and what depends on them wait
    STOP = "stop"  # nothing of it goes


class Service(StrEnum):
    """Which of OneRoster's two rostering services is read."""

    BULK = "bulk"
    SCHOOL = "school"


class Version(StrEnum):
    """OneRoster's versions."""

    V1P1 = "1.1"
    V1P2 = "1.2"


class Credentials(StrEnum):
    """Where OAuth 2 client credentials are put."""

    BASIC = "basic"
    BODY = "body"


class Signature(StrEnum):
    """OAuth 1.0a's signature methods."""

    HMAC_SHA256 = "hmac-sha256"
    HMAC_SHA1 = "hmac-sha1"


class Endpoints(StrEnum):
    """Who chooses a lineItem's sourcedId: we (standard) or the SIS (modified)."""

    STANDARD = "standard"
    MODIFIED = "modified"


class Performance(StrEnum):
    """Short cuts a provider may offer (instructure-integration.md 2)."""

    CLASS_CATEGORIES = "class-categories"  # a class's categories, from its own list
    BULK_RESULTS = "bulk-results"  # new results together, a post for a line item
    BULK_URL = "bulk-url"  # the same, to an address of the provider's own


class Courses(StrEnum):
    """Which courses a schedule syncs: those Canvas flags `nightly_sync`, or all."""

    FLAGGED = "flagged"
    ALL = "all"


class Preview(StrEnum):
    """When a sync waits for a person who has seen what it would send."""

    FIRST = "first"
    ALWAYS = "always"
    NEVER = "never"


class SisEdits(StrEnum):
    """What happens to a grade that somebody has changed in the SIS."""

    OVERWRITE = "overwrite"
    ASK = "ask"
    KEEP = "keep"


class Categories(StrEnum):
    """How a class's categories are asked for (instructure-integration.md 3.1)."""

    AUTO = "auto"  # what the provider serves
    ALL = "all"  # all of the SIS, sorted out here
    CLASS = "class"  # the class's own list
    FILTER = "filter"  # metadata.classId='…'
    BARE_FILTER = "bare-filter"  # metadata.classId=…


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`[server]`: `database` is "sqlite", an address without a password, or where one is kept."""

    console: Address
    sftp: Address
    database: str | Secret
    blobs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CanvasAccount:
    """The root account a tenant's rosters go to."""

    url: str
    token: Secret
    account: str
    environment: Environment

    @property
    def key(self) -> str:
        """Names the account across tenants, as far as can be known without asking Canvas."""
        return f"{urlsplit(self.url).netloc.lower()}/{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpAccount:
    """An account of the hosted SFTP; an empty `allow` lets every address in."""

    login: str
    keys: tuple[str, ...]
    password: Secret | None
    allow: tuple[Network, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpQuota:
    """What may lie in the folders a tenant uploads to; a gigabyte is 1024 MiB."""

    gigabytes: int = 50
    files: int = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2:
    """OAuth 2.0 client credentials."""

    token_url: str
    client_id: str
    client_secret: Secret
    scope: str | None
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1:
    """OAuth 1.0a, one-legged."""

    client_id: str
    client_secret: Secret
    signature: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A token that does not change."""

    token: Secret


Auth = OAuth2 | OAuth1 | Bearer


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Access to one SIS over OneRoster.

    `headers` go with every request; `ca` is a file of certificates, from the configuration's folder;
    `fields` and `filter` are by collection; `show_errors` are the provider's error codes whose own
    words people see (None: all of them). What is None else is the profile's to say, else usual.
    """

    name: str
    profile: str
    version: Version
    rostering_url: str
    gradebook_url: str | None
    auth: Auth
    concurrency: int | None
    exclude: tuple[str, ...]
    filter: Mapping[str, str]
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    service: Service | None = None
    page_size: int | None = None
    headers: Mapping[str, str | Secret] = field(default_factory=lambda: MappingProxyType({}))
    ca: str | None = None
    show_errors: tuple[str, ...] | None = None


class AfterPickUp(StrEnum):
    """What becomes of a file on somebody else's server once it is kept here."""

    LEAVE = "leave"
    MOVE = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpConnection:
    """Access to somebody else's SFTP server: to the files of feeds there, and back to it.

    `folder` is the folder there that the others begin from. `files` are patterns of names.
    `results` is where receipts go, `grade_export` where grade exports go; without `results` no
    receipt is sent there.
    """

    name: str
    host: str
    user: str
    port: int = 22
    key: Secret | None = None
    passphrase: Secret | None = None
    password: Secret | None = None
    folder: str = "."
    files: tuple[str, ...] = ("*.csv", "*.zip")
    after: AfterPickUp = AfterPickUp.LEAVE
    moved_to: str = "taken"
    results: str | None = None
    grade_export: str = "grade-export"
    timeout: timedelta = timedelta(seconds=30)

    @property
    def address(self) -> str:
        """Where it listens, as its host key is kept for it."""
        return str(Address(self.host, self.port))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """When a feed is noticed although nothing of it fails.

    `silent` is how long it may bring nothing; None: as its schedule lets expect. `counts` is by what
    share a table may have more or fewer rows than usual, 0 for by any; None: as `apply` lets expect.
    """

    silent: timedelta | None = None
    counts: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SisImportOptions:
    """What Canvas is asked to do with a feed's SIS imports, by its own names."""

    override_sis_stickiness: bool = False
    add_sis_stickiness: bool = False
    clear_sis_stickiness: bool = False
    update_sis_id_if_login_claimed: bool = False

    @property
    def asked(self) -> Mapping[str, bool]:
        """Those that are asked for."""
        names = (one.name for one in fields(self))
        return {name: True for name in names if getattr(self, name)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A named recurring roster.

    `source` is `from`: "gateway" or a connection's name. `vanished` and `limits` are as written;
    what their words mean is the rostering room's to say; so it is with the file `policy`, which says
    how OneRoster becomes Canvas. `schedule` None: as soon as sealed, or from a connection by hand
    alone. `delta` says when only what has changed is read of a connection, `filter` takes the place
    of the connection's, by collection. On days of `blackout` it does not run by itself.
    """

    name: str
    source: str
    folder: str | None
    settle: timedelta
    encoding: str
    apply: Apply
    approve: Approve
    vanished: Mapping[str, Any]
    limits: Mapping[str, Any]
    schedule: str | None
    policy: str | None = None
    delta: str | None = None
    filter: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    blackout: tuple[Days, ...] = ()
    alarm: Alarm = Alarm()
    sis_import: SisImportOptions = SisImportOptions()
    on_error: OnError = OnError.HOLD_BAD


class CourseGradeKind(StrEnum):
    """Which grade of a course it is; each is a line item of its own."""

    MIDTERM = "midterm"
    FINAL = "final"


class Basis(StrEnum):
    """Which of Canvas's totals counts (canvas-sis.md 6.5).

    final: what is not graded counts as 0. current: only what is graded counts.
    """

    FINAL = "final"
    CURRENT = "current"


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseGrade:
    """How one grade of a course goes back, on a line item of its own in each class.

    `title` is the line item's, and usual for its kind if None; `category` the title of its category,
    the title again if None. `hidden`: grades that students may not see yet count. `points` is what
    100 percent is worth. After the day `until` it stays as the SIS has it. `grading_period` is the
    title of one of Canvas's, or "each"; None: it is of the whole course.
    """

    kind: str
    grading_period: str | None = None
    title: str | None = None
    category: str | None = None
    basis: Basis = Basis.FINAL
    overrides: bool = True
    hidden: bool = False
    letters: bool = False
    points: int = 100
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeFiles:
    """A SIS that takes grades as files only: OneRoster CSV bundles in the folder `grade-export`.

    `profile` is whose rules hold, `version` the bundles'. `keep` are days that copies with a date in
    their name are kept; 0: none is made. `to` is "gateway", or an SFTP connection's name.
    """

    profile: str
    version: Version
    keep: int = 30
    to: str = GATEWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """How grades go back to the SIS.

    They go over a `connection`, or as `files`; of the two exactly one is not None.

    `rules` are as written: they override what the profile knows of the provider, and what their
    names mean is the passback room's to say. `cap`, `cleared` and `adoptions` are how many new line
    items, how many grades taken out of the SIS, and whether line items found there, need a person's
    yes. `in_flight` puts are under way at a time, `batch` are written down together. In the `quiet`
    hours of the tenant's day nothing is sent. `transform` is a file of rules, or the name of an
    entry point. What is None is the connection's or the profile's to say, else usual.
    """

    connection: str | None
    endpoints: Endpoints
    performance: tuple[Performance, ...]
    schedule: str | None
    courses: Courses = Courses.FLAGGED
    preview: Preview = Preview.FIRST
    cap: int = 25
    cleared: int = 10
    adoptions: bool = True
    sis_edits: SisEdits = SisEdits.OVERWRITE
    verify: bool = False
    in_flight: int | None = None
    batch: int = 100
    quiet: tuple[Hours, ...] | None = None
    full_read_every: timedelta = timedelta(days=1)
    categories: Categories = Categories.AUTO
    bulk_url: str | None = None
    mirror: bool = False
    transform: str | None = None
    files: GradeFiles | None = None
    course_grades: Mapping[str, CourseGrade] = field(default_factory=lambda: MappingProxyType({}))
    rules: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def file_names(file: str, terms: tuple[str, ...]) -> Mapping[str, str]:
    """The name of the file of each term, by SIS id: `grades.csv` becomes `grades-2026-fall.csv`.

    What is not plain in an id is percent-encoded. Without terms, "" has the file itself.
    """
    stem = file.removesuffix(".csv")
    return {term: f"{stem}-{quote(term, safe=' ')}.csv" for term in terms} or {"": file}


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeExport:
    """Canvas's Grade Export report, made for whoever takes it from the folder `grade-export`.

    `terms` are SIS ids, each with a file of its own; empty: one file has all. `limiting_period` and
    `keep` are days. `schedule` None: by hand alone. `to` is "gateway", or an SFTP connection's name.
    """

    name: str
    schedule: str | None = None
    file: str | None = None
    terms: tuple[str, ...] = ()
    include_deleted: bool = False
    limiting_period: int | None = None
    preflight: bool = True
    keep: int = 30
    to: str = GATEWAY

    @property
    def file_name(self) -> str:
        """The name of its file where one has all terms."""
        return self.file or f"{self.name}.csv"

    @property
    def file_names(self) -> Mapping[str, str]:
        """The name of each of its files, by term; "" stands for all terms."""
        return file_names(self.file_name, self.terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One institution: `key` names it in paths and tables, `name` is for people.

    `connections` are those to a SIS over OneRoster, `sftp_connections` those to somebody else's SFTP
    server; no name is in both. On days of `blackout` no feed runs by itself.
    """

    key: str
    name: str
    time_zone: ZoneInfo
    canvas: CanvasAccount
    sftp: Mapping[str, SftpAccount] = field(default_factory=lambda: MappingProxyType({}))
    connections: Mapping[str, Connection] = field(default_factory=lambda: MappingProxyType({}))
    feeds: Mapping[str, Feed] = field(default_factory=lambda: MappingProxyType({}))
    grades: Grades | None = None
    grade_exports: Mapping[str, GradeExport] = field(default_factory=lambda: MappingProxyType({}))
    sftp_connections: Mapping[str, SftpConnection] = field(
        default_factory=lambda: MappingProxyType({})
    )
    blackout: tuple[Days, ...] = ()
    sftp_quota: SftpQuota = SftpQuota()


def tenant_of(*, connections: Mapping[str, Connection | SftpConnection], **told: Any) -> Tenant:
    """A tenant whose connections stand side by side in the file, whatever their kind."""
    both = connections.items()
    return Tenant(
        connections=frozen({name: one for name, one in both if isinstance(one, Connection)}),
        sftp_connections=frozen(
            {name: one for name, one in both if isinstance(one, SftpConnection)}
        ),
        **told,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of it; `warnings` are what the file should be mended for without being unusable."""

    server: Server
    tenants: Mapping[str, Tenant] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[Finding, ...] = ()
