"""`/api/sis`: which assignments a SIS is told of, in which order, with which sections and dates."""

import pytest

from canvas_sandbox import COURSES, SECTIONS, table

FIELDS = [
    *("id", "course_id", "name", "created_at", "due_at", "unlock_at", "lock_at"),
    *("points_possible", "submission_types", "sis_assignment_id", "integration_id"),
    *("integration_data", "include_in_final_grade", "assignment_group", "sections"),
]


async def test_an_assignment_is_told_whole(room):
    made = await room.assign(
        due_at="2026-12-01T10:00:00Z",
        submission_types=["online_upload"],
        integration_id="I-1",
        integration_data={"a": 1},
    )
    (told,) = await room.sis()
    assert list(told) == FIELDS
    sections = told.pop("sections")
    group = told.pop("assignment_group")
    assert told == {
        "id": made["id"],
        "course_id": made["course_id"],
        "name": "Essay",
        "created_at": "2026-11-23T09:00:00Z",
        "due_at": "2026-12-01T10:00:00Z",
        "unlock_at": None,
        "lock_at": None,
        "points_possible": 20.0,
        "submission_types": ["online_upload"],
        "sis_assignment_id": None,
        "integration_id": "I-1",
        "integration_data": {"a": 1},
        "include_in_final_grade": True,
    }
    assert group == {
        "id": made["assignment_group_id"],
        "name": "Assignments",
        "group_weight": 0.0,
        "sis_source_id": None,
        "integration_data": {},
    }
    assert [section["sis_id"] for section in sections] == ["S3", "S4", "S9"]


async def test_a_cross_listed_section_says_where_it_comes_from(room):
    await room.assign()
    (told,) = await room.sis()
    own, _, guest = told["sections"]
    assert (own["origin_course"]["sis_id"], "xlist_course" in own) == ("C2", False)
    assert guest["origin_course"]["sis_id"] == "C9"
    assert guest["origin_course"]["name"] == "Biology at home"
    assert guest["xlist_course"]["sis_id"] == "C2"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, True),
        ({"published": False}, False),
        ({"post_to_sis": False}, False),
        ({"grading_type": "not_graded"}, False),
        ({"omit_from_final_grade": True}, True),
    ],
)
async def test_only_published_and_flagged_assignments_are_told(room, fields, told):
    await room.assign(**fields)
    found = await room.sis()
    assert bool(found) is told
    if told:
        assert found[0]["include_in_final_grade"] is ("omit_from_final_grade" not in fields)


async def test_a_deleted_assignment_is_told_no_more(room):
    made = await room.assign()
    await room.call("DELETE", f"assignments/{made['id']}")
    assert await room.sis() == []


async def test_an_overridden_section_has_its_dates_beside_those_of_all(room):
    made = await room.assign(due_at="2026-12-01T10:00:00Z")
    override = await room.override(
        made, course_section_id="sis_section_id:S4", due_at="2026-12-02T10:00:00Z"
    )
    (told,) = await room.sis()
    assert told["due_at"] == "2026-12-01T10:00:00Z"
    first, second, _ = told["sections"]
    assert "override" not in first
    assert second["override"] == {
        "id": override["id"],
        "override_title": "Biology 2",
        "due_at": "2026-12-02T10:00:00Z",
        "unlock_at": None,
        "lock_at": None,
    }


async def test_only_overridden_sections_are_told_if_nobody_else_sees_it(room):
    made = await room.assign(only_visible_to_overrides=True)
    await room.override(made, course_section_id="sis_section_id:S4")
    await room.override(made, student_ids=["sis_user_id:U1"])
    (told,) = await room.sis()
    assert [section["sis_id"] for section in told["sections"]] == ["S4"]


async def test_students_overrides_are_told_when_asked_for(room):
    made = await room.assign()
    override = await room.override(
        made, student_ids=["sis_user_id:U1"], due_at="2026-12-05T10:00:00Z"
    )
    await room.override(made, course_section_id="sis_section_id:S4")
    assert "user_overrides" not in (await room.sis())[0]
    (told,) = await room.sis("?include[]=student_overrides")
    ann = await room.canvas.get("users/sis_user_id:U1")
    assert told["user_overrides"] == [
        {
            "id": override["id"],
            "title": "1 student",
            "due_at": "2026-12-05T10:00:00Z",
            "unlock_at": None,
            "lock_at": None,
            "students": [{"user_id": ann["id"], "sis_user_id": "U1"}],
        }
    ]


async def test_inactive_sections_and_overrides_are_left_out(room):
    made = await room.assign()
    override = await room.override(made, course_section_id="sis_section_id:S3")
    await room.override(made, course_section_id="sis_section_id:S4")
    await room.call("DELETE", f"assignments/{made['id']}/overrides/{override['id']}")
    await room.canvas.good({"sections.csv": table(SECTIONS, "S4,C2,Biology 2,deleted")})
    (told,) = await room.sis()
    assert [(s["sis_id"], "override" in s) for s in told["sections"]] == [
        ("S3", False),
        ("S9", False),
    ]


