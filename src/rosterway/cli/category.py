"""`rosterway category`: what each assignment group of a course is in the SIS, class by class."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import output
from rosterway.cli.grades_asking import (
    CONFIG,
    CanvasConfigOption,
    CourseArgument,
    course_of,
    office_of,
)
from rosterway.cli.opened import OperatorOption, TenantOption, opened, operator_name, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from rosterway.formats.oneroster.gradebook import Category
    from rosterway.runs.grades.courses import CategoryTable, GroupInClass
    from rosterway.store.home import Home
    from rosterway.store.store import Store
    from rosterway.store.walls import TenantStore

app = typer.Typer(help="What assignment groups are in the SIS.", no_args_is_help=True)

GroupOption = Annotated[
    str, typer.Option("--group", metavar="G", help="The assignment group's Canvas id.")
]
ClassesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--class",
        metavar="C",
        help="Only in this class, by sourcedId. Repeatable.",
        show_default="every class of the course",
    ),
]


@app.command("list")
@answers
def list_categories(
    course: CourseArgument,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Each assignment group in each class: its category, how it was found, what is like it.

    As the latest preview, sync or reconciliation has read both sides.
    """
    from rosterway.runs.grades.courses import category_table

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        table = category_table(handle, named, _default(config, handle.name))
    if not table.rows:
        raise _unseen(named)
    if form is Format.JSON:
        output.print_json(_as_dict(named, table))
        return
    output.print_table(
        [
            ("group", False),
            ("id", False),
            ("section", False),
            ("class", False),
            ("category", False),
            ("by", False),
            ("like it", False),
        ],
        [
            (
                row.group.name,
                row.group.id,
                row.section,
                row.class_id,
                _called(row.found.category) if row.found.category else "none",
                row.found.by.value + (" (lapsed)" if row.found.has_lapsed else ""),
                ", ".join(_called(one.category) for one in row.found.alike),
            )
            for row in table.rows
        ],
    )
    names = {row.group.id: row.group.name for row in table.rows}
    for group, count in table.unassociated.items():
        if count:
            sections = output.counted(count, "section")
            output.say(f"{names.get(group, group)}: {sections} without an association.")


