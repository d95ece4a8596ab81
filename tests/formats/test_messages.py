"""What Canvas's messages are taken to mean. The messages themselves: `canvas_messages.txt`."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.formats.canvas_csv.messages import RULES, Effect, Scope, classify
from rosterway.formats.canvas_csv.tables import BY_NAME

REFUSED, PARTLY, APPLIED = Effect.REFUSED, Effect.PARTLY, Effect.APPLIED

QUOTED = re.compile(r"\{(\w+)=([^}]*)\}")


class Case(NamedTuple):
    table: str | None
    text: str
    effect: Effect
    keys: dict[str, str]


def read_cases(lines):
    table, effect = None, Effect.UNKNOWN
    for line in filter(None, lines):
        if line.startswith("["):
            name, word = line.strip("[]").split()
            table, effect = None if name == "any" else name, Effect(word)
        elif not line.startswith("#"):
            yield Case(table, QUOTED.sub(r"\2", line), effect, dict(QUOTED.findall(line)))


CASES = list(read_cases((Path(__file__).parent / "canvas_messages.txt").read_text().splitlines()))


def words(text):
    return re.sub(r"\W+", "-", text)[:60]


CURLY = str.maketrans({"'": "\u2019", '"': "\u201d"})

each_message = pytest.mark.parametrize(
    "case", CASES, ids=[f"{case.table}-{words(case.text)}" for case in CASES]
)


@each_message
def test_each_message_of_canvas_has_the_effect_it_has_there(case):
    found = classify(case.text, table=case.table)
    assert (case.effect, case.keys) == (found.effect, dict(found.keys))


@each_message
def test_a_message_keeps_its_meaning_when_the_table_is_not_known(case):
    assert case.effect is classify(case.text, table=None).effect


@each_message
def test_letter_case_and_curly_quotes_do_not_change_a_meaning(case):
    found = classify(case.text.upper().translate(CURLY), table=case.table)
    assert case.effect is found.effect


@each_message
def test_each_meaning_and_remedy_is_a_whole_sentence(case):
    found = classify(case.text, table=case.table)
    for sentence in (found.means, found.remedy):
        assert sentence
        assert "{" not in sentence


@pytest.mark.parametrize("case", [c for c in CASES if c.effect is REFUSED], ids=repr)
def test_a_refusal_may_end_in_skipping_or_not(case):
    text = case.text.removesuffix(", skipping").rstrip()
    assert REFUSED is classify(f"{text}, skipping", table=case.table).effect
    assert REFUSED is classify(text, table=case.table).effect


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if c.effect in {APPLIED, PARTLY, Effect.ALREADY_GONE}],
    ids=repr,
)
def test_a_message_of_success_that_ends_in_skipping_is_no_message_of_success(case):
    found = classify(f"{case.text}, skipping", table=case.table)
    assert found.effect in {Effect.UNKNOWN, REFUSED}


def test_every_rule_but_the_mirrored_ones_has_an_example():
    used = {classify(case.text, table=case.table).rule for case in CASES}
    unused = {rule.name for rule in RULES if rule not in used}
    assert {"more-messages"} == {name for name in unused if not name.startswith("differ")}


def test_rules_have_names_of_their_own_and_speak_of_real_tables():
    assert len(RULES) == len({rule.name for rule in RULES})
    assert {table for rule in RULES for table in rule.tables} <= BY_NAME.keys()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Something new that Canvas says",
        "Enrolled a user U1 in course C1",
        "x" * 3_000,
        "An enrollment referenced a non-existent section S1" + "!" * 2_001,
    ],
    ids=words,
)
def test_a_text_we_do_not_know_is_unknown_and_kept(text):
    found = classify(text, table="enrollments")
    assert (Effect.UNKNOWN, text, None, {}) == (
        found.effect,
        found.text,
        found.rule,
        dict(found.keys),
    )
    assert found.remedy


def test_a_message_of_another_table_is_unknown():
    text = "Enrolled a user U1 in course C1, but referenced a deleted sis login"
    assert Effect.UNKNOWN is classify(text, table="users").effect


def test_a_list_that_was_cut_says_how_much_is_missing():
    found = classify("and 12 more warnings that were not included", table=None)
    assert Effect.UNKNOWN is found.effect
    assert found.details["count"] == "12"


def test_what_belongs_to_somebody_else_is_a_detail_and_no_key():
    text = (
        "An existing Canvas user with the SIS ID U9 has already claimed U1's"
        " requested integration_id, skipping"
    )
    found = classify(text, table="users")
    assert dict(found.keys) == {"user_id": "U1"}
    assert dict(found.details) == {"holder": "U9"}


def test_e_mail_addresses_are_not_captured():
    text = "The email address associated with user 'U1' is invalid (email: 'ann@x')"
    found = classify(text, table="users")
    assert "ann@x" not in (found.means, *found.keys.values(), *found.details.values())


def test_a_row_that_may_well_have_done_its_work_before_says_so():
    repeated = {rule.name for rule in RULES if rule.on_resend}
    assert {
        "logins-exists",
        "user_observers-gone",
        "change_sis_id-old-id-unknown",
        "change_sis_id-old-integration-id-unknown",
    } == repeated


def test_a_crash_in_one_row_speaks_of_that_row_alone():
    row = classify(
        "Something broke with this user. Contact Support with ErrorReport id: 4", table="users"
    )
    file = classify(
        "Error while importing CSV. Please contact support. (Error report 4)", table="users"
    )
    assert row.rule is not None
    assert file.rule is not None
    assert Scope.ROW is row.rule.scope
    assert Scope.FILE is file.rule.scope


# -- ids as people make them ------------------------------------------------------------------

ODD = st.text(
    "aZ09.,;:/()[]{}<>'\"`\u2019\u201c-_\u2013&%$#@+*!?|\\\u00e9\u00df\u6f22",
    min_size=1,
    max_size=12,
)
CAPTURE = re.compile(r"\{(\w+)(\??)\}")


def spoken(rule, cells):
    """The rule's template as Canvas would say it of these cells."""
    text = re.sub(r"<([^|>]*)\|[^>]*>", r"\1", rule.template)
    # In one go: an id may itself look like a capture.
    return CAPTURE.sub(lambda capture: cells.get(capture[1], "something"), text)


def columns_of(rule):
    names = {column.name for table in BY_NAME.values() for column in table.columns}
    return [name for name, _ in CAPTURE.findall(rule.template) if name in names]


QUOTING = {rule.name: rule for rule in RULES if columns_of(rule)}


@pytest.mark.parametrize("name", QUOTING)
@given(data=st.data())
def test_ids_with_odd_characters_survive(name, data):
    rule = QUOTING[name]
    cells = {column: data.draw(ODD, label=column) for column in columns_of(rule)}
    match = rule.pattern.fullmatch(spoken(rule, cells))
    assert match is not None
    assert cells == {column: match[column] for column in cells}


@given(user=ODD, inner=st.sampled_from([" ", "  ", " in ", " the ", "\u00a0"]))
def test_blanks_inside_an_id_survive(user, inner):
    text = f"An observer referenced a non-existent user {user}{inner}{user}"
    found = classify(text, table="user_observers")
    assert {"observer_id": f"{user}{inner}{user}"} == dict(found.keys)


@given(st.text(max_size=300))
def test_no_text_at_all_is_taken_for_a_success_by_chance(text):
    found = classify(text, table=None)
    assert found.effect not in {APPLIED, PARTLY, Effect.ALREADY_GONE}
