"""Records told oddly, and rosters kept oddly: what stays the same and what does not."""

import pytest


async def told(sis, fault, path, version="1.2"):
    await sis.fault(fault)
    return await sis.rows(path, version=version, limit="9999")


def spelled(rows, *path):
    """Every value at a path, lists unfolded."""
    found = rows
    for step in path:
        found = [row[step] for row in found if isinstance(row, dict) and step in row]
        found = [at for value in found for at in (value if isinstance(value, list) else [value])]
    return found


@pytest.mark.parametrize(
    ("fault", "path", "at", "expected"),
    [
        ("real-booleans", "/users", ["enabledUser"], {True, False}),
        ("loud-booleans", "/users", ["enabledUser"], {"TRUE", "FALSE"}),
        ("digit-booleans", "/users", ["enabledUser"], {"1", "0"}),
        ("odd-case", "/enrollments", ["role"], {"Student", "Teacher", "Proctor"}),
        ("odd-vocabulary", "/enrollments", ["role"], {"student", "teacher", "aide"}),
        ("odd-vocabulary", "/classes", ["classType"], {"homeroom", "regular"}),
        ("inactive-status", "/enrollments", ["status"], {"active", "inactive"}),
        ("no-status", "/enrollments", ["status"], {"tobedeleted"}),
        ("sentinel-dates", "/enrollments", ["beginDate"], {"0001-01-01"}),
        ("missing-dates", "/enrollments", ["endDate"], set()),
        ("frozen-modified", "/orgs", ["dateLastModified"], {"2020-01-01T00:00:00.000Z"}),
        ("same-modified", "/orgs", ["dateLastModified"], {"2026-11-23T12:00:00.000Z"}),
        ("blank-titles", "/classes", ["title"], {""}),
        ("no-email", "/users", ["email"], set()),
        ("passwords", "/orgs", ["password"], set()),
    ],
)
async def test_values_are_told_in_another_form(open_sis, fault, path, at, expected):
    async with open_sis(students=300) as sis:
        found = set(spelled(await told(sis, fault, path), *at))
        assert found <= expected
        assert bool(found) is bool(expected)


async def test_days_may_be_moments_and_moments_without_zone(sis):
    rows = await told(sis, "date-times", "/enrollments")
    assert all(row["beginDate"].endswith("T00:00:00") for row in rows)
    rows = await told(sis, "plain-moments", "/orgs")
    assert all(len("2026-11-23T12:00:00") == len(row["dateLastModified"]) for row in rows)


async def test_an_inclusive_end_is_a_day_earlier(sis):
    right = {row["sourcedId"]: row for row in await sis.truth("academicSessions")}
    for row in await told(sis, "inclusive-ends", "/academicSessions"):
        assert row["endDate"] < right[row["sourcedId"]]["endDate"]


async def test_references_lose_their_form(sis):
    (row, *_) = await sis.truth("enrollments")
    user = row["user"]
    assert user["sourcedId"] == (await told(sis, "bare-refs", "/enrollments"))[0]["user"]
    assert {"sourcedId": user["sourcedId"]} == (await told(sis, "lean-refs", "/enrollments"))[0][
        "user"
    ]
    href = (await told(sis, "relative-hrefs", "/enrollments"))[0]["user"]["href"]
    assert href.startswith("~/ims/oneroster/rostering/v1p2/users/")
    href = (await told(sis, "internal-hrefs", "/enrollments"))[0]["user"]["href"]
    assert href.startswith("http://sis-app-01.internal:8080/ims/")
    roles = {
        row["role"]: row["user"]["type"]
        for row in await told(sis, "typed-refs", "/enrollments", "1.1")
    }
    assert ("student", "teacher") == (roles["student"], roles["teacher"])


async def test_lists_may_be_one_string_and_blanks_null(sis):
    row = (await told(sis, "string-lists", "/courses"))[0]
    assert isinstance(row["grades"], str)
    row = (await told(sis, "null-fields", "/orgs"))[0]
    assert (None, None) == (row["parent"], row["metadata"])


