"""Assignments and their groups: what is kept, what is refused, and who writes integration fields."""

import pytest

DUE = "cannot be blank when Post to Sis is checked"
DUE_FOR_ALL = "cannot be blank for any assignees when Post to Sis is checked"


async def test_an_assignment_is_made_changed_and_deleted(room):
    made = await room.assign(due_at="2026-12-01T12:00:00Z", submission_types=["online_upload"])
    assert (made["name"], made["points_possible"], made["published"]) == ("Essay", 20.0, True)
    changed = await room.change(made, name="Paper")
    assert (changed["name"], changed["due_at"]) == ("Paper", "2026-12-01T12:00:00Z")
    assert [one["id"] for one in await room.get("assignments")] == [made["id"]]
    _, deleted = await room.call("DELETE", f"assignments/{made['id']}")
    assert deleted["workflow_state"] == "deleted"
    assert await room.get("assignments") == []
    assert (await room.call("GET", f"assignments/{made['id']}"))[0] == 404


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("due_at", "2026-12-01T00:00:00Z", "2026-12-01T23:59:59Z"),
        ("lock_at", "2026-12-01T00:00:00Z", "2026-12-01T23:59:59Z"),
        ("unlock_at", "2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        ("due_at", "2026-12-01T09:00:00-05:00", "2026-12-01T14:00:00Z"),
        ("due_at", "", None),
        ("points_possible", "", None),
        ("points_possible", "12.5", 12.5),
    ],
)
async def test_midnight_is_the_end_of_the_day_and_blanks_are_nothing(room, field, given, kept):
    made = await room.assign(**{field: given})
    assert made[field] == kept


@pytest.mark.parametrize(
    ("fields", "flagged"),
    [
        ({}, True),
        ({"grading_type": "not_graded"}, False),
        ({"submission_types": ["not_graded"]}, False),
        ({"grading_type": "pass_fail"}, True),
    ],
)
async def test_what_is_not_graded_is_never_posted_to_the_sis(room, fields, flagged):
    made = await room.assign(**fields)
    assert made["post_to_sis"] is flagged


@pytest.mark.parametrize(
    ("fields", "attribute", "message"),
    [
        ({"due_at": "tomorrow"}, "assignment[due_at]", "Invalid datetime for due_at"),
        ({"due_at": "2026-12-01"}, "assignment[due_at]", "Invalid datetime for due_at"),
        (
            {"submission_types": ["smoke"]},
            "assignment[submission_types]",
            "Invalid submission types",
        ),
        ({"name": "x" * 256}, "title", "The title cannot be longer than 255 characters"),
        (
            {"assignment_group_id": "x"},
            "assignment[assignment_group_id]",
            "must be a positive number",
        ),
    ],
)
async def test_what_cannot_be_is_refused_by_attribute(room, fields, attribute, message):
    status, answer = await room.call("POST", "assignments", json={"assignment": fields})
    expected = [{"attribute": attribute, "type": message, "message": message}]
    assert (status, answer) == (400, {"errors": {attribute: expected}})


async def test_the_list_is_filtered_by_what_is_posted_to_the_sis(room):
    await room.assign(name="Told")
    await room.assign(name="Kept", post_to_sis=False)
    for wanted, names in (("true", ["Told"]), ("false", ["Kept"])):
        found = await room.get(f"assignments?post_to_sis={wanted}")
        assert [one["name"] for one in found] == names


async def test_pages_of_assignments_are_followed(room):
    for n in range(23):
        await room.assign(name=f"No {n}")
    found = await room.canvas.everything(f"{room.path}/assignments?per_page=5")
    assert [one["name"] for one in found] == [f"No {n}" for n in range(23)]


# -- integration fields -----------------------------------------------------------------------

INTEGRATION = {
    "sis_assignment_id": "A-1",
    "integration_id": "I-1",
    "integration_data": {"line_items": {"S3": {"id": 7}}},
}


async def test_integration_fields_are_kept_as_they_are_for_who_may(room):
    made = await room.assign(**INTEGRATION)
    assert {name: made[name] for name in INTEGRATION} == INTEGRATION
    spelled = await room.change(made, integration_data='{"a": "b"}')
    assert spelled["integration_data"] == {"a": "b"}


