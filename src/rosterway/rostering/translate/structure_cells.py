"""The cells of accounts and terms, and the rules that fill them (S9)."""

from collections.abc import Callable

from rosterway.rostering.translate.cells import CanvasTable, Cell, Rule, begins, ends
from rosterway.rostering.translate.policy import Accounts, Merge, TranslationPolicy


def _merges(merge: Merge) -> Callable[[TranslationPolicy], bool]:
    return lambda policy: policy.terms.merge is merge


ACCOUNTS = CanvasTable(
    name="accounts",
    comes_from="an org",
    made_of=("orgs",),
    base='SELECT id AS "org.sourcedId", name AS "org.name", type AS "org.type", '
    'gone AS "org.gone", parent AS "org.parent", parent_id AS "org.parentSourcedId", depth '
    "FROM tr_orgs WHERE is_account",
    key=("org.sourcedId",),
    order='depth, "org.sourcedId"',
    records=("org.sourcedId",),
    needed=lambda policy: policy.accounts.orgs is not Accounts.NONE,
    cells=(
        Cell(
            "account_id",
            (Rule("org-id", "The org's sourcedId.", '"org.sourcedId"', ("org.sourcedId",)),),
        ),
        Cell(
            "parent_account_id",
            (
                Rule(
                    "org-above",
                    "The nearest org above that is an account.",
                    '"org.parent"',
                    ("org.parentSourcedId",),
                    when='"org.parent" IS NOT NULL',
                ),
                Rule(
                    "below-root",
                    "No org above is an account: it stands below Canvas's root account.",
                    "NULL",
                    ("org.parentSourcedId",),
                ),
            ),
        ),
        Cell(
            "name",
            (
                Rule(
                    "org-name",
                    "The org's name.",
                    '"org.name"',
                    ("org.name",),
                    when='"org.name" IS NOT NULL',
                ),
                Rule("org-unnamed", "It has no name: its id.", '"org.sourcedId"', ("org.name",)),
            ),
        ),
        Cell(
            "status",
            (
                Rule(
                    "org-gone",
                    "The org is to be deleted.",
                    "'deleted'",
                    ("org.type",),
                    when='"org.gone"',
                ),
                Rule("org-in-use", "The org is in use.", "'active'", ("org.type",)),
            ),
        ),
    ),
)

_TERM_DATES = ("session.startDate", "session.endDate")

TERMS = CanvasTable(
    name="terms",
    comes_from="an academic session that a class is in",
    made_of=("academicSessions", "classes"),
    base="SELECT * FROM tr_terms",
    key=("term.id",),
    records=("session.sourcedId",),
    cells=(
        Cell(
            "term_id",
            (
                Rule(
                    "session-id",
                    "The session's sourcedId.",
                    '"term.id"',
                    ("session.sourcedId",),
                    chosen=_merges(Merge.NONE),
                    choice='terms.merge = "none"',
                ),
                Rule(
                    "session-common-id",
                    "The id that sessions have in common; of years that share one only the "
                    "earliest has it alone.",
                    '"term.id"',
                    ("session.sourcedId",),
                    chosen=_merges(Merge.COMMON_ID),
                    choice='terms.merge = "common-id"',
                ),
                Rule(
                    "school-year",
                    "The school year, by the year it ends in.",
                    '"term.id"',
                    ("session.sourcedId", "term.schoolYear"),
                    chosen=_merges(Merge.SCHOOL_YEAR),
                    choice='terms.merge = "school-year"',
                ),
            ),
        ),
        Cell(
            "name",
            (
                Rule(
                    "session-title",
                    "The session's title; of several the year's, else the first by id.",
                    '"term.name"',
                    ("session.title",),
                    chosen=lambda policy: policy.terms.merge is not Merge.SCHOOL_YEAR,
                    choice='terms.merge is not "school-year"',
                ),
                Rule(
                    "school-year-name",
                    "The two years of the school year.",
                    '"term.name"',
                    ("term.schoolYear",),
                    chosen=_merges(Merge.SCHOOL_YEAR),
                    choice='terms.merge = "school-year"',
                ),
            ),
        ),
        Cell(
            "status",
            (
                Rule(
                    "session-gone",
                    "The session is to be deleted.",
                    "'deleted'",
                    ("session.sourcedId",),
                    when='"term.gone"',
                ),
                Rule(
                    "session-in-use", "The session is in use.", "'active'", ("session.sourcedId",)
                ),
            ),
        ),
        Cell(
            "start_date",
            (
                Rule(
                    "session-begin",
                    "The first moment of the first day, in the schools' time zone; of merged "
                    "sessions the earliest.",
                    begins('"term.first"'),
                    _TERM_DATES[:1],
                ),
            ),
        ),
        Cell(
            "end_date",
            (
                Rule(
                    "session-end",
                    "The last second before the end date, which OneRoster excludes; of merged "
                    "sessions the latest.",
                    ends('"term.after"'),
                    _TERM_DATES[1:],
                ),
            ),
        ),
    ),
)
