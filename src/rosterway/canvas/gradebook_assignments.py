"""The assignments flagged Sync to SIS of a course, their overrides merged into each section.

The SIS assignments call tells which they are, in which sections, and where a cross-listed section
came from (canvas-sis.md 6.1). It does not tell how an assignment is graded, and gives `null` both
for a date an override leaves alone and for one it takes away; the ordinary call tells both, so it
is read as well. Where the SIS call is not enabled the ordinary one alone has to do.
"""

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.shapes import Id, every, mapping
from rosterway.errors import RejectedError
from rosterway.passback.gradebook import Assignment, IndividualDates, Placement, Section

_FLAGGED = Call("reading the assignments that sync to the SIS", "view_all_grades")
_ORDINARY = Call("reading the assignments of a course", "view_all_grades")

#: `code` of refusals of the SIS call (sis_api_controller.rb).
NOT_ENABLED, UNPUBLISHED = "not_enabled", "unpublished_course"
SIS, ORDINARY = "sis", "ordinary"

#: What the override for nobody is of that makes an assignment one of Mastery Paths.
_MASTERY_PATHS = "1"

_DATES = ("due_at", "unlock_at", "lock_at")
_Date = datetime | None | UnsetType


class AssignmentsTold(msgspec.Struct, frozen=True, kw_only=True):
    """The assignments; `origins` is where the sections came from, by section, as far as told.

    `source`: `sis`, or `ordinary` where the SIS call is not enabled. `requires_due_date` and
    `name_length` are what Canvas says its settings demand of them; None: it did not say.
    """

    assignments: tuple[Assignment, ...]
    origins: Mapping[str, str] = {}
    source: str
    requires_due_date: bool | None = None
    name_length: int | None = None


class _Dated(msgspec.Struct):
    due_at: _Date = UNSET
    unlock_at: _Date = UNSET
    lock_at: _Date = UNSET


class _Named(msgspec.Struct):
    id: Id


class _Override(_Dated, kw_only=True):
    id: Id


class _SisSection(msgspec.Struct):
    id: Id
    origin_course: _Named | None = None
    override: _Override | None = None


class _SisStudent(msgspec.Struct):
    user_id: Id


class _SisUserOverride(_Dated, kw_only=True):
    id: Id
    students: list[_SisStudent] = []


_SisOverride = _Override | _SisUserOverride


class _SisAssignment(_Dated, kw_only=True):
    id: Id
    name: str
    created_at: datetime | None = None
    points_possible: float | None = None
    submission_types: list[str] | str | None = None
    integration_id: str | None = None
    integration_data: Any = None
    include_in_final_grade: bool = True
    assignment_group: _Named
    sections: list[_SisSection] = []
    user_overrides: list[_SisUserOverride] = []


class _OrdinaryOverride(_Dated, kw_only=True):
    id: Id
    course_section_id: Id | None = None
    student_ids: list[Id] = []
    noop_id: Id | None = None


class _OrdinaryAssignment(_Dated, kw_only=True):
    id: Id
    name: str
    assignment_group_id: Id
    created_at: datetime | None = None
    points_possible: float | None = None
    grading_type: str = "points"
    submission_types: list[str] | str | None = None
    published: bool = True
    post_to_sis: bool | None = None
    omit_from_final_grade: bool | None = None
    only_visible_to_overrides: bool | None = None
    integration_id: str | None = None
    integration_data: Any = None
    due_date_required: bool | None = None
    max_name_length: int | None = None
    overrides: list[_OrdinaryOverride] = []


async def read_assignments(
    client: CanvasClient, course: str, sections: Sequence[Section]
) -> AssignmentsTold:
    """The flagged assignments of a course, in Canvas's order, and then those not published.

    Only the ordinary call tells of these, and of Mastery Paths.

    Args:
        client: any account's.
        course: its Canvas id.
        sections: those of the course, for where the SIS call is not enabled.

    Raises:
        RejectedError: the course is not published (`said` is `UNPUBLISHED`).
        RemoteError: see `failures`.
    """
    flagged = await _flagged(client, course)
    ordinary = {str(one.id): one async for one in _ordinary(client, course)}
    demanded = [one.due_date_required for one in ordinary.values()]
    lengths = [one.max_name_length for one in ordinary.values() if one.max_name_length]
    told = AssignmentsTold(
        assignments=(),
        source=ORDINARY if flagged is None else SIS,
        requires_due_date=None if None in demanded or not demanded else any(demanded),
        name_length=min(lengths, default=None),
    )
    if flagged is None:
        return replace(
            told, assignments=tuple(_from_ordinary(one, sections) for one in ordinary.values())
        )
    known = {str(one.id) for one in flagged}
    return replace(
        told,
        # What the second list has no longer was un-flagged or unpublished between the two.
        assignments=tuple(
            _from_sis(one, ordinary[str(one.id)]) for one in flagged if str(one.id) in ordinary
        )
        + tuple(
            _from_ordinary(one, sections)
            for ident, one in ordinary.items()
            if not one.published and ident not in known
        ),
        origins={
            str(section.id): str(section.origin_course.id)
            for one in flagged
            for section in one.sections
            if section.origin_course is not None
        },
    )


