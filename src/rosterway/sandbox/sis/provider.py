"""One SIS: its roster, its gradebook, its knobs and faults.

Guarantees: `records` is the truth at this moment, faults of what is held included; `told` is how a
version tells it, faults of telling left out. Everything runs on the server's one thread.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rosterway.sandbox.district import District, on_day
from rosterway.sandbox.sis.access.credentials import Credentials
from rosterway.sandbox.sis.access.gate import Gate
from rosterway.sandbox.sis.access.tokens import Tokens
from rosterway.sandbox.sis.clock import Clock, stamp
from rosterway.sandbox.sis.faults import Faults, Sort
from rosterway.sandbox.sis.gradebook.setup import set_up
from rosterway.sandbox.sis.gradebook.shelf import Shelf
from rosterway.sandbox.sis.gradebook.vendors import vendor_of
from rosterway.sandbox.sis.holding.crooked import crooked
from rosterway.sandbox.sis.holding.held import Held, Records, live
from rosterway.sandbox.sis.holding.records import Record, collect, district_records
from rosterway.sandbox.sis.holding.told import Teller
from rosterway.sandbox.sis.knobs import Knobs
from rosterway.sandbox.sis.model.nouns import NOUN_OF
from rosterway.sandbox.sis.model.operations import VERSIONS
from rosterway.sandbox.sis.trouble import SisUsageError

#: Where a roster comes from: its records on a day.
Source = Callable[[int], Records]


_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


@dataclass(slots=True)
class Row:
    """A record, how a version tells it, and that as JSON once somebody wants it."""

    record: Record
    told: dict[str, Any]
    _text: bytes | None = None

    @property
    def text(self) -> bytes:
        """The told record as compact JSON."""
        if self._text is None:
            self._text = compact(self.told)
        return self._text


@dataclass(slots=True)
class Logged:
    """A request as the log keeps it; `status` is None when the connection was cut."""

    method: str
    path: str
    query: str
    at: str
    status: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "at": self.at,
            "status": self.status,
        }


class Provider:
    """Everything the doors share."""

    def __init__(
        self,
        source: Source,
        *,
        day: int,
        home: Path | None,
        categories: str,
        credentials: Credentials,
        clock: Clock,
    ) -> None:
        self.credentials = credentials
        self.knobs = Knobs()
        self.faults = Faults()
        self.tokens = Tokens(credentials, self.knobs, self.faults)
        self.gate = Gate(credentials, self.knobs, self.faults, self.tokens)
        self.requests: deque[Logged] = deque(maxlen=200_000)
        self.day = day
        self.url = ""
        self._clock = clock
        self._source = source
        self.held = self._history(day)
        if home:
            home.mkdir(parents=True, exist_ok=True)
        self.shelf = Shelf(home)
        set_up(self.shelf, self.held.records["class"], categories, self.now())
        self._crooked: tuple[object, Records] | None = None
        self._rows: dict[tuple[str, str, str], Row] = {}
        self._tellers: dict[str, Teller] = {}
        self._turns = 0
        #: Pages asked for before, for faults that strike each of them once.
        self.seen: set[str] = set()

    def moment(self) -> datetime:
        """The time here, which the fault skewed-clock sets ahead."""
        now = self._clock()
        if self.faults.on("skewed-clock"):
            now += timedelta(seconds=self.knobs.skew_seconds)
        return now

    def now(self) -> str:
        """The time, as OneRoster prints it."""
        return stamp(self.moment())

    @property
    def generation(self) -> tuple[int, ...]:
        """Changes whenever an answer might."""
        return self.held.generation, self.shelf.generation, self.faults.generation, self._turns

    def turn(self, changes: dict[str, Any]) -> None:
        """Turn knobs.

        Raises:
            SisUsageError: a knob, or what it is turned to, is unknown.
        """
        tried = replace(self.knobs)
        tried.turn(changes)
        vendor_of(tried)
        self.knobs.turn(changes)
        self._turns += 1

    async def be_on(self, day: int) -> None:
        """Let nights pass, or go back: what differs is modified now."""
        if day < 1:
            raise SisUsageError(f"days are counted from 1, not {day}")
        records = await asyncio.to_thread(self._source, day)
        self.held.become(records, self.moment())
        self.day = day

    def records(self) -> Records:
        """Roster and gradebook as they are held now, by noun and id."""
        key = self.held.generation, self.faults.generation, self._turns
        if self._crooked is None or self._crooked[0] != key:
            found = self.held.records
            if not self.knobs.tombstones:
                found = {noun: _live(held) for noun, held in found.items()}
            self._crooked = key, crooked(found, self.faults.of(Sort.HELD))
        return self._crooked[1] | self.shelf.records

    def row(self, version: str, noun: str, record: Record) -> Row:
        """A record told, remembered for as long as it is the same."""
        key = version, noun, record["sourcedId"]
        row = self._rows.get(key)
        if row is None or row.record is not record:
            teller = self._tellers.setdefault(version, Teller(version, self.url))
            row = self._rows[key] = Row(record, teller.tell(noun, record))
        return row

    def truth(self, collection: str, version: str = "1.2") -> list[dict[str, Any]]:
        """Everything a collection holds now, told without faults of telling or paging.

        Raises:
            SisUsageError: there is no such collection or version.
        """
        noun = NOUN_OF.get(collection)
        if noun is None or version not in VERSIONS:
            raise SisUsageError(f"no collection {collection!r} in version {version!r}")
        held = self.records()[noun]
        return [self.row(version, noun, record).told for record in held.values()]

    def close(self) -> None:
        """Close the gradebook."""
        self.shelf.close()

    def _history(self, day: int) -> Held:
        """The roster of a day with the dates that the nights before gave it."""
        now = self._clock()
        held = Held(self._source(1), now - timedelta(days=day - 1))
        for night in range(2, day + 1):
            held.become(self._source(night), now - timedelta(days=day - night))
        return held


@dataclass(frozen=True, slots=True)
class Nights:
    """A district as a source: day N has had N - 1 nights of one kind."""

    district: District
    night: str = "ordinary"

    def __call__(self, day: int) -> Records:
        """The records of a day."""
        return collect(district_records(on_day(self.district, day, night=self.night)))


@dataclass(frozen=True, slots=True)
class Told:
    """A roster written out by hand as a source: days by number, the last one stays."""

    days: tuple[Mapping[str, list[Record]], ...] = field(default=())

    def __call__(self, day: int) -> Records:
        """The records of a day."""
        given = self.days[min(day, len(self.days)) - 1]
        pairs = (
            (NOUN_OF[name], {"status": "active"} | record)
            for name, records in given.items()
            for record in records
        )
        return collect(pairs)


def compact(value: object) -> bytes:
    """JSON without blanks."""
    return _ENCODER.encode(value).encode()


def _live(held: dict[str, Record]) -> dict[str, Record]:
    return {record["sourcedId"]: record for record in live(held.values())}
