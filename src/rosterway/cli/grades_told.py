"""What a grade sync will do, or has done, from what its run left, and as JSON: assignment by assignment.

Before a yes it is told from the plan, afterwards from what became of it; a preview's `sent` is what
would be sent.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rosterway.passback.plan import Judgement, PassbackPlan, Verdict
from rosterway.runs.grades import files
from rosterway.runs.grades.outcomes import (
    AssignmentOutcome,
    AssignmentTold,
    Posted,
    ResultOutcome,
    ResultTold,
)

if TYPE_CHECKING:
    from rosterway.passback.gradebook import Gradebook
    from rosterway.passback.reasons import Reason
    from rosterway.store.grade_plans import GradePlan
    from rosterway.store.runs import Run
    from rosterway.store.walls import TenantStore

#: What will become of an assignment -> the word of the contract for it.
_WILL_BE: Mapping[Verdict, AssignmentOutcome] = {
    Verdict.WILL_FAIL: AssignmentOutcome.WILL_FAIL,
    Verdict.ALTERED: AssignmentOutcome.ALTERED,
    Verdict.FINE: AssignmentOutcome.SENT,
    Verdict.UNCHANGED: AssignmentOutcome.UNCHANGED,
}
#: An assignment that goes differently in its classes is told by the first of these it meets.
_GRAVEST = (
    AssignmentOutcome.FAILED,
    AssignmentOutcome.WILL_FAIL,
    AssignmentOutcome.ALTERED,
    AssignmentOutcome.SENT,
    AssignmentOutcome.UNCHANGED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncTold:
    """A run with what it left: both None before it came so far. `waiting`: what asks for a yes.

    `names` are those of assignments and `sections` of the sections by class, as Canvas has them.
    """

    run: "Run"
    plan: PassbackPlan | None = None
    posted: Posted | None = None
    waiting: "GradePlan | None" = None
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    sections: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def places(self) -> tuple[Judgement, ...] | tuple[AssignmentTold, ...]:
        """Each assignment in each class: what became of it, or will."""
        if self.posted is not None:
            return self.posted.assignments
        return self.plan.judgements if self.plan is not None else ()


def sync_told(handle: "TenantStore", run: "Run") -> SyncTold:
    """What there is to tell of a run."""
    from rosterway.passback.gradebook import Gradebook
    from rosterway.store import grade_plans

    gradebook: Gradebook | None = None
    if files.has(handle, run.id, files.SNAPSHOT):
        gradebook = files.read(handle, run.id, files.SNAPSHOT, Gradebook)
    plan = posted = None
    if files.has(handle, run.id, files.PLAN):
        plan = files.read(handle, run.id, files.PLAN, PassbackPlan)
    if files.has(handle, run.id, files.POSTED):
        posted = files.read(handle, run.id, files.POSTED, Posted)
    waiting = grade_plans.latest(
        handle, run=run.id, state=grade_plans.GradePlanState.WAITING, limit=1
    )
    names, sections = names_in(gradebook)
    return SyncTold(
        run=run,
        plan=plan,
        posted=posted,
        waiting=waiting[0] if waiting else None,
        names=names,
        sections=sections,
    )


def names_in(gradebook: "Gradebook | None") -> tuple[dict[str, str], dict[str, str]]:
    """The names of assignments by id, and of sections by class."""
    if gradebook is None:
        return {}, {}
    return (
        {one.id: one.name for one in gradebook.assignments},
        {one.class_id: one.name for one in gradebook.sections if one.class_id},
    )


def reason_dict(reason: "Reason | None") -> dict[str, str] | None:
    """A reason as JSON has it."""
    if reason is None:
        return None
    return {
        "code": reason.code,
        "message": reason.message,
        "remedy": reason.remedy,
        "who": reason.who.value,
    }


def reason_dicts(reasons: "Iterable[Reason]") -> list[dict[str, str] | None]:
    """Reasons as JSON has them."""
    return [reason_dict(one) for one in reasons]


def sync_dict(told: SyncTold) -> dict[str, Any]:
    """A sync, as the contract of the command line has it."""
    by_assignment: dict[str, list[dict[str, Any]]] = {}
    for place in told.places:
        by_assignment.setdefault(place.assignment, []).append(_place_dict(place))
    run, waiting = told.run, told.waiting
    return {
        "run": run.id,
        "course": run.course,
        "outcome": run.outcome.value if run.outcome else None,
        "reason": run.reason,
        "digest": waiting.digest if waiting else None,
        "waits": list(waiting.summary["why"]) if waiting else [],
        "assignments": [
            _assignment_dict(assignment, told.names.get(assignment, ""), classes)
            for assignment, classes in by_assignment.items()
        ],
        "results": results_in(told),
        "failed": [_result_dict(one) for one in failed_in(told)],
    }


def results_in(told: SyncTold) -> dict[str, int]:
    """How many grades. `accepted` are of those `sent`, `verified` of those accepted.

    Where a SIS takes files and does not answer, those put into one are `written` instead.
    """
    posted, plan = told.posted, told.plan
    if posted is not None:
        verified = posted.count(ResultOutcome.VERIFIED)
        accepted = posted.count(ResultOutcome.ACCEPTED) + verified
        written = posted.count(ResultOutcome.WRITTEN)
        failed = posted.count(ResultOutcome.FAILED)
        sent, unchanged = accepted + written + failed, posted.unchanged
    else:
        accepted = verified = written = failed = 0
        sent = plan.counts.results + plan.counts.deletions if plan is not None else 0
        unchanged = plan.counts.unchanged_results if plan is not None else 0
    return {
        "sent": sent,
        "accepted": accepted,
        "verified": verified,
        "unchanged": unchanged,
        "failed": failed,
        **({"written": written} if written else {}),
    }


def failed_in(told: SyncTold) -> Iterator[ResultTold]:
    if told.posted is not None:
        yield from (one for one in told.posted.results if one.outcome is ResultOutcome.FAILED)


def _outcome(place: Judgement | AssignmentTold) -> AssignmentOutcome:
    return place.outcome if isinstance(place, AssignmentTold) else _WILL_BE[place.verdict]


def _place_dict(place: Judgement | AssignmentTold) -> dict[str, Any]:
    told: dict[str, Any] = {
        "class": place.class_id,
        "outcome": _outcome(place).value,
        "reasons": reason_dicts(place.reasons),
        "altered": [
            {"what": one.what, "before": one.before, "after": one.after}
            for one in place.alterations
        ],
    }
    if isinstance(place, Judgement):
        told["candidates"] = list(place.candidates)
        told["fixes"] = [
            {"kind": fix.kind.value, "before": fix.before, "after": fix.after}
            for fix in place.fixes
        ]
    else:
        told["line_item"] = place.sourced_id
        told["answer"] = place.answer
        told["causes"] = reason_dicts(place.causes)
    return told


def _assignment_dict(assignment: str, name: str, classes: list[dict[str, Any]]) -> dict[str, Any]:
    """An assignment as a whole: its gravest outcome, and why it came to that."""
    gravest = min(classes, key=lambda one: _GRAVEST.index(AssignmentOutcome(one["outcome"])))
    reasons = gravest["reasons"]
    return {
        "id": assignment,
        "outcome": gravest["outcome"],
        "reason": reasons[0]["message"] if reasons else None,
        "name": name,
        "classes": classes,
    }


def _result_dict(one: ResultTold) -> dict[str, Any]:
    return {
        "assignment": one.assignment,
        "class": one.class_id,
        "user": one.user,
        "outcome": one.outcome.value,
        "reason": reason_dict(one.reason),
        "answer": one.answer,
        "causes": reason_dicts(one.causes),
    }
