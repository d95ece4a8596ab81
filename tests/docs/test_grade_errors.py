"""The page of what a SIS says about grades, held to the dictionary it is written from."""

import pytest

from docs.pages import page
from rosterway.oneroster.profiles import profile
from rosterway.passback.dictionary import ANYONE, CODES, HAS, PROVIDERS, STATUSES
from rosterway.passback.likely_words import CAUSES

PAGE = "docs/reference/grade-errors.md"
SECTIONS = [
    *((profile(name).title, entries) for name, entries in PROVIDERS.items()),
    ("Any provider", (*ANYONE, *CODES, *STATUSES)),
]


@pytest.mark.parametrize(("heading", "entries"), SECTIONS, ids=[name for name, _ in SECTIONS])
def test_the_page_has_every_entry_with_who_must_act_and_whose_words_they_are(heading, entries):
    expected = [
        [
            entry.title,
            entry.rule.message,
            entry.rule.remedy,
            entry.rule.who.value,
            HAS[entry.known],
        ]
        for entry in entries
    ]
    assert expected == page(PAGE).rows(heading)


def test_the_page_has_every_likely_cause_in_order():
    rules = [cause.rule for cause in CAUSES.values()]
    expected = [[rule.message, rule.remedy, rule.who.value, rule.source] for rule in rules]
    assert expected == page(PAGE).rows("Likely causes")
