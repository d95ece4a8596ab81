"""Report: write the receipt of a delivery as far as it has come, into the sender's `results/`."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from rosterway.errors import NotFoundError
from rosterway.gateway.receipts import RECEIPTS, write_receipt
from rosterway.rostering.receipt import Approved, Receipt
from rosterway.runs.artefacts import PROBLEMS
from rosterway.runs.confirm import ANSWER
from rosterway.runs.jobs import ConfirmResult
from rosterway.runs.office import Office
from rosterway.runs.stages import Stage
from rosterway.store import approvals, deliveries, sis_imports, stages
from rosterway.store.approvals import Verdict
from rosterway.store.plans import Plan
from rosterway.store.runs import Run
from rosterway.store.walls import TenantStore

#: What of a plan's summary is ours alone and no part of the receipt.
_PRIVATE = {"account", "delivered", "has_forgotten"}


def report(
    office: Office,
    handle: TenantStore,
    *,
    run: Run,
    plan: Plan | None,
    outcome: str,
    reason: str = "",
) -> None:
    """Write the receipt of the run's delivery; an earlier one is replaced."""
    if run.delivery is None:
        return
    delivery = deliveries.get(handle, run.delivery)
    summary: Mapping[str, Any] = plan.summary if plan else {}
    answer = _answer(handle, run)
    rows: Mapping[str, Any] = summary.get("delivered", {})
    receipt = Receipt(
        delivery=delivery.id,
        feed=delivery.feed,
        received_at=delivery.received_at,
        files=tuple(
            {
                "name": file.name,
                "sha256": file.sha256,
                "rows": rows[file.name]["rows"] if file.name in rows else None,
            }
            for file in delivery.files
        ),
        outcome=outcome,
        reason=reason,
        plan={name: value for name, value in summary.items() if name not in _PRIVATE},
        approved=_approved(handle, plan),
        imports=tuple(
            {
                "id": sent.canvas_id,
                "workflow_state": sent.workflow_state,
                "counts": dict(sent.counts),
            }
            for sent in (sis_imports.of_plan(handle, plan.id) if plan else [])
        ),
        rows=_rows(answer),
        messages=answer.messages if answer else (),
    )

    def problems() -> Iterator[Mapping[str, Any]]:
        return read_problems(handle, plan)

    results = office.home.tree(handle.name) / "results"
    written = write_receipt(results, receipt, problems, office.tenant(handle.name).time_zone)
    # The sender may remove theirs; ours stays with the run.
    for file in RECEIPTS:
        kept = handle.blobs.put_file(written / file)
        stages.attach(handle, run.id, file, kept, stage=Stage.REPORTING, now=office.clock())


def read_problems(handle: TenantStore, plan: Plan | None) -> Iterator[Mapping[str, Any]]:
    """The problems a plan's delivery has, in words, one after the other."""
    if plan is None or PROBLEMS not in plan.artifacts:
        return
    with handle.blobs.open(plan.artifacts[PROBLEMS]) as lines:
        for line in lines:
            yield msgspec.json.decode(line)


def _approved(handle: TenantStore, plan: Plan | None) -> Approved | None:
    given = approvals.of_plan(handle, plan.id) if plan else None
    if given is None or given.verdict is not Verdict.APPROVE:
        return None
    return Approved(by=given.operator, at=given.at, reason=given.reason)


def _answer(handle: TenantStore, run: Run) -> ConfirmResult | None:
    try:
        kept = stages.file(handle, run.id, ANSWER)
    except NotFoundError:
        return None
    return msgspec.json.decode(handle.blobs.local(kept.blob).read_bytes(), type=ConfirmResult)


def _rows(answer: ConfirmResult | None) -> dict[str, int]:
    if answer is None:
        return {"applied": 0, "refused": 0, "unconfirmed": 0}
    counts = answer.rows
    return {
        "applied": counts["applied"] + counts["partly"],
        "refused": counts["refused"],
        "unconfirmed": counts["unconfirmed"],
        "unsent": counts["unsent"],
    }
