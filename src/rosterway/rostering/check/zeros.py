"""Ids that have lost the zeros they began with, as spreadsheets make them.

An id of digits that Canvas does not know, while it knows the same one with zeros before it and the
delivery does not have that one: nearly certainly the same thing, and Canvas would make a new one.
"""

from rosterway.formats.canvas_csv.table import Kind
from rosterway.rostering import sql
from rosterway.rostering.check.known import Case


def check_zeros(case: Case) -> None:
    """Find rows whose id has lost its zeros since the last delivery, once a file."""
    first = case.table.key[0].columns
    key = first[0]
    if len(case.table.key) > 1 and not all(part.optional for part in case.table.key[1:]):
        return
    if case.table.by_name[key].kind is not Kind.ID or not case.mirror.has(case.table.name, key):
        return
    cell = sql.name(key)
    mirror = case.mirror.view(case.table.name)
    delivered = f"SELECT {cell} FROM {sql.name(case.hits.staged.view(case.table.name))}"
    zeroed = f"SELECT DISTINCT {cell} AS id FROM {mirror} WHERE starts_with({cell}, '0')"
    unsent = f"{cell} NOT IN (SELECT * FROM ({delivered}) WHERE {cell} IS NOT NULL)"
    if not case.make("zeroed", f"{zeroed} AND {unsent}"):
        return
    known = f"SELECT {cell} FROM {mirror} WHERE {cell} IS NOT NULL"
    if not case.make(
        "lost",
        f"SELECT d._file, d._row, d.{cell} AS id, min(z.id) AS was FROM ({case.going}) d "
        f"JOIN zeroed z ON ltrim(z.id, '0') = d.{cell} WHERE d.{cell} NOT IN ({known}) "
        "GROUP BY 1, 2, 3",
    ):
        return
    case.hits.connection.execute(
        f"INSERT INTO {case.hits.renamed} SELECT DISTINCT {sql.text(case.table.name)}, was FROM lost"
    )
    case.find_once(
        "zeros-lost", key, "SELECT _file, _row, id || ', which was ' || was AS val FROM lost"
    )
