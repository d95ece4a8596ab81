"""Things to have in a store, each made by one call with what matters named."""

from datetime import UTC, datetime, timedelta

from rosterway.rostering.plan import Decision
from rosterway.store import baselines, deliveries, plans, runs
from rosterway.store.deliveries import DeliveredFile
from rosterway.store.runs import Trigger

NOON = datetime(2026, 8, 24, 12, tzinfo=UTC)


def later(minutes=1):
    return NOON + timedelta(minutes=minutes)


def a_file(handle, name="users.csv", content=b"user_id,login_id,status\n"):
    blob = handle.blobs.put_bytes(content)
    return DeliveredFile(name, blob.digest, blob.size)


def a_delivery(handle, *, minutes=0, content=b"user_id,login_id,status\n"):
    return deliveries.seal(
        handle,
        feed="files",
        source="sftp",
        sender="uploader",
        received_at=later(minutes),
        files=[a_file(handle, content=content)],
        because="settled",
        now=later(minutes + 5),
    )


def a_run(handle, *, occasion="1", delivery=None, minutes=0, kind="roster"):
    return runs.request(
        handle,
        kind=kind,
        feed="files",
        delivery=delivery.id if delivery else None,
        trigger=Trigger.HAND,
        occasion=occasion,
        application_version="1",
        now=later(minutes),
    )


def a_plan(handle, digest="a" * 64, *, run=None, decision=Decision.HOLD, minutes=0, asks=False):
    run = run or a_run(handle, occasion=digest)
    return plans.record(
        handle,
        digest=digest,
        feed="files",
        run=run.id,
        delivery=run.delivery,
        baseline_generation=baselines.generation(handle, "files"),
        decision=decision,
        asks=asks,
        summary={"tables": {"users": {"create": 1}}},
        artifacts={"01/users.csv": "f" * 64},
        now=later(minutes),
    )


def a_baseline(handle, *, expected=0, digest="b" * 64, run=None):
    run = run or a_run(handle, occasion=f"baseline {expected}")
    return baselines.advance(
        handle,
        "files",
        expected=expected,
        digest=digest,
        tables={
            "users": baselines.BaselineTable(
                blob="c" * 64, rows=3, columns=("user_id", "status"), digest="d" * 64
            )
        },
        pending={"users": ["s-1"]},
        policy="e" * 64,
        run=run.id,
        now=NOON,
    )
