"""`rosterway run`: what was executed, how far it is, what it left."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import output
from rosterway.cli.opened import TenantOption, opened, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers

if TYPE_CHECKING:
    from rosterway.store.grade_plans import GradePlan
    from rosterway.store.runs import Run
    from rosterway.store.walls import TenantStore

app = typer.Typer(help="What was executed, how far it is, what it left.", no_args_is_help=True)

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]


@app.command("list")
@answers
def list_runs(
    feed: Annotated[
        str | None, typer.Option("--feed", metavar="FEED", help="Only of this feed.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 30,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """The latest runs."""
    from rosterway.store import feeds, runs

    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        if feed is not None:
            feeds.get(handle, feed)
        found = runs.latest(handle, feed=feed, limit=limit)
    if form is Format.JSON:
        output.print_json([_as_dict(run) for run in found])
        return
    output.print_table(
        [
            ("run", False),
            ("about", False),
            ("asked (UTC)", False),
            ("stage", False),
            ("outcome", False),
        ],
        [
            (
                run.id,
                run.subject,
                f"{run.requested_at:%Y-%m-%d %H:%M}",
                run.stage or "",
                _outcome(run),
            )
            for run in found
        ],
    )


@app.command("show")
@answers
def show(
    run: RunArgument,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """A run with its stages, its plan, and its SIS imports where it is about a roster."""
    from rosterway.store import plans, runs, sis_imports, stages

    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        found = runs.get(handle, run)
        plan = plans.get(handle, found.plan) if found.plan else None
        shown = plan or _grade_plan(handle, found)
        told: dict[str, Any] = {
            **_as_dict(found),
            "digest": shown.digest if shown else None,
            "plan_state": shown.state.value if shown else None,
            "stages": [
                {
                    "stage": stage.stage,
                    "attempt": stage.attempt,
                    "started_at": stage.started_at.isoformat(),
                    "ended_at": stage.ended_at.isoformat() if stage.ended_at else None,
                    "interrupted": stage.interrupted,
                    "note": stage.note,
                    "counts": dict(stage.counts),
                }
                for stage in stages.of_run(handle, run)
            ],
            "imports": [
                {
                    "id": sent.canvas_id,
                    "workflow_state": sent.workflow_state,
                    "progress": sent.progress,
                    "counts": dict(sent.counts),
                }
                for sent in (sis_imports.of_plan(handle, plan.id) if plan else [])
            ],
        }
    if form is Format.JSON:
        output.print_json(told)
        return
    output.say(f"Run {found.id} of {found.subject}: {_outcome(found, told['plan_state'])}")
    if why := found.reason or _sentence(found):
        output.say(why)
    if shown:
        output.say(f"Plan {shown.digest} ({shown.state.value})")
    output.print_table(
        [("stage", False), ("began (UTC)", False), ("seconds", True), ("", False)],
        [
            (
                stage["stage"] + (" (interrupted)" if stage["interrupted"] else ""),
                stage["started_at"][:19].replace("T", " "),
                _seconds(stage["started_at"], stage["ended_at"]),
                stage["note"],
            )
            for stage in told["stages"]
        ],
    )
    for sent in told["imports"]:
        output.say(f"SIS import {sent['id']}: {sent['workflow_state']}, {sent['progress']}%")


@app.command("files")
@answers
def files(
    run: RunArgument,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Copy the files into this folder.")
    ] = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """The files a run left: what was sent, what changed, what was answered."""
    from rosterway.store import runs, stages

    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        runs.get(handle, run)
        found = stages.files(handle, run)
        for file in found:
            if out is not None:
                target = out / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(handle.blobs.local(file.blob), target)
    if form is Format.JSON:
        output.print_json([{"name": file.name, "bytes": file.size} for file in found])
        return
    output.print_table(
        [("file", False), ("stage", False), ("bytes", True)],
        [(file.name, file.stage, file.size) for file in found],
    )


def _grade_plan(handle: "TenantStore", run: "Run") -> "GradePlan | None":
    """The grade plan a run made that had to wait for a person, if it is of grades."""
    from rosterway.store import grade_plans

    return next(iter(grade_plans.latest(handle, run=run.id, limit=1)), None)


def _outcome(run: "Run", plan_state: str | None = None) -> str:
    """How a run ended: of a roster by the outcome's name, of grades in words of grades."""
    from rosterway.console.grade_words import GRADE_DECIDED, GRADE_OUTCOMES
    from rosterway.store.runs import Outcome

    if run.outcome is None:
        return "going on"
    if run.kind not in GRADE_OUTCOMES:
        return run.outcome.value
    decided = {state.value: said for state, said in GRADE_DECIDED.items()}
    if run.outcome is Outcome.HELD and plan_state in decided:
        return decided[plan_state].word
    return GRADE_OUTCOMES[run.kind][run.outcome].word


def _sentence(run: "Run") -> str:
    """What the end of a run of grades means; of a roster its plan and imports tell."""
    from rosterway.console.grade_words import GRADE_OUTCOMES

    if run.outcome is None or run.kind not in GRADE_OUTCOMES:
        return ""
    return GRADE_OUTCOMES[run.kind][run.outcome].sentence


def _seconds(began: str, ended: str | None) -> str:
    if ended is None:
        return "going on"
    return f"{(datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds():.1f}"


def _as_dict(run: "Run") -> dict[str, Any]:
    return {
        "run": run.id,
        "kind": run.kind,
        "feed": run.feed,
        "course": run.course,
        "delivery": run.delivery,
        "trigger": run.trigger.value,
        "requested_at": run.requested_at.isoformat(),
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "stage": run.stage,
        "outcome": run.outcome.value if run.outcome else None,
        "reason": run.reason,
    }
