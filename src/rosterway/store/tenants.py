"""Tenants: the institutions served here. Their names are the walls' names."""

from dataclasses import dataclass
from datetime import datetime

from rosterway.errors import NotFoundError
from rosterway.store.store import Store
from rosterway.store.walls import TENANTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One institution: `title` is for people, `time_zone` what they read times in."""

    name: str
    title: str
    time_zone: str
    created_at: datetime


def put(store: Store, name: str, *, title: str, time_zone: str, now: datetime) -> Tenant:
    """Add a tenant and its folders, or change its title and zone."""
    store.home.add_tenant(name)
    with store.writing() as seen:
        added = seen.insert_new(
            TENANTS, name=name, title=title, time_zone=time_zone, created_at=now
        )
        if not added:
            seen.update(TENANTS, TENANTS.c.name == name, title=title, time_zone=time_zone)
    return get(store, name)


def get(store: Store, name: str) -> Tenant:
    """The tenant of this name; `NotFoundError` if there is none."""
    with store.reading() as seen:
        found = seen.first(Tenant, TENANTS, TENANTS.c.name == name)
    if found is None:
        raise NotFoundError(f'there is no tenant "{name}"')
    return found


def every(store: Store) -> list[Tenant]:
    """All tenants, by name."""
    with store.reading() as seen:
        return seen.find(Tenant, TENANTS, order=(TENANTS.c.name,))
