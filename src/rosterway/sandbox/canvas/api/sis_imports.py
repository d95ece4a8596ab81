"""The SIS Imports API, apart from creating. Facts: canvas-lms
`app/controllers/sis_imports_api_controller.rb`, `sis_import_errors_api_controller.rb`.
"""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, parameters
from rosterway.sandbox.canvas.api.answers import INSTANCE, LINE, answer, bad_request, not_found
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.places import root_account
from rosterway.sandbox.canvas.api.progress import progress_json
from rosterway.sandbox.canvas.api.sis_import_create import create
from rosterway.sandbox.canvas.api.sis_import_json import is_lagging, sis_import_json
from rosterway.sandbox.canvas.importing.dates import lenient
from rosterway.sandbox.canvas.importing.line import run_restore
from rosterway.sandbox.canvas.importing.restore import Scope
from rosterway.sandbox.canvas.state.office import FINISHED, SisImport

_PATH = "/api/v1/accounts/{account_id}/sis_imports"
_EITHER = ("import_sis", "manage_sis")
_RESTORABLE = ("imported", "imported_with_messages", "failed", "failed_with_messages", "aborted")


def routes() -> list[web.RouteDef]:
    """The doors of SIS imports."""
    return [
        web.post(_PATH, create),
        web.get(_PATH, index),
        web.get(f"{_PATH}/importing", importing),
        web.put(f"{_PATH}/abort_all_pending", abort_all_pending),
        web.get(f"{_PATH}/{{id}}", show),
        web.put(f"{_PATH}/{{id}}/abort", abort),
        web.put(f"{_PATH}/{{id}}/restore_states", restore),
        web.get(f"{_PATH}/{{id}}/errors", errors_of_import),
        web.get("/api/v1/accounts/{account_id}/sis_import_errors", errors_of_account),
    ]


def _the_import(request: web.Request) -> SisImport:
    spelled = request.match_info["id"]
    found = request.app[INSTANCE].office.get_import(int(spelled)) if spelled.isdecimal() else None
    if found is None:
        raise not_found()
    return found


async def index(request: web.Request) -> web.Response:
    """Imports, newest first, without a total."""
    require(request, *_EITHER)
    root_account(request)
    given = parameters.of_query(request)
    where: list[str] = []
    values: list[Any] = []
    for name, comparison in (("created_since", ">"), ("created_before", "<")):
        text = given.get(name)
        moment = lenient(text).moment if text else None
        if text and moment is None:
            raise bad_request(f"Invalid datetime for {name}")
        if moment:
            where.append(f"created_at {comparison} ?")
            values.append(moment)
    if states := given.all("workflow_state"):
        where.append(f"workflow_state IN ({', '.join('?' * len(states))})")
        values.extend(states)
    return _page(request, where, values)


async def importing(request: web.Request) -> web.Response:
    """The import that runs now."""
    require(request, *_EITHER)
    root_account(request)
    return _page(request, ["workflow_state IN ('importing', 'cleanup_batch')"], [])


def _page(request: web.Request, where: Sequence[str], values: Sequence[Any]) -> web.Response:
    office = request.app[INSTANCE].office
    condition = f"WHERE {' AND '.join(where)}" if where else ""

    def fetch(limit: int, offset: int) -> list[dict[str, Any]]:
        found = office.imports(
            f"{condition} ORDER BY id DESC LIMIT ? OFFSET ?", (*values, limit, offset)
        )
        return [sis_import_json(request, sis_import) for sis_import in found]

    return pages.numbered(request, fetch, envelope="sis_imports")


async def show(request: web.Request) -> web.Response:
    """One import."""
    require(request, *_EITHER)
    root_account(request)
    return answer(request, sis_import_json(request, _the_import(request)))


