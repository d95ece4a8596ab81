"""What is a removal, and what never is: `safety.md`, "Removals", sentence by sentence.

What a delivery counts as a removal, moves, first loads, tables that are missing, empty or read in
part, rows with errors, other feeds, and the phases of a term.
"""

from datetime import UTC, datetime

import pytest

from rostering.story import TOWN, decide, district, numbered, people, roll, town
from rosterway.rostering.policy import policy_from

CLASS = "Ann Ben Cal Dee Eve Fay Gus Hal"
A_WEEK_BEFORE = datetime(2026, 12, 11, 6, 0, tzinfo=UTC)
EIGHT_DAYS_BEFORE = datetime(2026, 12, 10, 23, 59, tzinfo=UTC)


def removed(told, name):
    """Whom a plan removes of a table, and how: moves are told apart."""
    return {
        row["words"]: "moved" if row["moved"] else row["how"]
        for row in told.removed
        if row["tbl"] == name
    }


def without(table_name, *keys):
    """The town's rows of a table, some left out."""
    return [row for row in TOWN[table_name] if row.split(",")[0] not in keys]


# -- A removal is ... ------------------------------------------------------------------------


def test_a_vanished_row_that_is_acted_on_is_a_removal():
    told = decide(town({"S1": CLASS}), town({"S1": CLASS.replace(" Hal", "")}))
    assert {"S1 Hal student": "vanished"} == removed(told, "enrollments")
    assert ["deleted"] == [row["status"] for row in told.rows("enrollments", user_id="Hal")]


@pytest.mark.parametrize("status", ["deleted", "completed", "inactive", "deleted_last_completed"])
def test_a_row_whose_status_takes_access_away_is_a_removal(status):
    told = decide(town({"S1": CLASS}), town({"S1": CLASS.replace("Hal", f"Hal:{status}")}))
    assert {"S1 Hal student": "turned"} == removed(told, "enrollments")


@pytest.mark.parametrize(
    ("name", "row", "status"),
    [
        ("users", "Zed,zed,Zed,{}", "suspended"),
        ("users", "Zed,zed,Zed,{}", "deleted"),
        ("courses", "CY,YRB,Yearbook,H,YEAR,{}", "completed"),
        ("courses", "CY,YRB,Yearbook,H,YEAR,{}", "deleted"),
        ("sections", "SY,CY,Yearbook,{}", "deleted"),
        ("accounts", "X,,Annex,{}", "deleted"),
        ("terms", "ODD,Empty,{},,", "deleted"),
    ],
)
def test_suspended_deleted_and_concluded_are_removals_in_every_table(name, row, status):
    key = row.split(",")[0]
    before = town({"S1": CLASS}, **{name: [*without(name, key), row.format("active")]})
    today = town({"S1": CLASS}, **{name: [*without(name, key), row.format(status)]})
    told = decide(before, today)
    assert {key: "turned"} == removed(told, name)


@pytest.mark.parametrize(
    ("name", "yesterday", "today"),
    [
        ("terms", "2026-12-18", "2026-10-12"),
        ("terms", "", "2026-10-12"),
        ("courses", "2026-12-18", "2026-10-12"),
        ("sections", "", "2026-10-13T05:59:59Z"),
        ("enrollments", "2026-12-18", "2026-10-12"),
    ],
)
def test_a_row_whose_end_date_takes_access_away_is_a_removal(name, yesterday, today):
    dated = {
        "terms": "term_id,name,status,start_date,end_date\nAUTUMN,Autumn,active,,{}\n",
        "courses": (
            "course_id,short_name,long_name,account_id,term_id,status,end_date\n"
            "C1,BIO,Biology,H,AUTUMN,active,{}\n"
        ),
        "sections": "section_id,course_id,name,status,end_date\nS1,C1,Bio,active,{}\n",
        "enrollments": (
            "section_id,user_id,role,status,start_date,end_date\n"
            "S1,Ann,student,active,2026-08-17,{}\n"
        ),
    }

    def files(end):
        plain = {**town({"S1": "Ann"}), **{key: text.format("") for key, text in dated.items()}}
        return {**plain, name: dated[name].format(end)}

    told = decide(files(yesterday), files(today))
    assert "turned" in removed(told, name).values()
    assert told.removals(name) == 1


