"""The sandbox's own controls, beside Canvas's addresses: faults, knobs, steps, the request log.

They need no token: the server listens on this machine only, and a test that breaks the token must
still be able to mend it.
"""

import asyncio
from datetime import date
from typing import Any, cast

from aiohttp import web

from rosterway.sandbox.canvas.api import parameters
from rosterway.sandbox.canvas.api.answers import INSTANCE, LINE, bad_request, not_found
from rosterway.sandbox.canvas.api.changes import change
from rosterway.sandbox.canvas.api.places import find
from rosterway.sandbox.canvas.faults import FAULTS
from rosterway.sandbox.canvas.gradebook.classroom import (
    change_minds,
    courses_of,
    grade_classes,
)
from rosterway.sandbox.canvas.gradebook.marking import Marking, marksheet
from rosterway.sandbox.canvas.gradebook.settings import INHERITED, PLAIN, plain, setting
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.instance import RIGHTS
from rosterway.sandbox.canvas.trouble import SandboxUsageError

_LONGEST_WAIT = 60.0


def routes() -> list[web.RouteDef]:
    """The doors of the controls."""
    return [
        web.get("/sandbox", about),
        web.get("/sandbox/faults", show_faults),
        web.put("/sandbox/faults", put_faults),
        web.get("/sandbox/knobs", show_knobs),
        web.put("/sandbox/knobs", turn_knobs),
        web.get("/sandbox/steps", show_step),
        web.post("/sandbox/steps", grant_steps),
        web.get("/sandbox/requests", show_requests),
        web.delete("/sandbox/requests", forget_requests),
        web.get("/sandbox/idle", idle),
        web.post("/sandbox/tokens", make_token),
        web.get("/sandbox/accounts/{account_id}/settings", show_settings),
        web.post("/sandbox/grades", grade),
        web.put("/sandbox/assignments/{id:\\d+}/grades", post_grades),
    ]


async def _body(request: web.Request) -> dict[str, Any]:
    data: object = await parameters.read_json(request) if request.can_read_body else {}
    if not isinstance(data, dict):
        raise bad_request("a JSON object is needed")
    return cast(dict[str, Any], data)


def _seconds(request: web.Request) -> float:
    try:
        return min(float(request.query.get("wait", 0)), _LONGEST_WAIT)
    except ValueError:
        raise bad_request("wait is a number of seconds") from None


async def about(request: web.Request) -> web.Response:
    """What can be controlled, in words."""
    return web.json_response(
        {
            "faults": FAULTS,
            "knobs": request.app[INSTANCE].knobs.as_dict(),
            "rights": RIGHTS,
        }
    )


async def show_faults(request: web.Request) -> web.Response:
    """The faults that are on."""
    return web.json_response({"faults": request.app[INSTANCE].faults.as_dict()})


async def put_faults(request: web.Request) -> web.Response:
    """Have exactly these faults on: {"faults": [names], "times": n, "every": n}."""
    body = await _body(request)
    faults = request.app[INSTANCE].faults
    try:
        faults.put(body.get("faults", []), times=body.get("times"), every=body.get("every"))
    except SandboxUsageError as error:
        raise bad_request(str(error)) from None
    return await show_faults(request)


async def show_knobs(request: web.Request) -> web.Response:
    """The knobs and where they stand."""
    return web.json_response(request.app[INSTANCE].knobs.as_dict())


async def turn_knobs(request: web.Request) -> web.Response:
    """Turn knobs: {name: value}."""
    instance = request.app[INSTANCE]
    try:
        instance.knobs.turn(await _body(request))
    except SandboxUsageError as error:
        raise bad_request(str(error)) from None
    instance.pace.wake()
    return await show_knobs(request)


async def show_step(request: web.Request) -> web.Response:
    """The step an import waits before; `wait` seconds at most for one to come."""
    pace = request.app[INSTANCE].pace
    waiting = await asyncio.to_thread(pace.wait_for_step, _seconds(request))
    return web.json_response({"waiting": waiting})


