"""A pull: every collection that is wanted, read into one folder, and how far each is proven.

Guarantees: no collection ends without a verdict, and the pull is complete only if all are proven;
several collections and several pages of one are read at the same time, within the connection's
requests; a pull that was stopped goes on where it stopped, if the question is the same and not old;
what one collection fails on does not keep the others from being read.

The folder afterwards: one staged CSV file for each table, and `problems.ndjson`.
Leaves to others: what the rows mean, and what may be removed on their word (`Pulled.may_remove`).
"""

import asyncio
import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from rosterway.errors import RemoteError
from rosterway.formats.oneroster.endpoints import Endpoint
from rosterway.formats.oneroster.reading import tables_of
from rosterway.formats.oneroster.tables import ROSTERING
from rosterway.oneroster.asking import SCHOOL_LISTS, Asked, Source
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.collection import CollectionReading
from rosterway.oneroster.dated import not_asked_for
from rosterway.oneroster.disk import on_disk
from rosterway.oneroster.joining import Part, join
from rosterway.oneroster.outcome import Outcome, Progress, Wanted, outcome_of
from rosterway.oneroster.paging import Reason, proof
from rosterway.oneroster.patience import Surroundings, Waiting
from rosterway.oneroster.pulled import Pulled
from rosterway.oneroster.staging import CollectionFiles, folder_name
from rosterway.oneroster.together import together

#: A pull that was stopped goes on within so many seconds; what is older is read anew.
FRESH = 6 * 3600.0

#: So many collections lost one after the other mean that the provider is, and not they; so many
#: schools in a row for which an operation fails mean that it does for all.
_GIVE_UP = 3

_PARTS = "parts"
_QUESTION = "question.json"
OnProgress = Callable[[Progress | Waiting], None]


async def pull(
    source: Source,
    asked: Asked,
    folder: Path,
    *,
    on_progress: OnProgress | None = None,
    surroundings: Surroundings | None = None,
) -> Pulled:
    """Read what is asked into a folder, or go on with what was begun there.

    Raises:
        ConfigError: what is asked cannot be.
        RemoteError: nothing could be read; or, with `retry`, the provider went away: what was read
            is kept, and the same pull goes on from there.
        UnavailableError: the disk does not take it.
    """
    asked.check()
    world = surroundings or Surroundings()
    parts, begun = _parts(folder, source, asked, world.clock())
    async with ProviderClient(
        source.root,
        source.auth,
        wiring=source.wiring,
        patience=source.patience,
        max_requests=source.max_requests,
        surroundings=world,
        on_wait=on_progress,
    ) as client:
        began = client.seconds()
        await client.sign_in()
        pulling = _Pulling(client, source, asked, parts, on_progress)
        await pulling.read()
        seconds = client.seconds() - began
        begun -= client.skew or 0.0
    pulling.raise_if_nothing()
    with on_disk("what was pulled"):
        await asyncio.to_thread(join, pulling.parts(), folder, is_last=not pulling.is_resumable)
        noticed = await asyncio.to_thread(not_asked_for, folder, pulling.dated, asked.since)
        if not pulling.is_resumable:
            shutil.rmtree(parts)
    return Pulled(
        folder=folder,
        outcomes=tuple(pulling.outcomes),
        since=asked.since,
        requests=client.requests,
        seconds=seconds,
        is_resumable=pulling.is_resumable,
        began=datetime.fromtimestamp(begun, UTC),
        noticed=noticed,
    )


def _parts(folder: Path, source: Source, asked: Asked, now: float) -> tuple[Path, float]:
    """Where the collections are put, and when that was begun (Unix time, our clock).

    What an earlier pull left there goes, unless it goes on.
    """
    parts = folder / _PARTS
    wanted = [asked.wanted(endpoint, source.version) for endpoint in asked.endpoints()]
    question = [str(source.root), *(f"{each.path} {each.query()}" for each in wanted)]
    with on_disk("the pull"):
        begun = _begun(parts / _QUESTION, question, now)
        if begun is None:
            begun = now
            shutil.rmtree(parts, ignore_errors=True)
            parts.mkdir(parents=True)
            for table in ROSTERING:
                (folder / table.file).unlink(missing_ok=True)
            told = {"question": question, "begun": now}
            (parts / _QUESTION).write_text(json.dumps(told), encoding="utf-8")
    return parts, begun


