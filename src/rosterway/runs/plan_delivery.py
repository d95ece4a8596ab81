"""Plan a delivery: have it read, compared and guarded, and keep the plan with all its artefacts.

Nothing outside the home is touched, so the step may be repeated: the same delivery against the same
baseline is the same plan.
"""

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from rosterway.formats.catalogue import problem
from rosterway.formats.problems import Finding
from rosterway.runs import artefacts
from rosterway.runs.calculate import calculate_plan
from rosterway.runs.jobs import DeliveredPath, PlanJob, PlanResult, TablePath, Tables
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.stages import Stage
from rosterway.settings import Approve, Feed, as_data
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
    feed = office.tenant(handle.name).feeds[run.feed]
    known = baselines.current(handle, run.feed)
    generation = known.generation if known else 0
    if delivery.unfinished:
        return _refuse_cut(office, handle, run, delivery, generation)
    work = office.work(run, "plan")
    job = _job(office, handle, run, delivery, feed, known, work)

    async def heard(part: str) -> None:
        stages.enter(handle, run.id, Stage(part), now=office.clock())

    result = await calculate_plan(job, heard)
    passing(Moment.PLAN_CALCULATED)
    kept = keep(office, handle, run, work / "out", result)
    plan = plans.record(
        handle,
        digest=result.plan["digest"],
        feed=run.feed,
        run=run.id,
        delivery=delivery.id,
        baseline_generation=generation,
        decision=Decision(result.plan["decision"]),
        asks=feed.approve is Approve.ALWAYS,
        summary={
            **result.plan,
            "problem_counts": result.problem_counts,
            "delivered": result.delivered,
            "has_forgotten": result.has_forgotten,
        },
        artifacts=kept,
        now=office.clock(),
    )
    runs.carries(handle, run.id, plan.id)
    stages.leave(handle, run.id, counts=result.problem_counts, now=office.clock())
    shutil.rmtree(work, ignore_errors=True)
    passing(Moment.PLAN_RECORDED)
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
    kept = office.feed(handle, run.feed)
    return PlanJob(
        work=str(work),
        tenant=handle.name,
        feed=run.feed,
        files=tuple(
            DeliveredPath(file.name, str(handle.blobs.local(file.sha256)))
            for file in delivery.files
        ),
        encoding=feed.encoding,
        apply=feed.apply.value,
        now=office.clock(),
        baseline=tables_of(handle, known.tables) if known else {},
        pending=_pending(handle, known) if known else {},
        elsewhere=_elsewhere(handle, run.feed, office, work),
        vanished=dict(feed.vanished),
        limits=as_data(feed.limits),
        options={"canvas": office.tenant(handle.name).canvas.key},
        after=_after(handle, kept, known),
        memory=office.memory,
    )


def tables_of(handle: TenantStore, tables: Mapping[str, baselines.BaselineTable]) -> Tables:
    """A baseline's tables where the calculator can read them."""
    return {
        name: TablePath(str(handle.blobs.local(table.blob)), table.columns)
        for name, table in tables.items()
    }


def _pending(handle: TenantStore, known: Baseline) -> Tables:
    return {
        name: TablePath(str(handle.blobs.local(table["blob"])), tuple(table["columns"]))
        for name, table in known.pending.items()
    }


def _elsewhere(handle: TenantStore, feed: str, office: Office, work: Path) -> Tables:
    """What the account's other feeds have confirmed, one file a table."""
    others = [baseline for name, baseline in baselines.every(handle).items() if name != feed]
    if not others:
        return {}
    from rosterway.runs.merge import merged  # noqa: PLC0415 - DuckDB, only with several feeds

    return merged([tables_of(handle, other.tables) for other in others], work, office.memory)


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
    work = office.work(run, "plan")
    found = [
        problem(Finding(code="file-cut", file=cut.name, other=f"{cut.size or 0:,} bytes")).as_dict()
        for cut in delivery.unfinished
    ]
    lines = b"".join(msgspec.json.encode(one) + b"\n" for one in found)
    blob = handle.blobs.put_bytes(lines)
    stages.attach(handle, run.id, artefacts.PROBLEMS, blob, stage=Stage.READING, now=office.clock())
    plan = plans.record(
        handle,
        digest=delivery.content,
        feed=run.feed,
        run=run.id,
        delivery=delivery.id,
        baseline_generation=generation,
        decision=Decision.REFUSED,
        asks=False,
        summary={
            "digest": delivery.content,
            "decision": Decision.REFUSED.value,
            "tables": {},
            "removals": {},
            "holds": [],
            "files": [],
            "problem_counts": {"error": len(found), "warning": 0, "repair": 0},
            "delivered": {},
            "has_forgotten": False,
        },
        artifacts={artefacts.PROBLEMS: blob.digest},
        now=office.clock(),
    )
    runs.carries(handle, run.id, plan.id)
    shutil.rmtree(work, ignore_errors=True)
    return plan
