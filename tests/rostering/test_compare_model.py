"""Compare and plan against a small model of both, written with dicts alone.

For any baseline and any delivery: what is created, updated and removed is what the model says; a
model of Canvas that is given the plan's rows then holds the delivered roster; and the same delivery
again has nothing to do. Rules: `safety.md`, "Removals"; `canvas-sis.md`, sections 3 and 4.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rosterway.gateway.calculator import calculator
from rosterway.rostering.check import Checked
from rosterway.rostering.decide import Asked, decide_changes
from rosterway.rostering.imports import import_files
from rosterway.rostering.roster import Roster
from rosterway.rostering.sql import text
from rosterway.rostering.staged import StagedFile, Trust, gather

NOW = datetime(2026, 10, 13, 6, 0, tzinfo=UTC)
COLUMNS = {
    "terms": ("term_id", "name", "status", "start_date", "end_date"),
    "courses": ("course_id", "short_name", "long_name", "term_id", "status"),
    "sections": ("section_id", "course_id", "name", "status"),
    "users": ("user_id", "login_id", "full_name", "status"),
    "enrollments": ("section_id", "user_id", "role", "status"),
}
KEYS = {"terms": 1, "courses": 1, "sections": 1, "users": 1, "enrollments": 3}
ACCESS = {"active"}

Rows = dict[tuple[str, ...], tuple[str | None, ...]]
Tables = dict[str, Rows]

FIXED: Tables = {
    "terms": {
        ("NOW",): ("NOW", "Now", "active", "2026-08-17", "2026-12-18"),
        ("OLD",): ("OLD", "Old", "active", "2026-01-05", "2026-06-05"),
    },
    "courses": {
        ("C",): ("C", "Bio", "Biology", "NOW", "active"),
        ("D",): ("D", "Art", "Art", "OLD", "active"),
    },
}
#: Sections a, b, c run now; o belongs to a term that is over.
COURSE = {"a": "C", "b": "C", "c": "C", "o": "D"}


# -- Rosters ---------------------------------------------------------------------------------


@st.composite
def rosters(draw: st.DrawFn) -> Tables:
    """A roster whose enrollments are in sections and of users that it has, with access."""
    sections: Rows = {
        (key,): (key, COURSE[key], draw(st.sampled_from(["One", "Two"])), "active")
        for key in draw(st.sets(st.sampled_from("abco")))
    }
    users: Rows = {
        (key,): (
            key,
            f"login-{key}",
            draw(st.sampled_from(["Ann", "Ben", None])),
            draw(st.sampled_from(["active", "active", "active", "suspended"])),
        )
        for key in draw(st.sets(st.sampled_from("uvwxy")))
    }
    seats = [(s, u, r) for (s,) in sections for (u,) in users for r in ("student", "teacher")]
    taken = draw(st.sets(st.sampled_from(sorted(seats)))) if seats else set()
    words = st.sampled_from(["active", "active", "active", "completed", "inactive", "deleted"])
    enrollments: Rows = {key: (*key, draw(words)) for key in sorted(taken)}
    return {**FIXED, "sections": sections, "users": users, "enrollments": enrollments}


# -- The model -------------------------------------------------------------------------------


def is_over(section: str | None) -> bool:
    return COURSE[section or ""] == "D"


def held(old, new):
    """A delivered row as Canvas would hold it: a blank cell keeps what was there."""
    if old is None:
        return new
    return tuple(now if now is not None else was for was, now in zip(old, new, strict=True))


@dataclass
class Expected:
    created: set[tuple[str, tuple[str, ...]]]
    updated: set[tuple[str, tuple[str, ...]]]
    #: Rows that lose access by the plan, whatever says so.
    removed: set[tuple[str, tuple[str, ...]]]


def expect(baseline: Tables, today: Tables) -> Expected:
    told = Expected(set(), set(), set())
    for name in ("sections", "users", "enrollments"):
        before, after = baseline[name], today[name]
        for key, row in after.items():
            over = name != "users" and is_over(row[0])
            if key not in before:
                told.created.add((name, key))
                if row[-1] not in ACCESS and not over:
                    told.removed.add((name, key))
            elif held(before[key], row) != before[key]:
                told.updated.add((name, key))
                if before[key][-1] in ACCESS and row[-1] not in ACCESS and not over:
                    told.removed.add((name, key))
        for key, row in before.items():
            over = name != "users" and is_over(row[0])
            if key not in after and row[-1] in ACCESS and not over:
                told.removed.add((name, key))
    return told


# -- A model of Canvas -----------------------------------------------------------------------


class Canvas:
    """Rows by key, and what goes with what."""

    def __init__(self, tables: Tables) -> None:
        self.tables: Tables = {name: dict(rows) for name, rows in tables.items()}

    def take(self, name: str, row: tuple[str | None, ...]) -> None:
        key = tuple(str(cell) for cell in row[: KEYS[name]])
        self.tables[name][key] = held(self.tables[name].get(key), row)
        if row[-1] == "deleted" and name in {"sections", "users"}:
            place = 0 if name == "sections" else 1
            for other, seat in self.tables["enrollments"].items():
                if other[place] == key[0]:
                    self.tables["enrollments"][other] = (*seat[:-1], "deleted")

    def live(self, name: str) -> set[tuple[str, ...]]:
        return {key for key, row in self.tables[name].items() if row[-1] in ACCESS}


# -- Ours ------------------------------------------------------------------------------------


@dataclass
class Planned:
    created: set[tuple[str, tuple[str, ...]]]
    updated: set[tuple[str, tuple[str, ...]]]
    removed: set[tuple[str, tuple[str, ...]]]
    #: Import by import, table by table: the rows sent.
    sent: list[tuple[str, bool, list[tuple[str | None, ...]]]]


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with calculator(tmp_path_factory.mktemp("room"), threads=1) as connection:
        yield connection


def plan(room, baseline: Tables, today: Tables) -> Planned:
    with room.cursor() as connection:  # what is temporary belongs to the cursor
        known, current = make(connection, "baseline", baseline), make(connection, "current", today)
        connection.execute("CREATE TEMP TABLE stopped (tbl VARCHAR, _file INTEGER, _row BIGINT)")
        files = [
            StagedFile(0, f"{name}.csv", name, Trust.WHOLE, columns, 1, parquet="it is there")
            for name, columns in COLUMNS.items()
        ]
        staged = gather("current", files)
        checked = Checked(staged, current, "stopped")
        decided = decide_changes(connection, known, checked, Asked(now=NOW))
        kinds: dict[str, set[tuple[str, tuple[str, ...]]]] = {"create": set(), "update": set()}
        for name, compared in decided.compared.items():
            for kind, ident in connection.execute(
                f"SELECT kind, ident FROM {compared.changes} WHERE kind <> 'vanish'"
            ).fetchall():
                kinds[kind].add((name, key_of(name, ident)))
        removed = {
            (name, key_of(name, ident))
            for name, ident in connection.execute("SELECT tbl, ident FROM removals").fetchall()
        }
        sent = [
            (file.table, file.step.removes, rows)
            for file in import_files(connection, decided.compared, known, current)
            if (rows := list(rows_of(connection, file)))
        ]
        return Planned(kinds["create"], kinds["update"], removed, sent)


def key_of(name: str, ident: str) -> tuple[str, ...]:
    return tuple(ident.split(chr(30))[: KEYS[name]])


def rows_of(connection, file) -> Iterator[tuple[str | None, ...]]:
    """The rows sent, in the model's columns; one that is not sent keeps what Canvas has."""
    columns = ", ".join(file.header)
    for row in connection.execute(f"SELECT {columns} FROM ({file.rows})").fetchall():
        cells = dict(zip(file.header, row, strict=True))
        yield tuple(cells.get(column) for column in COLUMNS[file.table])


