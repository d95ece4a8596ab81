"""Why a cell is what it is: every rule is shown to fill one, and the preview tells which did."""

from collections.abc import Iterator

import pytest

from rostering.translating import (
    SCHOOL,
    TODAY,
    changed,
    enrollment,
    klass,
    org,
    session,
    translating,
    user,
)
from rosterway.formats.canvas_csv.tables import BY_NAME as CANVAS
from rosterway.formats.oneroster.tables import DEMOGRAPHICS
from rosterway.rostering.translate.policy import TranslationPolicy
from rosterway.rostering.translate.policy_document import policy_from
from rosterway.rostering.translate.reasons import REASONS
from rosterway.rostering.translate.sources import READ
from rosterway.rostering.translate.translation import TABLES

PAST = "2026-09-30"

#: A roster in which everything happens that a rule knows.
EVENTFUL = changed(
    orgs=[
        org("North", "department", "D"),
        org("A", parent="North"),
        org("B", parent="D", name=None, status="tobedeleted"),
    ],
    academicSessions=[session("X", "2026-08-17", "2026-10-30", status="tobedeleted")],
    classes=[
        klass("m1"),
        klass("h1", courseSourcedId="homeroom", classType="homeroom"),
        klass("m2", title=None, status="tobedeleted"),
        klass("m3", "X", title=None, courseSourcedId="lost"),
    ],
    users=[
        user(
            "amy", agentSourcedIds=["pam", "gus"], preferredGivenName="A", preferredFamilyName="S"
        ),
        user("bob", enabledUser="false"),
        user("gus", "guardian", status="tobedeleted"),
        user("ann", "aide"),
        user("ben", "principal"),
        user("old", "principal", status="tobedeleted"),
    ],
    enrollments=[
        enrollment("amy", beginDate="2026-08-18"),
        enrollment("ann", role="proctor"),
        enrollment("bob", status="tobedeleted"),
        enrollment("bob", "m2"),
        enrollment("gus", role="student"),
        enrollment("tom", "m3", "teacher", beginDate=None, endDate=None),
        enrollment("amy", "m3", endDate=PAST),
    ],
)
POLICIES = (
    "",
    """
    [terms]
    merge = "common-id"
    [courses]
    per = "course"
    homerooms = "homeroom-course"
    [users]
    preferred_names = "first-name"
    integration_id = "identifier"
    authentication_provider = "saml"
    pronouns = true
    declared_type = true
    [enrollments]
    dates = "own"
    [admins]
    roles = { principal = "Principal" }
    """,
    """
    [terms]
    merge = "school-year"
    [users]
    preferred_names = "short-name"
    [enrollments]
    fill = "blank"
    """,
)


ALL = tuple(str(one["sourcedId"]) for many in EVENTFUL.values() for one in many)
TERMS = tuple(
    str(one["sourcedId"]) for one in (*SCHOOL["academicSessions"], *EVENTFUL["academicSessions"])
)
SOME = ("amy", "bob", "m1", "h1", "ben", "old", "amy-m1", "tom-m1", "tom-m3", *TERMS)


