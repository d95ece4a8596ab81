"""Named moments between two durable facts, where a crash must lose nothing and repeat nothing.

The crash test ends the process at each of them, by name, from outside: with `ROSTERWAY_KILL_AT` set
the process kills itself there, once. Everywhere else passing a moment does nothing.
"""

import os
import signal
from enum import StrEnum

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
    GRADE_STEP_DONE = "grade-step-done"
    PUTS_INTENDED = "puts-intended"
    PUTS_ANSWERED = "puts-answered"
    PUTS_READ_BACK = "puts-read-back"


def passing(moment: Moment) -> None:
    """Pass a moment."""
    if os.environ.get(KILL_AT) == moment:
        os.kill(os.getpid(), signal.SIGKILL)
