"""Compare: what differs between what Canvas has and what is delivered, row by row.

`canvas-sis.md` says how Canvas reads: cells are trimmed, a blank cell keeps or clears, a column
left out keeps or clears, keys tell letter case apart, its own roles do not.
"""

import hashlib

import pytest

from rostering.story import decide, district, table, town


def change(yesterday, today, name="users"):
    """The changes of one table: kind and key of each."""
    told = decide({name: yesterday}, {name: today})
    return {(row["kind"], row["words"]) for row in told.changes.get(name, [])}


USERS = "user_id,login_id,full_name,status\n"


@pytest.mark.parametrize(
    ("yesterday", "today", "changes"),
    [
        ("Ann,ann,Ann,active", "Ann,ann,Ann,active", set()),
        ("Ann,ann,Ann,active", "Ann,ann,Anne,active", {("update", "Ann")}),
        ("", "Ann,ann,Ann,active", {("create", "Ann")}),
        ("Ann,ann,Ann,active", "", {("vanish", "Ann")}),
        ("Ann,ann,Ann,active", "Ann,ann,Ann,deleted", {("update", "Ann")}),
        ("Ann,ann,Ann,deleted", "Ann,ann,Ann,active", {("update", "Ann")}),
        ("Ann,ann,Ann,deleted", "Ann,ann,Ann,deleted", set()),
        ("Ann,ann,Ann,active", " Ann , ann ,Ann , active", set()),
        ("Ann,ann,Ann,active", '"Ann","ann","Ann","active"', set()),
        ("Ann,ann,Ann,active", "Ann,ann,Ann,Active", set()),
        ("Ann,ann,Ann,active", "Ann,ann,ANN,active", {("update", "Ann")}),
        ("Ann,ann,Ann,active", "Ann,ANN,Ann,active", {("update", "Ann")}),
        ("Ann,ann,Ann,active", "ann,ann2,Ann,active", {("vanish", "Ann"), ("create", "ann")}),
        ("Ann,ann,Ann,active", "ann,ann,Ann,active", {("vanish", "Ann")}),  # her login is taken
        ("Ann,ann,Ann,active", "Ann,ann,,active", set()),
        ("Ann,ann,,active", "Ann,ann,Ann,active", {("update", "Ann")}),
        ("Ann,ann,Zoë,active", "Ann,ann,Zoë,active", set()),
        ("007,ann,Ann,active", "7,ann,Ann,active", set()),  # the zeros are lost, not the person
    ],
)  # fmt: skip
def test_rows_are_compared_by_key_and_cell(yesterday, today, changes):
    assert changes == change(f"{USERS}{yesterday}\n", f"{USERS}{today}\n")


SECTIONS = "section_id,course_id,name,status"


@pytest.mark.parametrize(
    ("columns", "yesterday", "today", "is_update"),
    [
        # A blank date clears in sections, so does a column that is left out.
        ("start_date", "2026-08-17", "", True),
        ("start_date", "2026-08-17", None, True),
        ("start_date", "", None, False),
        ("integration_id", "I1", "", True),
        ("integration_id", "I1", None, True),
        ("start_date", "2026-08-17", "someday", False),  # unreadable: as it was before
    ],
)
def test_blank_cells_and_absent_columns_keep_or_clear_as_canvas_has_it(
    columns, yesterday, today, is_update
):
    before = f"{SECTIONS},{columns}\nS1,C1,Bio,active,{yesterday}\n"
    after = f"{SECTIONS}\nS1,C1,Bio,active\n"
    if today is not None:
        after = f"{SECTIONS},{columns}\nS1,C1,Bio,active,{today}\n"
    expected = {("update", "S1")} if is_update else set()
    courses = town()["courses"]
    told = decide({"sections": before, "courses": courses}, {"sections": after, "courses": courses})
    assert expected == {(row["kind"], row["words"]) for row in told.changes.get("sections", [])}


@pytest.mark.parametrize(
    ("yesterday", "today", "is_update"),
    [
        ("H", "", False),  # a blank account never moves a course
        ("H", None, False),
        ("H", "M", True),
    ],
)
def test_a_blank_account_keeps_a_course_where_it_is(yesterday, today, is_update):
    header = "course_id,short_name,long_name,status"
    before = f"{header},account_id\nC1,BIO,Biology,active,{yesterday}\n"
    after = f"{header}\nC1,BIO,Biology,active\n"
    if today is not None:
        after = f"{header},account_id\nC1,BIO,Biology,active,{today}\n"
    accounts = town()["accounts"]
    told = decide(
        {"courses": before, "accounts": accounts}, {"courses": after, "accounts": accounts}
    )
    assert is_update is bool(told.changes.get("courses"))


@pytest.mark.parametrize(
    ("before", "after", "is_update", "held"),
    [
        ("2026-08-17", "<delete>", True, None),
        ("", "<delete>", False, None),
        ("2026-08-17", "2026-08-18", True, "2026-08-18"),
        ("2026-08-17", None, False, None),  # a course keeps its dates where the column is left out
    ],
)
def test_the_word_delete_clears_where_canvas_knows_it(before, after, is_update, held):
    header = "course_id,short_name,long_name,status"
    yesterday = f"{header},start_date\nC1,BIO,Biology,active,{before}\n"
    today = f"{header}\nC1,BIO,Biology,active\n"
    if after is not None:
        today = f"{header},start_date\nC1,BIO,Biology,active,{after}\n"
    told = decide({"courses": yesterday}, {"courses": today})
    assert is_update is bool(told.changes.get("courses"))
    if is_update:
        (row,) = told.changes["courses"]
        assert (after, held) == (row["n_start_date"], row["e_start_date"])


