"""Copying a course into another.

    POST /api/v1/courses/:course_id/content_migrations
    GET  /api/v1/courses/:course_id/content_migrations/:id

Only `course_copy_importer` is known, and only what concerns grades is copied.
Facts: Canvas API docs, "Content Migrations". `date_shift_options` moves dates by the distance of
`old_start_date` and `new_start_date`.
"""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, LINE, answer, bad_request, not_found
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.places import find, place
from rosterway.sandbox.canvas.api.progress import progress_json
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.copying import copy_course

_PATH = "/api/v1/courses/{course_id}/content_migrations"
_KIND = "course_copy_importer"


def routes() -> list[web.RouteDef]:
    """The doors of course copies."""
    return [web.post(_PATH, create), web.get(f"{_PATH}/{{id:\\d+}}", show)]


async def create(request: web.Request) -> web.Response:
    """Start a copy; its Progress tells when it is done."""
    caller = require(request, "manage_courses")
    target_id = place(request, "course")
    instance = request.app[INSTANCE]
    tree = await trees.tree_of(request)
    if trees.text(tree, "migration_type") != _KIND:
        raise bad_request("Invalid migration_type")
    spelled = trees.text(trees.branch(tree, "settings"), "source_course_id")
    source_id = find(instance.roster.read, "course", spelled or "")
    if source_id is None:
        raise bad_request("The source course was not found")
    shift = _shift(trees.branch(tree, "date_shift_options"))
    now = instance.now()
    progress_id = instance.office.add(
        "progress",
        tag="content_migration",
        workflow_state="queued",
        completion=0,
        task=json.dumps({"source": source_id, "target": target_id}),
        user_id=caller.user_id,
        created_at=now,
        updated_at=now,
    )
    integration = instance.knobs.copy_integration_fields

    def run() -> None:
        with instance.roster.work(instance.now()) as work:
            copy_course(work, source_id, target_id, integration=integration, shift=shift)
        instance.office.update(
            "progress",
            progress_id,
            workflow_state="completed",
            completion=100,
            updated_at=instance.now(),
        )

    body = _json(request, progress_id)
    request.app[LINE].beside(run)
    return answer(request, body, status=201)


async def show(request: web.Request) -> web.Response:
    """One copy."""
    require(request, "manage_courses")
    place(request, "course")
    return answer(request, _json(request, int(request.match_info["id"])))


def _json(request: web.Request, progress_id: int) -> dict[str, Any]:
    rows = request.app[INSTANCE].office.rows(
        "SELECT * FROM progress WHERE id = ? AND tag = 'content_migration'", (progress_id,)
    )
    if not rows:
        raise not_found()
    progress = progress_json(request, progress_id)
    task = json.loads(rows[0]["task"])
    return {
        "id": progress_id,
        "user_id": progress["user_id"],
        "workflow_state": progress["workflow_state"],
        "started_at": progress["created_at"],
        "finished_at": progress["updated_at"] if progress["completion"] == 100 else None,
        "migration_type": _KIND,
        "migration_type_title": "Course Copy",
        "migration_issues_count": 0,
        "settings": {"source_course_id": task["source"]},
        "progress_url": progress["url"],
    }


def _shift(options: Tree) -> timedelta:
    if not trees.flag(options, "shift_dates"):
        return timedelta()
    starts: list[date] = []
    for name in ("old_start_date", "new_start_date"):
        try:
            starts.append(datetime.fromisoformat(trees.text(options, name) or "").date())
        except ValueError:
            raise bad_request(f"{name} is not a date") from None
    old, new = (datetime(d.year, d.month, d.day, tzinfo=UTC) for d in starts)
    return new - old
