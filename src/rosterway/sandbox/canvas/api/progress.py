"""Progress objects. Facts: Canvas API docs, "Progress"."""

from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api.answers import INSTANCE, answer, not_found
from rosterway.sandbox.canvas.state.seed import ROOT_ACCOUNT_ID


def routes() -> list[web.RouteDef]:
    """The door of progress."""
    return [web.get("/api/v1/progress/{id:\\d+}", show)]


async def show(request: web.Request) -> web.Response:
    """How far something has come."""
    return answer(request, progress_json(request, int(request.match_info["id"])))


def progress_json(request: web.Request, progress_id: int) -> dict[str, Any]:
    """A progress as the API shows it."""
    rows = request.app[INSTANCE].office.rows("SELECT * FROM progress WHERE id = ?", (progress_id,))
    if not rows:
        raise not_found()
    row = rows[0]
    url = request.url.origin().join(
        request.url.with_path(f"/api/v1/progress/{progress_id}").with_query(None)
    )
    return {
        "id": row["id"],
        "context_id": ROOT_ACCOUNT_ID,
        "context_type": "Account",
        "user_id": row["user_id"],
        "tag": row["tag"],
        "completion": row["completion"],
        "workflow_state": row["workflow_state"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "message": row["message"],
        "url": str(url),
    }
