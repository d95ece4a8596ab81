"""Rows against the rows they name: courses name terms, enrollments name users and sections.

A reference is resolved within the delivery and the baseline. A table that is in neither is not
known, so nobody is blamed for naming its rows (`command-line.md`, "check").
"""

from dataclasses import dataclass

from rosterway.formats.canvas_csv.table import Column, Table
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.rostering import sql
from rosterway.rostering.check.hits import Hits
from rosterway.rostering.check.row_rules import status_as_read
from rosterway.rostering.roster import Roster
from rosterway.rostering.staged import Trust

#: References Canvas drops rather than refuses, by (table, column).
_DROPPED = {
    ("courses", "term_id"): "term-unknown",
    ("courses", "abstract_course_id"): "abstract-course-unknown",
    ("courses", "blueprint_course_id"): "blueprint-unknown",
}
#: What it means that the row named is being deleted, by (table, column).
_DELETED = {
    ("enrollments", "user_id"): "user-deleted",
    ("enrollments", "section_id"): "section-deleted",
}
#: Words in place of an id.
_WORDS = {("courses", "blueprint_course_id"): ("dissociate",)}


@dataclass(frozen=True, slots=True)
class _Link:
    """A column, and what is known about the table it refers to.

    `dangling` is a table (id, place) of the ids that are nowhere to be found; `place` says which
    refused row has the id.
    """

    column: Column
    table: Table
    key: str
    staged: bool
    whole: bool
    in_baseline: bool
    dangling: str


def check_references(hits: Hits, table: Table, columns: tuple[str, ...], baseline: Roster) -> None:
    """Find rows that name a row which is missing, refused or being deleted.

    The tables referred to have been checked before: Canvas's processing order sees to that. What is
    missing is an error whatever else the row waits for, so it is looked for first.
    """
    links = [
        link
        for column in table.columns
        if column.refers is not None and column.name in columns
        for link in [_link(hits, column, baseline)]
        if link is not None
    ]
    going = hits.going(table.name)
    for link in links:
        _find_dangling(hits, table, link, going, baseline)
        dropped = _DROPPED.get((table.name, link.column.name))
        _record(hits, table, link, dropped or "reference-missing", going)
    for link in links:
        is_own = link.table is table
        held = 1
        while held:
            if is_own:
                # An account that is refused or held back takes the accounts below it along.
                _find_dangling(hits, table, link, hits.going(table.name), baseline)
            found = _record(hits, table, link, "reference-refused", hits.going(table.name))
            held = found if is_own else 0
        _judge_deleted(hits, table, columns, link)
    if table.name == "enrollments":
        _check_relation(hits, columns, baseline)
    if table.name == "terms" and "date_override_enrollment_type" in columns:
        _check_overrides(hits, baseline)


def _link(hits: Hits, column: Column, baseline: Roster) -> _Link | None:
    assert column.refers is not None
    name, key = column.refers.table, column.refers.column
    staged = hits.staged.tables.get(name)
    has_rows = staged is not None and bool(staged.readable)
    in_baseline = baseline.has(name, key)
    refused = staged is not None and any(file.trust is Trust.NONE for file in staged.files)
    if not has_rows and not in_baseline and not refused:
        return None
    return _Link(
        column,
        BY_NAME[name],
        key,
        has_rows,
        staged is None or staged.is_whole,
        in_baseline,
        sql.name(f"dangling_{column.name}"),
    )


def _find_dangling(hits: Hits, table: Table, link: _Link, going: str, baseline: Roster) -> None:
    """Fill the link's table of ids that neither the delivery nor the baseline has.

    In a whole delivery nearly every id is found within it, so the baseline is asked only for what
    is left: asking both at once costs twice as much.
    """
    cell, key = sql.name(link.column.name), sql.name(link.key)
    known: list[str] = []
    if link.staged:
        known.append(f"SELECT {key} AS id FROM ({hits.going(link.table.name)})")
    if link.in_baseline:
        known.append(f"SELECT {key} AS id FROM {baseline.view(link.table.name)}")
    words = _WORDS.get((table.name, link.column.name), ())
    meant = f" AND {cell} NOT IN {sql.texts(words)}" if words else ""
    # Rows of a table that could not be read whole may well hold the id.
    unread = "NULL" if link.whole else sql.text(f"not all of {link.table.name} could be read")
    ids = known[0] if known else "SELECT NULL::VARCHAR AS id WHERE false"
    hits.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {link.dangling} AS "
        f"SELECT DISTINCT {cell} AS id, {unread}::VARCHAR AS place "
        f"FROM ({going}) ANTI JOIN ({ids}) k ON k.id = {cell} WHERE {cell} IS NOT NULL{meant}"
    )
    if not _has_rows(hits, link.dangling):
        return
    for ids in known[1:]:
        hits.connection.execute(f"DELETE FROM {link.dangling} WHERE id IN ({ids})")
    if link.staged and hits.has_stopped(link.table.name):
        hits.connection.execute(
            f"UPDATE {link.dangling} AS d SET place = r.place FROM ("
            f"SELECT {key} AS id, min({hits.place()}) AS place "
            f"FROM {sql.name(hits.staged.view(link.table.name))} "
            f"JOIN {hits.stopped} USING (_file, _row) WHERE tbl = {sql.text(link.table.name)} "
            "GROUP BY 1) r WHERE r.id = d.id"
        )


