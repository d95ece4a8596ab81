"""What the conductor must see of all tenants at once, and nothing else.

Every function here looks over the walls, which is why they are few, named, and answer values that
carry their tenant. To act on what they answer, go through `Store.tenant`.
"""

from datetime import datetime

from sqlalchemy import select

from rosterway.store import tenants
from rosterway.store.deliveries import DELIVERIES, Delivery
from rosterway.store.runs import RUNS, Run
from rosterway.store.sis_imports import SIS_IMPORTS, SisImport
from rosterway.store.store import Store


def discard_unfinished_blobs(store: Store) -> int:
    """Remove what a crash left half-kept, before any door opens; how many files there were.

    For the owner of the home only.
    """
    found = tenants.every(store)
    return sum(store.tenant(tenant.name).blobs.discard_unfinished() for tenant in found)


def unfinished_runs(store: Store) -> list[Run]:
    """Every run that has not ended, the oldest request first."""
    table = RUNS.c
    chosen = select(RUNS).where(table.ended_at.is_(None))
    with store.database.reading() as connection:
        found = connection.execute(chosen.order_by(table.requested_at, table.tenant, table.id))
        return [Run(**row) for row in found.mappings()]


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
