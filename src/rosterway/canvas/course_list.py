"""The courses of an account that a nightly grade sync goes through.

Facts: canvas-sis.md 6.1 (`/api/sis/accounts/:id/assignments`), canvas-lms `accounts_controller.rb`
(courses of an account), `grade_passback_setting` of a course.
"""

from collections import Counter
from datetime import datetime
from enum import StrEnum

import msgspec

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.course_shape import CourseShape
from rosterway.canvas.gradebook_assignments import NOT_ENABLED
from rosterway.canvas.shapes import Id, every, stamp
from rosterway.errors import RejectedError

_COURSES = Call("listing the courses of an account", "read_course_list")
_FLAGGED = Call("reading the assignments of an account that sync to the SIS", "view_all_grades")
_NIGHTLY = "nightly_sync"


class Which(StrEnum):
    """Which courses are gone through."""

    NIGHTLY = "nightly"  # those with Canvas's own nightly flag
    ALL = "all"  # those with assignments flagged Sync to SIS


class CourseToSync(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A published course that has not ended.

    `nightly`: it has Canvas's flag. `flagged`: how many assignments sync to the SIS; None: not read.
    """

    id: str
    name: str
    sis_id: str | None = None
    nightly: bool = False
    flagged: int | None = None


class _Assignment(msgspec.Struct):
    course_id: Id


async def courses_to_sync(
    client: CanvasClient,
    account: str | None = None,
    *,
    now: datetime,
    which: Which = Which.NIGHTLY,
) -> tuple[CourseToSync, ...]:
    """The courses of an account and its sub-accounts to be synced, in Canvas's order.

    Nightly ones cost a request for every hundred courses. All of them cost one for every hundred
    flagged assignments besides; where Canvas's SIS call is not enabled, every published course is
    given, `flagged` None, and each sync finds out for itself.

    Args:
        client: of the root account.
        account: an account's id or `sis_account_id:X`; None: the client's.
        now: a course ended before is left out; one without an end is not.
        which: see `Which`.

    Raises:
        RemoteError: see `failures`.
    """
    below = account or client.account
    params = [("published", "true"), ("include[]", "term")]
    path = path_of("api", "v1", "accounts", below, "courses")
    listed = [
        one
        async for one in every(client, path, CourseShape, call=_COURSES, params=params)
        if one.workflow_state == "available" and not _has_ended(one, now)
    ]
    if which is Which.NIGHTLY:
        nightly = (one for one in listed if one.grade_passback_setting == _NIGHTLY)
        return tuple(_told(one, None) for one in nightly)
    counts = await _flagged(client, below, now)
    if counts is None:
        return tuple(_told(one, None) for one in listed)
    return tuple(_told(one, counts[str(one.id)]) for one in listed if counts[str(one.id)])


async def _flagged(client: CanvasClient, account: str, now: datetime) -> Counter[str] | None:
    """How many flagged assignments the courses have; None where the call is not enabled."""
    path = path_of("api", "sis", "accounts", account, "assignments")
    counts: Counter[str] = Counter()
    params = [("ends_after", stamp(now))]
    try:
        async for one in every(client, path, _Assignment, call=_FLAGGED, params=params):
            counts[str(one.course_id)] += 1
    except RejectedError as refused:
        if refused.said == NOT_ENABLED or refused.status == 404:
            return None
        raise
    return counts


def _has_ended(course: CourseShape, now: datetime) -> bool:
    """As the SIS call has it: either of the course's and the term's end may keep it going."""
    ends = [end for end in (course.end_at, course.term and course.term.end_at) if end is not None]
    return bool(ends) and max(ends) < now


def _told(course: CourseShape, flagged: int | None) -> CourseToSync:
    return CourseToSync(
        id=str(course.id),
        name=course.name or "",
        sis_id=course.sis_course_id or None,
        nightly=course.grade_passback_setting == _NIGHTLY,
        flagged=flagged,
    )
