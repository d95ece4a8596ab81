"""Step 4, Transform Assignments: matching, checking, planning; and whether a person must say yes.

What a person approves is a plan they have seen. It is carried out by another run, which looks at both
sides again: what is still as it was shown is sent, a grade that has changed since waits for the next
sync, and where the assignments themselves have changed the approval is void and is asked for anew.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from rosterway.passback.categories import Association
from rosterway.passback.decide import plan_passback
from rosterway.passback.gradebook import Gradebook
from rosterway.passback.ledger import Entry, Key
from rosterway.passback.plan import (
    Deletion,
    Edit,
    LineItemPut,
    PassbackPlan,
    ResultPut,
    Withheld,
    digest_of,
)
from rosterway.passback.reconcile import Reconciliation, reconcile_course
from rosterway.passback.repair import repair
from rosterway.passback.terms import Selection, Terms
from rosterway.runs.grades import files
from rosterway.runs.grades.asked import Preview
from rosterway.runs.grades.course_grades import with_who_has_none
from rosterway.runs.grades.get_assignments import classes_wanted
from rosterway.runs.grades.sis import terms_of
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.stages import Stage
from rosterway.settings import Preview as SetPreview
from rosterway.store import associations, grade_plans, ledger
from rosterway.store.grade_plans import GradePlan, GradePlanState
from rosterway.store.walls import TenantStore

_Put = TypeVar("_Put", LineItemPut, ResultPut, Deletion)

#: Why a plan waits that no guard holds.
TO_BE_SEEN = "It was asked to be shown before anything is sent."


async def transform_assignments(sync: Syncing) -> PassbackPlan:
    """Make the plan and keep it with the run; if it must wait, it is on record as waiting."""
    sync.enter(Stage.TRANSFORM_ASSIGNMENTS)
    plan = _planned(sync)
    moved = ""
    approved = grade_plans.get(sync.handle, sync.asked.plan) if sync.asked.plan else None
    if approved is not None:
        shown = files.read(sync.handle, approved.run, files.PLAN, PassbackPlan)
        moved = what_moved(shown, plan)
        if not moved:
            plan = as_shown(shown, plan)
    waits = _why_it_waits(sync, plan, moved, is_approved=approved is not None)
    sync.leave(
        Stage.TRANSFORM_ASSIGNMENTS,
        files.PLAN,
        plan,
        # In one transaction: a plan must never be seen as one that waits for nobody.
        also=lambda tx: _record(sync, tx, plan, waits, approved),
        counts=msgspec.to_builtins(plan.counts),
    )
    return plan


def waiting(sync: Syncing) -> GradePlan | None:
    """The grade plan of this run that a person has not said yes to, or None."""
    found = next(iter(grade_plans.latest(sync.handle, run=sync.run.id, limit=1)), None)
    is_approved = found is not None and found.state in {
        GradePlanState.APPROVED,
        GradePlanState.CARRIED_OUT,
    }
    return None if is_approved else found


def may_overwrite(sync: Syncing, plan: PassbackPlan) -> bool:
    """Whether a person has said yes to overwriting what was changed in the SIS."""
    if sync.asked.repair:
        return sync.asked.overwrite
    return bool(plan.edits) and bool(sync.asked.plan or sync.asked.approved_by)


def entries_of(handle: TenantStore, course: str) -> dict[Key, Entry]:
    """The ledger of a course, by place."""
    return {entry.key: entry for entry in ledger.of_course(handle, course)}


def what_moved(shown: PassbackPlan, now: PassbackPlan) -> str:
    """What of an approved plan is no longer so and matters; "" if nothing is."""
    if (shown.endpoints, shown.version) != (now.endpoints, now.version):
        return "The way grades go to the SIS has been changed since it was shown."
    known = {(one.class_id, one.assignment): one for one in now.line_items}
    changed = [one for one in shown.line_items if known.get((one.class_id, one.assignment)) != one]
    if changed:
        count = len(changed)
        noun = "assignment is" if count == 1 else "assignments are"
        return f"{count:,} {noun} not as shown any more, in Canvas or in the SIS."
    return ""


def as_shown(shown: PassbackPlan, now: PassbackPlan) -> PassbackPlan:
    """What is still as it was shown, and nothing else: the rest goes with the next sync.

    A grade that somebody has changed in the SIS meanwhile is none that was shown.
    """
    unseen = {_place(one) for one in now.edits if one not in shown.edits}
    results = _both(now.results, shown.results)
    return _of(
        now,
        _both(now.line_items, shown.line_items),
        tuple(one for one in results if _place(one) not in unseen),
        _both(now.deletions, shown.deletions),
    )


def course_plan(
    sync: Syncing, terms: Terms, *, remaster: bool, selection: Selection | None = None
) -> PassbackPlan:
    """The plan of the course as both sides are by what this run has read."""
    gradebook = files.read(sync.handle, sync.run.id, files.TRANSFORMED, Gradebook)
    classes = files.read(sync.handle, sync.run.id, files.CLASSES, files.Classes)
    return plan_passback(
        gradebook,
        {one.class_id: one for one in classes},
        entries_of(sync.handle, sync.course),
        associations_of(sync.handle, sync.course),
        terms,
        now=sync.now(),
        selection=selection or Selection(),
        remaster=remaster,
    )


def associations_of(handle: TenantStore, course: str) -> tuple[Association, ...]:
    """A course's associations."""
    return tuple(
        Association(
            group=one.group,
            class_id=one.class_id,
            category_id=one.category_id,
            title=one.title,
            by=one.by,
            at=one.at,
        )
        for one in associations.of_course(handle, course)
    )


