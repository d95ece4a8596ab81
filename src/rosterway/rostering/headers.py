"""What a header line says: which table the file is, where its columns stand, what is wrong with it.

Detection follows Canvas (canvas-lms `lib/sis/csv/import_refactored.rb`): the first table whose
columns are all there wins, whatever the file is called. Canvas trims names when it detects and not
when it reads; we read trimmed names and say so.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rosterway.formats.canvas_csv.table import Need, Table
from rosterway.formats.canvas_csv.tables import TABLES, canonical_header, named_for, recognise
from rosterway.formats.problems import Finding

#: From here on a column that Canvas does not know is taken for a slip of one it does.
_CLOSE = 0.8


@dataclass(frozen=True, slots=True)
class Header:
    """One file's header. `places` maps the table's columns to cell positions.

    `unnamed` are the positions without a name. A header that is not `usable` refuses the file.
    """

    width: int
    table: Table | None
    places: dict[str, int]
    unnamed: tuple[int, ...]
    usable: bool
    findings: tuple[Finding, ...]


def judge_header(cells: Sequence[str], file: str) -> Header:
    """Recognise the table of a header's cells (as they stand in `file`) and place its columns."""
    named = named_for(file)
    table = recognise(cells)
    unnamed = tuple(place for place, cell in enumerate(cells) if not cell.strip())
    if table is None:
        finding = Finding(
            code="table-unknown",
            table=named.name if named else None,
            file=file,
            value=",".join(cells),
            other=_wanted(named),
        )
        return Header(len(cells), named, {}, unnamed, usable=False, findings=(finding,))
    findings: list[Finding] = []
    meant = _mistaken(cells, table)
    if meant is not None:
        names = {canonical_header(cell) for cell in cells}
        group = next(group for group in table.header.any_of if names.issuperset(group))
        finding = Finding(
            code="table-mistaken",
            table=table.name,
            file=file,
            value=meant.name,
            other=" and ".join(group),
        )
        return Header(len(cells), meant, {}, unnamed, usable=False, findings=(finding,))
    if named is not None and named is not table:
        findings.append(
            Finding(code="table-unexpected", table=table.name, file=file, value=named.name)
        )
    places, found = _place(cells, table, file)
    findings += found
    findings += _missing(places, table, file)
    refusing = {"header-duplicate", "column-missing"}
    usable = not any(finding.code in refusing for finding in findings)
    return Header(len(cells), table, places, unnamed, usable, tuple(findings))


def _mistaken(cells: Sequence[str], table: Table) -> Table | None:
    """The table a file is by most of its columns, where Canvas takes it for another.

    Sections with `term_id` and `name` become terms, for instance, and rename them. The table meant
    tells rows apart by something the other does not know, has every column it needs, and fits no
    worse.
    """
    names = {canonical_header(cell) for cell in cells}
    fits = len(names & table.by_name.keys())
    for other in TABLES:
        has_own_key = any(
            table.by_name.keys().isdisjoint(part.columns) for part in other.key if not part.optional
        )
        if other is table or not has_own_key or not other.header.matches(frozenset(names)):
            continue
        needed = {column.name for column in other.columns if column.need is Need.ROW}
        if names.issuperset(needed) and len(names & other.by_name.keys()) >= fits:
            return other
    return None


def _wanted(named: Table | None) -> str:
    if named is None:
        return "any table of the Canvas SIS CSV reference"
    groups = " or ".join(", ".join(group) for group in named.header.any_of)
    return f"{named.name} has at least the columns {groups}"


def _place(cells: Sequence[str], table: Table, file: str) -> tuple[dict[str, int], list[Finding]]:
    places: dict[str, int] = {}
    findings: list[Finding] = []
    for place, cell in enumerate(cells):
        name = canonical_header(cell)
        if not name:
            continue
        here = Finding(code="column-unknown", table=table.name, file=file, column=name)
        if name not in table.by_name:
            near = difflib.get_close_matches(name, table.by_name, n=1, cutoff=_CLOSE)
            hint = f"; did you mean {near[0]}?" if near and near[0] not in places else "."
            findings.append(replace(here, value=cell.strip(), other=hint))
        elif name in places:
            findings.append(replace(here, code="header-duplicate"))
        else:
            places[name] = place
            if cell != cell.strip():
                findings.append(replace(here, code="header-spaces", value=cell))
    return places, findings


def _missing(places: dict[str, int], table: Table, file: str) -> list[Finding]:
    """Columns without which Canvas would refuse every row."""
    lacking = [
        column.name
        for column in table.columns
        if column.need is Need.ROW
        and column.name not in places
        and not (column.unless and column.unless in places)
    ]
    lacking += [" or ".join(group) for group in table.one_of if places.keys().isdisjoint(group)]
    return [
        Finding(code="column-missing", table=table.name, file=file, column=name) for name in lacking
    ]
