"""Grades: the courses, a course's assignments, an assignment's students, and their downloads.

Who may not see people reads ids, and neither scores nor the SIS's own words.
"""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from rosterway.console.access import OF_TENANT, Desk, Looking, May, SeeingPeople, who_may
from rosterway.console.grade_courses_told import Which, courses_told, following
from rosterway.console.grade_exchanges import exchanges_of
from rosterway.console.grade_lines import Line
from rosterway.console.grade_lists import Form, download
from rosterway.console.grade_plan_told import tell_plan
from rosterway.console.grade_results import Result, results_told
from rosterway.console.grade_sides import Sides, sides_of
from rosterway.console.grade_told import counted, lines_of
from rosterway.console.grade_words import GRID, KINDS, WHO
from rosterway.console.pages import page
from rosterway.console.told import tell_one
from rosterway.errors import NotFoundError
from rosterway.runs.grades.status import offered_fixes
from rosterway.store import ledger
from rosterway.store.runs import Run

router = APIRouter(prefix=f"{OF_TENANT}/grades")

#: Courses and runs on a page.
_PAGE, _RUNS = 100, 8

Search = Annotated[str, Query(max_length=200)]


@router.get("")
def every_course(
    request: Request, desk: Looking, q: Search = "", which: Which = Which.ALL, after: int = 0
) -> Response:
    """The courses whose grades are synced."""
    found = courses_told(desk, search=q, which=which)
    shown = found[max(after, 0) : max(after, 0) + _PAGE]
    settings = desk.office.tenant(desk.tenant.name).grades
    return page(
        request,
        "grades.html",
        desk,
        room="Grades",
        courses=shown,
        total=len(found),
        after=after,
        size=_PAGE,
        q=q,
        which=which,
        choices=Which,
        settings=settings,
        may_sync=desk.may(May.GRADES) and settings is not None,
    )


@router.get("/courses.{form}")
def courses_download(desk: SeeingPeople, form: Form, q: Search = "") -> Response:
    """The courses as a list."""
    columns = ("course", "sis_id", "name", "state", "last_sync", "waits", "next")
    rows = [
        (
            one.course.course,
            one.course.sis_id,
            one.course.name,
            one.said.word,
            one.synced_at.isoformat() if one.synced_at else None,
            one.waits,
            one.following,
        )
        for one in courses_told(desk, search=q)
    ]
    return download(desk, "grades-courses", columns, rows, form)


@router.get("/{course}")
def one_course(request: Request, desk: Looking, course: str) -> Response:
    """A course: what waits, its assignments by state, and what can be done."""
    sides = sides_of(desk, course)
    lines = lines_of(desk, sides)
    going = sides.going
    return page(
        request,
        "grade_course.html",
        desk,
        room="Grades",
        **about(sides),
        lines=lines,
        counts=[(GRID[state], count) for state, count in counted(lines).items()],
        sections=list(sides.sections.values()),
        going=tell_one(desk.handle, going) if going else None,
        last=tell_one(desk.handle, sides.last) if sides.last else None,
        following=following(desk, sides.known, going, waits=sides.waiting is not None),
        runs=[(KINDS.get(one.run.kind, ""), one) for one in _told(desk, sides.runs[:_RUNS])],
        grades=sides.grades,
        failed=len(sides.failed),
        fixes=len(offered_fixes(sides.offered)),
        waiting=sides.waiting,
        plan=tell_plan(desk, sides) if sides.waiting else None,
        who=WHO,
        may_decide=desk.may(May.DECIDE),
        may_sync=desk.may(May.GRADES),
        may_forget=desk.may(May.FORGET),
        deciders=who_may(desk.office, desk.tenant.name, May.DECIDE),
        entries=sum(ledger.count(desk.handle, course).values()),
    )


