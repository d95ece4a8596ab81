"""Named moments between two durable facts, where a crash must lose nothing and repeat nothing.

The crash test ends the process at each of them, by name, from outside: with `ROSTERWAY_KILL_AT` set
the process kills itself there, once. Everywhere else passing a moment does nothing.
"""

import os
import signal
from enum import StrEnum
from itertools import count

KILL_AT = "ROSTERWAY_KILL_AT"


class Moment(StrEnum):
    """Where a run may be cut off."""

    PULLED = "pulled"
    PULL_KEPT = "pull-kept"
    DELIVERY_SEALED = "delivery-sealed"
    RUN_REQUESTED = "run-requested"
    PLAN_CALCULATED = "plan-calculated"
    PLAN_RECORDED = "plan-recorded"
    LANE_ENTERED = "lane-entered"
    IMPORT_INTENDED = "import-intended"
    IMPORT_CREATED = "import-created"
    IMPORT_ACCEPTED = "import-accepted"
    IMPORT_FOLLOWED = "import-followed"
    IMPORT_FINISHED = "import-finished"
    PLAN_DELIVERED = "plan-delivered"
    ANSWER_JOINED = "answer-joined"
    BASELINE_ADVANCED = "baseline-advanced"
    RECEIPT_WRITTEN = "receipt-written"


class GradeMoment(StrEnum):
    """Where a run of grades may be cut off."""

    STEP_DONE = "grade-step-done"
    PUTS_INTENDED = "puts-intended"
    PUTS_ANSWERED = "puts-answered"
    PUTS_READ_BACK = "puts-read-back"


class ExportMoment(StrEnum):
    """Where a grade export may be cut off."""

    STEP_DONE = "export-step-done"


#: How often the moment was passed at which this process ends.
_passed = count(1)


def passing(moment: Moment | GradeMoment | ExportMoment) -> None:
    """Pass a moment. `puts-answered:3` in the environment means the third time it is passed."""
    wanted, _, time = os.environ.get(KILL_AT, "").partition(":")
    if wanted == moment and next(_passed) == int(time or 1):
        os.kill(os.getpid(), signal.SIGKILL)
