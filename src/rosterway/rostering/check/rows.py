"""Ask every row its rules: cheap questions of all rows first, the rows themselves only on a yes."""

from collections import defaultdict

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
    suspects = _suspects(hits, rules, view)
    for rule in rules:
        if rule in suspects:
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


def _suspects(hits: Hits, rules: list[RowRule], view: str) -> set[RowRule]:
    """The rules that some row may break."""
    by_source: dict[str, list[RowRule]] = defaultdict(list)
    for rule in rules:
        column = sql.name(rule.column)
        source = f"(SELECT DISTINCT {column} FROM {view})" if rule.by_value else view
        by_source[source].append(rule)
    suspects: set[RowRule] = set()
    for source, asked in by_source.items():
        questions = ", ".join(
            f"coalesce(bool_or({rule.gate or rule.condition}), false)" for rule in asked
        )
        answers = hits.connection.execute(f"SELECT {questions} FROM {source}").fetchall()[0]
        suspects |= {rule for rule, answer in zip(asked, answers, strict=True) if answer}
    return suspects


def _unless_known(rule: RowRule, table: Table, columns: tuple[str, ...], baseline: Roster) -> str:
    """For rules about new rows: leave out rows the baseline has."""
    if not rule.only_new or table.name not in baseline.tables:
        return ""
    known = baseline.columns(table.name)
    same = same_key(table, columns, cell_of("r"), known, cell_of("b"))
    return f" AND NOT EXISTS (SELECT 1 FROM {baseline.view(table.name)} b WHERE {same})"