async def _flagged(client: CanvasClient, course: str) -> list[_SisAssignment] | None:
    """What the SIS call tells; None where it is not enabled, or Canvas has no such call."""
    path = path_of("api", "sis", "courses", course, "assignments")
    params = [("include[]", "student_overrides")]
    found = every(client, path, _SisAssignment, call=_FLAGGED, params=params)
    try:
        return [one async for one in found]
    except RejectedError as refused:
        if refused.said == NOT_ENABLED or refused.status == 404:
            return None
        raise


async def _ordinary(client: CanvasClient, course: str) -> AsyncGenerator[_OrdinaryAssignment, None]:
    """What the ordinary call tells of those flagged, with undisguised base dates."""
    path = path_of("api", "v1", "courses", course, "assignments")
    params = [
        ("post_to_sis", "true"),
        ("include[]", "overrides"),
        # Else a date is the one that holds for the token's own user.
        ("override_assignment_dates", "false"),
    ]
    async for one in every(client, path, _OrdinaryAssignment, call=_ORDINARY, params=params):
        if one.post_to_sis is not False:
            yield one


def _from_sis(told: _SisAssignment, ordinary: _OrdinaryAssignment) -> Assignment:
    exact = {str(override.id): override for override in ordinary.overrides}
    placements = tuple(
        Placement(section=str(section.id), **_dates(told, _telling(section.override, exact)))
        for section in told.sections
    )
    groups = [
        (_telling(one, exact), [student.user_id for student in one.students])
        for one in told.user_overrides
    ]
    individuals = _ids(user for _, users in groups for user in users)
    return Assignment(
        id=str(told.id),
        name=told.name,
        group=str(told.assignment_group.id),
        points_possible=told.points_possible,
        grading_type=ordinary.grading_type,
        submission_types=_types(told.submission_types),
        counts=told.include_in_final_grade,
        placements=placements,
        individuals=individuals,
        individual_dates=_individual(told, groups),
        only_individuals=_is_for_nobody_else(placements, individuals, ordinary),
        published=ordinary.published,
        mastery_paths=_is_of_mastery_paths(ordinary),
        created_at=told.created_at,
        integration_id=told.integration_id or None,
        integration_data=mapping(told.integration_data),
    )


def _from_ordinary(told: _OrdinaryAssignment, sections: Sequence[Section]) -> Assignment:
    overridden = {
        str(override.course_section_id): override
        for override in told.overrides
        if override.course_section_id is not None
    }
    placements = tuple(
        Placement(section=section.id, **_dates(told, overridden.get(section.id)))
        for section in sections
        if section.id in overridden or not told.only_visible_to_overrides
    )
    groups = [(override, override.student_ids) for override in told.overrides]
    individuals = _ids(user for _, users in groups for user in users)
    is_counted = not told.omit_from_final_grade and told.grading_type != "not_graded"
    return Assignment(
        id=str(told.id),
        name=told.name,
        group=str(told.assignment_group_id),
        points_possible=told.points_possible,
        grading_type=told.grading_type,
        submission_types=_types(told.submission_types),
        counts=is_counted,
        placements=placements,
        individuals=individuals,
        individual_dates=_individual(told, groups),
        only_individuals=_is_for_nobody_else(placements, individuals, told),
        published=told.published,
        mastery_paths=_is_of_mastery_paths(told),
        created_at=told.created_at,
        integration_id=told.integration_id or None,
        integration_data=mapping(told.integration_data),
    )


def _individual(
    base: _Dated, groups: Iterable[tuple[_Dated | None, Iterable[Id]]]
) -> tuple[IndividualDates, ...]:
    """The dates of each user who has their own; of a user with several, those of the first."""
    found: dict[str, IndividualDates] = {}
    for override, users in groups:
        for user in map(str, users):
            found.setdefault(user, IndividualDates(user=user, **_dates(base, override)))
    return tuple(found.values())


def _is_of_mastery_paths(told: _OrdinaryAssignment) -> bool:
    """Canvas marks it by an override for nobody (assignment_override.rb)."""
    return any(str(one.noop_id) == _MASTERY_PATHS for one in told.overrides)


def _telling(
    override: _SisOverride | None, exact: Mapping[str, _OrdinaryOverride]
) -> _Dated | None:
    """An override whose dates are unset where it leaves them alone.

    Without the ordinary call's word for it, a null of the SIS call leaves the date alone: an
    assignment with a date it no longer has in one section is a smaller harm than one with none.
    """
    if override is None:
        return None
    told = exact.get(str(override.id))
    if told is not None:
        return told
    return _Dated(**{name: moment for name, moment in _set(override) if moment is not None})


def _dates(base: _Dated, override: _Dated | None) -> dict[str, datetime | None]:
    """The dates that hold: the override's, where it sets them, else the assignment's own."""
    return dict(_set(base)) | (dict(_set(override)) if override is not None else {})


def _set(dated: _Dated) -> Iterator[tuple[str, datetime | None]]:
    for name in _DATES:
        moment: _Date = getattr(dated, name)
        if not isinstance(moment, UnsetType):
            yield name, moment


def _is_for_nobody_else(
    placements: Sequence[Placement], individuals: Sequence[str], told: _OrdinaryAssignment
) -> bool:
    return not placements and bool(individuals or told.only_visible_to_overrides)


def _ids(ids: Iterable[Id]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str, ids)))


def _types(told: list[str] | str | None) -> tuple[str, ...]:
    """Canvas's models keep them as one text with commas, its API as a list."""
    types = told.split(",") if isinstance(told, str) else told or ()
    return tuple(kind.strip() for kind in types if kind.strip())
