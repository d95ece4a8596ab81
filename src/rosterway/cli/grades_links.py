"""`rosterway grades link|fix|forget`: what a person decides about a course beside syncing it."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import output
from rosterway.cli.grades_asking import (
    CONFIG,
    AssignmentsOption,
    CanvasConfigOption,
    CourseArgument,
    YesOption,
    course_of,
    office_of,
)
from rosterway.cli.opened import OperatorOption, TenantOption, opened, operator_name, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers

if TYPE_CHECKING:
    from rosterway.passback.plan import Fix
    from rosterway.store.walls import TenantStore


@answers
def link(
    course: CourseArgument,
    line_item: Annotated[
        str, typer.Argument(metavar="LINEITEM", help="The line item's sourcedId in the SIS.")
    ],
    assignment: Annotated[
        str, typer.Option("--assignment", metavar="A", help="The assignment's Canvas id.")
    ],
    class_id: Annotated[str, typer.Option("--class", metavar="C", help="The class's sourcedId.")],
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Say which line item of the SIS an assignment is in one class, where several match."""
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import courses

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        courses.link(
            handle,
            named,
            assignment=assignment,
            class_id=class_id,
            line_item=line_item,
            by=operator_name(operator),
            now=utc_now(),
        )
    output.answer(
        {"course": named, "assignment": assignment, "class": class_id, "line_item": line_item},
        f"Assignment {assignment} is {line_item} in {class_id}; the next sync sends it there.",
        form,
    )


@answers
def forget(
    course: CourseArgument,
    undo: Annotated[bool, typer.Option("--undo", help="Put back what was forgotten last.")] = False,
    yes: YesOption = False,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Forget what the SIS was told of a course and which line items it is linked to.

    Nothing is changed in the SIS, and in Canvas only the marks of our syncs go: the next sync shows
    what it would do, matches by name and due date, and waits for a yes. Without --yes it is only
    said what would be forgotten (10).
    """
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import courses
    from rosterway.runs.grades.in_canvas import forget_marks
    from rosterway.store import grade_courses, ledger

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        by, now = operator_name(operator), utc_now()
        if undo:
            count = courses.put_back(handle, named, by=by, now=now)
            output.answer(
                {"course": named, "put_back": count},
                f"{output.counted(count, 'place')} of the gradebook put back.",
                form,
            )
            return
        if not yes:
            grade_courses.get(handle, named)
            count = len(ledger.of_course(handle, named))
            output.answer(
                {"course": named, "forgotten": 0, "would_forget": count},
                f"--yes forgets {output.counted(count, 'place')} of the gradebook of {named}.",
                form,
            )
            raise typer.Exit(output.HELD)
        # Before anything is forgotten: without a way to Canvas the marks there would stay.
        office = office_of(found, store, config)
        count = courses.forget(handle, named, by=by, now=now)
        canvas = asyncio.run(forget_marks(office, handle, named))
    words = (
        f"{output.counted(count, 'place')} of the gradebook forgotten;"
        f" `rosterway grades forget {named} --undo` puts back."
    )
    if canvas.says:
        words += f" Marks of ours may be left in Canvas: {canvas.says}"
    told = {"course": named, "forgotten": count, "marks": canvas.outcomes, "says": canvas.says}
    output.answer(told, words, form)


@answers
def fix(
    course: CourseArgument,
    assignment: AssignmentsOption = None,
    yes: YesOption = False,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Make the changes in Canvas that the latest preview offered, so that assignments can go.

    Without --yes they are shown and nothing is changed (10).
    """
    from rosterway.runs.grades.in_canvas import apply_fixes

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        offered = [
            one for one in _offered(handle, named) if not assignment or one.assignment in assignment
        ]
        if not offered or not yes:
            _would_fix(named, offered, form)
        office, by = office_of(found, store, config), operator_name(operator)
        done = asyncio.run(apply_fixes(office, handle, named, offered, by=by, now=office.clock()))
    if form is Format.JSON:
        output.print_json(
            {
                "course": named,
                "fixes": [
                    {**_as_dict(one.fix), "outcome": one.outcome.value, "says": one.says}
                    for one in done
                ],
            }
        )
    else:
        output.print_table(
            [*_COLUMNS, ("", False), ("Canvas says", False)],
            [(*_cells(one.fix), one.outcome.value, one.says) for one in done],
        )
    if any(one.outcome.value not in _MADE for one in done):
        raise typer.Exit(output.FAILED)


#: Outcomes after which Canvas has what was offered.
_MADE = frozenset({"done", "already"})

_COLUMNS = [("assignment", False), ("what", False), ("now", False), ("then", False)]


def _offered(handle: "TenantStore", course: str) -> "list[Fix]":
    """What the latest plan of the course offers."""
    from rosterway.runs.grades.status import latest_plan, offered_fixes

    return list(offered_fixes(latest_plan(handle, course)))


def _would_fix(course: str, offered: "list[Fix]", form: Format) -> None:
    """Show what a yes would change, and leave."""
    if form is Format.JSON:
        output.print_json({"course": course, "fixes": [_as_dict(one) for one in offered]})
    elif offered:
        output.print_table(_COLUMNS, [_cells(one) for one in offered])
        output.say(f"--yes makes {output.counted(len(offered), 'change')} in Canvas.")
    else:
        output.say("Nothing is offered: preview the course first, or mend what it says by hand.")
    raise typer.Exit(output.HELD if offered else output.DONE)


def _as_dict(one: "Fix") -> dict[str, Any]:
    return {
        "assignment": one.assignment,
        "kind": one.kind.value,
        "section": one.section,
        "before": one.before,
        "after": one.after,
    }


def _cells(one: "Fix") -> tuple[str, str, str, str]:
    where = f" (section {one.section})" if one.section else ""
    return (one.assignment, one.kind.value + where, one.before, one.after)
