"""How a Canvas cell comes about, as data: the SQL that fills it, what it reads, why.

A `Cell` has rules in order of precedence: the first whose condition holds fills it, and which one
did can be asked of every row. The reference page is written from the same values.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from rosterway.rostering import sql
from rosterway.rostering.translate.policy import TranslationPolicy

#: SQL over the names of a base's columns, or what makes it of a policy.
Expression = str | Callable[[TranslationPolicy], str]
Chosen = Callable[[TranslationPolicy], bool]
Reads = tuple[str, ...] | Callable[[TranslationPolicy], tuple[str, ...]]


def _always(_policy: TranslationPolicy) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """One way a cell is filled.

    `says` is a sentence for people; `reads` the base's columns people are shown; `when` the
    condition of a row, `chosen` that of the policy and `choice` the same in words.
    """

    name: str
    says: str
    value: Expression
    reads: Reads = ()
    when: Expression = "true"
    chosen: Chosen = _always
    choice: str = ""

    def sources(self, policy: TranslationPolicy) -> tuple[str, ...]:
        """The columns it reads under a policy."""
        return self.reads(policy) if callable(self.reads) else self.reads


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a Canvas table and the rules that may fill it."""

    column: str
    rules: tuple[Rule, ...]

    def in_force(self, policy: TranslationPolicy) -> tuple[Rule, ...]:
        """The rules a policy chooses; none: the column is not sent."""
        return tuple(rule for rule in self.rules if rule.chosen(policy))

    def value(self, policy: TranslationPolicy) -> str:
        """SQL of the cell."""
        return self._cases(policy, lambda rule: _sql(rule.value, policy))

    def rule(self, policy: TranslationPolicy) -> str:
        """SQL of the name of the rule that fills the cell."""
        return self._cases(policy, lambda rule: sql.text(rule.name))

    def _cases(self, policy: TranslationPolicy, of: Callable[[Rule], str]) -> str:
        rules = self.in_force(policy)
        conditions = [_sql(rule.when, policy) for rule in rules]
        if conditions[0] == "true":
            return of(rules[0])
        whens = " ".join(
            f"WHEN {condition} THEN {of(rule)}"
            for condition, rule in zip(conditions, rules, strict=True)
        )
        return f"CASE {whens} END"


def _sql(expression: Expression, policy: TranslationPolicy) -> str:
    return expression if isinstance(expression, str) else expression(policy)


@dataclass(frozen=True, slots=True)
class CanvasTable:
    """One Canvas table: its cells over a `base`.

    `made_of` are the staged tables without which nothing can be said of it; `key` orders the rows;
    `records` are the columns of the base that hold the sourcedIds a row is made
    of (one, or several with commas between), `comes_from` what they are; `needed` says whether a
    policy wants the table at all.
    """

    name: str
    comes_from: str
    made_of: tuple[str, ...]
    base: Expression
    cells: tuple[Cell, ...]
    key: tuple[str, ...]
    records: tuple[str, ...]
    needed: Chosen = _always
    order: str = ""
    by_column: Mapping[str, Cell] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_column", {cell.column: cell for cell in self.cells})

    def header(self, policy: TranslationPolicy) -> tuple[str, ...]:
        """The columns sent under a policy."""
        return tuple(cell.column for cell in self.cells if cell.in_force(policy))

    def source(self, policy: TranslationPolicy) -> str:
        """The query for what its cells are made of."""
        return _sql(self.base, policy)

    def rows(self, policy: TranslationPolicy) -> str:
        """A query for the rows, in a stable order."""
        cells = (
            f"{cell.value(policy)} AS {sql.name(cell.column)}"
            for cell in self.cells
            if cell.in_force(policy)
        )
        order = self.order or _names(self.key)
        return f"SELECT {', '.join(cells)} FROM ({_sql(self.base, policy)}) ORDER BY {order}"

    def told(self, policy: TranslationPolicy, record: str) -> str:
        """A query for the rows made of a record: for each cell its value, its rule and what that
        read, as `{"column": …, "value": …, "rule": …}` and the base's columns under their names.
        """
        parts: list[str] = []
        for cell in self.cells:
            rules = cell.in_force(policy)
            if not rules:
                continue
            reads = dict.fromkeys(name for rule in rules for name in rule.sources(policy))
            read = ", ".join(f"{sql.text(name)}, {sql.name(name)}::VARCHAR" for name in reads)
            parts.append(
                f"json_object('column', {sql.text(cell.column)}, "
                f"'value', ({cell.value(policy)})::VARCHAR, 'rule', {cell.rule(policy)}, "
                f"'read', json_object({read}))"
            )
        of = " OR ".join(
            f"list_contains(string_split({sql.name(name)}, ', '), {sql.text(record)})"
            for name in self.records
        )
        order = _names(self.key)
        return (
            f"SELECT json_array({', '.join(parts)})::VARCHAR FROM ({_sql(self.base, policy)}) "
            f"WHERE {of} ORDER BY {order}"
        )


def _names(columns: Iterable[str]) -> str:
    return ", ".join(sql.name(column) for column in columns)


def begins(day: str) -> Callable[[TranslationPolicy], str]:
    """The first moment of a day, as Canvas is told it."""
    return lambda policy: _moment(f"{day}::TIMESTAMP", policy)


def ends(after: str) -> Callable[[TranslationPolicy], str]:
    """The last second before a day: OneRoster's end dates are excluded, Canvas's are not."""
    return lambda policy: _moment(f"({after}::TIMESTAMP - INTERVAL 1 SECOND)", policy)


def _moment(local: str, policy: TranslationPolicy) -> str:
    zone = policy.dates.time_zone.key
    utc = local if zone == "UTC" else f"({local} AT TIME ZONE {sql.text(zone)} AT TIME ZONE 'UTC')"
    return f"strftime({utc}, '%Y-%m-%dT%H:%M:%SZ')"