def test_an_end_date_that_moves_within_the_future_is_no_removal():
    def files(end):
        return town({"S1": "Ann"}, terms=[f"AUTUMN,Autumn 2026,active,2026-08-17,{end}"])

    told = decide(files("2026-12-18"), files("2026-12-11"))
    assert told.removed == []
    assert told.decision == "go"


def test_what_canvas_removes_as_a_consequence_is_a_removal():
    told = decide(
        town({"S1": "Ann Ben", "S2": "Cal"}),
        town({"S2": "Cal"}, sections=without("sections", "S1")),
    )
    assert {"S1": "vanished"} == removed(told, "sections")
    assert {"S1 Ann student", "S1 Ben student"} == removed(told, "enrollments").keys()
    assert told.removals("enrollments") == 2


@pytest.mark.parametrize(
    ("name", "key"), [("sections", "S1"), ("courses", "C1")], ids=["section", "course"]
)
@pytest.mark.parametrize("explicit", [False, True], ids=["vanished", "deleted"])
def test_deleting_a_class_counts_its_enrollments_even_where_still_listed_and_always_holds(
    name, key, explicit
):
    rows = without(name, key)
    if explicit:
        rows += [f"{row},deleted" for row in TOWN[name] if row.startswith(f"{key},")]
    told = decide(town({"S1": "Ann Ben"}), town({"S1": "Ann Ben"}, **{name: rows}))
    assert {"S1 Ann student": "consequence", "S1 Ben student": "consequence"} == removed(
        told, "enrollments"
    )
    assert told.decision == "hold"
    assert any("still lists" in hold.message for hold in told.plan.holds)


def test_a_course_that_only_concludes_keeps_its_people():
    courses = [*without("courses", "C1"), "C1,BIO,Biology,H,AUTUMN,completed"]
    told = decide(town({"S1": "Ann Ben"}), town({"S1": "Ann Ben"}, courses=courses))
    assert {} == removed(told, "enrollments")
    assert {"C1": "turned"} == removed(told, "courses")


def test_a_users_last_login_counts_all_of_their_enrollments():
    told = decide(
        town({"S1": "Ann Ben", "S3": "Ann"}, user_observers=["Zed,Ann"]),
        town(
            {"S1": "Ann Ben", "S3": "Ann"},
            user_observers=["Zed,Ann"],
            users=[*without("users", "Ann"), "Ann,ann,Ann,deleted"],
        ),
    )
    assert {"S1 Ann student": "consequence", "S3 Ann student": "consequence"} == removed(
        told, "enrollments"
    )
    assert {"Zed Ann": "consequence"} == removed(told, "user_observers")


def test_suspending_a_user_removes_nothing_else():
    told = decide(town({"S1": "Ann Ben"}), town({"S1": "Ann Ben"}, users=without("users", "Ann")))
    assert {"Ann": "vanished"} == removed(told, "users")
    assert {} == removed(told, "enrollments")
    assert ["suspended"] == [row["status"] for row in told.rows("users", user_id="Ann")]


def test_a_file_in_which_every_status_turned_deleted_is_as_dangerous_as_an_empty_one():
    everybody = {"S1": CLASS, "S2": "Ida Joe Kim Lee"}
    turned = {
        name: [f"{who}:deleted" for who in who_all.split()] for name, who_all in everybody.items()
    }
    told = decide(town(everybody), town(turned))
    assert told.removals("enrollments") == 12
    assert told.hold("removals").count == 12


def test_rows_of_an_ended_term_are_no_removals():
    told = decide(
        town({"S0": CLASS, "S1": "Ann"}),
        town({"S0": [f"{name}:deleted" for name in CLASS.split()], "S1": "Ann"}),
    )
    assert told.removed == []
    assert told.decision == "go"