async def test_without_the_right_they_are_dropped_silently_and_not_shown(room):
    teacher = await room.token("manage_assignments", "read_roster")
    made = await room.assign()
    path = f"assignments/{made['id']}"
    body = {"assignment": {**INTEGRATION, "name": "Mine"}}
    status, changed = await room.call("PUT", path, json=body, headers=teacher)
    assert (status, changed["name"]) == (200, "Mine")
    assert not set(INTEGRATION) & set(changed)
    seen = await room.get(path)
    assert (seen["sis_assignment_id"], seen["integration_data"]) == (None, {})


async def test_who_may_read_the_sis_sees_what_they_may_not_write(room):
    made = await room.assign(**INTEGRATION)
    reader = await room.token("manage_assignments", "read_sis")
    path = f"assignments/{made['id']}"
    body = {"assignment": {"integration_id": "other"}}
    _, changed = await room.call("PUT", path, json=body, headers=reader)
    assert changed["integration_id"] == "I-1"


async def test_a_sis_assignment_id_is_one_assignments_in_the_whole_root_account(room):
    await room.assign(sis_assignment_id="A-1")
    body = {"assignment": {"name": "Other", "sis_assignment_id": "A-1"}}
    path = "courses/sis_course_id:C1/assignments"
    status, answer = await room.canvas.call("POST", path, json=body)
    assert status == 400
    assert answer["errors"]["sis_source_id"][0]["message"] == "has already been taken"
    found = await room.get("assignments/sis_assignment_id:A-1")
    assert found["name"] == "Essay"


# -- what the account demands -----------------------------------------------------------------

ON = {"sis_syncing": True, "sis_require_assignment_due_date": True}
SHORT = {
    "sis_syncing": True,
    "sis_assignment_name_length": True,
    "sis_assignment_name_length_input": "10",
}


@pytest.mark.parametrize(
    ("settings", "fields", "message"),
    [
        (ON, {}, DUE),
        (ON, {"due_at": "2026-12-01T10:00:00Z"}, None),
        (ON, {"post_to_sis": False}, None),
        (ON, {"grading_type": "not_graded"}, None),
        ({"sis_require_assignment_due_date": True}, {}, None),
        (SHORT, {"name": "x" * 11}, "The title cannot be longer than 10 characters"),
        (SHORT, {"name": "x" * 10}, None),
        (SHORT, {"name": "x" * 11, "post_to_sis": False}, None),
        (SHORT, {"name": "x" * 11, "grading_type": "not_graded"}, None),
        (SHORT | {"sis_syncing": False}, {"name": "x" * 11}, None),
    ],
)
async def test_sync_settings_are_enforced_for_what_is_posted_to_the_sis(
    room, settings, fields, message
):
    await room.settings(**settings)
    body = {"assignment": {"name": "Essay", "post_to_sis": True, **fields}}
    status, answer = await room.call("POST", "assignments", json=body)
    errors = [error for own in answer.get("errors", {}).values() for error in own]
    assert (status, [error["message"] for error in errors]) == (
        (201, []) if message is None else (400, [message])
    )


async def test_without_the_feature_nothing_is_enforced(room):
    await room.canvas.control("PUT", "knobs", json={"new_sis_integrations": False})
    await room.settings(**ON)
    assert (await room.assign())["due_at"] is None


async def test_an_override_without_a_date_leaves_an_assignee_without_one(room):
    await room.settings(**ON)
    body = {
        "name": "Essay",
        "post_to_sis": True,
        "due_at": "2026-12-01T10:00:00Z",
        "assignment_overrides": [{"course_section_id": "sis_section_id:S4", "due_at": ""}],
    }
    status, answer = await room.call("POST", "assignments", json={"assignment": body})
    assert (status, answer["errors"]["due_at"][0]["message"]) == (400, DUE_FOR_ALL)


