"""Each kind of value: what is read, and what is answered to a value that will not do."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from rosterway.settings import values
from rosterway.settings.findings import Severity, Wrong
from rosterway.settings.plain import duration_text
from rosterway.settings.shape import Approve
from rosterway.settings.values import Address, choice


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (values.DURATION, "90s", timedelta(seconds=90)),
        (values.DURATION, "1h30m", timedelta(minutes=90)),
        (values.DURATION, "2d", timedelta(days=2)),
        (values.CRON, "*/15 6-18 * * mon-fri", "*/15 6-18 * * mon-fri"),
        (values.CRON, "0 2 * * thu", "0 2 * * thu"),
        (values.URL, "https://sis.example/ims/", "https://sis.example/ims"),
        (values.ORIGIN, "https://school.instructure.com/", "https://school.instructure.com"),
        (values.ADDRESS, "localhost:0", Address("localhost", 0)),
        (values.ADDRESS, "[::]:22", Address("::", 22)),
        (values.NETWORK, "203.0.113.7", ip_network("203.0.113.7/32")),
        (values.ENCODING, "latin1", "iso8859-1"),
        (values.FOLDER, "Fall roster", "Fall roster"),
        (values.ACCOUNT, 12, "12"),
        (values.BLOBS, "s3://bucket/prefix", "s3://bucket/prefix"),
        (choice(Approve), "always", Approve.ALWAYS),
    ],
)
def test_a_sound_value_is_read(kind, raw, expected):
    assert expected == kind.read(raw)


@pytest.mark.parametrize(
    ("kind", "raw", "remedy"),
    [
        (values.DURATION, "5 min", '"5m"'),
        (values.DURATION, 300, '"5m"'),
        (values.DURATION, "99999999999999999999d", "ten years"),
        (values.CRON, "0 2 * *", "five fields"),
        (values.CRON, "0 2 * * * *", "five fields"),
        (values.CRON, "61 2 * * *", "five fields"),
        (values.CRON, "0 2 30 2 *", "five fields"),  # the thirtieth of February
        (values.CRON, "R 2 * * *", "five fields"),  # croniter would choose the minute by chance
        (values.ZONE, "America/Denvr", 'did you mean "America/Denver"?'),
        (values.URL, "sis.example/ims", "https://"),
        (values.URL, "https://me:pw@sis.example", "keep secrets out"),
        (values.URL, "https://sis.example/?key=1", "follows ? or #"),
        (values.URL, "https://sis.example:99999", "https://"),
        (values.ORIGIN, "https://c.example/api/v1", 'write "https://c.example"'),
        (values.ADDRESS, "8080", "host and port"),
        (values.ADDRESS, "::1:80", "brackets"),
        (values.ADDRESS, "localhost:65536", "host and port"),
        (values.NETWORK, "10.0.0.1/8", 'write "10.0.0.0/8"'),
        (values.NETWORK, "everywhere", "10.0.0.0/8"),
        (values.ENCODING, "utf8mb4", 'did you mean "utf-8"?'),
        (values.ENCODING, "base64", "did you mean"),  # a codec, but not of text
        (values.FOLDER, "../other", "without slashes"),
        (values.FOLDER, ".hidden", "leading dot"),
        (values.NAME, "Lincoln", "a-z"),
        (values.NAME, "con" * 22, "at most 63"),
        (values.LOGIN, "a/b", "login"),
        (values.ACCOUNT, "root", '"self"'),
        (values.ACCOUNT, True, '"self"'),
        (values.BLOBS, "s4://x", "s3://"),
        (values.TEXT, "line\nbreak", "a string"),
        (values.TEXT, " ", "a string"),
        (values.whole_number(1, 64), 65, "from 1 to 64"),
        (values.whole_number(1, 64), True, "from 1 to 64"),
        (choice(Approve), "alway", 'did you mean "always"?'),
        (choice(Approve), "zzz", '"when-held" or "always"'),
        (values.PUBLIC_KEY, "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn", "make a new pair"),
        (values.PUBLIC_KEY, "AAAAC3Nz", ".pub file"),
    ],
)
def test_a_value_that_will_not_do_says_what_would(kind, raw, remedy):
    wrong = kind.read(raw)

    assert isinstance(wrong, Wrong)
    assert wrong.severity is Severity.ERROR
    assert remedy in wrong.remedy


@pytest.mark.parametrize("body", ["AAAA… sis", "AAAA sis", "AAAAB3NzaC1yc2E= sis"])
def test_a_damaged_public_key_is_a_warning_so_that_the_account_keeps_its_other_ways_in(body):
    wrong = values.PUBLIC_KEY.read(f"ssh-ed25519 {body}")

    assert isinstance(wrong, Wrong)
    assert wrong.severity is Severity.WARNING


def test_limits_keep_their_shape_and_are_frozen():
    limits = values.LIMITS.read(
        {"removals": {"count": 5, "enrollments": {"school": {"share": 0.1}}}, "off": ["class"]}
    )

    assert limits == {
        "removals": {"count": 5, "enrollments": {"school": {"share": 0.1}}},
        "off": ("class",),
    }
    with pytest.raises(TypeError):
        limits["removals"] = {}


@pytest.mark.parametrize(
    ("raw", "at", "problem"),
    [
        ({"removals": {"share": 5}}, ("removals", "share"), "a share is at most 1"),
        ({"removals": {"count": -1}}, ("removals", "count"), "no number from 0 up"),
        ({"class": {"share": float("nan")}}, ("class", "share"), "no number from 0 up"),
        ({"removals": {"count": "ten"}}, ("removals", "count"), "no number"),
        ({"off": "class"}, ("off",), "no list of guards"),
        ([], (), "this is an array"),
    ],
)
def test_limits_of_another_shape_are_refused_where_they_are(raw, at, problem):
    wrong = values.LIMITS.read(raw)

    assert (wrong.at, problem in wrong.problem) == (at, True)


@pytest.mark.parametrize("text", ["0s", "5m", "1h30m", "2d3s"])
def test_a_duration_is_written_as_it_was_read(text):
    assert text == duration_text(values.DURATION.read(text))
