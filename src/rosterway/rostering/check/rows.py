"""Ask every row its rules: once for all of them together, again only for those that hit."""

from rosterway.formats.canvas_csv.table import Table
from rosterway.rostering import sql
from rosterway.rostering.check.hits import Hits
from rosterway.rostering.check.row_rules import RowRule, row_rules
from rosterway.rostering.keys import cell_of, same_key
from rosterway.rostering.roster import Roster


def check_rows(
    hits: Hits, table: Table, columns: tuple[str, ...], baseline: Roster, *, with_nul: bool
) -> None:
    """Find what single rows of a staged table have wrong."""
    rules = row_rules(table, columns, with_nul=with_nul)
    view = sql.name(hits.staged.view(table.name))
    asked = ", ".join(f"coalesce(bool_or({rule.condition}), false)" for rule in rules)
    answers = hits.connection.execute(f"SELECT {asked} FROM {view}").fetchall()[0]
    for rule, is_hit in zip(rules, answers, strict=True):
        if is_hit:
            rows = (
                f"SELECT _file, _row, {rule.value} AS val, {rule.other} AS other "
                f"FROM {view} AS r WHERE ({rule.condition})"
            )
            hits.record(
                rule.code,
                table.name,
                rule.column,
                rows + _unless_known(rule, table, columns, baseline),
            )


def _unless_known(rule: RowRule, table: Table, columns: tuple[str, ...], baseline: Roster) -> str:
    """For rules about new rows: leave out rows the baseline has."""
    if not rule.only_new or table.name not in baseline.tables:
        return ""
    known = baseline.columns(table.name)
    same = same_key(table, columns, cell_of("r"), known, cell_of("b"))
    return f" AND NOT EXISTS (SELECT 1 FROM {baseline.view(table.name)} b WHERE {same})"
