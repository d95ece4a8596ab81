"""Current and final scores, where they are shown, and the grade export report."""

from typing import Any

import pytest

CURRENT = ("current_score", "final_score", "unposted_current_score", "unposted_final_score")


async def scores(room, more=""):
    grades = await room.grades(more=more)
    return tuple(grades[name] for name in CURRENT)


async def test_current_is_of_graded_work_and_final_counts_the_rest_as_zero(room):
    assert await scores(room) == (None, None, None, None)
    first, _ = await room.assign(), await room.assign(points_possible=30)
    assert await scores(room) == (None, 0.0, None, 0.0)
    await room.mark(first, posted_grade="15")
    assert await scores(room) == (75.0, 30.0, 75.0, 30.0)


async def test_hidden_grades_count_in_the_unposted_ones_alone(room):
    first, second = await room.assign(), await room.assign()
    await room.mark(first, posted_grade="20")
    await room.mark(second, posted_grade="10")
    await room.post(second, posted=False)
    assert await scores(room) == (100.0, 50.0, 75.0, 75.0)


@pytest.mark.parametrize(
    ("fields", "marks", "expected"),
    [
        ({}, {"posted_grade": "10"}, (75.0, 75.0)),
        ({}, {"excuse": "true"}, (100.0, 100.0)),
        ({}, {"posted_grade": ""}, (100.0, 50.0)),
        ({"omit_from_final_grade": True}, {"posted_grade": "10"}, (100.0, 100.0)),
        ({"published": False}, {"posted_grade": "10"}, (100.0, 100.0)),
        ({"points_possible": 0}, {"posted_grade": "2"}, (110.0, 110.0)),
        ({}, {"posted_grade": "25"}, (112.5, 112.5)),
    ],
)
async def test_what_counts_beside_an_assignment_with_full_points(room, fields, marks, expected):
    await room.mark(await room.assign(), posted_grade="20")
    await room.mark(await room.assign(**fields), **marks)
    assert (await scores(room))[:2] == expected


async def test_what_is_not_assigned_to_a_student_does_not_count(room):
    await room.mark(await room.assign(), posted_grade="20")
    other = await room.assign(only_visible_to_overrides=True)
    await room.override(other, course_section_id="sis_section_id:S4")
    assert (await scores(room))[:2] == (100.0, 100.0)


async def weigh(room, *weights):
    groups = []
    for weight in weights:
        body = {"name": f"Worth {weight}", "group_weight": weight}
        groups.append((await room.call("POST", "assignment_groups", json=body))[1])
    return groups


async def test_weights_count_once_the_course_says_so(room):
    tests, quizzes = await weigh(room, 75, 25)
    for group, grade in ((tests, "20"), (quizzes, "10")):
        made = await room.assign(assignment_group_id=group["id"])
        await room.mark(made, posted_grade=grade)
    assert (await scores(room))[0] == 75.0
    body = {"course": {"apply_assignment_group_weights": True}}
    assert (await room.canvas.call("PUT", room.path, json=body))[0] == 200
    assert (await scores(room))[0] == 87.5


async def test_weights_of_groups_without_points_are_shared_among_the_others(room):
    tests, _ = await weigh(room, 60, 40)
    await room.canvas.call(
        "PUT", room.path, json={"course": {"apply_assignment_group_weights": True}}
    )
    made = await room.assign(assignment_group_id=tests["id"])
    await room.mark(made, posted_grade="15")
    assert (await scores(room))[:2] == (75.0, 75.0)


@pytest.mark.parametrize(
    ("rules", "current"),
    [
        ({}, 50.0),
        ({"drop_lowest": 1}, 65.0),
        ({"drop_lowest": 2}, 80.0),
        ({"drop_highest": 1}, 35.0),
        ({"drop_lowest": 9}, 80.0),
        ({"drop_lowest": 1, "never_drop": ["worst"]}, 50.0),
    ],
)
async def test_groups_drop_what_their_rules_say(room, rules, current):
    made = [await room.assign(points_possible=100) for _ in range(3)]
    for assignment, grade in zip(made, ("20", "50", "80"), strict=True):
        await room.mark(assignment, posted_grade=grade)
    if "never_drop" in rules:
        rules = rules | {"never_drop": [made[0]["id"]]}
    path = f"assignment_groups/{made[0]['assignment_group_id']}"
    await room.call("PUT", path, json={"rules": rules})
    assert (await scores(room))[0] == current


async def test_grades_have_letters_where_the_course_has_a_scheme(room):
    await room.mark(await room.assign(), posted_grade="18")
    assert (await room.grades())["current_grade"] is None
    await room.canvas.call("PUT", room.path, json={"course": {"grading_standard_id": 0}})
    grades = await room.grades()
    assert (grades["current_grade"], grades["final_grade"]) == ("A-", "A-")


