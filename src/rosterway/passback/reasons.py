"""Reasons: why something of a gradebook is not as it was meant, as values a person can act on.

Every refusal, alteration, withheld score and hold of a grade sync carries one: what it is, what to
do, and who can do it. Leaves to `preflight`, `scores` and the S7 dictionary which reasons there are.
"""

from enum import StrEnum

import msgspec


class Who(StrEnum):
    """Who can do something about it."""

    TEACHER = "teacher"
    CANVAS_ADMIN = "canvas-admin"
    SIS_ADMIN = "sis-admin"
    VENDOR = "vendor"
    ROSTERWAY = "rosterway"


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why, in words. `remedy` "": there is nothing to do."""

    code: str
    message: str
    remedy: str = ""
    who: Who = Who.TEACHER


class ReasonRule(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a catalogue of reasons; `message` and `remedy` are templates over its facts.

    `source` names the fact behind the rule.
    """

    code: str
    message: str
    remedy: str = ""
    who: Who = Who.TEACHER
    source: str = ""

    def of(self, **facts: object) -> Reason:
        """The reason with its facts filled in; a template naming a fact not given is a defect."""
        return Reason(
            code=self.code,
            message=self.message.format(**facts),
            remedy=self.remedy.format(**facts),
            who=self.who,
        )


def by_code(rules: tuple[ReasonRule, ...]) -> dict[str, ReasonRule]:
    """A catalogue, found by code."""
    return {rule.code: rule for rule in rules}
