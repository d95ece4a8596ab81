"""What one row says about itself: rules made from the table's own data, and a few of its own.

A rule is SQL over one row of the table's view. `rows` asks cheap questions of all rows first and
looks for the rows only where one is answered with yes.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from rosterway.formats.canvas_csv.people import BASE_ROLES
from rosterway.formats.canvas_csv.table import Column, Kind, Need, Reading, Table
from rosterway.rostering import sql
from rosterway.rostering.dates import instant, is_iso

_DELETE = "'<delete>'"
_UNPRINTABLE = r"[\x00-\x1f\x7f\x{80}-\x{9f}]"
_EMAIL = r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*"
#: A custom role this close to one of Canvas's own is more likely a slip.
_CLOSE = 2


class Only(Enum):
    """Which rows a rule is about."""

    NEW = "new"  # those Canvas is not known to have
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class RowRule:
    """One question to a row: `condition` is true where `code` applies.

    `value` and `other` are what the finding quotes. `gate` is cheaper than the condition and true
    wherever that is. `by_value`: the condition speaks of this column alone and the column has few
    values. `only`: it applies only where the mirror has no such row, or has one.
    """

    code: str
    column: str
    condition: str
    value: str = "NULL"
    other: str = "NULL"
    only: Only | None = None
    by_value: bool = False
    gate: str = ""


def row_rules(table: Table, columns: Collection[str], *, with_nul: bool) -> list[RowRule]:
    """The rules for a table of which these columns were delivered."""
    rules: list[RowRule] = []
    for column in table.columns:
        if column.name in columns:
            rules += _cell_rules(table, column, columns, with_nul=with_nul)
        elif column.need is Need.NEW:
            rules.append(RowRule("value-missing", column.name, "true", only=Only.NEW))
    for group in table.one_of:
        empty = " AND ".join(f"{sql.name(name)} IS NULL" for name in group if name in columns)
        rules.append(
            RowRule(
                "value-missing-either",
                group[0],
                empty or "true",
                other=sql.text(" or ".join(group[1:])),
            )
        )
    rules += [rule for rule in _SPECIAL.get(table.name, ()) if _uses(rule, table, columns)]
    return rules


def status_as_read(table: Table, cell: str) -> str:
    """The status word Canvas takes a cell for, or NULL: the beginning of a word is enough."""
    words = sorted(table.status_words, key=len, reverse=True)
    if table.reading is Reading.EXACT:
        return f"CASE WHEN lower({cell}) IN {sql.texts(words)} THEN lower({cell}) END"
    cases = " ".join(
        f"WHEN starts_with(lower({cell}), {sql.text(word)}) THEN {sql.text(word)}" for word in words
    )
    return f"CASE {cases} END"


def role_as_read(cell: str) -> str:
    """The role Canvas takes a cell for: its own in any case, custom ones as they stand."""
    return (
        f"CASE WHEN lower({cell}) IN {sql.texts(BASE_ROLES)} THEN lower({cell}) "
        f"WHEN starts_with(lower({cell}), 'student') THEN 'student' ELSE {cell} END"
    )


def _uses(rule: RowRule, table: Table, columns: Collection[str]) -> bool:
    """Whether every column a special rule speaks of was delivered."""
    spoken = (column.name for column in table.columns if f'"{column.name}"' in rule.condition)
    return all(name in columns for name in spoken)


def _cell_rules(
    table: Table, column: Column, columns: Collection[str], *, with_nul: bool
) -> Iterator[RowRule]:
    cell = sql.name(column.name)
    shown = "NULL" if column.kind is Kind.SECRET else cell
    blank = f"{cell} IS NULL"
    if column.unless and column.unless in columns:
        blank += f" AND {sql.name(column.unless)} IS NULL"
    if column.need is Need.ROW:
        yield RowRule("value-missing", column.name, blank)
    elif column.need is Need.NEW:
        yield RowRule("value-missing", column.name, blank, only=Only.NEW)
    elif column.need is Need.LIVE:
        deleting = f'starts_with(lower("status"), {sql.text(table.gone or "deleted")})'
        yield RowRule("value-missing", column.name, f"{blank} AND NOT coalesce({deleting}, false)")
        yield RowRule("value-missing", column.name, f"{blank} AND {deleting}", only=Only.NEW)
    if column.kind in {Kind.ID, Kind.NAME, Kind.LOGIN, Kind.EMAIL, Kind.TEXT, Kind.ROLE}:
        longest = column.max_length
        # Bytes first: they cost nothing to count, and no text has fewer bytes than characters.
        yield RowRule(
            "value-long",
            column.name,
            f"length({cell}) > {longest}",
            shown,
            f"'{longest}'",
            gate=f"strlen({cell}) > {longest}",
        )
    if with_nul:
        yield RowRule("value-nul", column.name, f"contains({cell}, chr(0))")
    few_values = column.kind in _FEW_VALUES
    for rule in _KIND_RULES.get(column.kind, _no_rules)(table, column, cell):
        yield replace(rule, by_value=few_values)
    if not column.delete_word and column.kind is not Kind.SECRET:
        yield RowRule("delete-word", column.name, f"{cell} = {_DELETE}")


def _no_rules(_table: Table, _column: Column, _cell: str) -> Iterator[RowRule]:
    return iter(())


def _status_rules(table: Table, column: Column, cell: str) -> Iterator[RowRule]:
    read = status_as_read(table, cell)
    odd = f"{cell} NOT IN {sql.texts(table.status_words)}"
    unknown = RowRule("status-unknown", column.name, f"{odd} AND {read} IS NULL", cell)
    if column.need is Need.NEW:
        # account_importer.rb looks at the word of new accounts only, and else keeps the status
        yield replace(unknown, only=Only.NEW)
        yield replace(unknown, code="status-ignored", only=Only.KNOWN)
    else:
        yield unknown
    capital = "false"
    if table.name == "groups":
        # group_importer.rb compares `deleted` case-sensitively: "Deleted" makes it available
        capital = f"{read} = 'deleted'"
        yield RowRule("status-capital", column.name, f"{odd} AND {capital}", cell, read)
    same = f"lower({cell}) = {read}"
    yield RowRule(
        "status-case",
        column.name,
        f"{odd} AND {same} AND NOT coalesce({capital}, false)",
        cell,
        read,
    )
    yield RowRule(
        "status-inexact",
        column.name,
        f"{odd} AND NOT {same} AND NOT coalesce({capital}, false)",
        cell,
        read,
    )


def _role_rules(_table: Table, column: Column, cell: str) -> Iterator[RowRule]:
    own = f"lower({cell}) IN {sql.texts(BASE_ROLES)}"
    begins = f"starts_with(lower({cell}), 'student')"
    yield RowRule("role-inexact", column.name, f"NOT {own} AND {begins}", cell)
    distances = [
        f"WHEN levenshtein(lower({cell}), {sql.text(role)}) <= {min(_CLOSE, len(role) // 2)} "
        f"THEN {sql.text(role)}"
        for role in BASE_ROLES
    ]
    near = f"CASE {' '.join(distances)} END"
    yield RowRule(
        "role-suspicious",
        column.name,
        f"NOT {own} AND NOT {begins} AND {near} IS NOT NULL",
        cell,
        near,
    )


def _date_rules(_table: Table, column: Column, cell: str) -> Iterator[RowRule]:
    given = f"{cell} IS NOT NULL"
    if column.delete_word:
        given += f" AND {cell} <> {_DELETE}"
    yield RowRule("date-unreadable", column.name, f"{given} AND NOT {is_iso(cell)}", cell)
    yield RowRule(
        "date-impossible",
        column.name,
        f"{given} AND {is_iso(cell)} AND {instant(cell)} IS NULL",
        cell,
    )


def _choice_rules(_table: Table, column: Column, cell: str) -> Iterator[RowRule]:
    accepted = [*column.values, *(["<delete>"] if column.delete_word else [])]
    yield RowRule(
        "choice-unlisted" if column.open else "choice-unknown",
        column.name,
        f"lower({cell}) NOT IN {sql.texts(v.lower() for v in accepted)}",
        cell,
    )


def _number_rules(_table: Table, column: Column, cell: str) -> Iterator[RowRule]:
    yield RowRule("number-invalid", column.name, f"NOT regexp_full_match({cell}, '\\d+')", cell)


def _login_rules(_table: Table, column: Column, cell: str) -> Iterator[RowRule]:
    yield RowRule("login-invalid", column.name, f"regexp_matches({cell}, '{_UNPRINTABLE}')")


def _email_rules(_table: Table, column: Column, cell: str) -> Iterator[RowRule]:
    yield RowRule("email-invalid", column.name, f"NOT regexp_full_match({cell}, '{_EMAIL}')", cell)


_KIND_RULES = {
    Kind.STATUS: _status_rules,
    Kind.ROLE: _role_rules,
    Kind.DATE: _date_rules,
    Kind.CHOICE: _choice_rules,
    Kind.NUMBER: _number_rules,
    Kind.LOGIN: _login_rules,
    Kind.EMAIL: _email_rules,
}


def _reversed_dates() -> RowRule:
    start, end = instant('"start_date"'), instant('"end_date"')
    return RowRule("dates-reversed", "end_date", f"{end} < {start}", '"end_date"', '"start_date"')


_BOTH_CONTEXTS = RowRule(
    "context-both", "course_id", '"account_id" IS NOT NULL AND "course_id" IS NOT NULL'
)

#: Kinds of which a column of millions holds a handful of values.
_FEW_VALUES = {Kind.STATUS, Kind.ROLE, Kind.DATE, Kind.CHOICE}

#: Rules of one table only; each is asked if every column it speaks of was delivered.
_SPECIAL: dict[str, tuple[RowRule, ...]] = {
    "courses": (_reversed_dates(),),
    "enrollments": (
        RowRule("dates-half", "start_date", '"start_date" IS NOT NULL AND "end_date" IS NULL'),
        RowRule("dates-half", "end_date", '"end_date" IS NOT NULL AND "start_date" IS NULL'),
    ),
    "user_observers": (
        RowRule("observes-self", "student_id", '"observer_id" = "student_id"', '"observer_id"'),
    ),
    "group_categories": (_BOTH_CONTEXTS,),
    "groups": (_BOTH_CONTEXTS,),
}