@router.get("/{course}/assignments.{form}")
def assignments_download(desk: SeeingPeople, course: str, form: Form) -> Response:
    """A course's assignments as a list, a row for each section."""
    columns = (
        "assignment",
        "name",
        "section",
        "class",
        "due",
        "group",
        "category",
        "state",
        "last_sync",
        "failed_grades",
        "reasons",
        "remedies",
        "altered",
        "sis_said",
        "other_causes",
    )
    rows = [
        (
            line.assignment,
            line.name,
            one.section,
            one.class_id,
            one.due.astimezone(desk.times.zone).isoformat() if one.due else None,
            line.group,
            one.category,
            GRID[one.state].word,
            one.synced_at.isoformat() if one.synced_at else None,
            one.failed,
            " ".join(reason.message for reason in one.reasons),
            " ".join(reason.remedy for reason in one.reasons if reason.remedy),
            "; ".join(f"{alt.what}: {alt.before} -> {alt.after}" for alt in one.alterations),
            one.answer,
            " ".join(cause.message for cause in one.causes),
        )
        for line in lines_of(desk, sides_of(desk, course))
        for one in line.places
    ]
    return download(desk, f"grades-{course}-assignments", columns, rows, form)


@router.get("/{course}/assignments/{assignment}")
def one_assignment(request: Request, desk: Looking, course: str, assignment: str) -> Response:
    """An assignment: each student's grade, and what became of it."""
    sides = sides_of(desk, course)
    line = line_in(desk, sides, assignment)
    results = results_told(desk, sides, assignment)
    return page(
        request,
        "grade_assignment.html",
        desk,
        room="Grades",
        **about(sides),
        line=line,
        results=results,
        counts=_by_state(results),
        failed=sum(one[1] == assignment for one in sides.failed),
        who=WHO,
        may_sync=desk.may(May.GRADES),
        has_several=len(line.places) > 1,
    )


@router.get("/{course}/assignments/{assignment}/results.{form}")
def results_download(desk: SeeingPeople, course: str, assignment: str, form: Form) -> Response:
    """The grades of an assignment as a list."""
    sides = sides_of(desk, course)
    columns = (
        *("class", "user", "sourced_id", "name", "canvas", "sis", "state", "at", "reason"),
        "other_causes",
    )
    rows = [
        (
            one.class_id,
            one.user,
            one.sourced_id,
            one.name,
            one.canvas,
            one.sis,
            one.said.word,
            one.at.isoformat() if one.at else None,
            one.reason.message if one.reason else "",
            " ".join(cause.message for cause in one.causes),
        )
        for one in results_told(desk, sides, assignment)
    ]
    return download(desk, f"grades-{course}-{assignment}", columns, rows, form)


@router.get("/{course}/exchange")
def exchange(
    request: Request,
    desk: SeeingPeople,
    course: str,
    klass: Annotated[str, Query(alias="class")] = "",
    assignment: str = "",
    user: str = "",
) -> Response:
    """What was said over the line about one place of the gradebook, with nobody named."""
    sides = sides_of(desk, course)
    return page(
        request,
        "grade_exchange.html",
        desk,
        room="Grades",
        **about(sides),
        line=line_in(desk, sides, assignment),
        section=sides.sections[klass].name if klass in sides.sections else klass,
        user=user,
        exchanges=exchanges_of(desk, sides, (klass, assignment, user)),
    )


def about(sides: Sides) -> dict[str, Any]:
    """What the head of every page about a course shows."""
    return {
        "course": sides.course,
        "name": sides.name,
        "sis_id": sides.known.sis_id if sides.known else None,
        "known": sides.known,
        "looked_at": sides.gradebook.taken_at if sides.gradebook else None,
    }


def line_in(desk: Desk, sides: Sides, assignment: str) -> Line:
    """An assignment of a course; NotFoundError if none of that id is to be synced."""
    found = next((one for one in lines_of(desk, sides) if one.assignment == assignment), None)
    if found is None:
        raise NotFoundError(f"The course {sides.course} has no assignment {assignment} to sync.")
    return found


def _by_state(results: Iterable[Result]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in results:
        found[one.said.word] = found.get(one.said.word, 0) + 1
    return found


def _told(desk: Desk, found: Iterable[Run]) -> list[Any]:
    return [tell_one(desk.handle, run) for run in found]
