"""What is kept of a SIS between pulls: when a delta may be laid over it, and when it may not."""

from datetime import UTC, datetime, timedelta

import pytest

from rosterway.runs import kept
from rosterway.runs.kept import OLDEST, OVERLAP, Terms, Under
from rosterway.store.home import Home

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
TERMS = Terms("policy", ("https://sis.example", "1.2", "/users"))
MINUTE = timedelta(minutes=1)


@pytest.fixture
def place(tmp_path):
    return Home.create(tmp_path / "home").kept("lincoln", "nightly")


def keep(
    place, content=b"rows", *, maker="run-1", began=NOON, newest: datetime | None = NOON, under=None
):
    tables = {}
    work = place.parent.parent.parent / "work"
    for name in ("users", "roles"):
        tables[name] = work / f"{name}.parquet"
        tables[name].write_bytes(content)
    kept.keep(place, TERMS, maker=maker, tables=tables, began=began, newest=newest, under=under)


def looked_for(place, *, terms=TERMS, now=NOON):
    return kept.find(place, terms, now=now)


def found(place):
    under = looked_for(place)
    assert isinstance(under, Under), under
    return under


def refused(place, **change):
    why = looked_for(place, **change)
    assert isinstance(why, str), why
    return why


def contents(place):
    return {path.read_bytes() for path in place.rglob("*.parquet")}


def test_a_delta_is_laid_over_what_was_kept(place):
    keep(place)
    under = found(place)

    assert {"users", "roles"} == under.roster.tables.keys()
    assert (NOON, 0, NOON - OVERLAP) == (under.whole_at, under.deltas, under.roster.cursor)


@pytest.mark.parametrize(
    ("began", "newest", "cursor"),
    [
        # what is read is as it was when the pull began, not when it had ended
        (NOON, NOON + 9 * MINUTE, NOON),
        # a provider whose clock for dates is behind: nothing it dates will be later than that
        (NOON, NOON - 7 * 60 * MINUTE, NOON - 7 * 60 * MINUTE),
    ],
)
def test_the_cursor_is_the_earlier_of_the_pull_and_its_latest_change(place, began, newest, cursor):
    keep(place, began=began, newest=newest)

    assert found(place).roster.cursor == cursor - OVERLAP
    assert timedelta(minutes=5) <= OVERLAP


def spoil(place):
    next(place.rglob("users.parquet")).write_bytes(b"rats")


def lose(place):
    next(place.rglob("roles.parquet")).unlink()


def cut(place):
    told = place / "kept.json"
    told.write_bytes(told.read_bytes()[:-5])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"terms": Terms("other", TERMS.question)}, "configuration"),
        ({"terms": Terms("policy", (*TERMS.question, "/orgs"))}, "something else"),
        ({"now": NOON + OLDEST + MINUTE}, "8 days old"),
    ],
)
def test_what_no_longer_fits_is_not_built_upon(place, change, told):
    keep(place)

    assert told in refused(place, **change)


@pytest.mark.parametrize(
    ("harm", "told"), [(spoil, "damaged"), (lose, "damaged"), (cut, "no whole pull")]
)
def test_what_is_damaged_is_not_built_upon(place, harm, told):
    keep(place)
    harm(place)

    assert told in refused(place)


def test_nothing_is_built_upon_where_there_is_nothing_or_no_date(place):
    assert "no whole pull is kept yet" == refused(place)
    keep(place, newest=None)
    assert "does not say when" in refused(place)


def test_a_delta_takes_the_place_of_what_it_was_laid_over_and_keeps_its_age(place):
    keep(place)
    keep(place, b"more", maker="run-2", began=NOON + 30 * MINUTE, under=found(place))
    under = found(place)

    assert {b"more"} == contents(place)
    assert (NOON, 1) == (under.whole_at, under.deltas)


def test_a_run_that_keeps_again_after_a_crash_builds_on_what_it_had_kept(place):
    keep(place)
    for content in (b"once", b"again"):
        keep(place, content, maker="run-2", under=found(place))

    assert {b"again"} == contents(place)
    assert 2 == found(place).deltas


def test_what_is_kept_of_feeds_that_want_nothing_kept_is_removed(tmp_path):
    home = Home.create(tmp_path / "home")
    for feed in ("nightly", "hourly"):
        keep(home.kept("lincoln", feed))
    kept.forget_others(home, {("lincoln", "hourly")})

    assert "no whole pull is kept yet" == refused(home.kept("lincoln", "nightly"))
    assert found(home.kept("lincoln", "hourly")).deltas == 0
