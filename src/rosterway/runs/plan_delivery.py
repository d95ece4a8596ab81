"""Plan a delivery: have it read, compared and guarded, and keep the plan with all its artefacts.

Nothing outside the home is touched, so the step may be repeated: the same delivery against the same
baseline is the same plan.
"""

import asyncio
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from rosterway.formats.catalogue import problem
from rosterway.formats.problems import Finding
from rosterway.rostering.grace import COLUMNS
from rosterway.runs import artefacts
from rosterway.runs.calculate import calculate_plan
from rosterway.runs.jobs import DeliveredPath, LeftPath, PlanJob, PlanResult, TablePath, Tables
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.pull import PULL_PROBLEMS
from rosterway.runs.requests import PULLS
from rosterway.runs.stages import Stage, entering
from rosterway.settings import Approve, Feed, OnError, as_data
from rosterway.store import baselines, deliveries, feeds, plans, runs, stages
from rosterway.store.baselines import Baseline
from rosterway.store.deliveries import Delivery
from rosterway.store.plans import Decision, Plan
from rosterway.store.runs import Outcome, Run
from rosterway.store.walls import TenantStore

#: The artefact that says how a plan's files belong together (`PlanResult` without the plan).
INDEX = "index.json"


async def plan_delivery(office: Office, handle: TenantStore, run: Run) -> Plan:
    """Make and record the run's plan."""
    assert run.delivery is not None
    delivery = deliveries.get(handle, run.delivery)
    feed = office.feed_settings(handle.name, run.roster)
    known = baselines.current(handle, run.roster)
    generation = known.generation if known else 0
    if delivery.unfinished:
        return _refuse_cut(office, handle, run, delivery, generation)
    work = office.work(run, "plan")
    job = _job(office, handle, run, delivery, feed, known, work)
    result = await calculate_plan(job, entering(handle, run.id, office.clock))
    passing(Moment.PLAN_CALCULATED)
    kept = await asyncio.to_thread(keep, office, handle, run, work / "out", result)
    plan = _record(
        handle,
        run,
        digest=result.plan["digest"],
        generation=generation,
        decision=Decision(result.plan["decision"]),
        asks=feed.approve is Approve.ALWAYS,
        summary={
            **result.plan,
            "account": office.tenant(handle.name).canvas.key,
            "problem_counts": result.problem_counts,
            "delivered": result.delivered,
            "has_forgotten": result.has_forgotten,
            "stops_on_error": job.strict and result.problem_counts["error"] > 0,
            "sis_import": dict(feed.sis_import.asked),
        },
        artifacts=kept,
        now=office.clock(),
    )
    stages.leave(handle, run.id, counts=result.problem_counts, now=office.clock())
    await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    passing(Moment.PLAN_RECORDED)
    return plan


def _record(
    handle: TenantStore,
    run: Run,
    *,
    digest: str,
    generation: int,
    decision: Decision,
    asks: bool,
    summary: Mapping[str, Any],
    artifacts: Mapping[str, str],
    now: datetime,
) -> Plan:
    """Keep the plan, and that the run carries it: both or neither."""
    with handle.together() as tx:
        plan = plans.record(
            tx,
            digest=digest,
            feed=run.roster,
            run=run.id,
            delivery=run.delivery,
            baseline_generation=generation,
            decision=decision,
            asks=asks,
            summary=summary,
            artifacts=artifacts,
            now=now,
        )
        runs.carries(tx, run.id, plan.id)
        return plan


def _job(
    office: Office,
    handle: TenantStore,
    run: Run,
    delivery: Delivery,
    feed: Feed,
    known: Baseline | None,
    work: Path,
) -> PlanJob:
    kept = office.feed(handle, run.roster)
    return PlanJob(
        work=str(work),
        tenant=handle.name,
        feed=run.roster,
        files=tuple(
            DeliveredPath(file.name, str(handle.blobs.local(file.sha256)))
            for file in delivery.files
        ),
        encoding=feed.encoding,
        apply=feed.apply.value,
        now=office.clock(),
        baseline=tables_of(handle, known.tables) if known else {},
        pending=pending_of(handle, known) if known else {},
        elsewhere=_elsewhere(handle, run.roster),
        vanished=as_data(feed.vanished),
        limits=as_data(feed.limits),
        options={
            "canvas": office.tenant(handle.name).canvas.key,
            **({"sis_import": asked} if (asked := dict(feed.sis_import.asked)) else {}),
        },
        left=tuple(LeftPath(one.name, one.reason) for one in delivery.left),
        after=_after(handle, kept, known),
        unproven=delivery.unproven,
        noticed=_noticed(handle, delivery),
        headers=headers_of(known),
        missing=missing_of(handle, known),
        strict=feed.on_error is OnError.STOP,
        memory=office.memory,
    )


