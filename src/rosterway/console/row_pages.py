"""The rows of a plan: searched, filtered, a page at a time, and all of them as CSV or JSON."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from rosterway.console.access import OF_TENANT, Desk, Looking, SeeingPeople
from rosterway.console.balance_sheet import Sheet, sheet_of
from rosterway.console.lookup import looking_up
from rosterway.console.names import Names, look_up
from rosterway.console.pages import page, with_query
from rosterway.console.plan_pages import plan_named
from rosterway.console.row_download import as_csv, as_json
from rosterway.console.row_question import Asked, Source, What, source_of
from rosterway.console.row_told import classes_in, people_in, tell_row
from rosterway.console.rows import find
from rosterway.console.run_pages import as_stream
from rosterway.errors import NotFoundError
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.store import audit
from rosterway.store.plans import Plan

router = APIRouter(prefix=OF_TENANT)

_FILTERS = (What.ALL, What.REMOVED, What.MOVED, What.CHANGED, What.NEW, What.SPARED)


def asked_of(
    table: str = "",
    what: What | None = None,
    school: str = "",
    klass: Annotated[str, Query(alias="class")] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    after: int | None = None,
    before: int | None = None,
) -> Asked:
    """What an address asks for; table and kind may be left to us."""
    return Asked(
        table=table,
        what=what or What.ALL,
        school=school,
        klass=klass,
        search=q.strip(),
        after=after,
        before=before,
    )


Question = Annotated[Asked, Depends(asked_of)]


@router.get("/plans/{plan}/rows")
def rows(request: Request, desk: Looking, plan: str, asked: Question) -> Response:
    """Rows of one table."""
    found = plan_named(desk, plan)
    sheet = sheet_of(desk, found)
    asked = _settled(asked, sheet)
    source = source_of(desk, found, asked)
    names = Names()
    with looking_up(desk, source.files) as connection:
        answer = find(connection, source, sheet)
        if answer.rows:
            names = look_up(
                connection,
                source.directory,
                people=people_in(asked.table, answer.rows),
                classes={*classes_in(asked.table, answer.rows), *([asked.klass or ""])} - {""},
            )
    told = [tell_row(asked.table, row, names, sees_people=desk.sees_people) for row in answer.rows]
    base = desk.url("plans", found.id, "rows")
    return page(
        request,
        "rows.html",
        desk,
        room="Runs",
        plan=found,
        sheet=sheet,
        asked=asked,
        counts=sheet.tables.get(asked.table),
        filters=_FILTERS,
        answer=answer,
        told=told,
        base=base,
        school=sheet.school(asked.school) if asked.school else None,
        klass=names.classes.get(asked.klass),
        link=_linking(base, asked),
    )


@router.get("/plans/{plan}/rows.csv")
def rows_csv(desk: SeeingPeople, plan: str, asked: Question) -> Response:
    """All rows asked for, as CSV."""
    found, source = _download(desk, plan, asked, "csv")
    return as_stream(
        as_csv(desk, source), _file_name(found, source.asked, "csv"), "text/csv; charset=utf-8"
    )


@router.get("/plans/{plan}/rows.json")
def rows_json(desk: SeeingPeople, plan: str, asked: Question) -> Response:
    """All rows asked for, as a JSON list."""
    found, source = _download(desk, plan, asked, "json")
    return as_stream(
        as_json(desk, source), _file_name(found, source.asked, "json"), "application/json"
    )


def _linking(base: str, asked: Asked) -> Callable[..., str]:
    """For templates: the address of this page with some parts changed."""

    def link(**change: object) -> str:
        return with_query(base, **{**asked.query, **change})

    return link


def _settled(asked: Asked, sheet: Sheet) -> Asked:
    """The question with a table and a kind of change: where most people would begin."""
    if not asked.table:
        first = next(
            (name for name, counts in sheet.tables.items() if counts.removed),
            next((name for name, counts in sheet.tables.items() if counts.differs), "enrollments"),
        )
        what = What.REMOVED if sheet.tables and sheet.total.removed else What.ALL
        return Asked(table=first, what=what, search=asked.search, school=asked.school)
    if asked.table not in BY_NAME:
        raise NotFoundError(f"Canvas has no table {asked.table}.")
    return asked


def _download(desk: Desk, plan: str, asked: Asked, form: str) -> tuple[Plan, Source]:
    found = plan_named(desk, plan)
    settled = _settled(asked, sheet_of(desk, found))
    audit.append(
        desk.handle,
        actor=desk.operator,
        act="rows.download",
        subject=found.id,
        now=desk.now,
        details={"table": settled.table, "what": settled.what.value, "form": form},
    )
    return found, source_of(desk, found, settled)


def _file_name(plan: Plan, asked: Asked, ending: str) -> str:
    return f"{plan.digest[:12]}-{asked.table}-{asked.what.value}.{ending}"
