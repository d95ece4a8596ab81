"""Jobs for the calculating process, and what it answers: plain values that travel as JSON.

Heavy comparing has a process of its own, with its own memory limit, so that a delivery of millions
of rows cannot starve the doors. `calculate` starts it, `calculation` is it.
"""

from datetime import datetime
from typing import Any

import msgspec

#: What a job leaves in its work folder: the answer, or why there is none.
RESULT = "result.json"
FAULT = "fault.json"


class DeliveredPath(msgspec.Struct, frozen=True):
    """A delivered file: its name as the sender knows it, and where it lies."""

    name: str
    path: str


class TablePath(msgspec.Struct, frozen=True):
    """One table of a roster, as Parquet."""

    path: str
    columns: tuple[str, ...]


class LeftPath(msgspec.Struct, frozen=True):
    """What lay among the delivered files and cannot be one of them, and why."""

    name: str
    reason: str


Tables = dict[str, TablePath]


class PlanJob(msgspec.Struct, frozen=True, kw_only=True, tag="plan"):
    """Read, check, compare and plan a delivery. Results go to `work`/out.

    `noticed` is a file of problems that were known before: a JSON object a line. `headers` are the
    columns that always came, `missing` says since when rows are missing, both by table.
    """

    work: str
    tenant: str
    feed: str
    files: tuple[DeliveredPath, ...]
    encoding: str
    apply: str
    now: datetime
    baseline: Tables
    pending: Tables
    elsewhere: tuple[Tables, ...]
    vanished: dict[str, Any]
    limits: dict[str, Any]
    options: dict[str, Any]
    left: tuple[LeftPath, ...] = ()
    after: str | None = None
    unproven: str | None = None
    noticed: str | None = None
    headers: dict[str, tuple[str, ...]] | None = None
    missing: Tables = {}
    strict: bool = False
    memory: str | None = None


class KeptRoster(msgspec.Struct, frozen=True):
    """What was kept of a SIS: staged tables as Parquet, and the moment (the provider's clock) from
    which on a change may not be in them.
    """

    tables: dict[str, str]
    cursor: datetime


class TranslateJob(msgspec.Struct, frozen=True, kw_only=True, tag="translate"):
    """Make a Canvas roster of what a pull staged in the folder `staged`. It goes to `work`/out.

    `policy` is the text of a policy file, `is_whole` whether every collection is proven complete.
    What was `kept` before has a delta (`is_delta`) laid over it, and is compared with a whole pull.
    """

    work: str
    staged: str
    policy: str
    is_whole: bool
    now: datetime
    kept: KeptRoster | None = None
    is_delta: bool = False
    memory: str | None = None


class Undated(msgspec.Struct, frozen=True):
    """Records of a table that changed without a newer dateLastModified: how many, and one of them."""

    table: str
    count: int
    record: str
    date: str


class TranslateResult(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of each table, which lies in `work`/out as `<table>.csv`, beside the problems.

    `held` are the tables in which rows are missing that should be there. The staged tables, after a
    delta those it was laid over, lie in `work` as `<table>.parquet`; `staged` has their records and
    `came` how many of them the pull brought. `newest` is the latest change that a record tells of.
    `undated` counts, by table, what had changed since it was kept and no delta would have brought.
    """

    rows: dict[str, int]
    held: tuple[str, ...]
    problem_counts: dict[str, int]
    staged: dict[str, int]
    came: dict[str, int]
    newest: datetime | None = None
    undated: tuple[Undated, ...] = ()


class PlanResult(msgspec.Struct, frozen=True, kw_only=True):
    """`plan` is the command line's JSON without problems; `files` are relative to `work`/out.

    `columns` are those that either side has of a table, `headers` those that came; `missing` is
    since when rows are missing, below `out`.
    """

    plan: dict[str, Any]
    delivered: dict[str, dict[str, int]]
    problem_counts: dict[str, int]
    columns: dict[str, tuple[str, ...]]
    sent: tuple["SentPath", ...]
    changes: dict[str, str]
    orders: dict[str, str]
    has_forgotten: bool
    headers: dict[str, tuple[str, ...]] = {}
    missing: dict[str, str] = {}


class SentPath(msgspec.Struct, frozen=True):
    """One file of a plan: its CSV, its manifest, its import (from 1) and rows."""

    ordinal: int
    table: str
    csv: str
    manifest: str
    rows: int


class ImportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What Canvas answered to one import: messages are (file, row, text)."""

    ordinal: int
    sent: bool
    finished: bool
    complete: bool
    counts: dict[str, int]
    messages: tuple[tuple[str, int | None, str], ...]


class ConfirmJob(msgspec.Struct, frozen=True, kw_only=True, tag="confirm"):
    """Join Canvas's answers to the rows sent and make the next baseline in `work`/out."""

    work: str
    baseline: Tables
    changes: dict[str, str]
    orders: dict[str, str]
    columns: dict[str, tuple[str, ...]]
    removals: str | None
    sent: tuple[SentPath, ...]
    imports: tuple[ImportAnswer, ...]
    resent: dict[str, tuple[str, ...]]
    memory: str | None = None


class TableResult(msgspec.Struct, frozen=True):
    """One Parquet that was made, below `work`/out."""

    path: str
    rows: int
    columns: tuple[str, ...]


class ConfirmResult(msgspec.Struct, frozen=True, kw_only=True):
    """`rows` counts outcomes; `messages` are joined; tables are the next baseline and pending."""

    digest: str
    baseline: dict[str, TableResult]
    pending: dict[str, TableResult]
    rows: dict[str, int]
    messages: tuple[dict[str, Any], ...]


class ReportPath(msgspec.Struct, frozen=True):
    """A Grade Export report, and what its columns are."""

    path: str
    columns: tuple[str, ...]


class GradeExportJob(msgspec.Struct, frozen=True, kw_only=True, tag="grade-export"):
    """List what a registrar should look at in each report, as `work`/out/<place>.csv.

    `rosters` are what Canvas has confirmed, by feed.
    """

    work: str
    reports: tuple[ReportPath, ...]
    rosters: tuple[Tables, ...]
    memory: str | None = None


class GradeExportResult(msgspec.Struct, frozen=True):
    """How often each check speaks, for each report in order."""

    counts: tuple[dict[str, int], ...]


Job = PlanJob | ConfirmJob | TranslateJob | GradeExportJob
