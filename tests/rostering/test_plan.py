"""The plan: what is sent in which order, its exact bytes and its digest.

`safety.md`, "Order of sending" and "Digest and approval".
"""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rostering.story import TOWN, decide, numbered, people, table, town
from rosterway.rostering.limits import limits_from
from rosterway.rostering.policy import policy_from

EVERYTHING = policy_from(
    {"groups": "deleted", "admins": "deleted", "terms": "deleted", "accounts": "deleted"}
)


def without(name, *keys):
    return [row for row in TOWN[name] if row.split(",")[0] not in keys]


# -- Order -----------------------------------------------------------------------------------

YESTERDAY = {
    **town(
        {"S1": "Ann Ben", "S3": "Cal"},
        accounts=[*TOWN["accounts"], "X,,Annex", "X1,X,Annex One"],
        terms=[*TOWN["terms"], "OLDER,Odd,active,,"],
        users=[*TOWN["users"], "Gone,shared,Gone"],
        sections=[*TOWN["sections"], "S8,C1,Bio 8"],
        xlists=["C1,S3"],
    ),
    "groups": table("groups", ["G1,Chess"]),
    "groups_membership": table("groups_membership", ["G1,Ann", "G1,Ben"]),
    "admins": table("admins", ["Ann,H,Principal", "Ben,H,Principal"]),
    "user_observers": table("user_observers", ["Zed,Ann", "Zed,Ben"]),
}
TODAY = {
    **town(
        {"S1": "Ann Dee", "S3": "Cal"},
        accounts=TOWN["accounts"],
        terms=TOWN["terms"],
        courses=[*without("courses", "CY"), "C9,NEW,New,H,AUTUMN"],
        sections=without("sections", "SY"),
        users=[*without("users", "Yan"), "New,shared,New", "Gone,shared,Gone,deleted"],
        xlists=["C1,S2"],
    ),
    "groups": table("groups", ["G2,Choir"]),
    "groups_membership": table("groups_membership", ["G1,Ann"]),
    "admins": table("admins", ["Ann,H,Principal"]),
    "user_observers": table("user_observers", ["Zed,Ann"]),
    "change_sis_id": table("change_sis_id", ["AA,BB,group_category"]),
}


def test_a_plan_is_an_ordered_list_of_imports_additions_and_removals_apart():
    told = decide(YESTERDAY, TODAY, policy=EVERYTHING)
    free = "removals that free a login or an integration id"
    people_gone = "removals of enrollments, memberships, observers and admins"
    things_gone = "removals of sections, cross-listings, groups and courses"
    assert told.steps() == [
        "01 id changes: change_sis_id",
        f"02 {free}: users",
        "03 creates and updates: courses",
        "03 creates and updates: xlists",
        "03 creates and updates: users",
        "03 creates and updates: enrollments",
        "03 creates and updates: groups",
        f"04 {people_gone}: enrollments",
        f"04 {people_gone}: admins",
        f"04 {people_gone}: groups_membership",
        f"04 {people_gone}: user_observers",
        f"05 {things_gone}: courses",
        f"05 {things_gone}: sections",
        f"05 {things_gone}: xlists",
        f"05 {things_gone}: groups",
        "06 removals of users: users",
        "07 removals of terms and accounts: accounts",
        "07 removals of terms and accounts: terms",
    ]


def test_empty_imports_are_left_out():
    told = decide(town({"S1": "Ann Ben"}), town({"S1": "Ann"}))
    assert ["01 removals of enrollments, memberships, observers and admins: enrollments"] == (
        told.steps()
    )


def test_accounts_go_leaves_first_and_come_parents_first():
    gone = decide(YESTERDAY, TODAY, policy=EVERYTHING)
    assert ["X1", "X"] == [row["account_id"] for row in gone.rows("accounts")]
    accounts = [*TOWN["accounts"], "A,Z,Below", "Z,,Above"]
    come = decide(town({"S1": "Ann"}), town({"S1": "Ann"}, accounts=accounts))
    assert ["Z", "A"] == [row["account_id"] for row in come.rows("accounts")]


def test_a_user_whose_login_another_needs_is_deleted_before_the_other_is_made():
    told = decide(YESTERDAY, TODAY, policy=EVERYTHING)
    by_file = {name: rows for name, rows in told.sent.items() if name.endswith("users.csv")}
    assert [("Gone", "deleted")] == [(r["user_id"], r["status"]) for r in by_file["02/users.csv"]]
    assert ["New"] == [row["user_id"] for row in by_file["03/users.csv"]]
    assert ["Yan"] == [row["user_id"] for row in by_file["06/users.csv"]]


