"""Holds: reasons for a plan to wait, one for each cause, at the widest scope that explains it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from rosterway.rostering.limits import Guard
from rosterway.rostering.tally import Tally, Where, accounts_above

#: Guards that say the same thing at different widths.
_LOSSES = {Guard.REMOVALS, Guard.CLASS, Guard.TO_NONE}

#: Guards that explain what a loss at the very same scope is: they take its place.
_EXPLAIN = {Guard.EMPTIED, Guard.TWIN_CLASS}

#: Guards that ask about single classes, and how many classes are told together.
_OF_CLASSES = {
    Guard.CLASS: "{classes} classes would lose {count} of their {of} people ({names} and others).",
    Guard.TWIN_CLASS: (
        "{classes} classes vanished while others appeared with {count} of their {of} people "
        "({names} and others). Were their ids changed?"
    ),
}

#: So many classes are told one by one.
_SEVERAL = 5


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
            "scope": ({"table": self.table} if self.table else {}) | self.where.as_dict(),
            "count": self.count,
            "of": self.of,
            "share": self.share,
            "limit": dict(self.limit),
            "message": self.message,
            "below": self.below,
        }


def fold(
    holds: Iterable[Hold],
    parents: Mapping[str, str | None],
    tallies: Mapping[str, Mapping[Where, Tally]],
) -> list[Hold]:
    """Keep the widest hold of each cause and count those that lie below it.

    Two scopes of one table that lose the very same rows (`tallies` tell) have one cause.
    The widest comes first: fewer parts to its scope, a school before the schools under it; an
    emptied table explains whatever it loses, a twin what its class loses. A twin is told beside a wider
    loss as well: it says what that comes from. Many classes that lose their people one by one are told together.
    """

    def width(hold: Hold) -> tuple[int, list[bool], int, int, str]:
        parts = hold.where.as_dict()
        depth = len(accounts_above(hold.where.school, parents))
        order = -1 if hold.guard in _EXPLAIN else list(Guard).index(hold.guard)
        narrowed = [name in parts for name in ("role", "term", "school")]
        return (len(parts), narrowed, depth, order, str(parts))

    kept: list[Hold] = []
    below: dict[int, int] = defaultdict(int)
    widest: dict[tuple[str | None, Where], int] = {}
    alike: dict[tuple[str | None, int, int], list[int]] = defaultdict(list)
    for hold in sorted(holds, key=width):
        wider = next(
            (
                widest[hold.table, where]
                for where in _around(hold, parents)
                if (hold.table, where) in widest
            ),
            None,
        )
        loss = tallies.get(hold.table or "", {}).get(hold.where)
        lost = None if loss is None else (hold.table, loss.removed, loss.left)
        if wider is None and lost is not None:
            wider = next(
                (
                    place
                    for place in alike[lost]
                    if _is_same_loss(kept[place], hold, parents, tallies)
                ),
                None,
            )
        if wider is not None:
            below[wider] += 1
            continue
        if hold.guard in _LOSSES or hold.guard in _EXPLAIN:
            widest[hold.table, hold.where] = len(kept)
            if lost is not None:
                alike[lost].append(len(kept))
        kept.append(hold)
    counted = [replace(hold, below=below[place]) for place, hold in enumerate(kept)]
    for guard, lost in _OF_CLASSES.items():
        counted = _gather_classes(counted, guard, lost)
    return counted


def _is_same_loss(
    one: Hold,
    other: Hold,
    parents: Mapping[str, str | None],
    tallies: Mapping[str, Mapping[Where, Tally]],
) -> bool:
    """Whether two scopes that lose equally many lose the same rows: what they share loses as many."""
    wide = tallies.get(one.table or "", {})
    school = one.where.school
    if other.where.school is not None:
        chain = accounts_above(other.where.school, parents)
        if school is not None and school not in chain:
            return False
        school = other.where.school
    pairs = (one.where.term, other.where.term), (one.where.role, other.where.role)
    if any(a is not None and b is not None and a != b for a, b in pairs):
        return False
    term, role = (a if a is not None else b for a, b in pairs)
    both = wide.get(Where(school, term, role))
    lost = wide[one.where]
    return both is not None and (both.removed, both.left) == (lost.removed, lost.left)


def _around(hold: Hold, parents: Mapping[str, str | None]) -> Iterator[Where]:
    """The scopes a loss lies in, itself among them."""
    if hold.guard not in _LOSSES:
        return
    where = hold.where
    schools = [None, *accounts_above(where.school, parents)]
    for school, term, role, klass in product(
        schools, {None, where.term}, {None, where.role}, {None, where.klass}
    ):
        yield Where(school, term, role, klass)


def _gather_classes(holds: list[Hold], guard: Guard, lost: str) -> list[Hold]:
    """Tell many classes that hold by one guard together, at the scope they share."""
    classes = [hold for hold in holds if hold.guard is guard]
    if len(classes) <= _SEVERAL:
        return holds
    first = classes[0]
    shared = Where(
        school=first.where.school if len({hold.where.school for hold in classes}) == 1 else None,
        term=first.where.term if len({hold.where.term for hold in classes}) == 1 else None,
    )
    count, of = sum(hold.count for hold in classes), sum(hold.of for hold in classes)
    names = ", ".join(hold.where.as_dict()["class"] for hold in classes[:3])
    together = replace(
        first,
        where=shared,
        count=count,
        of=of,
        below=len(classes),
        message=lost.format(
            classes=f"{len(classes):,}", count=f"{count:,}", of=f"{of:,}", names=names
        ),
    )
    return [hold for hold in holds if hold.guard is not guard] + [together]
