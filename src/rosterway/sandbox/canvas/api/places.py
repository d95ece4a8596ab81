"""Ids in addresses: Canvas's own, `self`, and SIS ids as `sis_course_id:X`.

Facts: Canvas API docs, "SIS IDs".
"""

import sqlite3

from aiohttp import web

from rosterway.sandbox.canvas.api.answers import INSTANCE, Refusal, not_found
from rosterway.sandbox.canvas.api.callers import CALLER
from rosterway.sandbox.canvas.state.seed import DEFAULT_TERM_ID, ROOT_ACCOUNT_ID

#: Kind -> prefix -> query of ids.
_LOOK_UPS: dict[str, dict[str, str]] = {
    "account": {
        "sis_account_id": "SELECT id FROM accounts WHERE sis_source_id = ?",
        "sis_integration_id": "SELECT id FROM accounts WHERE integration_id = ?",
    },
    "term": {
        "sis_term_id": "SELECT id FROM terms WHERE sis_source_id = ?",
        "sis_integration_id": "SELECT id FROM terms WHERE integration_id = ?",
    },
    "course": {
        "sis_course_id": "SELECT id FROM courses WHERE sis_source_id = ?",
        "sis_integration_id": "SELECT id FROM courses WHERE integration_id = ?",
    },
    "section": {
        "sis_section_id": "SELECT id FROM sections WHERE sis_source_id = ?",
        "sis_integration_id": "SELECT id FROM sections WHERE integration_id = ?",
    },
    "group": {
        "sis_group_id": "SELECT id FROM groups WHERE sis_source_id = ?",
        "sis_integration_id": "SELECT id FROM groups WHERE integration_id = ?",
    },
    "user": {
        "sis_user_id": "SELECT user_id FROM logins WHERE sis_user_id = ?",
        "sis_login_id": "SELECT user_id FROM logins WHERE login_key = lower(?)"
        " AND workflow_state <> 'deleted'",
        "sis_integration_id": "SELECT user_id FROM logins WHERE integration_id = ?",
    },
}
_TABLES = {
    "account": "accounts",
    "term": "terms",
    "course": "courses",
    "section": "sections",
    "group": "groups",
    "user": "users",
}


def find(roster: sqlite3.Connection, kind: str, spelled: str) -> int | None:
    """The Canvas id of something that may or may not be there."""
    prefix, colon, value = spelled.partition(":")
    if colon:
        query = _LOOK_UPS[kind].get(prefix)
        row = roster.execute(query, (value,)).fetchone() if query else None
    elif spelled.isdecimal():
        query = f"SELECT id FROM {_TABLES[kind]} WHERE id = ?"
        row = roster.execute(query, (int(spelled),)).fetchone()
    else:
        return None
    return row[0] if row else None


def place(request: web.Request, kind: str, name: str | None = None) -> int:
    """The id in an address, by the name of its slot (`account_id` unless said otherwise)."""
    spelled = request.match_info[name or f"{kind}_id"]
    if spelled == "self" and kind == "account":
        return ROOT_ACCOUNT_ID
    if spelled == "self" and kind == "user":
        return request[CALLER].user_id
    found = find(request.app[INSTANCE].roster.read, kind, spelled)
    if found is None:
        raise not_found()
    return found


def find_term(roster: sqlite3.Connection, spelled: str, now: str) -> int | None:
    """A term by id, SIS id, `default`, or `current`: the one whose dates hold today."""
    if spelled == "default":
        return DEFAULT_TERM_ID
    if spelled == "current":
        rows = roster.execute(
            "SELECT id FROM terms WHERE workflow_state = 'active' AND start_at <= ?"
            " AND end_at >= ? LIMIT 2",
            (now, now),
        ).fetchall()
        return rows[0]["id"] if len(rows) == 1 else None
    return find(roster, "term", spelled)


def root_account(request: web.Request) -> int:
    """The root account, which SIS imports need, with imports switched on."""
    if place(request, "account") != ROOT_ACCOUNT_ID:
        raise Refusal(400, {"errors": ["SIS imports can only be executed on root accounts"]})
    if not request.app[INSTANCE].knobs.sis_imports:
        raise Refusal(403, {"errors": ["SIS imports are not enabled for this account"]})
    return ROOT_ACCOUNT_ID
