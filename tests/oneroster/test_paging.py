"""The decisions about pages, without a network: hints, joints, plainer queries, words of refusals."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from rosterway.errors import ConfigError
from rosterway.oneroster.address import address, at_home, root_of
from rosterway.oneroster.error_bodies import said_in
from rosterway.oneroster.failures import Shown
from rosterway.oneroster.links import next_link
from rosterway.oneroster.paging import (
    Leaf,
    Mode,
    Reason,
    across_the_end,
    ascend,
    hints,
    judge,
    starts,
)
from rosterway.oneroster.plainer import given_up, plainer, smaller
from rosterway.settings.shape import Version

PAGE = URL("https://sis.example/ims/oneroster/v1p1/orgs?limit=10&offset=0")
ROOT = "/ims/oneroster/rostering/v1p2"


def leaf(offset, records, total=None, *, refused=0):
    return Leaf(offset, records, refused, "a", "z", total)


# -- addresses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "version", "root"),
    [
        ("https://sis.example", "1.1", "https://sis.example/ims/oneroster/v1p1"),
        ("https://sis.example/", "1.2", f"https://sis.example{ROOT}"),
        ("https://sis.example/ims/oneroster", "1.2", f"https://sis.example{ROOT}"),
        ("https://sis.example/ims/oneroster/rostering/", "1.2", f"https://sis.example{ROOT}"),
        (f"https://sis.example:8443/x{ROOT}/", "1.2", f"https://sis.example:8443/x{ROOT}"),
        # ClassLink speaks 1.2 below v1p1
        ("https://proxy.example/a/ims/oneroster/v1p1", "1.2", None),
    ],
)
def test_a_root_is_taken_as_it_is_or_completed(written, version, root):
    assert (root or written) == str(root_of(written, Version(version)))


@pytest.mark.parametrize(
    "written",
    [
        "sis.example/ims",
        "ftp://sis.example",
        "https://me:pw@sis.example",
        "https://sis.example/x?key=1",
        "https://sis.example/#x",
        "https://sis.example:port",
    ],
)
def test_what_is_no_address_of_a_provider_is_told(written):
    with pytest.raises(ConfigError):
        root_of(written, Version.V1P1)


def test_spaces_are_percent_encoded_and_so_is_a_slash_in_a_value():
    asked = address(URL("https://sis.example/r"), "/orgs", [("filter", "name='A/B C'")])
    assert "https://sis.example/r/orgs?filter=name%3D%27A%2FB%20C%27" == str(asked)


def test_a_redirect_stays_here_or_leads_nowhere():
    root = URL("https://sis.example/r")
    assert "https://sis.example/x?a=1" == str(at_home(URL("http://sis.example/x?a=1"), root))
    assert at_home(URL("https://other.example/x"), root) is None


# -- hints ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ('</x?offset=5>; rel="next"', "/x?offset=5"),
        ('</p>; rel=prev, </n>; rel=next; title="more"', "/n"),
        ('</n>; REL="last next"', "/n"),
        ("</p>; rel=prev", None),
        ("nonsense", None),
    ],
)
def test_the_next_link_is_found_however_it_is_written(link, target):
    assert target == next_link([link])


@pytest.mark.parametrize(
    ("headers", "links", "expected"),
    [
        ({"X-Total-Count": "12"}, [], (12, False, False, "", False)),
        ({"X-Total-Count": "1,200 records"}, [], (None, True, False, "", False)),
        ({}, ['<?limit=10&offset=10>; rel="next"'], (None, False, True, "", False)),
        ({}, ['<http://in.house/orgs?offset=10>; rel="next"'], (None, False, True, "", True)),
        ({}, ['<?cursor=abc>; rel="next"'], (None, False, True, "cursor=abc", False)),
    ],
)
def test_headers_are_hints(headers, links, expected):
    found = hints(headers, links, PAGE)
    assert expected == (
        found.total,
        found.is_total_wrong,
        found.has_next,
        found.opaque,
        found.is_elsewhere,
    )


# -- joints and verdicts --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leaves", "mode", "reason"),
    [
        ([leaf(0, 10, 15), leaf(9, 6, 15), leaf(14, 1, 15)], Mode.OVERLAP, Reason.PROVEN),
        ([leaf(0, 10), leaf(9, 6), leaf(14, 1)], Mode.OVERLAP, Reason.PROVEN),
        ([leaf(0, 10, 15), leaf(9, 6, 16)], Mode.OVERLAP, Reason.CHANGED),
        ([leaf(0, 10, 20), leaf(9, 1, 20)], Mode.OVERLAP, Reason.SHORT),
        ([leaf(0, 10, 5), leaf(9, 1, 5)], Mode.OVERLAP, Reason.LONG),
        # the numbers of the pages, taken for totals by nobody
        ([leaf(0, 10, 10), leaf(9, 1, 1)], Mode.OVERLAP, Reason.PROVEN),
        ([leaf(0, 10, 10), leaf(10, 4, 4)], Mode.END_TO_END, Reason.CHANGED),
        ([leaf(0, 10), leaf(10, 4)], Mode.LINKS, Reason.OPAQUE),
        ([leaf(0, 10, 14), leaf(10, 4, 14)], Mode.LINKS, Reason.PROVEN),
        ([leaf(0, 0)], Mode.OVERLAP, Reason.EMPTY),
        ([leaf(0, 0, 0)], Mode.OVERLAP, Reason.PROVEN),
        ([leaf(0, 3, 3, refused=1)], Mode.OVERLAP, Reason.UNREADABLE),
    ],
)
def test_joined_pages_are_judged(leaves, mode, reason):
    assert reason is judge(leaves, mode).reason


@given(size=st.integers(2, 50), total=st.integers(99, 500))
def test_pages_fetched_at_the_same_time_overlap_by_one_and_leave_nothing_out(size, total):
    first = leaf(0, size, total)
    second = leaf(size - 1, size, total)
    *offsets, end = [0, size - 1, *starts(first, second)]
    for before, after in pairwise(offsets):
        assert after == before + size - 1
    assert total - 1 == end
    assert offsets[-1] < end <= offsets[-1] + size - 1


def ascending(offset, first, last, records=3, *, ascends=True):
    return Leaf(offset, records, 0, first, last, None, ascends=ascends)


@pytest.mark.parametrize(
    ("leaves", "mode", "expected"),
    [
        ([], Mode.OVERLAP, True),
        ([ascending(0, "a", "c"), ascending(2, "c", "e")], Mode.OVERLAP, True),
        ([ascending(2, "c", "e"), ascending(0, "a", "c")], Mode.OVERLAP, True),
        ([ascending(0, "a", "c"), ascending(2, "c", "c", 1)], Mode.OVERLAP, True),
        ([ascending(0, "a", "c"), ascending(2, "c", "e", ascends=False)], Mode.OVERLAP, False),
        ([ascending(0, "a", "c"), ascending(2, "b", "e")], Mode.OVERLAP, False),
        ([ascending(0, "a", "c"), ascending(3, "d", "f")], Mode.END_TO_END, True),
        ([ascending(0, "a", "c"), ascending(3, "c", "f")], Mode.END_TO_END, False),
        ([ascending(0, "d", "f"), ascending(3, "a", "c")], Mode.END_TO_END, False),
        ([ascending(0, "a", "c"), ascending(3, None, None, 0)], Mode.END_TO_END, True),
        ([ascending(0, "a", None), ascending(3, "c", "f")], Mode.END_TO_END, False),
    ],
)
def test_ids_that_ascend_through_all_pages_cannot_come_twice(leaves, mode, expected):
    assert expected is ascend(leaves, mode)


def test_nobody_fetches_at_the_same_time_without_a_total_that_stays():
    assert not starts(leaf(0, 10), leaf(9, 10))
    assert not starts(leaf(0, 10, 50), leaf(9, 10, 51))
    assert not starts(leaf(0, 10, 0), leaf(9, 10, 0))


@given(end=st.integers(1, 5000), most=st.integers(1, 200))
def test_a_page_across_the_end_begins_at_a_multiple_of_its_size_and_before_the_end(end, most):
    at, size = across_the_end(end, most)
    assert at % size == 0
    assert at <= end < at + size
    assert size <= max(most, 1)
    if at == end:
        assert all(end % other == 0 for other in range(2, most + 1))


# -- queries --------------------------------------------------------------------------------

ASKED = (
    ("limit", "1000"),
    ("sort", "sourcedId"),
    ("orderBy", "asc"),
    ("filter", "type='school'"),
    ("fields", "sourcedId,name"),
)


def test_a_refused_query_gives_up_one_thing_after_the_other_and_the_filter_never():
    tried = list(plainer(ASKED, []))
    assert all(("filter", "type='school'") in query for query in tried)
    names = [[name for name, _ in query if name not in {"filter", "limit"}] for query in tried]
    assert [["fields"], ["sort", "orderBy"], []] == names[:3]
    assert ["500", "100", "50", "50"] == [query[0][1] for query in tried[3:]]
    assert len(tried) == len(set(tried))


def test_what_the_code_names_is_given_up_first():
    first = next(plainer(ASKED, ["invalid_selection_field"]))
    assert "fields" not in dict(first)
    assert "sort" in dict(first)
    assert [] == list(plainer(ASKED, ["invalid_filter_field"]))


def test_what_was_given_up_is_told():
    plain = (("limit", "100"), ("filter", "type='school'"))
    codes = [code for code, _ in given_up(ASKED, plain)]
    assert ["page-size-refused", "sort-refused", "fields-refused"] == codes
    assert [] == list(given_up(ASKED, ASKED))


def test_pages_become_smaller_step_by_step():
    assert ["500", "100", "50"] == [query[0][1] for query in smaller((("limit", "1000"),))]
    assert [] == list(smaller((("limit", "50"),)))


# -- words of refusals ----------------------------------------------------------------------

MINOR = {
    "imsx_codeMinorField": [
        {
            "imsx_codeMinorFieldName": "TargetEndSystem",
            "imsx_codeMinorFieldValue": "unauthorisedrequest",
        }
    ]
}


@pytest.mark.parametrize(
    ("body", "description", "codes"),
    [
        (
            {"imsx_description": "SIS: no", "imsx_CodeMinor": MINOR},
            "SIS: no",
            ("unauthorisedrequest",),
        ),
        (
            {
                "statusInfoSet": [
                    {"imsx_codeMinor": "unknown object", "imsx_description": "SIS: gone"}
                ]
            },
            "SIS: gone",
            ("unknown_object",),
        ),
        (
            {"errors": [{"codeMinor": "server_busy", "description": "SIS: later"}]},
            "SIS: later",
            ("server_busy",),
        ),
        ({"imsx_StatusInfo": {"IMSX_Description": "SIS: no"}}, "SIS: no", ()),
        ({"error": "invalid_client", "error_description": "who?"}, "who?", ("invalid_client",)),
        ({"message": "no such ann@school.example"}, "no such …", ()),
        ("<html>", "", ()),
        (b"\xff\xfe", "", ()),
        ([1, [2, [3]]], "", ()),
    ],
)
def test_a_refusals_own_words_are_found_in_every_known_shape(body, description, codes):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    said = said_in(raw)
    assert (description, codes) == (said.description, said.codes)


def test_words_are_not_very_long_and_nesting_is_not_followed_without_end():
    assert 300 == len(said_in(json.dumps({"message": "no " * 500}).encode()).description)
    deep = b'{"a":' * 50 + b'{"message":"x"}' + b"}" * 50
    assert "" == said_in(deep).description


def test_only_the_words_of_chosen_codes_are_shown():
    said = said_in(b'{"imsx_description": "SIS: no", "imsx_codeMinor": "forbidden"}')
    assert "SIS: no" == Shown().words(said)
    assert "SIS: no" == Shown(frozenset({"forbidden"})).words(said)
    assert "" == Shown(frozenset({"unknownobject"})).words(said)
