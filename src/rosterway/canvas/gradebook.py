"""Fetch Snapshot, the first step of a grade sync: one course's gradebook as Canvas has it.

Guarantees: what is not in the answer of a full reading is not in Canvas; a reading during which the
course changed under us is made again once, and refused after that, because a grade that is merely
not told looks like one that was cleared. Leaves to `passback` what any of it means.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from rosterway.canvas.client import CanvasClient
from rosterway.canvas.failures import INVALID_ASSIGNMENTS, SYSTEM
from rosterway.canvas.gradebook_assignments import (
    UNPUBLISHED,
    read_assignments,
)
from rosterway.canvas.gradebook_course import (
    CourseTold,
    read_course,
    read_groups,
    read_periods,
    read_sections,
)
from rosterway.canvas.gradebook_people import (
    Enrollment,
    course_grades_of,
    read_enrollments,
    students_of,
)
from rosterway.canvas.gradebook_submissions import AT_ONCE, SubmissionsTold, read_submissions
from rosterway.errors import GarbledError, RejectedError
from rosterway.passback.course_grades import CourseGradeRule
from rosterway.passback.gradebook import (
    CourseGrade,
    Gradebook,
    GradingPeriod,
    Section,
    Student,
    SyncSettings,
)


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How a gradebook is to be read."""

    since: datetime | None
    now: datetime
    comments: bool
    course_grades: Sequence[CourseGradeRule]
    at_once: int


async def fetch_gradebook(
    client: CanvasClient,
    course: str,
    *,
    now: datetime,
    since: datetime | None = None,
    comments: bool = False,
    course_grades: Sequence[CourseGradeRule] = (),
    at_once: int = AT_ONCE,
) -> Gradebook:
    """A course's gradebook.

    An incremental reading (`since`) tells of scores set and changed, excuses, late-policy changes
    and changes of points or grading scheme. It does **not** tell of grades cleared or un-excused,
    of grades posted or hidden, of work handed in and not graded, nor does it tell apart what an
    assignment lost when it was unpublished, deleted, un-flagged or moved to another group (all
    assignments and groups are always read, so the last is noticed by comparing with what was sent).
    Of an assignment flagged since, or a student who came since, it tells no earlier grade. Therefore
    full readings are scheduled, and a sync that a person starts is one.

    A course that is not published comes back as that (`course.published` is false) with nothing
    else in it: Canvas tells nothing of its assignments, and there is nothing to sync.

    Args:
        client: of the root account the course is in.
        course: its Canvas id, or `sis_course_id:X`.
        now: when this is.
        since: only submissions graded since then, less an overlap; None: all there are.
        comments: the last comment on each submission that is not the student's own, as well.
        course_grades: how grades of the course are told. Of the whole course and of each grading
            period only those are read that one of these tells.
        at_once: requests in flight where there are many.

    Raises:
        CredentialsError: a right is missing, named in the remedy.
        GarbledError: Canvas leaves out students, twice.
        RemoteError: see `failures`.
    """
    told = await read_course(client, course)
    unpublished = Gradebook(
        course=msgspec.structs.replace(told.course, published=False), taken_at=now, since=since
    )
    if not told.course.published:
        return unpublished
    asked = _Asked(
        since=since,
        now=now,
        comments=comments,
        course_grades=course_grades,
        at_once=at_once,
    )
    try:
        for again in (False, True):
            if found := await _read(client, told, asked, again=again):
                return found
    except RejectedError as refused:
        if refused.said == UNPUBLISHED:
            return unpublished
        raise
    raise AssertionError("a second reading is given or refused")


async def _read(
    client: CanvasClient, told: CourseTold, asked: _Asked, *, again: bool
) -> Gradebook | None:
    """The gradebook; None, unless this is `again`, if the course changed while it was read."""
    course = told.course.id
    sections = await read_sections(client, course)
    found = await read_assignments(client, course, sections)
    enrollments = await read_enrollments(client, course)
    sections = _from_origins(sections, found.origins)
    students = students_of(enrollments)
    from_sis = frozenset(section.id for section in sections if section.class_id)
    submissions = SubmissionsTold(submissions=())
    try:
        submissions = await read_submissions(
            client,
            course,
            students=_of_the_sis(students, from_sis),
            assignments=[one.id for one in found.assignments if one.published],
            since=asked.since,
            comments=asked.comments,
            at_once=asked.at_once,
        )
    except RejectedError as refused:
        if again or INVALID_ASSIGNMENTS not in refused.said:
            raise
        return None
    there = {student.id for student in students if from_sis.intersection(student.sections)}
    left_out = there & submissions.untold
    if left_out and asked.since is None:
        if again:
            raise _left_out(len(left_out))
        return None
    periods = await read_periods(client, course)
    accounts = (one.sis_account_id for one in enrollments if one.sis_account_id)
    return Gradebook(
        course=msgspec.structs.replace(told.course, account_sis_id=next(accounts, None)),
        taken_at=asked.now,
        sections=sections,
        students=students,
        groups=await read_groups(client, course, weighted=told.weighted),
        assignments=found.assignments,
        submissions=submissions.submissions,
        periods=periods,
        course_grades=await _course_grades(client, course, enrollments, periods, asked),
        settings=SyncSettings(
            requires_due_date=found.requires_due_date, name_length=found.name_length
        ),
        since=asked.since,
        source=found.source,
    )


async def _course_grades(
    client: CanvasClient,
    course: str,
    enrollments: Sequence[Enrollment],
    periods: Sequence[GradingPeriod],
    asked: _Asked,
) -> tuple[CourseGrade, ...]:
    rules = asked.course_grades
    found: list[CourseGrade] = []
    if any(rule.grading_period is None for rule in rules):
        found += course_grades_of(enrollments)
    for period in dict.fromkeys(
        one.id for rule in rules for one in rule.periods(periods, asked.now)
    ):
        there = await read_enrollments(client, course, grading_period=period)
        found += course_grades_of(there, period)
    return tuple(found)


def _from_origins(sections: Sequence[Section], origins: Mapping[str, str]) -> tuple[Section, ...]:
    """The sections, with the word of the SIS assignments call for where they came from."""
    return tuple(
        msgspec.structs.replace(
            section, origin_course=origins.get(section.id, section.origin_course)
        )
        for section in sections
    )


def _of_the_sis(students: Sequence[Student], from_sis: frozenset[str]) -> list[str]:
    """The ids of students the SIS knows, in sections it knows, those who left them included."""
    return list(
        dict.fromkeys(
            student.id
            for student in students
            if student.sourced_id and from_sis.intersection((*student.sections, *student.left))
        )
    )


def _left_out(count: int) -> GarbledError:
    return GarbledError(
        f"Canvas tells nothing of {count} students of the course when asked for their submissions",
        system=SYSTEM,
        remedy="Check that the token's user may see every section of the course. Nothing is sent,"
        " because a grade that is not told looks like one that was cleared.",
    )
