"""Grade syncs over HTTPS, for scripts with a token: ask for one, and see how it went.

A sync that is asked for here is one like any other: the same preview on a course's first, the same
guards, the same run. Answers are JSON, errors as everywhere.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse, Response

from rosterway.console.access import May
from rosterway.console.bearer import script_of
from rosterway.errors import NotFoundError, UsageError
from rosterway.passback.plan import PassbackPlan
from rosterway.runs.grades import courses, files
from rosterway.runs.grades.asked import GRADES
from rosterway.runs.grades.outcomes import Posted
from rosterway.runs.grades.requests import request_sync
from rosterway.runs.office import Office
from rosterway.store import audit, runs
from rosterway.store.runs import Run
from rosterway.store.walls import TenantStore

router = APIRouter(prefix="/api/v1/{tenant}/grades")


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    """What a sync is asked for with; all of it may be left out.

    `assignments` and `sections` are Canvas ids; empty: all. With `preview` it waits for a yes.
    """

    assignments: list[str] = []
    sections: list[str] = []
    preview: bool = False


class Script(msgspec.Struct, frozen=True):
    """Who asks: a token of an operator who may sync grades in this tenant."""

    office: Office
    handle: TenantStore
    by: str


def script(request: Request, tenant: str, authorization: Annotated[str, Header()] = "") -> Script:
    """The owner of the token that was shown; another tenant's is told as much as nobody's."""
    request.state.speaks_json = True
    office: Office = request.app.state.office
    by = script_of(office, tenant, authorization, feed=None, may=May.GRADES)
    return Script(office, office.store.tenant(tenant), by)


Asking = Annotated[Script, Depends(script)]


@router.post("/{course}/syncs")
async def ask(request: Request, asking: Asking, course: str) -> Response:
    """Ask for a course's grades to be sent; the course by its Canvas id or `sis_course_id:X`.

    Asked again while it goes on, it is the same sync.
    """
    body = await request.body()
    try:
        wish = msgspec.json.decode(body, type=Wish) if body else Wish()
    except msgspec.MsgspecError as error:
        raise UsageError(
            f"this cannot be read: {error}", remedy='send {"assignments": ["123"]}, or nothing'
        ) from error
    office, handle = asking.office, asking.handle
    if office.tenant(handle.name).grades is None:
        raise NotFoundError(f"The configuration does not say how grades of {handle.name} go back.")
    known = await courses.canvas_id(office, handle, course)
    now = office.clock()
    with handle.together() as tx:
        run = request_sync(
            tx,
            known,
            by=asking.by,
            assignments=wish.assignments,
            sections=wish.sections,
            preview=wish.preview,
            now=now,
        )
        audit.append(
            tx,
            actor=asking.by,
            act="grades.sync",
            subject=f"course {known}",
            now=now,
            details={"run": run.id, "assignments": len(wish.assignments) or "all"},
        )
    office.poke()
    where = f"/api/v1/{handle.name}/grades/{known}/syncs/{run.id}"
    return JSONResponse(_told(handle, run), 202, headers={"Location": where})


@router.get("/{course}/syncs/{sync}")
def look(asking: Asking, course: str, sync: str) -> Response:
    """How a sync goes, or went: its assignments and how many grades came to what."""
    run = runs.get(asking.handle, sync)
    if run.kind != GRADES or run.course != course:
        raise NotFoundError(f"The course {course} has no sync {sync}.")
    return JSONResponse(_told(asking.handle, run))


def _told(handle: TenantStore, run: Run) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "run": run.id,
        "course": run.course,
        "stage": run.stage,
        "outcome": run.outcome.value if run.outcome else None,
        "reason": run.reason,
        "assignments": [],
        "results": {},
    }
    if files.has(handle, run.id, files.POSTED):
        posted = files.read(handle, run.id, files.POSTED, Posted)
        counts: dict[str, int] = {"unchanged": posted.unchanged}
        for one in posted.results:
            counts[one.outcome.value] = counts.get(one.outcome.value, 0) + 1
        told["results"] = counts
        told["assignments"] = [msgspec.to_builtins(one) for one in posted.assignments]
    elif files.has(handle, run.id, files.PLAN):
        plan = files.read(handle, run.id, files.PLAN, PassbackPlan)
        told["would_send"] = msgspec.to_builtins(plan.counts)
    return told
