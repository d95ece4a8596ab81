"""Reconcile: both sides of a course read and compared, grade by grade; nothing is changed."""

from rosterway.passback.reconcile import Reconciliation
from rosterway.runs.grades import files
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.grades.transform_assignments import reconciliation_of
from rosterway.runs.stages import Stage


async def reconcile_course(sync: Syncing) -> Reconciliation:
    """Compare what this run has read, and keep what was found with it."""
    sync.enter(Stage.RECONCILE)
    found = reconciliation_of(sync)
    counts = {kind.value: count for kind, count in found.counts.items()}
    sync.leave(Stage.RECONCILE, files.RECONCILIATION, found, counts=counts)
    return found
