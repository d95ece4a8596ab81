"""The overview: is everything well, what waits, every feed on a line, what happened this week."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from rosterway.console import board
from rosterway.console.access import OF_TENANT, Desk, Looking, May, desk_again
from rosterway.console.grade_courses_told import first_why, names_of, waiting_plans
from rosterway.console.live import Fragment, stream
from rosterway.console.pages import page, rendered
from rosterway.console.reaching import where_to_upload
from rosterway.store import alarms, feeds, grade_courses
from rosterway.store.alarms import AlarmKind

router = APIRouter(prefix=OF_TENANT)

#: What an alarm is called.
ALARMS = {AlarmKind.SILENT: "Silent", AlarmKind.COUNTS: "Unusual count"}
#: So many courses whose grades wait are shown; the others are a link.
_MOST_GRADES = 5


@router.get("")
def overview(request: Request, desk: Looking) -> Response:
    """The board."""
    return page(request, "overview.html", desk, room="Overview", **_facts(request, desk))


@router.get("/events")
def overview_events(request: Request, desk: Looking) -> Response:
    """The board, live."""

    def look() -> Fragment:
        seen = desk_again(request, desk)
        return Fragment(rendered("partials/board.html", seen, **_facts(request, seen)))

    return stream(request, look, every=2.0)


def _facts(request: Request, desk: Desk) -> dict[str, Any]:
    found = board.lines(desk)
    ended, week = board.happened(desk, found)
    grades = waiting_plans(desk)
    lasting = alarms.lasting(desk.handle)
    names = names_of(grade_courses.every(desk.handle)) if grades else {}
    return {
        "lines": found,
        "verdict": board.verdict(
            found, may_decide=desk.may(May.DECIDE), grades=len(grades), alarms=len(lasting)
        ),
        "alarms": [(one, ALARMS[one.kind]) for one in lasting],
        "grades": [
            (one, first_why(one), names.get(one.course, "")) for one in grades[:_MOST_GRADES]
        ],
        "more_grades": max(len(grades) - _MOST_GRADES, 0),
        "waiting": [one for one in found if one.waiting],
        "troubled": [one for one in found if one.is_troubled and not one.waiting],
        "ended": ended,
        "week": week,
        "where": {one.feed.name: board.where_from(desk, one.feed) for one in found},
        "ways": [where_to_upload(request, desk, feed) for feed in feeds.every(desk.handle)[:1]],
        "first_hold": board.first_hold,
        "may_decide": desk.may(May.DECIDE),
    }