def test_a_delivery_that_ends_the_term_does_not_make_its_own_removals_harmless():
    terms = ["AUTUMN,Autumn 2026,active,2026-08-17,2026-10-01"]
    told = decide(town({"S1": CLASS}), town({"S1": "Ann"}, terms=terms))
    assert told.removals("enrollments") == 8  # seven vanish, and the term's end takes the last
    assert told.decision == "hold"


def test_a_date_override_that_ends_a_role_takes_that_roles_enrollments():
    header = "term_id,name,status,start_date,end_date,date_override_enrollment_type\n"
    main = "AUTUMN,Autumn 2026,active,2026-08-17,2026-12-18,\n"
    enrolled = {"S1": CLASS + " Tom/teacher"}
    told = decide(
        town(enrolled, terms=header + main),
        town(
            enrolled,
            terms=header + main + "AUTUMN,,active,2026-08-17,2026-10-01,StudentEnrollment\n",
        ),
    )
    assert set(CLASS.split()) == {key.split()[1] for key in removed(told, "enrollments")}
    assert told.decision == "hold"


def test_a_date_override_is_no_removal_while_it_lies_ahead():
    header = "term_id,name,status,start_date,end_date,date_override_enrollment_type\n"
    main = "AUTUMN,Autumn 2026,active,2026-08-17,2026-12-18,\n"
    told = decide(
        town({"S1": CLASS}, terms=header + main),
        town(
            {"S1": CLASS},
            terms=header + main + "AUTUMN,,active,2026-08-17,2026-12-11,StudentEnrollment\n",
        ),
    )
    assert told.removed == []


def test_a_course_cross_listed_into_takes_its_guests_along_when_deleted():
    told = decide(
        town({"S1": "Ann Ben", "S3": "Cal Dee Eve"}, xlists=["C1,S3"]),
        town(
            {"S3": "Cal Dee Eve"},
            xlists=["C1,S3"],
            courses=without("courses", "C1"),
            sections=without("sections", "S1", "S2"),
        ),
    )
    gone = removed(told, "enrollments")
    assert {"S3 Cal student", "S3 Dee student", "S3 Eve student"} <= gone.keys()
    assert told.decision == "hold"


# -- A removal paired with an addition is a move ---------------------------------------------


def test_a_removal_with_an_addition_of_the_same_person_to_a_known_class_is_a_move():
    told = decide(
        town({"S1": CLASS, "S2": "Zed"}),
        town({"S1": CLASS.replace(" Hal", ""), "S2": "Zed Hal"}),
    )
    assert {"S1 Hal student": "moved"} == removed(told, "enrollments")
    assert told.removals("enrollments") == 0


def test_a_whole_class_that_moves_to_another_class_of_the_school_is_no_alarm():
    told = decide(town({"S1": CLASS, "S2": "Zed"}), town({"S1": "", "S2": f"Zed {CLASS}"}))
    assert told.decision == "go"
    assert told.removals("enrollments") == 0


def test_an_addition_to_a_class_the_baseline_lacks_is_no_move():
    sections = [*TOWN["sections"], "S9,C1,Bio 9"]
    told = decide(town({"S1": CLASS}), town({"S1": "", "S9": CLASS}, sections=sections))
    assert told.removals("enrollments") == 8
    assert told.decision == "hold"


def test_an_addition_to_a_class_whose_term_is_over_is_no_move():
    told = decide(town({"S1": CLASS, "S0": "Zed"}), town({"S1": "", "S0": f"Zed {CLASS}"}))
    assert told.removals("enrollments") == 8
    assert told.decision == "hold"


def test_an_addition_that_is_over_already_is_no_move():
    header = "section_id,user_id,role,status,start_date,end_date\n"
    yesterday = header + "".join(f"S1,{name},student,active,,\n" for name in CLASS.split())
    moved = "".join(f"S2,{name},student,active,2026-08-17,2026-09-30\n" for name in CLASS.split())
    told = decide(
        town(enrollments=yesterday + "S2,Zed,student,active,,\n"),
        town(enrollments=header + moved + "S2,Zed,student,active,,\n"),
    )
    assert told.removals("enrollments") == 8


