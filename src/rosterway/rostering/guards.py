"""Guards: the rules that make a plan wait for a person (`safety.md`, "Limits").

**Rules.** A guard reads counts and never changes a plan. Small tables are not exempt: a limit is an
allowance that must be exceeded both as a count and as a share. A guard that is switched off is not
asked, and the plan says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rosterway.formats.canvas_csv.called import called, counted_rows
from rosterway.rostering.compare import Compared
from rosterway.rostering.drift import Drift, Headers, missing_columns
from rosterway.rostering.holds import Hold, fold
from rosterway.rostering.limits import Guard, Limits, exact_share
from rosterway.rostering.tally import TableTally, Tally, Where
from rosterway.rostering.twins import Twin


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the guards must know beside the counts.

    `after` says why this run needs care (a pause, a rollover, a changed policy), `unproven` why a
    pull is not complete, `headers` which columns always came (`drift.missing_columns`).
    """

    has_baseline: bool
    absence_counts: bool
    first_load_intended: bool = False
    after: str | None = None
    unproven: str | None = None
    school_names: Mapping[str, str] = field(default_factory=dict[str, str])
    parents: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    headers: Headers | None = None


@dataclass(frozen=True, slots=True)
class Losses:
    """Removals as the guards see them: tallies by table, and rows going while still listed.

    Beside them what is told apart from removals only by looking twice: twins and drifts.
    """

    tallies: Mapping[str, TableTally]
    listed: Mapping[tuple[str, str], int]  #: (table, cause) -> rows the delivery still lists
    twins: Sequence[Twin] = ()
    drifts: Sequence[Drift] = ()

    def removals(self, table: str) -> int:
        """Removals of a table, net of moves."""
        counts = self.tallies.get(table)
        return counts.wide.get(Where(), Tally()).removed if counts else 0

    @property
    def any(self) -> bool:
        """Whether the plan removes anything at all."""
        return any(self.removals(table) for table in self.tallies)


def ask_guards(
    compared: Mapping[str, Compared], losses: Losses, limits: Limits, facts: Circumstances
) -> list[Hold]:
    """Every reason for the plan to wait, one for each cause, the widest first."""
    holds = [
        hold
        for ask in (
            _first_load,
            _tables,
            _removals,
            _classes,
            _twins,
            _listed,
            _new_users,
            _drifts,
            _headers,
            _after,
        )
        for hold in ask(compared, losses, limits, facts)
        if limits.is_on(hold.guard)
    ]
    return fold(
        holds,
        facts.parents,
        {name: counts.wide for name, counts in losses.tallies.items()},
    )


def _first_load(
    compared: Mapping[str, Compared], losses: Losses, _limits: Limits, facts: Circumstances
) -> Iterator[Hold]:
    if facts.has_baseline:
        return
    rows = sum(table.rows for table in compared.values())
    if rows and not facts.first_load_intended:
        yield Hold(
            guard=Guard.FIRST_LOAD,
            table=None,
            count=rows,
            of=rows,
            message=f"This is the first load: {rows:,} rows would go to Canvas for the first time.",
        )
    for name in compared:
        count = losses.removals(name)
        if count:
            yield Hold(
                guard=Guard.NO_BASELINE,
                table=name,
                count=count,
                of=compared[name].rows,
                message=(
                    f"{counted_rows(count, name)} would lose access, and nothing is known yet of "
                    "what Canvas has."
                ),
            )


def _tables(
    compared: Mapping[str, Compared], _losses: Losses, _limits: Limits, facts: Circumstances
) -> Iterator[Hold]:
    for name, table in compared.items():
        if not table.rows_before:
            continue
        known = f"the baseline has {counted_rows(table.rows_before, name)}"
        if table.unsure == "missing" and facts.absence_counts:
            yield Hold(
                guard=Guard.MISSING_TABLE,
                table=name,
                count=table.rows_before,
                of=table.rows_before,
                message=(
                    f"There is no file of {called(name)} in this delivery, and {known}. "
                    "None is removed."
                ),
            )
        elif table.unsure == "zero-bytes":
            yield Hold(
                guard=Guard.EMPTIED,
                table=name,
                count=table.rows_before,
                of=table.rows_before,
                message=f"The file of {called(name)} has no bytes, and {known}. None is removed.",
            )
        elif table.unsure is None and facts.absence_counts and not table.rows and table.vanished:
            yield Hold(
                guard=Guard.EMPTIED,
                table=name,
                count=table.vanished,
                of=table.rows_before,
                message=(
                    f"The file of {called(name)} came with a header and no rows, and {known}. "
                    "Approving removes them."
                ),
            )
    if facts.unproven is not None:
        yield Hold(
            guard=Guard.UNPROVEN_PULL,
            table=None,
            message=f"The pull is not proven complete ({facts.unproven}). Nothing is removed.",
        )


def _removals(
    compared: Mapping[str, Compared], losses: Losses, limits: Limits, facts: Circumstances
) -> Iterator[Hold]:
    for name, counts in losses.tallies.items():
        if not facts.has_baseline:
            continue  # then every removal holds as no-baseline
        for where, tally in counts.wide.items():
            limit = limits.at(name, where.names, tally.live)
            if limit.is_exceeded(tally.removed, tally.live):
                allowed = limit.allowance(tally.live)
                yield Hold(
                    guard=Guard.REMOVALS,
                    table=name,
                    where=where,
                    count=tally.removed,
                    of=tally.live,
                    limit=limit.as_dict(),
                    message=(
                        f"{_would_lose(where, facts)} {tally.removed:,} of "
                        f"{counted_rows(tally.live, name)}; the limit is {allowed:,}."
                    ),
                )
            elif tally.live >= limits.to_none and tally.remaining <= 0:
                yield Hold(
                    guard=Guard.TO_NONE,
                    table=name,
                    where=where,
                    count=tally.left,
                    of=tally.live,
                    limit={"count": limits.to_none},
                    message=f"{_would_lose(where, facts)} all {counted_rows(tally.live, name)}.",
                )
    del compared


