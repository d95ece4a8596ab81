"""A submission becomes a result, or a reason for silence, by the provider's rule pack.

There is never a 0 that no teacher gave: the 0 that 1.1 forces stands beside a status that says it is
no grade (oneroster.md 9.3), and a score that a maximum or rounding would make 0 is withheld. The same
submission always becomes the same result. Leaves to `decide` what the SIS was told before.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from math import isfinite
from zoneinfo import ZoneInfo

from rosterway.formats.oneroster.gradebook import Result, ScoreScale
from rosterway.passback.days import day_at, write_moment
from rosterway.passback.gradebook import Submission, SubmissionState
from rosterway.passback.rules import (
    Bound,
    Cleared,
    Excused,
    Hidden,
    Letters,
    Missing,
    PassFail,
    Pending,
    Rounding,
    Rules,
    ScoreDate,
    Ungraded,
)
from rosterway.passback.silences import Silence
from rosterway.settings.shape import Version


class Status(StrEnum):
    """OneRoster's `scoreStatus`, spelt as it is: lower case, with spaces."""

    EXEMPT = "exempt"
    GRADED = "fully graded"
    NOT_SUBMITTED = "not submitted"
    PARTIAL = "partially graded"
    SUBMITTED = "submitted"


_ROUNDINGS = {
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.DOWN: ROUND_DOWN,
}

