"""The ids we choose: always the same, never shared, and nothing a SIS could not take."""

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.passback.identity import NAMESPACE, Identity, IdForm, uuid5

OURS = Identity("canvas.example.edu:1")
TEXT = st.text(min_size=1, max_size=300)


def test_ids_in_a_sis_already_stay_what_they_are():
    assert "canvas-befa7e10096b-a42-ca6f7ef47ee8d" == OURS.line_item("42", "c-1")
    assert "canvas-befa7e10096b-a42-ca6f7ef47ee8d-u7" == OURS.result("42", "c-1", "7")
    as_uuid = Identity("canvas.example.edu:1", IdForm.UUID)
    assert "52fd8c0d-bb17-571b-9841-81bddc190393" == as_uuid.line_item("42", "c-1")


def test_classes_accounts_assignments_and_students_have_ids_of_their_own():
    ids = {
        OURS.line_item("42", "c-1"),
        OURS.line_item("42", "c-2"),
        OURS.line_item("43", "c-1"),
        Identity("canvas.example.org:1").line_item("42", "c-1"),
        OURS.result("42", "c-1", "7"),
        OURS.result("42", "c-1", "8"),
    }
    assert 6 == len(ids)


@pytest.mark.parametrize("form", IdForm)
@given(account=TEXT, assignment=TEXT, class_id=TEXT, user=TEXT)
def test_an_id_is_short_and_plain_whatever_it_is_made_of(form, account, assignment, class_id, user):
    chosen = Identity(account, form)
    for ident in (
        chosen.line_item(assignment, class_id),
        chosen.result(assignment, class_id, user),
    ):
        assert re.fullmatch(r"[0-9A-Za-z._-]{1,255}", ident)


@given(key=TEXT)
def test_a_uuid_is_the_version_5_one_of_its_key(key):
    assert str(uuid.uuid5(uuid.UUID(bytes=NAMESPACE), key)) == uuid5(key)
