"""`rosterway plan show|approve|discard`: the plans a home keeps, of rosters and of grades."""

from pathlib import Path
from typing import Annotated

import typer

from rosterway.cli import grades, output
from rosterway.cli.opened import OperatorOption, opened, operator_name
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.cli.plan_words import print_tables, say_forecast, say_import, say_waits
from rosterway.errors import ConflictError, NotFoundError

DigestArgument = Annotated[
    str, typer.Argument(metavar="DIGEST", help="The plan's digest; 8 characters will do.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")]


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
    print_tables(in_order, plan.summary["removals"])
    say_forecast(plan.summary.get("forecast", {}))
    say_waits(plan.summary.get("waits", {}))
    for hold in plan.summary["holds"]:
        output.say(f"Held by {hold['guard']}: {hold['message']}")
    for one in plan.summary["imports"]:
        say_import(one["file"], one["table"], one["rows"], one["step"])
    if asked := plan.summary.get("sis_import"):
        output.say(f"Canvas is asked for {', '.join(asked)}.")
    output.say(f"{plan.state.value.upper()}  {plan.digest}")


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
