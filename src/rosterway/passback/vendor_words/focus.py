"""Focus: five headings of the dictionary, without their messages."""

from rosterway.passback.reasons import Who
from rosterway.passback.vendor_words.entry import Entry, heading

_NAME = "focus"

ENTRIES: tuple[Entry, ...] = (
    heading(
        _NAME,
        "404 API Route Not Found",
        "focus-route",
        "The SIS has no such address. Most likely its gradebook API is not switched on or not"
        " installed, or the connection's base address is wrong.",
        "Check the gradebook address of the connection with `rosterway doctor`, and ask for the"
        " gradebook API to be switched on.",
        "route {_?}not found",
        "no route",
        who=Who.SIS_ADMIN,
    ),
    heading(
        _NAME,
        "422 Invalid Due Date",
        "focus-due-date",
        "The SIS does not take the due date. Most likely it lies outside the marking period of"
        " the class, or on a day the school is closed.",
        "Move the due date into the marking period, and sync again.",
        "invalid due date",
        "due date {_?}<invalid|not valid|outside>",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "Assignment Not Found",
        "focus-assignment",
        "The SIS does not know the assignment the grade is for. Most likely it was deleted there.",
        "Clear the integration data of the course and remaster it, so that the assignment is made"
        " again; or untick Sync to SIS if it was deleted on purpose.",
        who=Who.CANVAS_ADMIN,
    ),
    heading(
        _NAME,
        "Cannot Find Due Date",
        "focus-no-due-date",
        "The assignment has no due date, and the SIS needs one.",
        "Give it a due date for everyone or for the whole section, and sync again.",
        "<cannot|can't|could not> find {_?}due date",
        "due date {_?}<missing|required>",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "Grading Category Not Found",
        "focus-category",
        "The gradebook in the SIS has no grading category of the name of the assignment's group.",
        "Give the group the exact name of a category, or associate it with one, and sync again.",
        "category {_?}not found",
        who=Who.TEACHER,
    ),
)
