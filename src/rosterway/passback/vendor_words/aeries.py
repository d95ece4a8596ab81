"""Aeries: the one provider whose messages the dictionary prints.

Those that name OneRoster are written by the integration rather than the SIS, so the same words may
come with any other provider.
"""

from rosterway.passback.reasons import ReasonRule, Who
from rosterway.passback.vendor_words.entry import S7, Entry, Known, heading

_NAME = "aeries"
_NOT_FOUND = "Grading category {category} not found in {_} for {what}."
_MATCH = " Please ensure that your assignment categories match between {_} and Canvas."

ENTRIES: tuple[Entry, ...] = (
    Entry(
        profile=_NAME,
        title="Grading Category Not Found",
        rule=ReasonRule(
            code="aeries-category",
            message='The SIS gradebook has no grading category "{category}" for {what}.'
            " It has: {available}.",
            remedy="Move the assignment into an assignment group that has the name of one of these"
            " categories, or associate its group with one, and sync again.",
            who=Who.TEACHER,
            source=S7,
        ),
        known=Known.TEXT,
        words=(
            _NOT_FOUND + _MATCH + " Available grading categories are: {available}",
            _NOT_FOUND,
            "grading category not found",
        ),
    ),
    Entry(
        profile=_NAME,
        title="Gradebook Number Does Not Match",
        rule=ReasonRule(
            code="aeries-gradebook-number",
            message="The course in Canvas and the gradebook in the SIS are no longer linked:"
            " the gradebook has another number than the one on record.",
            remedy="Clear the integration data of the course, then remaster it, so that it is"
            " matched and sent anew.",
            who=Who.CANVAS_ADMIN,
            source=S7,
        ),
        known=Known.TEXT,
        words=("Gradebook number does not match.",),
    ),
    Entry(
        profile=_NAME,
        title="Internal Server Error",
        rule=ReasonRule(
            code="aeries-internal",
            message="The SIS failed while it was working on this; it does not say why.",
            remedy="Look into the SIS's own log at the time of the sync; send the failed rows"
            " again once it is mended.",
            who=Who.SIS_ADMIN,
            source=S7,
        ),
        known=Known.WORDING,
        words=("Internal Server Error",),
        statuses=(500,),
    ),
    Entry(
        profile=_NAME,
        title="Invalid Assignment ID",
        rule=ReasonRule(
            code="aeries-assignment-id",
            message="The assignment in Canvas and the one in the SIS are no longer linked:"
            " the SIS does not know the id on record.",
            remedy="Clear the integration data of the course, then remaster it. If the assignment"
            " was deleted in the SIS on purpose, untick Sync to SIS in Canvas instead.",
            who=Who.CANVAS_ADMIN,
            source=S7,
        ),
        known=Known.TEXT,
        words=(
            "Invalid assignment ID (lineItem sourcedId is invalid).",
            "invalid assignment id",
            "lineItem sourcedId is invalid",
        ),
    ),
    Entry(
        profile=_NAME,
        title="Multiple Matches Found",
        rule=ReasonRule(
            code="aeries-multiple-matches",
            message='The SIS has more than one assignment "{assignment}" due on {due}, and nobody'
            " can tell which of them is meant.",
            remedy="Link the assignment to one of them by hand, or rename or delete the others in"
            " the SIS, and sync again.",
            who=Who.TEACHER,
            source=S7,
        ),
        known=Known.MEANING,
        words=(
            'Multiple matches found for "{assignment}" due on {due} in {_}.',
            "multiple matches found",
        ),
    ),
    heading(
        _NAME,
        "Student Does Not Belong",
        "aeries-student",
        "The student is not in this class in the SIS, most likely because of a change of schedule"
        " that Canvas has not seen yet, or because someone added the student in Canvas by hand.",
        "Compare the class list in the SIS. After the next roster the grade is sent by itself if"
        " the student belongs to the class.",
        "student {_?}does not belong",
        "student {_?}not <enrolled|in this class|in this gradebook|in the gradebook>",
        who=Who.SIS_ADMIN,
    ),
    heading(
        _NAME,
        "Unable to Add Assignment",
        "aeries-add",
        "The SIS did not create the assignment in its gradebook. Most likely a value of it is not"
        " accepted there: its category, its due date outside the gradebook's dates, or its points.",
        "Check these of the assignment against the gradebook in the SIS, and sync again.",
        "unable to add {_?}assignment",
        "could not add {_?}assignment",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "Gradebook Section Not Found",
        "aeries-section",
        "The SIS has no gradebook for this section. Most likely the teacher has not set one up"
        " for the term, or the section's id has changed.",
        "Open or create the gradebook of the section in the SIS, and sync again.",
        "section not found",
        "gradebook {_?}not found",
        who=Who.SIS_ADMIN,
    ),
)
