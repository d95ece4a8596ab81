"""The rule pack's words: every field and every choice has some."""

from typing import get_type_hints

import msgspec
import pytest

from rosterway.passback.places import COURSE_RULES
from rosterway.passback.preflight import RULES as PREFLIGHT
from rosterway.passback.rule_words import RULES
from rosterway.passback.rules import Rules
from rosterway.passback.silences import SILENCE_RULES
from rosterway.passback.tell import LEFT_RULES

TYPES = get_type_hints(Rules)


def test_every_field_has_words_in_its_order():
    assert list(Rules.__struct_fields__) == [row.name for row in RULES]


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.name)
def test_every_choice_has_words(row):
    kind = TYPES[row.name]
    choices = set(getattr(kind, "__members__", {}).values())
    assert choices == set(row.choices)
    assert row.says


def test_a_pack_is_read_from_plain_words_and_a_wrong_one_is_refused():
    assert Rules(decimals=0) == msgspec.convert({"decimals": 0}, Rules)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"excused": "zero"}, Rules)


def test_no_two_reasons_have_one_code():
    codes = [rule.said.code for rule in PREFLIGHT]
    codes += [rule.code for rule in (*SILENCE_RULES, *LEFT_RULES, *COURSE_RULES)]
    assert len(codes) == len(set(codes))
