"""The page of what decides how grades go, held to the tables it is written from."""

import pytest

from docs.pages import page
from rosterway.passback.categories import NOT_FOUND
from rosterway.passback.holds import WORDS
from rosterway.passback.places import COURSE_RULES
from rosterway.passback.plan import Guard
from rosterway.passback.preflight import RULES as PREFLIGHT
from rosterway.passback.rules import Rules
from rosterway.passback.silences import SILENCE_RULES
from rosterway.passback.tell import LEFT_RULES

PAGE = "docs/reference/grade-rules.md"


def test_the_page_has_every_rule_of_a_pack_in_order():
    named = [row[0] for row in page(PAGE).rows("Rules of a provider")]
    assert [f"`{name}`" for name in Rules.__struct_fields__] == named


@pytest.mark.parametrize(
    ("heading", "rules"),
    [
        ("What will fail", (*COURSE_RULES, *(rule.said for rule in PREFLIGHT), NOT_FOUND)),
        ("Why a student's grade is not told", SILENCE_RULES),
        ("What the SIS keeps though Canvas no longer has it", LEFT_RULES),
    ],
)
def test_the_page_has_every_reason_with_who_must_act(heading, rules):
    expected = [[f"`{one.code}`", one.message, one.remedy, one.who.value] for one in rules]
    assert expected == page(PAGE).rows(heading)


def test_the_page_has_every_guard():
    named = [row[0] for row in page(PAGE).rows("What waits for a person")]
    assert [f"`{guard}`" for guard in Guard] == named == [f"`{guard}`" for guard in WORDS]
