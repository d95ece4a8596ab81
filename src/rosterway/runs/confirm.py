"""Confirm a plan: join Canvas's answers to the rows sent and advance the feed's baseline.

May be repeated: the same answers give the same baseline, and the store adds it once.
"""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from rosterway.rostering.drift import always_came
from rosterway.runs.artefacts import REMOVALS
from rosterway.runs.calculate import calculate_confirmation
from rosterway.runs.deliver import are_complete, index_of, is_finished, ordinals, read_messages
from rosterway.runs.jobs import ConfirmJob, ConfirmResult, ImportAnswer, PlanResult, SentPath
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.plan_delivery import tables_of
from rosterway.runs.stages import Stage
from rosterway.settings import Apply
from rosterway.store import baselines, sis_imports, stages
from rosterway.store.baselines import Baseline, BaselineTable
from rosterway.store.plans import Plan
from rosterway.store.runs import Run
from rosterway.store.sis_imports import ImportState
from rosterway.store.walls import TenantStore

#: The run's file that holds what Canvas answered, joined to rows (`ConfirmResult`).
ANSWER = "answer.json"


async def confirm(office: Office, handle: TenantStore, run: Run, plan: Plan) -> ConfirmResult:
    """Advance the baseline by what Canvas confirmed of the plan."""
    stages.enter(handle, run.id, Stage.CONFIRMING, now=office.clock())
    work = office.work(run, "confirm")
    known = (
        baselines.at(handle, plan.feed, plan.baseline_generation)
        if plan.baseline_generation
        else None
    )
    index = index_of(handle, plan)
    local = {name: str(handle.blobs.local(blob)) for name, blob in plan.artifacts.items()}
    job = ConfirmJob(
        work=str(work),
        baseline=tables_of(handle, known.tables) if known else {},
        changes={name: local[path] for name, path in index.changes.items()},
        orders={name: local[path] for name, path in index.orders.items()},
        columns=index.columns,
        removals=local.get(REMOVALS),
        sent=tuple(
            SentPath(file.ordinal, file.table, file.csv, local[file.manifest], file.rows)
            for file in index.sent
        ),
        imports=tuple(_answers(handle, plan, index.sent)),
        resent={},
        memory=office.memory,
    )

    async def heard(_part: str) -> None:
        office.claim(handle, run)

    result = await calculate_confirmation(job, heard)
    passing(Moment.ANSWER_JOINED)
    tables, waiting = await asyncio.to_thread(_keep, handle, result, work / "out")
    is_whole = office.feed_settings(handle.name, plan.feed).apply is Apply.DIFFING
    tables = {
        name: replace(
            table,
            header=_header(name, index, known, is_whole=is_whole),
            missing=plan.artifacts[index.missing[name]] if name in index.missing else None,
        )
        for name, table in tables.items()
    }
    answer = handle.blobs.put_bytes(msgspec.json.encode(result))
    stages.attach(handle, run.id, ANSWER, answer, stage=Stage.CONFIRMING, now=office.clock())
    baselines.advance(
        handle,
        plan.feed,
        expected=plan.baseline_generation,
        digest=result.digest,
        tables=tables,
        pending=waiting,
        policy=office.feed(handle, plan.feed).policy,
        run=run.id,
        now=office.clock(),
    )
    stages.leave(handle, run.id, counts=result.rows, now=office.clock())
    await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    passing(Moment.BASELINE_ADVANCED)
    return result


def _header(
    name: str, index: PlanResult, known: Baseline | None, *, is_whole: bool
) -> tuple[str, ...] | None:
    """The columns that always came with a table; a table that did not come now has those it had."""
    before = known.tables.get(name) if known else None
    header = before.header if before else None
    came = index.headers.get(name)
    return header if came is None else always_came(header, came, is_whole=is_whole)


def _keep(
    handle: TenantStore, result: ConfirmResult, out: Path
) -> tuple[dict[str, BaselineTable], dict[str, dict[str, Any]]]:
    """Bring the next baseline and what is pending into the blobs."""
    tables = {
        name: BaselineTable(
            blob=handle.blobs.put_file(out / table.path).digest,
            rows=table.rows,
            columns=table.columns,
            digest="",
        )
        for name, table in result.baseline.items()
    }
    waiting: dict[str, dict[str, Any]] = {
        name: {
            "blob": handle.blobs.put_file(out / table.path).digest,
            "rows": table.rows,
            "columns": list(table.columns),
        }
        for name, table in result.pending.items()
    }
    return tables, waiting


def _answers(handle: TenantStore, plan: Plan, files: tuple[SentPath, ...]) -> list[ImportAnswer]:
    known = {sent.ordinal: sent for sent in sis_imports.of_plan(handle, plan.id)}
    answers: list[ImportAnswer] = []
    for ordinal in ordinals(files):
        sent = known.get(ordinal)
        if sent is None or sent.state is not ImportState.FINISHED:
            reached = sent is not None and sent.state is ImportState.LOST
            answers.append(
                ImportAnswer(
                    ordinal=ordinal,
                    sent=reached,
                    finished=False,
                    complete=False,
                    counts={},
                    messages=(),
                )
            )
            continue
        answers.append(
            ImportAnswer(
                ordinal=ordinal,
                sent=True,
                finished=is_finished(sent.workflow_state),
                complete=are_complete(handle, sent),
                counts={
                    name: count for name, count in sent.counts.items() if isinstance(count, int)
                },
                messages=tuple(read_messages(handle, sent)),
            )
        )
    return answers
