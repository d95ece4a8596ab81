"""Our tables of Canvas's format against a list typed from Canvas: `canvas_tables.txt`."""

import re
from itertools import permutations
from pathlib import Path

import pytest

from rosterway.formats.canvas_csv.people import BASE_ROLES
from rosterway.formats.canvas_csv.table import Kind, Need, Reading, Without
from rosterway.formats.canvas_csv.tables import (
    BY_NAME,
    ORDER,
    TABLES,
    in_order,
    named_for,
    recognise,
)


def typed():
    """Table -> what the list says of it, word by word."""
    text = (Path(__file__).parent / "canvas_tables.txt").read_text()
    for part in text.split("\n\n")[1:]:
        name, *lines = part.strip().split("\n")
        said = {word: words for word, *words in (line.split() for line in lines)}
        yield name, said


TYPED = dict(typed())
MARKED = re.compile(r"(?:(\w)\|)?(\w+)([*^+~?-]*)")

each_table = pytest.mark.parametrize("name", TYPED)


def columns_of(name):
    return {
        column: (group, marks)
        for group, column, marks in MARKED.findall(" ".join(TYPED[name]["columns"]))
    }


def test_there_is_every_table_in_canvass_order():
    assert list(TYPED) == [table.name for table in TABLES]
    assert list(TYPED) == sorted(BY_NAME, key=ORDER.__getitem__)
    assert ["change_sis_id", "users", "enrollments"] == in_order(
        {"enrollments", "change_sis_id", "users"}
    )


@each_table
def test_a_table_has_canvass_columns_and_no_other(name):
    assert set(columns_of(name)) == {column.name for column in BY_NAME[name].columns}


@each_table
def test_what_a_row_needs_is_what_canvas_needs(name):
    wanted = {
        column: "".join(mark for mark in marks if mark in "*^+")
        for column, (_, marks) in columns_of(name).items()
    }
    signs = {Need.ROW: "*", Need.HEADER: "^", Need.NEW: "+", Need.LIVE: "+", Need.NO: ""}
    assert wanted == {column.name: signs[column.need] for column in BY_NAME[name].columns}

    groups = {}
    for column, (group, _) in columns_of(name).items():
        if group:
            groups.setdefault(group, set()).add(column)
    assert list(groups.values()) == [set(group) for group in BY_NAME[name].one_of]


@each_table
def test_what_is_kept_cleared_and_sticky_is_what_canvas_keeps_clears_and_holds(name):
    for column, (_, marks) in columns_of(name).items():
        ours = BY_NAME[name].by_name[column]
        assert ("~" in marks) == ours.sticky, column
        assert ("?" in marks) == ours.delete_word, column
        assert ("-" in marks) == (ours.blank is Without.CLEARS), column
        assert ("--" in marks) == (ours.omitted is Without.CLEARS), column


@each_table
def test_a_row_is_known_by_canvass_key(name):
    assert set(TYPED[name]["key"]) == {
        column for part in BY_NAME[name].key for column in part.columns
    }


@each_table
def test_statuses_are_canvass_words_and_say_which_take_access_away(name):
    table = BY_NAME[name]
    said = TYPED[name].get("statuses", [])

    assert {word.strip("!") for word in said} == set(table.status_words)
    assert {word for word in said if not word.endswith("!")} == set(table.access_words)
    assert ("exact" in TYPED[name]) == (table.reading is Reading.EXACT)
    assert ("deleted" if said else None) == table.gone
    assert table.gone_means


def test_lengths_are_canvass():
    for table in TABLES:
        for column in table.columns:
            assert (100 if column.kind is Kind.LOGIN else 255) == column.max_length


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("courses", "course_format", "online on_campus blended"),
        ("courses", "grade_passback_setting", "nightly_sync not_set"),
        (
            "users",
            "declared_user_type",
            "administrative observer staff student student_other teacher",
        ),
        (
            "terms",
            "date_override_enrollment_type",
            "StudentEnrollment TeacherEnrollment TaEnrollment DesignerEnrollment",
        ),
        ("change_sis_id", "type", "account term course section group group_category user"),
        ("grade_publishing_results", "grade_publishing_status", "published error"),
    ],
)
def test_closed_sets_hold_canvass_words(table, column, words):
    assert set(words.split()) == set(BY_NAME[table].by_name[column].values)


def test_canvass_own_roles():
    assert {"student", "teacher", "ta", "observer", "designer"} == set(BASE_ROLES)


