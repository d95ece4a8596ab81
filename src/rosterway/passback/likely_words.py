"""The causes that can be found in a refused payload, as data: in the order in which they are told.

Facts: the rules of each field (oneroster.md 9 and 10), what a Blackbaud developer found behind
answers without a word (instructure-integration.md 3.2), and what teachers trip over
(users-and-pains.md rows 3, 13 and 14).
"""

import msgspec

from rosterway.passback.reasons import ReasonRule, Who

_BLACKBAUD = "Blackbaud developers"
_1EDTECH = "OneRoster"
_TEACHERS = "districts and teachers"


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """A cause, and the statuses it is often answered with."""

    rule: ReasonRule
    statuses: tuple[int, ...] = (400, 422)


def _cause(
    code: str,
    message: str,
    remedy: str,
    who: Who = Who.TEACHER,
    source: str = _1EDTECH,
    statuses: tuple[int, ...] = (400, 422),
) -> Cause:
    rule = ReasonRule(code=f"likely-{code}", message=message, remedy=remedy, who=who, source=source)
    return Cause(rule=rule, statuses=statuses)


#: Every cause by its name, the more telling first.
CAUSES: dict[str, Cause] = {
    cause.rule.code.removeprefix("likely-"): cause
    for cause in (
        _cause(
            "entered-in-sis",
            "The SIS has another result of this student on this assignment ({theirs}); it may have"
            " been entered there, and some SISs let nobody overwrite that.",
            "Decide which of the two is right. To let ours stand, delete the result in the SIS and"
            " send it again.",
            source=_BLACKBAUD,
            statuses=(400, 403, 409, 422),
        ),
        _cause(
            "student-not-in-class",
            "The SIS does not list the student {student} in the class {class_id}.",
            "Compare the class list in the SIS. The grade follows by itself once the student's"
            " class is right in both.",
            Who.SIS_ADMIN,
            _BLACKBAUD,
            (400, 404, 409, 422),
        ),
        _cause(
            "line-item-unknown",
            "The SIS does not list the assignment {line_item} in the class.",
            "Clear the integration data of the course and remaster it, so that the assignment is"
            " made again.",
            Who.CANVAS_ADMIN,
            statuses=(400, 404, 409, 412, 422),
        ),
        _cause(
            "class-unknown",
            "The assignment names the class {class_id}, but the gradebook is that of {theirs}.",
            "See that the section's SIS id in Canvas is the class's sourcedId in the SIS.",
            Who.CANVAS_ADMIN,
            statuses=(400, 404, 422),
        ),
        _cause(
            "category-unknown",
            "The SIS does not list the category {category} for the class.",
            "Associate the assignment group with one of the categories there are: {available}.",
            statuses=(400, 404, 409, 422),
        ),
        _cause(
            "category-of-another-class",
            "The category {category} belongs to the class {theirs} in the SIS.",
            "Associate the assignment group with a category of this class.",
            statuses=(400, 404, 409, 422),
        ),
        _cause(
            "no-category",
            "The assignment names no category.",
            "Associate its group with a category of the SIS, or set a default category.",
            statuses=(400, 404, 409, 422),
        ),
        _cause(
            "period-unknown",
            "The grading period {period} is none of the class's.",
            "See which sessions the SIS lists for the class; the connection can leave the grading"
            " period out.",
            Who.SIS_ADMIN,
            _BLACKBAUD,
            (400, 404, 422),
        ),
        _cause(
            "title-blank",
            "The assignment has no name.",
            "Give it a name in Canvas.",
        ),
        _cause(
            "title-too-long",
            "The name has {length} characters; the SIS takes {limit}.",
            "Shorten the name in Canvas to {limit} characters.",
            source=_TEACHERS,
        ),
        _cause(
            "title-taken",
            'The class has another assignment "{title}" in the SIS.',
            "Rename one of the two, or link the assignment to the one that is there.",
            source=_TEACHERS,
            statuses=(400, 409, 422),
        ),
        _cause(
            "no-due-date",
            "The assignment has no due date.",
            "Give it one for everyone or for the whole section.",
            source=_TEACHERS,
            statuses=(400, 409, 422),
        ),
        _cause(
            "due-outside",
            "The due date {due} lies outside {what} ({begin} to {end}).",
            "Move the due date into it.",
            source=_TEACHERS,
            statuses=(400, 409, 422),
        ),
        _cause(
            "assigned-outside",
            "The day it is given out, {assigned}, lies outside {what} ({begin} to {end}).",
            "Move the Available From date into it, or clear it.",
            source=_BLACKBAUD,
        ),
        _cause(
            "due-before-assigned",
            "The due date {due} lies before the day it is given out, {assigned}.",
            "Correct the dates in Canvas.",
        ),
        _cause(
            "zero-points",
            "The assignment is worth no points.",
            "Give it points of more than zero, or untick Sync to SIS.",
            source=_TEACHERS,
            statuses=(400, 409, 422),
        ),
        _cause(
            "points-not-whole",
            "The points possible, {points}, are no whole number.",
            "Make the points possible a whole number.",
            source=_TEACHERS,
        ),
        _cause(
            "no-points",
            "The assignment says nothing of its points.",
            "Give it points in Canvas.",
        ),
        _cause(
            "score-over",
            "The score {score} is over the points possible, {maximum}.",
            "Correct the score, raise the points, or let scores over the maximum be cut to it.",
            source=_BLACKBAUD,
        ),
        _cause(
            "score-under",
            "The score {score} is under the least there is, {minimum}.",
            "Correct the score, or let it be raised to that.",
            source=_BLACKBAUD,
        ),
        _cause(
            "too-many-decimals",
            "The score {score} has more decimals than the {decimals} the SIS takes.",
            "Let scores be rounded for this SIS.",
            Who.CANVAS_ADMIN,
            _TEACHERS,
        ),
        _cause(
            "no-score",
            'The result is "{status}" and has no score.',
            "Enter the score again in Canvas, and send it.",
        ),
        _cause(
            "letter-without-scale",
            'The grade "{letter}" is on no score scale of the class.',
            "Let grades of this SIS be sent as numbers, or have the scale set up there.",
            Who.SIS_ADMIN,
            _TEACHERS,
            (400, 409, 422),
        ),
        _cause(
            "scored-before-assigned",
            "The day of the score, {scored}, lies before the day the assignment is given out,"
            " {assigned}.",
            "Correct the Available From date in Canvas, or clear it.",
            source=_BLACKBAUD,
        ),
        _cause(
            "status-unknown",
            '"{status}" is no scoreStatus of OneRoster.',
            "Give this run to whoever maintains Rosterway.",
            Who.ROSTERWAY,
        ),
        _cause(
            "comment-too-long",
            "The comment has {length} characters; {limit} are sure to be taken.",
            "Let comments be cut off or left out for this SIS.",
            Who.CANVAS_ADMIN,
        ),
        _cause(
            "id-form",
            "The id {sourced_id} is of a form a OneRoster system need not take.",
            "Let ids be written as UUIDs for this SIS.",
            Who.CANVAS_ADMIN,
        ),
        _cause(
            "decimals",
            "The score {score} is no whole number, and some SISs take whole numbers only.",
            "Try whole numbers for this SIS (`decimals = 0`).",
            Who.CANVAS_ADMIN,
            _TEACHERS,
        ),
    )
}

NONE_FOUND = ReasonRule(
    code="likely-none",
    message="Nothing of what was sent breaks a rule that is known of this SIS.{unread}",
    remedy="Give the SIS's vendor the raw exchange: it has what was sent and what was answered,"
    " without names.",
    who=Who.VENDOR,
)
