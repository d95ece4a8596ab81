"""The ledger: what the SIS was last told of each assignment and each grade, and what became of it.

An entry is known by course, class, assignment and student; the one without a student is the line
item's, and the link between the assignment and its id in the SIS. Entries are written a batch at a
time, in one statement: what is about to be sent before it is, what was answered after.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Index

from rosterway.errors import NotFoundError
from rosterway.passback.ledger import Entry, Key, State
from rosterway.store import audit, grade_courses
from rosterway.store.columns import choice, instant, tenant_table, text
from rosterway.store.walls import Condition, TenantStore

LEDGER = tenant_table(
    "ledger",
    text("course"),
    text("class_id"),
    text("assignment"),
    text("user"),
    choice("state", State),
    instant("at", null=True),
    text("entry"),
    key=("course", "class_id", "assignment", "user"),
)
Index(None, LEDGER.c.tenant, LEDGER.c.course, LEDGER.c.state)
Index(None, LEDGER.c.tenant, LEDGER.c.class_id)

_ENTRIES = msgspec.json.Decoder(list[Entry])
_ENCODER = msgspec.json.Encoder()


def put(handle: TenantStore, course: str, entries: Sequence[Entry]) -> None:
    """Write entries of a course; those that are there already are replaced."""
    rows = [
        {
            "course": course,
            "class_id": entry.class_id,
            "assignment": entry.assignment,
            "user": entry.user,
            "state": entry.state,
            "at": entry.at,
            "entry": _ENCODER.encode(entry).decode(),
        }
        for entry in entries
    ]
    with handle.writing() as seen:
        seen.put_all(LEDGER, rows)


def of_course(
    handle: TenantStore, course: str, *, states: Iterable[State] | None = None
) -> list[Entry]:
    """The entries of a course by class, assignment and student; only those in these states."""
    where: list[Condition] = [LEDGER.c.course == course]
    if states is not None:
        where.append(LEDGER.c.state.in_(list(states)))
    return _found(handle, where)


def of_class(handle: TenantStore, class_id: str) -> list[Entry]:
    """The entries of a class, of whichever courses."""
    return _found(handle, [LEDGER.c.class_id == class_id])


def count(handle: TenantStore, course: str) -> dict[State, int]:
    """How many entries of a course are in each state."""
    table = LEDGER.c
    with handle.reading() as seen:
        counts = {
            state: seen.count(LEDGER, table.course == course, table.state == state)
            for state in State
        }
    return {state: number for state, number in counts.items() if number}


def remove(handle: TenantStore, course: str, keys: Sequence[Key]) -> None:
    """Remove entries by class, assignment and student."""
    table = LEDGER.c
    with handle.writing() as seen:
        for class_id, assignment, user in keys:
            where = (table.class_id == class_id, table.assignment == assignment, table.user == user)
            seen.delete(LEDGER, table.course == course, *where)


def forget(handle: TenantStore, course: str, *, by: str, now: datetime) -> int:
    """Forget a course's entries, "clear integration data"; how many there were.

    They are kept beside, so that `put_back` can undo it. Nothing is changed in the SIS: line items
    that it has are matched by name and due date afterwards.
    """
    with handle.together() as tx, tx.writing() as seen:
        entries = of_course(tx, course)
        kept = tx.blobs.put_bytes(_ENCODER.encode(entries))
        seen.delete(LEDGER, LEDGER.c.course == course)
        grade_courses.keep_forgotten(tx, course, kept.digest, now=now)
        details: dict[str, Any] = {"entries": len(entries), "kept": kept.digest}
        audit.append(
            tx, actor=by, act="grades.forget", subject=f"course {course}", now=now, details=details
        )
        return len(entries)


def put_back(handle: TenantStore, course: str, *, by: str, now: datetime) -> int:
    """Undo the last `forget`: its entries are put back where there are none since; how many.

    `NotFoundError` if nothing was forgotten.
    """
    with handle.together() as tx:
        known = grade_courses.get(tx, course)
        if known.forgotten is None:
            raise NotFoundError(f"nothing of course {course} has been forgotten")
        entries = _ENTRIES.decode(tx.blobs.local(known.forgotten).read_bytes())
        since = {entry.key for entry in of_course(tx, course)}
        back = [entry for entry in entries if entry.key not in since]
        put(tx, course, back)
        grade_courses.keep_forgotten(tx, course, None, now=now)
        audit.append(
            tx,
            actor=by,
            act="grades.put-back",
            subject=f"course {course}",
            now=now,
            details={"entries": len(back), "kept": known.forgotten},
        )
        return len(back)


def _found(handle: TenantStore, where: list[Condition]) -> list[Entry]:
    table = LEDGER.c
    order = (table.class_id, table.assignment, table.user)
    with handle.reading() as seen:
        kept = seen.values(table.entry, *where, order=order)
    return _ENTRIES.decode(f"[{','.join(kept)}]")
