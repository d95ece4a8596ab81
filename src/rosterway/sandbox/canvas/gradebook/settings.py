"""Settings of accounts and courses that bear on grades.

An account's setting holds for the accounts below it until one of those sets its own, unless it is
locked. Facts: canvas-lms `app/models/account.rb` (`add_setting`), `lib/assignment_util.rb`.
"""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from rosterway.sandbox.canvas.instance import Instance

#: Name -> what it is: a `{value, locked}` pair that is inherited, or a plain value of the root.
INHERITED = (
    "sis_syncing",
    "sis_default_grade_export",
    "sis_require_assignment_due_date",
    "sis_assignment_name_length",
    "sis_assignment_name_length_input",
)
PLAIN = ("sis_name", "sis_app_url", "sis_app_token", "include_integration_ids_in_gradebook_exports")

#: The longest name an assignment may have at all.
NAME_LENGTH = 255

_CHAIN = (
    "WITH RECURSIVE chain(id, depth) AS (SELECT ?, 0 UNION ALL SELECT a.parent_account_id, depth + 1"
    " FROM accounts a JOIN chain c ON a.id = c.id WHERE a.parent_account_id IS NOT NULL)"
    " SELECT s.* FROM account_settings s JOIN chain c ON s.account_id = c.id"
    " WHERE s.name = ? ORDER BY c.depth DESC"
)


@dataclass(frozen=True, slots=True)
class SyncRules:
    """What the account demands of an assignment that is posted to the SIS."""

    due_date: bool = False
    name_length: int | None = None
    export_by_default: bool = False


def setting(read: sqlite3.Connection, account_id: int, name: str) -> dict[str, Any]:
    """A setting as it holds in an account: `value`, `locked`, `inherited`."""
    held: dict[str, Any] = {"value": False, "locked": False, "inherited": False}
    for row in read.execute(_CHAIN, (account_id, name)):
        value = json.loads(row["value"])
        inherited = row["account_id"] != account_id
        held = {"value": value, "locked": bool(row["locked"]), "inherited": inherited}
        if row["locked"]:
            break
    return held


def plain(read: sqlite3.Connection, name: str) -> Any:
    """A plain setting of the root account; None if it was never set."""
    row = read.execute(
        "SELECT value FROM account_settings WHERE account_id = 1 AND name = ?", (name,)
    ).fetchone()
    return json.loads(row["value"]) if row else None


def sync_rules(instance: Instance, read: sqlite3.Connection, account_id: int) -> SyncRules:
    """What holds for the courses of an account; nothing unless the feature and syncing are on."""
    syncing = bool(setting(read, account_id, "sis_syncing")["value"])
    export = syncing and bool(setting(read, account_id, "sis_default_grade_export")["value"])
    if not syncing or not instance.knobs.new_sis_integrations:
        return SyncRules(export_by_default=export)
    length = None
    if setting(read, account_id, "sis_assignment_name_length")["value"]:
        length = int(
            setting(read, account_id, "sis_assignment_name_length_input")["value"] or NAME_LENGTH
        )
    due_date = bool(setting(read, account_id, "sis_require_assignment_due_date")["value"])
    return SyncRules(due_date, length, export)


def course_gradebook(read: sqlite3.Connection, course_id: int) -> sqlite3.Row | None:
    """A course's gradebook settings; None if it never set any."""
    return read.execute(
        "SELECT * FROM course_gradebooks WHERE course_id = ?", (course_id,)
    ).fetchone()
