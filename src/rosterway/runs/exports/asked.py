"""What asks for a grade export: a fact in the store, for which the conductor begins the work."""

from datetime import datetime

from rosterway.runs.office import APPLICATION_VERSION
from rosterway.store import runs
from rosterway.store.runs import Run, Trigger
from rosterway.store.walls import TenantStore

#: The kind of run.
GRADE_EXPORT = "grade-export"


def request_export(
    handle: TenantStore, export: str, *, trigger: Trigger, occasion: str = "", now: datetime
) -> Run:
    """Ask for a grade export to be made now; one that is under way is answered as it is."""
    with handle.together() as tx:
        for going in runs.latest(tx, export=export, unfinished=True, limit=1):
            return going
        return runs.request(
            tx,
            kind=GRADE_EXPORT,
            export=export,
            trigger=trigger,
            occasion=occasion or now.isoformat(),
            application_version=APPLICATION_VERSION,
            now=now,
        )
