"""Prepare: files in, a plan out. Used alike by `rosterway plan` and by every run.

Nothing is sent, and nothing outside the work folder is written.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.gateway.stage import stage
from rosterway.gateway.unpack import Unpacked
from rosterway.rostering import sql
from rosterway.rostering.check import Checked, check
from rosterway.rostering.decide import Asked, Decided, decide_changes
from rosterway.rostering.digest import roster_digest
from rosterway.rostering.findings import Findings
from rosterway.rostering.imports import ImportFile, import_files
from rosterway.rostering.plan import (
    Fingerprint,
    Plan,
    PlannedFile,
    TableCounts,
    decide,
    digest_of,
)
from rosterway.rostering.roster import NOTHING, Roster
from rosterway.runs.artefacts import write_manifest


@dataclass(frozen=True, slots=True)
class Read:
    """A delivery that was read and checked, with its findings."""

    checked: Checked
    findings: Findings

    @property
    def is_usable(self) -> bool:
        """Whether any table could be read at all."""
        return bool(self.checked.roster.tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a plan is made for: names and options the digest covers."""

    tenant: str = ""
    feed: str = ""
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    strict: bool = False


def read_delivery(
    connection: duckdb.DuckDBPyConnection,
    unpacked: Unpacked,
    work: Path,
    *,
    mirror: Roster = NOTHING,
    frees_vanished: bool = False,
    encoding: str = "utf-8",
) -> Read:
    """Stage and check a delivery. The connection must see `work` and the unpacked files.

    `mirror` is what Canvas is known to hold; `frees_vanished` as `check` has it.
    """
    findings = Findings(connection)
    findings.extend(unpacked.findings)
    staged = stage(connection, unpacked.files, work, findings, encoding=encoding)
    checked = check(connection, staged, findings, mirror=mirror, frees_vanished=frees_vanished)
    return Read(checked, findings)


def read_baseline(
    connection: duckdb.DuckDBPyConnection,
    unpacked: Unpacked | None,
    work: Path,
    *,
    encoding: str = "utf-8",
) -> Roster:
    """An earlier delivery as a baseline: what of it Canvas will have taken."""
    if unpacked is None:
        return NOTHING
    findings = Findings(connection, "before")
    staged = stage(connection, unpacked.files, work, findings, prefix="before", encoding=encoding)
    return check(connection, staged, findings, prefix="baseline").roster


def make_plan(
    connection: duckdb.DuckDBPyConnection,
    read: Read,
    baseline: Roster,
    asked: Asked,
    terms: Terms,
    out: Path,
    *,
    manifests: Path | None = None,
) -> tuple[Plan, Decided]:
    """Compare, guard and write the exact files that would be sent into `out`.

    `out` must be an existing, empty folder that the connection sees; so must `manifests`, where,
    if it is given, every file's rows are kept with where they came from (`artefacts`).
    """
    decided = decide_changes(connection, baseline, read.checked, asked)
    files, orders = write_files(connection, decided, baseline, read.checked, out, manifests)
    fingerprint = Fingerprint(
        tenant=terms.tenant,
        feed=terms.feed,
        snapshot=roster_digest(connection, read.checked.roster),
        baseline=roster_digest(connection, baseline),
        policy=asked.policy.as_dict(),
        limits=asked.limits.as_dict(),
        options={**terms.options, "apply": asked.apply.value},
    )
    has_errors = terms.strict and read.findings.counts()["error"] > 0
    plan = Plan(
        digest=digest_of(fingerprint, files),
        decision=decide(
            holds=decided.holds,
            files=files,
            is_usable=read.is_usable,
            is_strict_refusal=has_errors,
        ),
        tables={**decided.tables, **orders},
        removals=decided.removals,
        holds=decided.holds,
        files=files,
        off=sorted(guard.value for guard in asked.limits.off),
        waits=decided.waits,
        forecast=decided.forecast,
    )
    return plan, decided


def write_files(
    connection: duckdb.DuckDBPyConnection,
    decided: Decided,
    baseline: Roster,
    checked: Checked,
    out: Path,
    manifests: Path | None = None,
) -> tuple[Sequence[PlannedFile], Mapping[str, TableCounts]]:
    """Write each import's files; returns them in order, and the counts of tables never compared."""
    files: list[PlannedFile] = []
    orders: dict[str, TableCounts] = {}
    steps: dict[str, int] = {}
    for file in import_files(connection, decided.compared, baseline, checked.roster):
        draft = out / "draft.csv"
        rows = _write(connection, file, draft)
        if file.table not in decided.compared:
            orders[file.table] = TableCounts(create=rows)
        if not rows:
            draft.unlink()
            continue
        place = steps.setdefault(file.step.name, len(steps) + 1)
        name = f"{place:02d}/{file.table}.csv"
        target = out / name
        target.parent.mkdir(exist_ok=True)
        draft.rename(target)
        if manifests is not None:
            manifest = manifests / f"{place:02d}" / f"{file.table}.parquet"
            manifest.parent.mkdir(exist_ok=True)
            write_manifest(connection, file, BY_NAME[file.table], checked, manifest)
        files.append(PlannedFile(name, file.table, file.step.name, rows, _sha256(target)))
    return files, orders


def _write(connection: duckdb.DuckDBPyConnection, file: ImportFile, target: Path) -> int:
    columns = ", ".join(sql.name(name) for name in file.header)
    (rows,) = connection.execute(
        f"COPY (SELECT {columns} FROM ({file.rows})) TO {sql.text(str(target))} "
        "(FORMAT csv, HEADER, DELIMITER ',', QUOTE '\"', ESCAPE '\"')"
    ).fetchall()[0]
    return rows


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
