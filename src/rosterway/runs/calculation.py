"""The calculating process: one job from standard input, its answer into the work folder.

Started by `calculate` as `python -m rosterway.runs.calculation`. It says on standard output which
part it is at, and ends at once when whoever started it is gone (its input is closed).
"""

import errno
import os
import sys
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb
import msgspec

from rosterway.errors import ConfigError, RosterwayError, UnavailableError
from rosterway.formats.problems import Finding
from rosterway.gateway.calculator import calculator
from rosterway.gateway.memory import DEFAULT_MEMORY, MEMORY
from rosterway.gateway.unpack import unpack_named
from rosterway.rostering import sql
from rosterway.rostering.advance import Kept, Rows, find_gone, next_baseline, pending
from rosterway.rostering.decide import Apply, Asked, Decided
from rosterway.rostering.digest import roster_digest
from rosterway.rostering.grace import still_missing
from rosterway.rostering.grade_export import look_at
from rosterway.rostering.limits import limits_from
from rosterway.rostering.outcomes import (
    Message,
    SentFile,
    SentImport,
    judge_imports,
    outcome_counts,
)
from rosterway.rostering.policy import policy_from
from rosterway.rostering.roster import Roster
from rosterway.rostering.vanished import LET_GO
from rosterway.runs import artefacts
from rosterway.runs.balance import write_balance
from rosterway.runs.jobs import (
    FAULT,
    RESULT,
    ConfirmJob,
    ConfirmResult,
    GradeExportJob,
    GradeExportResult,
    Job,
    LeftPath,
    PlanJob,
    PlanResult,
    SentPath,
    TablePath,
    TableResult,
    Tables,
    TranslateJob,
    TranslateResult,
)
from rosterway.runs.merge import merged
from rosterway.runs.pending import with_pending
from rosterway.runs.prepare import Terms, make_plan, read_delivery
from rosterway.runs.translate import translate_staged

_STDIN = 0