def make(connection, prefix: str, tables: Tables) -> Roster:
    roster = Roster(prefix, COLUMNS)
    for name, columns in COLUMNS.items():
        rows = [
            ", ".join("NULL" if c is None else text(c) for c in row)
            for row in tables[name].values()
        ]
        blank = ", ".join("NULL::VARCHAR" for _ in columns)
        values = "), (".join([blank, *rows])
        connection.execute(
            f"CREATE TEMP TABLE {roster.view(name)} AS SELECT *, 0::INTEGER AS _file, "
            f"row_number() OVER () + 1 AS _row FROM (SELECT * FROM (VALUES ({values})) "
            f"t({', '.join(columns)}) OFFSET 1)"
        )
    return roster


# -- What must hold --------------------------------------------------------------------------

some = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@some
@given(baseline=rosters(), today=rosters())
def test_what_is_created_updated_and_removed_is_what_the_model_says(room, baseline, today):
    told, expected = plan(room, baseline, today), expect(baseline, today)
    assert expected.created == told.created
    assert expected.updated == told.updated
    assert expected.removed == told.removed


@some
@given(baseline=rosters(), today=rosters())
def test_the_plan_makes_canvas_hold_the_delivered_roster_and_is_then_done(room, baseline, today):
    told = plan(room, baseline, today)
    canvas = Canvas(baseline)
    for name, removes, rows in told.sent:
        for row in rows:
            allowed = row[-1] in ACCESS or removes or key_in(name, row) in told.created
            assert allowed, "what takes access away is not sent among what gives it"
            canvas.take(name, row)
    for name in ("sections", "users", "enrollments"):
        wanted = {key for key, row in today[name].items() if row[-1] in ACCESS}
        left_alone = {
            key
            for key, row in baseline[name].items()
            if name == "sections" and is_over(row[0]) and row[-1] in ACCESS
        }
        assert wanted | left_alone == canvas.live(name)
    assert [] == plan(room, confirmed(canvas, baseline, today), today).sent


def key_in(name: str, row: tuple[str | None, ...]) -> tuple[str, tuple[str, ...]]:
    return name, tuple(str(cell) for cell in row[: KEYS[name]])


def confirmed(canvas: Canvas, baseline: Tables, today: Tables) -> Tables:
    """The next baseline: what Canvas holds, without what was deleted because it vanished."""
    return {
        name: {
            key: row
            for key, row in rows.items()
            if key in today[name] or row[-1] != "deleted" or baseline[name].get(key) == row
        }
        for name, rows in canvas.tables.items()
    }


@some
@given(baseline=rosters(), today=rosters())
def test_nothing_a_delivery_lists_with_access_is_ever_taken_away(room, baseline, today):
    told = plan(room, baseline, today)
    taken = {
        key_in(name, row) for name, _, rows in told.sent for row in rows if row[-1] not in ACCESS
    }
    listed = {
        (name, key)
        for name in ("sections", "users", "enrollments")
        for key, row in today[name].items()
        if row[-1] in ACCESS
    }
    assert set() == taken & listed
