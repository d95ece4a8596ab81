"""Ask every row its rules: cheap questions of all rows first, the rows themselves only on a yes."""

from collections import defaultdict

from rosterway.formats.canvas_csv.table import Table
from rosterway.rostering import sql
from rosterway.rostering.check.hits import Hits
from rosterway.rostering.check.row_rules import RowRule, row_rules
from rosterway.rostering.keys import cell_of, same_key
from rosterway.rostering.roster import Roster


def check_rows(
    hits: Hits,
    table: Table,
    columns: tuple[str, ...],
    baseline: Roster,
    *,
    with_nul: bool,
    twins: str,
) -> bool:
    """Find what single rows of a staged table have wrong.

    Returns the answer to `twins`, a question to all rows that is asked while they are read anyway.
    """
    rules = row_rules(table, columns, with_nul=with_nul)
    view = sql.name(hits.staged.view(table.name))
    suspects, has_twins = _suspects(hits, rules, view, twins)
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
    return has_twins


def _suspects(hits: Hits, rules: list[RowRule], view: str, twins: str) -> tuple[set[RowRule], bool]:
    """The rules that some row may break, and the answer to `twins`."""
    by_source: dict[str, list[RowRule]] = defaultdict(list)
    by_source[view] = []
    for rule in rules:
        column = sql.name(rule.column)
        source = f"(SELECT DISTINCT {column} FROM {view})" if rule.by_value else view
        by_source[source].append(rule)
    suspects: set[RowRule] = set()
    has_twins = False
    for source, asked in by_source.items():
        questions = [f"coalesce(bool_or({rule.gate or rule.condition}), false)" for rule in asked]
        if source == view:
            questions.append(twins)
        answers = hits.connection.execute(f"SELECT {', '.join(questions)} FROM {source}").fetchall()
        suspects |= {rule for rule, answer in zip(asked, answers[0], strict=False) if answer}
        has_twins = has_twins or (source == view and answers[0][-1])
    return suspects, has_twins


def _unless_known(rule: RowRule, table: Table, columns: tuple[str, ...], baseline: Roster) -> str:
    """For rules about new rows: leave out rows the baseline has."""
    if not rule.only_new or table.name not in baseline.tables:
        return ""
    known = baseline.columns(table.name)
    same = same_key(table, columns, cell_of("r"), known, cell_of("b"))
    return f" AND NOT EXISTS (SELECT 1 FROM {baseline.view(table.name)} b WHERE {same})"
