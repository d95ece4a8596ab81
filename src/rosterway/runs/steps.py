"""What the roads of runs have in common whose steps can all be repeated: grades, and grade exports.

A road gives its next step and its end; how a run is taken up, held on to and given up is here.
(A roster's road differs: what it has sent must still be confirmed when it fails.)
"""

from collections.abc import Awaitable, Callable

from rosterway.errors import ConflictError, RosterwayError
from rosterway.runs.office import Office
from rosterway.runs.road import Then, disk_may_recover, said
from rosterway.store import runs
from rosterway.store.runs import Outcome, Run
from rosterway.store.walls import TenantStore

#: Does the next step of a run that is at hand.
Step = Callable[[TenantStore, Run], Awaitable[Then]]
#: Ends a run, with the reason.
End = Callable[[TenantStore, Run, Outcome, str], Awaitable[Then]]


async def advance(office: Office, tenant: str, run_id: str, step: Step, end: End) -> Then:
    """Do the next step of a run.

    An error that waiting may cure is raised, and a ConflictError if another worker has the run; any
    other error ends the run.
    """
    handle = office.store.tenant(tenant)
    run = runs.get(handle, run_id)
    if run.ended_at is not None:
        return Then.ENDED
    if not office.claim(handle, run):
        raise ConflictError(f"another worker has the run {run.id}")
    with disk_may_recover():
        try:
            return await step(handle, run)
        except RosterwayError as error:
            is_ours = office.claim(handle, run)
            if error.retry or not is_ours:
                raise
            return await end(handle, run, Outcome.FAILED, said(error))


async def give_up(
    office: Office, tenant: str, run_id: str, outcome: Outcome, reason: str, end: End
) -> Then:
    """End a run that cannot go on; one that has ended stays as it is."""
    handle = office.store.tenant(tenant)
    run = runs.get(handle, run_id)
    if run.ended_at is None:
        with disk_may_recover():
            return await end(handle, run, outcome, reason)
    return Then.ENDED