def _noticed(handle: TenantStore, delivery: Delivery) -> str | None:
    """Where the problems are that were found before the delivery was made: in a pull."""
    for run in runs.latest(handle, delivery=delivery.id):
        if run.kind not in PULLS:
            continue
        for file in stages.files(handle, run.id):
            if file.name == PULL_PROBLEMS:
                return str(handle.blobs.local(file.blob))
    return None


def tables_of(handle: TenantStore, tables: Mapping[str, baselines.BaselineTable]) -> Tables:
    """A baseline's tables where the calculator can read them."""
    return {
        name: TablePath(str(handle.blobs.local(table.blob)), table.columns)
        for name, table in tables.items()
    }


def pending_of(handle: TenantStore, known: Baseline) -> Tables:
    """What Canvas has not confirmed of a feed."""
    return {
        name: TablePath(str(handle.blobs.local(table["blob"])), tuple(table["columns"]))
        for name, table in known.pending.items()
    }


def headers_of(known: Baseline | None) -> dict[str, tuple[str, ...]]:
    """The columns that always came, as far as they were noticed."""
    if known is None:
        return {}
    return {name: table.header for name, table in known.tables.items() if table.header is not None}


def missing_of(handle: TenantStore, known: Baseline | None) -> Tables:
    """Since when rows of the baseline are missing."""
    if known is None:
        return {}
    return {
        name: TablePath(str(handle.blobs.local(table.missing)), COLUMNS)
        for name, table in known.tables.items()
        if table.missing is not None
    }


def _elsewhere(handle: TenantStore, feed: str) -> tuple[Tables, ...]:
    """What the tenant's other feeds have confirmed."""
    known = baselines.every(handle)
    return tuple(tables_of(handle, other.tables) for name, other in known.items() if name != feed)


def _after(handle: TenantStore, feed: feeds.Feed, known: Baseline | None) -> str | None:
    """What makes this run a careful one (`safety.md`, `after-pause`)."""
    if known is None:
        return None
    if known.policy != feed.policy:
        return "a change of policy or connection"
    if feed.resumed_at is not None and not _ran_since(handle, feed.name, feed.resumed_at):
        return "a pause"
    return None


def _ran_since(handle: TenantStore, feed: str, moment: datetime) -> bool:
    """Whether a run that began after the moment went through."""
    through = {Outcome.DELIVERED, Outcome.PARTLY, Outcome.NOTHING}
    return any(
        run.requested_at >= moment and run.outcome in through
        for run in runs.latest(handle, feed=feed, limit=20)
    )


def keep(
    office: Office, handle: TenantStore, run: Run, out: Path, result: PlanResult
) -> dict[str, str]:
    """Bring everything below `out` into the blobs; returns name -> blob."""
    kept: dict[str, str] = {}
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        name = path.relative_to(out).as_posix()
        blob = handle.blobs.put_file(path)
        kept[name] = blob.digest
        stages.attach(handle, run.id, name, blob, stage=Stage.KEEPING, now=office.clock())
    index = msgspec.structs.replace(result, plan={})
    kept[INDEX] = handle.blobs.put_bytes(msgspec.json.encode(index)).digest
    return kept


def _refuse_cut(
    office: Office, handle: TenantStore, run: Run, delivery: Delivery, generation: int
) -> Plan:
    """A delivery of which a file was cut off in its upload is answered, never applied."""
    found = [
        problem(Finding(code="file-cut", file=cut.name, other=f"{cut.size or 0:,} bytes")).as_dict()
        for cut in delivery.unfinished
    ]
    lines = b"".join(msgspec.json.encode(one) + b"\n" for one in found)
    blob = handle.blobs.put_bytes(lines)
    stages.enter(handle, run.id, Stage.READING, now=office.clock())
    stages.attach(handle, run.id, artefacts.PROBLEMS, blob, stage=Stage.READING, now=office.clock())
    counts = {"error": len(found), "warning": 0, "repair": 0}
    plan = _record(
        handle,
        run,
        digest=delivery.content,
        generation=generation,
        decision=Decision.REFUSED,
        asks=False,
        summary={
            "digest": delivery.content,
            "decision": Decision.REFUSED.value,
            "tables": {},
            "removals": {},
            "holds": [],
            "files": [],
            "imports": [],
            "off": [],
            "account": office.tenant(handle.name).canvas.key,
            "problem_counts": counts,
            "delivered": {},
            "has_forgotten": False,
        },
        artifacts={artefacts.PROBLEMS: blob.digest},
        now=office.clock(),
    )
    stages.leave(handle, run.id, counts=counts, now=office.clock())
    return plan
