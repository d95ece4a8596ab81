"""Feeds: told by the file, paused by people."""

import pytest

from rosterway.errors import ConflictError, NotFoundError
from rosterway.settings import parse
from rosterway.store import audit, configuration, feeds, tenants
from store.builders import NOON, later

FILE = """
[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"
canvas = { url = "https://lincoln.instructure.com", token = { env = "T" } }
[tenant.lincoln.feed.files]
from = "gateway"
folder = "diffing"
limits = { removals = { count = 10 } }
[tenant.lincoln.feed.additions]
from = "gateway"
folder = "imports"
"""


def applied(store, text, minutes=0):
    return configuration.apply(store, parse(text), now=later(minutes))


def test_a_configuration_file_becomes_tenants_and_feeds(store):
    done = applied(store, FILE.replace("lincoln", "adams"))

    adams = store.tenant("adams")
    assert tenants.get(store, "adams").title == "Lincoln Unified"
    assert store.home.tree("adams").is_dir()
    assert [feed.name for feed in feeds.every(adams)] == ["additions", "files"]
    assert feeds.get(adams, "files").config["folder"] == "diffing"
    assert done == configuration.Applied(changed=(), retired=())


def test_applying_a_file_again_changes_nothing(store, lincoln):
    applied(store, FILE)

    assert applied(store, FILE, minutes=1) == configuration.Applied(changed=(), retired=())


@pytest.mark.parametrize(
    ("old", "new", "is_policy"),
    [
        ("count = 10", "count = 99", False),
        ('folder = "diffing"', 'folder = "diffing"\nsettle = "1m"', False),
        ('folder = "diffing"', 'folder = "diffing"\napprove = "always"', False),
        ('folder = "diffing"', 'folder = "diffing"\napply = "imports"', True),
        ('folder = "diffing"', 'folder = "diffing"\nvanished = { users = "deleted" }', True),
        ("lincoln.instructure.com", "district.instructure.com", True),
    ],
)
def test_a_change_of_policy_or_connection_is_told_from_one_of_limits(store, old, new, is_policy):
    applied(store, FILE)
    before = feeds.get(store.tenant("lincoln"), "files").policy

    done = applied(store, FILE.replace(old, new), minutes=1)

    assert ("lincoln/files" in done.changed) is is_policy
    assert (feeds.get(store.tenant("lincoln"), "files").policy != before) is is_policy


def test_a_feed_that_the_file_drops_is_retired_and_comes_back_with_it(store, lincoln):
    applied(store, FILE)
    without = FILE[: FILE.index("[tenant.lincoln.feed.additions]")]

    assert applied(store, without, minutes=1).retired == ("lincoln/additions",)
    assert [feed.name for feed in feeds.every(lincoln)] == ["files"]
    assert not feeds.get(lincoln, "additions").runs
    applied(store, FILE, minutes=2)
    assert feeds.get(lincoln, "additions").runs


def test_a_pause_says_who_and_why_and_outlives_the_file(store, lincoln):
    paused = feeds.pause(lincoln, "files", by="ana", reason="new SIS", now=later(1))
    applied(store, FILE, minutes=2)

    assert (paused.paused_by, paused.paused_reason, paused.runs) == ("ana", "new SIS", False)
    assert feeds.get(lincoln, "files").paused_at == later(1)
    with pytest.raises(ConflictError, match="ana has paused"):
        feeds.pause(lincoln, "files", by="ben", reason="me too", now=later(3))


def test_a_resumed_feed_remembers_since_when(lincoln):
    feeds.pause(lincoln, "files", by="ana", reason="", now=NOON)
    resumed = feeds.resume(lincoln, "files", by="ben", now=later(9))

    assert (resumed.runs, resumed.resumed_at) == (True, later(9))
    assert [(entry.act, entry.actor) for entry in audit.entries(lincoln)] == [
        ("feed.resume", "ben"),
        ("feed.pause", "ana"),
    ]
    with pytest.raises(ConflictError, match="is not paused"):
        feeds.resume(lincoln, "files", by="ben", now=later(9))


def test_a_feed_that_does_not_exist_cannot_be_paused(lincoln):
    with pytest.raises(NotFoundError):
        feeds.pause(lincoln, "absent", by="ana", reason="", now=NOON)

    assert audit.entries(lincoln) == []
