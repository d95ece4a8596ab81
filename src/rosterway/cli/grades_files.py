"""`rosterway grades export|ticket`: a gradebook for a SIS that takes files, an exchange for its vendor."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import typer

from rosterway.cli import output
from rosterway.cli.filling import filling, require_room
from rosterway.cli.grades_asking import CONFIG, CanvasConfigOption, CourseArgument, course_of
from rosterway.cli.opened import TenantOption, opened, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.errors import NotFoundError

if TYPE_CHECKING:
    from rosterway.passback.redact import Exchange
    from rosterway.runs.grades.pieces import Raw
    from rosterway.store.walls import TenantStore


@answers
def export(
    course: CourseArgument,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Write the files into this folder.")
    ],
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """A course's gradebook as a OneRoster CSV bundle, for a SIS that takes grades as files only.

    It is what the latest preview or sync has read: what the SIS was told before, and what is to be
    told it now.
    """
    from rosterway.passback.categories import categories_of
    from rosterway.passback.gradebook_csv import gradebook_files
    from rosterway.passback.plan import PassbackPlan
    from rosterway.runs.clock import utc_now
    from rosterway.runs.grades import courses, files
    from rosterway.store import ledger, tenants

    require_room(out)
    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        looked = courses.latest_look(handle, named)
        run = _latest(handle, named, files.PLAN)
        if looked is None or run is None:
            raise NotFoundError(
                f"Nobody has looked at the grades of course {named} yet.",
                remedy=f"Run `rosterway grades preview {named}` first.",
            )
        categories = {
            one.sourced_id: one
            for of_class in looked[1].values()
            for one in categories_of(of_class)
        }
        told = (entry.payload for entry in ledger.of_course(handle, named))
        made = gradebook_files(
            files.read(handle, run, files.PLAN, PassbackPlan),
            ZoneInfo(tenants.get(store, handle.name).time_zone),
            known=[*categories.values(), *(noun for noun in told if noun is not None)],
            at=utc_now(),
        )
    with filling(out) as folder:
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
    output.answer(
        {"course": named, "run": run, "files": [{"name": one} for one in made]},
        f"{', '.join(made)} written to {out}.",
        form,
    )


@answers
def ticket(
    course: CourseArgument,
    assignment: Annotated[
        str | None, typer.Option("--assignment", metavar="A", help="Only of this one.")
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", metavar="U", help="Only of this student.")
    ] = None,
    tenant: TenantOption = None,
    config: CanvasConfigOption = CONFIG,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """What was sent to the SIS and what it answered where it refused, for its vendor: nobody is named.

    Of the latest sync in which something went wrong. Ids and scores stay, for the vendor finds the
    row by them; names, addresses and tokens are blanked.
    """
    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        named = course_of(found, store, handle, course, config)
        run, raws = _exchanges(handle, named)
        people = _people(handle, named)
    told = [
        one
        for one in raws
        if (not assignment or one.assignment == assignment) and (not user or one.user == user)
    ]
    if not told:
        raise NotFoundError(
            f"No refused exchange of course {named} is kept.",
            remedy=f"`rosterway grades status {named}` says what failed.",
        )
    redacted = [(one, _redacted(one, people)) for one in told]
    if form is Format.JSON:
        output.print_json(
            {
                "course": named,
                "run": run,
                "exchanges": [
                    {
                        "class": one.class_id,
                        "assignment": one.assignment,
                        "user": one.user,
                        "method": safe.method,
                        "path": safe.path,
                        "status": safe.status,
                        "request": safe.request,
                        "response": safe.response,
                    }
                    for one, safe in redacted
                ],
            }
        )
        return
    for _, safe in redacted:
        output.say(f"{safe.method} {safe.path}")
        output.say(safe.request)
        output.say(f"Answer: {safe.status if safe.status is not None else 'none came'}")
        output.say(f"{safe.response}\n")


def _latest(handle: "TenantStore", course: str, name: str) -> str | None:
    """The latest run of the course that has this file."""
    from rosterway.runs.grades import files
    from rosterway.runs.grades.asked import GRADES
    from rosterway.store import runs

    found = runs.latest(handle, course=course, kind=GRADES, limit=20)
    return next((run.id for run in found if files.has(handle, run.id, name)), None)


def _exchanges(handle: "TenantStore", course: str) -> "tuple[str | None, list[Raw]]":
    """The exchanges that went wrong in the latest run that has any, and that run."""
    import msgspec

    from rosterway.runs.grades.asked import GRADES
    from rosterway.runs.grades.pieces import Raw
    from rosterway.store import runs, stages

    for run in runs.latest(handle, course=course, kind=GRADES, limit=20):
        raws = [
            raw
            for file in stages.files(handle, run.id)
            if file.name.startswith("exchanges/")
            for raw in msgspec.json.decode(
                handle.blobs.local(file.blob).read_bytes(), type=list[Raw]
            )
        ]
        if raws:
            return run.id, raws
    return None, []


def _people(handle: "TenantStore", course: str) -> list[str]:
    """The names that may stand in an exchange of the course."""
    from rosterway.runs.grades.courses import latest_look

    looked = latest_look(handle, course)
    return [one.name for one in looked[0].students if one.name] if looked else []


def _redacted(raw: "Raw", people: list[str]) -> "Exchange":
    from rosterway.passback.redact import Exchange, redact

    address = urlsplit(raw.url)
    return redact(
        Exchange(
            method=raw.method,
            path=address.path + (f"?{address.query}" if address.query else ""),
            status=raw.status,
            request=raw.sent,
            response=raw.answered,
        ),
        people,
    )
