"""What the conductor must see of all tenants at once, and nothing else.

Every function here looks over the walls, which is why they are few, named, and answer values that
carry their tenant. To act on what they answer, go through `Store.tenant`.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from rosterway.store import tenants
from rosterway.store.deliveries import DELIVERIES, Delivery
from rosterway.store.runs import EVERY_COURSE, RUNS, Run, Trigger
from rosterway.store.sis_imports import SIS_IMPORTS, SisImport
from rosterway.store.store import Store


def discard_unfinished_blobs(store: Store) -> int:
    """Remove what a crash left half-kept, before any door opens; how many files there were.

    For the owner of the home only.
    """
    found = tenants.every(store)
    return sum(store.tenant(tenant.name).blobs.discard_unfinished() for tenant in found)


def unfinished_runs(store: Store) -> list[Run]:
    """Every run that has not ended, the oldest request first, but for `queued_courses`."""
    table = RUNS.c
    chosen = select(RUNS).where(table.ended_at.is_(None), ~_is_queued_course())
    with store.database.reading() as connection:
        found = connection.execute(chosen.order_by(table.requested_at, table.tenant, table.id))
        return [Run(**row) for row in found.mappings()]


def queued_courses(store: Store, tenant: str, limit: int) -> list[Run]:
    """The first of a tenant's courses that a schedule has asked for and nobody has begun.

    There may be thousands of them; so they are taken up a few at a time.
    """
    table = RUNS.c
    chosen = select(RUNS).where(table.tenant == tenant, _is_queued_course()).limit(limit)
    with store.database.reading() as connection:
        found = connection.execute(chosen.order_by(table.requested_at, table.id))
        return [Run(**row) for row in found.mappings()]


def _is_queued_course() -> ColumnElement[bool]:
    table = RUNS.c
    is_scheduled = (table.trigger == Trigger.SCHEDULE) & table.course.is_not(None)
    is_waiting = table.ended_at.is_(None) & table.started_at.is_(None)
    # A comparison with nothing is not false but unknown, and so is its negation
    return is_scheduled & is_waiting & (func.coalesce(table.course, "") != EVERY_COURSE)


def expired_leases(store: Store, *, now: datetime) -> list[Run]:
    """Every run whose worker has let its lease run out: that worker is taken for dead."""
    table = RUNS.c
    chosen = select(RUNS).where(table.ended_at.is_(None), table.lease_until < now)
    with store.database.reading() as connection:
        found = connection.execute(chosen.order_by(table.lease_until, table.tenant, table.id))
        return [Run(**row) for row in found.mappings()]


def deliveries_without_run(store: Store) -> list[Delivery]:
    """Every delivery that no run has taken up, the oldest first: a crash may have come between."""
    table = DELIVERIES.c
    taken = select(RUNS.c.id).where(RUNS.c.tenant == table.tenant, RUNS.c.delivery == table.id)
    chosen = select(DELIVERIES).where(~taken.exists())
    with store.database.reading() as connection:
        found = connection.execute(chosen.order_by(table.received_at, table.tenant, table.id))
        return [Delivery(**row) for row in found.mappings()]


def unsettled_imports(store: Store, account: str | None = None) -> list[SisImport]:
    """Every SIS import that has its Canvas account's lane, or the one of this account."""
    table = SIS_IMPORTS.c
    chosen = select(SIS_IMPORTS).where(table.settled_at.is_(None))
    if account is not None:
        chosen = chosen.where(table.account == account)
    with store.database.reading() as connection:
        found = connection.execute(chosen.order_by(table.intended_at, table.tenant, table.plan))
        return [SisImport(**row) for row in found.mappings()]
