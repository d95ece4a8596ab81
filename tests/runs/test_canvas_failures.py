"""Canvas fails in every way it can: each has a clear outcome, nothing is sent twice, and what is
removed is what was meant to be; the next delivery goes on rightly.
"""

import pytest

from runs.installation import feed
from runs.rosters import Files, district, held
from runs.test_crash import is_told_and_done_once, next_day, sent

#: With so little patience what does not mend itself is given up at once.
IMPATIENT = "0.00005"

#: The SIS id of a person that no delivery names.
BY_HAND = "hand"


async def canvas_holds(canvas, house, day):
    """Canvas, the delivery and our baseline agree."""
    holds = await held(canvas)
    holds["users"] = {row for row in holds["users"] if row[0] != BY_HAND}
    assert day.live() == holds
    assert house.baseline().live() == holds


async def waits(house):
    """Wait until a run waits; answers why."""
    return await house.until(
        lambda: [line["reason"] for line in house.logged() if line["event"] == "run.waits"],
        what="a run that waits",
    )


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(["500:7"], id="every third answer is 500"),
        pytest.param(["throttled-403:8"], id="throttled as 403"),
        pytest.param(["throttled-429:8"], id="throttled as 429"),
        pytest.param(["html:9"], id="a maintenance page, with 200 and with 502"),
        pytest.param(["dropped-connection:8"], id="connections cut"),
        pytest.param(["dropped-upload:2"], id="the upload cut before Canvas had it"),
        pytest.param(["accepted-then-dropped:3"], id="the upload cut after Canvas had it"),
        pytest.param(["garbled-json:9"], id="half of an answer"),
        pytest.param(["errors-lag"], id="messages that come late"),
    ],
)
async def test_what_passes_is_waited_for_and_nothing_is_sent_twice(settled, loaded, faults):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start()
    canvas.faults(*faults)
    delivery = house.deliver(day)
    assert await house.outcome(delivery) == "delivered"
    canvas.faults()

    await is_told_and_done_once(house, canvas, delivery, day)


async def test_a_lost_upload_is_looked_for_before_it_is_sent_again(settled, loaded):
    house, canvas = settled
    await house.start()
    canvas.faults("dropped-upload:1")
    delivery = house.deliver(next_day(loaded.files))
    assert await house.outcome(delivery) == "delivered"

    ours = [
        one["method"]
        for one in canvas.requests
        if one["path"] == "/api/v1/accounts/self/sis_imports"
    ]
    first, second = (number for number, method in enumerate(ours[:-2]) if method == "POST")
    assert second - first > 1


async def test_canvas_is_down_and_comes_back(settled, loaded):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start()
    await canvas.stop()
    delivery = house.deliver(day)
    assert "remote.unreachable" in await waits(house)
    await canvas.start()

    await is_told_and_done_once(house, canvas, delivery, day)


async def test_canvas_stays_down_for_longer_than_anybody_waits(settled, loaded):
    house, canvas = settled
    await house.start(ROSTERWAY_PATIENCE=IMPATIENT)
    await canvas.stop()
    first = house.deliver(next_day(loaded.files))
    assert await house.outcome(first) == "failed"
    receipt = house.receipt(first)
    assert "Canvas cannot be reached" in receipt["reason"]
    assert receipt["imports"] == []
    await canvas.start()
    await canvas_holds(canvas, house, loaded.files)

    day = next_day(loaded.files)
    await is_told_and_done_once(house, canvas, house.deliver(day), day)


async def test_a_wrong_token_is_told_at_once_and_mended_by_a_right_one(settled, loaded):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start(CANVAS_TOKEN="not-a-token")
    first = house.deliver(day)
    assert await house.outcome(first) == "failed"
    assert "Canvas does not accept the token" in house.receipt(first)["reason"]
    assert "Make a new one in Canvas." in house.receipt(first)["reason"]
    assert "not-a-token" not in house.log()
    await canvas_holds(canvas, house, loaded.files)
    await house.stop()

    await house.start()
    again = await house.run("feed", "run", "nightly")
    assert again.code == 0, again.err
    assert await house.outcome(first, number=2) == "delivered"
    assert [1, 1, 1] == [times for plan in await sent(canvas) for times in plan.values()]
    await canvas_holds(canvas, house, day)


async def test_a_first_load_to_what_is_no_canvas_fails_at_once_and_says_so(house, canvas):
    await house.start()
    first = house.deliver(district())
    assert await house.outcome(first) == "held"
    canvas.faults("html-200")
    house.approve(first)

    assert await house.outcome(first, number=2) == "failed"
    assert "a web page instead of data" in house.receipt(first)["reason"]
    assert "Check that url is the address of Canvas" in house.receipt(first)["reason"]
    assert canvas.posts == 0


async def test_a_stuck_import_is_given_up_and_the_next_delivery_makes_it_good(settled, loaded):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start(ROSTERWAY_PATIENCE=IMPATIENT)
    canvas.faults("stuck:1")
    first = house.deliver(day)
    assert await house.outcome(first) == "failed"
    receipt = house.receipt(first)
    assert "abort it there if it is stuck" in receipt["reason"]
    assert receipt["rows"]["applied"] == 0
    assert loaded.files.live() == house.baseline().live()

    canvas.faults()  # it was only slow after all
    await canvas.client.idle()
    second = house.deliver(day)
    assert await house.outcome(second) == "delivered"
    await canvas_holds(canvas, house, day)


