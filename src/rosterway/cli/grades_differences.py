"""`rosterway grades reconcile|repair`: Canvas's gradebook beside the SIS's, and ending differences."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import output
from rosterway.cli.grades_asking import (
    CONFIG,
    CanvasConfigOption,
    CourseArgument,
    YesOption,
    course_of,
    ended,
)
from rosterway.cli.opened import OperatorOption, TenantOption, opened, operator_name, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.cli.waiting import WaitOption, exit_code
from rosterway.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from rosterway.passback.differences import Difference
    from rosterway.passback.reconcile import Reconciliation
    from rosterway.store.runs import Run


@answers
def reconcile(
    course: CourseArgument,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Compare a course's grades with what its SIS has, and explain each difference.

    Nothing is changed. Exit code 1 if there are differences that `grades repair` could end.
    """
    from rosterway.passback.reconcile import Reconciliation
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import files, requests

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        run = requests.request_reconcile(handle, named, by=operator_name(operator), now=utc_now())
        run = ended(found, handle, run, named, wait=True)
        seen = None
        if files.has(handle, run.id, files.RECONCILIATION):
            seen = files.read(handle, run.id, files.RECONCILIATION, Reconciliation)
    if form is Format.JSON:
        output.print_json(_as_dict(run, seen))
    elif seen is None:
        output.say(f"Run {run.id} ended: {run.reason}")
    else:
        _print(_apart(seen))
        _say_how_to_repair(named, seen)
    if seen is None:
        raise typer.Exit(exit_code(run) or output.FAILED)
    if any(one.is_repairable for one in _apart(seen)):
        raise typer.Exit(output.FAILED)


@answers
def repair(
    course: CourseArgument,
    assignment: Annotated[
        list[str] | None,
        typer.Option("--assignment", metavar="A", help="Those of this one. Repeatable."),
    ] = None,
    user: Annotated[
        list[str] | None,
        typer.Option("--user", metavar="U", help="Those of this student. Repeatable."),
    ] = None,
    class_id: Annotated[
        list[str] | None,
        typer.Option("--class", metavar="C", help="Those in this class. Repeatable."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that can be repaired.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also over what somebody changed in the SIS.")
    ] = False,
    wait: WaitOption = False,
    yes: YesOption = False,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """End differences the last reconciliation found: the SIS is to say what Canvas says.

    Without --yes they are shown and nothing is sent (10). What only the SIS has is never deleted.
    """
    from rosterway.cli.grades_told import sync_told
    from rosterway.cli.grades_words import print_sync
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import requests, status

    if not (assignment or user or class_id or every):
        raise UsageError(
            "Which differences?", remedy="Name them with --assignment, --user, --class, or --all."
        )
    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        last = status.last_reconciliation(handle, named)
        if last is None:
            raise NotFoundError(
                f"Course {named} has not been compared with its SIS yet.",
                remedy=f"Run `rosterway grades reconcile {named}` first.",
            )
        chosen = [
            one
            for one in _apart(last[1])
            if one.is_repairable
            and (overwrite or not one.is_edited)
            and (not class_id or one.class_id in class_id)
            and (not assignment or one.assignment in assignment)
            and (not user or one.user in user)
        ]
        if not chosen or not yes:
            _would_repair(chosen, form)
        run = requests.request_repair(
            handle,
            named,
            [one.key for one in chosen],
            overwrite=overwrite,
            by=operator_name(operator),
            now=utc_now(),
        )
        run = ended(found, handle, run, named, wait=wait)
        if run.ended_at is None:
            output.answer(
                {"run": run.id, "repairs": len(chosen)}, f"Run {run.id} is asked for.", form
            )
            return
        print_sync(sync_told(handle, run), form)
    raise typer.Exit(exit_code(run))


def _would_repair(chosen: "list[Difference]", form: Format) -> None:
    """Show what a yes would repair, and leave."""
    if form is Format.JSON:
        output.print_json({"run": None, "repairs": [_difference(one) for one in chosen]})
    elif chosen:
        _print(chosen)
        output.say(f"--yes repairs {output.counted(len(chosen), 'difference')}.")
    else:
        output.say("There is nothing to repair.")
    raise typer.Exit(output.HELD if chosen else output.DONE)


def _apart(seen: "Reconciliation") -> "list[Difference]":
    from rosterway.console.grade_words import NO_DIFFERENCE

    return [one for one in seen.differences if one.kind not in NO_DIFFERENCE]


def _print(differences: "list[Difference]") -> None:
    from rosterway.console.grade_words import DIFFERENCES

    if not differences:
        return
    output.print_table(
        [
            ("class", False),
            ("assignment", False),
            ("student", False),
            ("", False),
            ("Canvas", False),
            ("SIS", False),
            ("why", False),
        ],
        [
            (
                one.class_id,
                one.assignment,
                one.user,
                DIFFERENCES[one.kind].word,
                one.canvas,
                one.sis,
                one.message,
            )
            for one in differences
        ],
    )


def _say_how_to_repair(course: str, seen: "Reconciliation") -> None:
    apart = _apart(seen)
    same = len(seen.differences) - len(apart)
    output.say(f"{output.counted(len(apart), 'difference')}, {same:,} the same.")
    if any(one.is_repairable for one in apart):
        output.say(f"`rosterway grades repair {course} --all` shows what it would send.")


def _as_dict(run: "Run", seen: "Reconciliation | None") -> dict[str, Any]:
    return {
        "run": run.id,
        "course": run.course,
        "outcome": run.outcome.value if run.outcome else None,
        "reason": run.reason,
        "counts": {kind.value: count for kind, count in seen.counts.items()} if seen else {},
        "differences": [_difference(one) for one in _apart(seen)] if seen else [],
    }


def _difference(one: "Difference") -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "class": one.class_id,
        "assignment": one.assignment,
        "user": one.user,
        "student": one.student_id,
        "canvas": one.canvas,
        "sis": one.sis,
        "message": one.message,
        "repairable": one.is_repairable,
        "edited_in_sis": one.is_edited,
    }
