"""Reading users, their logins and whom they observe. Facts: Canvas API docs of each."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, parameters
from rosterway.sandbox.canvas.api.accounts import rows_page
from rosterway.sandbox.canvas.api.answers import INSTANCE, answer
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.file_json import user_of
from rosterway.sandbox.canvas.api.places import place

_LIVE_USERS = (
    "EXISTS (SELECT 1 FROM logins l WHERE l.user_id = u.id AND l.workflow_state <> 'deleted')"
)


def routes() -> list[web.RouteDef]:
    """The doors of people."""
    return [
        web.get("/api/v1/accounts/{account_id}/users", users),
        web.get("/api/v1/accounts/{account_id}/logins", logins_of_account),
        web.get("/api/v1/users/{user_id}", show),
        web.get("/api/v1/users/{user_id}/profile", profile),
        web.get("/api/v1/users/{user_id}/logins", logins_of_user),
        web.get("/api/v1/users/{user_id}/observees", observees),
        web.get("/api/v1/users/{user_id}/observers", observers),
        web.get("/api/v1/users/{user_id}/communication_channels", channels),
    ]


def user_json(request: web.Request, user_id: int) -> dict[str, Any]:
    """A user as the API shows it."""
    read = request.app[INSTANCE].roster.read
    user = user_of(read, user_id)
    assert user is not None
    email = read.execute(
        "SELECT path FROM channels WHERE user_id = ? AND workflow_state = 'active' ORDER BY id",
        (user_id,),
    ).fetchone()
    row = read.execute("SELECT pronouns FROM users WHERE id = ?", (user_id,)).fetchone()
    return {**user, "email": email["path"] if email else None, "pronouns": row["pronouns"]}


async def users(request: web.Request) -> web.Response:
    """The users of the account who can sign in, by bookmark; `search_term` looks at ids too."""
    require(request, "read_roster")
    place(request, "account")
    read = request.app[INSTANCE].roster.read
    term = parameters.of_query(request).get("search_term")
    like = f"%{term.lower()}%" if term else "%"

    def fetch(limit: int, after: int) -> list[sqlite3.Row]:
        return read.execute(
            f"SELECT u.id FROM users u WHERE u.id > ? AND {_LIVE_USERS} AND (? = '%' OR"
            " lower(u.name) LIKE ? OR EXISTS (SELECT 1 FROM logins l WHERE l.user_id = u.id"
            " AND (lower(l.sis_user_id) LIKE ? OR l.login_key LIKE ?))) ORDER BY u.id LIMIT ?",
            (after, like, like, like, like, limit),
        ).fetchall()

    def show_rows(rows: Sequence[sqlite3.Row]) -> list[dict[str, Any]]:
        return [user_json(request, row["id"]) for row in rows]

    return pages.bookmarked(request, fetch, show_rows)


async def show(request: web.Request) -> web.Response:
    """One user; `self` is the caller."""
    return answer(request, user_json(request, place(request, "user")))


async def profile(request: web.Request) -> web.Response:
    """One user's profile."""
    user = user_json(request, place(request, "user"))
    return answer(
        request,
        {
            "id": user["id"],
            "name": user["name"],
            "short_name": user["short_name"],
            "sortable_name": user["sortable_name"],
            "primary_email": user["email"],
            "login_id": user["login_id"],
            "sis_user_id": user["sis_user_id"],
            "integration_id": user["integration_id"],
            "time_zone": "Etc/UTC",
        },
    )


def _login_json(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "user_id": row["user_id"],
        "account_id": 1,
        "workflow_state": row["workflow_state"],
        "unique_id": row["unique_id"],
        "created_at": row["created_at"],
        "sis_user_id": row["sis_user_id"],
        "integration_id": row["integration_id"],
        "authentication_provider_id": row["authentication_provider_id"],
        "declared_user_type": row["declared_user_type"],
    }


async def logins_of_account(request: web.Request) -> web.Response:
    """All logins in use."""
    require(request, "manage_user_logins", "read_roster")
    place(request, "account")
    sql = "SELECT * FROM logins WHERE workflow_state <> 'deleted' ORDER BY id"
    return rows_page(request, sql, (), _login_json)


async def logins_of_user(request: web.Request) -> web.Response:
    """The logins of a user that are in use."""
    require(request, "manage_user_logins", "read_roster")
    sql = "SELECT * FROM logins WHERE user_id = ? AND workflow_state <> 'deleted' ORDER BY id"
    return rows_page(request, sql, (place(request, "user"),), _login_json)


async def observees(request: web.Request) -> web.Response:
    """Whom a user observes."""
    sql = (
        "SELECT student_id AS other FROM observer_links WHERE observer_id = ?"
        " AND workflow_state = 'active' ORDER BY id"
    )
    return _linked(request, sql)


async def observers(request: web.Request) -> web.Response:
    """Who observes a user."""
    sql = (
        "SELECT observer_id AS other FROM observer_links WHERE student_id = ?"
        " AND workflow_state = 'active' ORDER BY id"
    )
    return _linked(request, sql)


def _linked(request: web.Request, sql: str) -> web.Response:
    require(request, "read_roster")
    user_id = place(request, "user")
    return rows_page(request, sql, (user_id,), lambda row: user_json(request, row["other"]))


async def channels(request: web.Request) -> web.Response:
    """The e-mail addresses of a user."""
    require(request, "read_roster")
    sql = "SELECT * FROM channels WHERE user_id = ? AND workflow_state = 'active' ORDER BY id"
    return rows_page(
        request,
        sql,
        (place(request, "user"),),
        lambda row: {
            "id": row["id"],
            "address": row["path"],
            "type": "email",
            "user_id": row["user_id"],
            "workflow_state": row["workflow_state"],
        },
    )
