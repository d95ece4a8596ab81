"""`rosterway grade-export`: Canvas's Grade Export report, for whoever takes it from the folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import output
from rosterway.cli.grades_asking import CONFIG, office_of
from rosterway.cli.opened import TenantOption, opened, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.cli.waiting import WaitOption, exit_code, wait_for, without_server
from rosterway.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rosterway.settings import GradeExport

app = typer.Typer(help="Canvas's Grade Export report.", no_args_is_help=True)

ConfigOption = Annotated[
    Path, typer.Option("--config", metavar="FILE", help="The configuration file that names them.")
]
_LATER = "rosterway grade-export list"


@app.command("list")
@answers
def list_exports(
    config: ConfigOption = CONFIG,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Grade exports with their files and what they last did."""
    from rosterway.store import runs

    told: list[dict[str, Any]] = []
    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        exports = office_of(found, store, config).tenant(handle.name).grade_exports
        for name, export in exports.items():
            last = next(iter(runs.latest(handle, export=name, limit=1)), None)
            told.append(
                {
                    "grade_export": name,
                    "schedule": export.schedule,
                    "files": list(export.file_names.values()),
                    "last_run": last.id if last else None,
                    "last_outcome": last.outcome.value if last and last.outcome else None,
                    "last_at": last.requested_at.isoformat() if last else None,
                    "reason": last.reason if last else "",
                }
            )
    if form is Format.JSON:
        output.print_json(told)
        return
    output.print_table(
        [("grade export", False), ("files", False), ("last", False), ("at (UTC)", False)],
        [
            (
                one["grade_export"],
                ", ".join(one["files"]),
                one["last_outcome"] or ("going on" if one["last_run"] else "never"),
                (one["last_at"] or "")[:16].replace("T", " "),
            )
            for one in told
        ],
    )
    for one in told:
        if one["reason"]:
            output.say(f"{one['grade_export']}: {one['reason']}")


@app.command("run")
@answers
def run_now(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The grade export's name.")],
    config: ConfigOption = CONFIG,
    wait: WaitOption = False,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Ask Canvas for the report now, and put it into the folder."""
    from rosterway.runs.clock import utc_now
    from rosterway.runs.exports.asked import request_export
    from rosterway.store import runs
    from rosterway.store.runs import Trigger

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        _known(office_of(found, store, config).tenant(handle.name).grade_exports, name)
        run = request_export(handle, name, trigger=Trigger.HAND, now=utc_now())
        if found.running() is None:
            kept = f"Run {run.id} is asked for: the next one does it."
            without_server(kept, wait=wait, later=_LATER)
        if wait:
            asked = run.id
            run = wait_for(found, handle, lambda: [runs.get(handle, asked)], later=_LATER)
    told = {"run": run.id, "outcome": run.outcome.value if run.outcome else None}
    output.answer(told, f"Run {run.id} is asked for.", form)
    if not wait:
        return
    if form is Format.TEXT:
        output.say(f"Run {run.id} ended: {told['outcome']}. {run.reason}".rstrip())
    raise typer.Exit(exit_code(run))


def _known(exports: "Mapping[str, GradeExport]", name: str) -> None:
    if name in exports:
        return
    known = ", ".join(exports) or "none"
    raise NotFoundError(
        f"The configuration names no grade export {name}.", remedy=f"It names: {known}."
    )
