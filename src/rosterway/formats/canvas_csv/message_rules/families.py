"""Families of refusals, for tables whose messages are not all on record.

Abstract courses, institutional tags and whatever comes next say no in the same few ways. These
stand last, so that a message we know by itself keeps its own words; all of them are refusals.
"""

from rosterway.formats.canvas_csv.message_rules.rule import MessageRule, refused

RULES: tuple[MessageRule, ...] = (
    refused(
        "any-value-missing",
        (),
        "No {what} given for {_}",
        "The row has no {what}.",
        "Fill in {what}, or remove the row.",
    ),
    refused(
        "any-status",
        (),
        'Improper status "{status?}" for {_}',
        "The row has a status that Canvas does not know.",
        "Use a status that the table knows.",
    ),
    refused(
        "any-invalid",
        (),
        "<An|A> {what} did not pass validation ({error?})",
        "Canvas refused the {what}: {error}",
        "Correct the row as the message says.",
    ),
    refused(
        "any-not-there",
        (),
        "{what} didn't exist for {_}",
        "Canvas does not have something the row refers to: {what}.",
        "Add it first, or remove the row.",
    ),
)
