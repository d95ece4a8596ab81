"""A stored file and a user as Canvas describes them inside other answers."""

import sqlite3
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.state.office import StoredFile


def file_json(request: web.Request, file: StoredFile) -> dict[str, Any]:
    """A file, with an address that needs no token."""
    url = request.url.origin().join(
        request.url.with_path(f"/files/{file.id}/download").with_query(
            download_frd="1", verifier=file.uuid
        )
    )
    return {
        "id": file.id,
        "uuid": file.uuid,
        "folder_id": None,
        "display_name": file.display_name,
        "filename": file.display_name.rpartition("/")[2],
        "upload_status": "success",
        "content-type": file.content_type,
        "url": str(url),
        "size": file.size,
        "created_at": file.created_at,
        "updated_at": file.created_at,
        "modified_at": file.created_at,
        "unlock_at": None,
        "lock_at": None,
        "locked": False,
        "hidden": False,
        "hidden_for_user": False,
        "locked_for_user": False,
        "thumbnail_url": None,
        "mime_class": "file",
        "media_entry_id": None,
    }


def user_of(roster: sqlite3.Connection, user_id: int | None) -> dict[str, Any] | None:
    """A user in short, with the login that is shown first."""
    row = roster.execute(
        "SELECT u.*, l.unique_id, l.sis_user_id, l.integration_id AS login_integration,"
        " l.sis_batch_id AS login_import FROM users u"
        " LEFT JOIN logins l ON l.user_id = u.id AND l.workflow_state <> 'deleted'"
        " WHERE u.id = ? ORDER BY l.sis_user_id IS NULL, l.id LIMIT 1",
        (user_id,),
    ).fetchone()
    if row is None:
        return None
    return {
        "id": row["id"],
        "name": row["name"],
        "created_at": row["created_at"],
        "sortable_name": row["sortable_name"],
        "short_name": row["short_name"],
        "sis_user_id": row["sis_user_id"],
        "integration_id": row["login_integration"],
        "sis_import_id": row["login_import"],
        "login_id": row["unique_id"],
    }