def told(policy: str, records: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """(table, column, rule) of every cell made of these records, as the preview tells it."""
    for today in (TODAY, TODAY.replace(month=11)):
        with translating(EVENTFUL, policy, today=today) as made:
            for record in records:
                for table, cells in made.translation.explain(record):
                    (row,) = [
                        row
                        for row in made.tables[table]
                        if row == {cell.column: cell.value for cell in cells}
                    ]
                    assert row
                    for cell in cells:
                        yield table, cell.column, cell.rule


def test_every_rule_fills_a_cell_and_the_preview_shows_the_rows_as_they_are():
    first, *others = POLICIES
    used = {*told(first, ALL), *(cell for policy in others for cell in told(policy, SOME))}

    known = {
        (table.name, cell.column, rule.name)
        for table in TABLES
        for cell in table.cells
        for rule in cell.rules
    }
    assert known - used == set()
    assert used <= known


def test_the_preview_of_an_enrollment_says_what_each_cell_was_read_from():
    with translating(EVENTFUL) as made:
        ((table, cells),) = made.translation.explain("tom-m3")

    assert table == "enrollments"
    by_column = {cell.column: cell for cell in cells}
    assert by_column["role"].rule == "role-mapped"
    assert by_column["role"].read == (("enrollment.role", "teacher"),)
    start = by_column["start_date"]
    assert (start.rule, start.value) == ("start-filled", "2026-08-17T00:00:00Z")
    assert dict(start.read) == {"enrollment.beginDate": None, "term.first": "2026-08-17"}
    assert start.says.startswith("The date is missing")


def test_merged_records_are_all_explained():
    tables = {
        **SCHOOL,
        "users": [user("a1", identifier="7"), user("a2", identifier="7", givenName="A1")],
        "enrollments": [],
    }
    with translating(tables, '[users]\nmerge_by = "identifier"') as made:
        rows = [list(made.translation.explain(record)) for record in ("a1", "a2")]

    assert rows[0] == rows[1]
    assert dict(rows[0][0][1][0].read) == {"user.sourcedId": "a1", "person.records": "a1, a2"}


LEFT_OUT = {
    **SCHOOL,
    "academicSessions": [
        *SCHOOL["academicSessions"],
        session("Z", "2024-08-17", "2025-06-12", schoolYear="2025"),
    ],
    "classes": [klass("m1"), klass("mz", "Z"), klass("home", classType="homeroom")],
    "users": [
        user("amy", identifier="1"),
        user("bob", identifier="1"),
        user("rod", "relative", identifier="2"),
    ],
    "enrollments": [
        enrollment("amy"),
        enrollment("amy", sourcedId="again", endDate="2026-09-01"),
        enrollment("amy", "mz"),
        enrollment("amy", "lost"),
        enrollment("bob"),
        enrollment("amy", role="proctor", sourcedId="watch"),
    ],
}


WHY = {
    "mz": "The class is in school year 2025, which is not taken (`years`).",
    "home": "The class is a homeroom, and those are left out (`courses.homerooms`).",
    "amy-mz": "The enrollment is in class mz, which is left out.",
    "amy-lost": "The enrollment is in class lost, which is not there.",
    "bob-m1": "The enrollment is of user bob, who is not there or has no id.",
    "watch": "The enrollment's role is proctor, which is left out (`enrollments.roles`).",
    "again": "The enrollment gives way to amy-m1, the current one of the same person in the same class.",
    "rod": "The user belongs to children (relative) and observes none of them, and is no user (`users.kin`).",
    "bob": "The person's id is 1, which is another person's or blank (`users.user_id`).",
    "D": "The org is a district, which is Canvas's root account or none (`accounts`).",
    "Z": "No class that is taken is in session Z.",
}


def test_what_is_left_out_is_explained():
    policy = '[users]\nuser_id = "identifier"\n[courses]\nhomerooms = "leave-out"'
    with translating(LEFT_OUT, policy) as made:
        told = {record: made.translation.why_not(record) for record in (*WHY, "amy", "nobody")}

    assert {**{record: [why] for record, why in WHY.items()}, "amy": [], "nobody": []} == told
    assert len(WHY) == len(REASONS)


# -- the rules as data


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_one_of_canvas(table):
    assert table.by_column.keys() <= CANVAS[table.name].by_name.keys()
    assert len(table.by_column) == len(table.cells)


def test_every_rule_is_a_sentence_of_its_own_in_its_cell():
    for table in TABLES:
        for cell in table.cells:
            names = [rule.name for rule in cell.rules]
            assert len(names) == len(set(names)), (table.name, cell.column)
            assert all(rule.says.endswith(".") for rule in cell.rules)


def test_a_rule_that_waits_for_the_policy_says_for_which():
    for table in TABLES:
        for cell in table.cells:
            for rule in cell.rules:
                assert bool(rule.choice) == (
                    not rule.chosen(TranslationPolicy())
                    or any(not rule.chosen(policy_from(text)) for text in POLICIES)
                    or "enrollments" in rule.choice
                    or "users" in rule.choice
                ), rule.name


def test_demographics_are_never_read():
    assert DEMOGRAPHICS not in READ
