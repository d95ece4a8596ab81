"""The rule pack in words: each field, what it says, and what each choice means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rosterway.passback.identity import IdForm
from rosterway.passback.rules import (
    Bound,
    Cleared,
    Consent,
    DateForm,
    Ends,
    Excused,
    Hidden,
    Inside,
    Letters,
    LongName,
    Missing,
    PassFail,
    Pending,
    Rounding,
    SameName,
    ScoreDate,
    Shape,
    Undated,
    Ungraded,
    Withdrawn,
)


@dataclass(frozen=True, slots=True)
class RuleField:
    """One field of `Rules`: what it decides, and what its choices mean where it has any."""

    name: str
    says: str
    choices: Mapping[StrEnum, str] = field(default_factory=dict[StrEnum, str])


_CONSENT: dict[StrEnum, str] = {
    Consent.ALLOW: "it goes",
    Consent.REFUSE: "it is left out, and the teacher is told",
}
_BOUND: dict[StrEnum, str] = {
    Bound.ALLOW: "it goes as it is",
    Bound.CLAMP: "the bound goes instead, shown before sending",
    Bound.REFUSE: "the grade is withheld, and the teacher is told",
}

#: Every field of `Rules`, in its order.
RULES: tuple[RuleField, ...] = (
    RuleField(
        "shape",
        "how much a payload holds",
        {
            Shape.STRICT: "all that the specification requires",
            Shape.LEAN: "only what a provider must have to know what is meant",
        },
    ),
    RuleField(
        "id_form",
        "how the ids we choose are written",
        {IdForm.READABLE: "canvas-…-a42-c…-u7", IdForm.UUID: "as a UUID of the same"},
    ),
    RuleField("adopts", "a line item of the same name and due day is taken as the assignment's"),
    RuleField("deletes", "the provider can delete a line item or result"),
    RuleField("name_length", "the longest name it takes, in characters"),
    RuleField(
        "long_name",
        "what is done with a longer name",
        {
            LongName.REFUSE: "the assignment is left out until it is renamed",
            LongName.CUT: "it is cut off",
            LongName.ELLIPSIS: "it is cut off and ends in …",
            LongName.WORDS: "it is cut off after a whole word",
        },
    ),
    RuleField(
        "same_name",
        "what is done with a name that another line item of the class has",
        {
            SameName.ALLOW: "it goes as it is",
            SameName.REFUSE: "the assignment is left out until it is renamed",
            SameName.SUFFIX: "a number is put after it: Quiz (2)",
        },
    ),
    RuleField(
        "undated",
        "the due date of an assignment without one",
        {
            Undated.PERIOD_END: "the last day of the running grading period, or of the term",
            Undated.TERM_END: "the last day of the term",
            Undated.OMIT: "none is sent",
            Undated.REFUSE: "the assignment is left out until it has one",
        },
    ),
    RuleField(
        "due_inside",
        "where the due date must lie",
        {
            Inside.ANYWHERE: "anywhere",
            Inside.TERM: "inside the class's term",
            Inside.PERIOD: "inside one of the class's grading periods",
        },
    ),
    RuleField(
        "ends",
        "which day the end of a term or grading period is",
        {
            Ends.EITHER: "the day after its last, and taken for its last where no other begins",
            Ends.EXCLUSIVE: "the day after its last, as OneRoster has it",
            Ends.INCLUSIVE: "its last",
        },
    ),
    RuleField("same_due", "all sections of a course must have the same due date"),
    RuleField(
        "early_assigned",
        "the day an assignment is given out, before the grading period or term it is due in begins",
        {
            Bound.ALLOW: "it goes as it is",
            Bound.CLAMP: "the first day of that goes instead",
            Bound.REFUSE: "the assignment is left out, and the teacher is told",
        },
    ),
    RuleField(
        "date_form",
        "how the days of a line item are written",
        {
            DateForm.SAFE: "as a moment that is the school's day both in UTC and at the school",
            DateForm.MOMENT: "as the very moment, in UTC",
            DateForm.OFFSET: "as the very moment, in the school's time with its offset",
            DateForm.DAY: "as the school's day alone",
        },
    ),
    RuleField("grading_period", "a line item names its grading period"),
    RuleField("needs_published", "only published assignments are taken"),
    RuleField("individuals", "assignments that only some students have", _CONSENT),
    RuleField("mastery_paths", "assignments of Mastery Paths", _CONSENT),
    RuleField("needs_grade", "an assignment is created once it has a grade, not before"),
    RuleField("needs_sis_group", "only assignment groups that came from the SIS are taken"),
    RuleField("needs_category", "a line item must have a category"),
    RuleField(
        "default_category", "the category (sourcedId or title) for groups without one of their own"
    ),
    RuleField("zero_points", "assignments worth no points", _CONSENT),
    RuleField("whole_points", "points possible must be a whole number"),
    RuleField("over_maximum", "a score above the points possible", _BOUND),
    RuleField("below_zero", "a score below zero", _BOUND),
    RuleField("decimals", "how many decimals of a score are taken; none given: all"),
    RuleField(
        "rounding",
        "how a score is rounded to them",
        {
            Rounding.HALF_EVEN: "a half to the even neighbour",
            Rounding.HALF_UP: "a half away from zero",
            Rounding.DOWN: "toward zero",
        },
    ),
    RuleField(
        "excused",
        "how an excused student is told of",
        {
            Excused.EXEMPT: "exempt, without a score",
            Excused.EXEMPT_WITH_ZERO: "exempt, with the 0 some systems demand beside it",
            Excused.SKIP: "not at all; what the SIS had from us is handled as cleared",
        },
    ),
    RuleField(
        "missing",
        "how missing work is told of",
        {
            Missing.STATUS: "as not submitted, even where Canvas's policy gave it a score",
            Missing.ZERO_IF_SCORED: "with the score Canvas's policy gave it, if any; "
            "else as not submitted",
            Missing.SKIP: "only with a score Canvas's policy gave it",
        },
    ),
    RuleField(
        "ungraded",
        "work handed in and not graded",
        {
            Ungraded.SKIP: "nothing is told of it",
            Ungraded.SUBMITTED: "it is told as submitted, without a score",
        },
    ),
    RuleField(
        "pending",
        "work a machine has graded in part",
        {
            Pending.SKIP: "nothing is told of it until a teacher has graded the rest",
            Pending.PARTIAL: "its score so far, as partially graded",
        },
    ),
    RuleField("in_progress", "work not handed in and not yet due is told as in progress (1.2)"),
    RuleField(
        "always_score",
        "every result holds a number; beside a status that is no grade it is 0, as in 1.1",
    ),
    RuleField(
        "hidden",
        "a grade its student may not see yet",
        {Hidden.SKIP: "it waits until it is posted in Canvas", Hidden.SEND: "it goes"},
    ),
    RuleField(
        "cleared",
        "a grade the SIS was told and Canvas no longer has",
        {
            Cleared.DELETE: "the result is deleted, or told as not submitted where it cannot be",
            Cleared.NOT_SUBMITTED: "it is told as not submitted",
            Cleared.KEEP: "the SIS keeps it, and it is listed",
        },
    ),
    RuleField(
        "withdrawn",
        "the line item of an assignment that is no longer synced",
        {
            Withdrawn.KEEP: "the SIS keeps it and its grades, and it is listed",
            Withdrawn.DELETE: "it is deleted with its grades, after a person's yes",
        },
    ),
    RuleField(
        "letters",
        "grades given as letters",
        {
            Letters.NUMBER: "their points go",
            Letters.SCALE: "the letter goes, by the class's score scale (1.2)",
            Letters.SKIP: "they are withheld",
        },
    ),
    RuleField(
        "pass_fail",
        "complete and incomplete",
        {
            PassFail.NUMBER: "full points or none, as Canvas counts them",
            PassFail.TEXT: "the word goes as text (1.2)",
            PassFail.SKIP: "they are withheld",
        },
    ),
    RuleField(
        "score_date",
        "the date of a score",
        {ScoreDate.DAY: "the school's day", ScoreDate.MOMENT: "the moment, in UTC"},
    ),
    RuleField(
        "early_score",
        "the date of a score from before the day its assignment is given out",
        {
            Bound.ALLOW: "it goes as it is",
            Bound.CLAMP: "the day the assignment is given out goes instead",
            Bound.REFUSE: "the grade is withheld, and the teacher is told",
        },
    ),
    RuleField("flags", "late, missing and incomplete go along (1.2)"),
    RuleField("comments", "the teacher's last comment goes along"),
    RuleField("comment_length", "the longest comment it takes; a longer one is cut off with …"),
)