def test_suspending_a_user_frees_no_login():
    users = [*without("users", "Zed"), "Abe,zed,Abe"]
    told = decide(town({"S1": "Ann"}), town({"S1": "Ann"}, users=users))
    assert ["login-claimed"] == [problem.code for problem in told.problems]
    assert [("Zed", "suspended")] == [
        (row["user_id"], row["status"]) for row in told.sent["01/users.csv"]
    ]


def test_rows_that_canvas_removes_as_a_consequence_are_not_sent():
    told = decide(
        town({"S1": "Ann Ben", "S2": "Cal"}),
        town({"S2": "Cal"}, sections=without("sections", "S1")),
    )
    assert [] == told.rows("enrollments")
    assert ["S1"] == [row["section_id"] for row in told.rows("sections")]


def test_sections_go_with_their_course():
    told = decide(
        town({"S2": "Cal", "S3": "Dee"}),
        town({"S2": "Cal"}, courses=without("courses", "C2"), sections=without("sections", "S3")),
    )
    assert ["C2"] == [row["course_id"] for row in told.rows("courses")]
    assert ([], []) == (told.rows("sections"), told.rows("enrollments"))


def test_a_section_cross_listed_elsewhere_does_not_go_with_its_own_course():
    """Canvas keeps it in the other course: it and its people are removed by name."""
    told = decide(
        town({"S2": "Cal", "S3": "Dee"}, xlists=["C1,S3", "C1,SY"]),
        town({"S2": "Cal"}, courses=without("courses", "C2"), sections=without("sections", "S3"),
             xlists=["C1,SY"]),
    )  # fmt: skip
    assert ["S3"] == [row["section_id"] for row in told.rows("sections")]


def test_a_new_row_that_is_suspended_comes_with_the_others():
    users = [*TOWN["users"], "Abe,abe,Abe,suspended"]
    told = decide(town({"S1": "Ann"}), town({"S1": "Ann Abe"}, users=users))
    assert {"01 creates and updates: users", "01 creates and updates: enrollments"} == {
        *told.steps()
    }


# -- Exact bytes -----------------------------------------------------------------------------


def test_the_files_are_the_exact_bytes_that_would_be_sent():
    yesterday = town({"S1": "Ann Ben"})
    told = decide(
        yesterday,
        {
            **town({"S1": "Ann Zed"}),
            "users": table("users", without("users", "Ann"))
            + 'Ann,ann,"Ann ""Annie"", Zoë\nO\'Hara",active\n',
        },
    )
    assert told.texts == {
        "01/users.csv": (
            'user_id,login_id,status,full_name\nAnn,ann,active,"Ann ""Annie"", Zoë\nO\'Hara"\n'
        ).encode(),
        "01/enrollments.csv": b"section_id,user_id,role,status\nS1,Zed,student,active\n",
        "02/enrollments.csv": b"section_id,user_id,role,status\nS1,Ben,student,deleted\n",
    }


def test_each_file_is_named_with_its_own_sha256():
    told = decide(town({"S1": "Ann Ben"}), town({"S1": "Ann Zed"}))
    assert [hashlib.sha256(told.texts[file.name]).hexdigest() for file in told.plan.files] == [
        file.sha256 for file in told.plan.files
    ]


def test_a_removal_says_what_canvas_had_and_nothing_new():
    """A blank section date would clear it; a name must be there: both are as Canvas has them."""
    header = "section_id,course_id,name,status,start_date,end_date\n"
    yesterday = header + "S1,C1,Bio 1,active,2026-08-17,2026-12-18\nS2,C1,Bio 2,active,,\n"
    told = decide(
        town({"S2": "Ann"}, sections=yesterday),
        town({"S2": "Ann"}, sections="section_id,course_id,name,status\nS2,C1,Bio 2,active\n"),
    )
    (row,) = told.rows("sections", section_id="S1")
    assert {
        "section_id": "S1", "course_id": "C1", "name": "Bio 1", "status": "deleted",
        "start_date": "2026-08-17", "end_date": "2026-12-18",
    } == row  # fmt: skip


def test_a_removal_never_repeats_a_password():
    header = "user_id,login_id,full_name,status,password\n"
    yesterday = header + "Ann,ann,Ann,active,secret\nBen,ben,Ben,active,\n"
    told = decide(
        town({"S1": "Ben"}, users=yesterday),
        town({"S1": "Ben"}, users=header + "Ben,ben,Ben,active,\n"),
    )
    assert [("Ann", "")] == [(row["user_id"], row["password"]) for row in told.rows("users")]


# -- Digest ----------------------------------------------------------------------------------

