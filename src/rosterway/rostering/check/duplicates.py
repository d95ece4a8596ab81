"""Rows of one table against each other: keys sent twice.

Of two rows with one key the later carries the error. A row that takes something away while
another gives it never wins: it is held back, for Canvas applies rows in no sure order.
"""

from rosterway.formats.canvas_csv.table import Table
from rosterway.rostering import sql
from rosterway.rostering.check.hits import Hits
from rosterway.rostering.check.row_rules import status_as_read
from rosterway.rostering.keys import key_parts, key_words


def check_keys(hits: Hits, table: Table, columns: tuple[str, ...]) -> None:
    """Find rows that share a key."""
    parts = key_parts(table, columns)
    going = hits.going(table.name)
    if not _has_twins(hits, going, parts):
        return
    aliases = [f"k{number}" for number in range(len(parts))]
    keyed = ", ".join(f"{part} AS {alias}" for part, alias in zip(parts, aliases, strict=True))
    cells = ", ".join(sql.name(column) for column in columns)
    access = "true"
    if "status" in columns and table.statuses:
        read = status_as_read(table, '"status"')
        access = f"coalesce({read} IN {sql.texts(table.access_words)}, true)"
    hits.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE twins AS SELECT _file, _row, "
        f"{key_words(table, columns)} AS words, hash({cells}) AS content, {access} AS access, "
        f"{', '.join(aliases)} FROM (SELECT *, {keyed} FROM ({going})) "
        f"WHERE ({', '.join(aliases)}) IN (SELECT ({', '.join(parts)}) FROM ({going}) "
        f"GROUP BY {', '.join(parts)} HAVING count(*) > 1)"
    )
    window = f"OVER (PARTITION BY {', '.join(aliases)} ORDER BY _file, _row)"
    whole = f"OVER (PARTITION BY {', '.join(aliases)})"
    ranked = (
        f"SELECT *, row_number() {window} AS place, first(_file) {window} AS first_file, "
        f"first(_row) {window} AS first_row, first(content) {window} AS first_content, "
        f"bool_or(access) {whole} AS given, "
        f"arg_min(_file, (NOT access, _file, _row)) {whole} AS giver_file, "
        f"arg_min(_row, (NOT access, _file, _row)) {whole} AS giver_row FROM twins"
    )
    first = hits.place("first_file", "first_row")
    hits.record(
        "row-repeated",
        table.name,
        None,
        f"SELECT _file, _row, words AS val, {first} AS other FROM ({ranked}) "
        "WHERE place > 1 AND content = first_content",
    )
    hits.record(
        "key-duplicate",
        table.name,
        table.key[0].columns[0],
        f"SELECT _file, _row, words AS val, {first} AS other FROM ({ranked}) "
        "WHERE place > 1 AND content <> first_content",
    )
    giver = hits.place("giver_file", "giver_row")
    hits.record(
        "key-contradicted",
        table.name,
        "status",
        f"SELECT _file, _row, words AS val, {giver} AS other FROM ({ranked}) "
        "WHERE place = 1 AND NOT access AND given",
    )


def twin_question(parts: list[str]) -> str:
    """SQL over rows: whether two agree in all parts; a 64-bit hash says no for certain, yes almost."""
    return f"count(*) <> count(DISTINCT hash({', '.join(parts)}))"


def _has_twins(hits: Hits, rows: str, parts: list[str]) -> bool:
    (twins,) = hits.connection.execute(f"SELECT {twin_question(parts)} FROM ({rows})").fetchall()[0]
    return bool(twins)
