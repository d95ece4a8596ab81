"""What is told of one assignment's grades in one class: puts, deletions, and what is withheld.

Each student of the class is looked at once: what Canvas has, and what the ledger says the SIS was
told. Nothing is said of a student the SIS does not list, and what it was told of one who left stays.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rosterway.formats.oneroster.gradebook import Result
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.days import day_at
from rosterway.passback.gradebook import Gradebook, Student, Submission
from rosterway.passback.judge import Judged
from rosterway.passback.ledger import SETTLED, Entry, Key, fingerprint, is_unchanged
from rosterway.passback.plan import Deletion, Left, ResultPut, Withheld
from rosterway.passback.reasons import Reason, ReasonRule, Who
from rosterway.passback.rules import Cleared
from rosterway.passback.scores import (
    Grading,
    cleared_result,
    is_deleted_when_cleared,
    letters_of,
    result_of,
)
from rosterway.passback.silences import CLEARS, SILENCES, Silence
from rosterway.passback.terms import Terms
from rosterway.settings.shape import Endpoints

#: Why the SIS keeps what Canvas no longer has.
LEFT_RULES: tuple[ReasonRule, ...] = (
    ReasonRule(
        code="cleared-kept",
        message="The grade was taken back in Canvas, and the SIS keeps the one it has.",
        remedy="Take it out in the SIS by hand.",
        source="canvas-sis.md 6.4",
    ),
    ReasonRule(
        code="left-class",
        message="The student is no longer in the class, and the SIS keeps the grade.",
        source="users-and-pains.md 8",
    ),
    ReasonRule(
        code="withdrawn",
        message=(
            "The assignment was unpublished, deleted, unflagged or taken from the section, and the "
            "SIS keeps it."
        ),
        remedy="Delete it in the SIS by hand if it is not to count.",
        source="canvas-sis.md 6.4",
    ),
    ReasonRule(
        code="left-out",
        message="A transform or a setting of yours leaves it out, and the SIS keeps it.",
        remedy="Delete it in the SIS by hand if it is not to count.",
        who=Who.CANVAS_ADMIN,
        source="canvas-sis.md 6.4",
    ),
)
LEFT: Mapping[str, Reason] = {rule.code: rule.of() for rule in LEFT_RULES}


@dataclass(slots=True)
class Told:
    """What is said of the results of a class, gathered."""

    puts: list[ResultPut] = field(default_factory=list[ResultPut])
    deletions: list[Deletion] = field(default_factory=list[Deletion])
    withheld: list[Withheld] = field(default_factory=list[Withheld])
    left: list[Left] = field(default_factory=list[Left])
    unchanged: int = 0
    ungraded: int = 0

    def add(self, other: "Told") -> None:
        """Take in what is said of another assignment."""
        self.puts += other.puts
        self.deletions += other.deletions
        self.withheld += other.withheld
        self.left += other.left
        self.unchanged += other.unchanged
        self.ungraded += other.ungraded


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Who is in a class. `listed` None: the SIS did not list its students, so Canvas is believed."""

    class_id: str
    students: tuple[Student, ...]
    listed: frozenset[str] | None
    is_whole: bool  #: the gradebook holds all submissions, not only those that changed


def room_of(gradebook: Gradebook, of_class: ClassGradebook) -> Room:
    """Who is in a class: the students with an active enrollment in one of its sections.

    Whoever is there twice, under two ids of the SIS, is there as the one the SIS lists.
    """
    is_proven = of_class.students is not None and "students" not in of_class.incomplete
    known = frozenset(of_class.students or ())
    once: dict[str, Student] = {}
    for one in gradebook.students_in(of_class.class_id):
        had = once.setdefault(one.id, one)
        if had.sourced_id not in known and one.sourced_id in known:
            once[one.id] = one
    return Room(
        class_id=of_class.class_id,
        students=tuple(once.values()),
        listed=known if is_proven else None,
        is_whole=gradebook.since is None,
    )