async def test_an_import_that_is_aborted_in_canvas_stops_the_rest(settled, loaded):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start()
    canvas.faults("stuck:1")
    first = house.deliver(day)
    stuck = await canvas.client.control("GET", "steps?wait=60")
    imports = "accounts/self/sis_imports"
    await canvas.client.call("PUT", f"{imports}/{stuck['waiting']['import']}/abort")

    assert await house.outcome(first) == "failed"
    receipt = house.receipt(first)
    assert ["aborted"] == [one["workflow_state"] for one in receipt["imports"]]
    assert f"SIS import {receipt['imports'][0]['id']} ended as aborted" in receipt["reason"]
    assert receipt["rows"]["applied"] == 0
    assert loaded.files.live() == house.baseline().live()

    second = house.deliver(day)
    assert await house.outcome(second) == "delivered"
    await canvas_holds(canvas, house, day)


async def test_an_import_of_another_tool_goes_first_and_ours_follows(settled, loaded):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start()
    canvas.faults("stuck:1")
    await canvas.client.post({"terms.csv": "term_id,name,status\nother,Other,active\n"})
    assert (await canvas.client.control("GET", "steps?wait=60"))["waiting"]
    delivery = house.deliver(day)

    async def is_queued():
        ours = (await canvas.imports())[2:]
        return ours and ours[0]["workflow_state"] == "created"

    await house.until(is_queued, what="our import in Canvas's queue")
    canvas.faults()

    assert await house.outcome(delivery) == "delivered"
    assert ["01", "02", "03"] == [file[-2:] for file in await markers(canvas)]
    assert house.baseline().live() == day.live()


async def markers(canvas):
    """Under what marker each import of ours came after the first load, in order."""
    files = [one["csv_attachments"][0]["filename"] for one in await canvas.imports()]
    return [name.rpartition("-")[0] for name in files[1:] if name.startswith("rw-")]


async def test_a_table_in_which_canvas_crashes_is_unconfirmed_and_sent_again(settled, loaded):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start()
    canvas.faults("segment-crash:1")
    first = house.deliver(day)
    assert await house.outcome(first) == "failed"
    receipt = house.receipt(first)
    assert ["failed_with_messages"] == [one["workflow_state"] for one in receipt["imports"]]
    assert receipt["rows"]["unconfirmed"] > 0
    assert any("Error while importing CSV" in one["message"] for one in receipt["messages"])

    second = house.deliver(day)
    assert await house.outcome(second) == "delivered"
    await canvas_holds(canvas, house, day)


async def test_rows_that_canvas_refuses_are_named_and_wanted_until_it_takes_them(settled, loaded):
    house, canvas = settled
    day = next_day(loaded.files)
    (newcomer,) = day.find("users", user_id="new-1")
    await somebody_has(canvas, newcomer["login_id"])
    await house.start()
    first = house.deliver(day)
    assert await house.outcome(first) == "partly"
    receipt = house.receipt(first)
    assert receipt["rows"]["refused"] == 2  # the person, and what depends on them
    told = {message["file"]: message for message in receipt["messages"]}
    assert set(told) == {"users.csv", "enrollments.csv"}
    line = day["users"].index(newcomer) + 2
    assert (told["users.csv"]["row"], told["users.csv"]["effect"]) == (line, "refused")
    assert told["users.csv"]["remedy"]
    refused = day.copy()
    refused.without_user("new-1")
    assert house.baseline().live() == refused.live()

    newcomer["login_id"] = "new.two"
    second = house.deliver(day)
    assert await house.outcome(second) == "delivered"
    await canvas_holds(canvas, house, day)


async def test_in_imports_refused_rows_come_along_with_the_next_delivery(settled, loaded):
    house, canvas = settled
    house.tenants["lincoln"].feeds["nightly"] = feed(folder="imports")
    await somebody_has(canvas, "new.one")
    day = next_day(loaded.files)
    await house.start()
    first = house.deliver(Files({"users": day.find("users", user_id="new-1")}))
    assert await house.outcome(first) == "partly"

    gone = f"user_id,login_id,status,full_name\n{BY_HAND},new.one,deleted,By Hand\n"
    await canvas.client.good({"users.csv": gone})
    second = house.deliver(Files({"courses": day.find("courses", long_name="Renamed over night")}))
    assert await house.outcome(second) == "delivered"
    expected = loaded.files.copy()
    expected.tables["courses"] = day["courses"]
    expected["users"].extend(day.find("users", user_id="new-1"))
    await canvas_holds(canvas, house, expected)


async def somebody_has(canvas, login):
    """A person made by hand, known by another SIS id, has this login."""
    person = {
        "user[name]": "By Hand",
        "pseudonym[unique_id]": login,
        "pseudonym[sis_user_id]": BY_HAND,
    }
    status, told = await canvas.client.call("POST", "accounts/self/users", data=person)
    assert status == 200, told
