"""The page of what a SIS says about grades, held to the dictionary it is written from."""

import pytest

from docs.pages import page
from rosterway.oneroster.profiles import profile
from rosterway.passback import course_grades, repair
from rosterway.passback.dictionary import ANYONE, CODES, HAS, PROVIDERS, STATUSES
from rosterway.passback.differences import WORDS
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


def test_the_page_has_every_kind_of_difference_in_its_words():
    expected = [[f"`{kind.value}`", words] for kind, words in WORDS.items()]
    assert expected == page(PAGE).rows("Differences between Canvas and a SIS")


@pytest.mark.parametrize(
    ("heading", "rules"),
    [
        ("What a repair leaves as it is", repair.RULES),
        ("Why a student has no grade of the course", course_grades.RULES),
    ],
)
def test_the_page_has_every_reason(heading, rules):
    expected = [[rule.message, rule.remedy, rule.who.value] for rule in rules]
    assert expected == page(PAGE).rows(heading)
