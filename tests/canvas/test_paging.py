"""The Link header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from rosterway.canvas.paging import next_page
from rosterway.errors import GarbledError

HOME = URL("https://c.test")


@pytest.mark.parametrize(
    ("links", "following"),
    [
        ([], None),
        ([""], None),
        (['<https://c.test/a?page=1>; rel="current"'], None),
        (
            ['<https://c.test/a?page=1>; rel="current",<https://c.test/a?page=2>; rel="next"'],
            "https://c.test/a?page=2",
        ),
        (
            ['<https://c.test/a>; rel="first"', "<https://c.test/a?p=bookmark:WzFd>; rel=next"],
            "https://c.test/a?p=bookmark:WzFd",
        ),
        (['<https://c.test/a?x=1,2;3>; rel="next"'], "https://c.test/a?x=1,2;3"),
        (['<https://c.test/a?s[]=x&e=%5B%5D>; REL="prev NEXT"'], "https://c.test/a?s[]=x&e=%5B%5D"),
        (['<https://c.test/a?page=9>; rel="last"'], None),
        (['<https://c.test/a>; title="next"; rel="prev"'], None),
        (['</a?page=2>; rel="next"'], "https://c.test/a?page=2"),
        (["<https://c.test/a?page=2"], None),
    ],
)
def test_the_next_page_is_taken_as_it_is_written(links, following):
    found = next_page(links, origin=HOME)
    assert following == (None if found is None else str(found))


@pytest.mark.parametrize(
    "target", ["https://evil.test/a", "https://c.test:8443/a", "//evil.test/", "https://c.test.x/"]
)
def test_a_list_that_continues_elsewhere_is_refused(target):
    with pytest.raises(GarbledError, match="another host"):
        next_page([f'<{target}>; rel="next"'], origin=HOME)


@pytest.mark.parametrize("target", ["http://[", "https://c.test:port/", "https://c.test:99999/"])
def test_an_address_that_is_none_is_garbled(target):
    with pytest.raises(GarbledError, match="address that is none"):
        next_page([f'<{target}>; rel="next"'], origin=HOME)


@given(st.lists(st.text(max_size=60), max_size=3))
def test_no_header_makes_it_fail_in_another_way(links):
    try:
        found = next_page(links, origin=HOME)
    except GarbledError:
        return
    assert found is None or found.host == "c.test"
