"""`rosterway plan`: compare, guard and show, from files alone, without a server or a home.

`rosterway plan show|approve|discard` are about plans a home keeps (`kept_plans`).
"""

import os
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rosterway.cli import kept_plans, output
from rosterway.cli.check import EncodingOption, print_problems
from rosterway.cli.filling import PLAN, filling, is_of_plan, require_room
from rosterway.cli.groups import ITSELF, GroupWithItself, Itself
from rosterway.cli.limits_file import limits_in
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.cli.plan_words import print_tables, say_forecast, say_import, say_waits

if TYPE_CHECKING:
    from rosterway.rostering.limits import Limits
    from rosterway.rostering.plan import Plan
    from rosterway.runs.prepare import Read

app = typer.Typer(cls=GroupWithItself, no_args_is_help=False)


class ApplyChoice(StrEnum):
    """How a delivery may be tried out; Canvas's own ways need a Canvas."""

    DIFFING = "diffing"
    IMPORTS = "imports"


#: How many holds a person is shown; JSON has them all.
_HOLDS_SHOWN = 12


@app.command(ITSELF, cls=Itself, hidden=True, no_args_is_help=True)
@answers
def plan_files(
    current: Annotated[
        Path, typer.Argument(metavar="CURRENT", help="The delivery: a folder, a zip or a file.")
    ],
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline",
            metavar="PREVIOUS",
            help="What Canvas has: the delivery before, like CURRENT.",
        ),
    ] = None,
    apply: Annotated[
        ApplyChoice,
        typer.Option("--apply", help="diffing: a missing row is acted on. imports: it is not."),
    ] = ApplyChoice.DIFFING,
    limits: Annotated[
        Path | None,
        typer.Option("--limits", metavar="FILE", help="The guards' limits, as TOML."),
    ] = None,
    first_load: Annotated[
        bool, typer.Option("--first-load", help="This is meant to be the first load.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse the delivery if any row has an error.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Write the exact files that would be sent, and plan.json.",
        ),
    ] = None,
    encoding: EncodingOption = "utf-8",
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Plan as if it were this time; UTC if without an offset.",
            show_default="now",
        ),
    ] = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Show what a delivery would change in Canvas, and what would hold it.

    Nothing is sent. Exit code 0: go or nothing to do, 10: it waits for a person, 1: refused.
    With a home, `plan show`, `plan approve` and `plan discard DIGEST` handle kept plans.
    """
    del home  # every command takes it; this one has none
    from rosterway.gateway.calculator import calculator
    from rosterway.gateway.encoding import is_utf8
    from rosterway.gateway.memory import MEMORY, memory_within
    from rosterway.gateway.unpack import unpack
    from rosterway.rostering.decide import Apply, Asked
    from rosterway.runs.clock import utc_now
    from rosterway.runs.prepare import Terms, make_plan, read_baseline, read_delivery

    asked = Asked(
        now=utc_now() if at is None else _in_utc(at),
        apply=Apply(apply.value),
        limits=_limits(limits),
        first_load_intended=first_load,
    )
    is_utf8(encoding)  # a name nobody knows is refused, whatever the files are
    if out is not None:
        require_room(out, replaces=is_of_plan)
    with tempfile.TemporaryDirectory(prefix="rosterway-") as folder:
        work = Path(folder)
        before = unpack([baseline], work / "before") if baseline else None
        unpacked = unpack([current], work / "unpacked")
        asked = replace(asked, unproven=unpacked.unproven)
        sources = [*unpacked.files, *(before.files if before else ())]
        planned = work / "planned"
        planned.mkdir()
        with calculator(
            work,
            files=[file.path for file in sources],
            memory=memory_within(os.environ.get(MEMORY)),
        ) as connection:
            known = read_baseline(connection, before, work, encoding=encoding)
            read = read_delivery(connection, unpacked, work, mirror=known, encoding=encoding)
            plan, _ = make_plan(connection, read, known, asked, Terms(strict=strict), planned)
            if out is not None:
                with filling(out, replaces=is_of_plan) as kept:
                    _keep(plan, read, planned, kept)
            _print(plan, read, form)
    raise typer.Exit(_exit_code(plan))


def _in_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _exit_code(plan: "Plan") -> int:
    return {"go": output.DONE, "nothing": output.DONE, "hold": output.HELD}.get(
        plan.decision.value, output.FAILED
    )


def _limits(path: Path | None) -> "Limits":
    from rosterway.rostering.limits import limits_from

    return limits_from(limits_in(path) if path else {})


def _keep(plan: "Plan", read: "Read", planned: Path, out: Path) -> None:
    for file in plan.files:
        target = out / file.name
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(planned / file.name, target)
    problems = (problem.as_dict() for problem in read.findings.problems())
    with (out / PLAN).open("w", encoding="utf-8") as target:
        output.write_json_with(target, plan.as_dict(), "problems", problems)


def _print(plan: "Plan", read: "Read", form: Format) -> None:
    if form is Format.JSON:
        problems = (problem.as_dict() for problem in read.findings.problems())
        output.print_json_with(plan.as_dict(), "problems", problems)
        return
    print_problems(read)
    print_tables({name: counts.as_dict() for name, counts in plan.tables.items()}, plan.removals)
    say_forecast({when.value: count for when, count in plan.forecast.items()})
    say_waits({name: waits.as_dict() for name, waits in plan.waits.items()})
    for hold in plan.holds[:_HOLDS_SHOWN]:
        below = f" ({hold.below:,} narrower limits broken with it)" if hold.below else ""
        output.say(f"Held by {hold.guard.value}: {hold.message}{below}")
    if len(plan.holds) > _HOLDS_SHOWN:
        output.say(f"… and {len(plan.holds) - _HOLDS_SHOWN:,} more holds: --format json")
    if plan.off:
        output.say(f"Guards switched off: {', '.join(plan.off)}")
    for file in plan.files:
        say_import(file.name, file.table, file.rows, file.step)
    output.say(f"{plan.decision.value.upper()}  {plan.digest}")


app.command("show")(kept_plans.show)
app.command("approve")(kept_plans.approve_plan)
app.command("discard")(kept_plans.discard_plan)
