"""The 30-day strip of a feed: a mark a run, its shape and colour by outcome, its height by rows.

Geometry only; `partials/marks.html` draws it. A day has a slot of fixed width, which the day's runs
share. Heights are logarithmic, so that a first load does not flatten every ordinary day.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from rosterway.console.quantities import of_things
from rosterway.console.times import LocalTime
from rosterway.console.words import Said, Shape, Tone

DAYS = 30
SLOT, GAP = 12, 2
HEIGHT, BASE = 36, 32
_LOWEST, _HIGHEST = 3, 26
#: So many rows reach the top.
_TOP_ROWS = 100_000
#: More runs than this in a day are drawn as this many; those that say most come first.
_MOST_A_DAY = 5

_WEIGHT = {Tone.BAD: 0, Tone.HELD: 1, Tone.DOING: 2, Tone.GOOD: 3, Tone.QUIET: 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One run as the strip needs it; `rows` is how many it changed or would have."""

    at: datetime
    said: Said
    rows: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One mark: a bar from the base line up, with its tone and shape."""

    x: float
    y: float
    width: float
    height: float
    tone: Tone
    shape: Shape
    title: str
    url: str

    @property
    def middle(self) -> float:
        """The bar's centre."""
        return round(self.x + self.width / 2, 2)

    @property
    def mark(self) -> float:
        """Half the size of the shape on it: within the bar, as long as it can be told."""
        return round(min(4, max(2, self.width / 2 - 1)), 2)


@dataclass(frozen=True, slots=True)
class Strip:
    """All marks, and the same in words."""

    marks: tuple[Mark, ...]
    words: str
    width: int = DAYS * SLOT
    height: int = HEIGHT
    base: int = BASE


def strip_of(points: Iterable[Point], times: LocalTime) -> Strip:
    """The strip of the last 30 days, today being the last slot."""
    days: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        back = (times.today.date() - point.at.astimezone(times.zone).date()).days
        if 0 <= back < DAYS:
            days[DAYS - 1 - back].append(point)
    marks = [mark for slot, found in sorted(days.items()) for mark in _slot(slot, found, times)]
    return Strip(tuple(marks), _words([point for found in days.values() for point in found]))


def height_of(rows: int) -> float:
    """How high a bar of so many rows is."""
    if rows <= 0:
        return _LOWEST
    share = min(1.0, math.log1p(rows) / math.log1p(_TOP_ROWS))
    return round(_LOWEST + 2 + share * (_HIGHEST - _LOWEST - 2), 1)


def _slot(slot: int, found: list[Point], times: LocalTime) -> list[Mark]:
    chosen = sorted(found, key=lambda point: (_WEIGHT[point.said.tone], -point.rows))
    shown = sorted(chosen[:_MOST_A_DAY], key=lambda point: point.at)
    room = SLOT - GAP
    edges = [slot * SLOT + GAP / 2 + room * place / len(shown) for place in range(len(shown) + 1)]
    marks: list[Mark] = []
    for point, (left, right) in zip(shown, pairwise(edges), strict=True):
        height = height_of(point.rows)
        inset = 0.5 if len(shown) > 1 else 0
        marks.append(
            Mark(
                x=round(left + inset, 2),
                y=BASE - height,
                width=round(right - left - 2 * inset, 2),
                height=height,
                tone=point.said.tone,
                shape=point.said.shape,
                title=(
                    f"{times.moment(point.at)}: {point.said.word}, {of_things(point.rows, 'row')}"
                ),
                url=point.url,
            )
        )
    return marks


def _words(points: list[Point]) -> str:
    if not points:
        return f"No run in the last {DAYS} days."
    counts = Counter(point.said.word.lower() for point in points)
    told = ", ".join(f"{count} {word}" for word, count in counts.most_common())
    return f"Runs of the last {DAYS} days: {told}."