async def grant_steps(request: web.Request) -> web.Response:
    """Let imports take {"count": n} steps, one unless said otherwise."""
    body = await _body(request)
    request.app[INSTANCE].pace.grant(int(body.get("count", 1)))
    return web.json_response({"granted": True})


async def show_requests(request: web.Request) -> web.Response:
    """Which requests Canvas got: method, path, time and status."""
    return web.json_response({"requests": list(request.app[INSTANCE].requests)})


async def forget_requests(request: web.Request) -> web.Response:
    """Begin the log anew."""
    request.app[INSTANCE].requests.clear()
    return web.json_response({"requests": []})


async def idle(request: web.Request) -> web.Response:
    """Whether nothing runs or waits; `wait` seconds at most until it is so."""
    return web.json_response({"idle": await request.app[LINE].idle(_seconds(request))})


async def make_token(request: web.Request) -> web.Response:
    """A token with {"rights": [...]} for a user (the administrator unless `user_id` says else)."""
    instance = request.app[INSTANCE]
    body = await _body(request)
    rights = list(map(str, body.get("rights", RIGHTS)))
    if unknown := sorted({*rights} - {*RIGHTS}):
        raise bad_request(f"no right {unknown[0]!r}; there are {', '.join(RIGHTS)}")
    user_id = int(body.get("user_id", 1))
    if not instance.roster.read.execute("SELECT 1 FROM users WHERE id = ?", (user_id,)).fetchone():
        raise not_found()
    return web.json_response({"token": instance.office.new_token(user_id, rights)})


async def show_settings(request: web.Request) -> web.Response:
    """The settings of an account that bear on grades, as they hold there: Canvas shows them nowhere."""
    account_id = int(request.match_info["account_id"])
    read = request.app[INSTANCE].roster.read
    held: dict[str, Any] = {name: setting(read, account_id, name) for name in INHERITED}
    return web.json_response(held | {name: plain(read, name) for name in PLAIN})


async def post_grades(request: web.Request) -> web.Response:
    """Show an assignment's grades to students, or hide them: {"posted": true, "students": [ids]}."""
    instance = request.app[INSTANCE]
    body = await _body(request)
    row = instance.roster.read.execute(
        "SELECT * FROM assignments WHERE id = ?", (int(request.match_info["id"]),)
    ).fetchone()
    if row is None:
        raise not_found()
    students = body.get("students")
    shelf = Shelf(instance.roster.read, row["course_id"], instance.now())
    sheet = marksheet(shelf, row)
    posted = bool(body.get("posted", True))
    users = None if students is None else [int(one) for one in students]
    changed = await change(
        request, lambda work: Marking(work, sheet, None).post(posted=posted, users=users)
    )
    return web.json_response({"changed": changed})


async def grade(request: web.Request) -> web.Response:
    """Grade classes by a seed, or change minds about them.

    {"course": id} or {"account": id} (SIS ids work, the root account unless said), "seed": n,
    "assignments": n a course, "today": the day before which what is due is graded, "change_mind":
    false. Answers how much was done.
    """
    instance = request.app[INSTANCE]
    body = await _body(request)
    kind = "course" if body.get("course") is not None else "account"
    spelled = str(body.get(kind) or 1)
    found = find(instance.roster.read, kind, spelled)
    if found is None:
        raise not_found()
    seed, assignments = int(body.get("seed", 1)), int(body.get("assignments", 12))
    try:
        today = date.fromisoformat(body["today"]) if body.get("today") else None
    except ValueError:
        raise bad_request("today is a day such as 2026-10-02") from None

    def run() -> dict[str, int]:
        courses = [found] if kind == "course" else courses_of(instance, found)
        if body.get("change_mind"):
            return change_minds(instance, courses, seed=seed)
        return grade_classes(instance, courses, seed=seed, assignments=assignments, today=today)

    return web.json_response(await asyncio.to_thread(run))