async def test_a_setting_is_inherited_until_overridden_and_a_locked_one_always(room):
    await room.settings(**SHORT)
    assert (await room.assign(post_to_sis=False))["max_name_length"] == 10
    await room.settings("sis_account_id:A", sis_assignment_name_length_input="12")
    assert (await room.assign(post_to_sis=False))["max_name_length"] == 12
    await room.settings(sis_assignment_name_length_input={"value": "8", "locked": True})
    assert (await room.assign(post_to_sis=False))["max_name_length"] == 8
    await room.settings("sis_account_id:A", sis_assignment_name_length_input="14")
    assert (await room.assign(post_to_sis=False))["max_name_length"] == 8


async def test_new_assignments_are_flagged_by_default_if_the_account_says_so(room):
    for default, flagged in ((False, False), (True, True)):
        await room.settings(sis_syncing=True, sis_default_grade_export=default)
        body = {"assignment": {"name": "New"}}
        _, made = await room.call("POST", "assignments", json=body)
        assert made["post_to_sis"] is flagged


async def test_settings_need_the_right_and_show_among_the_controls(room):
    await room.settings(sis_syncing={"value": True, "locked": True}, sis_name="PowerBook")
    teacher = await room.token("manage_assignments")
    body = {"account": {"settings": {"sis_syncing": {"value": False}}}}
    path = "accounts/self"
    assert (await room.canvas.call("PUT", path, json=body, headers=teacher))[0] == 401
    held = await room.canvas.control("GET", "accounts/2/settings")
    assert held["sis_syncing"] == {"value": True, "locked": True, "inherited": True}


# -- overrides --------------------------------------------------------------------------------


async def test_overrides_are_for_a_section_or_for_students(room):
    made = await room.assign(due_at="2026-12-01T10:00:00Z")
    section = await room.override(
        made, course_section_id="sis_section_id:S4", due_at="2026-12-02T00:00:00Z"
    )
    assert (section["title"], section["due_at"]) == ("Biology 2", "2026-12-02T23:59:59Z")
    assert "lock_at" not in section
    students = await room.override(made, student_ids=["sis_user_id:U1"], lock_at=None)
    assert (students["title"], students["lock_at"], "due_at" in students) == (
        "1 student",
        None,
        False,
    )
    shown = await room.get(f"assignments/{made['id']}?include[]=overrides&include[]=all_dates")
    assert [one["id"] for one in shown["overrides"]] == [section["id"], students["id"]]
    assert [(d.get("title"), d["due_at"]) for d in shown["all_dates"]] == [
        ("Everyone else", "2026-12-01T10:00:00Z"),
        ("Biology 2", "2026-12-02T23:59:59Z"),
        ("1 student", "2026-12-01T10:00:00Z"),
    ]


async def test_a_changed_override_forgets_the_dates_it_is_not_told(room):
    made = await room.assign()
    override = await room.override(
        made, student_ids=["sis_user_id:U1"], due_at="2026-12-02T10:00:00Z"
    )
    path = f"assignments/{made['id']}/overrides/{override['id']}"
    body = {"assignment_override": {"unlock_at": "2026-12-01T10:00:00Z"}}
    _, changed = await room.call("PUT", path, json=body)
    assert ("due_at" in changed, changed["unlock_at"]) == (False, "2026-12-01T10:00:00Z")
    await room.call("DELETE", path)
    assert await room.get(f"assignments/{made['id']}/overrides") == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "one of student_ids, group_id, or course_section_id is required"),
        ({"course_section_id": "99"}, 'unknown section id "99"'),
        ({"course_section_id": "1"}, 'unknown section id "1"'),
        ({"student_ids": []}, "invalid student_ids []"),
        ({"student_ids": ["77"]}, "unknown student ids: ['77']"),
        ({"student_ids": ["sis_user_id:U1"], "due_at": "soon"}, 'invalid due_at "soon"'),
    ],
)
async def test_an_override_that_cannot_be_says_why(room, fields, message):
    made = await room.assign()
    path = f"assignments/{made['id']}/overrides"
    status, answer = await room.call("POST", path, json={"assignment_override": fields})
    assert (status, answer) == (400, {"errors": [message]})


