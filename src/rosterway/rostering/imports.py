"""Which changes go to Canvas in which SIS import, and in which order (`safety.md`, "Order of sending").

Inside one zip Canvas applies types in its own order, so additions and removals never share one. A
plan is an ordered list of imports; each has at most one file a table. Rows that Canvas removes by
itself (`carried`) are not sent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from rosterway.formats.canvas_csv.table import Column, Kind, Need, Table, Without
from rosterway.formats.canvas_csv.tables import BY_NAME, in_order
from rosterway.rostering import sql
from rosterway.rostering.check.accounts import parents_first
from rosterway.rostering.compare import Compared
from rosterway.rostering.keys import ident, key_words
from rosterway.rostering.roster import Roster

_TAGS = ("differentiation_tag_sets", "differentiation_tags")
_INSTITUTIONAL = ("institutional_tag_categories", "institutional_tags")


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of import: its name, and the tables whose rows it takes (None: all)."""

    name: str
    removes: bool
    tables: tuple[str, ...] | None = None


STEPS: tuple[Step, ...] = (
    Step("id changes", removes=False, tables=("change_sis_id",)),
    Step("removals that free a login or an integration id", removes=True, tables=("users",)),
    Step("creates and updates", removes=False),
    Step(
        "removals of enrollments, memberships, observers and admins",
        removes=True,
        tables=(
            "enrollments",
            "groups_membership",
            "user_observers",
            "admins",
            "differentiation_tag_membership",
            "institutional_tag_associations",
        ),
    ),
    Step(
        "removals of sections, cross-listings, groups and courses",
        removes=True,
        tables=(
            "sections",
            "xlists",
            "groups",
            "group_categories",
            *_TAGS,
            *_INSTITUTIONAL,
            "courses",
            "abstract_courses",
        ),
    ),
    Step("removals of users", removes=True, tables=("users",)),
    Step("removals of terms and accounts", removes=True, tables=("terms", "accounts")),
)


@dataclass(frozen=True, slots=True)
class ImportFile:
    """One file of one import: `rows` is a query for its rows in order.

    The query's columns are those of `header` first, then `ident`, `words`, `kind`, `_file`, `_row`.
    """

    step: Step
    table: str
    header: tuple[str, ...]
    rows: str


def import_files(
    connection: duckdb.DuckDBPyConnection,
    compared: Mapping[str, Compared],
    baseline: Roster,
    current: Roster,
) -> Iterator[ImportFile]:
    """The files of a plan in the order in which they are sent; empty ones are left to the caller."""
    _mark_freeing(connection, compared.get("users"))
    names = in_order({*compared, *current.tables})
    for step in STEPS:
        for name in names:
            if step.tables is not None and name not in step.tables:
                continue
            if name in compared:
                yield from _compared_file(connection, step, compared[name])
            elif name in current.tables and not step.removes and _takes_orders(step, name):
                yield _order_file(step, BY_NAME[name], baseline, current)


def _takes_orders(step: Step, name: str) -> bool:
    return (name == "change_sis_id") == (step.name == "id changes")


def _compared_file(
    connection: duckdb.DuckDBPyConnection, step: Step, compared: Compared
) -> Iterator[ImportFile]:
    table = compared.table
    if not step.removes:
        if step.tables is None and compared.sent:
            yield ImportFile(step, table.name, compared.sent, _upserts(connection, compared))
        return
    header = _removal_header(compared)
    if "status" not in header:
        return
    cells = ", ".join(_removal_cell(compared, table.by_name[name]) for name in header)
    freeing = ""
    if table.name == "users":
        freed = "(SELECT ident FROM freeing)"
        freeing = f" AND ident {'IN' if step is STEPS[1] else 'NOT IN'} {freed}"
    rows = (
        f"SELECT {cells}, ident, words, kind, _file, _row FROM {compared.changes} AS v "
        f"WHERE {_removes(compared)} AND carried IS NULL{freeing} "
        f"ORDER BY {_order(connection, compared, leaves_first=True)}"
    )
    yield ImportFile(step, table.name, header, rows)


def _upserts(connection: duckdb.DuckDBPyConnection, compared: Compared) -> str:
    cells = ", ".join(f"{sql.name('n_' + name)} AS {sql.name(name)}" for name in compared.sent)
    return (
        f"SELECT {cells}, ident, words, kind, _file, _row FROM {compared.changes} AS v "
        f"WHERE kind <> 'vanish' AND NOT ({_removes(compared)}) "
        f"ORDER BY {_order(connection, compared, leaves_first=False)}"
    )


