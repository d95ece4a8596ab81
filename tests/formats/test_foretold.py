"""Every message of Canvas's is foretold by a problem, or there is a reason why it cannot be."""

import pytest

from rosterway.formats.canvas_csv.foretold import NOT_FORETOLD, foretelling
from rosterway.formats.canvas_csv.messages import RULES as MESSAGES
from rosterway.formats.catalogue import RULES
from rosterway.formats.problems import InCanvas


@pytest.mark.parametrize("name", [rule.name for rule in MESSAGES])
def test_a_message_is_foretold_or_cannot_be(name):
    codes = foretelling(name)

    assert bool(codes) is not (name in NOT_FORETOLD)
    assert set(codes) <= RULES.keys()


def test_no_reason_is_given_for_a_message_that_is_none():
    assert NOT_FORETOLD.keys() <= {rule.name for rule in MESSAGES}


def test_every_problem_says_what_canvas_would_do():
    assert [] == [code for code, rule in RULES.items() if rule.canvas is None]


def test_no_error_is_about_a_row_that_canvas_takes_as_it_is_but_for_order_and_mistaken_files():
    applied = {InCanvas.APPLIED, InCanvas.FIELD_CHANGED, InCanvas.FILE_MISTAKEN}
    errors = {c for c, rule in RULES.items() if rule.severity == "error" and rule.canvas in applied}

    assert {"key-duplicate", "header-duplicate", "table-mistaken"} == errors