@pytest.mark.parametrize(
    ("yesterday", "today", "changes"),
    [
        ("S1,Ann,student,active", "S1,Ann,Student,active", 0),
        ("S1,Ann,student,active", "S1,Ann,STUDENT,active", 0),
        ("S1,Ann,student,active", "S1,Ann,teacher,active", 2),  # another role, another enrollment
        ("S1,Ann,Coach,active", "S1,Ann,coach,active", 2),  # custom roles tell case apart
        ("S1,Ann,student,active", "S2,Ann,student,active", 2),
        ("S1,Ann,student,inactive", "S1,Ann,student,active", 1),
    ],
)
def test_an_enrollment_is_section_person_and_role(yesterday, today, changes):
    told = decide(
        town(enrollments=f"section_id,user_id,role,status\n{yesterday}\n"),
        town(enrollments=f"section_id,user_id,role,status\n{today}\n"),
    )
    assert changes == len(told.changes.get("enrollments", []))


def test_an_observer_of_two_children_in_a_class_has_two_enrollments():
    header = "section_id,user_id,role,status,associated_user_id\n"
    both = header + "S1,Zed,observer,active,Ann\nS1,Zed,observer,active,Ben\n"
    told = decide(town(enrollments=both), town(enrollments=both.replace(",Ben", ",Cal")))
    assert {("vanish", "S1 Zed observer Ben"), ("create", "S1 Zed observer Cal")} == {
        (row["kind"], row["words"]) for row in told.changes["enrollments"]
    }


def test_a_course_that_is_added_to_rows_with_a_section_changes_no_key():
    told = decide(
        town(enrollments="section_id,user_id,role,status\nS1,Ann,student,active\n"),
        town(enrollments="course_id,section_id,user_id,role,status\nC1,S1,Ann,student,active\n"),
    )
    assert ["update"] == [row["kind"] for row in told.changes["enrollments"]]
    assert told.removed == []


def test_columns_in_another_order_are_the_same_rows():
    today = {"users": "status,full_name,login_id,user_id\nactive,Ann,ann,Ann\n"}
    assert "nothing" == decide({"users": f"{USERS}Ann,ann,Ann,active\n"}, today).decision


def test_one_table_in_two_files_is_one_table():
    today = {
        "users-a.csv": f"{USERS}Ann,ann,Ann,active\n",
        "users-b.csv": f"{USERS}Ben,ben,Ben,active\n",
    }
    yesterday = {"users": f"{USERS}Ann,ann,Ann,active\nBen,ben,Ben,active\n"}
    assert "nothing" == decide(yesterday, today).decision


def test_a_password_is_compared_by_its_fingerprint():
    header = "user_id,login_id,status,password\n"
    known = hashlib.sha256(b"secret").hexdigest()
    yesterday = {"users": f"{header}Ann,ann,active,{known}\n"}
    assert "nothing" == decide(yesterday, {"users": f"{header}Ann,ann,active,secret\n"}).decision
    assert "nothing" == decide(yesterday, {"users": f"{header}Ann,ann,active,\n"}).decision
    assert "go" == decide(yesterday, {"users": f"{header}Ann,ann,active,other\n"}).decision


def test_an_update_says_what_was_and_what_will_be():
    told = decide(
        {"users": f"{USERS}Ann,ann,Ann,active\n"}, {"users": f"{USERS}Ann,ann,,suspended\n"}
    )
    (row,) = told.changes["users"]
    assert ("Ann", None, "Ann") == (row["o_full_name"], row["n_full_name"], row["e_full_name"])
    assert ("active", "suspended") == (row["o_status"], row["e_status"])


def test_logins_and_id_changes_are_never_compared():
    orders = district(logins=["L1,ann2,Ann"], change_sis_id=["A,B,user"])
    told = decide({**town({"S1": "Ann"}), **orders}, town({"S1": "Ann"}))
    assert "nothing" == told.decision
    again = decide({**town({"S1": "Ann"}), **orders}, {**town({"S1": "Ann"}), **orders})
    assert "nothing" == again.decision, "an order is given once"


@pytest.mark.parametrize("name", ["group_categories", "groups", "admins", "user_observers"])
def test_every_table_is_compared_by_its_own_key(name):
    rows = {
        "group_categories": ["K1,Teams", "K2,Clubs"],
        "groups": ["G1,Chess", "G2,Choir"],
        "admins": ["Ann,H,Principal", "Ann,H,Nurse"],
        "user_observers": ["Zed,Ann", "Zed,Ben"],
    }[name]
    yesterday = {**town({"S1": "Ann"}), name: table(name, rows)}
    assert "nothing" == decide(yesterday, {**yesterday, name: table(name, rows[::-1])}).decision
    told = decide(yesterday, {**yesterday, name: table(name, rows[:1])})
    assert ["vanish"] == [row["kind"] for row in told.changes[name]]