async def test_a_section_has_one_override_at_most(room):
    made = await room.assign()
    await room.override(made, course_section_id="sis_section_id:S3")
    path = f"assignments/{made['id']}/overrides"
    body = {"assignment_override": {"course_section_id": "sis_section_id:S3"}}
    status, answer = await room.call("POST", path, json=body)
    assert (status, answer["errors"]["set_id"][0]["message"]) == (400, "taken")


async def test_overrides_given_with_an_assignment_are_all_it_has(room):
    made = await room.assign(
        assignment_overrides=[
            {"course_section_id": "sis_section_id:S3", "due_at": "2026-12-02T10:00:00Z"},
            {"student_ids": ["sis_user_id:U2"], "due_at": "2026-12-03T10:00:00Z"},
        ]
    )
    first, second = await room.get(f"assignments/{made['id']}/overrides")
    await room.change(made, assignment_overrides=[{"id": first["id"]}])
    assert [one["id"] for one in await room.get(f"assignments/{made['id']}/overrides")] == [
        first["id"]
    ]
    assert second["student_ids"] != []


async def test_a_form_nests_overrides_as_rails_does(room):
    data = [
        ("assignment[name]", "Form"),
        ("assignment[assignment_overrides][][course_section_id]", "sis_section_id:S3"),
        ("assignment[assignment_overrides][][due_at]", "2026-12-02T10:00:00Z"),
        ("assignment[assignment_overrides][][course_section_id]", "sis_section_id:S4"),
        ("assignment[assignment_overrides][][due_at]", "2026-12-03T10:00:00Z"),
    ]
    _, made = await room.call("POST", "assignments", data=data)
    overrides = await room.get(f"assignments/{made['id']}/overrides")
    assert [one["due_at"] for one in overrides] == ["2026-12-02T10:00:00Z", "2026-12-03T10:00:00Z"]


async def test_a_due_date_for_everyone_makes_it_everyones(room):
    made = await room.assign(only_visible_to_overrides=True)
    assert made["only_visible_to_overrides"] is True
    changed = await room.change(made, due_at="2026-12-01T10:00:00Z")
    assert changed["only_visible_to_overrides"] is False


# -- groups -----------------------------------------------------------------------------------


async def group(room, **fields):
    status, made = await room.call("POST", "assignment_groups", json=fields)
    assert status == 200, made
    return made


async def test_a_course_without_groups_gets_one_with_its_first_assignment(room):
    assert await room.get("assignment_groups") == []
    made = await room.assign()
    (first,) = await room.get("assignment_groups?include[]=assignments")
    assert (first["name"], first["id"]) == ("Assignments", made["assignment_group_id"])
    assert [one["id"] for one in first["assignments"]] == [made["id"]]


async def test_a_group_keeps_weight_rules_and_ids(room):
    made = await group(
        room,
        name="Tests",
        group_weight=40,
        sis_source_id="CAT",
        rules={"drop_lowest": 1},
        integration_data={"S3": "cat-7"},
    )
    assert made == {
        "id": made["id"],
        "name": "Tests",
        "position": 1,
        "group_weight": 40.0,
        "sis_source_id": "CAT",
        "integration_data": {"S3": "cat-7"},
        "rules": {"drop_lowest": 1},
    }


async def test_integration_data_of_a_group_are_merged_and_never_removed(room):
    made = await group(room, name="Tests", integration_data={"S3": "a", "S4": "b"})
    path = f"assignment_groups/{made['id']}"
    for data, held in (
        ({"S4": "c"}, {"S3": "a", "S4": "c"}),
        ({}, {"S3": "a", "S4": "c"}),
        ("", {"S3": "a", "S4": "c"}),
        ({"S3": None}, {"S3": None, "S4": "c"}),
    ):
        _, changed = await room.call("PUT", path, json={"integration_data": data})
        assert changed["integration_data"] == held


@pytest.mark.parametrize("data", ["text", 7, ["a"]])
async def test_integration_data_that_are_no_object_are_refused(room, data):
    made = await group(room, name="Tests")
    path = f"assignment_groups/{made['id']}"
    status, answer = await room.call("PUT", path, json={"integration_data": data})
    assert status == 400
    assert "Invalid integration data" in str(answer)


