"""Holds: reasons for a plan to wait, one for each cause, at the widest scope that explains it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rosterway.rostering.limits import Guard
from rosterway.rostering.tally import Where, accounts_above

#: Guards that say the same thing at different widths.
_LOSSES = {Guard.REMOVALS, Guard.CLASS, Guard.TO_NONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One reason to wait.

    `count` of `of` is what the guard counted, `limit` its numbers, `below` how many narrower scopes
    broke a limit for the same cause.
    """

    guard: Guard
    table: str | None
    where: Where = field(default_factory=Where)
    count: int = 0
    of: int = 0
    limit: Mapping[str, float] = field(default_factory=dict[str, float])
    message: str
    below: int = 0

    @property
    def share(self) -> float:
        """The share the guard counted, from 0 to 1."""
        return round(self.count / self.of, 4) if self.of else 0.0

    def as_dict(self) -> dict[str, object]:
        """The hold as every door shows it (`command-line.md`, "plan")."""
        return {
            "guard": self.guard.value,
            "table": self.table,
            "scope": self.where.as_dict(),
            "count": self.count,
            "of": self.of,
            "share": self.share,
            "limit": dict(self.limit),
            "message": self.message,
            "below": self.below,
        }


def fold(holds: Iterable[Hold], parents: Mapping[str, str | None]) -> list[Hold]:
    """Keep the widest hold of each cause and count those that lie below it.

    The widest comes first: fewer parts to its scope, a school before the schools under it.
    """

    def width(hold: Hold) -> tuple[int, int, int, str]:
        where = hold.where
        parts = len(where.as_dict())
        depth = len(accounts_above(where.school, parents))
        return (parts, depth, list(Guard).index(hold.guard), str(where.as_dict()))

    kept: list[Hold] = []
    below: list[int] = []
    for hold in sorted(holds, key=width):
        for place, wider in enumerate(kept):
            if _explains(wider, hold, parents):
                below[place] += 1
                break
        else:
            kept.append(hold)
            below.append(0)
    return [
        Hold(
            guard=hold.guard,
            table=hold.table,
            where=hold.where,
            count=hold.count,
            of=hold.of,
            limit=hold.limit,
            message=hold.message,
            below=count,
        )
        for hold, count in zip(kept, below, strict=True)
    ]


def _explains(wider: Hold, narrower: Hold, parents: Mapping[str, str | None]) -> bool:
    if wider.table != narrower.table:
        return False
    if wider.guard is Guard.EMPTIED and narrower.guard in _LOSSES:
        return True
    if wider.guard not in _LOSSES or narrower.guard not in _LOSSES:
        return False
    one, other = wider.where, narrower.where
    return (
        (one.school is None or one.school in accounts_above(other.school, parents))
        and one.term in {None, other.term}
        and one.role in {None, other.role}
        and one.klass in {None, other.klass}
    )
