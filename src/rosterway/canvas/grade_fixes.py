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
_DATING = Call("setting a date of an assignment", "manage_assignments")
#: A kind of fix -> Canvas's field for it, and the time Canvas's own pages give its day.
_DATES = {
    FixKind.DUE_DATE: ("due_at", time(23, 59, 59)),
    FixKind.AVAILABLE: ("unlock_at", time(0, 0)),
}


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


#: The dates an override has; what is put without one of them loses it.
_OVERRIDDEN = ("due_at", "unlock_at", "lock_at")


class _Override(msgspec.Struct, omit_defaults=True):
    """An override of one section, with those of the dates that it has."""

    id: Id
    course_section_id: Id | None = None
    due_at: datetime | msgspec.UnsetType | None = msgspec.UNSET
    unlock_at: datetime | msgspec.UnsetType | None = msgspec.UNSET
    lock_at: datetime | msgspec.UnsetType | None = msgspec.UNSET


class _Assignment(msgspec.Struct):
    name: str
    due_at: datetime | None = None
    unlock_at: datetime | None = None
    overrides: list[_Override] = []


async def apply_fix(client: CanvasClient, course: str, fix: Fix, *, zone: ZoneInfo) -> Fixed:
    """Make one change in Canvas.

    A date goes where the section's stands: into its override; on the assignment where it has none
    at all; else into a new override, so that no other section's date moves. It is the end of the
    day at the school, or its begin where the assignment is available from then.

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
    name, at = _DATES[fix.kind]
    stands = getattr(told, name)
    if override is not None and not isinstance(getattr(override, name), msgspec.UnsetType):
        stands = getattr(override, name)
    if past := _past(fix, day_at(stands, zone) or ""):
        return past
    moment = stamp(_moment(fix.after, at, zone))
    method, where, body = _where(path, fix, told, override, {name: moment})
    answer = await client.send(method, where, call=_DATING, json=body)
    seen = msgspec.convert(answer, dict[str, Any]).get(name)
    return _seen(fix, day_at(datetime.fromisoformat(seen), zone) or "" if seen else "")


def _where(
    path: str,
    fix: Fix,
    told: _Assignment,
    override: _Override | None,
    dated: dict[str, str],
) -> tuple[str, str, dict[str, Any]]:
    """The request that sets one date of a section, and nothing else."""
    (name,) = dated
    if override is not None:
        dates = {
            other: moment
            for other, moment in msgspec.to_builtins(override).items()
            if other in _OVERRIDDEN
        }
        body = {"assignment_override": dates | dated}
        return "PUT", f"{path}/overrides{path_of(str(override.id))}", body
    if getattr(told, name) is None or not fix.section:
        return "PUT", path, {"assignment": dated}
    body = {"assignment_override": {"course_section_id": fix.section} | dated}
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


def _moment(day: str, at: time, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), at, zone)
    except ValueError:
        raise UsageError(
            f"A date is set to a day, and {day!r} is none", remedy="Write it as YYYY-MM-DD."
        ) from None
