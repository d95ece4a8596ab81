"""Problems: what is wrong in the supplied data, grouped by cause, with examples and the remedy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import duckdb
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from rosterway.console.access import OF_TENANT, Desk, Looking, SeeingPeople
from rosterway.console.lookup import artefact, dicts, looking_up, rows_in
from rosterway.console.pages import page
from rosterway.console.people import problem_shown
from rosterway.console.run_pages import as_stream
from rosterway.console.spreadsheet import csv_lines
from rosterway.console.told import tell_all
from rosterway.errors import NotFoundError
from rosterway.formats.problems import Severity
from rosterway.rostering import sql
from rosterway.rostering.translate.problems import ALL as RULES
from rosterway.runs.artefacts import PROBLEM_COLUMNS, PROBLEM_TABLE, PROBLEMS
from rosterway.store import audit, feeds, plans, runs
from rosterway.store.plans import Plan

router = APIRouter(prefix=OF_TENANT)

_EXAMPLES = 3
_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Problems that one remedy mends: a code in one table's column."""

    severity: str
    code: str
    table: str | None
    column: str | None
    count: int
    files: int
    consequence: str
    in_canvas: str
    examples: Sequence[Mapping[str, Any]]

    @property
    def remedy(self) -> str:
        """What to do, in the words of the first example."""
        return str(self.examples[0]["remedy"]) if self.examples else ""


@router.get("/problems")
def overview(request: Request, desk: Looking) -> Response:
    """The problems of each feed's latest delivery, in counts."""
    found = [
        told
        for feed in feeds.every(desk.handle)
        for told in tell_all(desk, runs.latest(desk.handle, feed=feed.name, limit=10), feed.name)
        if told.plan is not None and not told.is_approval
    ]
    latest = {told.run.roster: told for told in reversed(found)}
    return page(
        request,
        "problems_overview.html",
        desk,
        room="Problems",
        latest=[latest[name] for name in sorted(latest)],
    )


@router.get("/runs/{run}/problems")
def of_run(request: Request, desk: Looking, run: str) -> Response:
    """The problems of a run's delivery, by cause."""
    plan = _plan(desk, run)
    path = _path(desk, plan)
    causes: list[Cause] = []
    if path is not None:
        with looking_up(desk, [path]) as connection:
            causes = _causes(connection, _source(path), sees_people=desk.sees_people)
    order = [severity.value for severity in Severity]
    causes.sort(key=lambda one: (order.index(one.severity), -one.count, one.code))
    return page(
        request,
        "problems.html",
        desk,
        room="Problems",
        run=runs.get(desk.handle, run),
        plan=plan,
        causes=causes,
        counts=plan.summary.get("problem_counts", {}),
    )


@router.get("/runs/{run}/problems/{code}")
def of_cause(
    request: Request,
    desk: Looking,
    run: str,
    code: str,
    table: str = "",
    column: str = "",
    after: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Every problem of one cause, a page at a time."""
    plan = _plan(desk, run)
    path = _path(desk, plan)
    if path is None or code not in RULES:
        raise NotFoundError("There are no such problems here.")
    with looking_up(desk, [path]) as connection:
        rows = dicts(
            connection.execute(
                f"SELECT * FROM {_source(path)} WHERE code = ? AND coalesce(\"table\", '') = ? "
                f"AND coalesce(\"column\", '') = ? LIMIT {_PAGE + 1} OFFSET ?",
                [code, table, column, after],
            )
        )
    return page(
        request,
        "cause.html",
        desk,
        room="Problems",
        run=runs.get(desk.handle, run),
        plan=plan,
        rule=RULES[code],
        table=table,
        column=column,
        rows=[problem_shown(row, sees_people=desk.sees_people) for row in rows[:_PAGE]],
        after=after,
        following=after + _PAGE if len(rows) > _PAGE else None,
        previous=max(0, after - _PAGE) if after else None,
    )


@router.get("/runs/{run}/problems.csv")
def as_csv(desk: SeeingPeople, run: str) -> Response:
    """All problems, as they are handed to the sender."""
    plan = _plan(desk, run)
    path = _path(desk, plan)
    if path is None:
        raise NotFoundError("There are no problems here.")
    audit.append(
        desk.handle,
        actor=desk.operator,
        act="file.download",
        subject=f"{run}/problems.csv",
        now=desk.now,
    )
    return as_stream(
        csv_lines(_every(desk, path)), f"{run}-problems.csv", "text/csv; charset=utf-8"
    )


def _causes(
    connection: duckdb.DuckDBPyConnection, source: str, *, sees_people: bool
) -> list[Cause]:
    groups = connection.execute(
        f'SELECT severity, code, "table", "column", count(*), count(DISTINCT file) FROM {source} '
        "GROUP BY ALL"
    ).fetchall()
    examples = dicts(
        connection.execute(
            f"SELECT * EXCLUDE (place) FROM (SELECT *, row_number() OVER "
            f'(PARTITION BY severity, code, "table", "column") AS place FROM {source}) '
            f"WHERE place <= {_EXAMPLES}"
        )
    )
    shown: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for one in examples:
        key = (one["severity"], one["code"], one["table"], one["column"])
        shown.setdefault(key, []).append(problem_shown(one, sees_people=sees_people))
    return [
        Cause(
            severity=severity,
            code=code,
            table=table,
            column=column,
            count=count,
            files=files,
            consequence=RULES[code].consequence.value if code in RULES else "",
            in_canvas=RULES[code].canvas_words if code in RULES else "",
            examples=shown.get((severity, code, table, column), []),
        )
        for severity, code, table, column, count, files in groups
    ]


def _plan(desk: Desk, run: str) -> Plan:
    found = runs.get(desk.handle, run)
    if found.plan is None:
        raise NotFoundError("This run has not made a plan yet.")
    return plans.get(desk.handle, found.plan)


def _path(desk: Desk, plan: Plan) -> Path | None:
    """Where the problems are: a table if there is one, else lines of JSON; None if there are none."""
    if not sum(plan.summary.get("problem_counts", {}).values()):
        return None
    return artefact(desk, plan, PROBLEM_TABLE) or artefact(desk, plan, PROBLEMS)


def _source(path: Path) -> str:
    """SQL for the rows; blobs have no ending, so the first bytes tell."""
    with path.open("rb") as file:
        if file.read(4) == b"PAR1":
            return rows_in(path)
    columns = dict.fromkeys(PROBLEM_COLUMNS, "VARCHAR") | {"row": "BIGINT"}
    shape = ", ".join(f"{sql.name(name)}: {sql.text(kind)}" for name, kind in columns.items())
    return f"read_json({sql.text(str(path))}, format = 'newline_delimited', columns = {{{shape}}})"


def _every(desk: Desk, path: Path) -> Iterator[Sequence[Sequence[object]]]:
    yield [PROBLEM_COLUMNS]
    with looking_up(desk, [path]) as connection:
        cells = ", ".join(sql.name(name) for name in PROBLEM_COLUMNS)
        cursor = connection.execute(f"SELECT {cells} FROM {_source(path)}")
        while batch := cursor.fetchmany(2_000):
            yield batch
