"""What becomes of vanished rows, and why some are left alone.

A vanished row gets either a `target` (the status it is given) or a word in `spared` that says why it
is left alone: `absent` (its table did not come), `folder` (absence means nothing in imports/),
`unsure` (the table cannot be trusted to be whole), `policy`, `gone` (it gives no access any more),
`term` (its term is over or about to be), `elsewhere` (another feed still holds it) or `forgotten`
(it is deleted, or has no access and its term is over, or the delivery names it another way: the
baseline need not remember it). `grace` gives `grace`: its time has not come.

Rows in `LET_GO` leave the feed's baseline: were what another feed holds remembered here as well, the
two would keep each other from ever removing it.

A delivered row that would take access away where nothing may be removed (`unsure`, `elsewhere`) is
left alone just so: it becomes a vanished row without a target.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb

from rosterway.rostering import sql
from rosterway.rostering.access import takes_access
from rosterway.rostering.compare import Compared
from rosterway.rostering.keys import STAND_IN, cell_of, same_key
from rosterway.rostering.places import class_of, moment, place_of
from rosterway.rostering.policy import NOTHING, OF_A_TERM, Phase, Policy
from rosterway.rostering.roster import Roster

#: Spared rows that this feed's baseline need not remember.
LET_GO = ("forgotten", "elsewhere")

#: Tables whose rows belong to a term, beside enrollments: they are left alone as it ends.
_STRUCTURE = ("courses", "sections", "xlists", "terms")


def judge_vanished(
    connection: duckdb.DuckDBPyConnection,
    compared: Mapping[str, Compared],
    policy: Policy,
    *,
    absence_counts: bool,
    is_proven: bool = True,
    now: datetime,
    baseline: Roster,
    elsewhere: Roster,
) -> Mapping[str, Compared]:
    """Decide about the vanished rows of every table. Needs the scope tables.

    Returns the tables with their counts as they are then.
    """
    judged: dict[str, Compared] = {}
    for name, given in compared.items():
        table = _withhold(connection, given, elsewhere, now, is_proven=is_proven)
        judged[name] = table
        if not table.vanished or not table.is_joined:
            continue
        reason = _whole_table_reason(table, policy, absence_counts=absence_counts)
        if reason is not None:
            _spare(connection, table, reason, "true")
            continue
        _spare_rows(connection, table, baseline, elsewhere, now)
        connection.execute(
            f"UPDATE {table.changes} AS v SET target = {_target(table, policy, now)} "
            "WHERE kind = 'vanish' AND spared IS NULL"
        )
        _spare_nothing(connection, table, policy, now)
    return judged


def _spare_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Compared,
    baseline: Roster,
    elsewhere: Roster,
    now: datetime,
) -> None:
    """Spare single vanished rows of a table that may lose some."""
    name = table.table.name
    if "status" in table.before:
        access = sql.texts(table.table.access_words)
        over = "false"
        if name == "enrollments" or name in _STRUCTURE:
            over = _is_closing(name, now, table.before)
        without = f"coalesce(o_status NOT IN {access}, false)"
        _spare(connection, table, "forgotten", f"o_status = 'deleted' OR ({without} AND {over})")
        _spare(connection, table, "gone", without)
    if elsewhere.has(name):
        _spare(connection, table, "elsewhere", _is_held(table, elsewhere, "o_", table.before))
    if name == "enrollments":
        _spare_renamed(connection, table)
    if name in _STRUCTURE:
        unused = _is_unused(name, baseline)
        if unused is not None:
            _spare(connection, table, "forgotten", f"{_is_closing(name, now)} AND {unused}")


def _target(table: Compared, policy: Policy, now: datetime) -> str:
    """SQL for what becomes of a vanished row `v`, by its role and the phase of its term."""
    name = table.table.name

    def of_role(role: str | None) -> str:
        words = {phase: policy.becomes(name, role, phase) for phase in Phase}
        if name not in OF_A_TERM or len(set(words.values())) == 1:
            return sql.text(words[Phase.RUNNING])
        cases = " ".join(f"WHEN {sql.text(phase)} THEN {sql.text(words[phase])}" for phase in Phase)
        return f"CASE {_phase(name, policy, now, table.before)} {cases} END"

    roles = policy.roles(name)
    if not roles:
        return of_role(None)
    role = place_of(table.table, table.before, cell_of("v", "o_")).role
    cases = " ".join(f"WHEN {sql.text(one)} THEN {of_role(one)}" for one in roles)
    return f"CASE lower({role}) {cases} ELSE {of_role(None)} END"


def _spare_nothing(
    connection: duckdb.DuckDBPyConnection, table: Compared, policy: Policy, now: datetime
) -> None:
    """Rows that become nothing are left alone: as the policy says, or as their term ends."""
    reason = sql.text("policy")
    if table.table.name in OF_A_TERM:
        ending = now + timedelta(days=policy.days_before_term_end)
        reason = (
            f"CASE WHEN {_is_closing(table.table.name, ending, table.before)} "
            f"THEN 'term' ELSE {reason} END"
        )
    connection.execute(
        f"UPDATE {table.changes} AS v SET target = NULL, spared = {reason} "
        f"WHERE kind = 'vanish' AND target = {sql.text(NOTHING)}"
    )


def _withhold(
    connection: duckdb.DuckDBPyConnection,
    table: Compared,
    elsewhere: Roster,
    now: datetime,
    *,
    is_proven: bool,
) -> Compared:
    """Leave alone delivered rows that would remove where nothing may be removed."""
    name = table.table.name
    taking = " OR ".join(
        f"(kind = {sql.text(kind)} AND {taken})" for kind, taken in takes_access(table, now).items()
    )
    if table.unsure is not None or not is_proven:
        reason, condition = "unsure", taking
    elif elsewhere.has(name) and taking:
        reason = "elsewhere"
        condition = f"({taking}) AND {_is_held(table, elsewhere, 'n_', table.sent)}"
    else:
        return table
    if not taking or not (table.created or table.updated):
        return table
    withheld: dict[str, int] = dict(
        connection.execute(
            f"SELECT kind, count(*) FROM {table.changes} v WHERE {condition} GROUP BY kind"
        ).fetchall()
    )
    if not withheld:
        return table
    if not table.is_joined:  # the changes are a view of the delivery
        connection.execute(f"CREATE TEMP TABLE withholding AS SELECT * FROM {table.changes}")
        connection.execute(f"DROP VIEW {table.changes}")
        connection.execute(f"ALTER TABLE withholding RENAME TO {table.changes}")
    connection.execute(
        f"UPDATE {table.changes} AS v SET kind = 'vanish', spared = {sql.text(reason)} "
        f"WHERE {condition}"
    )
    return replace(
        table,
        created=table.created - withheld.get("create", 0),
        updated=table.updated - withheld.get("update", 0),
        vanished=table.vanished + sum(withheld.values()),
    )


def _is_held(table: Compared, elsewhere: Roster, prefix: str, columns: tuple[str, ...]) -> str:
    """SQL: another feed's baseline gives the same row, with access."""
    name = table.table.name
    same = same_key(
        table.table, columns, cell_of("v", prefix), elsewhere.columns(name), cell_of("x")
    )
    if elsewhere.has(name, "status"):
        same += f" AND coalesce(x.status IN {sql.texts(table.table.access_words)}, true)"
    return f"EXISTS (SELECT 1 FROM {elsewhere.view(name)} x WHERE {same})"


