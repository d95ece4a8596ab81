"""What became of every row that was sent: Canvas's messages joined back to the rows they speak of.

A row is `applied` when its import is finished and no message says otherwise. `refused` rows keep
what Canvas had before. Where a message is not understood, or cannot be joined to a row, or Canvas
crashed, or counts fewer rows than it should, all rows of that table in that import are
`unconfirmed`: they are sent again, which is safe. (`safety.md`, "What confirmed means")
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import duckdb

from rosterway.formats.canvas_csv.messages import Classified, Effect, Scope, classify
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.rostering import sql

#: Refusals that say something the row names is not in Canvas: a removal of it then holds.
_NOT_THERE = frozenset(
    {
        "admins-user-unknown",
        "enrollments-associated-unknown",
        "enrollments-course-unknown",
        "enrollments-nowhere",
        "enrollments-section-unknown",
        "enrollments-user-unknown",
        "groups_membership-group-unknown",
        "groups_membership-user-unknown",
        "sections-course-unknown",
        "user_observers-observer-unknown",
        "user_observers-student-unknown",
        "xlists-section-unknown",
    }
)


#: Rows that are in Canvas though it does not count them (`people`: it saves before it looks).
_UNCOUNTED = frozenset({"users-email-invalid", "users-email-not-saved", "users-email-claimed"})


class RowOutcome(StrEnum):
    """What became of one row."""

    APPLIED = "applied"
    PARTLY = "partly"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of Canvas's: `row` counts from 1, the header included; None if unknown."""

    file: str
    row: int | None
    text: str


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file of an import: its rows in order lie in `manifest` (Parquet; see `imports`)."""

    name: str
    table: str
    rows: int
    manifest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentImport:
    """One import as it ended.

    `finished`: Canvas went through all rows, so silence means success. `complete`: all messages
    were read. `counts` are Canvas's, by `Table.count`. An import that was never sent has
    `sent=False`.
    """

    ordinal: int
    files: Sequence[SentFile]
    sent: bool = True
    finished: bool = True
    complete: bool = True
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    messages: Sequence[Message] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedMessage:
    """A message, understood and joined: `row` is the delivery's own line, if it has one."""

    file: str | None
    row: int | None
    ident: str | None
    table: str | None
    message: str
    effect: str
    means: str
    remedy: str

    def as_dict(self) -> dict[str, object]:
        """As the receipt's JSON has it."""
        return {
            "file": self.file,
            "row": self.row,
            "message": self.message,
            "effect": self.effect,
            "table": self.table,
            "means": self.means,
            "remedy": self.remedy,
        }


def judge_imports(
    connection: duckdb.DuckDBPyConnection,
    imports: Iterable[SentImport],
    *,
    resent: Callable[[str, str], bool] = lambda _table, _ident: False,
) -> list[JoinedMessage]:
    """Make the table `outcomes` (tbl, ident, outcome, reason) of all rows of a plan.

    `resent(table, ident)` says that the row was unconfirmed before: a message that it is done
    already then confirms it.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE outcomes "
        "(tbl VARCHAR, ident VARCHAR, outcome VARCHAR, reason VARCHAR)"
    )
    joined: list[JoinedMessage] = []
    for one in imports:
        joined += _judge(connection, one, resent)
    return joined


def outcome_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many rows had each outcome."""
    counts = {outcome.value: 0 for outcome in RowOutcome}
    counts |= dict(
        connection.execute("SELECT outcome, count(*) FROM outcomes GROUP BY outcome").fetchall()
    )
    return counts


def _judge(
    connection: duckdb.DuckDBPyConnection,
    one: SentImport,
    resent: Callable[[str, str], bool],
) -> list[JoinedMessage]:
    whole: dict[str, tuple[RowOutcome, str]] = {}
    for file in one.files:
        if not one.sent:
            whole[file.name] = (RowOutcome.UNSENT, "an import before it did not succeed")
        elif not one.finished:
            whole[file.name] = (RowOutcome.UNCONFIRMED, "Canvas did not finish the import")
        elif not one.complete:
            whole[file.name] = (RowOutcome.UNCONFIRMED, "not all messages could be read")
    rows: dict[str, dict[str, tuple[RowOutcome, str]]] = {file.name: {} for file in one.files}
    uncounted: dict[str, set[str]] = {file.name: set() for file in one.files}
    joined: list[JoinedMessage] = []
    for message in one.messages:
        joined += _judge_message(connection, one, message, whole, rows, uncounted, resent)
    for file in one.files:
        if file.name not in whole:
            short = _shortfall(one, file, len(uncounted[file.name]))
            if short:
                whole[file.name] = (
                    RowOutcome.UNCONFIRMED,
                    f"Canvas counts {short:,} rows fewer than it should, without a message",
                )
        _record(connection, file, whole.get(file.name), rows[file.name])
    return joined