@each_table
def test_each_reference_names_the_key_of_a_table_that_is_processed_before(name):
    for column in BY_NAME[name].columns:
        if column.refers:
            other = BY_NAME[column.refers.table]
            assert column.refers.column in {*other.key[0].columns, "integration_id"}
            assert ORDER[other.name] <= ORDER[name]


# -- which table is it ----------------------------------------------------------------------

#: First match wins: what the header holds -> what Canvas takes the file for.
DETECTED = [
    ("old_id,new_id,type", "change_sis_id"),
    ("old_integration_id,new_integration_id,type", "change_sis_id"),
    ("account_id,parent_account_id,name,status", "accounts"),
    ("term_id,name,status", "terms"),
    ("abstract_course_id,short_name,long_name,status", "abstract_courses"),
    ("abstract_course_id,course_id,short_name,status", "courses"),
    ("course_id,short_name,long_name,status", "courses"),
    ("section_id,course_id,name,status", "sections"),
    ("xlist_course_id,section_id,status", "xlists"),
    ("user_id,login_id,status", "users"),
    ("user_id,login_id,existing_user_id", "logins"),
    ("user_id,login_id,existing_integration_id", "logins"),
    ("user_id,login_id,existing_canvas_user_id", "logins"),
    ("course_id,user_id,role,status", "enrollments"),
    ("section_id,user_id,role,status", "enrollments"),
    ("section_id,user_integration_id,role,status", "enrollments"),
    ("course_id,user_integration_id,role,status", "enrollments"),
    ("user_id,account_id,role,status", "admins"),
    ("group_category_id,category_name,status", "group_categories"),
    ("group_id,name,status", "groups"),
    ("group_id,user_id,status", "groups_membership"),
    ("enrollment_id,grade_publishing_status", "grade_publishing_results"),
    ("observer_id,student_id,status", "user_observers"),
    ("tag_set_id,set_name,status", "differentiation_tag_sets"),
    ("tag_id,name,status", "differentiation_tags"),
    ("tag_id,user_id,status", "differentiation_tag_membership"),
    ("category_id,name,status", "institutional_tag_categories"),
    ("institutional_tag_id,category_id,name,description,status", "institutional_tags"),
    ("institutional_tag_id,user_id,status", "institutional_tag_associations"),
    # -- the traps: a column too many makes it another table
    ("section_id,course_id,name,status,term_id", "terms"),
    ("course_id,short_name,long_name,status,term_id,name", "terms"),
    ("section_id,user_id,role,status,name", "sections"),
    ("group_id,name,status,account_id,parent_account_id", "accounts"),
    ("user_id,login_id,status,old_id", "change_sis_id"),
    ("user_id,login_id,status,account_id", "users"),
    ("group_id,user_id,status,section_id", "enrollments"),
    # -- none
    ("user_id,email", None),
    ("user_id;login_id;status", None),
    ("", None),
]


@pytest.mark.parametrize(("header", "table"), DETECTED)
def test_the_first_table_whose_columns_are_there_wins(header, table):
    found = recognise(header.split(","))

    assert table == (found.name if found else None)


@pytest.mark.parametrize(("header", "table"), [case for case in DETECTED if case[1]])
def test_neither_order_nor_case_nor_spaces_nor_unknown_columns_matter(header, table):
    names = [f" {name.upper()}\t" for name in header.split(",")]

    for mixed in list(permutations(names))[:30]:
        found = recognise([*mixed, "", "shoe_size"])
        assert found is BY_NAME[table]


def test_every_table_is_detected_by_some_header():
    assert {table for _, table in DETECTED if table} == set(TYPED)


@pytest.mark.parametrize(
    ("file", "table"),
    [
        *((f"{name}.csv", name) for name in TYPED),
        *((f"sis/2026-08-24_{name.upper()}_final.CSV", name) for name in TYPED),
        ("user.csv", "users"),
        ("Enrollment (2).csv", "enrollments"),
        ("xlist.csv", "xlists"),
        ("group_membership.csv", "groups_membership"),
        ("group_memberships.csv", "groups_membership"),
        ("groups_memberships.csv", "groups_membership"),
        ("group_category.csv", "group_categories"),
        ("user_observer.csv", "user_observers"),
        ("change_sis_ids.csv", "change_sis_id"),
        ("differentiation_tag_memberships.csv", "differentiation_tag_membership"),
        ("users/export.csv", None),
        ("export.csv", None),
        ("superusers.csv", None),
    ],
)
def test_a_files_name_tells_the_table_it_is_meant_to_be(file, table):
    found = named_for(file)

    assert table == (found.name if found else None)
