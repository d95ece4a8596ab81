"""Where a course's assignments are: in which classes, with which dates, and which are in none."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from rosterway.passback.gradebook import Assignment, Gradebook, IndividualDates, Placement, Student
from rosterway.passback.plan import Judgement, Verdict
from rosterway.passback.reasons import Reason, ReasonRule, Who
from rosterway.passback.terms import Selection

#: The assignments of each class, by the class's sourcedId.
Places = Mapping[str, Sequence[tuple[Assignment, Placement]]]

NO_SIS_SECTION = ReasonRule(
    code="no-sis-section",
    message="No section that has the assignment came from {sis}.",
    remedy="Assign it to a section that came from {sis}, or switch Sync to {sis} off.",
    source="canvas-sis.md 6.1",
)
CLASS_NOT_READ = ReasonRule(
    code="class-not-read",
    message="The class {class_id} could not be read from {sis}.",
    remedy="Look at the reading of the class in this sync, then sync again.",
    who=Who.SIS_ADMIN,
    source="instructure-integration.md 4",
)

CLASS_DELETED = ReasonRule(
    code="class-deleted",
    message="{sis} has marked the class {class_id} as deleted, so nothing is sent to it.",
    remedy="Ask for the class to be restored in {sis}, or take its section out of the course.",
    who=Who.SIS_ADMIN,
    source="oneroster.md 12",
)

#: Reasons that are found before a class is looked at.
COURSE_RULES: tuple[ReasonRule, ...] = (NO_SIS_SECTION, CLASS_NOT_READ, CLASS_DELETED)


def places_of(gradebook: Gradebook) -> Places:
    """The assignments of each class, with the dates of its first section that has them."""
    of_section = {one.id: one.class_id for one in gradebook.sections if one.class_id}
    placed: dict[str, dict[str, tuple[Assignment, Placement]]] = {
        class_id: {} for class_id in sorted(gradebook.classes())
    }
    for assignment in sorted(gradebook.assignments, key=lambda one: (len(one.id), one.id)):
        for place in placements_of(assignment, gradebook.students):
            class_id = of_section.get(place.section)
            if class_id is not None:
                placed[class_id].setdefault(assignment.id, (assignment, place))
    return {class_id: list(found.values()) for class_id, found in placed.items()}


def placements_of(assignment: Assignment, students: Iterable[Student]) -> tuple[Placement, ...]:
    """The sections that have an assignment; that for individuals only is in theirs.

    There it has the dates of that one of them who has longest: the SIS has one date for all.
    """
    if not assignment.only_individuals:
        return assignment.placements
    dates = {one.user: one for one in assignment.individual_dates}
    theirs: dict[str, list[IndividualDates]] = defaultdict(list)
    for student in students:
        if student.id in assignment.individuals:
            own = dates.get(student.id) or IndividualDates(user=student.id)
            for section in student.sections:
                theirs[section].append(own)
    last = {section: max(found, key=_due) for section, found in theirs.items()}
    return (
        *assignment.placements,
        *(
            Placement(
                section=section, due_at=one.due_at, unlock_at=one.unlock_at, lock_at=one.lock_at
            )
            for section, one in last.items()
        ),
    )


def _due(dates: IndividualDates) -> tuple[bool, datetime]:
    """In order of the due date, of which none is the first."""
    none = datetime.min.replace(tzinfo=UTC)
    return (dates.due_at is not None, dates.due_at or none)


def without_class(
    gradebook: Gradebook,
    placed: Places,
    selection: Selection,
) -> Iterator[Judgement]:
    """A verdict on each assignment that no section from the SIS has."""
    somewhere = {one.id for found in placed.values() for one, _ in found}
    if selection.classes is not None:
        return
    for one in gradebook.assignments:
        if one.id not in somewhere and selection.takes(one.id, ""):
            reason = NO_SIS_SECTION.of(sis=gradebook.settings.sis_name)
            yield _will_fail(one.id, "", reason)


def class_shut(
    gradebook: Gradebook,
    class_id: str,
    pairs: Iterable[tuple[Assignment, Placement]],
    selection: Selection,
    why: ReasonRule,
) -> Iterator[Judgement]:
    """A verdict on each assignment of a class that could not be read, or is deleted."""
    reason = why.of(class_id=class_id, sis=gradebook.settings.sis_name)
    for one, _ in pairs:
        if selection.takes(one.id, class_id):
            yield _will_fail(one.id, class_id, reason)


def _will_fail(assignment: str, class_id: str, reason: Reason) -> Judgement:
    return Judgement(
        assignment=assignment, class_id=class_id, verdict=Verdict.WILL_FAIL, reasons=(reason,)
    )