def reconciliation_of(sync: Syncing) -> Reconciliation:
    """Both sides of the course, compared by what this run has read."""
    classes = files.read(sync.handle, sync.run.id, files.CLASSES, files.Classes)
    return reconcile_course(
        files.read(sync.handle, sync.run.id, files.TRANSFORMED, Gradebook),
        {one.class_id: one for one in classes},
        entries_of(sync.handle, sync.course),
        associations_of(sync.handle, sync.course),
        terms_of(sync),
        now=sync.now(),
    )


def _planned(sync: Syncing) -> PassbackPlan:
    terms = terms_of(sync)
    if sync.asked.repair:
        return _repairing(sync, terms)
    plan = course_plan(sync, terms, remaster=sync.asked.remaster, selection=_selection(sync))
    plan = with_who_has_none(sync, plan)
    if not sync.asked.only:
        return plan
    wants = sync.asked.wants
    return _of(
        plan,
        tuple(one for one in plan.line_items if wants((one.class_id, one.assignment, ""))),
        tuple(one for one in plan.results if wants((one.class_id, one.assignment, one.user))),
        tuple(one for one in plan.deletions if wants((one.class_id, one.assignment, one.user))),
    )


def _repairing(sync: Syncing, terms: Terms) -> PassbackPlan:
    chosen = repair(
        reconciliation_of(sync),
        sync.asked.only,
        terms.caution.sis_edits,
        overwrite=sync.asked.overwrite,
    )
    left = tuple(
        Withheld(assignment=one.assignment, class_id=one.class_id, user=one.user, reason=one.reason)
        for one in chosen.left
    )
    plan = course_plan(sync, terms, remaster=True, selection=_selection(sync))
    made = _of(plan, chosen.line_items, chosen.results, chosen.deletions)
    return msgspec.structs.replace(made, withheld=left, holds=())


def _selection(sync: Syncing) -> Selection:
    asked = sync.asked
    classes: tuple[str, ...] | None = None
    if asked.sections or asked.only:
        gradebook = files.read(sync.handle, sync.run.id, files.TRANSFORMED, Gradebook)
        classes = tuple(classes_wanted(sync, gradebook))
    assignments = asked.assignments or tuple(dict.fromkeys(one for _, one, _ in asked.only))
    return Selection(assignments=assignments or None, classes=classes)


def _of(
    plan: PassbackPlan,
    line_items: tuple[LineItemPut, ...],
    results: tuple[ResultPut, ...],
    deletions: tuple[Deletion, ...],
) -> PassbackPlan:
    """A plan of a part of its puts, with the digest of that part."""
    puts = (*line_items, *results, *deletions)
    classes = {one.class_id for one in puts}
    counts = msgspec.structs.replace(
        plan.counts,
        line_items=len(line_items),
        new_line_items=sum(one.is_new for one in line_items),
        results=len(results),
        deletions=len(deletions),
    )
    return msgspec.structs.replace(
        plan,
        line_items=line_items,
        results=results,
        deletions=deletions,
        read_results=tuple(one for one in plan.read_results if one in classes),
        digest=digest_of(plan.course, plan.endpoints, plan.version, puts),
        counts=counts,
    )


def _both(now: tuple[_Put, ...], shown: tuple[_Put, ...]) -> tuple[_Put, ...]:
    seen: Mapping[Key, _Put] = {_place(one): one for one in shown}
    return tuple(one for one in now if seen.get(_place(one)) == one)


def _place(put: LineItemPut | ResultPut | Deletion | Edit) -> Key:
    user = "" if isinstance(put, LineItemPut) else put.user
    return (put.class_id, put.assignment, user)


def _why_it_waits(sync: Syncing, plan: PassbackPlan, moved: str, *, is_approved: bool) -> list[str]:
    if moved:
        return [f"What was approved is not so any more. {moved}"]
    if plan.is_empty or is_approved:
        return []
    if reasons := [one.message for one in plan.holds]:
        return reasons
    is_shown = SetPreview.ALWAYS is sync.grades.preview and not sync.asked.repair
    return [TO_BE_SEEN] if is_shown or sync.asked.preview is Preview.ALWAYS else []


def _record(
    sync: Syncing,
    tx: TenantStore,
    plan: PassbackPlan,
    waits: list[str],
    approved: GradePlan | None,
) -> None:
    """Put on record that the plan waits; whoever has said yes ahead has said so by name."""
    if not waits:
        return
    now = sync.now()
    if approved is not None:
        grade_plans.advance(tx, approved.id, GradePlanState.SUPERSEDED, reason=waits[0], now=now)
    made = grade_plans.record(
        tx,
        digest=plan.digest,
        course=sync.course,
        run=sync.run.id,
        summary={
            "why": waits,
            "counts": msgspec.to_builtins(plan.counts),
            "holds": msgspec.to_builtins(plan.holds),
        },
        now=now,
    )
    if sync.asked.approved_by and made.state is GradePlanState.WAITING:
        grade_plans.decide(
            tx,
            made.id,
            GradePlanState.APPROVED,
            operator=sync.asked.approved_by,
            reason="said yes when asking",
            now=now,
        )
