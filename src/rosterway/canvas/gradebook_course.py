"""A course, its sections, assignment groups and grading periods, as a gradebook needs them.

Facts: canvas-lms `lib/api/v1/course.rb`, `section.rb`, `assignment_group.rb`,
`grading_periods_controller.rb`.
"""

from datetime import datetime
from typing import Any

import msgspec

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.course_shape import CourseShape, TermShape
from rosterway.canvas.failures import RIGHTS, SYSTEM
from rosterway.canvas.shapes import Id, every, mapping, shaped
from rosterway.errors import CredentialsError, RejectedError
from rosterway.passback.gradebook import AssignmentGroup, Course, GradingPeriod, Section

_READING = Call("reading a course", "read_course_list")
_SECTIONS = Call("reading the sections of a course", "read_roster")
_GROUPS = Call("reading the assignment groups of a course", "view_all_grades")
_PERIODS = Call("reading the grading periods of a course", "view_all_grades")


class CourseTold(msgspec.Struct, frozen=True, kw_only=True):
    """A course, and whether the weights of its groups count."""

    course: Course
    weighted: bool


class _Section(msgspec.Struct):
    id: Id
    name: str | None = None
    sis_section_id: str | msgspec.UnsetType | None = msgspec.UNSET
    nonxlist_course_id: Id | None = None


class _Group(msgspec.Struct):
    id: Id
    name: str
    group_weight: float | None = None
    sis_source_id: str | None = None
    integration_data: Any = None


class _Period(msgspec.Struct):
    id: Id
    title: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None


class _Periods(msgspec.Struct):
    grading_periods: list[_Period]


async def read_course(client: CanvasClient, course: str) -> CourseTold:
    """A course by Canvas id or `sis_course_id:X`.

    Raises:
        RemoteError: see `failures`; it is not there, or the token's user does not see it.
    """
    path = path_of("api", "v1", "courses", course)
    answer = await client.get(path, call=_READING, params=[("include[]", "term")])
    told = shaped(answer, CourseShape, _READING)
    term = told.term or TermShape()
    return CourseTold(
        course=Course(
            id=str(told.id),
            name=told.name or "",
            sis_id=told.sis_course_id,
            published=told.workflow_state != "unpublished",
            term_start_at=term.start_at,
            term_end_at=term.end_at,
            term_sis_id=term.sis_term_id or None,
            passback=told.grade_passback_setting or None,
        ),
        weighted=told.apply_assignment_group_weights is True,
    )


async def read_sections(client: CanvasClient, course: str) -> tuple[Section, ...]:
    """The sections of a course; `nonxlist_course_id` is where a cross-listed one came from.

    Raises:
        CredentialsError: SIS ids are not shown to the token's user, which is not the same as there
            being none.
    """
    path = path_of("api", "v1", "courses", course, "sections")
    return tuple(
        [
            Section(
                id=str(told.id),
                name=told.name or "",
                class_id=_shown(told.sis_section_id) or None,
                origin_course=str(told.nonxlist_course_id or course),
            )
            async for told in every(client, path, _Section, call=_SECTIONS)
        ]
    )


def _shown(sis_id: str | msgspec.UnsetType | None) -> str | None:
    if isinstance(sis_id, msgspec.UnsetType):
        raise CredentialsError(
            "Canvas does not show the token's user which sections come from the SIS",
            system=SYSTEM,
            remedy="Give the token's user a role with the right read_sis"
            f" (“{RIGHTS['read_sis']}”) on the root account.",
        )
    return sis_id


async def read_groups(
    client: CanvasClient, course: str, *, weighted: bool
) -> tuple[AssignmentGroup, ...]:
    """The assignment groups; a weight is told only where the course says that weights count."""
    path = path_of("api", "v1", "courses", course, "assignment_groups")
    return tuple(
        [
            AssignmentGroup(
                id=str(told.id),
                name=told.name,
                weight=told.group_weight if weighted else None,
                sis_source_id=told.sis_source_id or None,
                integration_data=mapping(told.integration_data),
            )
            async for told in every(client, path, _Group, call=_GROUPS)
        ]
    )


async def read_periods(client: CanvasClient, course: str) -> tuple[GradingPeriod, ...]:
    """The grading periods of a course; none where Canvas has no such list."""
    path = path_of("api", "v1", "courses", course, "grading_periods")
    found: list[GradingPeriod] = []
    try:
        async for page in client.pages(path, call=_PERIODS):
            found += map(_period, shaped(page, _Periods, _PERIODS).grading_periods)
    except RejectedError as refused:
        if refused.status != 404:
            raise
    return tuple(found)


def _period(told: _Period) -> GradingPeriod:
    return GradingPeriod(
        id=str(told.id), title=told.title or "", start_at=told.start_date, end_at=told.end_date
    )