async def test_an_overridden_final_grade_stands_beside_the_computed_ones(room):
    await room.mark(await room.assign(), posted_grade="15")
    assert "override_score" not in await room.grades()
    set_to: dict[str, Any] = {"student_id": "sis_user_id:U1", "override_score": 91}
    body = {"override_scores": [set_to]}
    _, progress = await room.call("PUT", "update_final_grade_overrides", json=body)
    assert progress["workflow_state"] == "completed"
    grades = await room.grades()
    assert (grades["override_score"], grades["final_score"]) == (91.0, 75.0)
    set_to["override_score"] = None
    await room.call("PUT", "update_final_grade_overrides", json=body)
    assert "override_score" not in await room.grades()


async def test_scores_of_a_grading_period_are_of_what_is_due_in_it(room, quarters):
    first, second = await quarters()
    await room.mark(await room.assign(due_at="2026-09-10T10:00:00Z"), posted_grade="20")
    await room.mark(await room.assign(due_at="2026-11-10T10:00:00Z"), posted_grade="10")
    for period, score in ((first, 100.0), (second, 50.0)):
        assert (await scores(room, f"&grading_period_id={period}"))[0] == score
    assert (await scores(room))[0] == 75.0
    assert (await room.call("GET", "enrollments?grading_period_id=99"))[0] == 404


async def test_points_are_told_when_asked_for(room):
    await room.mark(await room.assign(), posted_grade="15")
    grades = await room.grades(more="&include[]=current_points")
    assert grades["current_points"] == 15.0


async def test_grades_take_the_right_to_see_them_and_teachers_have_none(room):
    headers = await room.token("read_roster")
    _, enrollments = await room.call("GET", "enrollments", headers=headers)
    assert not any("grades" in one for one in enrollments)
    path = "courses/sis_course_id:C1/enrollments?type[]=TeacherEnrollment"
    assert not any("grades" in one for one in await room.canvas.get(path))


async def test_grouped_submissions_carry_the_totals(room):
    await room.mark(await room.assign(), posted_grade="15")
    path = "students/submissions?student_ids[]=sis_user_id:U1&grouped=1&include[]=total_scores"
    (grouped,) = await room.get(path)
    names = ("computed_current_score", "computed_final_score", "unposted_current_score")
    assert [grouped[name] for name in names] == [75.0] * 3


async def test_people_of_a_course_are_listed_once(room):
    found = await room.get("users?enrollment_type[]=student&include[]=enrollments")
    assert [one["sis_user_id"] for one in found] == ["U1", "U2", "U3", "P1"]
    assert [len(one["enrollments"]) for one in found] == [1] * 4
    (ann,) = await room.get("users?user_ids[]={id}".format(**found[0]))
    assert ann["id"] == found[0]["id"]


async def test_sections_say_how_many_students_they_have_when_asked(room):
    found = await room.get("sections?include[]=total_students")
    assert {one["sis_section_id"]: one["total_students"] for one in found} == {
        "S3": 2,
        "S4": 1,
        "S9": 1,
    }
    assert "total_students" not in (await room.get("sections"))[0]


# -- the report -------------------------------------------------------------------------------

COLUMNS = [
    *("student name", "student id", "student sis", "course", "course id", "course sis"),
    *("section", "section id", "section sis", "term", "term id", "term sis"),
    *("current score", "final score", "enrollment state"),
    *("unposted current score", "unposted final score", "current grade", "final grade"),
    *("unposted current grade", "unposted final grade"),
]


async def export(room, **parameters):
    return await room.canvas.report("x", "grade_export_csv", **parameters)


async def test_the_grade_export_has_canvass_columns_and_published_courses(room):
    await room.mark(await room.assign(), posted_grade="15")
    rows = await export(room)
    assert list(rows[0]) == COLUMNS
    assert [(row["student sis"], row["section sis"]) for row in rows] == [
        ("U1", "S3"),
        ("U3", "S3"),
        ("U2", "S4"),
        ("P1", "S9"),
    ]
    assert (rows[0]["current score"], rows[1]["current score"], rows[1]["final score"]) == (
        "75.0",
        "",
        "0.0",
    )
    assert {row["enrollment state"] for row in rows} == {"active"}


async def test_the_grade_export_has_more_columns_where_settings_say_so(room):
    await room.settings(include_integration_ids_in_gradebook_exports="true")
    body = {"account": {"settings": {"include_integration_ids_in_gradebook_exports": "true"}}}
    await room.canvas.call("PUT", "accounts/self", json=body)
    await room.call("PUT", "settings", json={"allow_final_grade_override": True})
    names = list((await export(room))[0])
    assert names[3] == "student integration id"
    assert (names[18], names[23]) == ("override score", "override grade")


async def test_the_grade_export_is_limited_to_a_term_and_widened_to_deleted_things(room):
    assert await export(room, enrollment_term_id="1") == []
    assert len(await export(room, enrollment_term_id="2")) == 4
    assert len(await export(room, include_deleted="true")) == 5
