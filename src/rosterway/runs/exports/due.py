"""Grade exports, as the conductor sees them: when one is due."""

from rosterway.runs.exports.asked import request_export
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.schedules import latest_moment, next_moment
from rosterway.store import runs
from rosterway.store.runs import Trigger


class Exports:
    """Of all tenants. What is due before this was made is nobody's memory, unless one was made."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._since = office.clock()
        self._next = {
            (tenant.key, export): self._since
            for tenant in office.settings.tenants.values()
            for export in tenant.grade_exports
        }

    def ask(self) -> None:
        """Ask for the exports whose moment has come; of several that were missed, for one."""
        now = self._office.clock()
        for (key, name), due in self._next.items():
            tenant = self._office.tenant(key)
            schedule = tenant.grade_exports[name].schedule
            if schedule is None or now < due:
                continue
            handle = self._office.store.tenant(key)
            last = next(iter(runs.latest(handle, export=name, limit=1)), None)
            moment = latest_moment(schedule, tenant.time_zone, now)
            if moment > (last.requested_at if last else self._since):
                request_export(
                    handle, name, trigger=Trigger.SCHEDULE, occasion=moment.isoformat(), now=now
                )
                passing(Moment.RUN_REQUESTED)
            self._next[key, name] = next_moment(schedule, tenant.time_zone, now)
