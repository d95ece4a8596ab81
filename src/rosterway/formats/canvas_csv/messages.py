"""What a message of a SIS import means for the row it speaks of.

Guarantees: a text that is not known word by word is `unknown`, never `applied`; what a message
quotes of its row is handed back under the names of the row's columns, so that a message without a
row number can be joined to its row. The messages themselves are in `message_rules`.

Leaves to others: finding the row, and what an effect does to the baseline (`safety.md`, "What
confirmed means").
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter
from types import MappingProxyType
from typing import Any

from rosterway.formats.canvas_csv.message_rules import (
    enrollments,
    families,
    files,
    groups,
    orders,
    people,
    structure,
)
from rosterway.formats.canvas_csv.message_rules.rule import Effect, MessageRule, Scope, Who
from rosterway.formats.canvas_csv.tables import TABLES

__all__ = ["RULES", "Classified", "Effect", "MessageRule", "Scope", "Who", "classify"]

#: Every known message. The first that matches wins, so the narrower stand first.
RULES: tuple[MessageRule, ...] = (
    *files.RULES,
    *structure.RULES,
    *people.RULES,
    *enrollments.RULES,
    *groups.RULES,
    *orders.RULES,
    *families.RULES,
)

#: Captures that hold a cell of the row; all others are details.
_COLUMNS = frozenset(column.name for table in TABLES for column in table.columns)

#: Canvas quotes a few cells of at most 255 characters. A text beyond this is none of its messages,
#: and would take patterns with several captures long to give up on.
_LONGEST = 2_000


def _by_table() -> Mapping[str, tuple[MessageRule, ...]]:
    found: defaultdict[str, list[MessageRule]] = defaultdict(list)
    for rule in RULES:
        for table in rule.tables or [table.name for table in TABLES]:
            found[table].append(rule)
    return {table: tuple(rules) for table, rules in found.items()}


_RULES_OF = _by_table()
_ANYWHERE = tuple(rule for rule in RULES if not rule.tables)
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Classified:
    """One message, understood.

    `keys` maps columns to the cells the message quotes, blank ones left out; `details` holds the
    rest (`error`, `holder`, `count`, …). `rule` is None for a text we do not know.
    """

    text: str
    effect: Effect
    keys: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    details: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    rule: MessageRule | None = None

    @property
    def means(self) -> str:
        """What happened, in a sentence."""
        if self.rule is None:
            return "Canvas said something that Rosterway does not know."
        return self._filled(self.rule.means)

    @property
    def remedy(self) -> str:
        """What to do, in a sentence."""
        if self.rule is None:
            return "Read Canvas's own message; what it speaks of is checked again by itself."
        return self._filled(self.rule.remedy)

    def _filled(self, sentence: str) -> str:
        return _FORMATTER.vformat(sentence, (), {**self.keys, **self.details})


class _Gaps(Formatter):
    """Fills a sentence; a blank cell reads "(blank)"."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> str:
        del args
        return kwargs.get(str(key), "(blank)")


_FORMATTER = _Gaps()


def classify(text: str, *, table: str | None) -> Classified:
    """What `text` means, said of a file of `table` (None: which table is not known).

    A message that belongs to another table than the one given is not taken for itself: what it
    would mean there is not known.
    """
    trimmed = text.strip()
    if len(trimmed) > _LONGEST:
        return Classified(text, Effect.UNKNOWN)
    rules = RULES if table is None else _RULES_OF.get(table, _ANYWHERE)
    for rule in rules:
        if match := rule.pattern.fullmatch(trimmed):
            said = {name: value for name, value in match.groupdict().items() if value}
            keys = {name: value for name, value in said.items() if name in _COLUMNS}
            details = {name: value for name, value in said.items() if name not in _COLUMNS}
            return Classified(text, rule.effect, keys, details, rule)
    return Classified(text, Effect.UNKNOWN)
