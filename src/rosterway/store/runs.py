"""Runs: one execution each, from what set it off to how it ended.

The durable engine knows which step a run is in; what people see of it is here. A run is claimed,
kept and ended by conditional updates, so whoever comes second learns it (`ConflictError`, or
False).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index

from rosterway.errors import ConflictError, NotFoundError
from rosterway.store.columns import choice, instant, refers, tenant_table, text
from rosterway.store.ids import derived
from rosterway.store.walls import Condition, TenantStore


class Trigger(StrEnum):
    """What set a run off."""

    SEALED = "sealed"
    SCHEDULE = "schedule"
    APPROVAL = "approval"
    HAND = "hand"


class Outcome(StrEnum):
    """How a run ended."""

    DELIVERED = "delivered"
    PARTLY = "partly"  # delivered, but Canvas refused rows, or the SIS grades
    NOTHING = "nothing"  # there was nothing to send
    HELD = "held"
    REFUSED = "refused"  # what arrived cannot be used
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"
    FAILED = "failed"  # another system said no
    CRASHED = "crashed"  # a bug of ours


#: Stands for all courses where a course's Canvas id is asked for.
EVERY_COURSE = "*"

RUNS = tenant_table(
    "runs",
    text("id"),
    text("kind"),
    text("feed", null=True),
    text("course", null=True),
    text("export", null=True),
    text("delivery", null=True),
    text("plan", null=True),
    choice("trigger", Trigger),
    instant("requested_at"),
    instant("started_at", null=True),
    instant("ended_at", null=True),
    text("stage", null=True),
    choice("outcome", Outcome, null=True),
    text("reason"),
    text("application_version"),
    text("worker", null=True),
    instant("lease_until", null=True),
    refers(("feed",), "feeds", ("name",)),
    refers(("delivery",), "deliveries", ("id",)),
    key=("id",),
)
Index(None, RUNS.c.tenant, RUNS.c.requested_at)
Index(None, RUNS.c.tenant, RUNS.c.feed, RUNS.c.requested_at)
Index(None, RUNS.c.tenant, RUNS.c.delivery)
Index(None, RUNS.c.tenant, RUNS.c.course, RUNS.c.requested_at)
Index(None, RUNS.c.tenant, RUNS.c.export, RUNS.c.requested_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run.

    `kind` is the workflow (roster, deliver, grades, …). It is about a `feed`, about the grades of a
    `course` (Canvas's id), or about the grade `export` of this name. `plan` is the id of the roster
    plan it made or carries out, `stage` where it is or was last, `outcome` None while it goes on.
    `worker` may act on it until `lease_until`.
    """

    tenant: str
    id: str
    kind: str
    feed: str | None
    course: str | None
    export: str | None
    delivery: str | None
    plan: str | None
    trigger: Trigger
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    stage: str | None
    outcome: Outcome | None
    reason: str
    application_version: str
    worker: str | None
    lease_until: datetime | None

    @property
    def roster(self) -> str:
        """The feed of a run that has one, as every run about a roster does."""
        if self.feed is None:
            raise TypeError(f"the run {self.id} is about no feed")
        return self.feed

    @property
    def subject(self) -> str:
        """What it is about, for people and logs: the feed's name, or `course 123`."""
        if self.feed is not None:
            return self.feed
        if self.export is not None:
            return f"grade export {self.export}"
        return "every course" if self.course == EVERY_COURSE else f"course {self.course}"


def request(
    handle: TenantStore,
    *,
    kind: str,
    feed: str | None = None,
    course: str | None = None,
    export: str | None = None,
    delivery: str | None = None,
    plan: str | None = None,
    trigger: Trigger,
    occasion: str,
    application_version: str,
    now: datetime,
) -> Run:
    """Record that a run is wanted; the same request again is the same run.

    `occasion` tells two runs about the same thing apart: the schedule's moment, the number of an
    approval, or what a person's request is known by.
    """
    about = feed or (f"grade export {export}" if export else f"course {course}")
    run = derived("run", handle.name, kind, about, delivery or "", plan or "", trigger, occasion)
    with handle.together() as tx, tx.writing() as seen:
        seen.insert_new(
            RUNS,
            id=run,
            kind=kind,
            feed=feed,
            course=course,
            export=export,
            delivery=delivery,
            plan=plan,
            trigger=trigger,
            requested_at=now,
            reason="",
            application_version=application_version,
        )
        return get(tx, run)


