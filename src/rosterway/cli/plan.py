"""`rosterway plan`: compare, guard and show, from files alone, without a server or a home."""

import os
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rosterway.cli import grades, output
from rosterway.cli.check import EncodingOption, print_problems
from rosterway.cli.filling import PLAN, filling, is_of_plan, require_room
from rosterway.cli.groups import ITSELF, GroupWithItself, Itself
from rosterway.cli.opened import OperatorOption, opened, operator_name
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.errors import ConflictError, NotFoundError, UsageError

if TYPE_CHECKING:
    from rosterway.rostering.limits import Limits
    from rosterway.rostering.plan import Plan
    from rosterway.runs.prepare import Read

app = typer.Typer(cls=GroupWithItself, no_args_is_help=False)

DigestArgument = Annotated[
    str, typer.Argument(metavar="DIGEST", help="The plan's digest; 8 characters will do.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")]


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
            read = read_delivery(connection, unpacked, work, baseline=known, encoding=encoding)
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

    if path is None:
        return limits_from({})
    try:
        return limits_from(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is not TOML: {error}.", remedy="docs/reference/guards.md has an example."
        ) from error


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
    _print_tables({name: counts.as_dict() for name, counts in plan.tables.items()}, plan.removals)
    for hold in plan.holds[:_HOLDS_SHOWN]:
        below = f" ({hold.below:,} narrower limits broken with it)" if hold.below else ""
        output.say(f"Held by {hold.guard.value}: {hold.message}{below}")
    if len(plan.holds) > _HOLDS_SHOWN:
        output.say(f"… and {len(plan.holds) - _HOLDS_SHOWN:,} more holds: --format json")
    if plan.off:
        output.say(f"Guards switched off: {', '.join(plan.off)}")
    for file in plan.files:
        _say_import(file.name, file.table, file.rows, file.step)
    output.say(f"{plan.decision.value.upper()}  {plan.digest}")


def _say_import(name: str, table: str, rows: int, step: str) -> None:
    from rosterway.formats.canvas_csv.called import called

    output.say(f"Import {name[:2]}: {called(table)}, {output.counted(rows, 'row')} ({step})")


def _print_tables(tables: Mapping[str, Mapping[str, int]], removals: Mapping[str, int]) -> None:
    """The balance sheet."""
    from rosterway.formats.canvas_csv.called import called

    output.print_table(
        [
            ("table", False),
            ("kept", True),
            ("new", True),
            ("changed", True),
            ("removed", True),
            ("vanished", True),
        ],
        [
            (
                called(name),
                counts["unchanged"],
                counts["create"],
                counts["update"],
                removals.get(name, 0),
                counts["vanished"],
            )
            for name, counts in tables.items()
        ],
    )


@app.command("show")
@answers
def show(digest: DigestArgument, form: FormatOption = Format.TEXT, home: HomeOption = None) -> None:
    """A kept plan: its counts, why it waits, what would be sent in which order."""
    if _is_of_grades(digest, home):
        grades.show(digest, form=form, home=home)
        return
    from rosterway.formats.canvas_csv.tables import TABLES
    from rosterway.runs.approve import holder_of
    from rosterway.store import plans

    with opened(home) as (_, store):
        handle = holder_of(store, digest)
        plan = plans.by_digest(handle, digest)
    told = {**plan.summary, "state": plan.state.value, "feed": plan.feed, "run": plan.run}
    if form is Format.JSON:
        output.print_json(told)
        return
    tables: dict[str, dict[str, int]] = plan.summary["tables"]
    order = [table.name for table in TABLES]
    in_order = {name: tables[name] for name in sorted(tables, key=order.index)}
    _print_tables(in_order, plan.summary["removals"])
    for hold in plan.summary["holds"]:
        output.say(f"Held by {hold['guard']}: {hold['message']}")
    for one in plan.summary["imports"]:
        _say_import(one["file"], one["table"], one["rows"], one["step"])
    output.say(f"{plan.state.value.upper()}  {plan.digest}")


@app.command("approve")
@answers
def approve_plan(
    digest: DigestArgument,
    reason: ReasonOption = "",
    operator: OperatorOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Approve the plan with this digest; a running server sends it."""
    if _is_of_grades(digest, home):
        grades.approve(digest, reason=reason, operator=operator, form=form, home=home)
        return
    from rosterway.runs.approve import approve, holder_of
    from rosterway.runs.clock import utc_now

    with opened(home) as (found, store):
        handle = holder_of(store, digest)
        given, run = approve(
            handle, digest, operator=operator_name(operator), reason=reason, now=utc_now()
        )
        if found.running() is None:
            output.note("No server runs in this home; the next one sends it.")
    if form is Format.JSON:
        output.print_json({"digest": given.digest, "verdict": "approve", "run": run.id})
        return
    output.say(f"Approved by {given.operator}. Run {run.id} sends it.")


@app.command("discard")
@answers
def discard_plan(
    digest: DigestArgument,
    reason: ReasonOption = "",
    operator: OperatorOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Discard the plan with this digest: nothing of it is sent."""
    if _is_of_grades(digest, home):
        grades.discard(digest, reason=reason, operator=operator, form=form, home=home)
        return
    from rosterway.runs.approve import discard, holder_of
    from rosterway.runs.clock import utc_now

    with opened(home) as (_, store):
        handle = holder_of(store, digest)
        given, run = discard(
            handle, digest, operator=operator_name(operator), reason=reason, now=utc_now()
        )
    if form is Format.JSON:
        output.print_json({"digest": given.digest, "verdict": "discard", "run": run.id})
        return
    output.say(f"Discarded by {given.operator}.")


def _is_of_grades(digest: str, home: Path | None) -> bool:
    """Whether this is a grade plan's digest and no roster plan's; ConflictError if it may be both."""
    from rosterway.runs import approve
    from rosterway.runs.grades import decide

    with opened(home) as (_, store):
        try:
            decide.holder_of(store, digest)
        except NotFoundError:
            return False
        try:
            approve.holder_of(store, digest)
        except NotFoundError:
            return True
    raise ConflictError(
        f"A plan and a grade plan have a digest that begins with {digest}.",
        remedy="Give more of it.",
    )
