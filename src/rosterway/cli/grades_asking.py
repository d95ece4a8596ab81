"""What the commands about a course's grades have in common: their arguments, and waiting for the run."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rosterway.cli.waiting import wait_for, without_server
from rosterway.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from rosterway.runs.office import Office
    from rosterway.store.home import Home
    from rosterway.store.runs import Run
    from rosterway.store.store import Store
    from rosterway.store.walls import TenantStore

CourseArgument = Annotated[
    str, typer.Argument(metavar="COURSE", help="The course's Canvas id, or sis_course_id:….")
]
AssignmentsOption = Annotated[
    list[str] | None,
    typer.Option("--assignment", metavar="A", help="Only this one, by Canvas id. Repeatable."),
]
SectionsOption = Annotated[
    list[str] | None,
    typer.Option("--section", metavar="S", help="Only this section, by Canvas id. Repeatable."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it without asking again.")]
CanvasConfigOption = Annotated[
    Path,
    typer.Option(
        "--config", metavar="FILE", help="The configuration file, where Canvas must be asked."
    ),
]

CONFIG = Path("rosterway.toml")

_BY_SIS_ID = "sis_course_id:"


def office_of(home: "Home", store: "Store", config: Path) -> "Office":
    """The way to Canvas, as the configuration file says; ConfigError if it says none."""
    from rosterway.cli.configured import load
    from rosterway.runs.office import Office, Patience

    return Office(
        home=home,
        store=store,
        settings=load(config, os.environ),
        config_folder=config.absolute().parent,
        patience=Patience.told(os.environ),
    )


def course_of(
    home: "Home", store: "Store", handle: "TenantStore", course: str, config: Path
) -> str:
    """The Canvas id of the course. Canvas is asked only for a SIS id that no run has met.

    Raises:
        NotFoundError: nobody knows the SIS id, or there is no way to ask Canvas.
    """
    from rosterway.runs.grades import courses

    if not course.startswith(_BY_SIS_ID):
        if not (course.isascii() and course.isdigit()):
            raise UsageError(
                f"{course!r} is no course.", remedy="Give its Canvas id, or sis_course_id:ID."
            )
        return course
    sis_id = course.removeprefix(_BY_SIS_ID)
    known = next((one for one in courses.every_course(handle) if one.sis_id == sis_id), None)
    if known is not None:
        return known.course
    if not config.is_file():
        raise NotFoundError(
            f"No run has met a course with the SIS id {sis_id} yet, and without {config} Canvas"
            " cannot be asked for it.",
            remedy="Name the configuration file with --config, or give the course's Canvas id.",
        )
    return asyncio.run(courses.canvas_id(office_of(home, store, config), handle, course))


def ended(home: "Home", handle: "TenantStore", run: "Run", course: str, *, wait: bool) -> "Run":
    """The run once it has ended, if it is to be waited for; without a server that is said."""
    from rosterway.store import runs

    later = f"rosterway grades status {course}"
    if home.running() is None:
        kept = f"Run {run.id} is asked for: the next one does it."
        without_server(kept, wait=wait, later=later)
    if not wait:
        return run
    return wait_for(home, handle, lambda: [runs.get(handle, run.id)], later=later)
