"""Canvas's gradebook beside the SIS's, per assignment and student, with every difference explained.

Guarantees: each place that either side has is told once, with both values in words; what is only in
the SIS is shown and has nothing to repair it with; what could not be read is called so, never
missing. What Canvas has to tell is a plan made as a remaster that overwrites edits, so that it holds
everything; what the SIS was told is the ledger.

Leaves to `repair` which differences are ended, and whose yes that takes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from rosterway.passback.categories import Association
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.comparing import compare_line_item, compare_result
from rosterway.passback.decide import plan_passback
from rosterway.passback.differences import UNKNOWN, WORDS, Difference, Kind
from rosterway.passback.gradebook import Gradebook
from rosterway.passback.ledger import Entry, Key
from rosterway.passback.plan import PassbackPlan
from rosterway.passback.sides import Sides, sides_of
from rosterway.passback.terms import Terms
from rosterway.passback.told import is_grade, value_of, value_of_line_item
from rosterway.settings.shape import SisEdits


class StudentTotal(msgspec.Struct, frozen=True, kw_only=True):
    """The points of one student's grades in one class, as each side has them."""

    class_id: str
    student_id: str
    canvas: float
    sis: float
    differences: int


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Both sides of a course, in order of class, assignment and user.

    `differences` holds every place, those that are the same among them; `totals` the students whose
    points or places differ; `counts` is by kind.
    """

    course: str
    differences: tuple[Difference, ...] = ()
    totals: tuple[StudentTotal, ...] = ()
    counts: dict[Kind, int] = {}

    def of(self, *kinds: Kind) -> tuple[Difference, ...]:
        """The places of these kinds."""
        return tuple(one for one in self.differences if one.kind in kinds)


def reconcile(
    gradebook: Gradebook,
    plan: PassbackPlan,
    classes: Iterable[ClassGradebook],
    entries: Iterable[Entry],
    zone: ZoneInfo,
) -> Reconciliation:
    """Compare both sides. `classes` are read with their results; `zone` is the school's.

    `plan` is as `reconcile_course` makes it, which is where to begin.
    """
    ledger = {one.key: one for one in entries}
    by_class = {one.class_id: one for one in classes}
    named = (*gradebook.classes(), *(key[0] for key in ledger), *by_class)
    differences: list[Difference] = []
    totals: list[StudentTotal] = []
    for class_id in dict.fromkeys(named):
        of_class = by_class.get(class_id) or ClassGradebook(class_id=class_id)
        found = tuple(_judged(sides_of(gradebook, plan, of_class, ledger), of_class, zone))
        differences += found
        totals += _totals(plan, of_class, found)
    differences.sort(key=lambda one: (one.key, one.sourced_id))
    counted = Counter(one.kind for one in differences)
    return Reconciliation(
        course=plan.course,
        differences=tuple(differences),
        totals=tuple(totals),
        counts={kind: counted[kind] for kind in Kind if counted[kind]},
    )


def reconcile_course(
    gradebook: Gradebook,
    classes: Mapping[str, ClassGradebook],
    ledger: Mapping[Key, Entry],
    associations: Iterable[Association],
    terms: Terms,
    *,
    now: datetime,
) -> Reconciliation:
    """Compare a course's gradebook with its classes, read with their results."""
    caution = msgspec.structs.replace(terms.caution, sis_edits=SisEdits.OVERWRITE)
    plan = plan_passback(
        gradebook,
        classes,
        ledger,
        associations,
        replace(terms, caution=caution),
        now=now,
        remaster=True,
    )
    return reconcile(gradebook, plan, classes.values(), ledger.values(), terms.zone)


def _judged(sides: Sides, of_class: ClassGradebook, zone: ZoneInfo) -> Iterator[Difference]:
    for item in sides.line_items:
        if difference := compare_line_item(item, zone):
            yield difference
    for result in sides.results:
        if difference := compare_result(result):
            yield difference
    graded = Counter(one.line_item_id for one in of_class.results or () if not one.is_deleted)
    for item in sides.unknown_items:
        results = f", with {graded[item.sourced_id]} results" if of_class.results else ""
        sis = f"{value_of_line_item(item, zone)}{results}"
        yield _only_in_sis(of_class.class_id, UNKNOWN, "", item.sourced_id, sis)
    for assignment, result in sides.unknown_results:
        yield _only_in_sis(
            of_class.class_id,
            assignment,
            UNKNOWN,
            result.sourced_id,
            value_of(result),
            result.student_id,
        )


def _only_in_sis(
    class_id: str, assignment: str, user: str, sourced_id: str, sis: str, student: str = ""
) -> Difference:
    return Difference(
        kind=Kind.ONLY_IN_SIS,
        class_id=class_id,
        assignment=assignment,
        user=user,
        student_id=student,
        sourced_id=sourced_id,
        canvas="nothing",
        sis=sis,
        message=WORDS[Kind.ONLY_IN_SIS].format(sis=sis),
    )


def _totals(
    plan: PassbackPlan, of_class: ClassGradebook, found: Iterable[Difference]
) -> Iterator[StudentTotal]:
    """The students of whom the two sides do not say the same."""
    canvas: defaultdict[str, float] = defaultdict(float)
    sis: defaultdict[str, float] = defaultdict(float)
    for put in plan.results:
        if put.class_id == of_class.class_id and is_grade(put.result):
            score = put.result.score if put.score is None else put.score
            canvas[put.result.student_id] += score or 0.0
    for one in of_class.results or ():
        if not one.is_deleted and is_grade(one):
            sis[one.student_id] += one.score or 0.0
    apart = Counter(one.student_id for one in found if one.student_id and one.kind is not Kind.SAME)
    for student in sorted({*canvas, *sis, *apart}):
        # Sums of tenths come back changed in their last binary digits.
        ours, theirs = round(canvas[student], 6), round(sis[student], 6)
        if apart[student] or ours != theirs:
            yield StudentTotal(
                class_id=of_class.class_id,
                student_id=student,
                canvas=ours,
                sis=theirs,
                differences=apart[student],
            )