def test_an_addition_to_a_class_that_goes_itself_is_no_move():
    told = decide(
        town({"S1": CLASS, "S2": ""}),
        town({"S1": "", "S2": CLASS}, sections=without("sections", "S2")),
    )
    assert told.removals("enrollments") == 8
    assert told.decision == "hold"


def test_another_role_in_the_same_class_is_no_move():
    teachers = [f"{name}/teacher" for name in CLASS.split()]
    told = decide(town({"S1": teachers}), town({"S1": CLASS}))
    assert told.removals("enrollments") == 8
    assert told.decision == "hold"


def test_one_addition_pairs_with_one_removal_in_wide_scopes():
    told = decide(
        town({"S1": "Ann Ben", "S2": "Ann", "S3": "Zed"}), town({"S1": "Ben", "S3": "Zed Ann"})
    )
    assert told.removals("enrollments") == 1
    assert sorted(["moved", "vanished"]) == sorted(removed(told, "enrollments").values())


def test_at_class_level_any_addition_in_the_same_school_counts():
    # Eight pupils leave two classes for one: to each class it is a move.
    told = decide(
        town({"S1": CLASS, "SY": CLASS, "S2": "Zed"}),
        town({"S2": f"Zed {CLASS}"}),
    )
    assert told.removals("enrollments") == 8
    assert "class" not in told.guards


def test_at_class_level_an_addition_in_another_school_does_not_count():
    told = decide(town({"S1": CLASS, "S3": "Zed"}), town({"S3": f"Zed {CLASS}"}))
    assert told.removals("enrollments") == 0
    assert "class" in told.guards or "to-none" in told.guards


# -- Without a baseline ----------------------------------------------------------------------


def test_without_a_baseline_every_removal_holds():
    told = decide(None, town({"S1": "Ann Ben:deleted"}), first_load=True)
    assert told.guards == ["no-baseline"]
    assert (1, "enrollments") == (told.hold("no-baseline").count, told.hold("no-baseline").table)


def test_the_first_load_holds_once_so_that_a_person_sees_it():
    assert decide(None, town({"S1": "Ann"})).guards == ["first-load"]
    assert decide(None, town({"S1": "Ann"}), first_load=True).decision == "go"
    assert decide(town({"S1": "Ann"}), town({"S1": "Ann Ben"})).decision == "go"


# -- A table absent, emptied, without bytes, read in part ------------------------------------


@pytest.mark.parametrize("name", ["enrollments", "users", "sections", "courses", "terms"])
def test_a_table_absent_from_a_delivery_never_removes_anything_and_holds_in_diffing(name):
    today = {key: text for key, text in town({"S1": CLASS}).items() if key != name}
    told = decide(town({"S1": CLASS}), today)
    assert told.guards == ["missing-table"]
    assert told.hold("missing-table").table == name
    assert told.removed == []
    assert set(told.spared(name).values()) == {"absent"}


def test_a_table_absent_in_imports_means_nothing():
    told = decide(town({"S1": CLASS}), {"users": town()["users"]}, apply="imports")
    assert (told.decision, told.guards, told.removed) == ("nothing", [], [])


def test_a_missing_table_of_which_the_baseline_has_no_rows_does_not_hold():
    yesterday = {**town({"S1": "Ann"}), "xlists": "xlist_course_id,section_id,status\n"}
    assert decide(yesterday, town({"S1": "Ann"})).decision == "nothing"


def test_a_table_with_a_header_and_no_rows_is_emptied_and_holds_in_diffing():
    told = decide(town({"S1": CLASS}), town({}))
    assert told.guards == ["emptied"]
    assert (8, 8) == (told.hold("emptied").count, told.hold("emptied").of)
    assert told.removals("enrollments") == 8, "a person's approval lets it remove"


