"""Grade exports, as the conductor sees them: when one is due."""

from datetime import datetime
from functools import partial

from rosterway.runs.due import Due
from rosterway.runs.exports.asked import request_export
from rosterway.runs.office import Office
from rosterway.store import runs
from rosterway.store.runs import Trigger
from rosterway.store.walls import TenantStore


class Exports:
    """Of all tenants."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._due = Due(office.clock)

    def ask(self) -> None:
        """Ask for the exports whose moment has come; of several that were missed, for one."""
        for tenant in self._office.settings.tenants.values():
            handle = self._office.store.tenant(tenant.key)
            for name, export in tenant.grade_exports.items():
                self._due.ask(
                    (tenant.key, name),
                    export.schedule,
                    tenant.time_zone,
                    asked_at=partial(runs.last_asked_at, handle, export=name),
                    request=partial(_request, handle, name),
                )


def _request(handle: TenantStore, name: str, moment: datetime, now: datetime) -> None:
    request_export(handle, name, trigger=Trigger.SCHEDULE, occasion=moment.isoformat(), now=now)
