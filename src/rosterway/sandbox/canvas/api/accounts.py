"""Reading accounts, terms, roles, providers and admins. Facts: Canvas API docs of each."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, parameters
from rosterway.sandbox.canvas.api.answers import INSTANCE, answer, not_found
from rosterway.sandbox.canvas.api.callers import CALLER, require
from rosterway.sandbox.canvas.api.file_json import user_of
from rosterway.sandbox.canvas.api.places import find_term, place
from rosterway.sandbox.canvas.state.seed import ACCOUNT_ROLE, ROOT_ACCOUNT_ID

_ACCOUNT = "/api/v1/accounts/{account_id}"
_TREE = (
    "WITH RECURSIVE tree(id) AS (SELECT id FROM accounts WHERE parent_account_id = ?"
    " UNION ALL SELECT a.id FROM accounts a JOIN tree t ON a.parent_account_id = t.id)"
)


def routes() -> list[web.RouteDef]:
    """The doors of accounts and what belongs to them."""
    return [
        web.get("/api/v1/accounts", index),
        web.get("/api/v1/manageable_accounts", index),
        web.get(_ACCOUNT, show),
        web.get(f"{_ACCOUNT}/sub_accounts", sub_accounts),
        web.get(f"{_ACCOUNT}/permissions", permissions),
        web.get(f"{_ACCOUNT}/terms", terms),
        web.get(f"{_ACCOUNT}/terms/{{term_id}}", term),
        web.get(f"{_ACCOUNT}/roles", roles),
        web.get(f"{_ACCOUNT}/authentication_providers", providers),
        web.get(f"{_ACCOUNT}/admins", admins),
    ]


def rows_page(
    request: web.Request,
    sql: str,
    values: Sequence[Any],
    show_row: Callable[[sqlite3.Row], dict[str, Any]],
    *,
    envelope: str | None = None,
) -> web.Response:
    """A page, by number and with a total, of what a query finds."""
    read = request.app[INSTANCE].roster.read
    total = read.execute(f"SELECT count(*) FROM ({sql})", values).fetchone()[0]

    def fetch(limit: int, offset: int) -> list[dict[str, Any]]:
        rows = read.execute(f"{sql} LIMIT ? OFFSET ?", (*values, limit, offset)).fetchall()
        return [show_row(row) for row in rows]

    return pages.numbered(request, fetch, total=total, envelope=envelope)


def account_json(row: sqlite3.Row) -> dict[str, Any]:
    """An account as the API shows it."""
    root = row["id"] == ROOT_ACCOUNT_ID
    return {
        "id": row["id"],
        "name": row["name"],
        "workflow_state": row["workflow_state"],
        "parent_account_id": row["parent_account_id"],
        "root_account_id": None if root else ROOT_ACCOUNT_ID,
        "uuid": f"sandbox-account-{row['id']}",
        "default_storage_quota_mb": 500,
        "default_time_zone": "Etc/UTC",
        "sis_account_id": row["sis_source_id"],
        "integration_id": row["integration_id"],
        "sis_import_id": row["sis_batch_id"],
    }


async def index(request: web.Request) -> web.Response:
    """The accounts one may see: this Canvas has one root."""
    sql = "SELECT * FROM accounts WHERE id = 1"
    return rows_page(request, sql, (), account_json)


async def show(request: web.Request) -> web.Response:
    """One account."""
    row = (
        request.app[INSTANCE]
        .roster.read.execute("SELECT * FROM accounts WHERE id = ?", (place(request, "account"),))
        .fetchone()
    )
    return answer(request, account_json(row))


async def sub_accounts(request: web.Request) -> web.Response:
    """Accounts below one, at once or all the way down (`recursive`)."""
    require(request, "read_sis", "manage_sis")
    recursive = parameters.of_query(request).true("recursive")
    where = "id IN tree" if recursive else "parent_account_id = ?"
    sql = f"SELECT * FROM accounts WHERE {where} AND workflow_state <> 'deleted' ORDER BY id"
    account_id = place(request, "account")
    return rows_page(request, f"{_TREE} {sql}" if recursive else sql, (account_id,), account_json)


async def permissions(request: web.Request) -> web.Response:
    """Which of the rights asked for (`permissions[]`) the caller has."""
    place(request, "account")
    rights = request[CALLER].rights
    asked = parameters.of_query(request).all("permissions")
    return answer(request, {name: name in rights for name in asked})


def term_json(request: web.Request, row: sqlite3.Row) -> dict[str, Any]:
    overrides = request.app[INSTANCE].roster.read.execute(
        "SELECT * FROM term_overrides WHERE term_id = ? AND workflow_state = 'active' ORDER BY id",
        (row["id"],),
    )
    return {
        "id": row["id"],
        "name": row["name"],
        "start_at": row["start_at"],
        "end_at": row["end_at"],
        "created_at": row["created_at"],
        "workflow_state": row["workflow_state"],
        "grading_period_group_id": None,
        "sis_term_id": row["sis_source_id"],
        "integration_id": row["integration_id"],
        "sis_import_id": row["sis_batch_id"],
        "overrides": {
            override["enrollment_type"]: {
                "start_at": override["start_at"],
                "end_at": override["end_at"],
            }
            for override in overrides
        },
    }


async def terms(request: web.Request) -> web.Response:
    """The terms of the root account; `workflow_state[]` is active unless it says otherwise."""
    place(request, "account")
    states = parameters.of_query(request).all("workflow_state") or ["active"]
    if "all" in states:
        states = ["active", "deleted"]
    marks = ", ".join("?" * len(states))
    sql = f"SELECT * FROM terms WHERE workflow_state IN ({marks}) ORDER BY id"
    return rows_page(
        request, sql, states, lambda row: term_json(request, row), envelope="enrollment_terms"
    )


async def term(request: web.Request) -> web.Response:
    """One term."""
    instance = request.app[INSTANCE]
    read = instance.roster.read
    term_id = find_term(read, request.match_info["term_id"], instance.now())
    row = read.execute("SELECT * FROM terms WHERE id = ?", (term_id,)).fetchone()
    if row is None:
        raise not_found()
    return answer(request, term_json(request, row))


def role_json(row: sqlite3.Row) -> dict[str, Any]:
    """A role as the API shows it."""
    return {
        "id": row["id"],
        "role": row["name"],
        "label": row["name"],
        "base_role_type": row["base_role_type"],
        "is_account_role": row["base_role_type"] == ACCOUNT_ROLE,
        "workflow_state": "built_in" if row["built_in"] else row["workflow_state"],
        "account": {"id": row["account_id"]},
        "permissions": {},
    }


async def roles(request: web.Request) -> web.Response:
    """The roles of an account; with `show_inherited` those from above as well."""
    account_id = place(request, "account")
    given = parameters.of_query(request)
    states = given.all("state") or ["active"]
    inherited = given.true("show_inherited") or account_id == ROOT_ACCOUNT_ID
    chain = (
        "WITH RECURSIVE chain(id) AS (SELECT ? UNION ALL SELECT a.parent_account_id FROM accounts a"
        " JOIN chain c ON a.id = c.id WHERE a.parent_account_id IS NOT NULL)"
    )
    whose = "account_id IN chain" if inherited else "account_id = (SELECT min(id) FROM chain)"
    sql = (
        f"{chain} SELECT * FROM roles WHERE {whose}"
        f" AND workflow_state IN ({', '.join('?' * len(states))}) ORDER BY id"
    )
    return rows_page(request, sql, (account_id, *states), role_json)


async def providers(request: web.Request) -> web.Response:
    """Authentication providers."""
    place(request, "account")
    return rows_page(
        request,
        "SELECT * FROM providers WHERE workflow_state = 'active' ORDER BY id",
        (),
        lambda row: {"id": row["id"], "auth_type": row["auth_type"], "position": row["id"]},
    )


async def admins(request: web.Request) -> web.Response:
    """Admins of an account."""
    require(request, "manage_account_memberships")
    read = request.app[INSTANCE].roster.read
    sql = (
        "SELECT a.*, r.name AS role FROM admins a JOIN roles r ON r.id = a.role_id"
        " WHERE a.account_id = ? AND a.workflow_state = 'active' ORDER BY a.id"
    )
    return rows_page(
        request,
        sql,
        (place(request, "account"),),
        lambda row: {
            "id": row["id"],
            "role": row["role"],
            "role_id": row["role_id"],
            "workflow_state": row["workflow_state"],
            "user": user_of(read, row["user_id"]),
        },
    )
