"""A vanished row waits for some runs or days before anything becomes of it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rostering.story import TUESDAY, decide, town
from rosterway.errors import ConfigError
from rosterway.rostering.policy import Grace, Unit, policy_from

CLASS = "Ann Ben Cal Dee Eve Fay Gus Hal"
FULL = town({"S1": CLASS})
WITHOUT_HAL = town({"S1": CLASS.replace(" Hal", "")})


class Mornings:
    """One delivery after another, each of which goes through and removes what it may."""

    def __init__(self, **vanished):
        self.policy = policy_from(vanished)
        self.missing = {}
        self.at = TUESDAY

    def comes(self, today, *, days=1, **more):
        told = decide(FULL, today, policy=self.policy, at=self.at, missing=self.missing, **more)
        self.missing = told.missing
        self.at += timedelta(days=days)
        return told


def sent(told):
    return [(row["user_id"], row["status"]) for row in told.rows("enrollments")]


HAL = [("Hal", "deleted")]


def test_after_a_grace_of_two_runs_the_third_that_misses_a_row_acts_on_it():
    office = Mornings(grace="2 runs")
    assert [[], [], HAL] == [sent(office.comes(WITHOUT_HAL, days=0)) for _ in range(3)]


def test_after_a_grace_of_three_days_the_run_three_days_later_acts_on_it():
    office = Mornings(grace="3 days")
    days = [sent(office.comes(WITHOUT_HAL)) for _ in range(4)]
    assert [[], [], [], HAL] == days


def test_days_are_counted_by_date_and_not_by_the_minute():
    office = Mornings(grace="1 day")
    assert [] == sent(office.comes(WITHOUT_HAL))
    office.at -= timedelta(minutes=20)
    assert HAL == sent(office.comes(WITHOUT_HAL))


def test_a_row_that_waits_is_no_removal_and_says_why():
    told = Mornings(grace="3 days").comes(WITHOUT_HAL)
    assert {"S1 Hal student": "grace"} == told.spared("enrollments")
    assert (0, 0) == (told.removals("enrollments"), told.counts("enrollments")["delete"])
    assert ("nothing", []) == (told.decision, told.guards)


def test_a_plan_says_how_long_what_waits_still_does():
    office = Mornings(grace="3 days")
    office.comes(WITHOUT_HAL)
    told = office.comes(town({"S1": CLASS.replace(" Gus Hal", "")}))
    assert {"enrollments": {"rows": 2, "first": 2, "unit": "days"}} == told.plan.as_dict()["waits"]


def test_who_is_listed_again_has_never_been_missing():
    office = Mornings(grace="2 runs")
    office.comes(WITHOUT_HAL)
    office.comes(FULL)
    assert {} == office.missing
    assert [] == sent(office.comes(WITHOUT_HAL))
    assert [] == sent(office.comes(WITHOUT_HAL))


def test_a_table_that_did_not_come_neither_counts_nor_begins_the_wait_anew():
    office = Mornings(grace="2 runs")
    office.comes(WITHOUT_HAL)
    office.comes(town())
    office.comes(WITHOUT_HAL, unproven="a page failed")
    assert [1] == [row["runs"] for row in office.missing["enrollments"]]
    assert [] == sent(office.comes(WITHOUT_HAL))
    assert HAL == sent(office.comes(WITHOUT_HAL))


def test_a_row_that_canvas_refused_to_remove_does_not_wait_again():
    office = Mornings(grace="1 run")
    office.comes(WITHOUT_HAL)
    assert HAL == sent(office.comes(WITHOUT_HAL))
    assert HAL == sent(office.comes(WITHOUT_HAL)), "the baseline still has it"


def test_a_table_has_a_grace_of_its_own():
    office = Mornings(grace="9 days", enrollments={"grace": "0 days"})
    assert HAL == sent(office.comes(WITHOUT_HAL))
    assert {} == office.missing


def test_what_says_deleted_does_not_wait():
    office = Mornings(grace="9 days")
    assert HAL == sent(office.comes(town({"S1": CLASS.replace("Hal", "Hal:deleted")})))


def test_what_is_acted_on_after_its_grace_counts_against_the_limits():
    gone = town({"S1": "", "S2": "Zed"})
    office = Mornings(grace="1 run")
    assert [] == office.comes(gone).guards
    assert ["class"] == office.comes(gone).guards


def test_a_user_who_waits_frees_no_login():
    assert policy_from({"users": "deleted"}).deletes_users_at_once
    assert not policy_from({"users": "deleted", "grace": "2 days"}).deletes_users_at_once
    assert not policy_from({}).deletes_users_at_once


@settings(max_examples=5, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=4), st.integers(0, 3))
def test_nothing_becomes_of_a_row_until_it_was_missing_for_long_enough_in_a_row(listed, grace):
    office = Mornings(grace=f"{grace} runs")
    missed = 0
    for is_listed in listed:
        told = office.comes(FULL if is_listed else WITHOUT_HAL, days=0)
        missed = 0 if is_listed else missed + 1
        assert (HAL if missed > grace else []) == sent(told)


# -- How it is written -----------------------------------------------------------------------


def test_a_grace_is_written_in_runs_or_days():
    policy = policy_from({"grace": "1 run", "users": {"grace": "30 days"}})
    assert Grace(1, Unit.RUNS) == policy.grace_of("enrollments")
    assert Grace(30, Unit.DAYS) == policy.grace_of("users")
    assert "suspended" == policy.becomes("users")


@pytest.mark.parametrize("words", ["3", "three days", "3 weeks", "-1 days", 3])
def test_a_grace_that_is_not_understood_is_refused(words):
    with pytest.raises(ConfigError, match="grace"):
        policy_from({"grace": words})
