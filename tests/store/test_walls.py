"""Walls: everything one tenant can ask for is tried against the other."""

import pytest
from sqlalchemy import insert

from rosterway.errors import ConflictError, NotFoundError, StoreError
from rosterway.store import (
    approvals,
    audit,
    baselines,
    conductor,
    deliveries,
    feeds,
    plans,
    runs,
    secrets,
    sis_imports,
    stages,
)
from rosterway.store.approvals import Verdict
from rosterway.store.columns import METADATA
from rosterway.store.feeds import FEEDS
from rosterway.store.operators import OPERATORS
from rosterway.store.plans import PLANS
from rosterway.store.schema import TABLES
from store.builders import NOON, a_baseline, a_delivery, a_plan, a_run, later


def test_an_unknown_tenant_has_no_store(store):
    with pytest.raises(NotFoundError, match='no tenant "adams"'):
        store.tenant("adams")


def test_a_tenant_sees_its_own_rows_only(lincoln, monroe):
    delivery = a_delivery(lincoln)
    run = a_run(lincoln, delivery=delivery)
    plan = a_plan(lincoln, run=run)
    a_baseline(lincoln, run=run)
    audit.append(lincoln, actor="ana", act="feed.pause", subject="files", now=NOON)
    secrets.seal(lincoln, "sis", "secret", by="ana", now=NOON)
    stages.enter(lincoln, run.id, "read", now=NOON)

    empty = [
        deliveries.of_feed(monroe, "files"),
        deliveries.same_content(monroe, delivery),
        runs.latest(monroe),
        stages.of_run(monroe, run.id),
        plans.latest(monroe),
        baselines.history(monroe, "files"),
        baselines.every(monroe),
        audit.entries(monroe),
        secrets.names(monroe),
        sis_imports.of_plan(monroe, plan.id),
    ]
    assert all(not found for found in empty)
    for ask in (
        lambda: deliveries.get(monroe, delivery.id),
        lambda: runs.get(monroe, run.id),
        lambda: plans.get(monroe, plan.id),
        lambda: plans.by_digest(monroe, plan.digest),
        lambda: baselines.at(monroe, "files", 1),
        lambda: secrets.unseal(monroe, "sis"),
        lambda: approvals.decide(monroe, plan.digest, Verdict.APPROVE, operator="eve", now=NOON),
    ):
        with pytest.raises(NotFoundError):
            ask()


def test_a_tenant_cannot_change_anothers_rows(lincoln, monroe):
    run = a_run(lincoln)
    a_plan(lincoln, run=run)

    assert not runs.claim(monroe, run.id, worker="eve", now=NOON, until=later(5))
    with pytest.raises(NotFoundError):
        runs.end(monroe, run.id, outcome=runs.Outcome.FAILED, now=NOON)
    with pytest.raises(ConflictError):
        stages.enter(monroe, run.id, "read", now=NOON)
    assert plans.supersede(monroe, "files", by="other", now=NOON) == []

    assert runs.get(lincoln, run.id).ended_at is None
    assert plans.latest(lincoln)[0].state is plans.PlanState.WAITING


def test_the_database_refuses_a_reference_from_one_tenant_to_another(lincoln, monroe):
    delivery = a_delivery(lincoln)

    with pytest.raises(ConflictError):
        a_run(monroe, delivery=delivery)


def test_the_same_names_and_files_do_not_collide(lincoln, monroe):
    first, second = a_delivery(lincoln), a_delivery(monroe)

    assert first.content == second.content
    assert first.id != second.id
    assert a_run(lincoln).id != a_run(monroe).id


def test_one_tenants_blobs_are_not_anothers(lincoln, monroe):
    digest = lincoln.blobs.put_bytes(b"roster").digest

    with pytest.raises(NotFoundError):
        monroe.blobs.open(digest)


def test_a_sealed_secret_moved_to_another_tenant_does_not_open(store, lincoln, monroe):
    secrets.seal(lincoln, "sis", "open sesame", by="ana", now=NOON)
    (stolen,) = secrets.names(lincoln)
    with store.database.writing() as connection:
        row = {"tenant": "monroe", "name": "sis", "sealed": stolen.sealed}
        kept = {**row, "sealed_at": NOON, "sealed_by": "eve"}
        connection.execute(insert(secrets.SEALED_SECRETS).values(**kept))

    with pytest.raises(StoreError, match="sealed for something else"):
        secrets.unseal(monroe, "sis")


def test_walled_tables_cannot_be_used_without_a_tenant_nor_others_with_one(store, lincoln):
    with store.reading() as seen, pytest.raises(TypeError, match="outside the walls"):
        seen.count(PLANS)
    with lincoln.reading() as seen, pytest.raises(TypeError, match="inside the walls"):
        seen.count(OPERATORS)


def test_a_row_cannot_be_written_for_another_tenant(lincoln):
    with lincoln.writing() as seen, pytest.raises(TypeError, match="tenant"):
        seen.insert(FEEDS, tenant="monroe", name="x", config={}, policy="", applied_at=NOON)


def test_every_table_about_a_tenant_begins_its_key_and_its_references_with_it():
    for table in TABLES:
        if table.info.get("walled"):
            assert next(iter(table.primary_key.columns)).name == "tenant"
            for reference in table.foreign_key_constraints:
                assert reference.column_keys[0] == "tenant"
    outside = {table.name for table in METADATA.tables.values() if not table.info.get("walled")}
    assert outside == {"tenants", "operators", "operator_roles", "sessions", "tokens"}


def test_the_conductor_sees_all_tenants_and_each_value_says_whose_it_is(store, lincoln, monroe):
    for minutes, handle in enumerate((monroe, lincoln)):
        a_run(handle, minutes=minutes)
        a_delivery(handle, minutes=minutes)

    assert [run.tenant for run in conductor.unfinished_runs(store)] == ["monroe", "lincoln"]
    found = conductor.deliveries_without_run(store)
    assert [delivery.tenant for delivery in found] == ["monroe", "lincoln"]


def test_keys_are_ordered_by_code_point(lincoln):
    for name in ("b", "a", "B", "é", "_", "a-1", "a1"):
        feeds.put(lincoln, name, config={}, policy={}, now=NOON)

    names = [feed.name for feed in feeds.every(lincoln)]
    assert names == sorted([*names])
