"""Pull: a SIS is read over OneRoster, made a Canvas roster, and sealed as a delivery.

Nothing is changed at the SIS. What has been read stays in the home until the delivery is sealed, so
that a pull that was cut off, by whatever, goes on at the page it was at. A pull of which any
collection is not proven complete makes a delivery that says so: it adds and updates, and takes
nothing away (`safety.md`, `unproven-pull`).

What a delta brings is laid over what was proven before, and that whole is translated: so a delta is
a whole roster like any other, and what it does not bring cannot be missing from it.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rosterway.errors import DeliveryError
from rosterway.formats.oneroster.deviations import Deviation, Tally
from rosterway.formats.oneroster.field import Table
from rosterway.formats.oneroster.rules import problem
from rosterway.gateway.pulled import unproven_by
from rosterway.oneroster.pulled import Pulled
from rosterway.rostering.translate.sources import READ
from rosterway.runs import artefacts, kept
from rosterway.runs.calculate import calculate_translation
from rosterway.runs.jobs import TranslateJob, TranslateResult
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.read_sis import Reading, read_sis
from rosterway.runs.stages import Stage, entering
from rosterway.store import deliveries, runs, stages
from rosterway.store.deliveries import DeliveredFile, Delivery
from rosterway.store.runs import Run
from rosterway.store.walls import TenantStore

#: What a pull leaves with its run: its summary, and the problems of records and of the translation.
PULL_SUMMARY = "pull.json"
PULL_PROBLEMS = "pull-problems.jsonl"


async def pull_roster(office: Office, handle: TenantStore, run: Run) -> Delivery:
    """Read the feed's SIS and seal what it holds as the run's delivery.

    Raises what `read_sis` raises, and DeliveryError if nothing of it is a roster.
    """
    reading = await read_sis(office, handle, run)
    passing(Moment.PULLED)
    work = office.work(run, "translate")
    result = await _translated(office, handle, run, reading, work)
    await asyncio.to_thread(_keep_for_deltas, office, handle, run, reading, result, work)
    delivery = await asyncio.to_thread(_seal, office, handle, run, reading, result, work)
    passing(Moment.DELIVERY_SEALED)
    await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    return delivery


async def forget_pull(office: Office, handle: TenantStore, run: Run) -> None:
    """Remove what was read of the SIS, once it is sealed; again, and there is nothing to remove."""
    folder = office.home.pulling(handle.name, run.roster)
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _translated(
    office: Office, handle: TenantStore, run: Run, reading: Reading, work: Path
) -> TranslateResult:
    feed = office.feed_settings(handle.name, run.roster)
    result = await calculate_translation(
        TranslateJob(
            work=str(work),
            staged=str(reading.pulled.folder),
            policy=office.policies.get(feed.policy or "", ""),
            is_whole=reading.pulled.complete,
            kept=None if reading.known is None else reading.known.roster,
            is_delta=reading.is_delta,
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


def _keep_for_deltas(
    office: Office,
    handle: TenantStore,
    run: Run,
    reading: Reading,
    result: TranslateResult,
    work: Path,
) -> None:
    """Keep what is proven for the next delta to be laid over, and nothing where there is none.

    Before the delivery is sealed: what is kept is true of the SIS whatever becomes of the delivery.
    """
    place = office.home.kept(handle.name, run.roster)
    if office.feed_settings(handle.name, run.roster).delta is None:
        kept.forget(place)
    elif reading.pulled.complete:
        kept.keep(
            place,
            reading.terms,
            maker=run.id,
            tables={table.name: path for table in READ if (path := _staged(work, table)).exists()},
            began=reading.pulled.began,
            newest=result.newest,
            under=reading.known if reading.is_delta else None,
        )
        passing(Moment.PULL_KEPT)


def _staged(work: Path, table: Table) -> Path:
    return work / f"{table.name}.parquet"


def _seal(
    office: Office,
    handle: TenantStore,
    run: Run,
    reading: Reading,
    result: TranslateResult,
    work: Path,
) -> Delivery:
    """Keep files and problems, then seal the delivery: that the run has it is one fact with it."""
    now = office.clock()
    pulled = reading.pulled
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
    problems = handle.blobs.put_file(noticed)
    stages.attach(handle, run.id, PULL_PROBLEMS, problems, stage=Stage.TRANSLATING, now=now)
    summary = handle.blobs.put_bytes(msgspec.json.encode(_summary(reading, result)))
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


def _summary(reading: Reading, result: TranslateResult) -> dict[str, Any]:
    """The pull as people have it: what it says of itself, and what it shows of its deltas."""
    tally = Tally()
    tally.take(reading.pulled.deviations)
    tally.take(
        Deviation(
            "change-undated", each.table, "dateLastModified", each.count, each.date, each.record
        )
        for each in result.undated
    )
    told = reading.pulled.as_dict() | {"deviations": [each.as_dict() for each in tally.all()]}
    told["instead_of_delta"] = reading.instead or None
    if reading.is_delta and reading.known is not None:
        told["delta"] = {
            "laid_over": reading.known.whole_at.isoformat(),
            "deltas_before": reading.known.deltas,
            "came": result.came,
            "of": result.staged,
        }
    return told


def _lines(pulled: Pulled) -> Iterator[bytes]:
    for finding in pulled.findings():
        yield msgspec.json.encode(problem(finding).as_dict()) + b"\n"
