"""The students of a course, and their grades of it or of a grading period, from its enrollments.

Facts: canvas-lms `lib/api/v1/user.rb` (`enrollment_json`), canvas-sis.md 6.5. A person may have
several logins: `sis_user_id` is the one an enrollment was made with, so one person may be two of
the SIS's students here, each in sections of its own.
"""

from collections.abc import Iterable

import msgspec

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.shapes import Id, every
from rosterway.passback.gradebook import CourseGrade, Student

_READING = Call("reading the students of a course", "read_roster")
#: Asked for by name: Canvas's default leaves out who has left. True: the student is there.
STATES = {"active": True, "invited": True, "completed": False, "inactive": False}


class _User(msgspec.Struct):
    name: str | None = None


class _Grades(msgspec.Struct):
    current_score: float | None = None
    current_grade: str | None = None
    final_score: float | None = None
    final_grade: str | None = None
    unposted_current_score: float | None = None
    unposted_final_score: float | None = None
    override_score: float | None = None
    override_grade: str | None = None


class Enrollment(msgspec.Struct):
    """A student's enrollment in one section, as Canvas tells it."""

    user_id: Id
    course_section_id: Id
    enrollment_state: str
    sis_user_id: str | None = None
    sis_account_id: str | None = None
    user: _User | None = None
    grades: _Grades | None = None


async def read_enrollments(
    client: CanvasClient, course: str, *, grading_period: str | None = None
) -> list[Enrollment]:
    """The student enrollments of a course: those there, and those that have left.

    Args:
        client: any account's.
        course: its Canvas id, or `sis_course_id:X`.
        grading_period: of which `grades` are told; None: of the whole course.
    """
    params = [("type[]", "StudentEnrollment"), *(("state[]", state) for state in STATES)]
    if grading_period is not None:
        params.append(("grading_period_id", grading_period))
    path = path_of("api", "v1", "courses", course, "enrollments")
    return [one async for one in every(client, path, Enrollment, call=_READING, params=params)]


def students_of(enrollments: Iterable[Enrollment]) -> tuple[Student, ...]:
    """The students, in Canvas's order, once for each identity the SIS knows them by.

    An enrollment made by hand tells no identity; it is counted to the one its person has.
    """
    by_user: dict[str, dict[str | None, list[Enrollment]]] = {}
    for one in enrollments:
        identities = by_user.setdefault(str(one.user_id), {})
        identities.setdefault(one.sis_user_id or None, []).append(one)
    for identities in by_user.values():
        if len(identities) > 1 and (by_hand := identities.pop(None, None)):
            next(iter(identities.values())).extend(by_hand)
    return tuple(
        _student(user, sourced_id, theirs)
        for user, identities in by_user.items()
        for sourced_id, theirs in identities.items()
    )


def course_grades_of(
    enrollments: Iterable[Enrollment], grading_period: str | None = None
) -> tuple[CourseGrade, ...]:
    """The course grades Canvas tells; one for each enrollment, whatever its state.

    `grading_period` is what `read_enrollments` was asked with.
    """
    return tuple(
        CourseGrade(
            user=str(one.user_id),
            section=str(one.course_section_id),
            period=grading_period,
            **msgspec.structs.asdict(one.grades),
        )
        for one in enrollments
        if one.grades is not None
    )


def _student(user: str, sourced_id: str | None, theirs: list[Enrollment]) -> Student:
    there = dict.fromkeys(str(one.course_section_id) for one in theirs if _is_there(one))
    gone = dict.fromkeys(str(one.course_section_id) for one in theirs if not _is_there(one))
    return Student(
        id=user,
        sourced_id=sourced_id,
        name=next((one.user.name for one in theirs if one.user and one.user.name), ""),
        sections=tuple(there),
        left=tuple(section for section in gone if section not in there),
    )


def _is_there(enrollment: Enrollment) -> bool:
    """A state Canvas adds one day takes nobody's grades away: who is told of is there."""
    return STATES.get(enrollment.enrollment_state, True)
