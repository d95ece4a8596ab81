"""What a check looks at: one staged table, and what Canvas is known to hold.

Canvas's side is the *mirror*: the feed's baseline and those of the tenant's other feeds. It may have
a row twice, once a feed; a row it has not may still be in Canvas.
"""

from dataclasses import dataclass

from rosterway.formats.canvas_csv.table import Table, Without
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.rostering import sql
from rosterway.rostering.check.hits import Hits
from rosterway.rostering.check.row_rules import status_as_read
from rosterway.rostering.roster import Roster


@dataclass(frozen=True, slots=True)
class Case:
    """A table as it was delivered with these columns, beside the mirror."""

    hits: Hits
    table: Table
    columns: tuple[str, ...]
    mirror: Roster

    @property
    def going(self) -> str:
        """A query for the rows that nothing has stopped so far."""
        return self.hits.going(self.table.name)

    @property
    def status(self) -> str:
        """SQL for the status Canvas reads of a row of `going`."""
        return status_as_read(self.table, '"status"')

    def has(self, *columns: str) -> bool:
        """Whether the columns were delivered."""
        return set(columns) <= set(self.columns)

    def find(self, code: str, column: str | None, rows: str) -> int:
        """Record rows (_file, _row, val, other) of this table under a rule."""
        return self.hits.record(code, self.table.name, column, rows)

    def find_once(self, code: str, column: str | None, rows: str) -> None:
        """Record rows (_file, _row, val) as one finding a file: how many, and the first value."""
        self.hits.record_once(code, self.table.name, column, rows)

    def make(self, name: str, query: str) -> bool:
        """Keep a query's rows as a temporary table; whether there are any."""
        self.hits.connection.execute(f"CREATE OR REPLACE TEMP TABLE {sql.name(name)} AS {query}")
        return self.asks(f"SELECT 1 FROM {sql.name(name)}")

    def asks(self, query: str) -> bool:
        """Whether a query has a row."""
        return self.hits.connection.execute(f"{query} LIMIT 1").fetchone() is not None

    def is_deleting(self, table: str) -> bool:
        """Whether the delivery deletes rows of a table, or the mirror has deleted ones."""
        known = self.hits.asked.get(table)
        if known is None:
            known = self.hits.asked[table] = self._asks_deleted(table)
        return known

    def _asks_deleted(self, table: str) -> bool:
        definition = BY_NAME[table]
        rows: list[str] = []
        if self.has_staged(table, "status"):
            read = status_as_read(definition, '"status"')
            view = sql.name(self.hits.staged.view(table))
            rows.append(f"SELECT 1 FROM {view} WHERE {read} = 'deleted'")
        if self.mirror.has(table, "status"):
            rows.append(f"SELECT 1 FROM {self.mirror.view(table)} WHERE status = 'deleted'")
        return bool(rows) and self.asks(" UNION ALL ".join(rows))

    def deletes(self) -> bool:
        """Whether any row of the table is to be deleted."""
        return self.has("status") and self.asks(
            f"SELECT 1 FROM {sql.name(self.hits.staged.view(self.table.name))} "
            f"WHERE {self.status} = 'deleted'"
        )

    def knows(self, table: str, *columns: str) -> bool:
        """Whether the delivery or the mirror has the table with these columns."""
        return self.has_staged(table, *columns) or self.mirror.has(table, *columns)

    def has_staged(self, table: str, *columns: str) -> bool:
        """Whether the delivery has rows of the table, with these columns."""
        staged = self.hits.staged
        return staged.has_rows(table) and set(columns) <= set(staged.tables[table].columns)

    def then(self, table: str, *columns: str) -> str:
        """A query for a table with one id as Canvas will have it: delivered rows over the mirror's.

        It has the id, the columns asked for, `status` as read and `place` (where a delivered row stands). A cell
        that was not delivered, or is blank where that keeps, is the mirror's.
        """
        definition = BY_NAME[table]
        key = definition.key[0].columns[0]
        staged, known = self.has_staged(table, key), self.mirror.has(table, key)
        given = self.hits.staged.tables[table].columns if staged else ()
        held = self.mirror.columns(table)
        picked = [f"coalesce(d.{key}, m.{key}) AS {key}" if staged and known else f"{key} AS {key}"]
        for name in (*columns, "status"):
            is_status = name == "status"
            new = sql.name(name) if name in given else None
            if new and staged and known:
                new = f"d.{new}"
            if new and is_status:
                new = status_as_read(definition, new)
            old = sql.name(name) if name in held else None
            if old and staged and known:
                old = f"m.{old}"
            keeps = is_status or definition.by_name[name].blank is Without.KEEPS
            if new and old:
                cell = (
                    f"coalesce({new}, {old})"
                    if keeps
                    else f"CASE WHEN d.{key} IS NULL THEN {old} ELSE {new} END"
                )
            else:
                cell = new or old or "NULL::VARCHAR"
            picked.append(f"{cell} AS {sql.name(name)}")
        place = self.hits.place("d._file", "d._row") if staged else "NULL::VARCHAR"
        picked.append(
            f"CASE WHEN d._row IS NOT NULL THEN {place} END AS place"
            if staged
            else f"{place} AS place"
        )
        mirror = f"(SELECT DISTINCT ON ({key}) * FROM {self.mirror.view(table)}) m" if known else ""
        if staged and known:
            source = f"({self.hits.going(table)}) d FULL JOIN {mirror} ON d.{key} = m.{key}"
        elif staged:
            source = f"({self.hits.going(table)}) d"
        else:
            source = mirror
        return f"SELECT {', '.join(picked)} FROM {source}"


def live(status: str = "status") -> str:
    """SQL: a row is not deleted; one without a status counts as there."""
    return f"coalesce({status}, '') <> 'deleted'"


def counted(one: str, many: str) -> str:
    """SQL that counts rows in words: `1 course`, `2,000 courses`."""
    words = f"CASE count(*) WHEN 1 THEN {sql.text(' ' + one)} ELSE {sql.text(' ' + many)} END"
    return f"format('{{:,}}', count(*)) || {words}"
