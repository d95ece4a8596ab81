"""Canvas's Grade Export report, `grade_export_csv`: what each of its columns is.

Its header is in the language of the Canvas account, so a column is known by its place. Three columns
are there only under settings of the account, and how many there are tells which
(instructure-integration.md S4; canvas-lms `grade_reports.rb`).
"""

from collections.abc import Sequence

_STUDENT = ("student_name", "student_id", "student_sis")
_INTEGRATION = ("student_integration",)
_WHERE = (
    *("course", "course_id", "course_sis"),
    *("section", "section_id", "section_sis"),
    *("term", "term_id", "term_sis"),
)
_SCORES = ("current_score", "final_score", "state", "unposted_current_score")
_GRADES = ("current_grade", "final_grade", "unposted_current_grade", "unposted_final_grade")


def _columns(*, integration: bool, overrides: bool) -> tuple[str, ...]:
    return (
        *_STUDENT,
        *(_INTEGRATION if integration else ()),
        *_WHERE,
        *_SCORES,
        "unposted_final_score",
        *(("override_score",) if overrides else ()),
        *_GRADES,
        *(("override_grade",) if overrides else ()),
    )


#: Every shape the report has, by how many columns it has.
SHAPES: dict[int, tuple[str, ...]] = {
    len(columns): columns
    for columns in (
        _columns(integration=integration, overrides=overrides)
        for integration in (False, True)
        for overrides in (False, True)
    )
}

#: Every column there may be, in order.
COLUMNS = _columns(integration=True, overrides=True)


def columns_of(header: Sequence[str]) -> tuple[str, ...] | None:
    """What the columns of a report with this header are; None if it is no report we know."""
    return SHAPES.get(len(header))
