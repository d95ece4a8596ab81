"""Where Canvas is, and what still counts as Canvas."""

import pytest
from yarl import URL

from rosterway.canvas.address import address, at_home, origin_of, path_of
from rosterway.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://lincoln.instructure.com", "https://lincoln.instructure.com"),
        (" https://lincoln.instructure.com/ ", "https://lincoln.instructure.com"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("https://school.test/canvas/", "https://school.test/canvas"),
    ],
)
def test_an_address_is_taken_as_an_origin(url, origin):
    assert f"{origin}/api" == str(address(origin_of(url), "/api"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "lincoln.instructure.com",
        "ftp://lincoln.instructure.com",
        "https://",
        "https://user:pass@lincoln.instructure.com",
        "https://lincoln.instructure.com/?access_token=1",
        "https://lincoln.instructure.com/#accounts",
        "https://lincoln:port",
        "/accounts/1",
    ],
)
def test_anything_else_is_a_wrong_setting(url):
    with pytest.raises(ConfigError, match="url") as caught:
        origin_of(url)
    assert "https://" in caught.value.remedy


def test_ids_from_the_sis_are_encoded_in_paths():
    path = path_of("api", "v1", "accounts", "sis_account_id:A/7 ü.x")
    assert path == "/api/v1/accounts/sis_account_id:A%2F7%20%C3%BC.x"
    assert str(address(URL("https://c.test"), path)) == "https://c.test" + path


def test_names_of_parameters_with_brackets_are_encoded():
    url = address(URL("https://c.test"), "/a", [("state[]", "a b"), ("state[]", "c")])
    assert str(url) == "https://c.test/a?state%5B%5D=a+b&state%5B%5D=c"


HOME = URL("https://c.test")


@pytest.mark.parametrize(
    ("target", "home"),
    [
        ("https://c.test/a?page=2", "https://c.test/a?page=2"),
        ("https://C.test/a", "https://c.test/a"),
        ("https://c.test:443/a", "https://c.test/a"),
        ("http://c.test/a", "https://c.test/a"),  # a proxy took the s away
        ("/a?b=%2F", "https://c.test/a?b=%2F"),
        ("https://d.test/a", None),
        ("https://c.test.evil/a", None),
        ("https://c.test@evil.test/a", None),
        ("https://c.test:8443/a", None),
        ("ftp://c.test/a", None),
        ("//evil.test/a", None),
    ],
)
def test_what_leaves_the_host_is_not_at_home(target, home):
    found = at_home(URL(target, encoded=True), HOME)
    assert home == (None if found is None else str(found))


def test_a_port_of_ours_stays_ours():
    origin = URL("http://127.0.0.1:3000")
    assert str(at_home(URL("http://127.0.0.1:3000/a"), origin)) == "http://127.0.0.1:3000/a"
    assert str(at_home(URL("http://127.0.0.1/a"), origin)) == "http://127.0.0.1:3000/a"
    assert at_home(URL("http://127.0.0.1:3001/a"), origin) is None
