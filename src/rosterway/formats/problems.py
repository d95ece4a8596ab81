"""Problems: what is wrong with supplied data, as values.

A `Rule` is a row of the catalogue: it knows severity, words and remedy. A `Problem` is one finding:
a rule, a place and a value. Millions of findings may exist, so they are kept as facts
(`Finding`) and put into words only when somebody reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

#: A cell of any length may be wrong; a problem quotes no more of it than this.
LONGEST_VALUE = 200


class Severity(StrEnum):
    """What Canvas would make of it.

    error: Canvas would refuse the row or file.
    warning: Canvas would accept it and lose, clear or change something, or it looks suspicious,
    or the row depends on a refused one and is held back.
    repair: changed by us, without loss.
    """

    ERROR = "error"
    WARNING = "warning"
    REPAIR = "repair"


class Consequence(StrEnum):
    """What becomes of the row or file."""

    FILE_REFUSED = "file refused"
    ROW_REFUSED = "row refused"
    ROW_HELD = "row held back"
    VALUE_KEPT = "value left as it is"
    VALUE_LOST = "value lost"
    REPAIRED = "repaired"
    NONE = "none"


class InCanvas(StrEnum):
    """What Canvas itself would do with it, had it been sent as it came."""

    FILE_REFUSED = "file-refused"
    FILE_IGNORED = "file-ignored"
    FILE_MISTAKEN = "file-mistaken"  # taken for another table
    ROW_SKIPPED = "row-skipped"
    FIELD_CLEARED = "field-cleared"
    FIELD_IGNORED = "field-ignored"
    FIELD_CHANGED = "field-changed"  # stored or read as something else than was written
    MORE_CHANGED = "more-changed"  # applied, and something follows that the row does not say
    APPLIED = "applied"


#: The same for people.
IN_CANVAS_WORDS: Mapping[InCanvas, str] = {
    InCanvas.FILE_REFUSED: "the whole file is refused",
    InCanvas.FILE_IGNORED: "the file is ignored",
    InCanvas.FILE_MISTAKEN: "the file is taken for another table",
    InCanvas.ROW_SKIPPED: "the row is skipped",
    InCanvas.FIELD_CLEARED: "the value is cleared",
    InCanvas.FIELD_IGNORED: "the value is ignored",
    InCanvas.FIELD_CHANGED: "another value than the one written counts",
    InCanvas.MORE_CHANGED: "more changes than the row says",
    InCanvas.APPLIED: "the row is applied",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the catalogue of problems.

    `message` and `remedy` are templates over `Finding`'s fields and the words its table adds.
    `source` names the fact behind the rule. `canvas` is what Canvas itself would do, `silent` that
    it would do so without a message; None where a problem is found before there is a Canvas file.
    """

    code: str
    severity: Severity
    consequence: Consequence
    message: str
    remedy: str
    source: str = ""
    canvas: InCanvas | None = None
    silent: bool = False

    @property
    def canvas_words(self) -> str:
        """What Canvas itself would do, in words; blank where it never sees it."""
        if self.canvas is None:
            return ""
        return IN_CANVAS_WORDS[self.canvas] + (", without a message" if self.silent else "")

    @property
    def stops_row(self) -> bool:
        """Whether a row with this finding is neither applied nor counted as vanished."""
        return self.consequence in {Consequence.ROW_REFUSED, Consequence.ROW_HELD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The facts of one problem: `row` is the physical line where the record starts, header = 1."""

    code: str
    table: str | None = None
    file: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem in words, in the shape every door gives it."""

    severity: Severity
    code: str
    table: str | None
    file: str | None
    row: int | None
    column: str | None
    value: str | None
    message: str
    remedy: str
    canvas: InCanvas | None = None
    silent: bool = False

    def as_dict(self) -> dict[str, str | int | None]:
        """The problem as the command line's JSON has it."""
        return {
            "severity": self.severity.value,
            "code": self.code,
            "table": self.table,
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "message": self.message,
            "remedy": self.remedy,
            "canvas": self.canvas.value if self.canvas else None,
            "silent": self.silent,
        }


def shortened(value: str) -> str:
    """The value, or its beginning and its length where it is too long to be read."""
    if len(value) <= LONGEST_VALUE:
        return value
    return f"{value[:LONGEST_VALUE]}… ({len(value):,} characters)"


def in_words(finding: Finding, rule: Rule, words: Mapping[str, str]) -> Problem:
    """Put a finding into words; `words` are what the table adds (allowed statuses, limits)."""
    facts = {
        "table": finding.table or "",
        "file": finding.file or "",
        "row": "" if finding.row is None else f"{finding.row:,}",
        "column": finding.column or "",
        "value": finding.value or "",
        "other": finding.other or "",
        **words,
    }
    return Problem(
        severity=rule.severity,
        code=rule.code,
        table=finding.table,
        file=finding.file,
        row=finding.row,
        column=finding.column,
        value=finding.value,
        message=rule.message.format_map(facts),
        remedy=rule.remedy.format_map(facts),
        canvas=rule.canvas,
        silent=rule.silent,
    )
