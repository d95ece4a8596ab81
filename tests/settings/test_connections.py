"""Connections of both kinds stand side by side in the file, and apart in the settings."""

from datetime import date, timedelta

import pytest

from rosterway.settings import AfterPickUp, Days, Secret, SecretPlace, as_data, parse
from rosterway.settings.sftp_connection import matches

THEIRS = """
[tenant.lincoln.connection.theirs]
kind = "sftp"
host = "files.sis.example"
user = "canvas"
key = { sealed = "sis-key" }
folder = "/outgoing/canvas/"
after = "move"
results = "results"
"""


def test_a_connection_without_a_kind_is_one_over_oneroster(example):
    tenant = parse(example + THEIRS).tenants["lincoln"]

    assert ["sis"] == list(tenant.connections)
    assert ["theirs"] == list(tenant.sftp_connections)


def test_an_sftp_connection_has_what_is_usual(example):
    theirs = parse(example + THEIRS).tenants["lincoln"].sftp_connections["theirs"]

    assert theirs.key == Secret(SecretPlace.SEALED, "sis-key")
    assert theirs.folder == "/outgoing/canvas"
    assert theirs.after is AfterPickUp.MOVE
    assert (theirs.port, theirs.files, theirs.moved_to) == (22, ("*.csv", "*.zip"), "taken")
    assert theirs.timeout == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ('kind = "sftp"', 'kind = "ftp"', "kind", 'did you mean "sftp"?'),
        ('folder = "/outgoing/canvas/"', 'folder = "../up"', "folder", "is no folder"),
        ('user = "canvas"', 'user = "canvas"\ntimeout = "1h"', "timeout", "too short or too long"),
        ('user = "canvas"', 'user = "canvas"\nfiles = ["in/*.csv"]', "files[0]", "will not do"),
        ("results =", "result =", "result", "did you mean `results`?"),
        ('user = "canvas"', 'user = "canvas"\npassword = "secret"', "password", "may not stand"),
    ],
)
def test_what_is_wrong_with_one_is_told_at_its_place(example, spoilt, old, new, path, said):
    text = example + THEIRS
    found = dict(spoilt((example[-40:], example[-40:] + THEIRS.replace(old, new))))

    assert old in text
    assert said in found[f"tenant.lincoln.connection.theirs.{path}"]


def test_a_feed_may_read_one_and_follows_its_folder(example):
    feed = '[tenant.lincoln.feed.theirs]\nfrom = "theirs"\nfolder = "imports"\n'

    read = parse(example + THEIRS + feed).tenants["lincoln"].feeds["theirs"]

    assert (read.apply, read.folder) == ("imports", "imports")


@pytest.mark.parametrize(
    ("name", "is_taken"),
    [("users.csv", True), ("USERS.CSV", True), ("all.zip", True), ("users.csv.gz", False)],
)
def test_names_match_whatever_their_capitals(name, is_taken):
    assert is_taken == matches(name, ("*.csv", "*.zip"))


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ('"2026-11-26"', Days(date(2026, 11, 26), date(2026, 11, 26))),
        ("2026-11-26", Days(date(2026, 11, 26), date(2026, 11, 26))),
        ('"2026-12-24..2027-01-03"', Days(date(2026, 12, 24), date(2027, 1, 3))),
    ],
)
def test_days_of_blackout_are_days_or_ranges(example, written, days):
    text = example.replace(
        'time_zone = "America/Denver"', f"time_zone = 'UTC'\nblackout = [{written}]"
    )

    tenant = parse(text).tenants["lincoln"]

    assert tenant.blackout == (days,)
    assert as_data(tenant.blackout) == [written.strip('"')]


@pytest.mark.parametrize("written", ['"2026-02-30"', '"2026-12-24..2026-12-01"', "7", '"soon"'])
def test_what_is_no_day_is_refused(spoilt, written):
    zone = 'time_zone = "America/Denver"'

    found = dict(spoilt((zone, f"{zone}\nblackout = [{written}]")))

    assert ["tenant.lincoln.blackout[0]"] == list(found)


def test_a_quota_of_uploads_is_a_tenants(example):
    zone = 'time_zone = "America/Denver"'

    usual = parse(example).tenants["lincoln"].sftp_quota
    tighter = parse(example.replace(zone, f"{zone}\nsftp_quota.files = 100"))

    assert (50, 20_000) == (usual.gigabytes, usual.files)
    assert 100 == tighter.tenants["lincoln"].sftp_quota.files
