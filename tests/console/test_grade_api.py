"""Grade syncs over HTTPS: who may ask, what is asked for, and what is told of it."""

import pytest

from console.gradebook import COURSE
from rosterway.runs.clock import utc_now
from rosterway.runs.grades import files
from rosterway.runs.grades.requests import asked_of
from rosterway.store import audit, runs, sessions
from rosterway.store.runs import Trigger

SYNCS = f"/api/v1/lincoln/grades/{COURSE}/syncs"


def token_of(house, operator, *, tenant="lincoln", feed=None):
    """What a script shows; `operator` signs in by that name."""
    made = sessions.issue(
        house.store,
        operator,
        label="nightly script",
        tenant=tenant,
        feed=feed,
        by="a test",
        now=utc_now(),
    )
    return {"authorization": f"Bearer {made}"}


async def test_a_sync_is_asked_for_once_while_it_goes_on_and_the_rooms_see_it(
    visitor, house, grades
):
    shown = token_of(house, "registrar")
    wish = {"assignments": ["501"], "preview": True}
    asked = await visitor.post(SYNCS, json=wish, headers=shown)
    again = await visitor.post(SYNCS, json=wish, headers=shown)

    (run,) = runs.latest(house.lincoln, course=COURSE, unfinished=True)
    assert (asked.status_code, again.json()["run"]) == (202, run.id)
    assert (run.trigger, asked_of(house.lincoln, run).assignments) == (Trigger.HAND, ("501",))
    assert asked_of(house.lincoln, run).by == "registrar (nightly script)"
    assert audit.entries(house.lincoln, limit=1)[0].act == "grades.sync"
    assert house.poked
    told = (await visitor.get(asked.headers["location"], headers=shown)).json()
    assert (told["run"], told["outcome"], told["results"]) == (run.id, None, {})


async def test_a_sync_that_has_ended_tells_what_became_of_its_grades(visitor, house, grades):
    done = next(
        run
        for run in runs.latest(house.lincoln, course=COURSE)
        if files.has(house.lincoln, run.id, files.POSTED)
    )
    shown = token_of(house, "registrar")
    told = (await visitor.get(f"{SYNCS}/{done.id}", headers=shown)).json()
    assert told["outcome"] == "partly"
    assert told["results"]["failed"] == 1
    assert {one["outcome"] for one in told["assignments"]} <= {
        *("sent", "altered", "unchanged", "will-fail", "failed")
    }


@pytest.mark.parametrize(
    ("operator", "token"),
    [
        pytest.param("viewer", {}, id="an operator who may only look"),
        pytest.param("neighbour", {"tenant": "monroe"}, id="the neighbour's"),
        pytest.param("everywhere", {"tenant": "monroe"}, id="one for the neighbour alone"),
        pytest.param("registrar", {"feed": "nightly"}, id="one that sends deliveries"),
    ],
)
async def test_another_token_opens_nothing(visitor, house, grades, operator, token):
    refused = await visitor.post(SYNCS, headers=token_of(house, operator, **token))
    assert refused.status_code == 401
    assert refused.json()["error"]["code"]
    assert runs.latest(house.lincoln, course=COURSE, unfinished=True) == []


async def test_no_session_and_no_form_stand_for_a_token(admin, grades):
    assert (await admin.post(SYNCS)).status_code == 401


async def test_what_cannot_be_read_is_told_with_what_can(visitor, house, grades):
    shown = token_of(house, "admin")
    refused = await visitor.post(SYNCS, json={"asignments": ["501"]}, headers=shown)
    assert refused.status_code == 400
    assert "asignments" in refused.json()["error"]["message"]
    assert (await visitor.get(f"{SYNCS}/{house.run.id}", headers=shown)).status_code == 404
