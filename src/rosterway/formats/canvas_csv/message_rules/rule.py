"""What there is to know about one message of a SIS import, as a value.

A message is written as a template, as it reads in Canvas's source:

    An enrollment listed a section ({section_id}) and a course ({course_id}) that are unrelated …

`{section_id}` captures text that is never blank, `{section_id?}` text that may be, `{_}` and
`{_?}` match without keeping, `<a|b>` is one word or the other. A capture that is named like a
column holds the cell of the row the message speaks of, so that a message without a row number
still finds its row; any other capture (`error`, `holder`, `count`) is a detail.

Canvas's wording is stable and not frozen, so a template bends: letter case, runs of blanks,
straight or curly quotes, a colon, a hyphen, a full stop at the end. A template whose effect is
`refused` also bends to a trailing ", skipping"; one that says the row was applied does not,
because those words would turn its meaning round.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from rosterway.formats.canvas_csv.tables import BY_NAME


class Effect(StrEnum):
    """What became of what the message speaks of."""

    REFUSED = "refused"  # not carried out: Canvas is as it was before
    APPLIED = "applied"  # carried out; the message is a remark
    PARTLY = "partly"  # the thing is in Canvas now, but not every value was taken
    FILE_REFUSED = "file_refused"  # no row of the file was carried out
    ALREADY_GONE = "already_gone"  # what was to be removed is not there: the removal holds
    NOT_RUN = "not_run"  # rows were carried out; the removals Canvas derives itself were not
    CRASHED = "crashed"  # Canvas failed: nothing can be said about the rows it was working on
    UNKNOWN = "unknown"  # a message we do not know


class Scope(StrEnum):
    """How much a message speaks of."""

    ROW = "row"
    FILE = "file"
    IMPORT = "import"


class Who(StrEnum):
    """Who can do something about it."""

    SENDER = "sender"  # whoever makes the files: the SIS's people
    CANVAS_ADMIN = "canvas-admin"
    OPERATOR = "operator"  # whoever runs Rosterway
    SUPPORT = "support"  # Canvas's own people


@dataclass(frozen=True, slots=True)
class MessageRule:
    """One message. `tables` is where it can appear, empty for anywhere.

    `means` and `remedy` are sentences that may use the captures. `on_resend` says that a row sent
    a second time brings this message although the first time did its work.
    """

    name: str
    tables: tuple[str, ...]
    effect: Effect
    template: str
    means: str
    remedy: str
    who: Who = Who.SENDER
    scope: Scope = Scope.ROW
    on_resend: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """What a message of this kind matches whole."""
        return compile_template(self.template, skipping=self.effect is Effect.REFUSED)


_TOKEN = re.compile(
    r"""(?P<gap>\s*)\{(?P<name>\w+)(?P<blank>\??)\}  # a capture, with the blank before it
      | <(?P<words>[^<>]*)>                          # one word or the other
      | (?P<space>\s+)
      | (?P<quote>['"])
      | (?P<mark>[,;])
      | (?P<colon>:(?=\s))
      | (?P<hyphen>-)
      | (?P<stop>\.)
      | (?P<text>[^\s'",;:.{}<>-]+|.)""",
    re.VERBOSE,
)
_QUOTES = "['\"`\u2018\u2019\u201c\u201d]"
_HYPHENS = "[-\u2010\u2011\u2013\u2014]?"


@cache  # made when first asked for: most processes that know the messages never read one
def compile_template(template: str, *, skipping: bool) -> re.Pattern[str]:
    """The pattern of a template; `skipping` lets it end in ", skipping"."""
    parts = [_token(match) for match in _TOKEN.finditer(template)]
    # Where "skipping" would turn the meaning round, a text that ends in it is not the message.
    head = "" if skipping else r"(?!.*\bskipp(?:ed|ing)\W*\Z)"
    tail = r"(?:[,;]\s+skipping[.!]?)?" if skipping else ""
    if not template.endswith(("}", ".")):
        tail += "[.!]?"  # after a capture a full stop may belong to the id
    return re.compile(head + "".join(parts) + tail, re.IGNORECASE | re.DOTALL)


def _token(match: re.Match[str]) -> str:
    if name := match["name"]:
        group = "(?:{})" if name == "_" else f"(?P<{name}>{{}})"
        if not match["blank"]:
            return (r"\s+" if match["gap"] else "") + group.format(".+?")
        if match["gap"]:
            return rf"(?:\s+{group.format('.+?')})??\s*"
        return group.format(".*?")
    if match["words"] is not None:
        return f"(?:{'|'.join(re.escape(word) for word in match['words'].split('|'))})"
    kinds = {"space": r"\s+", "quote": _QUOTES, "mark": "[,;]", "colon": ":?", "hyphen": _HYPHENS}
    for kind, pattern in (*kinds.items(), ("stop", "[.!]?")):
        if match[kind]:
            return pattern
    return re.escape(match["text"])


def refused(
    name: str,
    tables: str | tuple[str, ...],
    template: str,
    means: str,
    remedy: str,
    *,
    who: Who = Who.SENDER,
    on_resend: bool = False,
) -> MessageRule:
    """A row that was not carried out."""
    tables = (tables,) if isinstance(tables, str) else tables
    return MessageRule(
        name, tables, Effect.REFUSED, template, means, remedy, who, on_resend=on_resend
    )


def partly(
    name: str,
    tables: str | tuple[str, ...],
    template: str,
    means: str,
    remedy: str,
    *,
    who: Who = Who.SENDER,
) -> MessageRule:
    """A row that is in Canvas now, with something missing."""
    tables = (tables,) if isinstance(tables, str) else tables
    return MessageRule(name, tables, Effect.PARTLY, template, means, remedy, who)


def missing(table: str, column: str, template: str) -> MessageRule:
    """A row without a value that Canvas needs."""
    return refused(
        f"{table}-no-{column.replace('_', '-')}",
        table,
        template,
        f"A row of {table}.csv has no {column}.",
        f"Fill in {column}, or remove the row.",
    )


def improper_status(table: str, template: str) -> MessageRule:
    """A row whose status Canvas does not know."""
    words = ", ".join(BY_NAME[table].status_words)
    return refused(
        f"{table}-status",
        table,
        template,
        f"A row of {table}.csv has a status that Canvas does not know.",
        f"Use one of {words}.",
    )
