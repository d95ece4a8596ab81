"""A delta laid over a roster: what came stands in the place of what was, and nothing is ever missing."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.formats.oneroster.tables import ROLES, USERS
from rosterway.rostering.translate.sources import laid_over

#: The cells that tests look at; the others are blank.
CELLS = ("sourcedId", "status", "familyName", "_at")


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        yield opened


def relation(table, rows):
    """SQL of rows that have some of a table's cells."""
    values = [[row.get(name) for name in table.staged] for row in rows]
    cells = ", ".join(f'"{name}"' for name in table.staged)
    if not values:
        nothing = ", ".join(f'NULL::VARCHAR AS "{name}"' for name in table.staged)
        return f"(SELECT {nothing} WHERE false)"
    listed = ", ".join(
        "(" + ", ".join("NULL" if cell is None else f"'{cell}'" for cell in row) + ")"
        for row in values
    )
    return f"(SELECT * FROM (VALUES {listed}) AS t({cells}))"


def users(*rows):
    return [dict(zip(CELLS, row, strict=True)) for row in rows]


def over(connection, before, changed):
    """The users after a delta, by id."""
    sql = laid_over(USERS, relation(USERS, before), relation(USERS, changed))
    named = ", ".join(f'"{name}"' for name in CELLS)
    found = connection.execute(f"SELECT {named} FROM {sql}").fetchall()
    return sorted(found)


def test_what_came_takes_the_place_of_what_was(connection):
    before = users(("a", "active", "Abel", "1"), ("b", "active", "Bell", "2"))
    changed = users(("b", "active", "Baker", "1"), ("c", "active", "Cole", "2"))

    assert [
        ("a", "active", "Abel", "1"),
        ("b", "active", "Baker", "1"),
        ("c", "active", "Cole", "2"),
    ] == over(connection, before, changed)


def test_what_is_gone_is_told_as_gone_with_what_was_known_of_it(connection):
    before = users(("a", "active", "Abel", "1"))
    changed = users(("a", "tobedeleted", None, "1"))

    assert [("a", "tobedeleted", "Abel", "1")] == over(connection, before, changed)


def test_a_value_that_was_taken_away_is_blank(connection):
    before = users(("a", "active", "Abel", "1"))

    assert [("a", "active", None, "1")] == over(
        connection, before, users(("a", "active", None, "1"))
    )


rows = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.sampled_from(["active", "tobedeleted", None]), st.sampled_from(["X", "Y", "Z"])),
)


def as_rows(known):
    listed = [(key, *told, str(at)) for at, (key, told) in enumerate(known.items(), 1)]
    return users(*listed)


@given(rows, rows)
def test_no_delta_makes_a_record_missing_and_what_came_is_as_it_came(connection, before, changed):
    after = {
        key: (status, name)
        for key, status, name, _ in over(connection, as_rows(before), as_rows(changed))
    }

    assert {**before, **changed} == after


@given(rows, rows)
def test_a_delta_laid_over_twice_is_laid_over_once(connection, before, changed):
    """A pull that goes on after a crash may lay the same over what has it already."""
    once = over(connection, as_rows(before), as_rows(changed))
    kept = [dict(zip(CELLS, row, strict=True)) for row in once]

    assert once == over(connection, kept, as_rows(changed))


def role(user, word):
    return {"userSourcedId": user, "role": word}


@pytest.mark.parametrize(
    ("status", "came", "after"),
    [
        # all roles of a user come with it
        ("active", ["teacher"], [("a", "teacher"), ("b", "student")]),
        # and if it comes with none, it has none
        ("active", [], [("b", "student")]),
        # who is gone has often lost them, and was known with them
        ("tobedeleted", [], [("a", "aide"), ("a", "student"), ("b", "student")]),
        ("tobedeleted", ["student"], [("a", "student"), ("b", "student")]),
    ],
)
def test_roles_come_and_go_with_their_user(connection, status, came, after):
    before = [role("a", "student"), role("a", "aide"), role("b", "student")]
    sql = laid_over(
        ROLES,
        relation(ROLES, before),
        relation(ROLES, [role("a", word) for word in came]),
        users=relation(USERS, users(("a", status, None, "1"))),
    )
    found = connection.execute(f"SELECT userSourcedId, role FROM {sql}").fetchall()

    assert after == sorted(found)
