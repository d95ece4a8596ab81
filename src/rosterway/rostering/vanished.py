"""What becomes of vanished rows, and why some are left alone.

A vanished row gets either a `target` (the status it is given) or a word in `spared` that says why it
is left alone: `absent` (its table did not come), `folder` (absence means nothing in imports/),
`unsure` (the table cannot be trusted to be whole), `policy`, `gone` (it gives no access any more),
`term` (its term is over or about to be), `elsewhere` (another feed still holds it) or `forgotten`
(it is deleted, or has no access and its term is over: the baseline need not remember it).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import duckdb

from rosterway.rostering import sql
from rosterway.rostering.compare import Compared
from rosterway.rostering.keys import STAND_IN, Cell, cell_of, same_key
from rosterway.rostering.policy import AT_TERM_END, NOTHING, Policy
from rosterway.rostering.roster import Roster

#: Tables whose rows belong to a term.
_IN_TERMS = ("courses", "sections", "enrollments")


def judge_vanished(
    connection: duckdb.DuckDBPyConnection,
    compared: Mapping[str, Compared],
    policy: Policy,
    *,
    absence_counts: bool,
    now: datetime,
    elsewhere: Roster,
) -> None:
    """Decide about the vanished rows of every table. Needs the scope tables."""
    closing = now + timedelta(days=policy.days_before_term_end)
    for name, table in compared.items():
        if not table.vanished or not table.is_joined:
            continue
        reason = _whole_table_reason(table, policy, absence_counts=absence_counts)
        if reason is not None:
            _spare(connection, table, reason, "true")
            continue
        if "status" in table.before:
            access = sql.texts(table.table.access_words)
            over = _is_closing(name, now, table.before) if name in _IN_TERMS else "false"
            without = f"coalesce(o_status NOT IN {access}, false)"
            _spare(
                connection, table, "forgotten", f"o_status = 'deleted' OR ({without} AND {over})"
            )
            _spare(connection, table, "gone", without)
        if elsewhere.has(name):
            same = same_key(
                table.table,
                table.before,
                cell_of("v", "o_"),
                elsewhere.columns(name),
                cell_of("x"),
            )
            held = f"EXISTS (SELECT 1 FROM {elsewhere.view(name)} x WHERE {same})"
            _spare(connection, table, "elsewhere", held)
        if name in {"courses", "sections"}:
            _spare(connection, table, "forgotten", _is_closing(name, now))
            _spare(connection, table, "term", _is_closing(name, closing))
        target = sql.text(policy.becomes(name))
        if name == "enrollments":
            target = (
                f"CASE WHEN {_is_closing(name, closing, table.before)} "
                f"THEN {sql.text(AT_TERM_END)} ELSE {target} END"
            )
        connection.execute(
            f"UPDATE {table.changes} AS v SET target = {target} "
            "WHERE kind = 'vanish' AND spared IS NULL"
        )


def _whole_table_reason(table: Compared, policy: Policy, *, absence_counts: bool) -> str | None:
    if not absence_counts:
        return "folder"
    if table.unsure is not None:
        return "unsure"
    if policy.becomes(table.table.name) == NOTHING:
        return "policy"
    return None


def _spare(
    connection: duckdb.DuckDBPyConnection, table: Compared, reason: str, condition: str
) -> None:
    connection.execute(
        f"UPDATE {table.changes} AS v SET spared = {sql.text(reason)} "
        f"WHERE kind = 'vanish' AND spared IS NULL AND {condition}"
    )


def _is_closing(table: str, closing: datetime, columns: tuple[str, ...] = ()) -> str:
    """SQL: the row's term is over, or will be soon."""
    moment = f"TIMESTAMPTZ {sql.text(closing.isoformat())}"
    if table == "courses":
        return f"EXISTS (SELECT 1 FROM scope_courses s WHERE s.course_id = v.o_course_id AND s.ends <= {moment})"
    row = "v.o_section_id" if table == "sections" else class_of(columns, cell_of("v", "o_"))
    return f"EXISTS (SELECT 1 FROM scope_classes s WHERE s.class = {row} AND s.ends <= {moment})"


def class_of(columns: tuple[str, ...], cell: Cell) -> str:
    """SQL for the class of an enrollment with these columns, as `scope_classes` names it."""
    section = cell("section_id") if "section_id" in columns else "NULL"
    course = f"{STAND_IN} || {cell('course_id')}" if "course_id" in columns else "NULL"
    return f"coalesce({section}, {course})"
