"""The cells of enrollments, and the rules that fill them (S9)."""

from collections.abc import Callable

from rosterway.rostering import sql
from rosterway.rostering.translate.cells import CanvasTable, Cell, Rule, begins, ends
from rosterway.rostering.translate.policy import EnrollmentDates, TranslationPolicy

_SENDS = 'enrollments.dates = "send" or "own"'


def _sends_dates(policy: TranslationPolicy) -> bool:
    return policy.enrollments.dates is not EnrollmentDates.NONE


def _own_only(policy: TranslationPolicy) -> bool:
    return policy.enrollments.dates is EnrollmentDates.OWN


_OF_TERM = 'begins IS NOT DISTINCT FROM "term.first" AND after IS NOT DISTINCT FROM "term.after"'


def _date(column: str, cell: str, value: Callable[[TranslationPolicy], str], what: str) -> Cell:
    """Canvas heeds a date only together with the other: both are sent or neither."""
    own, term = f"enrollment.{column}", {"begins": "term.first", "after": "term.after"}[cell]
    return Cell(
        {"begins": "start_date", "after": "end_date"}[cell],
        (
            Rule(
                f"{what}-of-term",
                "The dates are the term's, which Canvas knows.",
                "NULL",
                (own, term),
                when=_OF_TERM,
                chosen=_own_only,
                choice='enrollments.dates = "own"',
            ),
            Rule(
                f"{what}-incomplete",
                "Canvas heeds a date only together with the other, and one is not known.",
                "NULL",
                ("enrollment.beginDate", "enrollment.endDate", term),
                when="begins IS NULL OR after IS NULL",
                chosen=_sends_dates,
                choice=_SENDS,
            ),
            Rule(
                f"{what}-filled",
                "The date is missing, or the dates are the wrong way round: the term's.",
                value,
                (own, term),
                when=f'"{own}" IS NULL OR is_backward',
                chosen=_sends_dates,
                choice=_SENDS,
            ),
            Rule(
                f"{what}-own",
                "The enrollment's own date."
                if cell == "begins"
                else "The last second before the enrollment's own end date, which OneRoster excludes.",
                value,
                (own,),
                chosen=_sends_dates,
                choice=_SENDS,
            ),
        ),
    )


_ENROLLMENTS_BASE = "SELECT * FROM tr_enrollments_today"

ENROLLMENTS = CanvasTable(
    name="enrollments",
    comes_from="the current enrollment of a person in a class",
    made_of=("enrollments",),
    base=_ENROLLMENTS_BASE,
    key=("class.sourcedId", "user.id", "role"),
    records=("enrollment.sourcedId",),
    cells=(
        Cell(
            "section_id",
            (
                Rule(
                    "class-is-section",
                    "The sourcedId of the class.",
                    '"class.sourcedId"',
                    ("class.sourcedId",),
                ),
            ),
        ),
        Cell(
            "user_id",
            (
                Rule(
                    "id-of-user",
                    "The id of the person the record belongs to.",
                    '"user.id"',
                    ("user.sourcedId",),
                ),
            ),
        ),
        Cell(
            "role",
            (
                Rule(
                    "aide-by-user-role",
                    "A proctor who is an aide as a user: what `enrollments.roles` says of aides.",
                    "role",
                    ("enrollment.role",),
                    when='"role.read" <> "enrollment.role"',
                    chosen=lambda policy: policy.enrollments.aides_by_user_role,
                    choice="enrollments.aides_by_user_role = true",
                ),
                Rule(
                    "role-mapped",
                    "What `enrollments.roles` says of the role.",
                    "role",
                    ("enrollment.role",),
                ),
            ),
        ),
        Cell(
            "status",
            (
                Rule(
                    "enrollment-gone",
                    "The enrollment is to be deleted.",
                    "'deleted'",
                    ("enrollment.status",),
                    when='"enrollment.gone"',
                ),
                Rule(
                    "with-its-class",
                    "The class is to be deleted.",
                    "'deleted'",
                    ("class.sourcedId",),
                    when='"class.gone"',
                ),
                Rule(
                    "with-its-user",
                    "The person is to be deleted.",
                    "'deleted'",
                    ("user.sourcedId",),
                    when='"user.gone"',
                ),
                Rule(
                    "left-early",
                    "It ended before its term: `enrollments.left_early`.",
                    lambda policy: sql.text(policy.enrollments.left_early.value),
                    ("enrollment.endDate", "term.after"),
                    when='is_over AND coalesce(after < "term.after", true)',
                ),
                Rule(
                    "ended",
                    "It ended with its term: `enrollments.ended`.",
                    lambda policy: sql.text(policy.enrollments.ended.value),
                    ("enrollment.endDate", "term.after"),
                    when="is_over",
                ),
                Rule(
                    "enrolled",
                    "It is in use and not over.",
                    "'active'",
                    ("enrollment.status", "enrollment.endDate"),
                ),
            ),
        ),
        _date("beginDate", "begins", begins("begins"), "start"),
        _date("endDate", "after", ends("after"), "end"),
    ),
)
