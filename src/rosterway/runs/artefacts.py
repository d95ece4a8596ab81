"""What a plan leaves behind: manifests of what is sent, changes, removals, problems, as Parquet.

Secrets are in none of them but the CSV files that go to Canvas: elsewhere a password is its SHA-256.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import duckdb

from rosterway.formats.canvas_csv.table import Kind, Table
from rosterway.rostering import sql
from rosterway.rostering.check import Checked
from rosterway.rostering.compare import Compared
from rosterway.rostering.findings import Findings
from rosterway.rostering.imports import ImportFile

CHANGES = "changes"
SENT = "sent"
FORECAST = "forecast.csv"
MISSING = "missing"
REMOVALS = "removals.parquet"
PROBLEMS = "problems.jsonl"
PROBLEM_TABLE = "problems.parquet"

#: What a problem says of itself (`Problem.as_dict`).
PROBLEM_COLUMNS = (
    "severity",
    "code",
    "table",
    "file",
    "row",
    "column",
    "value",
    "message",
    "remedy",
)


def write_manifest(
    connection: duckdb.DuckDBPyConnection,
    file: ImportFile,
    table: Table,
    checked: Checked,
    target: Path,
) -> int:
    """Write the rows of an import's file in order, with where each came from; returns how many.

    Columns: the file's own (secrets as fingerprints), `ident`, `words`, `kind`, `file`, `line`.
    """
    cells = ", ".join(_kept(table, name) for name in file.header)
    (rows,) = connection.execute(
        f"COPY (SELECT {cells}, ident, words, kind, {_source(checked)} AS file, _row AS line "
        f"FROM ({file.rows}) r) TO {sql.text(str(target))} (FORMAT parquet)"
    ).fetchall()[0]
    return rows


def write_changes(
    connection: duckdb.DuckDBPyConnection,
    compared: Mapping[str, Compared],
    checked: Checked,
    out: Path,
) -> dict[str, str]:
    """Write every table's changes; returns table -> path below `out`. Unchanged tables are left out."""
    written: dict[str, str] = {}
    (out / CHANGES).mkdir()
    for name, table in compared.items():
        if not (table.created or table.updated or table.vanished):
            continue
        path = f"{CHANGES}/{name}.parquet"
        cells = [
            f"{_held(table.table, prefix, column)} AS {sql.name(prefix + column)}"
            for column in table.columns
            for prefix in ("o_", "e_")
        ]
        connection.execute(
            f"COPY (SELECT kind, ident, words, target, spared, carried, "
            f"{_source(checked)} AS file, _row AS line, {', '.join(cells)} "
            f"FROM {table.changes} r ORDER BY ident) "
            f"TO {sql.text(str(out / path))} (FORMAT parquet)"
        )
        written[name] = path
    return written


def write_missing(
    connection: duckdb.DuckDBPyConnection, queries: Mapping[str, str], out: Path
) -> dict[str, str]:
    """Write since when rows are missing (`grace.still_missing`); returns table -> path below `out`.

    Tables of which nothing is missing are left out.
    """
    written: dict[str, str] = {}
    for name, query in queries.items():
        (out / MISSING).mkdir(exist_ok=True)
        path = f"{MISSING}/{name}.parquet"
        (rows,) = connection.execute(
            f"COPY ({query}) TO {sql.text(str(out / path))} (FORMAT parquet)"
        ).fetchall()[0]
        if rows:
            written[name] = path
        else:
            (out / path).unlink()
    return written


def write_forecast(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write who loses access when, the soonest first, for people to read: as CSV."""
    connection.execute(
        'COPY (SELECT lost, day, runs AS more_runs, tbl AS "table", words AS row, person, '
        "ltrim(class, chr(31)) AS class FROM forecast ORDER BY day NULLS LAST, lost, tbl, words) "
        f"TO {sql.text(str(out / FORECAST))} (FORMAT csv, HEADER)"
    )


def write_removals(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write the plan's table of removals."""
    connection.execute(
        f"COPY (SELECT * FROM removals ORDER BY tbl, ident) "
        f"TO {sql.text(str(out / REMOVALS))} (FORMAT parquet)"
    )


def write_problems(findings: Findings, out: Path, *, noticed: Path | None = None) -> dict[str, int]:
    """Write every problem in words, one JSON object a line; how many of each severity.

    Those in the file `noticed`, which were known before, come first.
    """
    counts = findings.counts()
    with (out / PROBLEMS).open("w", encoding="utf-8") as target:
        if noticed is not None:
            with noticed.open(encoding="utf-8") as before:
                for line in before:
                    counts[json.loads(line)["severity"]] += 1
                    target.write(line)
        for problem in findings.problems():
            target.write(json.dumps(problem.as_dict(), ensure_ascii=False) + "\n")
    return counts


def write_problem_table(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write the same problems as Parquet, in the same order, so that many can be searched."""
    columns = dict.fromkeys(PROBLEM_COLUMNS, "VARCHAR") | {"row": "BIGINT"}
    shape = ", ".join(f"{sql.name(name)}: {sql.text(kind)}" for name, kind in columns.items())
    connection.execute(
        f"COPY (SELECT * FROM read_json({sql.text(str(out / PROBLEMS))}, "
        f"format = 'newline_delimited', columns = {{{shape}}})) "
        f"TO {sql.text(str(out / PROBLEM_TABLE))} (FORMAT parquet)"
    )


def _source(checked: Checked) -> str:
    """SQL for the delivered file a row `r` came from, by its name."""
    cases = " ".join(
        f"WHEN {file.index} THEN {sql.text(file.name)}" for file in checked.staged.files
    )
    return f"CASE r._file {cases} END" if cases else "NULL::VARCHAR"


def _kept(table: Table, name: str) -> str:
    cell = sql.name(name)
    if table.by_name[name].kind is Kind.SECRET:
        return f"sha256({cell}) AS {cell}"
    return cell


def _held(table: Table, prefix: str, name: str) -> str:
    cell = f"r.{sql.name(prefix + name)}"
    if table.by_name[name].kind is Kind.SECRET and prefix == "e_":
        new = f"r.{sql.name('n_' + name)}"
        return f"CASE WHEN {new} IS NULL THEN {cell} ELSE sha256({new}) END"
    return cell