def test_a_table_with_a_header_and_no_rows_removes_nothing_in_imports():
    told = decide(town({"S1": CLASS}), town({}), apply="imports")
    assert (told.decision, told.removed) == ("nothing", [])


@pytest.mark.parametrize("apply", ["diffing", "imports"])
def test_a_zero_byte_file_is_the_table_its_name_says_and_holds_and_removes_nothing(apply):
    told = decide(town({"S1": CLASS}), {**town({"S1": CLASS}), "enrollments": b""}, apply=apply)
    assert told.guards == ["emptied"]
    assert told.hold("emptied").table == "enrollments"
    assert (told.removed, told.plan.files) == ([], [])


HEADER = "section_id,user_id,role,status\n"


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ('S1,Gus,student,active\nS1,"Hal', "an open quote"),
        ("S1,Gus,student,active\nS1,Hal", "a last record shorter than the header"),
        (",Gus,student,active\nS1,Fay,student,active\n", "a row without a readable key"),
        ("S1,,student,active\nS1,Fay,student,active\n", "a row without a readable key"),
    ],
)
def test_a_table_read_only_in_part_removes_nothing(end, why):
    today = town(enrollments=HEADER + "S1,Ann,student,active\nS1,Ben,student,active\n" + end)
    told = decide(town({"S1": CLASS}), today)
    assert told.removed == [], why
    assert not told.rows("enrollments", status="deleted"), why
    assert {"unsure"} == set(told.spared("enrollments").values()), why


def test_what_a_table_read_in_part_would_have_removed_is_shown():
    today = town(enrollments=HEADER + "S1,Ann,student,active\nS1,Ben,stu")
    told = decide(town({"S1": CLASS}), today)
    assert told.counts("enrollments")["vanished"] == 7
    assert told.counts("enrollments")["delete"] == 0


def test_a_missing_final_newline_alone_is_no_truncation():
    today = town(
        enrollments="\n".join([HEADER.strip(), *roll({"S1": "Ann Ben Cal Dee Eve Fay Gus"})])
    )
    told = decide(town({"S1": CLASS}), today)
    assert {"S1 Hal student": "vanished"} == removed(told, "enrollments")


def test_rows_that_say_deleted_do_not_remove_from_a_table_read_in_part():
    end = "S1,Gus,student,deleted\nS1,Hal,student,completed\nS1,Ida,student,active\nS1,Joe,stu"
    body = "".join(f"S1,{name},student,active\n" for name in CLASS.split()[:6])
    told = decide(town({"S1": CLASS}), town(enrollments=HEADER + body + end))
    assert told.removed == []
    assert [("Ida", "active")] == [(r["user_id"], r["status"]) for r in told.rows("enrollments")]
    assert told.counts("enrollments") == {
        "create": 1,
        "update": 0,
        "delete": 0,
        "unchanged": 8,
        "vanished": 2,
    }


def test_a_pull_that_is_not_proven_complete_adds_and_updates_and_removes_nothing():
    told = decide(
        town({"S1": CLASS}),
        town({"S1": "Ann Ben:deleted Zed"}, users=without("users", "Eve")),
        unproven="7 of 8 pages came",
    )
    assert told.removed == []
    assert [("Zed", "active")] == [(r["user_id"], r["status"]) for r in told.rows("enrollments")]
    assert "unproven-pull" in told.guards


# -- A row with an error ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("S1,Hal,student,gone", "a status Canvas does not know"),
        ("S1,Hal,Student,gone", "and its role in another letter case"),
        ("S1,Hal,STUDENTS,gone", "and a role Canvas reads as student"),
        ("S1,Hal,student,", "no status"),
        ("S1,Hal,student,active\nS1,Hal,student,deleted", "a key that contradicts itself"),
    ],
)
def test_a_row_with_an_error_is_neither_applied_nor_vanished(row, why):
    body = "".join(f"S1,{name},student,active\n" for name in CLASS.split()[:7])
    told = decide(town({"S1": CLASS}), town(enrollments=HEADER + body + row + "\n"))
    assert told.removed == [], why
    assert told.plan.files == [], why