# -- the whole account ------------------------------------------------------------------------


async def everything(room, query=""):
    found, url = [], f"/api/sis/accounts/{query}"
    while url:
        async with room.canvas.session.get(url) as response:
            assert response.status == 200
            found += await response.json()
            following = response.links.get("next")
            url = following["url"] if following else None
    return found


async def other_course(room, course, *, account="A", term="T1", state="published"):
    row = f"{course},{course},{course},{account},{term},{state}"
    await room.canvas.good({"courses.csv": table(COURSES, row)})
    body = {"assignment": {"name": f"In {course}", "published": True, "post_to_sis": True}}
    path = f"courses/sis_course_id:{course}/assignments"
    assert (await room.canvas.call("POST", path, json=body))[0] == 201


async def test_an_account_tells_of_its_published_courses_by_course_and_assignment(room):
    await room.assign(name="First")
    await other_course(room, "D1")
    await other_course(room, "D2", state="active")
    await other_course(room, "D3", account="B")
    await room.assign(name="Second")
    for query in (
        "self/assignments?per_page=1",
        "self/assignments",
        "sis_account_id:A/assignments",
    ):
        names = [one["name"] for one in await everything(room, query)]
        assert names == ["First", "Second", "In D1", "In D3"]
    below = await everything(room, "sis_account_id:B/assignments")
    assert [one["name"] for one in below] == ["In D3"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("starts_before=2026-09-01T00:00:00Z", ["Essay", "Undated"]),
        ("starts_before=2026-07-01T00:00:00Z", ["Undated"]),
        ("ends_after=2026-12-01T00:00:00Z", ["Essay", "Undated"]),
        ("ends_after=2027-01-01T00:00:00Z", ["Undated"]),
        ("starts_before=no%20date", ["Essay", "Undated"]),
    ],
)
async def test_an_account_is_limited_by_dates_and_courses_without_any_are_in(room, query, names):
    await room.assign()
    await other_course(room, "D1", term="")
    await room.canvas.call(
        "PUT", "courses/sis_course_id:D1/assignments/2", json={"assignment": {"name": "Undated"}}
    )
    found = await everything(room, f"self/assignments?{query}")
    assert [one["name"] for one in found] == names


# -- who is answered otherwise ----------------------------------------------------------------


async def test_without_the_feature_or_by_a_fault_there_are_no_sis_assignments(room):
    expected = {
        "code": "not_enabled",
        "error": "A SIS integration is not configured and the bulk SIS Grade Export feature"
        " is not enabled",
    }
    paths = (f"/api/sis/{room.path}/assignments", "/api/sis/accounts/self/assignments")
    await room.canvas.control("PUT", "knobs", json={"post_grades": False})
    for path in paths:
        assert await room.canvas.call("GET", path) == (400, expected)
    await room.canvas.control("PUT", "knobs", json={"post_grades": True})
    await room.canvas.control("PUT", "faults", json={"faults": ["assignments-not-enabled:1"]})
    assert await room.canvas.call("GET", paths[0]) == (400, expected)
    assert await room.canvas.call("GET", paths[0]) == (200, [])


async def test_an_unpublished_course_is_refused(room):
    status, answer = await room.canvas.call("GET", "/api/sis/courses/sis_course_id:C1/assignments")
    assert (status, answer["code"]) == (400, "unpublished_course")


async def test_a_concluded_course_is_still_told(room):
    await room.assign()
    await room.canvas.good({"courses.csv": table(COURSES, "C2,BIO,Biology,A,T1,completed")})
    assert len(await room.sis()) == 1
    assert len(await everything(room, "self/assignments")) == 1


async def test_it_takes_the_right_to_view_all_grades(room):
    headers = await room.token("read_sis", "manage_assignments")
    path = f"/api/sis/{room.path}/assignments"
    assert (await room.canvas.call("GET", path, headers=headers))[0] == 401


# -- un-flagging ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "left"),
    [("", []), ("?grading_period_id={q2}", ["In Q1"]), ("?grading_period_id={q1}", ["In Q2"])],
)
async def test_a_course_or_a_grading_period_of_it_is_un_flagged(room, quarters, query, left):
    q1, q2 = await quarters()
    await room.assign(name="In Q1", due_at="2026-09-10T10:00:00Z")
    await room.assign(name="In Q2", due_at="2026-11-10T10:00:00Z")
    await room.assign(name="Whenever")
    path = f"/api/sis/{room.path}/disable_post_to_sis{query.format(q1=q1, q2=q2)}"
    assert (await room.canvas.call("PUT", path))[0] == 204
    assert [one["name"] for one in await room.sis()] == left


async def test_an_unknown_grading_period_un_flags_nothing(room):
    await room.assign()
    path = f"/api/sis/{room.path}/disable_post_to_sis?grading_period_id=99"
    status, answer = await room.canvas.call("PUT", path)
    assert (status, answer["code"]) == (400, "not_found")
    assert len(await room.sis()) == 1
