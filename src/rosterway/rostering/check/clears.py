"""What a delivery would clear without a word, where Canvas has a value: columns left out, and blanks.

Told once a file, with how many of its rows: one cause is one problem. Only where the mirror has a value
is anything looked for.
"""

from rosterway.formats.canvas_csv.table import Column, Without
from rosterway.rostering import sql
from rosterway.rostering.check.known import Case
from rosterway.rostering.keys import cell_of, key_words, same_key


def check_clears(case: Case) -> None:
    """Find columns that are not there, or blank in every row, and providers that would be reset."""
    held = case.mirror.columns(case.table.name)
    for column in case.table.columns:
        if column.name not in held or Without.CLEARS not in {column.omitted, column.blank}:
            continue
        omitting = [
            file.index
            for file in case.hits.staged.tables[case.table.name].readable
            if column.name not in file.columns
        ]
        if column.omitted is Without.CLEARS and omitting:
            _tell(case, column, "column-clears", omitting)
        if column.blank is Without.CLEARS:
            blank = [place for place in _blank(case, column) if place not in omitting]
            if blank:
                _tell(case, column, "blanks-clear", blank)
    provider = "authentication_provider_id"
    if case.has(provider, "user_id") and case.mirror.has(case.table.name, provider, "user_id"):
        _check_provider(case, provider)


def _blank(case: Case, column: Column) -> list[int]:
    """The files in which no row has a value; Parquet knows without reading."""
    if column.name not in case.columns:
        return []
    cell = sql.name(column.name)
    return [
        place
        for (place,) in case.hits.connection.execute(
            f"SELECT _file FROM {sql.name(case.hits.staged.view(case.table.name))} "
            f"GROUP BY _file HAVING count({cell}) = 0 ORDER BY _file"
        ).fetchall()
    ]


def _tell(case: Case, column: Column, code: str, files: list[int]) -> None:
    cell = sql.name(column.name)
    mirror = case.mirror.view(case.table.name)
    if not case.asks(f"SELECT 1 FROM {mirror} WHERE {cell} IS NOT NULL"):
        return
    same = same_key(
        case.table,
        case.columns,
        cell_of("d"),
        case.mirror.columns(case.table.name),
        cell_of("m"),
    )
    live = f"WHERE {case.status} IS DISTINCT FROM 'deleted'" if case.has("status") else ""
    among = ", ".join(map(str, files))
    case.find_once(
        code,
        column.name,
        f"SELECT DISTINCT d._file, d._row, {key_words(case.table, case.columns, cell_of('d'))} AS val "
        f"FROM (SELECT * FROM ({case.going}) {live}) d "
        f"JOIN (SELECT * FROM {mirror} WHERE {cell} IS NOT NULL) m ON {same} "
        f"WHERE d._file IN ({among})",
    )


def _check_provider(case: Case, provider: str) -> None:
    """One login among others loses its provider; a whole column of blanks is told by `_tell`."""
    filled = (
        f"SELECT _file FROM ({case.going}) GROUP BY _file HAVING count({sql.name(provider)}) > 0"
    )
    case.find(
        "provider-reset",
        provider,
        f"SELECT d._file, d._row, d.user_id AS val, any_value(m.{provider}) AS other "
        f"FROM ({case.going}) d JOIN {case.mirror.view(case.table.name)} m USING (user_id) "
        f"WHERE d.{provider} IS NULL AND m.{provider} IS NOT NULL "
        f"AND d._file IN ({filled}) GROUP BY 1, 2, 3",
    )
