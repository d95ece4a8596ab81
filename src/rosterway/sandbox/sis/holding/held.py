"""The roster a SIS holds, and how it moves from day to day.

Guarantees: a record keeps its `dateLastModified` until its content changes; who vanishes stays as
a tombstone (`tobedeleted`, with the date of vanishing); who comes back is active again with a new
date (oneroster.md section 12). What is asked of it is left to `asking`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from rosterway.sandbox.sis.clock import stamp
from rosterway.sandbox.sis.holding.records import GONE, Record, dice
from rosterway.sandbox.sis.model.nouns import ROSTER_NOUNS

Records = dict[str, dict[str, Record]]

#: The first load's records were last touched some time in so many days before it.
_PAST_DAYS = 120
_DATE = "dateLastModified"


class Held:
    """Records by noun and id. `generation` grows with every change."""

    def __init__(self, records: Mapping[str, Mapping[str, Record]], now: datetime) -> None:
        self.generation = 0
        self.records: Records = {noun: {} for noun in ROSTER_NOUNS}
        for noun, found in records.items():
            for key, record in found.items():
                self.records[noun][key] = {_DATE: _some_time_before(now, noun, key), **record}

    def become(self, records: Mapping[str, Mapping[str, Record]], now: datetime) -> None:
        """Be another day's roster: what differs from what is held is modified now."""
        date = stamp(now)
        for noun, held in self.records.items():
            fresh = records.get(noun, {})
            for key, record in fresh.items():
                was = held.get(key)
                dated = record | {_DATE: was[_DATE] if was else date}
                held[key] = dated if was == dated else record | {_DATE: date}
            for key in held.keys() - fresh.keys():
                if held[key]["status"] != GONE:
                    held[key] = held[key] | {"status": GONE, _DATE: date}
        self.generation += 1

    def put(self, noun: str, record: Record, now: datetime | None) -> None:
        """Add or replace one record; without `now` its date stays as it is."""
        held = self.records[noun]
        was = held.get(record["sourcedId"], {})
        date = stamp(now) if now else was.get(_DATE, record.get(_DATE, ""))
        held[record["sourcedId"]] = record | {_DATE: date}
        self.generation += 1

    def put_first(self, noun: str, record: Record) -> None:
        """Add a record before all others."""
        held = self.records[noun]
        self.records[noun] = {record["sourcedId"]: record} | held
        self.generation += 1

    def purge(self, noun: str, key: str) -> None:
        """Forget a record without a trace."""
        self.records[noun].pop(key, None)
        self.generation += 1


def _some_time_before(now: datetime, noun: str, key: str) -> str:
    seconds = dice("touched", noun, key) % (_PAST_DAYS * 86_400)
    return stamp(now - timedelta(seconds=seconds + 1))


def live(records: Iterable[Record]) -> list[Record]:
    """Those that are not tombstones."""
    return [record for record in records if record["status"] != GONE]
