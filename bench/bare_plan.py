"""The bare tool: what a careful person would write in DuckDB to do the same, and nothing more.

    python bench/bare_plan.py PREVIOUS CURRENT OUT [MEMORY]

Parses both deliveries into Parquet (strictly, in the order of the lines, with the cheapest codec we
know), checks each (required cells, statuses, lengths, duplicate keys and logins, e-mail addresses,
references, sections against courses), joins them by key, counts who lives in which class and who
leaves it, and writes what is new, changed and removed in order. It knows its tables beforehand and
only counts what is wrong: it names no row, and knows no policy, moves, schools or digests.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

STAGED = "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION lz4_raw, DICTIONARY_SIZE_LIMIT 1000)"


@dataclass(frozen=True)
class Table:
    """What to know about one file."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    statuses: str
    wrong: str = "false"
    unique: str = ""
    refers: dict[str, str] = field(default_factory=dict[str, str])


TABLES = (
    Table(
        "courses",
        ("course_id", "short_name", "long_name", "status"),
        ("course_id",),
        "('active', 'deleted', 'completed', 'published')",
    ),
    Table(
        "sections",
        ("section_id", "course_id", "name", "status"),
        ("section_id",),
        "('active', 'deleted')",
        refers={"course_id": "courses"},
    ),
    Table(
        "users",
        ("user_id", "login_id", "first_name", "last_name", "email", "status"),
        ("user_id",),
        "('active', 'suspended', 'deleted')",
        wrong="NOT regexp_full_match(email, '[^@\\s]+@[^@\\s.]+(\\.[^@\\s.]+)*')",
        unique="lower(login_id)",
    ),
    Table(
        "enrollments",
        ("course_id", "section_id", "user_id", "role", "status"),
        ("section_id", "user_id", "role"),
        "('active', 'deleted', 'completed', 'inactive')",
        refers={"course_id": "courses", "section_id": "sections", "user_id": "users"},
    ),
)


def main() -> None:
    """Do it, and print how many rows of each kind there were."""
    previous, current, out, memory = (*sys.argv[1:4], *(sys.argv[4:] or ["700MB"]))
    con = duckdb.connect(config={"memory_limit": memory, "temp_directory": out})
    given = [table for table in TABLES if Path(current, f"{table.name}.csv").exists()]
    wrong = 0
    for side, folder in (("p", previous), ("c", current)):
        for table in given:
            _stage(con, table, side, folder, out)
        wrong += sum(_wrong(con, table, side, {one.name for one in given}) for table in given)
    print("wrong", wrong)
    for table in given:
        print(table.name, *_compare(con, table, out))


def _stage(con: duckdb.DuckDBPyConnection, table: Table, side: str, folder: str, out: str) -> None:
    types = ", ".join(f"{column}: 'VARCHAR'" for column in table.columns)
    cells = ", ".join(f"nullif(trim({column}), '') AS {column}" for column in table.columns)
    if not _has_blanks(Path(folder, f"{table.name}.csv")):
        cells = "*"
    con.execute(
        f"COPY (SELECT {cells} FROM read_csv('{folder}/{table.name}.csv', auto_detect = false, "
        f"header = true, delim = ',', quote = '\"', escape = '\"', strict_mode = true, "
        f"columns = {{{types}}})) TO '{out}/{side}_{table.name}.parquet' {STAGED}"
    )
    con.execute(
        f"CREATE VIEW {side}_{table.name} AS FROM read_parquet('{out}/{side}_{table.name}.parquet')"
    )


def _has_blanks(path: Path) -> bool:
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(1 << 20):
            if b" " in chunk or b"\t" in chunk or b'"' in chunk:
                return True
    return False


def _wrong(con: duckdb.DuckDBPyConnection, table: Table, side: str, given: set[str]) -> int:
    """How many cells and rows are wrong."""
    view = f"{side}_{table.name}"
    asked = [
        "count(*) FILTER (" + " OR ".join(f"{column} IS NULL" for column in table.columns) + ")",
        f"count(*) FILTER (status NOT IN {table.statuses} OR {table.wrong} OR "
        + " OR ".join(f"strlen({column}) > 255" for column in table.columns)
        + ")",
        f"count(*) - count(DISTINCT hash({', '.join(table.key)}))",
    ]
    if table.unique:
        asked.append(f"count(*) - count(DISTINCT hash({table.unique}))")
    found = sum(con.execute(f"SELECT {', '.join(asked)} FROM {view}").fetchall()[0])
    queries = [
        f"SELECT count(*) FROM {view} ANTI JOIN {side}_{other} USING ({column})"
        for column, other in table.refers.items()
        if other in given
    ]
    if table.name == "enrollments" and "sections" in given:
        queries.append(
            f"SELECT count(*) FROM {view} e JOIN {side}_sections s "
            "ON s.section_id = e.section_id AND s.course_id <> e.course_id"
        )
    return found + sum(con.execute(query).fetchall()[0][0] for query in queries)


def _compare(con: duckdb.DuckDBPyConnection, table: Table, out: str) -> list[int]:
    """Join both sides, write the differences; how many were created, changed, removed."""
    same = " AND ".join(f"c.{column} = p.{column}" for column in table.key)
    cells = ", ".join(f"p.{one} AS p_{one}, c.{one} AS c_{one}" for one in table.columns)
    key = table.key[0]
    differ = " OR ".join(
        f"c.{column} IS DISTINCT FROM p.{column}"
        for column in table.columns
        if column not in table.key
    )
    con.execute(
        f"CREATE TEMP TABLE d_{table.name} AS SELECT p.{key} IS NULL AS created, "
        f"c.{key} IS NULL AS removed, {cells} FROM p_{table.name} p FULL JOIN c_{table.name} c "
        f"ON {same} WHERE p.{key} IS NULL OR c.{key} IS NULL OR {differ}"
    )
    if table.name == "enrollments":
        con.execute(
            "SELECT section_id, role, l.n, g.n FROM (SELECT section_id, role, count(*) AS n "
            "FROM p_enrollments WHERE status = 'active' GROUP BY ALL) l JOIN "
            "(SELECT p_section_id AS section_id, p_role AS role, count(*) AS n FROM d_enrollments "
            "WHERE removed OR c_status <> 'active' GROUP BY ALL) g USING (section_id, role)"
        ).fetchall()
    rows = ", ".join(f"c_{column} AS {column}" for column in table.columns)
    gone = ", ".join(
        "'deleted' AS status" if column == "status" else f"p_{column} AS {column}"
        for column in table.columns
    )
    return [
        con.execute(
            f"COPY (SELECT {picked} FROM d_{table.name} WHERE {where} "
            f"ORDER BY {', '.join(table.key)}) TO '{out}/{table.name}-{name}.csv' (HEADER)"
        ).fetchall()[0][0]
        for name, where, picked in (
            ("created", "created", rows),
            ("changed", "NOT created AND NOT removed", rows),
            ("removed", "removed", gone),
        )
    ]


if __name__ == "__main__":
    main()
