"""What is taken of the lists of one class: what belongs to it, and what each list told.

Guarantees: a list that is not proven complete, or not served, is named; what a provider gives along
of other classes is left out. Leaves reading to `gradebook`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from rosterway.formats.oneroster.class_reading import EnrollmentTold, SessionTold, StudentTold
from rosterway.formats.oneroster.deviations import Tally
from rosterway.formats.oneroster.gradebook import Category
from rosterway.oneroster.gathering import Gathered
from rosterway.oneroster.paging import Proof, Reason, proof

_Noun = TypeVar("_Noun")


@dataclass(slots=True)
class Lists:
    """What the lists of one class told."""

    why: dict[str, str] = field(default_factory=dict[str, str])
    unserved: list[str] = field(default_factory=list[str])
    tally: Tally = field(default_factory=Tally)

    def add(self, name: str, gathered: Gathered[_Noun]) -> tuple[_Noun, ...] | None:
        """Take note of a list; None if it did not come."""
        self.tally.take(gathered.deviations)
        if not gathered.is_served:
            self.unserved.append(name)
            return None
        if not gathered.is_proven:
            error = gathered.error
            self.why[name] = gathered.proof.words if error is None else error.message
        return None if gathered.error is not None else gathered.nouns


def only(
    gathered: Gathered[_Noun],
    belongs: Callable[[_Noun], bool],
    order: Callable[[Iterable[_Noun]], Iterable[_Noun]] = tuple,
) -> Gathered[_Noun]:
    """Those that belong here; whoever ignores a filter or the path gives others along."""
    nouns = tuple(order(noun for noun in gathered.nouns if belongs(noun)))
    return _with(gathered, nouns)


def own_first(categories: Iterable[Category]) -> Iterable[Category]:
    return sorted(categories, key=lambda one: one.class_id is None)


def ids_of(gathered: Gathered[_Noun], id_of: Callable[[_Noun], str | None]) -> Gathered[str]:
    found = dict.fromkeys(one for noun in gathered.nouns if (one := id_of(noun)))
    verdict: Proof = gathered.proof
    if gathered.is_proven and not found:
        verdict = proof(Reason.EMPTY)
    return _with(gathered, tuple(found), verdict)


def _with(
    gathered: Gathered[object], nouns: tuple[_Noun, ...], verdict: Proof | None = None
) -> Gathered[_Noun]:
    return Gathered(
        nouns=nouns,
        proof=verdict or gathered.proof,
        is_served=gathered.is_served,
        error=gathered.error,
        deviations=gathered.deviations,
    )


def student_id(told: StudentTold) -> str | None:
    return None if told.is_deleted else told.sourced_id


def enrolled_id(class_id: str, told: EnrollmentTold) -> str | None:
    is_student = told.role == "student" and told.class_id == class_id
    return told.user_id if is_student and not told.is_deleted else None


def above_of(sessions: dict[str, SessionTold], own: set[str]) -> set[str]:
    """The known sessions that some of these lie in, and that are none of them."""
    above: set[str] = set()
    for one in own:
        parent = sessions[one].parent if one in sessions else None
        while parent is not None and parent not in above:
            above.add(parent)
            parent = sessions[parent].parent if parent in sessions else None
    return above & sessions.keys() - own


def and_below(sessions: dict[str, SessionTold], terms: Iterable[str]) -> set[str]:
    """Sessions, with all that lie in them."""
    below = set(terms)
    while True:
        more = {key for key, one in sessions.items() if one.parent in below} - below
        if not more:
            return below
        below |= more
