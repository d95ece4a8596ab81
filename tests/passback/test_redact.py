"""What of an exchange with a SIS a vendor gets to see."""

import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.passback.identity import Identity
from rosterway.passback.redact import Exchange, redact

SENT = {
    "result": {
        "sourcedId": "canvas-1-a42-u7",
        "status": "active",
        "dateLastModified": "2026-10-02T08:00:00.000Z",
        "lineItem": {
            "href": "https://user:secret@sis.example/lineItems/L1?access_token=abc&limit=5",
            "sourcedId": "L1",
            "type": "lineItem",
        },
        "student": {"sourcedId": "S1", "type": "user", "givenName": "Ann", "familyName": "Lee"},
        "scoreStatus": "fully graded",
        "score": 8.5,
        "scoreDate": "2026-10-02",
        "comment": "Well done, Ann! Call 555 0101.",
        "late": "false",
        "missing": False,
        "metadata": {"phone": "555 0101", "grader": ["Bo Chen"]},
    }
}
SAID = {
    "imsx_codeMajor": "failure",
    "imsx_severity": "error",
    "imsx_description": "Focus: student Ann Lee (ann@school.example) does not belong to class C1",
    "imsx_CodeMinor": {
        "imsx_codeMinorField": [
            {
                "imsx_codeMinorFieldName": "TargetEndSystem",
                "imsx_codeMinorFieldValue": "invaliddata",
            }
        ]
    },
}


EXCHANGE = Exchange(
    method="PUT",
    path="/results/canvas-1-a42-u7",
    status=422,
    request=json.dumps(SENT),
    response=json.dumps(SAID),
)


def exchange(**changes):
    return msgspec.structs.replace(EXCHANGE, **changes)


def shown(**changes):
    return redact(exchange(**changes), people=("Ann Lee", "Bo Chen"))


def test_ids_scores_states_and_dates_stay_as_they_were():
    found = json.loads(shown().request)["result"]
    kept = ("sourcedId", "status", "dateLastModified", "scoreStatus", "score", "scoreDate", "late")
    assert {name: SENT["result"][name] for name in kept} == {name: found[name] for name in kept}
    assert ("L1", "S1") == (found["lineItem"]["sourcedId"], found["student"]["sourcedId"])


def test_names_comments_and_everything_unknown_are_replaced_by_their_length():
    found = json.loads(shown().request)["result"]
    assert ("[3 characters]", "[3 characters]") == (
        found["student"]["givenName"],
        found["student"]["familyName"],
    )
    assert "[30 characters]" == found["comment"]
    assert {"phone": "[8 characters]", "grader": ["[7 characters]"]} == found["metadata"]


def test_a_providers_sentence_stays_without_the_people_in_it():
    found = json.loads(shown().response)
    assert "Focus: student [name] (mail-1) does not belong to class C1" == found["imsx_description"]
    assert SAID["imsx_CodeMinor"] == found["imsx_CodeMinor"]


def test_the_title_of_an_assignment_stays_and_its_description_does_not():
    body = json.dumps({"lineItem": {"title": "Essay for Ann", "description": "About Ann's dog"}})
    found = json.loads(shown(request=body).request)
    assert {"title": "Essay for [name]", "description": "[15 characters]"} == found["lineItem"]


def test_tokens_and_passwords_are_gone_from_addresses():
    href = json.loads(shown().request)["result"]["lineItem"]["href"]
    assert "https://sis.example/lineItems/L1?access_token=removed&limit=5" == href
    path = shown(path="/classes/C1/lineItems?limit=10&token=abc&filter=title%3D%27x%27").path
    assert "/classes/C1/lineItems?limit=10&token=removed&filter=title%3D%27x%27" == path


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abc.def",
        "Basic YWxhZGRpbjpvcGVu",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.sig-part",
        "f" * 40,
    ],
)
def test_a_token_in_a_sentence_is_gone(secret):
    body = json.dumps({"message": f"denied: {secret}"})
    assert {"message": "denied: [token]"} == json.loads(shown(response=body).response)


def test_an_id_of_ours_in_a_sentence_is_no_token():
    ident = Identity("canvas.example/1").result("4711", "class-9", "1234567")
    body = json.dumps({"message": f"unknown {ident}"})
    assert {"message": f"unknown {ident}"} == json.loads(shown(response=body).response)


def test_an_id_that_is_an_address_is_the_same_word_everywhere():
    body = json.dumps({"student": {"sourcedId": "Ann@School.example"}})
    found = shown(path="/students/ann%40school.example/results", request=body)
    assert "/students/mail-1/results" == found.path
    assert {"student": {"sourcedId": "mail-1"}} == json.loads(found.request)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", ""),
        ("<html><body>Ann Lee</body></html>", "[HTML of 33 characters]"),
        ("Ann Lee was not found", "[text of 21 characters]"),
        ('"Ann Lee"', "[JSON of 9 characters]"),
        ("[" * 5_000, "[text of 5000 characters]"),
    ],
)
def test_a_body_that_is_no_json_object_is_told_by_its_length(body, expected):
    assert expected == shown(response=body).response


def test_method_and_status_stay():
    assert ("PUT", 422) == (shown().method, shown().status)


@pytest.mark.parametrize("name", ["title", "score", "status", "error", "textScore", "type"])
def test_a_name_is_blanked_wherever_a_text_stays(name):
    found = json.loads(shown(request=json.dumps({name: "by Ann Lee"})).request)
    assert {name: "by [name]"} == found


def test_an_id_stays_even_if_it_is_a_name():
    body = json.dumps({"sourcedId": "lee"})
    assert {"sourcedId": "lee"} == json.loads(shown(request=body).request)


def test_a_name_is_blanked_as_a_word_only():
    body = json.dumps({"title": "Annual plan of ANN and Lee"})
    found = json.loads(shown(request=body).request)
    assert {"title": "Annual plan of [name] and [name]"} == found


NAMES = st.text(alphabet="abcdefgh", min_size=5, max_size=9).map(lambda part: f"Zz{part}")
plain = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
keys = st.sampled_from(
    [
        "title",
        "status",
        "error",
        "comment",
        "givenName",
        "message",
        "score",
        "imsx_description",
        "metadata",
        "x",
    ]
)


@given(NAMES, NAMES, st.data())
def test_no_name_of_a_person_survives_anywhere(given_name, family_name, data):
    person = f"{given_name} {family_name}"
    texts = st.sampled_from(
        [person, f"by {given_name}.", f"{family_name}, {given_name}", f"{given_name}@x.example"]
    )
    bodies = st.recursive(
        plain | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    )
    known = data.draw(bodies.filter(lambda body: isinstance(body, dict | list)))
    sent = exchange(request=json.dumps(known), response="")
    found = redact(sent, people=(person,))
    assert not re.search(f"(?i){given_name}|{family_name}", found.request)
    assert found == redact(sent, people=(person,))


@given(st.text(max_size=200), st.text(max_size=60))
def test_whatever_went_by_is_told_without_failing(body, path):
    redact(Exchange(method="PUT", path=f"/results/{path}", request=body, response=body))