async def test_a_deleted_group_takes_its_assignments_unless_they_move(room):
    tests, quizzes = await group(room, name="Tests"), await group(room, name="Quizzes")
    made = await room.assign(assignment_group_id=tests["id"])
    path = f"assignment_groups/{tests['id']}?move_assignments_to={quizzes['id']}"
    await room.call("DELETE", path)
    assert (await room.get(f"assignments/{made['id']}"))["assignment_group_id"] == quizzes["id"]
    await room.call("DELETE", f"assignment_groups/{quizzes['id']}")
    assert await room.get("assignments") == []


async def test_in_a_closed_grading_period_only_an_admin_changes_weights(room, quarters):
    await quarters()
    made = await room.assign(due_at="2026-09-10T10:00:00Z")
    assert made["in_closed_grading_period"] is True
    teacher = await room.token("manage_assignments", "view_all_grades")
    path = f"assignment_groups/{made['assignment_group_id']}"
    for body, status in (({"group_weight": 9}, 400), ({"name": "Fine"}, 200)):
        assert (await room.call("PUT", path, json=body, headers=teacher))[0] == status
    assert (await room.call("PUT", path, json={"group_weight": 9}))[0] == 200
    path = f"assignments/{made['id']}"
    points = {"assignment": {"points_possible": 9}}
    assert (await room.call("PUT", path, json=points, headers=teacher))[0] == 400
    flag = {"assignment": {"post_to_sis": False}}
    assert (await room.call("PUT", path, json=flag, headers=teacher))[0] == 200
    late = {"assignment": {"name": "Late", "due_at": "2026-09-11T10:00:00Z"}}
    assert (await room.call("POST", "assignments", json=late, headers=teacher))[0] == 403


# -- copies -----------------------------------------------------------------------------------


async def copy(room, **more):
    body = {
        "migration_type": "course_copy_importer",
        "settings": {"source_course_id": "sis_course_id:C2"},
        **more,
    }
    path = "courses/sis_course_id:C1"
    status, started = await room.canvas.call("POST", f"{path}/content_migrations", json=body)
    assert status == 201, started
    await room.canvas.idle()
    finished = await room.canvas.get(f"{path}/content_migrations/{started['id']}")
    assert finished["workflow_state"] == "completed"
    return await room.canvas.get(f"{path}/assignment_groups?include[]=assignments")


async def test_a_copied_course_has_new_ids_and_no_integration_fields_of_assignments(room):
    tests = await group(room, name="Tests", group_weight=40, sis_source_id="CAT")
    made = await room.assign(assignment_group_id=tests["id"], **INTEGRATION)
    await room.mark(made, posted_grade="15")
    (copied,) = await copy(room)
    (assignment,) = copied["assignments"]
    assert (copied["name"], copied["group_weight"], copied["sis_source_id"]) == (
        "Tests",
        40.0,
        None,
    )
    assert assignment["id"] != made["id"]
    assert (assignment["name"], assignment["post_to_sis"]) == ("Essay", True)
    assert (assignment["sis_assignment_id"], assignment["integration_data"]) == (None, {})
    assert assignment["graded_submissions_exist"] is False


async def test_copied_groups_keep_their_sis_ids_where_canvas_does_so(room):
    await room.canvas.control("PUT", "knobs", json={"copy_integration_fields": True})
    await group(room, name="Tests", sis_source_id="CAT", integration_data={"S3": "a"})
    (copied,) = await copy(room)
    assert (copied["sis_source_id"], copied["integration_data"]) == ("CAT", {"S3": "a"})


async def test_a_second_copy_updates_the_first_and_dates_shift_if_asked(room):
    made = await room.assign(due_at="2026-12-01T10:00:00Z")
    (first,) = await copy(room)
    await room.change(made, name="Renamed")
    options = {
        "shift_dates": True,
        "old_start_date": "2026-08-01",
        "new_start_date": "2026-08-08",
    }
    (second,) = await copy(room, date_shift_options=options)
    (before,), (after,) = first["assignments"], second["assignments"]
    assert after["id"] == before["id"]
    assert (after["name"], after["due_at"]) == ("Renamed", "2026-12-08T10:00:00Z")