async def test_agents_may_be_ids_or_on_one_side_only(sis):
    rows = await told(sis, "agent-source-ids", "/users")
    assert all("agents" not in row for row in rows)
    assert any(isinstance(row.get("agentSourceIds"), list) for row in rows)
    rows = await told(sis, "one-sided-agents", "/users")
    assert {False} == {"agents" in row for row in rows if row["roles"][0]["role"] == "student"}
    assert any("agents" in row for row in rows)


async def test_there_may_be_more_than_was_asked_for(sis):
    assert "course" in (await told(sis, "extra-fields", "/enrollments"))[0]
    assert (await told(sis, "passwords", "/users"))[0]["password"]
    grades = set(spelled(await told(sis, "odd-grades", "/users"), "grades"))
    assert {"P4", "9", "10th"} & grades
    rows = await told(sis, "no-names", "/users")
    assert any(row["familyName"] == "" for row in rows)


async def test_a_counted_fault_of_telling_spoils_so_many_answers(sis):
    await sis.fault("real-booleans:1")
    first, second = [(await sis.rows("/users"))[0]["enabledUser"] for _ in range(2)]
    assert (True, "true") == (first, second)


async def test_truth_is_told_right_whatever_the_faults_of_telling(sis):
    right = await sis.truth("enrollments")
    await sis.fault("bare-refs", "odd-case", "null-fields", "missing-dates", "no-totals")
    assert right == await sis.truth("enrollments")


async def test_a_school_s_own_records_of_people_keep_the_roster_whole(open_sis):
    async with open_sis(students=900, seed=3) as sis:
        clean = {row["sourcedId"]: row for row in await sis.truth("users")}
        rows = await told(sis, "school-users", "/users")
        assert len(clean) < len(rows)
        assert {1} == {len(row["roles"]) for row in rows}
        assert {row["identifier"] for row in rows} == clean.keys()
        keys = {row["sourcedId"] for row in rows}
        assert set(spelled(rows, "agents", "sourcedId")) <= keys
        places = {row["sourcedId"]: row["primaryOrg"]["sourcedId"] for row in rows}
        for row in await sis.truth("enrollments"):
            if row["status"] == "active":
                assert places[row["user"]["sourcedId"]] == row["school"]["sourcedId"]


async def test_duplicate_enrollments_ended_before_the_present_one_began(sis):
    before = {row["sourcedId"]: row for row in await sis.truth("enrollments")}
    rows = {
        row["sourcedId"]: row for row in await told(sis, "duplicate-enrollments", "/enrollments")
    }
    older = rows.keys() - before.keys()
    assert older
    for key in older:
        present = rows[key.removesuffix("-0")]
        assert present["beginDate"] == rows[key]["endDate"]
        assert present["user"] == rows[key]["user"]


async def test_references_may_lead_nowhere(sis):
    rows = await told(sis, "dangling-refs", "/enrollments")
    assert "no-such-thing" in spelled(rows, "user", "sourcedId")
    rows = await told(sis, "dangling-classes", "/classes")
    assert "no-such-thing" in spelled(rows, "course", "sourcedId")


async def test_ids_may_be_numbers_everywhere(sis):
    classes = await told(sis, "numeric-ids", "/classes")
    assert all(isinstance(row["sourcedId"], int) for row in classes)
    keys = {row["sourcedId"] for row in classes}
    rows = await sis.rows("/enrollments", limit="9999")
    assert set(spelled(rows, "class", "sourcedId")) <= keys
    assert 200 == (await sis.call(f"/classes/{min(keys)}"))[0]
    assert {str(key) for key in keys} == {r["sourcedId"] for r in await sis.truth("classes")}


async def test_students_without_a_class_and_agents_may_be_missing(open_sis):
    async with open_sis(students=900, seed=3) as sis:
        before = await sis.truth("users")
        assert len(await told(sis, "no-current-class", "/users")) < len(before)
        assert [] == spelled(await told(sis, "no-agents", "/users"), "agents")
