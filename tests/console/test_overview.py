"""The overview answers: is everything well, what changed, what waits, what is next."""

from console.house import text_of


async def test_the_overview_says_that_a_plan_waits_and_leads_to_it(house, approver):
    answer = await approver.get("/t/lincoln")

    assert answer.status_code == 200
    assert "1 plan waits for you" in answer.text
    assert f"/t/lincoln/plans/{house.plan.id}" in answer.text
    assert "Decide about the plan" in text_of(answer.text)
