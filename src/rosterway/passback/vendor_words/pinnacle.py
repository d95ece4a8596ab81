"""Pinnacle: two headings of the dictionary, without their messages."""

from rosterway.passback.reasons import Who
from rosterway.passback.vendor_words.entry import Entry, heading

_NAME = "pinnacle"

ENTRIES: tuple[Entry, ...] = (
    heading(
        _NAME,
        "Cannot Find Due Date",
        "pinnacle-no-due-date",
        "The assignment has no due date, and the SIS needs one.",
        "Give it a due date for everyone or for the whole section, and sync again.",
        "<cannot|can't|could not> find {_?}due date",
        "due date {_?}<missing|required>",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "400 Invalid Due Date",
        "pinnacle-due-date",
        "The SIS does not take the due date. Most likely it lies outside the grading period of"
        " the class.",
        "Move the due date into the grading period, and sync again.",
        "invalid due date",
        "due date {_?}<invalid|not valid|outside>",
        who=Who.TEACHER,
    ),
)
