"""A posted grade to points, and points to a grade as the gradebook shows it.

Facts: canvas-lms `Assignment#interpret_grade`, `#grade_to_score`, `#score_to_grade`,
`GradingStandard`; Canvas API docs, `submission[posted_grade]`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

Scheme = Sequence[tuple[str, float]]

#: Canvas's own scheme: name and lowest share, best first.
DEFAULT_SCHEME: Scheme = (
    ("A", 0.94),
    ("A-", 0.90),
    ("B+", 0.87),
    ("B", 0.84),
    ("B-", 0.80),
    ("C+", 0.77),
    ("C", 0.74),
    ("C-", 0.70),
    ("D+", 0.67),
    ("D", 0.64),
    ("D-", 0.61),
    ("F", 0.0),
)

GRADING_TYPES = ("points", "percent", "letter_grade", "gpa_scale", "pass_fail", "not_graded")
_BY_SCHEME = ("letter_grade", "gpa_scale")
_PERCENT = re.compile(r"[+-]?\d*\.?\d+%")
_POINTS = re.compile(r"[+-]?\d*\.?\d+")
_PASSED = ("pass", "complete")
_FAILED = ("fail", "incomplete")


@dataclass(frozen=True, slots=True)
class Grading:
    """How an assignment is graded; `scheme` where its type needs one."""

    grading_type: str
    points_possible: float | None
    scheme: Scheme = DEFAULT_SCHEME

    @property
    def points(self) -> float:
        """The points possible; none counts as zero."""
        return self.points_possible or 0.0


def score_of(posted: str, grading: Grading) -> float | None:
    """The points a posted grade is worth; None for a blank and for what cannot be read."""
    grade = posted.strip()
    if not grade or grading.grading_type == "not_graded":
        return None
    score = _interpreted(grade, grading)
    if score is not None and grading.grading_type == "pass_fail":
        # Nothing in between: full points, or none.
        return score if score in (0.0, grading.points) else None
    return score


def grade_of(score: float | None, grading: Grading, posted: str | None = None) -> str | None:
    """The grade as shown; `posted` decides where the assignment is worth no points."""
    if score is None:
        return None
    points = grading.points
    match grading.grading_type:
        case "percent":
            return f"{_plain(score * 100 / points if points else score)}%"
        case "pass_fail":
            passed = score > 0 if points else (posted or "").lower() in _PASSED
            return "complete" if passed else "incomplete"
        case "letter_grade" | "gpa_scale":
            if not points:
                named = [
                    name for name, _ in grading.scheme if name.lower() == (posted or "").lower()
                ]
                return named[0] if named else _plain(score)
            return letter(score * 100 / points, grading.scheme)
        case "not_graded":
            return None
        case _:
            return _plain(score)


def letter(percent: float, scheme: Scheme) -> str:
    """The grade of a scheme that a percentage reaches."""
    reached = round(percent, 4)
    return next(
        (name for name, lowest in scheme if reached >= round(lowest * 100, 4)), scheme[-1][0]
    )


def _interpreted(grade: str, grading: Grading) -> float | None:
    if _PERCENT.fullmatch(grade):
        return grading.points * float(grade[:-1]) / 100
    if _POINTS.fullmatch(grade):
        named = _share(grade, grading)
        return float(grade) if named is None else grading.points * named / 100
    if grade.lower() in _PASSED:
        return grading.points
    if grade.lower() in _FAILED:
        return 0.0
    named = _share(grade, grading)
    return None if named is None else round(grading.points * named / 100, 4)


def _share(grade: str, grading: Grading) -> float | None:
    """The percentage a scheme's grade is worth: the high end of its range."""
    if grading.grading_type not in _BY_SCHEME:
        return None
    names = [name.lower() for name, _ in grading.scheme]
    if grade.lower() not in names:
        return None
    at = names.index(grade.lower())
    if at == 0:
        return 100.0
    above, own = (grading.scheme[at - 1][1] * 100, grading.scheme[at][1] * 100)
    step = 1.0 if above - own > 1 else 0.1
    return round(above - step, 4)


def _plain(value: float) -> str:
    """A number with two decimals at most, and none it does not need."""
    return f"{round(value, 2):.2f}".rstrip("0").rstrip(".")
