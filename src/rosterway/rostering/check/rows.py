"""Ask every row its rules: cheap questions of all rows first, the rows themselves only on a yes."""

from collections import defaultdict

from rosterway.rostering import sql
from rosterway.rostering.check.hits import Hits
from rosterway.rostering.check.known import Case
from rosterway.rostering.check.row_rules import Only, RowRule, row_rules
from rosterway.rostering.keys import cell_of, same_key


def check_rows(case: Case, *, with_nul: bool, twins: str) -> bool:
    """Find what single rows of a staged table have wrong.

    Returns the answer to `twins`, a question to all rows that is asked while they are read anyway.
    """
    rules = row_rules(case.table, case.columns, with_nul=with_nul)
    view = sql.name(case.hits.staged.view(case.table.name))
    suspects, has_twins = _suspects(case.hits, rules, view, twins)
    for rule in rules:
        if rule in suspects:
            rows = (
                f"SELECT _file, _row, {rule.value} AS val, {rule.other} AS other "
                f"FROM {view} AS r WHERE ({rule.condition})"
            )
            case.find(rule.code, rule.column, rows + _by_mirror(rule, case))
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


def _by_mirror(rule: RowRule, case: Case) -> str:
    """For rules about rows that are new, or not: leave out those the mirror has, or has not."""
    if rule.only is None:
        return ""
    name = case.table.name
    if name not in case.mirror.tables:
        return "" if rule.only is Only.NEW else " AND false"
    known = case.mirror.columns(name)
    same = same_key(case.table, case.columns, cell_of("r"), known, cell_of("b"))
    word = "NOT EXISTS" if rule.only is Only.NEW else "EXISTS"
    return f" AND {word} (SELECT 1 FROM {case.mirror.view(name)} b WHERE {same})"
