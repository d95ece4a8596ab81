"""Edits: whether the SIS still has what it accepted, or somebody changed it there."""

from rosterway.formats.oneroster.gradebook import Result
from rosterway.passback.ledger import Entry
from rosterway.passback.match import Results
from rosterway.passback.plan import Edit, ResultPut
from rosterway.passback.scores import Status

#: Beside these statuses a score is no grade (oneroster.md 9.3).
_NO_GRADE = frozenset({Status.EXEMPT, Status.NOT_SUBMITTED, Status.SUBMITTED})

#: Scores nearer than this are one: providers keep floats as they like.
NEAR = 0.000_5


def value_of(result: Result | None) -> tuple[str, float | None, str]:
    """What a result says of the grade: exempt or not, the score, the text.

    A provider may call a graded result by another status (Blackbaud does), so only that counts
    which changes what a person reads.
    """
    if result is None or result.is_deleted:
        return ("none", None, "")
    status = result.score_status
    if status in _NO_GRADE:
        return ("exempt" if status == Status.EXEMPT else "none", None, "")
    if result.score is None and not result.text_score:
        return ("none", None, "")
    return ("grade", result.score, result.text_score or "")


def is_same(one: Result | None, other: Result | None) -> bool:
    """Whether two results say the same of the grade."""
    (kind, score, text), (other_kind, other_score, other_text) = value_of(one), value_of(other)
    if kind != other_kind:
        return False
    if score is None or other_score is None:
        return score is other_score and text == other_text
    return abs(score - other_score) < NEAR and (not text or not other_text or text == other_text)


def is_edited(told: Result | None, found: Result | None, wanted: Result | None) -> bool:
    """Whether the SIS has neither what it was told last nor what it is to be told now."""
    return told is not None and not is_same(found, told) and not is_same(found, wanted)


def edit_of(put: ResultPut, entry: Entry | None, results: Results) -> Edit | None:
    """What somebody changed in the SIS that this put would overwrite."""
    had = entry.result if entry is not None else None
    if entry is None or had is None or had.is_deleted:
        return None
    found = results.of(put.result.line_item_id, put.result.student_id, (entry.sourced_id,))
    if not is_edited(had, found, put.result):
        return None
    return Edit(
        assignment=put.assignment,
        class_id=put.class_id,
        user=put.user,
        told=had,
        found=found,
    )
