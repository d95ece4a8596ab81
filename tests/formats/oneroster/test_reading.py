"""Pages of JSON become rows: as the specification has them, and as providers do."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosterway.formats.oneroster import nouns
from rosterway.formats.oneroster.deviations import RULES as DEVIATIONS
from rosterway.formats.oneroster.envelope import Unreadable
from rosterway.formats.oneroster.notes import Notes
from rosterway.formats.oneroster.reading import Page, PageReader
from rosterway.formats.oneroster.rules import RULES, problem
from rosterway.settings.shape import Version

V1P1, V1P2 = Version.V1P1, Version.V1P2
WHEN = "2024-08-01T10:00:00.000Z"


def ref(sourced_id, kind="org"):
    return {"href": f"https://sis.test/{kind}s/{sourced_id}", "sourcedId": sourced_id, "type": kind}


def enrollment(**changes):
    record = {
        "sourcedId": "e-1",
        "status": "active",
        "dateLastModified": WHEN,
        "user": ref("u-1", "user"),
        "class": ref("c-1", "class"),
        "school": ref("o-1"),
        "role": "student",
        "primary": "false",
        "beginDate": "2024-08-15",
        "endDate": "2025-06-01",
    }
    return {name: value for name, value in (record | changes).items() if value is not ...}


def user(**changes):
    record = {
        "sourcedId": "u-1",
        "status": "active",
        "dateLastModified": WHEN,
        "username": "jdoe",
        "enabledUser": "true",
        "givenName": "Jo",
        "familyName": "Doe",
        "userIds": [{"type": "SIS", "identifier": "99123"}],
        "agents": [],
        "grades": ["09"],
    }
    return {name: value for name, value in (record | changes).items() if value is not ...}


class Read:
    """What came of reading some records."""

    def __init__(self, noun, records, version=V1P1, *, body=None, skip=0):
        self.notes = Notes(noun.plural, f"/{noun.plural}")
        reader = PageReader(noun, version, self.notes)
        encoded = json.dumps({noun.plural: records}).encode() if body is None else body
        page = reader.read(encoded, first_row=1, skip=skip)
        assert isinstance(page, Page)
        self.page = page
        self.noun = noun

    def rows(self, table=None):
        names = self.noun.table.staged if table is None else nouns.tables.BY_NAME[table].staged
        lines = self.page.lines[table or self.noun.table.name].decode()
        return [
            {name: cell for name, cell in zip(names, row, strict=True) if cell}
            for row in csv.reader(io.StringIO(lines, newline=""))
        ]

    @property
    def deviations(self):
        return {(d.code, d.field) for d in self.notes.tally.all()}

    @property
    def problems(self):
        return [(f.code, f.column) for f in self.notes.findings]


# -- as the specification has it ------------------------------------------------------------


def test_an_enrollment_of_either_version_is_one_row_and_nothing_is_said():
    for version in Version:
        read = Read(nouns.ENROLLMENT, [enrollment()], version)
        assert read.rows() == [
            {
                "sourcedId": "e-1",
                "status": "active",
                "dateLastModified": WHEN,
                "classSourcedId": "c-1",
                "schoolSourcedId": "o-1",
                "userSourcedId": "u-1",
                "role": "student",
                "primary": "false",
                "beginDate": "2024-08-15",
                "endDate": "2025-06-01",
                "_at": "1",
            }
        ]
        assert (set(), []) == (read.deviations, read.problems)


def test_the_same_user_in_1_1_and_1_2_has_the_same_role():
    old = Read(nouns.USER, [user(role="student", orgs=[ref("o-1")])], V1P1)
    new = Read(
        nouns.USER,
        [
            user(
                roles=[{"roleType": "primary", "role": "student", "org": ref("o-1")}],
                primaryOrg=ref("o-1"),
            )
        ],
        V1P2,
    )
    expected = {
        "userSourcedId": "u-1",
        "roleType": "primary",
        "role": "student",
        "orgSourcedId": "o-1",
        "_at": "1",
    }
    assert [expected] == old.rows("roles") == new.rows("roles")
    assert old.rows()[0]["primaryOrgSourcedId"] == new.rows()[0]["primaryOrgSourcedId"] == "o-1"
    assert (set(), set()) == (old.deviations, new.deviations)


def test_lists_and_metadata_are_json_in_their_cells():
    read = Read(
        nouns.CLASS,
        [
            {
                "sourcedId": "c-1",
                "status": "active",
                "dateLastModified": WHEN,
                "title": "Maths",
                "course": ref("k-1", "course"),
                "school": ref("o-1"),
                "terms": [ref("t-1", "term"), ref("t-2", "term")],
                "subjects": ["a, b", "c"],
                "metadata": {"x": 1},
            }
        ],
    )
    (row,) = read.rows()
    assert ["t-1", "t-2"] == json.loads(row["termSourcedIds"])
    assert ["a, b", "c"] == json.loads(row["subjects"])
    assert {"x": 1} == json.loads(row["metadata"])


def test_passwords_are_not_even_read():
    profile = {
        "profileId": "p",
        "profileType": "t",
        "vendorId": "v",
        "credentials": [{"type": "basic", "username": "jo", "password": "hunter2"}],
    }
    for record in (
        user(password="hunter2", userProfiles=[profile]),
        user(password="hunter2", userProfiles=[profile], identifier=5),
    ):
        read = Read(nouns.USER, [record], V1P2)
        assert "hunter2" not in str(read.page)
        assert '"username":"jo"' in read.rows()[0]["userProfiles"]


# -- as providers have it -------------------------------------------------------------------

TOLERATED = [
    (enrollment(primary=True), ("boolean-json", "primary"), {"primary": "true"}),
    (enrollment(primary=None), None, {"primary": None}),
    (enrollment(role="Student"), ("letter-case", "role"), {"role": "student"}),
    (enrollment(status="inactive"), ("synonym", "status"), {"status": "tobedeleted"}),
    (enrollment(status=...), ("required-missing", "status"), {"status": "active"}),
    (enrollment(status=""), ("required-missing", "status"), {"status": "active"}),
    (enrollment(sourcedId=17), ("number-for-text", "sourcedId"), {"sourcedId": "17"}),
    (enrollment(user="u-9"), ("reference-bare", "user"), {"userSourcedId": "u-9"}),
    (enrollment(user={"sourcedId": 9}), ("number-for-text", "user"), {"userSourcedId": "9"}),
    (enrollment(user={"sourcedId": "u-1"}), None, {"userSourcedId": "u-1"}),
    (enrollment(school=None), ("required-missing", "school"), {"schoolSourcedId": None}),
    (
        enrollment(beginDate=..., startDate="2024-08-20"),
        ("other-name", "beginDate"),
        {"beginDate": "2024-08-20"},
    ),
    (
        enrollment(endDate="2025-06-01T00:00:00Z"),
        ("date-with-time", "endDate"),
        {"endDate": "2025-06-01"},
    ),
    (enrollment(endDate="0001-01-01"), ("date-sentinel", "endDate"), {"endDate": None}),
    (enrollment(metadata="x"), ("metadata-form", "metadata"), {"metadata": None}),
    (enrollment(metadata=None, unheard_of={"a": [1]}), None, {"metadata": None}),
    (enrollment(sourcedId="a b"), ("id-form", "sourcedId"), {"sourcedId": "a b"}),
]


@pytest.mark.parametrize(("record", "deviation", "cells"), TOLERATED)
def test_what_has_one_meaning_is_read_and_counted(record, deviation, cells):
    read = Read(nouns.ENROLLMENT, [record])
    (row,) = read.rows()
    assert cells == {name: row.get(name) for name in cells}
    assert ({deviation} if deviation else set()) == read.deviations
    assert [] == read.problems


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (enrollment(user=...), [("value-missing", "userSourcedId")]),
        (enrollment(role=""), [("value-missing", "role")]),
        (enrollment(role="janitor"), [("word-unknown", "role")]),
        (enrollment(status="maybe"), [("status-unknown", "status")]),
        (enrollment(endDate="soon"), [("value-unreadable", "endDate")]),
        (enrollment(endDate={"x": 1}), [("value-unreadable", "endDate")]),
        (
            enrollment(user=["a", "b"]),
            [("value-unreadable", "user"), ("value-missing", "userSourcedId")],
        ),
    ],
)
def test_what_is_not_certain_is_a_problem_of_a_record_that_is_still_staged(record, expected):
    read = Read(nouns.ENROLLMENT, [record])
    assert expected == read.problems
    assert len(read.rows()) == 1
    for finding in read.notes.findings:
        assert "e-1" in problem(finding).message


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (7, "record-unreadable"),
        (None, "record-unreadable"),
        ([], "record-unreadable"),
        ({}, "record-without-id"),
        (enrollment(sourcedId=""), "record-without-id"),
        (enrollment(sourcedId=None), "record-without-id"),
        (enrollment(sourcedId={"a": 1}), "record-without-id"),
    ],
)
def test_an_entry_without_an_id_is_refused_alone(entry, code):
    read = Read(nouns.ENROLLMENT, [enrollment(sourcedId="e-0"), entry, enrollment()])
    assert [code] == [found for found, _ in read.problems]
    assert ["e-0", "e-1"] == [row["sourcedId"] for row in read.rows()]
    assert (3, 1) == (read.page.records, read.page.refused)
    assert ["1", "3"] == [row["_at"] for row in read.rows()]


@pytest.mark.parametrize(
    ("ids", "skip", "expected"),
    [
        (["e-1", "e-2"], 0, True),
        (["e-1"], 1, True),
        (["e-10", "e-9"], 0, True),
        ([f"e-{number:04}" for number in range(1200)], 1, True),
        (["e-1", "e-1"], 0, False),
        (["e-1", "e-1"], 1, False),
        (["e-2", "e-1"], 0, False),
        ([f"e-{number:04}" for number in (*range(512), *range(511, 1023))], 0, False),
        # a file of CSV would hold the same id twice
        (["e-1", "e-1\0"], 0, False),
        # what had to be mended is looked at more closely
        (["e-1", 2], 0, False),
    ],
)
def test_a_page_tells_whether_its_ids_ascend(ids, skip, expected):
    page = Read(nouns.ENROLLMENT, [enrollment(sourcedId=each) for each in ids], skip=skip).page
    assert expected is page.ascends
    assert len(ids) == page.records


def test_lists_as_texts_and_ed_fis_agents_are_understood():
    read = Read(
        nouns.USER,
        [
            user(
                role="student", orgs=ref("o-1"), grades="09, 10", agents=..., agentSourceIds=["p-1"]
            )
        ],
    )
    (row,) = read.rows()
    assert (["09", "10"], ["p-1"]) == (
        json.loads(row["grades"]),
        json.loads(row["agentSourcedIds"]),
    )
    assert {("list-as-text", "grades"), ("list-as-one", "orgs"), ("other-name", "agents")} == (
        read.deviations
    )


def test_roles_of_the_other_version_are_read_and_told():
    read = Read(
        nouns.USER,
        [user(roles=[{"roleType": "primary", "role": "teacher", "org": ref("o-1")}])],
        V1P1,
    )
    assert ["teacher"] == [row["role"] for row in read.rows("roles")]
    assert ("other-version", "roles") in read.deviations


# -- envelopes ------------------------------------------------------------------------------


def unreadable(body, noun=nouns.USER):
    page = PageReader(noun, V1P1, Notes("users", "/users")).read(body)
    assert isinstance(page, Unreadable)
    return page


def test_a_known_other_key_is_read_and_counted():
    body = json.dumps({"students": [user(role="student", orgs=[ref("o-1")])]}).encode()
    read = Read(nouns.USER, [], body=body)
    assert 1 == len(read.rows())
    assert ("envelope-key", "") in read.deviations


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"null",
        b'{"message": "ok"}',
        b'{"users": null}',
        b'{"users": {}}',
        b'{"students": [], "teachers": []}',
        b"<html>",
        b"",
        b"[" * 100_000,
        b'{"users": "\xff"}',
    ],
)
def test_an_answer_without_its_collection_is_no_empty_page(body):
    assert not unreadable(body).is_cut


@pytest.mark.parametrize("end", [1, 20, 90])
def test_a_cut_answer_is_told_from_a_wrong_one(end):
    whole = json.dumps({"users": [user()]}).encode()
    assert unreadable(whole[:end]).is_cut


def test_half_a_character_costs_that_character_and_no_page():
    body = b'{"users": [{"sourcedId": "u-1", "givenName": "J\\ud800o", "enabledUser": NaN}]}'
    read = Read(nouns.USER, [], body=body)
    assert "J\ufffdo" == read.rows()[0]["givenName"]


# -- any record -----------------------------------------------------------------------------

JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=12),
        st.sampled_from(["active", "true", "2024-08-15", "student", "9" * 30]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def odd_records(draw):
    noun = draw(st.sampled_from(nouns.NOUNS))
    names = [each.name for each in noun.fields] + [
        "roles",
        "metadata",
        "agentSourceIds",
        "password",
    ]
    fields = draw(st.dictionaries(st.sampled_from(names), JSON, max_size=8))
    known = draw(st.booleans())
    return noun, ({"sourcedId": "x-1"} if known else {}) | fields


@settings(max_examples=400, deadline=None)
@given(odd_records(), st.sampled_from(list(Version)))
def test_any_record_becomes_a_row_or_a_problem_and_never_a_crash(odd, version):
    noun, record = odd
    read = Read(noun, [record], version)
    assert 1 == len(read.rows()) + read.page.refused
    for finding in read.notes.take():
        assert finding.code in RULES
        assert problem(finding).message
    assert {d.code for d in read.notes.tally.all()} <= set(DEVIATIONS)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_page_or_told_to_be_none(body):
    PageReader(nouns.USER, V1P1, Notes("users", "/users")).read(body)
