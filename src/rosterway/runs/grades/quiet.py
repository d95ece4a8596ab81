"""Quiet hours: parts of the tenant's day in which nothing is sent to its SIS.

They are those of the settings, else those of the SIS's profile, which is looked up once while a
program runs. A run that comes into them ends its work there and is taken up afterwards; it keeps no place in a
queue meanwhile.
"""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from rosterway.errors import ConfigError, ThrottledError
from rosterway.oneroster.profiles import FOLDER, profile
from rosterway.runs.grades.syncing import Syncing
from rosterway.settings import Hours, Tenant

_MINUTE = timedelta(minutes=1)


class QuietHoursError(ThrottledError):
    """Nothing is sent just now."""

    code = "sis.quiet-hours"


def quiet_hours(tenant: Tenant, config_folder: Path) -> tuple[Hours, ...]:
    """When nothing is sent to a tenant's SIS.

    A profile that cannot be used has no such hours; the run that needs it says what is wrong.
    """
    if tenant.grades is None:
        return ()
    if tenant.grades.quiet is not None:
        return tenant.grades.quiet
    if tenant.grades.connection is None:
        return ()
    name = tenant.connections[tenant.grades.connection].profile
    try:
        return _of_profile(name, config_folder)
    except ConfigError:
        return ()


@cache
def _of_profile(name: str, config_folder: Path) -> tuple[Hours, ...]:
    return profile(name, config_folder / FOLDER).passback.hours()


def quiet_until(tenant: Tenant, now: datetime, config_folder: Path) -> datetime | None:
    """When a tenant's quiet hours end, in its own time; None: they are not on, or never end."""
    quiet = quiet_hours(tenant, config_folder)
    if not quiet:
        return None
    local = now.astimezone(tenant.time_zone)
    if not any(hours.has(local.time()) for hours in quiet):
        return None
    moment = local.replace(second=0, microsecond=0)
    for _ in range(24 * 60):
        moment += _MINUTE
        if not any(hours.has(moment.time()) for hours in quiet):
            return moment
    return None


def is_quiet(sync: Syncing) -> bool:
    """Whether nothing is sent just now."""
    return _until(sync) is not None


def check(sync: Syncing) -> None:
    """Raise QuietHoursError while nothing is sent."""
    until = _until(sync)
    if until is not None:
        raise QuietHoursError(
            f"The SIS has its quiet hours; it goes on at {until:%H:%M}",
            system="sis",
            wait=(until - sync.now()).total_seconds(),
        )


def _until(sync: Syncing) -> datetime | None:
    return quiet_until(sync.tenant, sync.now(), sync.office.config_folder)
