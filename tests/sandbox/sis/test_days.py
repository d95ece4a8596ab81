"""Days pass: what changes is dated, what goes leaves a tombstone, what stays keeps its date."""

from rosterway.sandbox.sis.provider import Told

ORG = {"sourcedId": "o", "name": "School", "type": "school", "identifier": "1"}


def user(key, **changes):
    role = {"roleType": "primary", "role": "student", "org": "o"}
    return {
        "sourcedId": key,
        "username": key,
        "enabledUser": True,
        "givenName": key,
        "familyName": "Fox",
        "roles": [role],
        **changes,
    }


THREE_DAYS = Told(
    (
        {"orgs": [ORG], "users": [user("ann"), user("ben"), user("cat")]},
        {"orgs": [ORG], "users": [user("ann"), user("ben", givenName="Benno"), user("dan")]},
        {"orgs": [ORG], "users": [user("ann"), user("ben", givenName="Benno"), user("cat")]},
    )
)


async def statuses(sis, **params):
    return {row["sourcedId"]: row["status"] for row in await sis.rows("/users", **params)}


async def test_what_changed_is_dated_and_what_vanished_leaves_a_tombstone(open_sis):
    async with open_sis(source=THREE_DAYS) as sis:
        before = {row["sourcedId"]: row["dateLastModified"] for row in await sis.rows("/users")}
        sis.watch.wait(days=1)
        assert {"day": 2} == await sis.control("PUT", "day", {"nights": 1})
        rows = {row["sourcedId"]: row for row in await sis.rows("/users")}
        assert before["ann"] == rows["ann"]["dateLastModified"]
        assert "2026-11-24T12:00:00.000Z" == rows["ben"]["dateLastModified"]
        assert ("tobedeleted", "2026-11-24T12:00:00.000Z") == (
            rows["cat"]["status"],
            rows["cat"]["dateLastModified"],
        )
        assert "active" == rows["dan"]["status"]


async def test_a_delta_tells_what_changed_since_the_last_look(open_sis):
    async with open_sis(source=THREE_DAYS) as sis:
        cursor = "2026-11-23T12:00:00.000Z"
        assert {} == await statuses(sis, filter=f"dateLastModified>'{cursor}'")
        sis.watch.wait(days=1)
        await sis.control("PUT", "day", {"day": 2})
        assert {"ben": "active", "cat": "tobedeleted", "dan": "active"} == await statuses(
            sis, filter=f"dateLastModified>'{cursor}'"
        )


async def test_who_comes_back_is_active_again(open_sis):
    async with open_sis(source=THREE_DAYS) as sis:
        for _ in range(2):
            sis.watch.wait(days=1)
            await sis.control("PUT", "day", {"nights": 1})
        assert {"ann": "active", "ben": "active", "cat": "active", "dan": "tobedeleted"} == (
            await statuses(sis)
        )


async def test_tombstones_are_left_out_where_the_provider_purges(open_sis):
    async with open_sis(source=THREE_DAYS, day=2, knobs={"tombstones": False}) as sis:
        assert {"ann", "ben", "dan"} == (await statuses(sis)).keys()
        assert 404 == (await sis.call("/users/cat"))[0]


async def test_a_sis_begun_on_a_later_day_has_that_past(open_sis):
    async with open_sis(source=THREE_DAYS, day=3) as sis:
        dates = {row["sourcedId"]: row["dateLastModified"] for row in await sis.rows("/users")}
        assert dates["ann"] < "2026-11-21T12:00:00.000Z"
        assert "2026-11-22T12:00:00.000Z" == dates["ben"]
        assert "2026-11-23T12:00:00.000Z" == dates["cat"] == dates["dan"]


async def test_a_record_changed_by_hand_is_dated_unless_told_otherwise(open_sis):
    async with open_sis(source=THREE_DAYS) as sis:
        await sis.control(
            "PUT", "records/users", {"records": [{"sourcedId": "ann", "givenName": "Anna"}]}
        )
        quiet = {"records": [{"sourcedId": "ben", "givenName": "Quiet"}], "dated": False}
        await sis.control("PUT", "records/users", quiet)
        rows = {row["sourcedId"]: row for row in await sis.rows("/users")}
        assert ("Anna", "2026-11-23T12:00:00.000Z") == (
            rows["ann"]["givenName"],
            rows["ann"]["dateLastModified"],
        )
        assert "Quiet" == rows["ben"]["givenName"]
        assert rows["ben"]["dateLastModified"] < "2026-11-23T12:00:00.000Z"
        await sis.control("DELETE", "records/users/cat")
        assert {"ann", "ben"} == (await statuses(sis)).keys()


async def test_a_night_in_the_district_changes_little_and_dates_all_of_it(sis):
    before = {row["sourcedId"]: row for row in await sis.truth("enrollments")}
    sis.watch.wait(days=1)
    await sis.control("PUT", "day", {"nights": 1})
    after = {row["sourcedId"]: row for row in await sis.truth("enrollments")}
    changed = [key for key in after if after[key] != before.get(key)]
    assert 0 < len(changed) < len(after) / 4
    assert all("2026-11-24T12:00:00.000Z" == after[key]["dateLastModified"] for key in changed)
    assert before.keys() <= after.keys()
