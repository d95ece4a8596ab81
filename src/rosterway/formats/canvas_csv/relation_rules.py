"""The catalogue of problems between rows: claims, order, and references within a delivery.

Every rule names the message or behaviour of Canvas behind it. The checks that find these are in
`rosterway.rostering.check`.
"""

from rosterway.formats.problems import Consequence, InCanvas, Rule, Severity

_E, _W, _R = Severity.ERROR, Severity.WARNING, Severity.REPAIR
_C = Consequence
_IN = InCanvas

RELATION_RULES: tuple[Rule, ...] = (
    # -- one row against another --
    Rule(
        "row-repeated",
        _W,
        _C.ROW_HELD,
        "Row {row} of {file} repeats {other}; once is enough.",
        "Send each row once.",
        canvas=_IN.APPLIED,
    ),
    Rule(
        "key-duplicate",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file} says something else about {value} than {other}, and Canvas applies "
        "them in no sure order.",
        "Keep the right one of the two.",
        "sis_batch.rb: segments run out of order",
        canvas=_IN.APPLIED,
    ),
    Rule(
        "key-contradicted",
        _W,
        _C.ROW_HELD,
        "Row {row} of {file} takes {value} away while {other} gives it; it is held back.",
        "Keep the right one of the two.",
        canvas=_IN.APPLIED,
    ),
    Rule(
        "login-claimed",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: the login_id “{value}” is already claimed by {other}.",
        "One login belongs to one user. Correct one of them; if it is one person under two ids, "
        "send a change_sis_id row.",
        "user_importer.rb: has already claimed B's user_id requested login information",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "integration-id-claimed",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: the integration_id “{value}” is already claimed by {other}.",
        "Correct one of them.",
        "user_importer.rb: has already claimed B's requested integration_id",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "account-loop",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: account {value} would be its own ancestor (through {other}).",
        "Correct parent_account_id.",
        "account_importer.rb: would create a loop",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "account-order",
        _R,
        _C.REPAIRED,
        "Row {row} of {file}: account {value} stands before its parent {other}; they are sent in order.",
        "Nothing to do.",
        "account_importer.rb: Parent account didn't exist",
        canvas=_IN.ROW_SKIPPED,
    ),
    # -- references --
    Rule(
        "reference-missing",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: {column} {value} is not in this delivery's {other}, and Canvas is not "
        "known to have it.",
        "Add it to {other} or remove the row.",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "reference-refused",
        _W,
        _C.ROW_HELD,
        "Row {row} of {file} needs {column} {value}, which is refused ({other}); it is held back with it.",
        "Mend that row, and this one goes too.",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "section-deleted",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: {column} {value} is deleted ({other}).",
        "Keep one of the two rows.",
        "enrollment_importer.rb: An enrollment did not pass validation (not a valid section)",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "reference-deleted",
        _W,
        _C.NONE,
        "Row {row} of {file}: {column} {value} is deleted ({other}), so this cannot be used.",
        "Keep one of the two rows.",
        canvas=_IN.APPLIED,
        silent=True,
    ),
    Rule(
        "user-deleted",
        _W,
        _C.NONE,
        "Row {row} of {file}: {column} {value} is deleted ({other}); Canvas makes the "
        "enrollment deleted too.",
        "Keep one of the two rows.",
        "enrollment_importer.rb: Attempted enrolling of deleted user",
        canvas=_IN.FIELD_CHANGED,
    ),
    Rule(
        "term-unknown",
        _W,
        _C.VALUE_LOST,
        "Row {row} of {file}: term {value} is not in this delivery's terms. Canvas ignores an unknown "
        "term without a word: the course keeps its term or gets the default one.",
        "Add the term to terms.csv or correct term_id.",
        "course_importer.rb",
        canvas=_IN.FIELD_IGNORED,
        silent=True,
    ),
    Rule(
        "abstract-course-unknown",
        _W,
        _C.VALUE_LOST,
        "Row {row} of {file}: abstract course {value} is unknown; Canvas ignores the reference.",
        "Add it to abstract_courses.csv or correct it.",
        "course_importer.rb: unknown abstract course id",
        canvas=_IN.FIELD_IGNORED,
    ),
    Rule(
        "blueprint-unknown",
        _W,
        _C.VALUE_LOST,
        "Row {row} of {file}: blueprint course {value} is unknown; Canvas makes the course without it.",
        "Add the blueprint course or correct it.",
        "course_importer.rb: Unknown blueprint course",
        canvas=_IN.FIELD_IGNORED,
    ),
    Rule(
        "section-course-unrelated",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: section {value} belongs to another course ({other}).",
        "Correct course_id or section_id, or leave course_id blank.",
        "enrollment_importer.rb: listed a section and a course that are unrelated",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "observes-self",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: {value} cannot observe themselves.",
        "Correct observer_id or student_id.",
        "user_observer_importer.rb: Can't observe yourself",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "context-both",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file} names both an account and a course; only one may hold it.",
        "Keep account_id or course_id.",
        "group_category_importer.rb: Only one context is allowed",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "override-without-term",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file} sets dates for a role in term {value}, which does not exist.",
        "Add a row for the term itself.",
        "term_importer.rb: Cannot set date override on non-existent term",
        canvas=_IN.ROW_SKIPPED,
    ),
)
