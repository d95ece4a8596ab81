"""The fixes a preflight offers, made in Canvas: only when called, and one at a time.

What was offered is what is made: a name or date that has changed since is left as it is. Facts:
canvas-lms `assignments_api_controller.rb`, `assignment_overrides_controller.rb`; the words of
Canvas's validation are given as they are (canvas-sis.md 6.2).
"""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.shapes import Id, shaped, stamp
from rosterway.errors import RejectedError, UsageError
from rosterway.passback.days import day_at
from rosterway.passback.plan import Fix, FixKind

_READING = Call("reading an assignment that is to be fixed", "view_all_grades")
_RENAMING = Call("renaming an assignment", "manage_assignments")
_DATING = Call("setting the due date of an assignment", "manage_assignments")
#: The time Canvas's own pages give a day.
_END_OF_DAY = time(23, 59, 59)


class FixOutcome(StrEnum):
    """What became of a fix."""

    DONE = "done"
    ALREADY = "already"  # it is so already
    MOVED_ON = "moved-on"  # it is no longer what the fix was offered for
    REFUSED = "refused"
    NOT_KEPT = "not-kept"  # Canvas answered well and shows something else


class Fixed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a fix; `says` are Canvas's words, or what stands there now."""

    fix: Fix
    outcome: FixOutcome
    says: str = ""


class _Override(msgspec.Struct, omit_defaults=True):
    """An override; what is put without one of its dates loses that date."""

    id: Id
    course_section_id: Id | None = None
    due_at: datetime | msgspec.UnsetType | None = msgspec.UNSET
    unlock_at: datetime | msgspec.UnsetType | None = msgspec.UNSET
    lock_at: datetime | msgspec.UnsetType | None = msgspec.UNSET


class _Assignment(msgspec.Struct):
    name: str
    due_at: datetime | None = None
    overrides: list[_Override] = []


async def apply_fix(client: CanvasClient, course: str, fix: Fix, *, zone: ZoneInfo) -> Fixed:
    """Make one change in Canvas.

    A due date goes where the section's stands: into its override; on the assignment where it has
    no date at all; else into a new override, so that no other section's date moves. The day ends
    at the school.

    Args:
        client: any account's.
        course: its Canvas id.
        fix: as the plan offered it.
        zone: the school's.

    Raises:
        CredentialsError: the token's user may not change assignments.
        UsageError: the day is none.
        RemoteError: see `failures`; after a lost answer doing it again is safe.
    """
    path = path_of("api", "v1", "courses", course, "assignments", fix.assignment)
    params = [("include[]", "overrides"), ("override_assignment_dates", "false")]
    told = shaped(await client.get(path, call=_READING, params=params), _Assignment, _READING)
    try:
        if fix.kind is FixKind.RENAME:
            return await _rename(client, path, fix, told)
        return await _date(client, path, fix, told, zone)
    except RejectedError as refused:
        return Fixed(fix=fix, outcome=FixOutcome.REFUSED, says=refused.said or refused.message)


async def _rename(client: CanvasClient, path: str, fix: Fix, told: _Assignment) -> Fixed:
    if past := _past(fix, told.name):
        return past
    body = {"assignment": {"name": fix.after}}
    answer = await client.send("PUT", path, call=_RENAMING, json=body)
    return _seen(fix, shaped(answer, _Assignment, _RENAMING).name)


async def _date(
    client: CanvasClient, path: str, fix: Fix, told: _Assignment, zone: ZoneInfo
) -> Fixed:
    override = next(
        (one for one in told.overrides if str(one.course_section_id) == fix.section), None
    )
    stands = told.due_at
    if override is not None and not isinstance(override.due_at, msgspec.UnsetType):
        stands = override.due_at
    if past := _past(fix, day_at(stands, zone) or ""):
        return past
    due = stamp(_end_of(fix.after, zone))
    method, where, body = _where(path, fix, told, override, due)
    answer = await client.send(method, where, call=_DATING, json=body)
    seen = msgspec.convert(answer, dict[str, Any]).get("due_at")
    return _seen(fix, day_at(datetime.fromisoformat(seen), zone) or "" if seen else "")


def _where(
    path: str, fix: Fix, told: _Assignment, override: _Override | None, due: str
) -> tuple[str, str, dict[str, Any]]:
    """The request that sets a section's due date, and nothing else."""
    if override is not None:
        dates = {
            name: moment
            for name, moment in msgspec.to_builtins(override).items()
            if name in {"unlock_at", "lock_at"}
        }
        body = {"assignment_override": dates | {"due_at": due}}
        return "PUT", f"{path}/overrides{path_of(str(override.id))}", body
    if told.due_at is None or not fix.section:
        return "PUT", path, {"assignment": {"due_at": due}}
    body = {"assignment_override": {"course_section_id": fix.section, "due_at": due}}
    return "POST", f"{path}/overrides", body


def _past(fix: Fix, stands: str) -> Fixed | None:
    """Whether there is nothing to do any more."""
    if stands == fix.after:
        return Fixed(fix=fix, outcome=FixOutcome.ALREADY)
    if stands != fix.before:
        return Fixed(fix=fix, outcome=FixOutcome.MOVED_ON, says=stands)
    return None


def _seen(fix: Fix, stands: str) -> Fixed:
    if stands == fix.after:
        return Fixed(fix=fix, outcome=FixOutcome.DONE)
    return Fixed(fix=fix, outcome=FixOutcome.NOT_KEPT, says=stands)


def _end_of(day: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), _END_OF_DAY, zone)
    except ValueError:
        raise UsageError(
            f"A due date is set to a day, and {day!r} is none", remedy="Write it as YYYY-MM-DD."
        ) from None
