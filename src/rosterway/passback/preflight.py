"""Preflight: what will fail before it is sent, by the provider's rules and Canvas's own settings.

The rules are a table: what is looked for, how it is said, who can mend it. A rule looks at one
assignment in one class and says nothing where it holds. Leaves to `preflight_rules` which there
are, and to `offers` what could be changed.
"""

from collections.abc import Iterator

from rosterway.passback.case import Case
from rosterway.passback.preflight_rules.assignments import ASSIGNMENTS
from rosterway.passback.preflight_rules.contents import CONTENTS
from rosterway.passback.preflight_rules.dates import DATES
from rosterway.passback.preflight_rules.matches import MATCHES
from rosterway.passback.preflight_rules.requirements import REQUIREMENTS
from rosterway.passback.preflight_rules.rule import PreflightRule
from rosterway.passback.reasons import Reason

#: Every rule, the gravest first: what stops a whole course, then an assignment, then a detail.
RULES: tuple[PreflightRule, ...] = (
    *ASSIGNMENTS,
    *CONTENTS,
    *DATES,
    *REQUIREMENTS,
    *MATCHES,
)


def reasons_against(case: Case) -> Iterator[Reason]:
    """Every reason why the assignment will fail in the class; none: it can go."""
    for rule in RULES:
        facts = rule.check(case)
        if facts is not None:
            yield rule.said.of(**facts)
    if case.category_reason is not None and case.rules.needs_category:
        yield case.category_reason
