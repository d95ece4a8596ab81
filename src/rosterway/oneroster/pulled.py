"""What a pull brought: one staged file for each table, and for each collection how far it is proven."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rosterway.formats.oneroster.deviations import Deviation, Tally
from rosterway.formats.oneroster.endpoints import ENDPOINTS
from rosterway.formats.problems import Finding
from rosterway.oneroster.asking import name_of
from rosterway.oneroster.outcome import Outcome
from rosterway.oneroster.staging import PROBLEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """One collection; one that is read school by school is one for all of them.

    `seconds` add up what may have been read at the same time. `why` None: it is complete.
    """

    records: int
    pages: int
    requests: int
    seconds: float
    complete: bool
    why: str | None

    def as_dict(self) -> dict[str, Any]:
        """The collection as the command line's JSON has it."""
        return {
            "records": self.records,
            "pages": self.pages,
            "requests": self.requests,
            "seconds": round(self.seconds, 3),
            "complete": self.complete,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A pull. Table T is `folder / "T.csv"`, its columns those of `Table.staged`.

    `since` is set for a delta; `is_resumable`: some collections were lost on the way, and pulling
    again into the same folder goes on with them. `began` is before its first request, by the
    provider's clock; `noticed` are deviations of the whole.
    """

    folder: Path
    outcomes: tuple[Outcome, ...]
    since: datetime | None
    requests: int
    seconds: float
    is_resumable: bool
    began: datetime
    noticed: tuple[Deviation, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every collection that was wanted is proven complete."""
        return all(outcome.proof.is_proven for outcome in self.outcomes)

    @property
    def may_remove(self) -> bool:
        """Whether what is not in it may be taken for gone: it is whole, and no delta."""
        return self.complete and self.since is None

    @property
    def why(self) -> tuple[str, ...]:
        """Why it is not complete, one line a collection."""
        return tuple(f"{each.path}: {each.why}" for each in self.outcomes if each.why)

    @property
    def collections(self) -> Mapping[str, Collected]:
        """The collections by the names people know them by."""
        by_name: dict[str, list[Outcome]] = {}
        for outcome in self.outcomes:
            by_name.setdefault(name_of(ENDPOINTS[outcome.endpoint]), []).append(outcome)
        return {name: _collected(outcomes) for name, outcomes in by_name.items()}

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """Where the provider departs from the specification, counted, with an example each."""
        tally = Tally()
        for outcome in self.outcomes:
            tally.take(outcome.deviations)
        tally.take(self.noticed)
        return tally.all()

    def findings(self) -> Iterator[Finding]:
        """The problems of records, collection by collection; there may be many."""
        with (self.folder / PROBLEMS).open(encoding="utf-8") as lines:
            for line in lines:
                yield Finding(**json.loads(line))

    def as_dict(self) -> dict[str, Any]:
        """The pull as the command line's JSON has it, without its problems."""
        return {
            "complete": self.complete,
            "why": list(self.why),
            "since": None if self.since is None else self.since.isoformat(),
            "requests": self.requests,
            "seconds": round(self.seconds, 3),
            "collections": {name: each.as_dict() for name, each in self.collections.items()},
            "deviations": [each.as_dict() for each in self.deviations],
        }


def _collected(outcomes: list[Outcome]) -> Collected:
    reasons = [outcome for outcome in outcomes if outcome.why]
    why = reasons[0].why if reasons else None
    if len(outcomes) > 1 and reasons:
        why = f"{reasons[0].path}: {why}"
        if len(reasons) > 1:
            why += f" (and {len(reasons) - 1:,} more like it)"
    return Collected(
        records=sum(outcome.records for outcome in outcomes),
        pages=sum(outcome.pages for outcome in outcomes),
        requests=sum(outcome.requests for outcome in outcomes),
        seconds=sum(outcome.seconds for outcome in outcomes),
        complete=not reasons,
        why=why,
    )
