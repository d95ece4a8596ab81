"""Grading periods and the sets they come in.

    GET         /api/v1/courses|accounts/:id/grading_periods
    GET         /api/v1/courses/:course_id/grading_periods/:id
    GET, POST   /api/v1/accounts/:account_id/grading_period_sets
    PATCH       /api/v1/grading_period_sets/:id/grading_periods/batch_update

Facts: canvas-lms `app/controllers/grading_period*_controller.rb`. A set made here can have its
periods in the same request, which spares a sandbox's user the second.
"""

import json
import sqlite3
from itertools import pairwise
from typing import Any, cast

from aiohttp import web

from rosterway.sandbox.canvas.api import trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, answer, bad_request, not_found
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.changes import change
from rosterway.sandbox.canvas.api.places import find_term, place
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.periods import is_closed, periods_of
from rosterway.sandbox.canvas.state.gradebook import (
    PERIOD_BY_GROUP,
    GradingPeriod,
    GradingPeriodGroup,
)
from rosterway.sandbox.canvas.state.work import Work

_SETS = "/api/v1/accounts/{account_id}/grading_period_sets"


def routes() -> list[web.RouteDef]:
    """The doors of grading periods."""
    return [
        web.get("/api/v1/courses/{course_id}/grading_periods", of_course),
        web.get("/api/v1/courses/{course_id}/grading_periods/{id:\\d+}", show),
        web.get("/api/v1/accounts/{account_id}/grading_periods", of_account),
        web.get(_SETS, sets),
        web.post(_SETS, create_set),
        web.patch("/api/v1/grading_period_sets/{id:\\d+}/grading_periods/batch_update", write),
    ]


def _json(request: web.Request, row: sqlite3.Row) -> dict[str, Any]:
    closed = is_closed(row, request.app[INSTANCE].now())
    return {
        "id": str(row["id"]),
        "title": row["title"],
        "weight": row["weight"],
        "start_date": row["start_date"],
        "end_date": row["end_date"],
        "close_date": row["close_date"],
        "is_last": False,
        "is_closed": closed,
        "permissions": {"read": True, "create": False, "update": False, "delete": False},
    }


def _list(request: web.Request, rows: list[sqlite3.Row]) -> web.Response:
    shapes = [_json(request, row) for row in rows]
    if shapes:
        shapes[-1]["is_last"] = True
    return answer(request, {"grading_periods": shapes})


async def of_course(request: web.Request) -> web.Response:
    """The grading periods of a course's term."""
    return _list(request, periods_of(request.app[INSTANCE].roster.read, place(request, "course")))


async def show(request: web.Request) -> web.Response:
    """One grading period, in a list as well."""
    rows = periods_of(request.app[INSTANCE].roster.read, place(request, "course"))
    found = [row for row in rows if str(row["id"]) == request.match_info["id"]]
    if not found:
        raise not_found()
    return answer(request, {"grading_periods": [_json(request, found[0])]})


async def of_account(request: web.Request) -> web.Response:
    """All grading periods."""
    place(request, "account")
    rows = request.app[INSTANCE].roster.read.execute(
        "SELECT * FROM grading_periods WHERE workflow_state = 'active' ORDER BY start_date"
    )
    return _list(request, rows.fetchall())


def _set_json(request: web.Request, row: sqlite3.Row) -> dict[str, Any]:
    periods = (
        request.app[INSTANCE]
        .roster.read.execute(
            "SELECT * FROM grading_periods WHERE group_id = ? AND workflow_state = 'active'"
            " ORDER BY start_date",
            (row["id"],),
        )
        .fetchall()
    )
    return {
        "id": str(row["id"]),
        "title": row["title"],
        "weighted": bool(row["weighted"]),
        "display_totals_for_all_grading_periods": bool(row["display_totals"]),
        "enrollment_term_ids": [str(one) for one in json.loads(row["term_ids"])],
        "grading_periods": [_json(request, period) for period in periods],
    }


async def sets(request: web.Request) -> web.Response:
    """The sets of the account."""
    place(request, "account")
    rows = (
        request.app[INSTANCE]
        .roster.read.execute(
            "SELECT * FROM grading_period_groups WHERE workflow_state = 'active' ORDER BY id"
        )
        .fetchall()
    )
    return answer(request, {"grading_period_sets": [_set_json(request, row) for row in rows]})


async def create_set(request: web.Request) -> web.Response:
    """A set of grading periods for terms."""
    require(request, "manage_sis")
    place(request, "account")
    instance = request.app[INSTANCE]
    tree = await trees.tree_of(request)
    given = trees.branch(tree, "grading_period_set")
    terms: list[int] = []
    for spelled in trees.listed(tree, "enrollment_term_ids"):
        term_id = find_term(instance.roster.read, str(spelled), instance.now())
        if term_id is None:
            raise not_found()
        terms.append(term_id)
    periods = _periods(tree)

    def make(work: Work) -> int:
        group = work.add(
            GradingPeriodGroup(
                workflow_state="active",
                title=trees.text(given, "title") or "Grading periods",
                weighted=trees.flag(given, "weighted"),
                display_totals=trees.flag(given, "display_totals_for_all_grading_periods"),
                term_ids=json.dumps(terms),
            )
        )
        _write(work, group.id, periods)
        return group.id

    group_id = await change(request, make)
    return answer(
        request, {"grading_period_set": [_set_json(request, _set(request, group_id))]}, status=201
    )


def _set(request: web.Request, group_id: int) -> sqlite3.Row:
    row = (
        request.app[INSTANCE]
        .roster.read.execute("SELECT * FROM grading_period_groups WHERE id = ?", (group_id,))
        .fetchone()
    )
    if row is None:
        raise not_found()
    return row


async def write(request: web.Request) -> web.Response:
    """Write the periods of a set: those with an id change, those without are new."""
    require(request, "manage_sis")
    row = _set(request, int(request.match_info["id"]))
    periods = _periods(await trees.tree_of(request))
    await change(request, lambda work: _write(work, row["id"], periods))
    shape = _set_json(request, row)
    return answer(request, {"grading_periods": shape["grading_periods"]})


def _periods(tree: Tree) -> list[Tree]:
    """Periods as they are asked for, their dates read; they may not overlap."""
    periods: list[Tree] = []
    for one in trees.listed(tree, "grading_periods"):
        given = cast(Tree, one) if isinstance(one, dict) else {}
        dates: Tree = {}
        for name in ("start_date", "end_date", "close_date"):
            spelled = trees.text(given, name)
            if spelled is not None:
                try:
                    dates[name] = trees.moment(spelled)
                except ValueError:
                    raise bad_request(f"{name} is not a date") from None
        if "start_date" not in dates or "end_date" not in dates:
            raise bad_request("start_date and end_date are required")
        dates.setdefault("close_date", dates["end_date"])
        title = trees.text(given, "title") or "Grading period"
        weight = trees.number(given, "weight")
        periods.append({"id": trees.whole(given, "id"), "title": title, "weight": weight} | dates)
    ordered = sorted(periods, key=lambda period: period["start_date"])
    for before, after in pairwise(ordered):
        if after["start_date"] < before["end_date"]:
            raise bad_request("grading periods overlap")
    return periods


def _write(work: Work, group_id: int, periods: list[Tree]) -> None:
    held = {period.id: period for period in work.all(PERIOD_BY_GROUP, group_id)}
    for asked in periods:
        values = {name: value for name, value in asked.items() if name != "id"}
        if (known := held.get(asked["id"])) is not None:
            work.set(known, **values)
        else:
            work.add(GradingPeriod(workflow_state="active", group_id=group_id, **values))
