"""What a delivery with errors in its rows comes to is the feed's to say: the steps in this process."""

from datetime import UTC, datetime

import pytest

from rosterway.runs.office import Office
from rosterway.runs.receive import deliver_paths
from rosterway.runs.requests import request_roster
from rosterway.runs.road import Then, advance
from rosterway.settings import parse
from rosterway.store import Home, Store, configuration, plans, runs
from rosterway.store.runs import Outcome, Trigger

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
CONFIG = """
[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"
[tenant.lincoln.canvas]
url = "http://127.0.0.1:9"
token = {{ env = "CANVAS_TOKEN" }}
account = "1"
environment = "sandbox"
[tenant.lincoln.feed.files]
from = "gateway"
folder = "diffing"
{policy}
"""
GOOD = "user_id,login_id,status\n1,ana,active\n"
BAD = f"{GOOD}2,bo,enrolled\n"


async def delivered(folder, text, policy):
    """The outcome of a first delivery under a policy, the files of its plan, and its receipt."""
    store = Store.open(Home.create(folder / "home"))
    settings = parse(CONFIG.format(policy=policy))
    configuration.apply(store, settings, now=NOW)
    office = Office(
        home=store.home,
        store=store,
        settings=settings,
        config_folder=folder,
        clock=lambda: NOW,
    )
    (folder / "users.csv").write_text(text)
    sealed = deliver_paths(
        store, "lincoln", "files", [folder / "users.csv"], sender="a test", now=NOW
    )
    handle = store.tenant("lincoln")
    run = request_roster(handle, sealed, trigger=Trigger.SEALED, now=NOW)
    while await advance(office, "lincoln", run.id, in_lane=False) is not Then.ENDED:
        pass
    [receipt] = (store.home.tree("lincoln") / "results").glob("*/receipt.txt")
    run = runs.get(handle, run.id)
    assert run.plan is not None
    return run.outcome, plans.get(handle, run.plan).summary["files"], receipt.read_text()


@pytest.mark.parametrize("policy", ["", 'on_error = "hold-bad"'])
async def test_good_rows_are_planned_and_bad_ones_wait(tmp_path, policy):
    outcome, files, receipt = await delivered(tmp_path, BAD, policy)

    assert (Outcome.HELD, ["01/users.csv"]) == (outcome, files)  # as any first load is
    assert "“enrolled” is no status of users." in receipt


async def test_one_error_stops_a_delivery_where_the_feed_says_so(tmp_path):
    outcome, _, receipt = await delivered(tmp_path, BAD, 'on_error = "stop"')

    assert Outcome.REFUSED is outcome
    assert "Refused: some of its rows have errors, listed below" in receipt
    assert "“enrolled” is no status of users." in receipt


async def test_a_delivery_without_errors_goes_on_all_the_same(tmp_path):
    outcome, _, _ = await delivered(tmp_path, GOOD, 'on_error = "stop"')

    assert Outcome.HELD is outcome
