"""A course's gradebook becomes the plan of a grade sync.

Whatever is left out is said, with a reason and who can mend it; whatever is doubtful waits for a
person. The plan depends on its arguments alone: the same gradebooks, ledger and terms give the same
plan and digest, in whatever order they are read. Leaves to `finish` what only the SIS's answers tell.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from rosterway.passback.categories import Association
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.drafting import Course, Given, Pair, course_of
from rosterway.passback.edits import edit_of
from rosterway.passback.gradebook import (
    Assignment,
    Gradebook,
    Placement,
    Submission,
    SubmissionState,
)
from rosterway.passback.judge import Judged, judge_class
from rosterway.passback.ledger import Entry, Key, LinkedBy, is_unchanged
from rosterway.passback.match import MatchedBy, Results, results_of
from rosterway.passback.places import (
    CLASS_DELETED,
    CLASS_NOT_READ,
    class_shut,
    places_of,
    without_class,
)
from rosterway.passback.plan import Judgement, LineItemPut, PassbackPlan, Verdict
from rosterway.passback.rules import Letters
from rosterway.passback.silences import Silence
from rosterway.passback.sketch import Sketch, finished
from rosterway.passback.tell import Told, left_behind, room_of, tell, withheld
from rosterway.passback.terms import Selection, Terms
from rosterway.passback.withdrawn import withdraw
from rosterway.settings.shape import SisEdits


def plan_passback(
    gradebook: Gradebook,
    classes: Mapping[str, ClassGradebook],
    ledger: Mapping[Key, Entry],
    associations: Iterable[Association],
    terms: Terms,
    *,
    now: datetime,
    selection: Selection = Selection(),
    remaster: bool = False,
) -> PassbackPlan:
    """The plan of one course's sync.

    `classes` are the class gradebooks by sourcedId.
    `remaster` sends everything again and makes anew what was deleted in the SIS.
    """
    course = course_of(gradebook, associations, terms, now=now, remaster=remaster)
    submissions = {(one.assignment, one.user): one for one in gradebook.submissions}
    entries: dict[str, list[Entry]] = defaultdict(list)
    for entry in ledger.values():
        entries[entry.class_id].append(entry)
    making = Sketch()
    placed = places_of(gradebook)
    making.judgements += without_class(gradebook, placed, selection)
    for class_id, pairs in placed.items():
        of_class = classes.get(class_id)
        if of_class is None or of_class.is_deleted:
            why = CLASS_NOT_READ if of_class is None else CLASS_DELETED
            making.judgements += class_shut(gradebook, class_id, pairs, selection, why)
            continue
        _plan_class(
            making, course, of_class, pairs, submissions, ledger, entries[class_id], selection
        )
    # Of a course that is not published Canvas tells nothing, which is not that nothing is there.
    if gradebook.course.published:
        open_ones = {
            class_id: known
            for class_id, known in entries.items()
            if class_id not in classes or not classes[class_id].is_deleted
        }
        left_out = frozenset(gradebook.left_out)
        withdraw(making.told, placed, open_ones, terms, selection, left_out)
    # A sync of which nothing could be sent was none: the next one is still the first.
    is_first = not any(one.fingerprint or one.sent for one in ledger.values())
    return finished(making, gradebook, terms, now=now, is_first=is_first)


def _plan_class(
    making: Sketch,
    course: Course,
    of_class: ClassGradebook,
    placed: Iterable[tuple[Assignment, Placement]],
    submissions: Mapping[tuple[str, str], Submission],
    ledger: Mapping[Key, Entry],
    entries: Iterable[Entry],
    selection: Selection,
) -> None:
    class_id, terms = of_class.class_id, course.terms
    pairs = [Pair(one, place, ledger.get((class_id, one.id, ""))) for one, place in placed]
    linked = {one.sourced_id for one in entries if not one.user and one.sourced_id}
    room = room_of(course.gradebook, of_class)
    given = _given(course, {one.id for one in room.students})
    results = results_of(of_class)
    synced: list[str] = []
    for judged in judge_class(course, of_class, pairs, linked, given):
        assignment = judged.pair.assignment.id
        if not selection.takes(assignment, class_id):
            continue
        synced.append(assignment)
        if judged.reasons:
            making.judgements.append(_judgement(judged, Verdict.WILL_FAIL))
            continue
        is_kept = not course.remaster and not judged.is_new
        is_kept = is_kept and is_unchanged(judged.pair.entry, judged.draft.line_item)
        mine = Told()
        tell(
            judged,
            room,
            of_class,
            submissions,
            ledger,
            terms,
            now=course.now,
            remaster=course.remaster,
            told=mine,
        )
        if terms.caution.sis_edits is not SisEdits.OVERWRITE and of_class.results is not None:
            _heed_edits(making, mine, ledger, results, terms.caution.sis_edits)
        if is_kept:
            making.unchanged += 1
        else:
            making.line_items.append(_put(judged))
        making.adopted += judged.is_adopted
        if _must_read(judged, mine, ledger, terms):
            making.read_results.add(class_id)
        making.judgements.append(_judgement(judged, _verdict(judged, mine, is_kept=is_kept)))
        making.told.add(mine)
    making.told.left += left_behind(room, entries, synced)


def _given(course: Course, users: set[str]) -> Given:
    """The grades of a class, where the rules ask for them at all."""
    rules = course.terms.rules
    if not rules.needs_grade and rules.letters is not Letters.SCALE:
        return Given()
    graded: set[str] = set()
    letters: dict[str, set[str]] = defaultdict(set)
    for one in course.gradebook.submissions:
        if one.user not in users:
            continue
        if one.score is not None or (one.grade and one.state is SubmissionState.GRADED):
            graded.add(one.assignment)
        if one.grade:
            letters[one.assignment].add(one.grade)
    return Given(
        graded=frozenset(graded),
        letters={assignment: frozenset(found) for assignment, found in letters.items()},
    )


def _put(judged: Judged) -> LineItemPut:
    entry = judged.pair.entry
    linked_by = LinkedBy.ADOPTED if judged.is_adopted else LinkedBy.OURS
    if entry is not None and judged.match.by is MatchedBy.LINK:
        linked_by = entry.linked_by
    return LineItemPut(
        assignment=judged.pair.assignment.id,
        class_id=judged.draft.line_item.class_id,
        line_item=judged.draft.line_item,
        is_new=judged.is_new,
        linked_by=linked_by,
    )


def _must_read(judged: Judged, told: Told, ledger: Mapping[Key, Entry], terms: Terms) -> bool:
    """Whether the SIS's results must be seen before any is put.

    A result nobody told us of may be there already, unless the line item is only now made; and
    where edits are not to be overwritten, all that is known must be looked at again.
    """
    if judged.is_new and (judged.pair.entry is None or not judged.pair.entry.is_in_doubt):
        return False
    if terms.caution.sis_edits is not SisEdits.OVERWRITE and (told.puts or told.deletions):
        return True
    for put in (*told.puts, *told.deletions):
        entry = ledger.get((put.class_id, put.assignment, put.user))
        if entry is None or entry.is_in_doubt or not entry.sourced_id:
            return True
    return False


def _heed_edits(
    making: Sketch,
    told: Told,
    ledger: Mapping[Key, Entry],
    results: Results,
    policy: SisEdits,
) -> None:
    """Note what was changed in the SIS; where that is to be kept, it is not told anew."""
    edits = {
        put.user: edit
        for put in told.puts
        if (edit := edit_of(put, ledger.get((put.class_id, put.assignment, put.user)), results))
    }
    making.edits += edits.values()
    if policy is SisEdits.KEEP:
        told.puts = [put for put in told.puts if put.user not in edits]
        told.withheld += [
            withheld(edit.assignment, edit.class_id, edit.user, Silence.SIS_EDIT)
            for edit in edits.values()
        ]


def _verdict(judged: Judged, told: Told, *, is_kept: bool) -> Verdict:
    if is_kept and not (told.puts or told.deletions):
        return Verdict.UNCHANGED
    is_altered = not is_kept and judged.alterations
    is_altered = is_altered or any(one.is_altered for one in told.puts)
    return Verdict.ALTERED if is_altered else Verdict.FINE


def _judgement(judged: Judged, verdict: Verdict) -> Judgement:
    return Judgement(
        assignment=judged.pair.assignment.id,
        class_id=judged.draft.line_item.class_id,
        verdict=verdict,
        reasons=judged.reasons,
        alterations=judged.alterations,
        fixes=judged.fixes,
        matched_by=judged.match.by,
        candidates=tuple(sorted(one.sourced_id for one in judged.match.candidates)),
    )
