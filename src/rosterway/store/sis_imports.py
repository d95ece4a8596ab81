"""SIS imports: what was sent to Canvas, the intent recorded before the request.

An import is known by its plan and its ordinal in the plan, so a repeated step finds what it began.
Between `intend` and `accepted` the request may or may not have reached Canvas: whoever finds such
a row looks for `marker` among the imports Canvas has, and sends nothing before that is settled.

While an import is not settled it has its Canvas account's lane to itself: the database refuses a
second one, whichever tenant or worker it comes from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index

from rosterway.errors import ConflictError, NotFoundError
from rosterway.store.columns import choice, instant, json, number, refers, tenant_table, text
from rosterway.store.walls import TenantStore


class ImportState(StrEnum):
    """What we know of an import."""

    INTENDED = "intended"  # the request may have been made
    ACCEPTED = "accepted"  # Canvas has it, under a number
    FINISHED = "finished"  # Canvas is done, and every message was read
    WITHDRAWN = "withdrawn"  # it is certain that Canvas does not have it
    LOST = "lost"  # it is not certain, and a person must look


#: States in which nothing more is done with an import, so its lane is free.
SETTLED = frozenset({ImportState.FINISHED, ImportState.WITHDRAWN, ImportState.LOST})

#: From which states each state can be reached.
BEFORE: dict[ImportState, frozenset[ImportState]] = {
    ImportState.INTENDED: frozenset({ImportState.WITHDRAWN}),
    ImportState.ACCEPTED: frozenset({ImportState.INTENDED, ImportState.LOST}),
    ImportState.FINISHED: frozenset({ImportState.ACCEPTED}),
    ImportState.WITHDRAWN: frozenset({ImportState.INTENDED, ImportState.LOST}),
    ImportState.LOST: frozenset({ImportState.INTENDED, ImportState.ACCEPTED}),
}

SIS_IMPORTS = tenant_table(
    "sis_imports",
    text("plan"),
    number("ordinal"),
    text("digest"),
    text("account"),
    text("marker"),
    text("sha256"),
    json("options", dict[str, Any]),
    choice("state", ImportState),
    instant("intended_at"),
    text("canvas_id", null=True),
    instant("accepted_at", null=True),
    text("workflow_state", null=True),
    number("progress", null=True),
    instant("seen_at", null=True),
    json("counts", dict[str, Any]),
    text("messages", null=True),
    instant("settled_at", null=True),
    text("reason"),
    refers(("plan",), "plans", ("id",)),
    key=("plan", "ordinal"),
)
Index(
    "ux_sis_imports_lane",
    SIS_IMPORTS.c.account,
    unique=True,
    sqlite_where=SIS_IMPORTS.c.settled_at.is_(None),
    postgresql_where=SIS_IMPORTS.c.settled_at.is_(None),
)
Index(None, SIS_IMPORTS.c.account, SIS_IMPORTS.c.marker, unique=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SisImport:
    """One import.

    `digest` is the plan's, `marker` the file name it is sent under, `sha256` that of the file.
    `workflow_state`, `progress` and `counts` are Canvas's own words; `messages` the blob of all its
    messages. `canvas_id` is text, since Canvas's numbers exceed what some databases and JSON hold.
    """

    tenant: str
    plan: str
    ordinal: int
    digest: str
    account: str
    marker: str
    sha256: str
    options: Mapping[str, Any]
    state: ImportState
    intended_at: datetime
    canvas_id: str | None
    accepted_at: datetime | None
    workflow_state: str | None
    progress: int | None
    seen_at: datetime | None
    counts: Mapping[str, Any]
    messages: str | None
    settled_at: datetime | None
    reason: str


def intend(
    handle: TenantStore,
    *,
    plan: str,
    ordinal: int,
    digest: str,
    account: str,
    marker: str,
    sha256: str,
    options: Mapping[str, Any],
    now: datetime,
) -> SisImport:
    """Take the account's lane and record what is about to be sent, before it is.

    Again, it answers the import as it stands by now, which the caller must look at: only one that
    was just added is sent without looking. One that was withdrawn is intended anew.
    `ConflictError` if the lane is taken.
    """
    with handle.together() as tx, tx.writing() as seen:
        if seen.insert_new(
            SIS_IMPORTS,
            plan=plan,
            ordinal=ordinal,
            digest=digest,
            account=account,
            marker=marker,
            sha256=sha256,
            options=options,
            state=ImportState.INTENDED,
            intended_at=now,
            counts={},
            reason="",
        ):
            return get(tx, plan, ordinal)
        known = _find(tx, plan, ordinal)
        if known is None:
            raise ConflictError(
                f"another SIS import has the lane of {account}, or {marker} was sent before",
                remedy="it goes on by itself when that import has ended",
            )
        if known.state is not ImportState.WITHDRAWN:
            return known
        return _move(tx, plan, ordinal, ImportState.INTENDED, intended_at=now, settled_at=None)


def accepted(
    handle: TenantStore, plan: str, ordinal: int, *, canvas_id: str, now: datetime
) -> SisImport:
    """Canvas has it, under this number."""
    return _move(
        handle,
        plan,
        ordinal,
        ImportState.ACCEPTED,
        canvas_id=canvas_id,
        accepted_at=now,
        settled_at=None,
    )


def observed(
    handle: TenantStore,
    plan: str,
    ordinal: int,
    *,
    workflow_state: str,
    progress: int | None,
    counts: Mapping[str, Any],
    now: datetime,
) -> None:
    """What Canvas says of it just now."""
    table = SIS_IMPORTS.c
    seen_now = {
        "workflow_state": workflow_state,
        "progress": progress,
        "counts": dict(counts),
        "seen_at": now,
    }
    with handle.writing() as seen:
        seen.update(SIS_IMPORTS, table.plan == plan, table.ordinal == ordinal, **seen_now)


def finished(
    handle: TenantStore, plan: str, ordinal: int, *, messages: str, now: datetime
) -> SisImport:
    """Canvas is done and all its messages are kept in this blob; the lane is free."""
    return _move(handle, plan, ordinal, ImportState.FINISHED, messages=messages, settled_at=now)


def withdrawn(
    handle: TenantStore, plan: str, ordinal: int, *, reason: str, now: datetime
) -> SisImport:
    """It is certain that Canvas does not have it; the lane is free."""
    return _move(handle, plan, ordinal, ImportState.WITHDRAWN, reason=reason, settled_at=now)


def lost(handle: TenantStore, plan: str, ordinal: int, *, reason: str, now: datetime) -> SisImport:
    """Nobody can tell whether Canvas has it; a person must look, and the lane is free."""
    return _move(handle, plan, ordinal, ImportState.LOST, reason=reason, settled_at=now)


def get(handle: TenantStore, plan: str, ordinal: int) -> SisImport:
    """One import; `NotFoundError` if the plan has none of that ordinal."""
    found = _find(handle, plan, ordinal)
    if found is None:
        raise NotFoundError(f"import {ordinal} of {plan} was never begun")
    return found


def of_plan(handle: TenantStore, plan: str) -> list[SisImport]:
    """The plan's imports, in the order they are sent."""
    with handle.reading() as seen:
        order = (SIS_IMPORTS.c.ordinal,)
        return seen.find(SisImport, SIS_IMPORTS, SIS_IMPORTS.c.plan == plan, order=order)


def _find(handle: TenantStore, plan: str, ordinal: int) -> SisImport | None:
    table = SIS_IMPORTS.c
    with handle.reading() as seen:
        return seen.first(SisImport, SIS_IMPORTS, table.plan == plan, table.ordinal == ordinal)


def _move(
    handle: TenantStore, plan: str, ordinal: int, to: ImportState, **values: Any
) -> SisImport:
    table = SIS_IMPORTS.c
    with handle.together() as tx, tx.writing() as seen:
        where = (table.plan == plan, table.ordinal == ordinal, table.state.in_(BEFORE[to]))
        moved = seen.update(SIS_IMPORTS, *where, state=to, **values)
        known = get(tx, plan, ordinal)
        if not moved and (
            known.state is not to
            or any(
                getattr(known, name) != value
                for name, value in values.items()
                if name in {"canvas_id", "messages"}
            )
        ):
            raise ConflictError(f"import {ordinal} of {plan} is {known.state}, and not {to}")
        return known