def main() -> None:
    """Do the job; the exit code is 0, or 1 with a fault in the work folder."""
    job = msgspec.json.decode(_job_text(), type=Job)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    work = Path(job.work)
    try:
        answer = _done(job)
    except (RosterwayError, OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        (work / FAULT).write_bytes(msgspec.json.encode(_fault(error)))
        sys.exit(1)
    (work / RESULT).write_bytes(msgspec.json.encode(answer))


def _done(job: Job) -> PlanResult | ConfirmResult | TranslateResult | GradeExportResult:
    match job:
        case PlanJob():
            return plan(job)
        case ConfirmJob():
            return confirm(job)
        case TranslateJob():
            return translate(job)
        case GradeExportJob():
            return check_grades(job)


#: Why a disk takes no more, as errno has it and as DuckDB says it.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def _fault(error: Exception) -> dict[str, str]:
    """Why the job cannot be done, as far as somebody else than us can mend it."""
    if isinstance(error, RosterwayError):
        return {"code": error.code, "message": error.message, "remedy": error.remedy}
    if isinstance(error, duckdb.OutOfMemoryException):
        return {
            "code": ConfigError.code,
            "message": "There is too little memory for a delivery of this size.",
            "remedy": f"Give {MEMORY} more than it has, or make room on the disk; then run the "
            "feed again.",
        }
    said = str(error)
    if getattr(error, "errno", None) in _FULL or any(os.strerror(one) in said for one in _FULL):
        return {
            "code": UnavailableError.code,
            "message": "There is no room left on the disk of the work folder.",
            "remedy": "Make room; the run goes on by itself.",
        }
    raise error


def plan(job: PlanJob) -> PlanResult:
    """Read, check, compare, guard, write what would be sent."""
    work = Path(job.work)
    out = work / "out"
    (out / "files").mkdir(parents=True)
    (out / artefacts.SENT).mkdir()
    _say("reading")
    unpacked = unpack_named([(file.name, Path(file.path)) for file in job.files], work / "unpacked")
    unpacked = replace(unpacked, findings=(*unpacked.findings, *map(_left, job.left)))
    seen = [file.path for file in unpacked.files]
    seen += _paths(job.baseline, job.pending, job.missing, *job.elsewhere)
    with calculator(work, files=seen, memory=job.memory or DEFAULT_MEMORY) as connection:
        baseline = _roster(connection, "baseline", job.baseline)
        elsewhere = merged(connection, "elsewhere", job.elsewhere)
        apply, policy = Apply(job.apply), policy_from(job.vanished)
        read = read_delivery(
            connection,
            unpacked,
            work,
            mirror=merged(connection, "mirror", (job.baseline, *job.elsewhere)),
            frees_vanished=apply is Apply.DIFFING and policy.deletes_users_at_once,
            encoding=job.encoding,
        )
        _say("comparing")
        waiting = _roster(connection, "pending", job.pending)
        if apply is Apply.IMPORTS:
            read = with_pending(connection, read, waiting)
        asked = Asked(
            now=job.now,
            apply=apply,
            policy=policy,
            limits=limits_from(job.limits),
            after=job.after,
            unproven=job.unproven or unpacked.unproven,
            elsewhere=elsewhere,
            pending=waiting,
            headers=job.headers,
            missing=_roster(connection, "missing", job.missing),
        )
        terms = Terms(tenant=job.tenant, feed=job.feed, options=job.options, strict=job.strict)
        made, decided = make_plan(
            connection,
            read,
            baseline,
            asked,
            terms,
            out / "files",
            manifests=out / artefacts.SENT,
        )
        _say("keeping")
        changes = artefacts.write_changes(connection, decided.compared, read.checked, out)
        artefacts.write_removals(connection, out)
        artefacts.write_forecast(connection, out)
        missing = artefacts.write_missing(
            connection,
            still_missing(decided.compared, policy, now=job.now, missing=asked.missing),
            out,
        )
        noticed = Path(job.noticed) if job.noticed else None
        counts = artefacts.write_problems(read.findings, out, noticed=noticed)
        artefacts.write_problem_table(connection, out)
        write_balance(connection, decided, baseline, read.checked, out)
        sent = tuple(
            SentPath(
                int(file.name[:2]),
                file.table,
                f"files/{file.name}",
                f"{artefacts.SENT}/{file.name.removesuffix('.csv')}.parquet",
                file.rows,
            )
            for file in made.files
        )
        columns = {name: table.columns for name, table in decided.compared.items()}
        orders = {file.table: file.manifest for file in sent if file.table not in columns}
        columns |= {name: read.checked.roster.columns(name) for name in orders}
        return PlanResult(
            plan=made.as_dict(),
            delivered={file.name: {"rows": file.rows} for file in read.checked.staged.files},
            problem_counts=counts,
            columns=columns,
            sent=sent,
            changes=changes,
            orders=orders,
            has_forgotten=_has_forgotten(connection, decided) or bool(missing or job.missing),
            missing=missing,
            headers={name: table.sent for name, table in decided.compared.items() if table.sent},
        )


def translate(job: TranslateJob) -> TranslateResult:
    """Make a Canvas roster of what a pull has staged, and write it with what was noticed."""
    _say("translating")
    return translate_staged(job)


def check_grades(job: GradeExportJob) -> GradeExportResult:
    """List what a registrar should look at in each report of a grade export."""
    work = Path(job.work)
    out = work / "out"
    out.mkdir(parents=True)
    _say("checking")
    reports = [Path(report.path) for report in job.reports]
    with calculator(
        work, files=[*reports, *_paths(*job.rosters)], memory=job.memory or DEFAULT_MEMORY
    ) as connection:
        roster = merged(connection, "confirmed", job.rosters)
        return GradeExportResult(
            tuple(
                look_at(connection, report.path, report.columns, roster, str(out / f"{place}.csv"))
                for place, report in enumerate(job.reports)
            )
        )


def confirm(job: ConfirmJob) -> ConfirmResult:
    """Judge Canvas's answers and write the next baseline and what is pending."""
    work = Path(job.work)
    out = work / "out"
    (out / "baseline").mkdir(parents=True)
    (out / "pending").mkdir()
    paths = [*job.changes.values(), *job.orders.values(), *(file.manifest for file in job.sent)]
    if job.removals is not None:
        paths.append(job.removals)
    seen = [Path(path) for path in paths] + _paths(job.baseline)
    with calculator(work, files=seen, memory=job.memory or DEFAULT_MEMORY) as connection:
        baseline = _roster(connection, "baseline", job.baseline)
        again = {(table, row) for table, rows in job.resent.items() for row in rows}
        _say("joining")
        joined = judge_imports(
            connection, _sent_imports(job), resent=lambda table, row: (table, row) in again
        )
        kept = Kept(job.changes, job.orders, job.columns, job.removals)
        find_gone(connection, kept)
        _say("advancing")
        tables = {
            name: _write(connection, rows, out, f"baseline/{name}.parquet")
            for name, rows in next_baseline(baseline, kept).items()
        }
        waiting = {
            name: _write(connection, rows, out, f"pending/{name}.parquet")
            for name, rows in pending(kept).items()
        }
        made = {
            name: TablePath(str(out / table.path), table.columns) for name, table in tables.items()
        }
        return ConfirmResult(
            digest=roster_digest(connection, _roster(connection, "next", made)),
            baseline=tables,
            pending={name: table for name, table in waiting.items() if table.rows},
            rows=outcome_counts(connection),
            messages=tuple(message.as_dict() for message in joined),
        )


def _left(left: LeftPath) -> Finding:
    if left.reason == "is a link":
        return Finding(code="file-link", file=left.name)
    return Finding(code="file-unreadable", file=left.name, other=left.reason)


def _sent_imports(job: ConfirmJob) -> Iterable[SentImport]:
    for answer in job.imports:
        yield SentImport(
            ordinal=answer.ordinal,
            files=[
                SentFile(
                    f"{file.ordinal:02d}/{file.table}.csv", file.table, file.rows, file.manifest
                )
                for file in job.sent
                if file.ordinal == answer.ordinal
            ],
            sent=answer.sent,
            finished=answer.finished,
            complete=answer.complete,
            counts=answer.counts,
            messages=[Message(file, row, text) for file, row, text in answer.messages],
        )


def _roster(connection: duckdb.DuckDBPyConnection, prefix: str, tables: Tables) -> Roster:
    roster = Roster(prefix, {name: table.columns for name, table in tables.items()})
    for name, table in tables.items():
        connection.execute(
            f"CREATE TEMP VIEW {roster.view(name)} AS "
            f"SELECT * FROM read_parquet({sql.text(table.path)})"
        )
    return roster


def _write(connection: duckdb.DuckDBPyConnection, rows: Rows, out: Path, path: str) -> TableResult:
    (count,) = connection.execute(
        f"COPY ({rows.query}) TO {sql.text(str(out / path))} (FORMAT parquet)"
    ).fetchall()[0]
    return TableResult(path, count, rows.columns)


def _has_forgotten(connection: duckdb.DuckDBPyConnection, decided: Decided) -> bool:
    return any(
        connection.execute(
            f"SELECT 1 FROM {table.changes} WHERE spared IN {sql.texts(LET_GO)} LIMIT 1"
        ).fetchone()
        is not None
        for table in decided.compared.values()
        if table.vanished and table.is_joined
    )


def _paths(*rosters: Tables) -> list[Path]:
    return [Path(table.path) for tables in rosters for table in tables.values()]


def _say(part: str) -> None:
    sys.stdout.write(f"{part}\n")
    sys.stdout.flush()


def _job_text() -> bytes:
    """One line from the pipe, which stays open after it."""
    text = b""
    while not text.endswith(b"\n") and (piece := os.read(_STDIN, 1 << 16)):
        text += piece
    return text


def _die_with_parent() -> None:
    # Unbuffered: a buffered reader's lock would be held when the interpreter ends.
    os.read(_STDIN, 1)
    os._exit(3)


if __name__ == "__main__":
    main()