def _judge_message(
    connection: duckdb.DuckDBPyConnection,
    one: SentImport,
    message: Message,
    whole: dict[str, tuple[RowOutcome, str]],
    rows: dict[str, dict[str, tuple[RowOutcome, str]]],
    uncounted: dict[str, set[str]],
    resent: Callable[[str, str], bool],
) -> list[JoinedMessage]:
    file = next((file for file in one.files if file.name == message.file), None)
    said = classify(message.text, table=file.table if file else None)
    concerned = [file] if file else list(one.files)
    places = _places(connection, file, message, said) if file else []
    for victim in concerned:
        verdict = _whole_verdict(said, found=bool(places))
        if verdict is not None:
            known = whole.get(victim.name)
            if known is None or known[0] is not RowOutcome.REFUSED:
                whole[victim.name] = (verdict, message.text)
    if file is not None:
        for ident, _, _, removes in places:
            outcome = _row_outcome(said, again=resent(file.table, ident), removes=removes)
            if not _is_counted(said):
                uncounted[file.name].add(ident)
            worst = rows[file.name].get(ident)
            if worst is None or worst[0] is not RowOutcome.REFUSED:
                rows[file.name][ident] = (outcome, message.text)
    return [
        JoinedMessage(
            file=source,
            row=line,
            ident=ident,
            table=file.table if file else None,
            message=message.text,
            effect=said.effect.value,
            means=said.means,
            remedy=said.remedy,
        )
        for ident, source, line, _ in (places or [(None, None, None, False)])
    ]


def _whole_verdict(said: Classified, *, found: bool) -> RowOutcome | None:
    """What a message means for all rows of its file, or None if only for its own."""
    match said.effect:
        case Effect.FILE_REFUSED:
            return RowOutcome.REFUSED
        case Effect.CRASHED | Effect.UNKNOWN:
            return RowOutcome.UNCONFIRMED
        case Effect.REFUSED:
            by_row = said.rule is not None and said.rule.scope is Scope.ROW
            return None if found and by_row else RowOutcome.UNCONFIRMED
        case _:
            return None


def _row_outcome(said: Classified, *, again: bool, removes: bool) -> RowOutcome:
    match said.effect:
        case Effect.REFUSED:
            assert said.rule is not None
            done = again and said.rule.on_resend
            is_gone = removes and said.rule.name in _NOT_THERE
            return RowOutcome.APPLIED if done or is_gone else RowOutcome.REFUSED
        case Effect.PARTLY:
            return RowOutcome.PARTLY
        case _:
            return RowOutcome.APPLIED


def _places(
    connection: duckdb.DuckDBPyConnection, file: SentFile, message: Message, said: Classified
) -> list[tuple[str, str | None, int | None, bool]]:
    """The rows a message speaks of: ident, the delivery's file, its line, whether it deletes."""
    manifest = f"read_parquet({sql.text(file.manifest)}, file_row_number = true)"
    columns = {
        name for (name, *_) in connection.execute(f"DESCRIBE SELECT * FROM {manifest}").fetchall()
    }
    keys = {name: value for name, value in said.keys.items() if name in columns}
    removes = "coalesce(status = 'deleted', false)" if "status" in columns else "false"
    found = f"SELECT ident, file, line, {removes} FROM {manifest} WHERE "
    if message.row is not None and message.row >= 2:
        # A row number that points at another row than the message speaks of is not believed.
        agrees = "".join(
            f" AND coalesce(lower({sql.name(name)}) = lower(?), true)" for name in keys
        )
        places = connection.execute(
            f"{found} file_row_number = ?{agrees}", [message.row - 2, *keys.values()]
        ).fetchall()
        if places:
            return places
    # Only a message that quotes the key speaks of a row; others would join every row alike.
    if not {column for part in BY_NAME[file.table].key for column in part.columns} & keys.keys():
        return []
    where = " AND ".join(f"{sql.name(name)} = ?" for name in keys)
    return connection.execute(
        f"{found} {where} ORDER BY file_row_number", list(keys.values())
    ).fetchall()


def _is_counted(said: Classified) -> bool:
    """Whether Canvas counts a row of which it says this: what it did not carry out it does not."""
    if said.rule is not None and said.rule.name in _UNCOUNTED:
        return False
    return said.effect not in {Effect.REFUSED, Effect.ALREADY_GONE}


def _shortfall(one: SentImport, file: SentFile, uncounted: int) -> int:
    """How many rows Canvas neither counts nor explains."""
    count = one.counts.get(BY_NAME[file.table].count)
    return 0 if count is None else max(0, file.rows - uncounted - count)


def _record(
    connection: duckdb.DuckDBPyConnection,
    file: SentFile,
    whole: tuple[RowOutcome, str] | None,
    rows: Mapping[str, tuple[RowOutcome, str]],
) -> None:
    outcome, reason = whole or (RowOutcome.APPLIED, None)
    connection.execute(
        f"INSERT INTO outcomes SELECT {sql.text(file.table)}, ident, ?, ? "
        f"FROM read_parquet({sql.text(file.manifest)})",
        [outcome.value, reason],
    )
    if not rows or (whole and whole[0] is RowOutcome.REFUSED):
        return
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE told (ident VARCHAR, outcome VARCHAR, reason VARCHAR)"
    )
    connection.executemany(
        "INSERT INTO told VALUES (?, ?, ?)",
        [(ident, verdict.value, text) for ident, (verdict, text) in rows.items()],
    )
    connection.execute(
        "UPDATE outcomes AS o SET outcome = t.outcome, reason = t.reason FROM told t "
        f"WHERE o.tbl = {sql.text(file.table)} AND o.ident = t.ident"
        + (" AND t.outcome = 'refused'" if whole else "")
    )