def _classes(
    _compared: Mapping[str, Compared], losses: Losses, limits: Limits, facts: Circumstances
) -> Iterator[Hold]:
    counts = losses.tallies.get("enrollments")
    if counts is None or not facts.has_baseline:
        return
    for where, tally in counts.classes.items():
        is_emptied = tally.live >= limits.to_none and tally.removed >= tally.live
        share = exact_share(limits.class_share, tally.live)
        is_halved = tally.live >= limits.class_size and tally.removed >= share
        if is_emptied or is_halved:
            lost = "all" if is_emptied else f"{tally.removed:,} of"
            yield Hold(
                guard=Guard.CLASS,
                table="enrollments",
                where=where,
                count=tally.removed,
                of=tally.live,
                limit={
                    "to_none": limits.to_none,
                    "count": limits.class_size,
                    "share": limits.class_share,
                },
                message=f"Class {where.as_dict()['class']} would lose {lost} its {tally.live:,} people.",
            )


def _twins(
    _compared: Mapping[str, Compared], losses: Losses, limits: Limits, _facts: Circumstances
) -> Iterator[Hold]:
    for twin in losses.twins:
        gone, new = (where.as_dict()["class"] for where in (twin.where, Where(klass=twin.appears)))
        yield Hold(
            guard=Guard.TWIN_CLASS,
            table="enrollments",
            where=twin.where,
            count=twin.shared,
            of=twin.people,
            limit=limits.twin_class.as_dict(),
            message=(
                f"Class {gone} vanished, and class {new} appeared with {twin.shared:,} of its "
                f"{twin.people:,} people. Was its id changed?"
            ),
        )


def _drifts(
    _compared: Mapping[str, Compared], losses: Losses, limits: Limits, facts: Circumstances
) -> Iterator[Hold]:
    if not facts.has_baseline:
        return
    for drift in losses.drifts:
        allowed = limits.drift.allowance(drift.of)
        yield Hold(
            guard=Guard.KEY_DRIFT,
            table=drift.table,
            count=drift.changed,
            of=drift.of,
            limit=limits.drift.as_dict(),
            message=(
                f"{drift.column} changes in {drift.changed:,} of "
                f"{counted_rows(drift.of, drift.table)}; the limit is {allowed:,}."
            ),
        )


def _headers(
    compared: Mapping[str, Compared], _losses: Losses, _limits: Limits, facts: Circumstances
) -> Iterator[Hold]:
    for name, table in compared.items():
        gone = missing_columns(table, facts.headers)
        if gone:
            yield Hold(
                guard=Guard.HEADER_DRIFT,
                table=name,
                count=len(gone),
                of=len(table.before),
                message=(
                    f"The file of {called(name)} always had {_columns(gone)}, and it is gone."
                    if len(gone) == 1
                    else f"The file of {called(name)} always had {_columns(gone)}, and they are gone."
                ),
            )


def _listed(
    _compared: Mapping[str, Compared], losses: Losses, _limits: Limits, _facts: Circumstances
) -> Iterator[Hold]:
    """Something is deleted under people who are to stay in it: always a contradiction.

    They stay because this delivery lists them, or because another feed put them there.
    """
    for (table, cause), count in losses.listed.items():
        kind, _, ident = cause.partition(" ")
        if kind in {"section", "course", "user"}:
            yield Hold(
                guard=Guard.REMOVALS,
                table=f"{kind}s",
                where=Where(klass=ident) if kind == "section" else Where(),
                count=count,
                of=count,
                message=(
                    f"Deleting {cause} would take {counted_rows(count, table)} along that this "
                    "delivery or another feed still lists."
                ),
            )


def _new_users(
    compared: Mapping[str, Compared], _losses: Losses, limits: Limits, facts: Circumstances
) -> Iterator[Hold]:
    users = compared.get("users")
    if not facts.has_baseline or users is None or not users.rows_before:
        return
    if limits.new_users.is_exceeded(users.created, users.rows_before):
        allowed = limits.new_users.allowance(users.rows_before)
        yield Hold(
            guard=Guard.NEW_USERS,
            table="users",
            count=users.created,
            of=users.rows_before,
            limit=limits.new_users.as_dict(),
            message=(
                f"{users.created:,} users are new beside {users.rows_before:,} known ones; the "
                f"limit is {allowed:,}. Were their ids changed?"
            ),
        )


def _after(
    _compared: Mapping[str, Compared], losses: Losses, _limits: Limits, facts: Circumstances
) -> Iterator[Hold]:
    if facts.after is not None and losses.any:
        count = sum(losses.removals(table) for table in losses.tallies)
        yield Hold(
            guard=Guard.AFTER_PAUSE,
            table=None,
            count=count,
            of=count,
            message=f"This is the first run after {facts.after}, and it would remove {count:,} rows.",
        )


def _columns(names: Sequence[str]) -> str:
    return f"the column{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _would_lose(where: Where, facts: Circumstances) -> str:
    """The beginning of a sentence that says what a scope loses."""
    if where == Where():
        return "This would remove"
    parts: list[str] = []
    if where.school is not None:
        parts.append(facts.school_names.get(where.school, f"School {where.school}"))
    if where.term is not None:
        parts.append(f"term {where.term}")
    if where.role is not None:
        parts.append(f"role {where.role}")
    words = ", ".join(parts)
    return f"{words[0].upper()}{words[1:]} would lose"
