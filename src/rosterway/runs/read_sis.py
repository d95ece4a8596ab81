"""Read a feed's SIS: all of it, or what has changed, which is laid over what was read before.

A delta is only an offer. Where nothing is kept that it could be laid over, or the SIS does not take
the question for what has changed, the whole SIS is read in its place, and people are told why.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from rosterway.errors import (
    ConfigError,
    CredentialsError,
    RemoteError,
    ThrottledError,
    UnreachableError,
)
from rosterway.oneroster.asking import Asked, Source, asked_of, question, source_of
from rosterway.oneroster.outcome import Outcome, Progress
from rosterway.oneroster.paging import Reason
from rosterway.oneroster.patience import Waiting
from rosterway.oneroster.profiles import FOLDER, with_profile
from rosterway.oneroster.pull import pull
from rosterway.oneroster.pulled import Pulled
from rosterway.runs import kept
from rosterway.runs.kept import Terms, Under
from rosterway.runs.office import Office
from rosterway.runs.requests import DELTA
from rosterway.runs.stages import Stage
from rosterway.settings import Feed
from rosterway.store import stages
from rosterway.store.runs import Run
from rosterway.store.walls import TenantStore

#: Seconds between two words to the store about how far a pull is; each prolongs the lease as well.
_SECONDS_BETWEEN = 1.0

#: Where the two kinds of pull put what they read, so that each goes on where it was.
_WHOLE, _CHANGES = "whole", "changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read, on which terms. `known` is what was kept before, if anything that fits.

    `is_delta`: only what has changed since was read, to be laid over what is known. `instead` says
    why a whole pull was made where a delta was due; blank if none was.
    """

    pulled: Pulled
    terms: Terms
    known: Under | None
    is_delta: bool
    instead: str

    @property
    def note(self) -> str:
        """What was read, for people."""
        if self.instead:
            return f"All of it, because {self.instead}"
        if self.pulled.since is None:
            return "All of it"
        return f"What has changed since {self.pulled.since:%Y-%m-%d %H:%M} UTC"


async def read_sis(office: Office, handle: TenantStore, run: Run) -> Reading:
    """Read what the run is for.

    Raises what `oneroster.pull` raises; UnreachableError, to be tried again, while collections are
    lost on the way: what was read is kept, and the next try goes on from there.
    """
    feed = office.feed_settings(handle.name, run.roster)
    source, asked = _sis(office, handle, feed)
    terms = Terms(office.feed(handle, run.roster).policy, question(source, asked))
    place = office.home.kept(handle.name, run.roster)
    known = await asyncio.to_thread(kept.find, place, terms, now=office.clock())
    sitting = _Sitting(office, handle, run, source)
    stages.enter(handle, run.id, Stage.PULLING, now=office.clock())
    under = known if isinstance(known, Under) else None
    instead = ""
    if run.kind == DELTA:
        found = known if isinstance(known, str) else await sitting.changes(asked, known)
        if isinstance(found, Pulled):
            return sitting.read(
                Reading(pulled=found, terms=terms, known=under, is_delta=True, instead="")
            )
        instead = found
    pulled = await sitting.whole(asked)
    return sitting.read(
        Reading(pulled=pulled, terms=terms, known=under, is_delta=False, instead=instead)
    )


def _sis(office: Office, handle: TenantStore, feed: Feed) -> tuple[Source, Asked]:
    named = office.tenant(handle.name).connections[feed.source]
    connection = with_profile(named, office.config_folder / FOLDER)
    asked = asked_of(connection, filters=feed.filter)
    return source_of(connection, office.places(handle), asked=asked), asked


class _Say(Protocol):
    """Says how far it is."""

    def __call__(self, note: str, done: int = 0, of: int = 0) -> None: ...


class _Sitting:
    """One try of a run at its SIS."""

    def __init__(self, office: Office, handle: TenantStore, run: Run, source: Source) -> None:
        self._office = office
        self._handle = handle
        self._run = run
        self._source = source

    async def whole(self, asked: Asked) -> Pulled:
        """Read everything that is asked for."""
        pulled = await self._pull(asked, _WHOLE)
        if pulled.is_resumable:
            raise _lost(pulled)
        return pulled

    async def changes(self, asked: Asked, under: Under) -> Pulled | str:
        """Read what has changed since; or why the SIS does not take the question, in words."""
        try:
            pulled = await self._pull(replace(asked, since=under.roster.cursor), _CHANGES)
        except (CredentialsError, ThrottledError):
            raise  # it would say so to any question
        except ConfigError as error:
            return _refused(error.message)
        except RemoteError as error:
            if error.status is None:
                raise  # it is away
            return _refused(error.message)
        failed = next(_failed(pulled), None)
        if failed is not None and failed.status is not None:
            return _refused(failed.why)
        if pulled.is_resumable:
            raise _lost(pulled)
        return pulled

    def read(self, reading: Reading) -> Reading:
        """Say that it is read."""
        counts = {name: each.records for name, each in reading.pulled.collections.items()}
        self._say(reading.note)
        stages.leave(self._handle, self._run.id, counts=counts, now=self._office.clock())
        return reading

    async def _pull(self, asked: Asked, part: str) -> Pulled:
        folder = self._office.home.pulling(self._handle.name, self._run.roster) / part
        folder.mkdir(parents=True, exist_ok=True)
        return await pull(self._source, asked, folder, on_progress=_Told(self._say))

    def _say(self, note: str, done: int = 0, of: int = 0) -> None:
        office, handle, run = self._office, self._handle, self._run
        office.claim(handle, run)
        stages.progress(handle, run.id, done=done, of=of, note=note, now=office.clock())


def _failed(pulled: Pulled) -> Iterator[Outcome]:
    return (each for each in pulled.outcomes if each.proof.reason is Reason.FAILED)


def _refused(why: str) -> str:
    return f"the SIS does not tell what has changed ({why.rstrip('.')})"


def _lost(pulled: Pulled) -> UnreachableError:
    return UnreachableError(
        f"Not all of the SIS could be read: {pulled.why[0]}",
        system="sis",
        remedy="It is tried again, and goes on where it was.",
    )


class _Told:
    """How far the pull is, for people who watch; and that its worker is alive."""

    def __init__(self, say: _Say) -> None:
        self._say = say
        self._last = time.monotonic()
        self._records: dict[str, tuple[int, int | None]] = {}

    def __call__(self, told: Progress | Waiting) -> None:
        if isinstance(told, Waiting):
            self._tell(f"{told.why}: waiting {told.seconds:.0f} s")
            return
        self._records[told.path] = (told.records, told.total)
        if (now := time.monotonic()) - self._last >= _SECONDS_BETWEEN:
            self._last = now
            self._tell(f"{told.path}: {told.records:,} read")

    def _tell(self, note: str) -> None:
        known = [total for _, total in self._records.values() if total is not None]
        self._say(
            note,
            done=sum(records for records, _ in self._records.values()),
            of=sum(known) if len(known) == len(self._records) else 0,
        )