def test_an_error_in_a_users_row_does_not_remove_their_enrollments():
    users = [*without("users", "Ann"), "Ann,ann,Ann,retired"]
    told = decide(town({"S1": "Ann Ben"}), town({"S1": "Ann Ben"}, users=users))
    assert (told.decision, told.removed) == ("nothing", [])


def test_a_section_whose_row_has_an_error_keeps_its_people():
    sections = [*without("sections", "S1"), "S1,C1,,active"]
    told = decide(town({"S1": CLASS}), town({"S1": CLASS}, sections=sections))
    assert told.removed == []


# -- Other feeds -----------------------------------------------------------------------------


def test_a_row_still_held_by_another_feeds_baseline_is_not_removed():
    told = decide(
        town({"S1": "Ann Ben"}),
        town({"S1": "Ben"}),
        elsewhere=town({"S1": "Ann"}),
    )
    assert {"S1 Ann student": "elsewhere"} == told.spared("enrollments")
    assert told.decision == "nothing"


def test_a_row_held_elsewhere_is_not_removed_by_its_own_status_either():
    told = decide(
        town({"S1": "Ann Ben"}),
        town({"S1": "Ann:deleted Ben"}, users=[*without("users", "Cal"), "Cal,cal,Cal,suspended"]),
        elsewhere=town({"S1": "Ann"}, users=people("Ann Cal")),
    )
    assert (told.removed, told.plan.files) == ([], [])


def test_a_row_that_another_feed_has_as_deleted_is_not_held_by_it():
    told = decide(
        town({"S1": "Ann Ben"}), town({"S1": "Ben"}), elsewhere=town({"S1": "Ann:deleted"})
    )
    assert {"S1 Ann student": "vanished"} == removed(told, "enrollments")


def test_deleting_a_class_counts_the_people_another_feed_put_there_and_holds():
    told = decide(
        town({"S1": "Ann"}),
        town({"S2": "Ann"}, sections=without("sections", "S1")),
        elsewhere=district(enrollments=["S1,Zed,student", "S1,Yan,student"]),
    )
    assert {"S1 Zed student", "S1 Yan student"} <= removed(told, "enrollments").keys()
    assert told.decision == "hold"


def test_an_id_that_leaves_one_feed_and_appears_in_another_is_a_move():
    told = decide(
        town({"S1": CLASS}),
        town({"S1": ""}, users=[]),
        elsewhere=town({"S1": CLASS}),
    )
    assert told.removed == []


# -- The phases of a term --------------------------------------------------------------------


def test_vanished_rows_are_acted_on_while_their_term_runs():
    told = decide(
        town({"S1": CLASS, "S2": "Zed"}),
        town({"S1": CLASS, "S2": ""}, sections=without("sections", "S2")),
        at=EIGHT_DAYS_BEFORE,
    )
    assert [{"status": "deleted"}] == [{"status": row["status"]} for row in told.rows("sections")]


def test_from_seven_days_before_the_terms_end_vanished_enrollments_complete():
    told = decide(town({"S1": CLASS}), town({"S1": CLASS.replace(" Hal", "")}), at=A_WEEK_BEFORE)
    assert ["completed"] == [row["status"] for row in told.rows("enrollments", user_id="Hal")]


def test_from_seven_days_before_the_terms_end_vanished_sections_and_courses_are_left_alone():
    told = decide(
        town({"S1": CLASS, "S3": "Zed"}, xlists=["C1,S3"]),
        town(
            {"S1": CLASS},
            sections=without("sections", "S3"),
            courses=without("courses", "C2"),
            xlists=["C1,SY"],
        ),
        at=A_WEEK_BEFORE,
    )
    assert {"S3": "term"} == told.spared("sections")
    assert {"C2": "term"} == told.spared("courses")
    assert {"S3": "term"} == told.spared("xlists")


