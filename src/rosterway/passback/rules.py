"""A provider's rule pack: what its gradebook accepts, and which choice was made where it is open.

One frozen value. The defaults are a provider that follows its specification and forbids nothing;
a profile's pack and the settings change single fields. Every choice and its words are a table
(`rule_words`), from which the reference pages are made.
"""

from enum import StrEnum

import msgspec

from rosterway.passback.identity import IdForm


class Shape(StrEnum):
    """How much is written: all the schema requires, or only what providers are tested with."""

    STRICT = "strict"
    LEAN = "lean"


class LongName(StrEnum):
    """What is done with a name that is too long."""

    REFUSE = "refuse"
    CUT = "cut"
    ELLIPSIS = "ellipsis"
    WORDS = "words"


class SameName(StrEnum):
    """What is done with a name that another line item of the class already has."""

    ALLOW = "allow"
    REFUSE = "refuse"
    SUFFIX = "suffix"


class Undated(StrEnum):
    """What the due date of an assignment without one is: OneRoster knows no line item without."""

    PERIOD_END = "period-end"
    TERM_END = "term-end"
    OMIT = "omit"
    REFUSE = "refuse"


class Inside(StrEnum):
    """Where a due date must lie."""

    ANYWHERE = "anywhere"
    TERM = "term"
    PERIOD = "grading-period"


class Ends(StrEnum):
    """Which day the end of a session is (oneroster.md 16, 20)."""

    EITHER = "either"
    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"


class Consent(StrEnum):
    """Whether something goes."""

    ALLOW = "allow"
    REFUSE = "refuse"


class Bound(StrEnum):
    """What is done with a score or day outside its bounds."""

    ALLOW = "allow"
    CLAMP = "clamp"
    REFUSE = "refuse"


class Rounding(StrEnum):
    """How a score is rounded to the decimals that are taken."""

    HALF_EVEN = "half-even"
    HALF_UP = "half-up"
    DOWN = "down"


class Excused(StrEnum):
    """How an excused student is told of."""

    EXEMPT = "exempt"
    EXEMPT_WITH_ZERO = "exempt-with-0"
    SKIP = "skip"


class Missing(StrEnum):
    """How missing work is told of."""

    STATUS = "status"
    ZERO_IF_SCORED = "zero-if-scored"
    SKIP = "skip"


class Ungraded(StrEnum):
    """How work is told of that was handed in and has no grade yet."""

    SKIP = "skip"
    SUBMITTED = "submitted"


class Pending(StrEnum):
    """How work is told of that a machine has graded in part."""

    SKIP = "skip"
    PARTIAL = "partially-graded"


class Cleared(StrEnum):
    """What is done where the SIS was told a grade that Canvas no longer has."""

    DELETE = "delete"
    NOT_SUBMITTED = "not-submitted"
    KEEP = "keep"


class Withdrawn(StrEnum):
    """What is done with the line item of an assignment that is no longer to be synced."""

    KEEP = "keep"
    DELETE = "delete"


class Hidden(StrEnum):
    """What is done with a grade its student may not see yet."""

    SKIP = "skip"
    SEND = "send"


class Letters(StrEnum):
    """How grades are told that a teacher gives as letters."""

    NUMBER = "number"
    SCALE = "scale"
    SKIP = "skip"


class PassFail(StrEnum):
    """How complete and incomplete are told."""

    NUMBER = "number"
    TEXT = "text"
    SKIP = "skip"


class ScoreDate(StrEnum):
    """How the date of a score is written."""

    DAY = "day"
    MOMENT = "moment"


class DateForm(StrEnum):
    """How a line item's days are written."""

    SAFE = "safe"
    MOMENT = "moment"
    OFFSET = "offset"
    DAY = "day"


class Rules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a provider takes. The meaning of each field is in `rule_words.RULES`."""

    shape: Shape = Shape.STRICT
    id_form: IdForm = IdForm.READABLE
    adopts: bool = True
    deletes: bool = True
    # Names
    name_length: int | None = None
    long_name: LongName = LongName.REFUSE
    same_name: SameName = SameName.ALLOW
    # Dates
    undated: Undated = Undated.PERIOD_END
    due_inside: Inside = Inside.ANYWHERE
    ends: Ends = Ends.EITHER
    same_due: bool = False
    early_assigned: Bound = Bound.CLAMP
    date_form: DateForm = DateForm.SAFE
    grading_period: bool = True
    # Which assignments
    needs_published: bool = True
    individuals: Consent = Consent.ALLOW
    mastery_paths: Consent = Consent.ALLOW
    needs_grade: bool = False
    needs_sis_group: bool = False
    needs_category: bool = True
    default_category: str | None = None
    # Points
    zero_points: Consent = Consent.ALLOW
    whole_points: bool = False
    over_maximum: Bound = Bound.ALLOW
    below_zero: Bound = Bound.REFUSE
    decimals: int | None = None
    rounding: Rounding = Rounding.HALF_UP
    # Results
    excused: Excused = Excused.EXEMPT
    missing: Missing = Missing.ZERO_IF_SCORED
    ungraded: Ungraded = Ungraded.SKIP
    pending: Pending = Pending.SKIP
    in_progress: bool = False
    always_score: bool = False
    hidden: Hidden = Hidden.SKIP
    cleared: Cleared = Cleared.DELETE
    withdrawn: Withdrawn = Withdrawn.KEEP
    letters: Letters = Letters.NUMBER
    pass_fail: PassFail = PassFail.NUMBER
    score_date: ScoreDate = ScoreDate.DAY
    early_score: Bound = Bound.CLAMP
    flags: bool = True
    comments: bool = False
    comment_length: int | None = None