def _has_rows(hits: Hits, rows: str) -> bool:
    return hits.connection.execute(f"SELECT 1 FROM {rows} LIMIT 1").fetchone() is not None


def _record(hits: Hits, table: Table, link: _Link, code: str, going: str) -> int:
    """Record the rows that dangle: under `reference-refused` those whose id is on a refused row."""
    is_held = code == "reference-refused"
    kind = "place IS NOT NULL" if is_held else "place IS NULL"
    if not _has_rows(hits, f"{link.dangling} WHERE {kind}"):
        return 0
    cell = sql.name(link.column.name)
    other = "place" if is_held else sql.text(link.table.name)
    return hits.record(
        code,
        table.name,
        link.column.name,
        f"SELECT _file, _row, {cell} AS val, {other} AS other FROM ({going}) "
        f"JOIN {link.dangling} ON id = {cell} WHERE {kind}",
    )


def _judge_deleted(hits: Hits, table: Table, columns: tuple[str, ...], link: _Link) -> None:
    """Find rows that give access to something this same delivery deletes."""
    if not link.staged or "status" not in hits.staged.tables[link.table.name].columns:
        return
    status = status_as_read(link.table, '"status"')
    hits.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE deleting AS SELECT {sql.name(link.key)} AS id, "
        f"min({hits.place()}) AS place FROM ({hits.going(link.table.name)}) "
        f"WHERE {status} = 'deleted' GROUP BY 1"
    )
    if not _has_rows(hits, "deleting"):
        return
    alive = "true"
    if "status" in columns and table.statuses:
        alive = f"{status_as_read(table, sql.name('status'))} IN {sql.texts(table.access_words)}"
    cell = sql.name(link.column.name)
    hits.record(
        _DELETED.get((table.name, link.column.name), "reference-deleted"),
        table.name,
        link.column.name,
        f"SELECT _file, _row, {cell} AS val, place AS other FROM ({hits.going(table.name)}) "
        f"JOIN deleting ON id = {cell} WHERE {alive}",
    )


def _check_relation(hits: Hits, columns: tuple[str, ...], baseline: Roster) -> None:
    """An enrollment that names both: the section is the course's own, or cross-listed into it."""
    if "course_id" not in columns or "section_id" not in columns:
        return
    homes = _homes(hits, baseline, "sections", "course_id")
    if not homes:
        return
    guests = _homes(hits, baseline, "xlists", "xlist_course_id")
    visits = f"ANTI JOIN ({' UNION ALL '.join(guests)}) g " if guests else ""
    same = "ON g.section_id = e.section_id AND g.course_id = e.course_id" if guests else ""
    hits.record(
        "section-course-unrelated",
        "enrollments",
        "course_id",
        "SELECT e._file, e._row, e.section_id AS val, any_value(s.course_id) AS other "
        f"FROM ({hits.going('enrollments')}) e JOIN ({' UNION ALL '.join(homes)}) s "
        "ON s.section_id = e.section_id AND s.course_id <> e.course_id "
        f"{visits}{same} GROUP BY 1, 2, 3",
    )


def _homes(hits: Hits, baseline: Roster, table: str, course: str) -> list[str]:
    """Queries for (section_id, course_id): the delivery's, then what only the baseline knows."""
    queries: list[str] = []
    staged = hits.staged.has_rows(table)
    if staged:
        queries.append(
            f"SELECT section_id, {course} AS course_id FROM ({hits.going(table)}) AS delivered"
        )
    if baseline.has(table, "section_id", course):
        unless = f" ANTI JOIN ({hits.going(table)}) d USING (section_id)" if staged else ""
        queries.append(
            f"SELECT b.section_id, b.{course} AS course_id FROM {baseline.view(table)} b{unless}"
        )
    return queries


def _check_overrides(hits: Hits, baseline: Roster) -> None:
    """Dates for a role need their term: here, or in Canvas already."""
    override = "date_override_enrollment_type"
    terms = f"SELECT term_id FROM ({hits.going('terms')}) WHERE {override} IS NULL"
    if baseline.has("terms", "term_id"):
        terms += f" UNION ALL SELECT term_id FROM {baseline.view('terms')}"
    hits.record(
        "override-without-term",
        "terms",
        "term_id",
        f"SELECT _file, _row, term_id AS val, NULL AS other FROM ({hits.going('terms')}) "
        f"ANTI JOIN ({terms}) USING (term_id) WHERE {override} IS NOT NULL",
    )
