"""Late, missing, and what the late policy takes off.

Facts: canvas-lms `Submission#late?`, `#missing?`, `app/models/late_policy.rb`.
"""

from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import Any, Protocol

STATUSES = ("late", "missing", "extended", "none")
INTERVALS = {"hour": 3600, "day": 86_400}
#: Work that is handed in outside Canvas, or not at all, is never missing by itself.
_NOT_EXPECTED = frozenset({"", "none", "not_graded", "on_paper", "external_tool"})


class Turned(Protocol):
    """What is looked at in a submission."""

    @property
    def late_policy_status(self) -> str | None: ...
    @property
    def seconds_late_override(self) -> int | None: ...
    @property
    def submitted_at(self) -> str | None: ...
    @property
    def excused(self) -> bool: ...
    @property
    def score(self) -> float | None: ...


def seconds_late(turned: Turned, due_at: str | None) -> int:
    """By how much it is late; 0 unless it is."""
    if turned.late_policy_status == "late" and turned.seconds_late_override is not None:
        return turned.seconds_late_override
    if turned.late_policy_status not in {None, "late"} or not (turned.submitted_at and due_at):
        return 0
    late = datetime.fromisoformat(turned.submitted_at) - datetime.fromisoformat(due_at)
    return max(0, int(late.total_seconds()))


def is_late(turned: Turned, due_at: str | None) -> bool:
    """Whether it counts as late."""
    if turned.excused:
        return False
    return turned.late_policy_status == "late" or (
        turned.late_policy_status is None and seconds_late(turned, due_at) > 0
    )


def is_missing(turned: Turned, due_at: str | None, submission_types: str, now: str) -> bool:
    """Whether it counts as missing."""
    if turned.excused:
        return False
    if turned.late_policy_status is not None:
        return turned.late_policy_status == "missing"
    expected = not _NOT_EXPECTED.issuperset(submission_types.split(","))
    past = due_at is not None and due_at < now
    return expected and past and turned.submitted_at is None and not turned.score


def deduction(
    entered: float, points: float, seconds: int, policy: Mapping[str, Any] | None
) -> float | None:
    """The points a late policy takes off a late score; None where it takes none."""
    if policy is None or not policy["late_submission_deduction_enabled"] or points <= 0:
        return None
    if seconds <= 0:
        return None
    steps = ceil(seconds / INTERVALS[policy["late_submission_interval"]])
    asked = policy["late_submission_deduction"] * steps
    percent = entered * 100 / points
    least = 0.0
    if policy["late_submission_minimum_percent_enabled"]:
        least = policy["late_submission_minimum_percent"]
    taken = min(asked, max(0.0, percent - least))
    return round(points * taken / 100, 2)


def missing_score(points: float, policy: Mapping[str, Any] | None) -> float | None:
    """The score a late policy gives missing work; None where it gives none."""
    if policy is None or not policy["missing_submission_deduction_enabled"]:
        return None
    return round(points * (100 - policy["missing_submission_deduction"]) / 100, 2)
