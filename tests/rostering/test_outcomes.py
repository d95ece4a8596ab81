"""What Canvas confirmed, and what the baseline becomes (`safety.md`, "What confirmed means").

Rows applied advance the baseline, rows refused keep their old one and stay wanted, rows of which
nothing sure is known stay unconfirmed. The messages themselves: `tests/formats`.
"""

import pytest

from rostering.story import TOWN, confirm, decide, table, town

CLASS = "Ann Ben Cal Dee"
NEW = "01/enrollments.csv"
GONE = "02/enrollments.csv"
UNKNOWN_USER = "User not found for enrollment (User ID: Eve, Course ID: , Section ID: S1)"


def in_s1(told):
    """What became of each person's row in S1."""
    return {ident.split()[1]: word for ident, word in told.outcomes["enrollments"].items()}


# Yesterday four are in S1; today Dee is gone, Eve and Fay are new.
YESTERDAY, TODAY = town({"S1": CLASS}), town({"S1": "Ann Ben Cal Eve Fay"})


def test_rows_applied_advance_the_baseline():
    told = confirm(YESTERDAY, TODAY)
    assert {"Eve": "applied", "Fay": "applied", "Dee": "applied"} == in_s1(told)
    assert ["Ann", "Ben", "Cal", "Eve", "Fay"] == told.people("S1")
    assert {} == told.pending


@pytest.mark.parametrize(
    ("row", "message", "eve", "fay"),
    [
        (2, UNKNOWN_USER, "refused", "applied"),
        (None, UNKNOWN_USER, "refused", "applied"),
        (2, 'Improper status "active" for an enrollment', "refused", "applied"),
        (None, 'Improper status "active" for an enrollment', "unconfirmed", "unconfirmed"),
        (2, "Enrolled a user Eve in course C1, but referenced a deleted sis login", "applied", "applied"),
        (2, "Bad date format for user Eve in course C1", "partly", "applied"),
        (2, "Something new that Canvas says", "unconfirmed", "unconfirmed"),
        (None, "Something new that Canvas says", "unconfirmed", "unconfirmed"),
        (None, "Error while importing CSV. Please contact support. (Error report 7)", "unconfirmed", "unconfirmed"),
        (None, "Malformed CSV", "refused", "refused"),
        (None, "Invalid UTF-8", "refused", "refused"),
        (99, "No user_id given for an enrollment", "unconfirmed", "unconfirmed"),
        (3, UNKNOWN_USER, "refused", "applied"),  # the number points at Fay, the message names Eve
        (1, UNKNOWN_USER, "refused", "applied"),
    ],
)  # fmt: skip
def test_each_message_means_something_for_its_row_or_for_its_table(row, message, eve, fay):
    told = confirm(YESTERDAY, TODAY, says={NEW: [(row, message)]}, lost={})
    assert (eve, fay) == (in_s1(told)["Eve"], in_s1(told)["Fay"])
    assert "applied" == in_s1(told)["Dee"], "another import is another matter"


def test_a_message_that_quotes_a_person_who_was_not_sent_makes_its_table_unconfirmed():
    text = UNKNOWN_USER.replace("Eve", "Gus")
    told = confirm(YESTERDAY, TODAY, says={NEW: [(2, text)]}, lost={})
    assert {"unconfirmed"} == {in_s1(told)["Eve"], in_s1(told)["Fay"]}


def test_a_partly_refused_import_advances_only_the_confirmed_rows():
    told = confirm(YESTERDAY, TODAY, says={NEW: [(2, UNKNOWN_USER)]})
    assert ["Ann", "Ben", "Cal", "Fay"] == told.people("S1")
    (waiting,) = told.pending["enrollments"]
    assert ("Eve", "refused", UNKNOWN_USER) == (
        waiting["user_id"],
        waiting["outcome"],
        waiting["reason"],
    )


def test_rows_refused_keep_their_old_row_and_are_sent_again_next_time():
    yesterday = town({"S1": CLASS})
    today = town({"S1": CLASS}, users=[*TOWN["users"][:-1], "Zed,zed,Zed Zulu"])
    refusal = "Could not save the user with user_id: 'Zed'. Invalid login_id: 'zed'"
    told = confirm(yesterday, today, says={"01/users.csv": [(2, refusal)]})
    (row,) = [row for row in told.baseline["users"] if row["user_id"] == "Zed"]
    assert "Zed" == row["full_name"]
    again = decide(as_files(told.baseline), today)
    assert ["Zed Zulu"] == [row["full_name"] for row in again.rows("users")]


def test_a_refused_removal_keeps_its_row_and_is_sent_again():
    text = "An enrollment did not pass validation (course: , section: S1, user: Dee, role: student, error: no)"
    told = confirm(YESTERDAY, TODAY, says={GONE: [(2, text)]})
    assert "refused" == in_s1(told)["Dee"]
    assert "Dee" in told.people("S1")
    again = decide(as_files(told.baseline), TODAY)
    assert [("Dee", "deleted")] == [(r["user_id"], r["status"]) for r in again.rows("enrollments")]


