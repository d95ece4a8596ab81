"""Every problem rule there is, by code."""

from rosterway.formats.canvas_csv.cell_rules import CELL_RULES
from rosterway.formats.canvas_csv.known_rules import KNOWN_RULES
from rosterway.formats.canvas_csv.relation_rules import RELATION_RULES
from rosterway.formats.canvas_csv.table import Table
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.formats.file_rules import FILE_RULES
from rosterway.formats.problems import Finding, Problem, Rule, in_words

RULES: dict[str, Rule] = {
    rule.code: rule for rule in (*FILE_RULES, *CELL_RULES, *RELATION_RULES, *KNOWN_RULES)
}


def problem(finding: Finding) -> Problem:
    """The finding in words."""
    table = BY_NAME.get(finding.table or "")
    return in_words(finding, RULES[finding.code], _words(table, finding.column))


def _words(table: Table | None, column: str | None) -> dict[str, str]:
    if table is None:
        return {"statuses": "", "choices": ""}
    cell = table.by_name.get(column or "")
    return {
        "statuses": ", ".join(table.status_words),
        "choices": ", ".join(cell.values) if cell else "",
    }
