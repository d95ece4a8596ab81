"""Quiet hours: parts of the tenant's day in which nothing is sent to its SIS.

A run that comes into them ends its work there and is taken up afterwards; it keeps no place in a
queue meanwhile.
"""

from datetime import datetime, timedelta

from rosterway.errors import ThrottledError
from rosterway.runs.grades.syncing import Syncing
from rosterway.settings import Tenant

_MINUTE = timedelta(minutes=1)


class QuietHoursError(ThrottledError):
    """Nothing is sent just now."""

    code = "sis.quiet-hours"


def quiet_until(tenant: Tenant, now: datetime) -> datetime | None:
    """When a tenant's quiet hours end, in its own time; None: they are not on, or never end."""
    if tenant.grades is None or not tenant.grades.quiet:
        return None
    local = now.astimezone(tenant.time_zone)
    if not any(hours.has(local.time()) for hours in tenant.grades.quiet):
        return None
    moment = local.replace(second=0, microsecond=0)
    for _ in range(24 * 60):
        moment += _MINUTE
        if not any(hours.has(moment.time()) for hours in tenant.grades.quiet):
            return moment
    return None


def is_quiet(sync: Syncing) -> bool:
    """Whether nothing is sent just now."""
    return quiet_until(sync.tenant, sync.now()) is not None


def check(sync: Syncing) -> None:
    """Raise QuietHoursError while nothing is sent."""
    until = quiet_until(sync.tenant, sync.now())
    if until is not None:
        raise QuietHoursError(
            f"The SIS has its quiet hours; it goes on at {until:%H:%M}",
            system="sis",
            wait=(until - sync.now()).total_seconds(),
        )
