"""`rosterway grades`: a course's grades to its SIS: seen before, sent, and told what became of them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import (
    grades_differences,
    grades_files,
    grades_links,
    grades_looks,
    output,
)
from rosterway.cli.grades_asking import (
    CONFIG,
    AssignmentsOption,
    CanvasConfigOption,
    CourseArgument,
    SectionsOption,
    course_of,
    ended,
)
from rosterway.cli.opened import OperatorOption, TenantOption, opened, operator_name, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.cli.waiting import WaitOption, exit_code

if TYPE_CHECKING:
    from rosterway.store.runs import Run
    from rosterway.store.walls import TenantStore

app = typer.Typer(help="Grades sent back to the SIS.", no_args_is_help=True)

DigestArgument = Annotated[
    str, typer.Argument(metavar="DIGEST", help="The grade plan's digest; 8 characters will do.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")]
SayYesOption = Annotated[bool, typer.Option("--yes", help="Say yes to whatever it will be.")]


@app.command("preview")
@answers
def preview(
    course: CourseArgument,
    assignment: AssignmentsOption = None,
    section: SectionsOption = None,
    wait: WaitOption = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Say yes to what is shown, and send it.")
    ] = False,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Show what a course's grade sync would do, and what would fail; it waits for a yes (10).

    A preview is always waited for; --wait is about what a --yes begins.
    """
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import decide, requests

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named, by = course_of(found, store, handle, course, config), operator_name(operator)
        run = requests.request_sync(
            handle,
            named,
            by=by,
            assignments=assignment or (),
            sections=section or (),
            preview=True,
            now=utc_now(),
        )
        run = ended(found, handle, run, named, wait=True)
        told = _sync_told(handle, run)
        if yes and told.waiting is not None:
            given = decide.approve(handle, told.waiting.digest, operator=by, now=utc_now())
            run = ended(found, handle, given.run, named, wait=wait)
            told = _sync_told(handle, run)
        _answer(told, form)


@app.command("sync")
@answers
def sync(
    course: CourseArgument,
    assignment: AssignmentsOption = None,
    section: SectionsOption = None,
    wait: WaitOption = False,
    yes: SayYesOption = False,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Send a course's grades to its SIS: what has changed since it took them last.

    The first sync of a course shows what it would do and waits for a yes (10), unless --yes.
    """
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import requests
    from rosterway.store import ledger

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        run = requests.request_sync(
            handle,
            named,
            by=operator_name(operator),
            assignments=assignment or (),
            sections=section or (),
            approved=yes,
            now=utc_now(),
        )
        # What was never sent, or has been forgotten, may have to be shown first.
        is_to_be_shown = not yes and not ledger.of_course(handle, named)
        # Without a server there is nothing to be shown; who has not said --wait may go.
        if is_to_be_shown and found.running() is not None:
            wait = True
        run = ended(found, handle, run, named, wait=wait)
        _answer(_sync_told(handle, run), form)


@app.command("remaster")
@answers
def remaster(
    course: CourseArgument,
    assignment: AssignmentsOption = None,
    section: SectionsOption = None,
    wait: WaitOption = False,
    yes: SayYesOption = False,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Send everything again, what the SIS has taken too. Without --yes it is shown and waits (10)."""
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import requests

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        run = requests.request_sync(
            handle,
            named,
            by=operator_name(operator),
            assignments=assignment or (),
            sections=section or (),
            preview=not yes,
            remaster=True,
            approved=yes,
            now=utc_now(),
        )
        run = ended(found, handle, run, named, wait=wait or not yes)
        _answer(_sync_told(handle, run), form)


@app.command("retry")
@answers
def retry(
    course: CourseArgument,
    wait: WaitOption = False,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Send again what failed in the latest sync, and nothing else."""
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import requests, status

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        places = status.failed_places(handle, named)
        if not places:
            nothing: dict[str, Any] = {"run": None, "assignments": []}
            output.answer(nothing, "Nothing failed in the latest sync.", form)
            return
        run = requests.request_again(
            handle, named, places, by=operator_name(operator), now=utc_now()
        )
        run = ended(found, handle, run, named, wait=wait)
        _answer(_sync_told(handle, run), form)


@app.command("show")
@answers
def show(digest: DigestArgument, form: FormatOption = Format.TEXT, home: HomeOption = None) -> None:
    """A grade plan that waits, or waited: each assignment, what would go, and why it waits."""
    from rosterway.runs.grades import decide
    from rosterway.store import grade_plans, runs

    with opened(home) as (_, store):
        handle = decide.holder_of(store, digest)
        plan = grade_plans.by_digest(handle, digest)
        _print(_sync_told(handle, runs.get(handle, plan.run)), form)


@app.command("approve")
@answers
def approve(
    digest: DigestArgument,
    reason: ReasonOption = "",
    wait: WaitOption = False,
    operator: OperatorOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Approve the grade plan with this digest; a running server sends it."""
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import decide

    with opened(home) as (found, store):
        handle = decide.holder_of(store, digest)
        by = operator_name(operator)
        given = decide.approve(handle, digest, operator=by, reason=reason, now=utc_now())
        run = ended(found, handle, given.run, given.plan.course, wait=wait)
        if wait:
            _answer(_sync_told(handle, run), form)
    told = {"digest": given.plan.digest, "verdict": "approve", "run": run.id}
    output.answer(told, f"Approved by {by}. Run {run.id} sends it.", form)


@app.command("discard")
@answers
def discard(
    digest: DigestArgument,
    reason: ReasonOption = "",
    operator: OperatorOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Discard the grade plan with this digest: nothing of it is sent."""
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import decide

    with opened(home) as (_, store):
        handle = decide.holder_of(store, digest)
        by = operator_name(operator)
        plan = decide.discard(handle, digest, operator=by, reason=reason, now=utc_now())
    told = {"digest": plan.digest, "verdict": "discard", "run": plan.run}
    output.answer(told, f"Discarded by {by}.", form)


app.command("status")(grades_looks.status)
app.command("courses")(grades_looks.list_courses)
app.command("reconcile")(grades_differences.reconcile)
app.command("repair")(grades_differences.repair)
app.command("link")(grades_links.link)
app.command("fix")(grades_links.fix)
app.command("forget")(grades_links.forget)
app.command("export")(grades_files.export)
app.command("ticket")(grades_files.ticket)


def _sync_told(handle: "TenantStore", run: "Run") -> Any:
    from rosterway.cli.grades_told import sync_told

    return sync_told(handle, run)


def _print(told: Any, form: Format) -> None:
    from rosterway.cli.grades_words import print_sync

    print_sync(told, form)


def _answer(told: Any, form: Format) -> None:
    """Print what there is to tell of a run, and leave as it ended."""
    if told.run.ended_at is None and form is Format.TEXT:
        output.say(f"Run {told.run.id} is asked for.")
        raise typer.Exit(output.DONE)
    _print(told, form)
    raise typer.Exit(exit_code(told.run))
