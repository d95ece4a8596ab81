"""Rounds, as the conductor sees them: when one is due, and which courses of it may go on.

A round may have thousands of courses. A few of a tenant are at work or next in line; the others wait
in the store, so that neither the engine nor a look at what is due grows with them. In a tenant's quiet
hours none of its grade runs is begun.
"""

from datetime import datetime
from functools import partial

from rosterway.runs.due import Due
from rosterway.runs.grades.asked import KINDS, ROUND
from rosterway.runs.grades.quiet import quiet_until
from rosterway.runs.grades.requests import request_round
from rosterway.runs.office import Office
from rosterway.store import conductor, runs
from rosterway.store.runs import Run, Trigger
from rosterway.store.walls import TenantStore

#: Courses of one tenant's round that are at work or next in line.
AT_ONCE = 8


class Rounds:
    """Of all tenants."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._due = Due(office.clock)

    def ask(self) -> None:
        """Ask for the rounds whose moment has come; of several that were missed, for one."""
        for tenant in self._office.settings.tenants.values():
            handle = self._office.store.tenant(tenant.key)
            self._due.ask(
                tenant.key,
                tenant.grades.schedule if tenant.grades else None,
                tenant.time_zone,
                asked_at=partial(runs.last_asked_at, handle, kind=ROUND),
                request=partial(_request, handle),
            )

    def allowed(self, unfinished: list[Run]) -> list[Run]:
        """The runs that may go on: of those that have not ended, and the next courses of rounds."""
        now, store = self._office.clock(), self._office.store
        found, hushed = list(unfinished), set[str]()
        for tenant in self._office.settings.tenants.values():
            if tenant.grades is None:
                continue
            if quiet_until(tenant, now, self._office.config_folder) is not None:
                hushed.add(tenant.key)
                continue
            going = sum(run.tenant == tenant.key and _is_of_round(run) for run in unfinished)
            if going < AT_ONCE:
                found += conductor.queued_courses(store, tenant.key, AT_ONCE - going)
        return [run for run in found if run.kind not in KINDS or run.tenant not in hushed]


def _request(handle: TenantStore, moment: datetime, now: datetime) -> None:
    request_round(handle, moment=moment, now=now)


def _is_of_round(run: Run) -> bool:
    return run.kind in KINDS and run.trigger is Trigger.SCHEDULE
