"""A whole file: what it becomes, and that everything wrong with it is said at once."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rosterway.errors import ConfigError, UsageError
from rosterway.settings import (
    Address,
    Apply,
    Approve,
    Bearer,
    Environment,
    OAuth2,
    Secret,
    SecretPlace,
    as_data,
    check,
    home_folder,
    load,
    parse,
)


def test_the_documented_example_becomes_settings(example):
    settings = parse(example)

    assert Address("127.0.0.1", 8080) == settings.server.console
    lincoln = settings.tenants["lincoln"]
    assert (lincoln.key, lincoln.name, lincoln.time_zone) == (
        "lincoln",
        "Lincoln Unified",
        ZoneInfo("America/Denver"),
    )
    assert lincoln.canvas.token == Secret(SecretPlace.ENV, "CANVAS_TOKEN")
    assert lincoln.canvas.environment is Environment.PRODUCTION
    assert lincoln.canvas.key == "lincoln.instructure.com/self"
    assert lincoln.sftp["sis-uploader"].allow == (ip_network("10.0.0.0/8"),)
    assert isinstance(lincoln.connections["sis"].auth, OAuth2)
    files = lincoln.feeds["files"]
    assert (files.source, files.folder, files.settle) == (
        "gateway",
        "diffing",
        timedelta(minutes=5),
    )
    assert files.limits["removals"]["share"] == 0.05
    assert lincoln.feeds["nightly"].schedule == "0 2 * * *"
    assert lincoln.grades is not None
    assert lincoln.grades.connection == "sis"
    assert settings.warnings == ()


def test_an_empty_file_is_a_server_without_tenants():
    settings = parse("")

    assert settings.tenants == {}
    assert settings.server.database == "sqlite"


def test_a_feed_says_only_what_differs():
    settings = parse("""
        [tenant.lincoln]
        name = "Lincoln"
        time_zone = "UTC"
        canvas = { url = "http://127.0.0.1:3000/", token = { env = "T" } }
        connection.sis.version = "1.1"
        connection.sis.rostering_url = "https://sis.example"
        connection.sis.auth = { method = "bearer", token = { sealed = "sis" } }
        feed.additions = { from = "gateway", folder = "imports" }
        feed.whole = { from = "sis" }
    """)

    feeds = settings.tenants["lincoln"].feeds
    assert [feed.apply for feed in feeds.values()] == [Apply.IMPORTS, Apply.DIFFING]
    assert {feed.approve for feed in feeds.values()} == {Approve.WHEN_HELD}
    assert settings.tenants["lincoln"].connections["sis"].auth == Bearer(
        token=Secret(SecretPlace.SEALED, "sis")
    )


def test_everything_wrong_is_said_at_once_with_its_line():
    text = """\
[server]
console = "8080"
colour = "green"

[tenant.lincoln]
time_zone = "America/Denvr"

[tenant.lincoln.canvas]
url = "https://lincoln.instructure.com/api/v1"
token = "7~abcdef"

[tenant.lincoln.feed.files]
from = "gatway"
settle = 300
"""

    findings = [(finding.line, finding.path) for finding in check(text)]

    assert findings == [
        (2, "server.console"),
        (3, "server.colour"),
        (5, "tenant.lincoln"),  # no name
        (6, "tenant.lincoln.time_zone"),
        (9, "tenant.lincoln.canvas.url"),
        (10, "tenant.lincoln.canvas.token"),
        (13, "tenant.lincoln.feed.files.from"),
        (14, "tenant.lincoln.feed.files.settle"),
    ]
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert caught.value.message.startswith("8 things to mend")
    assert "line 14: tenant.lincoln.feed.files.settle: this is a number" in caught.value.message
    assert "7~abcdef" not in caught.value.message


def test_text_that_is_no_toml_says_where():
    (finding,) = check('[server]\nconsole = "127.0.0.1:80\n')

    assert (finding.line, finding.problem) == (2, "this is not TOML: Illegal character '\\n'")


@pytest.mark.parametrize(
    "text",
    ["server = 3", "tenant = []", "tenant.lincoln = 4", "[tenant.lincoln]\nfeed = 1\nsftp = 2"],
)
def test_a_value_where_a_table_belongs_is_a_finding_and_no_crash(text):
    assert "write a table" in str(check(text, {"ROSTERWAY_SFTP": "127.0.0.1:0"}))


@pytest.mark.parametrize(
    ("old", "new", "path", "hint"),
    [
        ("[tenant.lincoln.feed.nightly]", "[tennant.x]", "tennant", "did you mean `tenant`?"),
        ("settle =", "setle =", "tenant.lincoln.feed.files.setle", "did you mean `settle`?"),
        ("time_zone =", "timezone =", "tenant.lincoln.timezone", "did you mean `time_zone`?"),
        ("time_zone =", "Time-Zone =", "tenant.lincoln.Time-Zone", "did you mean `time_zone`?"),
        ("concurrency =", "x =", "tenant.lincoln.connection.sis.x", "known here: profile, version"),
        ('scope = "…"', 'scop = "a"', "tenant.lincoln.connection.sis.auth.scop", "`scope`"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(spoilt, old, new, path, hint):
    found = dict(spoilt((old, new)))

    assert "there is no such setting" in found[path]
    assert hint in found[path]


def test_a_windows_byte_order_mark_is_no_obstacle(tmp_path: Path, example):
    path = tmp_path / "rosterway.toml"
    path.write_bytes(b"\xef\xbb\xbf" + example.replace("\n", "\r\n").encode())

    assert set(
        load(path, {"CANVAS_TOKEN": "t", "SFTP_PASSWORD": "p", "SIS_SECRET": "s"}).tenants
    ) == {"lincoln"}


def test_a_file_that_cannot_be_read_is_wrong_use(tmp_path: Path):
    with pytest.raises(UsageError, match="No such file"):
        load(tmp_path / "absent.toml", {})


def test_the_environment_stands_above_the_file():
    settings = parse(
        '[server]\nconsole = "127.0.0.1:1"',
        {
            "ROSTERWAY_CONSOLE": "[::1]:0",
            "ROSTERWAY_SFTP": "127.0.0.1:0",
            "ROSTERWAY_DATABASE": "postgresql://me:secret@db/rosterway",
        },
    )

    assert Address("::1", 0) == settings.server.console
    assert str(settings.server.console) == "[::1]:0"
    assert settings.server.sftp.port == 0
    assert settings.server.database == Secret(SecretPlace.ENV, "ROSTERWAY_DATABASE")
    assert "me:secret" not in repr(settings)


def test_a_wrong_override_is_named_by_its_variable():
    (finding,) = check("", {"ROSTERWAY_SFTP": "everywhere"})

    assert (finding.path, finding.line) == ("ROSTERWAY_SFTP", None)


def test_the_home_is_given_or_in_the_environment_or_here():
    environ = {"ROSTERWAY_HOME": "/srv/home"}

    assert home_folder(Path("here"), environ) == Path("here")
    assert home_folder(None, environ) == Path("/srv/home")
    assert home_folder(None, {}) == Path("rosterway-home")


def test_settings_as_data_hold_where_secrets_are_and_not_the_secrets(example):
    data = as_data(parse(example).tenants["lincoln"])

    assert data["canvas"]["token"] == {"env": "CANVAS_TOKEN"}
    assert data["feeds"]["files"]["settle"] == "5m"
    assert data["sftp"]["sis-uploader"]["allow"] == ["10.0.0.0/8"]
