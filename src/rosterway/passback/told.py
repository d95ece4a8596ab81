"""What a result or a line item says, in words a teacher reads."""

from zoneinfo import ZoneInfo

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback.days import written_day

#: A status that goes without saying where there is a score.
_GRADED = "fully graded"
#: Statuses whose score is a filler: 1.1 has no result without a number (oneroster.md 9.3).
_NO_GRADE = frozenset({"exempt", "not submitted", "submitted"})


def number(value: float) -> str:
    """A number without needless zeros: 8.5, 10."""
    return f"{value:.10g}"


def is_grade(result: Result) -> bool:
    """Whether its score is a grade, rather than the filler beside a status that says otherwise."""
    return result.score is not None and result.score_status not in _NO_GRADE


def value_of(result: Result | None) -> str:
    """A result's value: `8.5`, `A`, `exempt`, `8.5, late`; `nothing` for None."""
    if result is None:
        return "nothing"
    parts: list[str] = []
    if result.text_score is not None:
        parts.append(result.text_score)
    elif is_grade(result) and result.score is not None:
        parts.append(number(result.score))
    if result.score_status != _GRADED or not parts:
        parts.append(result.score_status or "no status")
    flags = {"late": result.late, "missing": result.missing, "incomplete": result.incomplete}
    parts += [name for name, is_set in flags.items() if is_set]
    return ", ".join(parts)


def value_of_line_item(line_item: LineItem | None, zone: ZoneInfo) -> str:
    """A line item's value: `"Quiz 1", due 2026-10-01, 10 points`; `nothing` for None."""
    if line_item is None:
        return "nothing"
    day = written_day(line_item.due, zone)
    parts = [f'"{line_item.title}"', f"due {day}" if day else "without a due date"]
    if line_item.maximum is not None:
        parts.append(f"{number(line_item.maximum)} points")
    return ", ".join(parts)