BEFORE, AFTER = town({"S1": "Ann Ben"}), town({"S1": "Ann Zed"})


@pytest.fixture(scope="module")
def digest():
    return decide(BEFORE, AFTER).plan.digest


def turned(text):
    """The same file, its rows the other way round."""
    header, *rows = text.splitlines()
    return "\n".join([header, *reversed(rows)]) + "\n"


def test_the_digest_does_not_depend_on_row_order(digest):
    again = decide(
        {name: turned(text) for name, text in BEFORE.items()},
        {name: turned(text) for name, text in AFTER.items()},
    )
    assert digest == again.plan.digest


def test_the_digest_does_not_depend_on_thread_count(digest):
    assert digest == decide(BEFORE, AFTER, threads=2).plan.digest


def test_the_digest_does_not_depend_on_time(digest):
    assert digest == decide(BEFORE, AFTER, at=datetime(2026, 10, 20, 23, 1, tzinfo=UTC)).plan.digest


def test_the_digest_does_not_depend_on_line_ends_a_byte_order_mark_or_file_names(digest):
    today = {
        f"Export {name}.csv": b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
        for name, text in AFTER.items()
    }
    assert digest == decide(BEFORE, today).plan.digest


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_the_digest_is_the_same_in_another_process_with_another_hash_seed(digest, seed):
    script = (
        "from rostering.story import decide, town\n"
        "print(decide(town({'S1': 'Ann Ben'}), town({'S1': 'Ann Zed'})).plan.digest)\n"
    )
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[1])}
    told = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    )
    assert digest == told.stdout.strip()


@pytest.mark.parametrize(
    "options",
    [
        {"tenant": "other"},
        {"feed": "other"},
        {"policy": policy_from({"enrollments": "inactive"})},
        {"policy": policy_from({}, 8)},
        {"limits": limits_from({"removals": {"count": 11}})},
        {"limits": limits_from({"removals": {"users": {"school": {"count": 9}}}})},
        {"limits": limits_from({"off": ["class"]})},
        {"options": {"override_sis_stickiness": True}},
        {"apply": "imports"},
    ],
    ids=str,
)
def test_the_digest_covers_tenant_feed_policy_limits_and_import_options(digest, options):
    assert digest != decide(BEFORE, AFTER, **options).plan.digest


def test_the_digest_differs_when_one_cell_of_the_delivery_does(digest):
    today = {**AFTER, "users": AFTER["users"].replace("Zed,zed,Zed", "Zed,zed,Zedd")}
    assert digest != decide(BEFORE, today).plan.digest


def test_the_digest_differs_when_one_cell_of_the_baseline_does(digest):
    # A name that is delivered anyway, so that both plans would send the very same files.
    before = {**BEFORE, "enrollments": BEFORE["enrollments"].replace("Ben", "Cal")}
    told = decide(before, AFTER)
    assert digest != told.plan.digest
    yesterday = {**BEFORE, "groups": table("groups", ["G1,Chess"])}
    assert decide(yesterday, AFTER).plan.digest != digest


def test_two_cells_that_change_places_are_another_roster():
    def told(one, other):
        users = [*TOWN["users"], f"Abe,abe,{one}", f"Bea,bea,{other}"]
        return decide(town({"S1": "Ann"}, users=users), town({"S1": "Ann"}, users=users))

    assert told("Abe", "Bea").plan.digest != told("Bea", "Abe").plan.digest


# -- Counts ----------------------------------------------------------------------------------


def test_the_balance_counts_every_row_of_a_table_once():
    names = numbered(40)
    yesterday = town(
        {"S1": names[:20], "S2": [*names[20:30], "U0040:inactive"]}, users=people(names)
    )
    today = town(
        {"S1": names[:18], "S2": [*names[20:28], "U0029:inactive", "U0031"]}, users=people(names)
    )
    told = decide(yesterday, today)
    assert told.counts("enrollments") == {
        "create": 1,
        "update": 1,
        "delete": 3,  # U0019, U0020, U0030; U0040 had no access any more
        "unchanged": 26,
        "vanished": 4,
    }
    assert 4 == told.removals("enrollments")


def test_orders_are_counted_as_they_are_sent():
    told = decide(
        {**town({"S1": "Ann"}), "logins": "user_id,login_id,existing_user_id\nL1,ann2,Ann\n"},
        {**town({"S1": "Ann"}), "logins": table("logins", ["L1,ann2,Ann", "L2,ann3,Ann"])},
    )
    assert ["L2"] == [row["user_id"] for row in told.rows("logins")]
    assert 1 == told.counts("logins")["create"]