@app.command("associate")
@answers
def associate(
    course: CourseArgument,
    group: GroupOption,
    category: Annotated[
        str,
        typer.Option("--category", metavar="ID", help="The category's sourcedId, or its title."),
    ],
    class_id: ClassesOption = None,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Say which category of the SIS an assignment group is; a rename then breaks nothing."""
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import courses

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        table = courses.category_table(handle, named)
        # All are found before any is made: half of the classes is nobody's wish.
        chosen = [
            (row, _category(table, row.class_id, category))
            for row in _rows(table, named, group, class_id)
        ]
        with handle.together() as tx:
            for row, one in chosen:
                courses.associate(
                    tx,
                    named,
                    group=group,
                    class_id=row.class_id,
                    category_id=one.sourced_id,
                    title=one.title,
                    by=operator_name(operator),
                    now=utc_now(),
                )
        _mirror(found, store, handle, named, config)
    told = [
        {"group": group, "class": row.class_id, "category": one.sourced_id, "title": one.title}
        for row, one in chosen
    ]
    words = f"{chosen[0][0].group.name} is {_called(chosen[0][1])} in {_classes(len(chosen))}."
    output.answer({"course": named, "associations": told}, words, form)


@app.command("remove")
@answers
def remove(
    course: CourseArgument,
    group: GroupOption,
    class_id: ClassesOption = None,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Take associations of an assignment group away: then its name decides again."""
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import courses
    from rosterway.store import associations

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        made = [
            one
            for one in associations.of_course(handle, named)
            if one.group == group and (not class_id or one.class_id in class_id)
        ]
        if not made:
            raise NotFoundError(
                f"The assignment group {group} has no such association.",
                remedy=f"Look at `rosterway category list {named}`.",
            )
        with handle.together() as tx:
            for one in made:
                courses.remove_association(
                    tx,
                    named,
                    group=group,
                    class_id=one.class_id,
                    by=operator_name(operator),
                    now=utc_now(),
                )
        _mirror(found, store, handle, named, config)
    told = [{"group": group, "class": one.class_id} for one in made]
    words = f"Taken away in {_classes(len(made))}: the group's name decides again."
    output.answer({"course": named, "removed": told}, words, form)


def _default(config: Path, tenant: str) -> str | None:
    """The category that takes what fits none, where the configuration is at hand."""
    from rosterway.runs.grades.sis import default_category
    from rosterway.settings import file_text, parse

    if not config.exists():
        return None
    told = parse(file_text(config)).tenants.get(tenant)
    return default_category(told, config.absolute().parent) if told else None


def _mirror(home: "Home", store: "Store", handle: "TenantStore", course: str, config: Path) -> None:
    """Copy the associations into Canvas now, where that is set; what it did not keep is said.

    Without a configuration file at hand the next sync copies them.
    """
    from rosterway.runs.grades.in_canvas import mirror

    if not config.is_file():
        return
    told = asyncio.run(mirror(office_of(home, store, config), handle, course))
    if told.says:
        output.note(f"Canvas did not keep its copy: {told.says}")


def _rows(
    table: "CategoryTable", course: str, group: str, classes: list[str] | None
) -> "list[GroupInClass]":
    """The group in the classes asked for."""
    if not table.rows:
        raise _unseen(course)
    of_group = [row for row in table.rows if row.group.id == group]
    if not of_group:
        raise NotFoundError(
            f"Course {course} has no assignment group {group}.",
            remedy=f"`rosterway category list {course}` tells their ids.",
        )
    unknown = set(classes or ()) - {row.class_id for row in of_group}
    if unknown:
        raise NotFoundError(
            f"Course {course} has no class {', '.join(sorted(unknown))}.",
            remedy=f"`rosterway category list {course}` tells their sourcedIds.",
        )
    return [row for row in of_group if not classes or row.class_id in classes]


def _category(table: "CategoryTable", class_id: str, wanted: str) -> "Category":
    """The category of this sourcedId, or else of exactly this title, in a class."""
    there = table.categories.get(class_id, ())
    named = [one for one in there if one.sourced_id == wanted] or [
        one for one in there if one.title == wanted
    ]
    if not named:
        titles = ", ".join(_called(one) for one in there) or "none"
        raise NotFoundError(
            f"The class {class_id} has no category {wanted}.", remedy=f"It has {titles}."
        )
    if len(named) > 1:
        raise UsageError(
            f"The class {class_id} has {len(named)} categories called {wanted}.",
            remedy=f"Give the id: {', '.join(one.sourced_id for one in named)}.",
        )
    return named[0]


def _unseen(course: str) -> NotFoundError:
    return NotFoundError(
        f"Nobody has looked at the categories of course {course} yet.",
        remedy=f"Run `rosterway grades preview {course}` first.",
    )


def _called(category: "Category") -> str:
    return f"{category.title} ({category.sourced_id})"


def _classes(count: int) -> str:
    return "1 class" if count == 1 else f"{count:,} classes"


def _as_dict(course: str, table: "CategoryTable") -> dict[str, Any]:
    return {
        "course": course,
        "groups": [
            {
                "group": row.group.id,
                "name": row.group.name,
                "class": row.class_id,
                "section": row.section,
                "by": row.found.by.value,
                "category": row.found.category.sourced_id if row.found.category else None,
                "title": row.found.category.title if row.found.category else None,
                "lapsed": row.found.has_lapsed,
                "reason": row.found.reason.message if row.found.reason else None,
                "alike": [
                    {
                        "category": one.category.sourced_id,
                        "title": one.category.title,
                        "why": one.why,
                    }
                    for one in row.found.alike
                ],
            }
            for row in table.rows
        ],
        "categories": {
            class_id: [{"category": one.sourced_id, "title": one.title} for one in there]
            for class_id, there in table.categories.items()
        },
        "unassociated": dict(table.unassociated),
    }
