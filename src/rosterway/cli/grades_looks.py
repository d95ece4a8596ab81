"""`rosterway grades status|courses`: how a course's grades are, from what is on record; nobody is asked."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import output
from rosterway.cli.grades_asking import CONFIG, CanvasConfigOption, CourseArgument, course_of
from rosterway.cli.opened import TenantOption, opened, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers

if TYPE_CHECKING:
    from rosterway.runs.grades.status import AssignmentStatus, CourseStatus, StudentResult
    from rosterway.store.walls import TenantStore


@answers
def status(
    course: CourseArgument,
    assignment: Annotated[
        str | None,
        typer.Option("--assignment", metavar="A", help="Each student's grade of this one."),
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", metavar="U", help="Each grade of this student.")
    ] = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """What became of a course's grades: by assignment, or grade by grade."""
    from rosterway.runs.grades.status import course_status, results_of

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        how = course_status(handle, named)
        grades = None
        if assignment or user:
            grades = results_of(handle, named, assignment=assignment or "", user=user or "")
        sections = _sections(handle, named)
    if form is Format.JSON:
        output.print_json(_as_dict(named, how, grades))
        return
    output.say(_headline(named, how))
    names = {one.assignment: one.name for one in how.assignments}
    if grades is None:
        _print_assignments(how.assignments, sections)
    else:
        _print_grades(grades, names, sections)


@answers
def list_courses(
    tenant: TenantOption = None, form: FormatOption = Format.TEXT, home: HomeOption = None
) -> None:
    """The courses whose grades have been looked at, when they were synced and what waits."""
    from rosterway.runs.grades.courses import every_course
    from rosterway.runs.grades.status import course_status

    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        known = [(one, course_status(handle, one.course)) for one in every_course(handle)]
    if form is Format.JSON:
        output.print_json(
            [
                {
                    "course": one.course,
                    "sis_id": one.sis_id,
                    "name": one.name,
                    "nightly": one.nightly,
                    "synced_at": one.synced_at.isoformat() if one.synced_at else None,
                    "last_run": how.last.id if how.last else None,
                    "last_outcome": how.last.outcome.value
                    if how.last and how.last.outcome
                    else None,
                    "waiting": how.waiting.digest if how.waiting else None,
                }
                for one, how in known
            ]
        )
        return
    output.print_table(
        [
            ("course", False),
            ("name", False),
            ("SIS id", False),
            ("synced (UTC)", False),
            ("last", False),
            ("waits", False),
        ],
        [
            (
                one.course,
                one.name,
                one.sis_id or "",
                f"{one.synced_at:%Y-%m-%d %H:%M}" if one.synced_at else "never",
                how.last.outcome.value if how.last and how.last.outcome else "",
                how.waiting.digest[:16] if how.waiting else "",
            )
            for one, how in known
        ],
    )


def _sections(handle: "TenantStore", course: str) -> dict[str, str]:
    """The names of a course's sections by class, as they were read last."""
    from rosterway.cli.grades_told import names_in
    from rosterway.runs.grades.courses import latest_look

    looked = latest_look(handle, course)
    return names_in(looked[0])[1] if looked else {}


def _headline(course: str, how: "CourseStatus") -> str:
    from rosterway.console.grade_words import GRADE_OUTCOMES

    name = f" ({how.course.name})" if how.course else ""
    parts = [f"Course {course}{name}:"]
    if how.last is not None and how.last.outcome is not None:
        said = GRADE_OUTCOMES[how.last.kind][how.last.outcome]
        parts.append(f"{said.word}, run {how.last.id}. {how.last.reason}".rstrip())
    else:
        parts.append("never synced.")
    if how.going is not None:
        parts.append(f"Run {how.going.id} goes on: {how.going.stage or 'waiting'}.")
    if how.waiting is not None:
        parts.append(f"The grade plan {how.waiting.digest[:12]} waits for a yes.")
    return " ".join(parts)


def _print_assignments(
    assignments: "tuple[AssignmentStatus, ...]", sections: dict[str, str]
) -> None:
    from rosterway.console.grade_words import AFTER, GRID, NEVER_SYNCED
    from rosterway.passback.ledger import State

    output.print_table(
        [
            ("assignment", False),
            ("id", False),
            ("section", False),
            ("", False),
            ("in the SIS (UTC)", False),
            ("grades", True),
            ("read back", True),
            ("refused", True),
            ("why", False),
        ],
        [
            (
                one.name or "?",
                one.assignment,
                sections.get(one.class_id, one.class_id),
                (GRID[AFTER[one.told.outcome]] if one.told else NEVER_SYNCED).word,
                f"{one.synced_at:%Y-%m-%d %H:%M}" if one.synced_at else "",
                sum(one.grades.values()),
                one.grades.get(State.VERIFIED, 0),
                one.grades.get(State.REFUSED, 0),
                _whys(one),
            )
            for one in assignments
        ],
    )


def _whys(one: "AssignmentStatus") -> str:
    from rosterway.cli.grades_words import causes_words, reason_words

    if one.told is None:
        return ""
    reasons, answer = one.told.reasons, one.told.answer
    whys = [reason_words(reason, answer) for reason in reasons]
    return " ".join([*whys, *causes_words(one.told.causes, reasons)])


def _print_grades(
    grades: "list[StudentResult]", names: dict[str, str], sections: dict[str, str]
) -> None:
    from rosterway.cli.grades_words import grade_words

    output.print_table(
        [
            ("student", False),
            ("assignment", False),
            ("section", False),
            ("", False),
            ("why", False),
        ],
        [
            (
                one.key[2],
                names.get(one.key[1]) or one.key[1],
                sections.get(one.key[0], one.key[0]),
                _state(one),
                grade_words(one.reason, _answer(one), one.causes) if one.reason else "",
            )
            for one in grades
        ],
    )


def _state(one: "StudentResult") -> str:
    if one.told is not None:
        return one.told.outcome.value
    return one.entry.state.value if one.entry is not None else ""


def _answer(one: "StudentResult") -> str:
    if one.told is not None and one.told.answer:
        return one.told.answer
    return one.entry.answer if one.entry is not None else ""


def _as_dict(
    course: str, how: "CourseStatus", grades: "list[StudentResult] | None"
) -> dict[str, Any]:
    from rosterway.cli.grades_told import reason_dict, reason_dicts

    told: dict[str, Any] = {
        "course": course,
        "name": how.course.name if how.course else None,
        "synced_at": how.course.synced_at.isoformat()
        if how.course and how.course.synced_at
        else None,
        "last_run": how.last.id if how.last else None,
        "last_outcome": how.last.outcome.value if how.last and how.last.outcome else None,
        "going": how.going.id if how.going else None,
        "waiting": how.waiting.digest if how.waiting else None,
        "assignments": [
            {
                "id": one.assignment,
                "class": one.class_id,
                "name": one.name,
                "outcome": one.told.outcome.value if one.told else None,
                "synced_at": one.synced_at.isoformat() if one.synced_at else None,
                "grades": {state.value: count for state, count in one.grades.items()},
                "reasons": reason_dicts(one.told.reasons) if one.told else [],
                "causes": reason_dicts(one.told.causes) if one.told else [],
            }
            for one in how.assignments
        ],
    }
    if grades is not None:
        told["grades"] = [
            {
                "assignment": one.key[1],
                "class": one.key[0],
                "user": one.key[2],
                "state": _state(one),
                "reason": reason_dict(one.reason),
                "answer": _answer(one),
                "causes": reason_dicts(one.causes),
            }
            for one in grades
        ]
    return told