#: The grading types of Canvas that are letters.
LETTERS = frozenset({"letter_grade", "gpa_scale"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """What is the same for all results of an assignment in a class.

    `maximum` is what the line item declares. `letters` are those of its score scale in the SIS.
    `fallback` is the school's day a status is dated that Canvas has no date for, `earliest` the day
    the line item was assigned, here or in UTC: some refuse a score that is older.
    """

    class_id: str
    line_item_id: str
    grading_type: str
    maximum: float | None
    rules: Rules
    version: Version
    zone: ZoneInfo
    fallback: str
    earliest: str = ""
    scale_id: str | None = None
    letters: frozenset[str] = field(default_factory=frozenset[str])

    @property
    def is_1_1(self) -> bool:
        """Whether there are neither texts nor flags."""
        return self.version is Version.V1P1

    @property
    def needs_number(self) -> bool:
        """Whether every result must hold a score, a 0 where there is none."""
        return self.is_1_1 or self.rules.always_score


def result_of(
    submission: Submission, student: str, grading: Grading, sourced_id: str
) -> Result | Silence:
    """What the SIS is to be told of a submission; `student` is the student's sourcedId."""
    told = _told(submission, student, grading, sourced_id)
    if isinstance(told, Silence) or grading.rules.early_score is not Bound.REFUSE:
        return told
    return Silence.EARLY if _is_early(told.score_date or "", grading) else told


def _told(
    submission: Submission, student: str, grading: Grading, sourced_id: str
) -> Result | Silence:
    rules = grading.rules
    if submission.excused:
        if rules.excused is Excused.SKIP:
            return Silence.EXCUSED
        zero = 0.0 if rules.excused is Excused.EXEMPT_WITH_ZERO else None
        return _result(submission, student, grading, sourced_id, Status.EXEMPT, zero)
    if submission.state is SubmissionState.PENDING_REVIEW and rules.pending is Pending.SKIP:
        return Silence.PENDING
    is_told_as_missing = submission.missing and rules.missing is Missing.STATUS
    if _has_grade(submission) and not is_told_as_missing:
        return _graded(submission, student, grading, sourced_id)
    return _without_grade(submission, student, grading, sourced_id)


def _has_grade(submission: Submission) -> bool:
    return submission.score is not None or bool(submission.grade)


def _without_grade(
    submission: Submission, student: str, grading: Grading, sourced_id: str
) -> Result | Silence:
    rules = grading.rules
    if submission.missing:
        if rules.missing is Missing.SKIP:
            return Silence.MISSING
        return _result(submission, student, grading, sourced_id, Status.NOT_SUBMITTED)
    if submission.state in {SubmissionState.SUBMITTED, SubmissionState.PENDING_REVIEW}:
        if rules.ungraded is Ungraded.SUBMITTED:
            return _result(submission, student, grading, sourced_id, Status.SUBMITTED)
        return Silence.UNGRADED
    if rules.in_progress and not grading.is_1_1 and submission.submitted_at is None:
        return _result(
            submission, student, grading, sourced_id, Status.NOT_SUBMITTED, in_progress=True
        )
    return Silence.UNGRADED


def _graded(
    submission: Submission, student: str, grading: Grading, sourced_id: str
) -> Result | Silence:
    rules = grading.rules
    if submission.posted_at is None and rules.hidden is Hidden.SKIP:
        return Silence.HIDDEN
    text: str | None = None
    scale: str | None = None
    if grading.grading_type in LETTERS:
        if rules.letters is Letters.SKIP:
            return Silence.LETTER
        if rules.letters is Letters.SCALE and not grading.is_1_1:
            if not submission.grade or submission.grade not in grading.letters:
                return Silence.LETTER
            text, scale = submission.grade, grading.scale_id
    elif grading.grading_type == "pass_fail":
        if rules.pass_fail is PassFail.SKIP:
            return Silence.PASS_FAIL
        if rules.pass_fail is PassFail.TEXT and not grading.needs_number and submission.grade:
            return _result(
                submission,
                student,
                grading,
                sourced_id,
                _finished(submission),
                text=submission.grade,
            )
    score = submission.score
    told: float | Silence | None = None if score is None else in_bounds(score, grading)
    if isinstance(told, Silence):
        return told
    if told is None and (text is None or grading.needs_number):
        return Silence.NO_NUMBER
    return _result(
        submission,
        student,
        grading,
        sourced_id,
        _finished(submission),
        told,
        text=text,
        scale=scale,
    )


def _finished(submission: Submission) -> Status:
    is_pending = submission.state is SubmissionState.PENDING_REVIEW
    return Status.PARTIAL if is_pending else Status.GRADED


def in_bounds(score: float, grading: Grading) -> float | Silence:
    """The score as the provider takes it: rounded, and inside the bounds where it minds them."""
    rules = grading.rules
    if not isfinite(score):
        return Silence.NO_NUMBER
    if score < 0 and rules.below_zero is not Bound.ALLOW:
        return Silence.BELOW if rules.below_zero is Bound.REFUSE else 0.0
    maximum = grading.maximum
    is_over = maximum is not None and score > maximum and rules.over_maximum is not Bound.ALLOW
    if is_over and rules.over_maximum is Bound.REFUSE:
        return Silence.OVER
    told = _rounded(maximum if is_over and maximum is not None else score, maximum, rules)
    # A bound of nothing would turn what was earned into a 0, and so may rounding.
    if is_over and told <= 0:
        return Silence.OVER
    return Silence.ROUNDED if told == 0 and score != 0 else told


def _rounded(score: float, maximum: float | None, rules: Rules) -> float:
    """Rounded, but never by rounding alone from within the maximum to beyond it."""
    if rules.decimals is None:
        return score + 0.0  # which makes -0.0 a 0.0, and a whole number a float
    rounded = _quantized(score, rules.decimals, _ROUNDINGS[rules.rounding])
    if maximum is not None and score <= maximum < rounded:
        rounded = _quantized(score, rules.decimals, ROUND_DOWN)
    return rounded


def _quantized(score: float, decimals: int, rounding: str) -> float:
    return float(Decimal(repr(score)).quantize(Decimal(1).scaleb(-decimals), rounding)) + 0.0


def cleared_result(
    student: str, grading: Grading, sourced_id: str, had: Result | None = None
) -> Result:
    """What tells that there is no grade any more, where a result is not deleted."""
    flag = None if grading.is_1_1 or not grading.rules.flags else False
    return Result(
        sourced_id=sourced_id,
        line_item_id=grading.line_item_id,
        student_id=student,
        class_id=None if grading.is_1_1 else grading.class_id,
        score=0.0 if grading.needs_number else None,
        score_status=Status.NOT_SUBMITTED,
        score_date=(had.score_date if had else None) or grading.fallback,
        missing=flag,
        late=flag,
    )


def is_deleted_when_cleared(rules: Rules) -> bool:
    """Whether a cleared result is deleted: where that is wanted, and the provider can."""
    return rules.cleared is Cleared.DELETE and rules.deletes


def _result(
    submission: Submission,
    student: str,
    grading: Grading,
    sourced_id: str,
    status: Status,
    score: float | None = None,
    *,
    text: str | None = None,
    scale: str | None = None,
    in_progress: bool | None = None,
) -> Result:
    is_1_1 = grading.is_1_1
    rules = grading.rules
    has_flags = rules.flags and not is_1_1
    is_incomplete = grading.grading_type == "pass_fail" and submission.grade == "incomplete"
    return Result(
        sourced_id=sourced_id,
        line_item_id=grading.line_item_id,
        student_id=student,
        class_id=None if is_1_1 else grading.class_id,
        # Where a number is demanded, this one stands beside a status that says it is no grade.
        score=0.0 if score is None and grading.needs_number else score,
        text_score=text,
        score_status=status,
        score_date=_score_date(submission, grading),
        comment=_comment(submission, rules) if rules.comments else None,
        score_scale_id=scale,
        late=submission.late if has_flags else None,
        missing=submission.missing if has_flags else None,
        incomplete=True if has_flags and is_incomplete else None,
        in_progress=in_progress,
    )


def _score_date(submission: Submission, grading: Grading) -> str:
    moment: datetime | None = submission.graded_at or submission.submitted_at
    day = day_at(moment, grading.zone)
    is_exact = grading.rules.score_date is ScoreDate.MOMENT
    if moment is None or day is None:
        day = written = grading.fallback
    else:
        written = write_moment(moment) if is_exact else day
    is_early = _is_early(day, grading) or _is_early(written, grading)
    return grading.earliest if is_early and grading.rules.early_score is Bound.CLAMP else written


def _is_early(written: str, grading: Grading) -> bool:
    """Whether a date is before the day its line item was assigned, as it is written."""
    return written[:10] < grading.earliest


def _comment(submission: Submission, rules: Rules) -> str | None:
    comment = submission.comment
    longest = rules.comment_length
    if comment and longest is not None and len(comment) > longest:
        return f"{comment[: max(longest - 1, 0)].rstrip()}…"[:longest]
    return comment or None


def scale_for(letters: frozenset[str], scales: tuple[ScoreScale, ...] | None) -> ScoreScale | None:
    """The score scale a line item is graded by: the first that has all letters given, else any.

    One that lacks some of them still tells the others.
    """
    listed = sorted(scales or (), key=lambda one: one.sourced_id)
    if not listed:
        return None
    return max(listed, key=lambda one: len(letters & letters_of(one)))


def letters_of(scale: ScoreScale | None) -> frozenset[str]:
    """What can be written as a grade by a scale."""
    return frozenset(left for left, _ in scale.values) if scale else frozenset()