def test_the_days_before_a_terms_end_are_configurable():
    told = decide(
        town({"S1": CLASS}),
        town({"S1": CLASS.replace(" Hal", "")}),
        at=EIGHT_DAYS_BEFORE,
        policy=policy_from({}, 8),
    )
    assert ["completed"] == [row["status"] for row in told.rows("enrollments", user_id="Hal")]


def test_a_term_whose_dates_are_not_known_counts_as_running():
    told = decide(town({"SY": CLASS}), town({"SY": CLASS.replace(" Hal", "")}), at=A_WEEK_BEFORE)
    assert {"SY Hal student": "vanished"} == removed(told, "enrollments")
    assert ["deleted"] == [row["status"] for row in told.rows("enrollments", user_id="Hal")]


@pytest.mark.parametrize(("name", "key"), [("sections", "S0"), ("courses", "C0")])
def test_what_vanishes_of_a_term_that_is_over_is_left_alone(name, key):
    told = decide(town({"S0": "Ann"}), town({"S0": "Ann"}, **{name: without(name, key)}))
    assert {key: "term"} == told.spared(name)
    assert told.removed == []


def test_what_a_row_of_the_baseline_still_belongs_to_is_not_forgotten():
    unused = town({"S1": "Ann"})
    told = decide(unused, {**unused, **town(sections=without("sections", "S0"))})
    assert {"S0": "forgotten"} == told.spared("sections")
    told = decide(unused, {**unused, **town(courses=without("courses", "C0"))})
    assert {"C0": "term"} == told.spared("courses"), "its section is known still"


def test_a_cross_listing_of_a_term_that_is_over_is_left_alone():
    told = decide(
        town({"S0": "Ann"}, xlists=["CY,S0", "C1,S3"]), town({"S0": "Ann"}, xlists=["C1,S3"])
    )
    assert not told.rows("xlists")
    assert told.removed == []


def test_a_term_that_is_over_is_not_deleted_whatever_the_policy():
    told = decide(
        town({"S1": "Ann"}),
        town({"S1": "Ann"}, terms=without("terms", "SPRING")),
        policy=policy_from({"terms": "deleted"}),
    )
    assert not told.rows("terms")


@pytest.mark.parametrize("table_name", ["accounts", "terms", "groups", "admins"])
def test_tables_the_policy_does_not_name_are_left_alone(table_name):
    base = {
        **town({"S1": "Ann"}),
        **district(groups=["G1,Chess", "G2,Choir"], admins=["Ann,H,Principal", "Ben,H,Principal"]),
    }
    lines = base[table_name].splitlines(keepends=True)
    told = decide(base, {**base, table_name: "".join(lines[:-1])})
    assert {"policy"} == set(told.spared(table_name).values())
    assert told.plan.files == []


def test_a_row_the_baseline_has_without_access_is_not_sent_again_when_it_vanishes():
    told = decide(town({"S1": "Ann Ben:inactive"}), town({"S1": "Ann"}))
    assert {"S1 Ben student": "gone"} == told.spared("enrollments")
    assert told.decision == "nothing"


def test_a_person_who_is_named_another_way_has_not_vanished():
    """A file that begins to give integration ids names the same enrollments anew."""
    yesterday = HEADER + "S1,Ann,student,active\nS1,Ben,student,active\n"
    today = (
        "section_id,user_id,user_integration_id,role,status\n"
        "S1,Ann,I1,student,active\nS1,Ben,,student,active\n"
    )
    told = decide(town(enrollments=yesterday), town(enrollments=today))
    assert told.removed == []
    assert not told.rows("enrollments", status="deleted")


def test_numbers_are_told_as_they_are():
    names = numbered(30)
    told = decide(
        town({"S1": names}, users=people(names)), town({"S1": names[:29]}, users=people(names))
    )
    assert told.counts("enrollments") == {
        "create": 0,
        "update": 0,
        "delete": 1,
        "unchanged": 29,
        "vanished": 1,
    }
