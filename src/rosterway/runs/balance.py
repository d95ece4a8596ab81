"""The plan's balance sheet: what is kept, new, changed, removed and held back, by table and place.

Counted once, while the calculator still has everything at hand, so that a page about a plan reads a
few kilobytes however large the roster is. `balance.json` has tables and schools, `classes.parquet`
a row for each class.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import duckdb

from rosterway.formats.canvas_csv.tables import in_order
from rosterway.rostering import sql
from rosterway.rostering.check import Checked
from rosterway.rostering.compare import Compared
from rosterway.rostering.decide import Decided
from rosterway.rostering.keys import STAND_IN, Cell, cell_of
from rosterway.rostering.places import place_of
from rosterway.rostering.roster import Roster
from rosterway.rostering.scopes import school_names, school_parents

BALANCE = "balance.json"
CLASSES = "classes.parquet"

#: What is counted of every table, school and class. `removed` is net of moves, as the guards count;
#: `spared` have vanished and are left alone, so they are among the kept; `held` were stopped by a
#: problem of their own.
COUNTS = ("kept", "new", "changed", "removed", "moved", "spared", "held")

_PARTS = ("was", "new", "changed", "gone", "taken", "removed", "moved", "spared", "held")
_KEPT = "greatest(was - changed - gone - taken, 0)::BIGINT"


def write_balance(
    connection: duckdb.DuckDBPyConnection,
    decided: Decided,
    baseline: Roster,
    checked: Checked,
    out: Path,
) -> None:
    """Count everything by place and write both files below `out`.

    Needs the changes, `removals` and the scope tables.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE places (tbl VARCHAR, school VARCHAR, term VARCHAR, "
        f"class VARCHAR, {', '.join(f'{part} BIGINT' for part in _PARTS)})"
    )
    for table in decided.compared.values():
        _count(connection, table, baseline, checked)
    _write_sheet(connection, baseline, checked.roster, out / BALANCE)
    _write_classes(connection, baseline, checked.roster, out / CLASSES)


def _count(
    connection: duckdb.DuckDBPyConnection, table: Compared, baseline: Roster, checked: Checked
) -> None:
    """One table's counts, a row for each school, term and class."""
    name = table.table.name

    def either(column: str) -> str:
        return f"coalesce(v.{sql.name('o_' + column)}, v.{sql.name('n_' + column)})"

    gone = "kind = 'vanish' AND target IS NOT NULL"
    changes = _grouped(
        table,
        table.columns,
        either,
        f"{table.changes} v",
        new="kind = 'create'",
        changed="kind = 'update'",
        gone=gone,
        spared=f"kind = 'vanish' AND NOT ({gone})",
    )
    removals = (
        "SELECT account_id AS school, term_id AS term, class, "
        "count(*) FILTER (NOT moved) AS removed, count(*) FILTER (moved) AS moved, "
        f"count(*) FILTER (listed) AS taken FROM removals WHERE tbl = {sql.text(name)} GROUP BY ALL"
    )
    queries = [changes, removals]
    if table.before:
        source = f"{baseline.view(name)} b"
        queries.append(_grouped(table, table.before, cell_of("b"), source, was="true"))
    if checked.staged.has_rows(name):
        columns = checked.staged.tables[name].columns
        source = (
            f"(SELECT DISTINCT s.* FROM {sql.name(checked.staged.view(name))} s "
            f"JOIN {checked.stopped} t ON t._file = s._file AND t._row = s._row "
            f"WHERE t.tbl = {sql.text(name)}) w"
        )
        queries.append(_grouped(table, columns, cell_of("w"), source, held="true"))
    sums = ", ".join(f"coalesce(sum({part}), 0)::BIGINT AS {part}" for part in _PARTS)
    none = ", ".join(f"NULL::BIGINT AS {part}" for part in _PARTS)
    union = " UNION ALL BY NAME ".join(
        [f"(SELECT {none} WHERE false)", *(f"({query})" for query in queries)]
    )
    connection.execute(
        f"INSERT INTO places BY NAME SELECT {sql.text(name)} AS tbl, school, term, class, {sums} "
        f"FROM ({union}) GROUP BY school, term, class"
    )


