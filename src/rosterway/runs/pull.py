"""Pull: a SIS is read over OneRoster, made a Canvas roster, and sealed as a delivery.

Nothing is changed at the SIS. What has been read stays in the home until the delivery is sealed, so
that a pull that was cut off, by whatever, goes on at the page it was at. A pull of which any
collection is not proven complete makes a delivery that says so: it adds and updates, and takes
nothing away (`safety.md`, `unproven-pull`).
"""

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from rosterway.errors import DeliveryError, UnreachableError
from rosterway.formats.oneroster.rules import problem
from rosterway.gateway.pulled import unproven_by
from rosterway.oneroster.asking import asked_of, source_of
from rosterway.oneroster.client import Waiting
from rosterway.oneroster.outcome import Progress
from rosterway.oneroster.profiles import FOLDER, with_profile
from rosterway.oneroster.pull import pull
from rosterway.oneroster.pulled import Pulled
from rosterway.runs import artefacts
from rosterway.runs.calculate import calculate_translation
from rosterway.runs.jobs import TranslateJob, TranslateResult
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.stages import Stage, entering
from rosterway.settings import Feed
from rosterway.store import deliveries, runs, stages
from rosterway.store.deliveries import DeliveredFile, Delivery
from rosterway.store.runs import Run
from rosterway.store.walls import TenantStore

#: What a pull leaves with its run: its summary, and the problems of records and of the translation.
PULL_SUMMARY = "pull.json"
PULL_PROBLEMS = "pull-problems.jsonl"

#: Seconds between two words to the store about how far a pull is; each prolongs the lease as well.
_SECONDS_BETWEEN = 1.0


async def pull_roster(office: Office, handle: TenantStore, run: Run) -> Delivery:
    """Read the feed's SIS and seal what it holds as the run's delivery.

    Raises what `oneroster.pull` raises; UnreachableError, to be tried again, while collections are
    lost on the way; DeliveryError if nothing of it is a roster.
    """
    feed = office.feed_settings(handle.name, run.roster)
    folder = office.home.pulling(handle.name, run.roster)
    pulled = await _read(office, handle, run, feed, folder)
    if pulled.is_resumable:
        raise UnreachableError(
            f"Not all of the SIS could be read: {pulled.why[0]}",
            system="sis",
            remedy="It is tried again, and goes on where it was.",
        )
    passing(Moment.PULLED)
    work = office.work(run, "translate")
    result = await _translated(office, handle, run, feed, pulled, work)
    delivery = await asyncio.to_thread(_keep, office, handle, run, pulled, result, work)
    passing(Moment.DELIVERY_SEALED)
    await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    return delivery


async def forget_pull(office: Office, handle: TenantStore, run: Run) -> None:
    """Remove what was read of the SIS, once it is sealed; again, and there is nothing to remove."""
    folder = office.home.pulling(handle.name, run.roster)
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _read(office: Office, handle: TenantStore, run: Run, feed: Feed, folder: Path) -> Pulled:
    named = office.tenant(handle.name).connections[feed.source]
    connection = with_profile(named, office.config_folder / FOLDER)
    asked = asked_of(connection)
    source = source_of(connection, office.places(handle), asked=asked)
    stages.enter(handle, run.id, Stage.PULLING, now=office.clock())
    folder.mkdir(parents=True, exist_ok=True)
    pulled = await pull(source, asked, folder, on_progress=_Told(office, handle, run))
    counts = {name: each.records for name, each in pulled.collections.items()}
    stages.leave(handle, run.id, counts=counts, now=office.clock())
    return pulled


async def _translated(
    office: Office, handle: TenantStore, run: Run, feed: Feed, pulled: Pulled, work: Path
) -> TranslateResult:
    result = await calculate_translation(
        TranslateJob(
            work=str(work),
            staged=str(pulled.folder),
            policy=office.policies.get(feed.policy or "", ""),
            is_whole=pulled.may_remove,
            now=office.clock(),
            memory=office.memory,
        ),
        entering(handle, run.id, office.clock),
    )
    if not result.rows:
        raise DeliveryError(
            "What was read of the SIS makes no table of a roster.",
            remedy="See which collections the connection excludes, and what the SIS serves.",
        )
    stages.leave(handle, run.id, counts=result.problem_counts, now=office.clock())
    return result


def _keep(
    office: Office,
    handle: TenantStore,
    run: Run,
    pulled: Pulled,
    result: TranslateResult,
    work: Path,
) -> Delivery:
    """Keep files and problems, then seal the delivery: that the run has it is one fact with it."""
    now = office.clock()
    files = [
        DeliveredFile(path.name, blob.digest, blob.size)
        for path in (work / "out" / f"{table}.csv" for table in result.rows)
        for blob in [handle.blobs.put_file(path)]
    ]
    noticed = work / PULL_PROBLEMS
    with noticed.open("wb") as target:
        target.writelines(_lines(pulled))
        with (work / "out" / artefacts.PROBLEMS).open("rb") as translated:
            shutil.copyfileobj(translated, target)
    kept = handle.blobs.put_file(noticed)
    stages.attach(handle, run.id, PULL_PROBLEMS, kept, stage=Stage.TRANSLATING, now=now)
    summary = handle.blobs.put_bytes(msgspec.json.encode(pulled.as_dict()))
    stages.attach(handle, run.id, PULL_SUMMARY, summary, stage=Stage.PULLING, now=now)
    with handle.together() as tx:
        delivery = deliveries.seal(
            tx,
            feed=run.roster,
            source="pull",
            sender=office.feed_settings(handle.name, run.roster).source,
            received_at=now,
            files=files,
            because="pull",
            unproven=unproven_by(
                complete=pulled.complete, why=list(pulled.why), held=list(result.held)
            ),
            now=now,
        )
        runs.takes(tx, run.id, delivery.id)
    return delivery


def _lines(pulled: Pulled) -> Iterator[bytes]:
    for finding in pulled.findings():
        yield msgspec.json.encode(problem(finding).as_dict()) + b"\n"


class _Told:
    """How far the pull is, for people who watch; and that its worker is alive."""

    def __init__(self, office: Office, handle: TenantStore, run: Run) -> None:
        self._office = office
        self._handle = handle
        self._run = run
        self._last = time.monotonic()
        self._records: dict[str, tuple[int, int | None]] = {}

    def __call__(self, told: Progress | Waiting) -> None:
        if isinstance(told, Waiting):
            self._say(f"{told.why}: waiting {told.seconds:.0f} s")
            return
        self._records[told.path] = (told.records, told.total)
        if (now := time.monotonic()) - self._last >= _SECONDS_BETWEEN:
            self._last = now
            self._say(f"{told.path}: {told.records:,} read")

    def _say(self, note: str) -> None:
        done = sum(records for records, _ in self._records.values())
        known = [total for _, total in self._records.values() if total is not None]
        of = sum(known) if len(known) == len(self._records) else 0
        self._office.claim(self._handle, self._run)
        stages.progress(
            self._handle, self._run.id, done=done, of=of, note=note, now=self._office.clock()
        )
