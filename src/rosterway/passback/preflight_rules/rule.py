"""The shape of a preflight rule: what is looked for in a case, and how it is said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rosterway.passback.case import Case
from rosterway.passback.reasons import ReasonRule

Check = Callable[[Case], Mapping[str, object] | None]


@dataclass(frozen=True, slots=True)
class PreflightRule:
    """One row: how it is said, and what is looked for. A check gives the facts the words need."""

    said: ReasonRule
    check: Check


def when(is_so: object, **facts: object) -> Mapping[str, object] | None:
    """The facts, if it is so."""
    return facts if is_so else None