async def abort(request: web.Request) -> web.Response:
    """Abort an import that waits or runs; one that is finished is not found."""
    require(request, *_EITHER)
    root_account(request)
    instance = request.app[INSTANCE]
    sis_import = _the_import(request)
    open_states = ("initializing", "created", "importing", "cleanup_batch")
    waiting = sis_import.workflow_state in {"initializing", "created"}
    now = instance.now()
    if not instance.office.move_import(sis_import.id, now=now, by=open_states, to="aborted"):
        raise not_found()
    if waiting:
        instance.office.update_import(sis_import.id, now=now, ended_at=now)
    instance.pace.wake()
    return answer(request, sis_import_json(request, _the_import(request)))


async def abort_all_pending(request: web.Request) -> web.Response:
    """Abort what waits; what runs goes on."""
    require(request, *_EITHER)
    root_account(request)
    instance = request.app[INSTANCE]
    now = instance.now()
    pending = ("initializing", "created")
    for waiting in instance.office.imports("WHERE workflow_state IN (?, ?)", pending):
        if instance.office.move_import(waiting.id, now=now, by=pending, to="aborted"):
            instance.office.update_import(waiting.id, now=now, ended_at=now)
    request.app[LINE].poke()
    return answer(request, {"aborted": True})


async def restore(request: web.Request) -> web.Response:
    """Undo the states an import changed; answers with a Progress."""
    caller = require(request, "manage_sis")
    root_account(request)
    instance = request.app[INSTANCE]
    given = await parameters.of_request(request)
    sis_import = _the_import(request)
    scope = Scope(
        batch_mode=given.true("batch_mode"),
        undelete_only=given.true("undelete_only"),
        unconclude_only=given.true("unconclude_only"),
    )
    if scope.undelete_only and scope.unconclude_only:
        raise bad_request("cannot set both undelete_only and unconclude_only")
    now = instance.now()
    if not instance.office.move_import(sis_import.id, now=now, by=_RESTORABLE, to="restoring"):
        raise bad_request("SIS import must be finished before its states can be restored")
    progress_id = instance.office.add(
        "progress",
        tag="sis_batch_state_restore",
        workflow_state="queued",
        completion=0,
        task=f"sis_import {sis_import.id}",
        user_id=caller.user_id,
        created_at=now,
        updated_at=now,
    )
    body = progress_json(request, progress_id)
    request.app[LINE].beside(lambda: run_restore(instance, sis_import.id, scope, progress_id))
    return answer(request, body)


async def errors_of_import(request: web.Request) -> web.Response:
    """Messages of one import, newest first."""
    require(request, *_EITHER)
    root_account(request)
    sis_import = _the_import(request)
    instance = request.app[INSTANCE]
    withheld = sis_import.workflow_state in FINISHED and is_lagging(request, sis_import)
    if withheld:
        instance.lagged[sis_import.id] = instance.lagged.get(sis_import.id, 0) + 1
    return _errors(request, "import_id = ?", [sis_import.id], withheld=withheld)


async def errors_of_account(request: web.Request) -> web.Response:
    """Messages of all imports, newest first."""
    require(request, *_EITHER)
    root_account(request)
    return _errors(request, "TRUE", [], withheld=False)


def _errors(
    request: web.Request, where: str, values: Sequence[Any], *, withheld: bool
) -> web.Response:
    """A page of messages; `withheld` keeps the newer half back, as a job that is not done would."""
    office = request.app[INSTANCE].office
    if parameters.of_query(request).true("failure"):
        where += " AND failure"
    if withheld:
        where += f" AND id <= (SELECT (min(id) + max(id) - 1) / 2 FROM messages WHERE {where})"
        values = [*values, *values]

    def fetch(limit: int, offset: int) -> list[dict[str, Any]]:
        rows = office.rows(
            f"SELECT * FROM messages WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [
            {
                "sis_import_id": row["import_id"],
                "file": row["file"],
                "message": row["message"],
                "row_info": row["row_info"],
                "row": row["row"],
            }
            for row in rows
        ]

    return pages.numbered(request, fetch, envelope="sis_import_errors")