def _begun(file: Path, question: list[str], now: float) -> float | None:
    """When the pull was begun that goes on; None if there is none, or of another question."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    goes_on = told["question"] == question and 0 <= now - told["begun"] <= FRESH
    return told["begun"] if goes_on else None


class _Pulling:
    """One sitting of a pull."""

    def __init__(
        self,
        client: ProviderClient,
        source: Source,
        asked: Asked,
        folder: Path,
        on_progress: OnProgress | None,
    ) -> None:
        self._client = client
        self._source = source
        self._asked = asked
        self._folder = folder
        self._on_progress = on_progress
        self._told: dict[str, Outcome] = {}
        self._order: dict[str, Wanted] = {}
        self._errors: list[RemoteError] = []
        self._lost_in_a_row = 0
        self._failed_in_a_row: Counter[str] = Counter()
        self.is_resumable = False

    @property
    def outcomes(self) -> list[Outcome]:
        """How every collection ended, in the order they were wanted."""
        return [self._told[name] for name in self._order]

    async def read(self) -> None:
        """Read all of them: what is one by one for schools after the list of schools."""
        endpoints = self._asked.endpoints()
        await self._read_all([self._wanted(each) for each in endpoints if not each.is_per_school])
        for_schools = [each for each in endpoints if each.is_per_school]
        if for_schools:
            await self._read_schools(for_schools)

    @property
    def dated(self) -> set[str]:
        """The tables of which only what has changed was asked for."""
        asked = [each for each in self._order.values() if "dateLastModified" in each.filter]
        return {each.endpoint.noun.table.name for each in asked}

    def raise_if_nothing(self) -> None:
        """Raise the first error if no collection could be read at all."""
        if self._errors and all(each.proof.reason is Reason.FAILED for each in self.outcomes):
            raise self._errors[0]

    def parts(self) -> list[Part]:
        """What the collections gave."""
        found: list[Part] = []
        for name, wanted in self._order.items():
            outcome = self._told[name]
            if not outcome.readings:
                continue  # never begun
            is_twice = any(each.code == "record-twice" for each in outcome.deviations)
            is_clean = outcome.proof.is_proven and not is_twice
            found.append(Part(wanted.endpoint.noun, self._files(wanted), is_clean))
        return found

    async def _read_schools(self, endpoints: list[Endpoint]) -> None:
        schools = self._schools()
        if schools is None:
            for endpoint in endpoints:
                wanted = self._wanted(endpoint)
                self._order[wanted.path] = wanted
                self._told[wanted.path] = _unread(wanted, "The list of schools could not be read")
            return
        await self._read_all(
            [self._wanted(each, school) for each in endpoints for school in schools]
        )

    async def _read_all(self, wanted: list[Wanted]) -> None:
        self._order |= {each.path: each for each in wanted}
        await together(self._source.max_requests, wanted, self._read)

    async def _read(self, wanted: Wanted) -> None:
        files = self._files(wanted)
        told = files.finished()
        known = outcome_of(told) if told else None
        if known is not None and known.is_final:
            self._told[wanted.path] = known
            return
        operation = wanted.endpoint.name
        if wanted.school is not None and self._failed_in_a_row[operation] >= _GIVE_UP:
            self._told[wanted.path] = _unread(wanted, "Not asked for: it failed for other schools")
            return
        reading = CollectionReading(self._client, wanted, files, on_progress=self._on_progress)
        try:
            outcome = await reading.read()
        except RemoteError as error:
            self._lost_in_a_row += 1
            if self._lost_in_a_row >= _GIVE_UP:
                raise
            self._errors.append(error)
            self.is_resumable = True
            outcome = reading.outcome(proof(Reason.FAILED), error)
        else:
            self._lost_in_a_row = 0
            if reading.failure is not None:
                self._errors.append(reading.failure)
        is_failed = outcome.proof.reason is Reason.FAILED
        self._failed_in_a_row[operation] = self._failed_in_a_row[operation] + 1 if is_failed else 0
        self._told[wanted.path] = outcome

    def _schools(self) -> list[str] | None:
        """The ids of the schools that are in use, once each; None if they could not be read."""
        lists = {wanted.endpoint.name: wanted for wanted in self._order.values()}
        for wanted in [lists[name] for name in SCHOOL_LISTS if name in lists]:
            if self._told[wanted.path].proof.reason is not Reason.FAILED:
                with self._files(wanted).csv("orgs").open(newline="", encoding="utf-8") as rows:
                    return list(dict.fromkeys(schools_in(rows, wanted.endpoint)))
        return None

    def _wanted(self, endpoint: Endpoint, school: str | None = None) -> Wanted:
        return self._asked.wanted(endpoint, self._source.version, school)

    def _files(self, wanted: Wanted) -> CollectionFiles:
        name = folder_name(wanted.endpoint.name, wanted.school)
        return CollectionFiles(self._folder / name, tables_of(wanted.endpoint.noun))


def _unread(wanted: Wanted, why: str) -> Outcome:
    """The outcome of a collection that was not even asked for."""
    return Outcome(
        endpoint=wanted.endpoint.name,
        school=wanted.school,
        path=wanted.path,
        proof=proof(Reason.FAILED),
        readings=0,
        error=why,
    )


def schools_in(rows: Iterable[str], endpoint: Endpoint) -> Iterator[str]:
    """The ids of the schools in use, of the staged lines of a list of them or of orgs."""
    for row in csv.DictReader(rows):
        is_school = endpoint.name == "getAllSchools" or row["type"] == "school"
        if is_school and row["status"] != "tobedeleted":
            yield row["sourcedId"]