def as_files(baseline):
    """A next baseline as the day before of another story."""
    files = {}
    for name, rows in baseline.items():
        if rows:
            lines = [",".join(rows[0])]
            lines += [",".join(cell or "" for cell in row.values()) for row in rows]
            files[name] = "\n".join(lines) + "\n"
    return files


@pytest.mark.parametrize(
    "message",
    [
        "User not found for enrollment (User ID: Dee, Course ID: , Section ID: S1)",
        "An enrollment referenced a non-existent section S1",
    ],
)
def test_already_gone_confirms_a_removal(message):
    today = town({"S1": "Ann Ben"})
    told = confirm(YESTERDAY, today, says={GONE: [(3, message)]})
    assert {"Cal": "applied", "Dee": "applied"} == in_s1(told)
    assert ["Ann", "Ben"] == told.people("S1")


def test_an_observer_who_is_not_linked_is_already_gone():
    yesterday = {**YESTERDAY, "user_observers": table("user_observers", ["Zed,Ann", "Yan,Ann"])}
    today = {**YESTERDAY, "user_observers": table("user_observers", ["Xia,Ann"])}
    text = "Can't delete a non-existent observer for observer: Zed, student: Ann"
    told = confirm(yesterday, today, says={"02/user_observers.csv": [(None, text)]})
    assert {"applied"} == set(told.outcomes["user_observers"].values())
    assert ["Xia"] == [row["observer_id"] for row in told.baseline["user_observers"]]


def test_the_same_words_about_a_new_row_refuse_it():
    text = "An enrollment referenced a non-existent section S1"
    told = confirm(YESTERDAY, TODAY, says={NEW: [(2, text)]})
    assert "refused" == in_s1(told)["Eve"]


def test_a_row_refused_as_done_already_is_confirmed_only_where_it_was_sent_before():
    today = {**YESTERDAY, "logins": table("logins", ["L1,ann2,Ann"])}
    text = "An existing Canvas user with the SIS ID L1 or login of ann2 already exists, skipping"
    says = {"01/logins.csv": [(2, text)]}
    assert {"L1": "refused"} == confirm(YESTERDAY, today, says=says).outcomes["logins"]
    again = confirm(YESTERDAY, today, says=says, resent=[("logins", "L1")])
    assert {"L1": "applied"} == again.outcomes["logins"]


def test_fewer_rows_counted_than_explained_make_the_table_unconfirmed():
    told = confirm(YESTERDAY, TODAY, lost={NEW: 1})
    assert {"Eve": "unconfirmed", "Fay": "unconfirmed", "Dee": "applied"} == in_s1(told)
    assert CLASS.split()[:3] == told.people("S1")


def test_a_row_that_is_partly_applied_hides_no_row_that_was_lost():
    dates = "Bad date format for user Eve in course C1"
    told = confirm(YESTERDAY, TODAY, says={NEW: [(2, dates)]}, lost={NEW: 1})
    assert "unconfirmed" == in_s1(told)["Fay"]


def test_an_e_mail_that_is_refused_is_no_lost_row():
    today = town({"S1": CLASS}, users=[*TOWN["users"], "Abe,abe,Abe", "Bea,bea,Bea"])
    text = "The email address associated with user 'Abe' is invalid (email: 'x')"
    told = confirm(YESTERDAY, today, says={"01/users.csv": [(2, text)]}, lost={"01/users.csv": 1})
    assert {"Abe": "partly", "Bea": "applied"} == told.outcomes["users"]


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"finished": False}, "unconfirmed"),
        ({"complete": False}, "unconfirmed"),
        ({"sent": False}, "unsent"),
    ],
)
def test_an_import_that_did_not_end_or_was_not_read_whole_advances_nothing_doubtful(facts, outcome):
    told = confirm(YESTERDAY, TODAY, imports={2: facts})
    assert {"Eve": "applied", "Fay": "applied", "Dee": outcome} == in_s1(told)
    assert "Dee" in told.people("S1")
    assert outcome == told.pending["enrollments"][0]["outcome"]


def test_what_canvas_refused_of_an_unfinished_import_is_refused():
    told = confirm(
        YESTERDAY, TODAY, says={NEW: [(2, UNKNOWN_USER)]}, imports={1: {"finished": False}}
    )
    assert ("refused", "unconfirmed") == (in_s1(told)["Eve"], in_s1(told)["Fay"])


def test_a_message_of_a_file_we_did_not_send_makes_the_import_unconfirmed():
    told = confirm(YESTERDAY, TODAY, says={"01/other.csv": [(2, "Something new")]})
    assert "unconfirmed" == in_s1(told)["Eve"]


