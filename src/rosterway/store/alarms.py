"""Alarms of feeds: raised once, kept while they last, and kept with their end when they are over."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index

from rosterway.store.columns import choice, instant, refers, tenant_table, text
from rosterway.store.ids import derived
from rosterway.store.walls import TenantStore


class AlarmKind(StrEnum):
    """What a feed is noticed for."""

    SILENT = "silent"  # nothing has come for longer than expected
    COUNTS = "counts"  # a table has more or fewer rows than usual


ALARMS = tenant_table(
    "alarms",
    text("id"),
    text("feed"),
    choice("kind", AlarmKind),
    text("about"),
    text("reason"),
    text("remedy"),
    instant("raised_at"),
    instant("cleared_at", null=True),
    refers(("feed",), "feeds", ("name",)),
    key=("id",),
)
Index(None, ALARMS.c.tenant, ALARMS.c.cleared_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm of a feed, `about` a table of it or all (blank); it lasts until `cleared_at`."""

    tenant: str
    id: str
    feed: str
    kind: AlarmKind
    about: str
    reason: str
    remedy: str
    raised_at: datetime
    cleared_at: datetime | None


def lasting(handle: TenantStore, feed: str | None = None) -> list[Alarm]:
    """The alarms that last, of all feeds or of one, by feed, kind and table."""
    table = ALARMS.c
    where = [table.cleared_at.is_(None)]
    where += [table.feed == feed] if feed is not None else []
    with handle.reading() as seen:
        order = (table.feed, table.kind, table.about)
        return seen.find(Alarm, ALARMS, *where, order=order)


def raise_alarm(
    handle: TenantStore,
    feed: str,
    kind: AlarmKind,
    about: str,
    *,
    reason: str,
    remedy: str,
    now: datetime,
) -> bool:
    """Raise an alarm; False if it lasts already, and then its reason is brought up to date."""
    same = (ALARMS.c.feed == feed, ALARMS.c.kind == kind, ALARMS.c.about == about)
    with handle.together() as tx, tx.writing() as seen:
        if seen.update(ALARMS, *same, ALARMS.c.cleared_at.is_(None), reason=reason, remedy=remedy):
            return False
        return seen.insert_new(
            ALARMS,
            id=derived("alarm", handle.name, feed, kind, about, now.isoformat()),
            feed=feed,
            kind=kind,
            about=about,
            reason=reason,
            remedy=remedy,
            raised_at=now,
        )


def clear(handle: TenantStore, alarm: Alarm, *, now: datetime) -> None:
    """Note that an alarm is over."""
    with handle.writing() as seen:
        seen.update(ALARMS, ALARMS.c.id == alarm.id, cleared_at=now)