def _spare_renamed(connection: duckdb.DuckDBPyConnection, table: Compared) -> None:
    """An enrollment the delivery names by another id of the person or the role has not vanished.

    Canvas takes both for one enrollment: to delete the old name would take the person out.
    """
    either = {*table.before, *table.sent}
    if not ({"user_integration_id", "role_id"} & either) or "status" not in table.sent:
        return

    def agree(column: str) -> str:
        there = column in table.before and column in table.sent
        return f"coalesce(n.n_{column} = v.o_{column}, false)" if there else "false"

    def lack(column: str) -> str:
        one = f"v.o_{column} IS NULL" if column in table.before else "true"
        other = f"n.n_{column} IS NULL" if column in table.sent else "true"
        return f"({one} OR {other})"

    person = f"({agree('user_id')} OR {agree('user_integration_id')})"
    role = f"({agree('role')} OR {agree('role_id')} OR ({lack('role')} AND {lack('role_id')}))"
    klass = class_of(table.before, cell_of("v", "o_"))
    same_class = f"{klass} = {class_of(table.sent, cell_of('n', 'n_'))}"
    access = sql.texts(table.table.access_words)
    _spare(
        connection,
        table,
        "forgotten",
        f"EXISTS (SELECT 1 FROM {table.changes} n WHERE n.kind = 'create' "
        f"AND n.e_status IN {access} AND {same_class} AND {person} AND {role})",
    )


def _whole_table_reason(table: Compared, policy: Policy, *, absence_counts: bool) -> str | None:
    if not absence_counts:
        return "folder"
    if table.unsure is not None:
        return "unsure"
    if not policy.acts_on(table.table.name):
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
    return f"EXISTS (SELECT 1 FROM {_scope(table, columns)} AND s.ends <= {moment(closing)})"


def _phase(table: str, policy: Policy, now: datetime, columns: tuple[str, ...]) -> str:
    """SQL for the phase of the term of a vanished row `v`."""
    closing = now + timedelta(days=policy.days_before_term_end)
    return (
        f"coalesce((SELECT CASE WHEN s.ends <= {moment(now)} THEN {sql.text(Phase.OVER)} "
        f"WHEN s.ends <= {moment(closing)} THEN {sql.text(Phase.CLOSING)} "
        f"WHEN s.starts > {moment(now)} THEN {sql.text(Phase.BEFORE)} END "
        f"FROM {_scope(table, columns)}), {sql.text(Phase.RUNNING)})"
    )


def _scope(table: str, columns: tuple[str, ...]) -> str:
    """SQL after FROM: the one row `s` that knows the term of a vanished row `v`."""
    match table:
        case "terms":
            return "scope_terms s WHERE s.term_id = v.o_term_id"
        case "courses":
            return "scope_courses s WHERE s.course_id = v.o_course_id"
        case "enrollments":
            return f"scope_classes s WHERE s.class = {class_of(columns, cell_of('v', 'o_'))}"
        case _:
            return "scope_classes s WHERE s.class = v.o_section_id"


def _is_unused(table: str, baseline: Roster) -> str | None:
    """SQL: no row of the baseline needs this one to know its term; None if that must be kept."""
    if table == "xlists":
        return "true"
    users: list[str] = []
    row = {"sections": "v.o_section_id", "courses": f"{STAND_IN} || v.o_course_id"}.get(table)
    if row is None:
        return None
    if baseline.has("enrollments"):
        klass = class_of(baseline.columns("enrollments"), cell_of("e"))
        users.append(f"{row} IN (SELECT {klass} FROM {baseline.view('enrollments')} e)")
    if table == "courses" and baseline.has("sections", "course_id"):
        users.append(f"v.o_course_id IN (SELECT course_id FROM {baseline.view('sections')})")
    return f"NOT ({' OR '.join(users)})" if users else "true"