def get(handle: TenantStore, run: str) -> Run:
    """The run of this id; `NotFoundError` if there is none."""
    with handle.reading() as seen:
        found = seen.first(Run, RUNS, RUNS.c.id == run)
    if found is None:
        raise NotFoundError(f'there is no run "{run}"', remedy="look at `rosterway run list`")
    return found


def latest(
    handle: TenantStore,
    *,
    feed: str | None = None,
    course: str | None = None,
    export: str | None = None,
    kind: str | None = None,
    delivery: str | None = None,
    outcome: Outcome | None = None,
    unfinished: bool = False,
    before: Run | None = None,
    limit: int = 50,
) -> list[Run]:
    """Runs that meet all of these, the latest first; `before` one of them gives the next page."""
    table = RUNS.c
    where: list[Condition] = []
    wanted = (
        (table.feed, feed),
        (table.course, course),
        (table.export, export),
        (table.kind, kind),
        (table.delivery, delivery),
        (table.outcome, outcome),
    )
    where += [column == value for column, value in wanted if value]
    if unfinished:
        where.append(table.ended_at.is_(None))
    if before is not None:
        earlier = table.requested_at < before.requested_at
        same = (table.requested_at == before.requested_at) & (table.id < before.id)
        where.append(earlier | same)
    order = (table.requested_at.desc(), table.id.desc())
    with handle.reading() as seen:
        return seen.find(Run, RUNS, *where, order=order, limit=limit)


def last_asked_at(
    handle: TenantStore, *, export: str | None = None, kind: str | None = None
) -> datetime | None:
    """When the latest run of a grade export, or of a kind, was asked for; None if none ever was."""
    found = latest(handle, export=export, kind=kind, limit=1)
    return found[0].requested_at if found else None


def claim(handle: TenantStore, run: str, *, worker: str, now: datetime, until: datetime) -> bool:
    """Take or prolong the lease; False if another worker's still holds, or the run has ended."""
    table = RUNS.c
    free = table.worker.is_(None) | (table.worker == worker) | (table.lease_until < now)
    with handle.writing() as seen:
        lease: dict[str, Any] = {"worker": worker, "lease_until": until}
        return seen.update(RUNS, table.id == run, table.ended_at.is_(None), free, **lease) == 1


def holds_lease(handle: TenantStore, run: str, *, worker: str, now: datetime) -> bool:
    """Whether this worker may act on the run: to be asked before every outside effect."""
    table = RUNS.c
    with handle.reading() as seen:
        return (
            seen.count(
                RUNS,
                table.id == run,
                table.worker == worker,
                table.lease_until >= now,
                table.ended_at.is_(None),
            )
            == 1
        )


def takes(handle: TenantStore, run: str, delivery: str) -> None:
    """Note which delivery the run brought about; it has one at most."""
    with handle.writing() as seen:
        if not seen.update(RUNS, RUNS.c.id == run, RUNS.c.delivery.is_(None), delivery=delivery):
            raise ConflictError(f'run "{run}" has a delivery already, or there is none')


def carries(handle: TenantStore, run: str, plan: str) -> None:
    """Note which plan the run made."""
    with handle.writing() as seen:
        if not seen.update(RUNS, RUNS.c.id == run, plan=plan):
            raise NotFoundError(f'there is no run "{run}"')


def end(handle: TenantStore, run: str, *, outcome: Outcome, reason: str = "", now: datetime) -> Run:
    """End a run; again with the same outcome is nothing new, with another a `ConflictError`."""
    with handle.together() as tx, tx.writing() as seen:
        ended = {"ended_at": now, "outcome": outcome, "reason": reason, "lease_until": None}
        seen.update(RUNS, RUNS.c.id == run, RUNS.c.ended_at.is_(None), **ended)
        found = get(tx, run)
        if found.outcome is not outcome:
            raise ConflictError(f'run "{run}" has ended as {found.outcome} already')
        return found