def test_a_message_joins_the_row_of_the_delivery_it_speaks_of():
    (message,) = confirm(YESTERDAY, TODAY, says={NEW: [(2, UNKNOWN_USER)]}).messages
    assert ("enrollments.csv", 5, "enrollments", "refused") == (
        message.file, message.row, message.table, message.effect,
    )  # fmt: skip
    assert "Eve" in message.means
    assert message.remedy


# -- The next baseline -----------------------------------------------------------------------


def test_what_canvas_removed_by_itself_goes_from_the_baseline_with_its_cause():
    today = town({"S2": ""}, sections=TOWN["sections"][1:])
    told = confirm(YESTERDAY, today)
    assert [] == told.people("S1")
    assert "S1" not in {row["section_id"] for row in told.baseline["sections"]}


def test_what_canvas_would_have_removed_stays_where_its_cause_is_refused():
    today = town({"S2": ""}, sections=TOWN["sections"][1:])
    text = "A section did not pass validation (section: S1 / Bio 1, course: C1, error: no)"
    told = confirm(YESTERDAY, today, says={"01/sections.csv": [(2, text)]})
    assert CLASS.split() == told.people("S1")


def test_a_vanished_user_is_kept_as_suspended():
    today = town({"S1": CLASS}, users=[row for row in TOWN["users"] if "Zed" not in row])
    told = confirm(YESTERDAY, today)
    assert ["suspended"] == [r["status"] for r in told.baseline["users"] if r["user_id"] == "Zed"]


def test_imports_deliveries_overlay_the_baseline_and_diffing_deliveries_replace_it():
    today = {"enrollments": town({"S1": "Eve"})["enrollments"]}
    told = confirm(YESTERDAY, today, apply="imports")
    assert sorted([*CLASS.split(), "Eve"]) == sorted(told.people("S1"))
    assert len(TOWN["users"]) == len(told.baseline["users"])
    told = confirm(YESTERDAY, town({"S1": "Eve"}))
    assert ["Eve"] == told.people("S1")


def test_a_table_that_did_not_come_stays_in_the_baseline():
    today = {name: text for name, text in YESTERDAY.items() if name != "users"}
    told = confirm(YESTERDAY, {**today, "enrollments": TODAY["enrollments"]})
    assert len(TOWN["users"]) == len(told.baseline["users"])


def test_an_order_that_was_carried_out_is_not_given_twice():
    today = {**YESTERDAY, "change_sis_id": table("change_sis_id", ["OLD,NEW,group_category"])}
    told = confirm(YESTERDAY, today)
    change = {"old_id": "OLD", "new_id": "NEW", "type": "group_category"}
    assert [change] == told.baseline["change_sis_id"]
    assert "nothing" == decide(as_files(told.baseline), today).decision


def test_a_confirmed_plan_leaves_nothing_to_do():
    told = confirm(YESTERDAY, TODAY)
    assert "nothing" == decide(as_files(told.baseline), TODAY).decision


def test_a_row_that_is_left_alone_stays_in_the_baseline():
    today = town(enrollments="section_id,user_id,role,status\nS1,Ann,student,active\nS1,Be")
    told = confirm(YESTERDAY, today)
    assert CLASS.split() == told.people("S1")


# -- What is not confirmed is asked for again --------------------------------------------------


def test_an_unconfirmed_removal_is_sent_again():
    told = confirm(YESTERDAY, TODAY, imports={2: {"finished": False}})
    again = decide(as_files(told.baseline), TODAY, pending=told.pending)
    assert [("Dee", "deleted")] == [(r["user_id"], r["status"]) for r in again.rows("enrollments")]


def test_who_comes_back_after_an_unconfirmed_removal_is_sent_again_though_nothing_differs():
    """Canvas may have removed Dee: that the baseline still lists her proves nothing."""
    told = confirm(YESTERDAY, TODAY, imports={2: {"finished": False}})
    back = town({"S1": "Ann Ben Cal Dee Eve Fay"})
    again = decide(as_files(told.baseline), back, pending=told.pending)
    assert [("Dee", "active")] == [(r["user_id"], r["status"]) for r in again.rows("enrollments")]
    assert again.removed == []


def test_who_goes_with_a_section_whose_removal_is_unconfirmed_is_sent_again_with_it():
    today = town({"S2": ""}, sections=TOWN["sections"][1:])
    told = confirm(YESTERDAY, today, imports={1: {"finished": False}})
    again = decide(as_files(told.baseline), YESTERDAY, pending=told.pending)
    assert ["S1"] == [row["section_id"] for row in again.rows("sections")]
    assert CLASS.split() == [row["user_id"] for row in again.rows("enrollments")]


def test_a_refused_row_that_is_wanted_no_longer_is_not_sent():
    told = confirm(YESTERDAY, TODAY, says={NEW: [(2, UNKNOWN_USER)]})
    again = decide(as_files(told.baseline), town({"S1": "Ann Ben Cal Fay"}), pending=told.pending)
    assert "nothing" == again.decision