def _removes(compared: Compared) -> str:
    """SQL: the change takes access away by its status, so that it is sent after what is added.

    A row that is new and completed or suspended is made with the others: what is in it needs it.
    """
    vanished = "(kind = 'vanish' AND target IS NOT NULL)"
    if "status" not in compared.sent or not compared.table.statuses:
        return vanished
    taken = f"coalesce(n_status NOT IN {sql.texts(compared.table.access_words)}, false)"
    turned = f"(kind = 'update' AND {taken})"
    return f"({vanished} OR {turned} OR (kind = 'create' AND n_status = 'deleted'))"


def _removal_header(compared: Compared) -> tuple[str, ...]:
    """Columns of a removal: all that the delivery sends, and what Canvas needs or would clear."""
    table = compared.table
    return tuple(
        column.name
        for column in table.columns
        if column.name in compared.sent
        or (column.name in compared.before and _is_needed(table, column))
    )


def _is_needed(table: Table, column: Column) -> bool:
    if column.kind is Kind.SECRET:
        return False
    in_key = any(column.name in part.columns for part in table.key)
    in_group = any(column.name in group for group in table.one_of)
    needed = column.need in {Need.ROW, Need.LIVE, Need.HEADER}
    clears = Without.CLEARS in {column.blank, column.omitted}
    return in_key or in_group or needed or clears


def _removal_cell(compared: Compared, column: Column) -> str:
    """What a removal says in a column: nothing new but the status of what has vanished."""
    name = sql.name(column.name)
    kept = f"v.o_{column.name}" if _is_needed(compared.table, column) else "NULL"
    vanished = "v.target" if column.name == "status" else kept
    own = f"v.n_{column.name}" if column.name in compared.sent else f"v.e_{column.name}"
    return f"CASE WHEN kind = 'vanish' THEN {vanished} ELSE {own} END AS {name}"


def _order(connection: duckdb.DuckDBPyConnection, compared: Compared, *, leaves_first: bool) -> str:
    """Rows by key; accounts parents first, or leaves first where they are removed."""
    if compared.table.name != "accounts":
        return "ident"
    rows = connection.execute(
        f"SELECT ident, coalesce(e_parent_account_id, o_parent_account_id) FROM {compared.changes}"
        if "parent_account_id" in compared.columns
        else f"SELECT ident, NULL FROM {compared.changes}"
    ).fetchall()
    ordered = parents_first(dict(rows))
    if leaves_first:
        ordered.reverse()
    table = f"account_order_{'down' if leaves_first else 'up'}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} (id VARCHAR, place INTEGER)")
    if ordered:
        connection.executemany(
            f"INSERT INTO {table} VALUES (?, ?)",
            list(zip(ordered, range(len(ordered)), strict=True)),
        )
    return f"(SELECT place FROM {table} p WHERE p.id = v.ident)"


def _order_file(step: Step, table: Table, baseline: Roster, current: Roster) -> ImportFile:
    """Rows of a table that is never compared: those that were not sent already."""
    header = current.columns(table.name)
    cells = ", ".join(sql.name(name) for name in header)
    before = baseline.columns(table.name)
    done = ""
    if before:
        same = " AND ".join(
            f"b.{sql.name(name)} IS NOT DISTINCT FROM c.{sql.name(name)}"
            for name in header
            if name in before
        )
        done = f" WHERE NOT EXISTS (SELECT 1 FROM {baseline.view(table.name)} b WHERE {same})"
    words = key_words(table, header)
    rows = (
        f"SELECT {cells}, {ident(table, header)} AS ident, {words} AS words, 'create' AS kind, "
        f"_file, _row FROM {current.view(table.name)} c{done} ORDER BY ident"
    )
    return ImportFile(step, table.name, header, rows)


def _mark_freeing(connection: duckdb.DuckDBPyConnection, users: Compared | None) -> None:
    """Make `freeing`: users whose deletion frees a login or integration id that another row needs."""
    made = "CREATE OR REPLACE TEMP TABLE freeing AS "
    if users is None or not users.is_joined or "status" not in users.columns:
        connection.execute(f"{made} SELECT NULL::VARCHAR AS ident WHERE false")
        return
    matches = ["lower(d.o_login_id) = lower(n.n_login_id)"]
    if "integration_id" in users.before and "integration_id" in users.sent:
        matches.append("d.o_integration_id = n.n_integration_id")
    queries = " UNION ".join(
        f"SELECT d.ident FROM {users.changes} d JOIN {users.changes} n "
        f"ON {match} AND n.ident <> d.ident "
        "WHERE coalesce(d.target, CASE WHEN d.kind <> 'vanish' THEN d.e_status END) = 'deleted' "
        "AND n.kind <> 'vanish' AND n.e_status <> 'deleted'"
        for match in matches
    )
    connection.execute(f"{made}{queries}")
