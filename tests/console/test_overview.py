"""The overview answers: is everything well, what changed, what waits, what is next."""

from console.house import text_of
from rosterway.store import alarms
from rosterway.store.alarms import AlarmKind


async def test_the_overview_says_that_a_plan_waits_and_leads_to_it(house, approver):
    answer = await approver.get("/t/lincoln")

    assert answer.status_code == 200
    assert "1 plan waits for you" in answer.text
    assert f"/t/lincoln/plans/{house.plan.id}" in answer.text
    assert "Decide about the plan" in text_of(answer.text)


async def test_an_alarm_is_told_with_its_remedy_while_it_lasts(house, approver):
    handle = house.store.tenant("lincoln")
    alarms.raise_alarm(
        handle,
        "nightly",
        AlarmKind.SILENT,
        "",
        reason="nightly has brought nothing for 2d.",
        remedy="Ask the sender.",
        now=house.clock(),
    )

    during = text_of((await approver.get("/t/lincoln")).text)
    (alarm,) = alarms.lasting(handle)
    alarms.clear(handle, alarm, now=house.clock())
    after = text_of((await approver.get("/t/lincoln")).text)

    assert "1 plan waits for you, and 1 alarm lasts" in during
    assert "nightly has brought nothing for 2d. Ask the sender." in during
    assert "alarm" not in after
