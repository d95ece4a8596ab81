"""An assignment's grades, a student each: what Canvas has, what the SIS has, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rosterway.console.access import Desk
from rosterway.console.grade_exchanges import places_with
from rosterway.console.grade_sides import Sides
from rosterway.console.grade_words import RESULTS, TO_BE_SENT
from rosterway.console.words import Said, Tone
from rosterway.passback.gradebook import Submission
from rosterway.passback.ledger import Key
from rosterway.passback.reasons import Reason
from rosterway.passback.told import number, value_of
from rosterway.runs.grades.outcomes import ResultOutcome

#: What stands where somebody may not look.
HIDDEN = "(hidden)"

_TONES = {Tone.BAD: 0, Tone.DOING: 1, Tone.QUIET: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One student's grade. `canvas` and `sis` are values in words, `answer` is the SIS's own.

    `causes` are what else may be behind the reason.
    """

    class_id: str
    section: str
    user: str
    sourced_id: str
    name: str
    canvas: str
    sis: str
    said: Said
    at: datetime | None
    reason: Reason | None
    answer: str
    causes: tuple[Reason, ...]
    has_exchange: bool


def results_told(desk: Desk, sides: Sides, assignment: str) -> list[Result]:
    """The grades of an assignment, those that need somebody first."""
    found = _results(desk, sides, assignment)
    return sorted(
        found, key=lambda one: (_TONES.get(one.said.tone, 3), one.section, one.name, one.user)
    )


def _results(desk: Desk, sides: Sides, assignment: str) -> Iterator[Result]:
    gradebook, plan = sides.gradebook, sides.plan
    students = {one.id: one for one in gradebook.students} if gradebook else {}
    submissions = {
        one.user: one
        for one in (gradebook.submissions if gradebook else ())
        if one.assignment == assignment
    }
    planned: dict[Key, Reason | None] = {}
    if plan is not None:
        planned |= {(one.class_id, one.assignment, one.user): None for one in plan.results}
        planned |= {(one.class_id, one.assignment, one.user): one.reason for one in plan.withheld}
    told = {(one.class_id, one.assignment, one.user): one for one in sides.posted.results}
    kept = places_with(desk, sides)
    for key in sorted({*sides.entries, *planned, *told}):
        class_id, of, user = key
        if of != assignment or not user:
            continue
        entry, became = sides.entries.get(key), told.get(key)
        reason = entry.reason if entry else None
        if key in planned:
            reason = planned[key]
            said = RESULTS[ResultOutcome.WITHHELD] if reason else TO_BE_SENT
        elif became is not None:
            said, reason = RESULTS[became.outcome], became.reason or reason
        elif entry is not None:
            said = RESULTS[entry.state]
        else:
            continue
        causes = became.causes if became else entry.causes if entry else ()
        student = students.get(user)
        sees = desk.sees_people
        yield Result(
            class_id=class_id,
            section=sides.sections[class_id].name if class_id in sides.sections else class_id,
            user=user,
            sourced_id=(student.sourced_id or "") if student else "",
            name=student.name if student is not None and sees else "",
            canvas=_in_canvas(submissions.get(user)) if sees else HIDDEN,
            sis=value_of(entry.result if entry else None) if sees else HIDDEN,
            said=said,
            at=entry.at if entry else None,
            reason=reason,
            answer=(became.answer if became else entry.answer if entry else "") if sees else "",
            causes=tuple(one for one in causes if one != reason) if key not in planned else (),
            has_exchange=sees and key in kept,
        )


def _in_canvas(submission: Submission | None) -> str:
    if submission is None:
        return "nothing"
    if submission.excused:
        return "excused"
    if submission.score is None:
        return "no grade"
    return number(submission.score)