def _grouped(
    table: Compared, columns: tuple[str, ...], cell: Cell, source: str, **parts: str
) -> str:
    """A query that counts rows of `source` by place, one count for each condition."""
    place = place_of(table.table, columns, cell)
    counts = ", ".join(f"count(*) FILTER ({where}) AS {part}" for part, where in parts.items())
    return (
        f"SELECT {place.account} AS school, s.term_id AS term, {place.klass} AS class, {counts} "
        f"FROM {source} {place.join} GROUP BY ALL"
    )


def _write_sheet(
    connection: duckdb.DuckDBPyConnection, baseline: Roster, current: Roster, target: Path
) -> None:
    """Tables and schools as JSON; schools by name, those without a row left out."""
    names = school_names(connection, baseline, current)
    parents = school_parents(connection, baseline, current)
    tables: dict[str, dict[str, int]] = {}
    schools: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    for name, counts in _summed(connection, "tbl"):
        tables[name[0]] = counts
    for (name, school), counts in _summed(connection, "tbl, school", "school IS NOT NULL"):
        schools[school][name] = counts
    sheet = {
        "tables": {name: tables[name] for name in in_order(tables)},
        "schools": [
            {
                "id": school,
                "name": names.get(school, school),
                "parent": parents.get(school),
                "tables": schools[school],
            }
            for school in sorted(schools, key=lambda one: (names.get(one, one).lower(), one))
        ],
    }
    target.write_text(json.dumps(sheet, ensure_ascii=False), encoding="utf-8")


def _summed(
    connection: duckdb.DuckDBPyConnection, by: str, where: str = "true"
) -> list[tuple[tuple[str, ...], dict[str, int]]]:
    width = by.count(",") + 1
    counts = ", ".join(f"sum({_KEPT if name == 'kept' else name})::BIGINT" for name in COUNTS)
    rows = connection.execute(
        f"SELECT {by}, {counts} FROM places WHERE {where} GROUP BY {by}"
    ).fetchall()
    return [(row[:width], dict(zip(COUNTS, row[width:], strict=True))) for row in rows]


def _write_classes(
    connection: duckdb.DuckDBPyConnection, baseline: Roster, current: Roster, target: Path
) -> None:
    """A row for each class with its names and its enrollments' counts, by school and name."""
    sections = _titles(baseline, current, "sections", "section_id", ("name",))
    courses = _titles(baseline, current, "courses", "course_id", ("long_name", "short_name"))
    counts = ", ".join(
        f"coalesce(sum({_KEPT if name == 'kept' else name}) "
        f"FILTER (tbl = 'enrollments'), 0)::BIGINT AS {name}"
        for name in COUNTS
    )
    connection.execute(
        f"COPY (SELECT p.school, p.term, ltrim(p.class, {STAND_IN}) AS class, c.course_id AS course, "
        f"coalesce(n.title, m.title, ltrim(p.class, {STAND_IN})) AS title, "
        f"m.title AS course_title, p.* EXCLUDE (school, term, class) "
        f"FROM (SELECT school, term, class, {counts} FROM places "
        "WHERE tbl IN ('enrollments', 'sections') AND class IS NOT NULL "
        "GROUP BY school, term, class) p "
        "LEFT JOIN scope_classes c ON c.class = p.class "
        f"LEFT JOIN ({sections}) n ON n.id = p.class "
        f"LEFT JOIN ({courses}) m ON m.id = c.course_id "
        "ORDER BY p.school, course_title, title, class) "
        f"TO {sql.text(str(target))} (FORMAT parquet)"
    )


def _titles(
    baseline: Roster, current: Roster, table: str, key: str, columns: tuple[str, ...]
) -> str:
    """A query (id, title): the delivery's name for a row first, else the baseline's."""
    sides: list[str] = []
    for rank, roster in enumerate((current, baseline)):
        given: Mapping[str, None] = {name: None for name in columns if roster.has(table, key, name)}
        if given:
            cells = ", ".join(sql.name(name) for name in given)
            sides.append(
                f"SELECT {sql.name(key)} AS id, coalesce({cells}) AS title, {rank} AS rank "
                f"FROM {roster.view(table)}"
            )
    rows = " UNION ALL ".join(sides) or (
        "SELECT NULL::VARCHAR AS id, NULL::VARCHAR AS title, 0 AS rank WHERE false"
    )
    return (
        "SELECT id, arg_min(title, rank) FILTER (title IS NOT NULL) AS title "
        f"FROM ({rows}) GROUP BY id"
    )
