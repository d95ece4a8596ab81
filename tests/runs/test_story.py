"""The story of a feed, from its first load on."""

from runs.rosters import district, held


async def test_a_first_load_waits_for_a_person_and_is_then_what_canvas_holds(house, canvas):
    await house.start()
    day = district()
    first = house.deliver(day)
    assert await house.outcome(first) == "held"
    assert canvas.posts == 0
    assert "first-load" in [hold["guard"] for hold in house.receipt(first)["plan"]["holds"]]

    house.approve(first)

    assert await house.outcome(first, number=2) == "delivered"
    assert day.live() == await held(canvas)