def tell(
    judged: Judged,
    room: Room,
    of_class: ClassGradebook,
    submissions: Mapping[tuple[str, str], Submission],
    ledger: Mapping[Key, Entry],
    terms: Terms,
    *,
    now: datetime,
    remaster: bool,
    told: Told,
) -> None:
    """Add what is said of one assignment's grades to what is told of the class."""
    assignment, class_id = judged.pair.assignment.id, room.class_id
    grading = _grading(judged, of_class, terms, now)
    is_all = remaster or judged.is_new
    is_standard = terms.endpoints is Endpoints.STANDARD
    for student in room.students:
        user = student.id
        entry = ledger.get((class_id, assignment, user))
        submission = submissions.get((assignment, user))
        if submission is None:
            if room.is_whole and _has_told(entry):
                told.withheld.append(withheld(assignment, class_id, user, Silence.NOT_READ))
            elif room.is_whole:
                told.ungraded += 1
            continue
        # What was known of a line item's results went with it when it is made anew.
        sourced_id = entry.sourced_id if entry is not None and not judged.is_new else ""
        if not sourced_id and is_standard:
            sourced_id = terms.identity.result(assignment, class_id, user)
        result = result_of(submission, student.sourced_id or "", grading, sourced_id)
        if isinstance(result, Silence):
            if result not in CLEARS:
                told.withheld.append(withheld(assignment, class_id, user, result))
            elif (
                entry is not None and (_has_told(entry) or entry.is_in_doubt) and not judged.is_new
            ):
                _clear(told, entry, student, grading, sourced_id, remaster=remaster)
            else:
                told.ungraded += 1
            continue
        silence = _not_here(student, room)
        if silence is not None:
            told.withheld.append(withheld(assignment, class_id, user, silence))
        elif not is_all and _is_accepted(entry, result):
            told.unchanged += 1
        else:
            told.puts.append(
                ResultPut(
                    assignment=assignment,
                    class_id=class_id,
                    user=user,
                    result=result,
                    score=submission.score,
                )
            )


def left_behind(room: Room, entries: Iterable[Entry], judged: Iterable[str]) -> Iterator[Left]:
    """What the SIS was told of students who are no longer in the class, on assignments still synced."""
    here = {one.id for one in room.students}
    synced = frozenset(judged)
    for entry in entries:
        if (
            entry.user
            and entry.user not in here
            and entry.assignment in synced
            and _has_told(entry)
        ):
            yield Left(
                assignment=entry.assignment,
                class_id=entry.class_id,
                user=entry.user,
                reason=LEFT["left-class"],
            )


def _grading(judged: Judged, of_class: ClassGradebook, terms: Terms, now: datetime) -> Grading:
    line_item, assignment = judged.draft.line_item, judged.pair.assignment
    scale = next(
        (one for one in of_class.score_scales or () if one.sourced_id == line_item.score_scale_id),
        None,
    )
    return Grading(
        class_id=line_item.class_id,
        line_item_id=line_item.sourced_id,
        grading_type=assignment.grading_type,
        maximum=assignment.points_possible,
        rules=terms.rules,
        version=terms.version,
        zone=terms.zone,
        fallback=judged.draft.due or day_at(now, terms.zone) or "",
        # A SIS reads the day as it is written, or at the school.
        earliest=max(judged.draft.assigned or "", (line_item.assigned or "")[:10]),
        scale_id=line_item.score_scale_id,
        letters=letters_of(scale),
    )


def _has_told(entry: Entry | None) -> bool:
    """Whether the SIS has a result of ours."""
    return entry is not None and entry.result is not None and not entry.result.is_deleted


def _is_accepted(entry: Entry | None, result: Result) -> bool:
    return (
        entry is not None
        and entry.fingerprint != ""
        and entry.state in SETTLED
        and entry.fingerprint == fingerprint(result)
    )


def _not_here(student: Student, room: Room) -> Silence | None:
    if student.sourced_id is None:
        return Silence.NO_SIS_ID
    if room.listed is not None and student.sourced_id not in room.listed:
        return Silence.NOT_IN_CLASS
    return None


def _clear(
    told: Told,
    entry: Entry,
    student: Student,
    grading: Grading,
    sourced_id: str,
    *,
    remaster: bool,
) -> None:
    rules = grading.rules
    if rules.cleared is Cleared.KEEP:
        told.left.append(
            Left(
                assignment=entry.assignment,
                class_id=entry.class_id,
                user=entry.user,
                reason=LEFT["cleared-kept"],
            )
        )
        return
    had = entry.result
    sis_id = had.student_id if had is not None else student.sourced_id or ""
    if is_deleted_when_cleared(rules):
        told.deletions.append(
            Deletion(
                assignment=entry.assignment,
                class_id=entry.class_id,
                user=entry.user,
                sourced_id=sourced_id,
                line_item=grading.line_item_id,
                student=sis_id,
            )
        )
        return
    result = cleared_result(sis_id, grading, sourced_id, had)
    if not remaster and is_unchanged(entry, result):
        told.unchanged += 1
        return
    told.puts.append(
        ResultPut(
            assignment=entry.assignment,
            class_id=entry.class_id,
            user=entry.user,
            result=result,
            is_cleared=True,
        )
    )


def withheld(assignment: str, class_id: str, user: str, silence: Silence) -> Withheld:
    """A student's grade that is not told."""
    return Withheld(assignment=assignment, class_id=class_id, user=user, reason=SILENCES[silence])
