"""Update Sync Time, the last step of a grade sync: when and how, on the assignments themselves.

A mark names the assignment it was made for. Canvas copies `integration_data` with a course, so a
mark that names another assignment is a copy's, and is nothing to believe; it is written over.

An assignment that was left unchanged needs no new mark: what is written costs a request each.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.integration_data import KEY, Outcome, Target, Written, kept, shown, write
from rosterway.canvas.shapes import every, stamp

_READING = Call("reading the marks of assignments", "read_sis")
_WRITING = Call("writing when an assignment was synced", "manage_sis")


class SyncMark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When an assignment was last synced, and how that ended; `classes` is how in each class."""

    assignment: str
    at: datetime
    outcome: str
    classes: Mapping[str, str] = {}


async def write_sync_marks(
    client: CanvasClient, course: str, marks: Iterable[SyncMark]
) -> tuple[Written, ...]:
    """Write the marks, one after the other; what became of each, in their order.

    Once one was dropped for want of a right, the others are not tried. Doing it again is safe.

    Args:
        client: any account's.
        course: its Canvas id.
        marks: at most one an assignment. One that is no longer flagged is `gone`.

    Raises:
        RemoteError: see `failures`.
    """
    stored = await _stored(client, course, [("post_to_sis", "true")])
    wanted = {mark.assignment: _as_data(mark) for mark in marks}
    return await _write(client, course, stored, wanted)


async def forget_sync_marks(client: CanvasClient, course: str) -> tuple[Written, ...]:
    """Take every mark of ours out of a course's assignments, those of copies too."""
    stored = await _stored(client, course, [])
    return await _write(
        client, course, stored, {one: None for one, data in stored.items() if KEY in (data or {})}
    )


def mark_in(integration_data: Mapping[str, Any], assignment: str) -> SyncMark | None:
    """The mark in an assignment's data; None: there is none, or it is another assignment's."""
    try:
        mark = msgspec.convert(_renamed(kept(dict(integration_data))), SyncMark)
    except msgspec.ValidationError:
        return None
    return mark if mark.assignment == assignment else None


async def _stored(
    client: CanvasClient, course: str, params: Iterable[tuple[str, str]]
) -> dict[str, dict[str, Any] | None]:
    path = path_of("api", "v1", "courses", course, "assignments")
    return {
        str(one.get("id")): shown(one)
        async for one in every(client, path, dict[str, Any], call=_READING, params=params)
    }


async def _write(
    client: CanvasClient,
    course: str,
    stored: Mapping[str, dict[str, Any] | None],
    wanted: Mapping[str, dict[str, Any] | None],
) -> tuple[Written, ...]:
    done: list[Written] = []
    is_dropped = False
    for assignment, data in wanted.items():
        if assignment not in stored:
            done.append(Written(id=assignment, outcome=Outcome.GONE))
        elif is_dropped:
            done.append(Written(id=assignment, outcome=Outcome.DROPPED))
        else:
            path = path_of("api", "v1", "courses", course, "assignments", assignment)
            target = Target(id=assignment, path=path, call=_WRITING, wrapped="assignment")
            done.append(await write(client, target, stored[assignment], data))
            is_dropped = done[-1].outcome is Outcome.DROPPED
    return tuple(done)


def _as_data(mark: SyncMark) -> dict[str, Any]:
    """As it is kept, in text throughout: Canvas may give numbers back as text."""
    told = {"assignment": mark.assignment, "synced_at": stamp(mark.at), "outcome": mark.outcome}
    return told | ({"classes": dict(mark.classes)} if mark.classes else {})


def _renamed(data: dict[str, Any]) -> dict[str, Any]:
    return {("at" if name == "synced_at" else name): value for name, value in data.items()}
