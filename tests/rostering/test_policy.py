"""What a vanished row becomes, by table, role and phase of its term."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostering.story import TOWN, decide, town
from rosterway.errors import ConfigError
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.rostering.policy import NOTHING, OF_A_TERM, Phase, Policy, policy_from

CLASS = "Ann Ben Cal Dee Eve Fay Gus Hal Tom/teacher Una/teacher"
WITHOUT = "Ann Ben Cal Dee Eve Fay Gus Tom/teacher"

#: Autumn runs from 17 August to 18 December 2026.
DAYS = {
    Phase.BEFORE: datetime(2026, 8, 3, 6, tzinfo=UTC),
    Phase.RUNNING: datetime(2026, 10, 13, 6, tzinfo=UTC),
    Phase.CLOSING: datetime(2026, 12, 15, 6, tzinfo=UTC),
    Phase.OVER: datetime(2027, 1, 12, 6, tzinfo=UTC),
}


def leaving(policy, phase=Phase.RUNNING):
    """What becomes of Hal, a student, and of Una, a teacher, who have vanished from a class."""
    told = decide(
        town({"S1": CLASS}), town({"S1": WITHOUT}), policy=policy_from(policy), at=DAYS[phase]
    )
    sent = {row["user_id"]: row["status"] for row in told.rows("enrollments")}
    return sent.get("Hal", NOTHING), sent.get("Una", NOTHING)


@pytest.mark.parametrize("status", ["deleted", "completed", "inactive", NOTHING])
def test_a_vanished_enrollment_becomes_what_the_policy_says(status):
    assert (status, status) == leaving({"enrollments": status})
    assert (status, status) == leaving({"enrollments": {"becomes": status}})


@pytest.mark.parametrize("phase", Phase)
def test_each_phase_of_a_term_may_have_a_word_of_its_own(phase):
    words = {"before": "deleted", "running": "inactive", "closing": NOTHING, "over": "completed"}
    status = words[phase]
    assert (status, status) == leaving({"enrollments": words}, phase)


@pytest.mark.parametrize("phase", Phase)
def test_without_words_of_their_own_terms_that_end_complete_and_others_delete(phase):
    status = "completed" if phase in {Phase.CLOSING, Phase.OVER} else "deleted"
    assert (status, status) == leaving({}, phase)


def test_a_role_has_a_word_of_its_own():
    assert ("deleted", "inactive") == leaving({"enrollments": {"role": {"teacher": "inactive"}}})
    assert ("deleted", NOTHING) == leaving({"enrollments": {"role": {"Teacher": NOTHING}}})


def test_a_role_has_a_word_of_its_own_in_a_phase():
    policy = {
        "enrollments": {
            "becomes": "inactive",
            "role": {"teacher": {"becomes": NOTHING, "closing": "completed"}},
        }
    }
    assert ("inactive", NOTHING) == leaving(policy)
    assert ("completed", "completed") == leaving(policy, Phase.CLOSING)


def test_a_role_counts_before_a_phase():
    policy = {"enrollments": {"running": "inactive", "role": {"teacher": "deleted"}}}
    assert ("inactive", "deleted") == leaving(policy)


def test_rows_that_become_nothing_say_why():
    told = decide(
        town({"S1": CLASS}),
        town({"S1": WITHOUT}),
        policy=policy_from({"enrollments": {"role": {"teacher": NOTHING}}}),
    )
    assert {"S1 Hal student": None, "S1 Una teacher": "policy"} == told.spared("enrollments")
    assert 1 == told.counts("enrollments")["delete"]


def test_a_class_may_go_as_its_term_ends_where_the_policy_says_so():
    sections = [row for row in TOWN["sections"] if not row.startswith("S2")]
    told = decide(
        town(),
        town(sections=sections),
        policy=policy_from({"sections": {"closing": "deleted"}}),
        at=DAYS[Phase.CLOSING],
    )
    assert ["S2"] == [row["section_id"] for row in told.rows("sections", status="deleted")]


def test_the_days_before_a_terms_end_are_among_the_words():
    assert ("completed", "completed") == leaving({"term_end_days": 70})
    assert ("deleted", "deleted") == leaving({"term_end_days": 1}, Phase.CLOSING)


# -- Users -----------------------------------------------------------------------------------


words = st.sampled_from(["deleted", NOTHING])


@given(
    st.dictionaries(
        st.sampled_from([name for name, table in BY_NAME.items() if table.compared]), words
    )
)
def test_users_are_never_deleted_by_absence_unless_the_policy_says_so_in_so_many_words(vanished):
    policy = policy_from(vanished)
    said = vanished.get("users") == "deleted"
    assert said == any(policy.becomes("users", phase=phase) == "deleted" for phase in Phase)


def test_a_vanished_user_is_suspended_and_deleted_only_if_told_to():
    def status(policy):
        users = [row for row in TOWN["users"] if not row.startswith("Zed")]
        told = decide(town(), town(users=users), policy=policy)
        return [row["status"] for row in told.rows("users")]

    assert ["suspended"] == status(Policy())
    assert ["suspended"] == status(policy_from(dict.fromkeys(OF_A_TERM, "deleted")))
    assert ["deleted"] == status(policy_from({"users": "deleted"}))


# -- What is not understood ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"user": "deleted"}, "vanished.user"),
        ({"users": "completed"}, "vanished.users"),
        ({"users": 5}, "vanished.users"),
        ({"users": {"closing": "deleted"}}, "vanished.users.closing"),
        ({"users": {"role": {"student": "deleted"}}}, "vanished.users.role"),
        ({"enrollments": {"role": "teacher"}}, "vanished.enrollments.role"),
        ({"enrollments": {"role": {"teacher": "gone"}}}, "vanished.enrollments.role.teacher"),
        ({"enrollments": {"runing": "deleted"}}, "vanished.enrollments.runing"),
        ({"sections": {"over": "deleted"}}, "vanished.sections.over"),
        ({"enrollments": {"over": "deleted"}}, "vanished.enrollments.over"),
        ({"term_end_days": "7"}, "vanished.term_end_days"),
        ({"term_end_days": -1}, "vanished.term_end_days"),
    ],
    ids=str,
)
def test_words_that_are_not_understood_are_refused_by_name(given, names):
    with pytest.raises(ConfigError, match=names):
        policy_from(given)


def test_what_differs_makes_another_digest():
    one = policy_from({"enrollments": {"role": {"teacher": "inactive"}}})
    other = policy_from({"enrollments": {"closing": "inactive"}})
    assert one.as_dict() != other.as_dict() != Policy().as_dict()
