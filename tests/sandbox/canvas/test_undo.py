"""Undoing an import: states go back, and nothing else does."""

import pytest

from canvas_sandbox import ENROLLMENTS, USERS, table

IMPORTS = "accounts/self/sis_imports"


async def undo(canvas, import_id, **parameters):
    path = f"{IMPORTS}/{import_id}/restore_states"
    status, progress = await canvas.call("PUT", path, data=parameters)
    assert status == 200, progress
    assert progress["tag"] == "sis_batch_state_restore"
    await canvas.idle()
    done = await canvas.get(f"progress/{progress['id']}")
    assert (done["workflow_state"], done["completion"]) == ("completed", 100)
    return (await canvas.show(import_id))["workflow_state"]


async def test_undoing_restores_states_and_deletes_what_was_created_and_nothing_else(
    school, enrolled
):
    before = await enrolled(school)
    changed = await school.good(
        {
            "users.csv": table(USERS, "U1,ann,active,Renamed,", "U9,new,active,New,"),
            "enrollments.csv": table(
                ENROLLMENTS,
                "C1,S1,U1,student,deleted",
                "C2,S3,U3,student,completed",
                "C1,S1,U9,student,active",
            ),
        }
    )
    assert await undo(school, changed["id"]) == "restored"
    after = await enrolled(school)
    assert {key: after[key] for key in before} == before
    assert after["U9", "S1", "student"] == "deleted"
    assert (await school.states("users", "user_id"))["U9"] == "deleted"
    assert (await school.get("users/sis_user_id:U1"))["name"] == "Renamed"


@pytest.mark.parametrize(
    ("only", "undone", "kept"),
    [
        ("undelete_only", ("U1", "S1", "student"), ("U3", "S3", "student")),
        ("unconclude_only", ("U3", "S3", "student"), ("U1", "S1", "student")),
    ],
)
async def test_undoing_can_be_limited_and_is_then_partial(school, enrolled, only, undone, kept):
    rows = table(ENROLLMENTS, "C1,S1,U1,student,deleted", "C2,S3,U3,student,completed")
    changed = await school.good({"enrollments.csv": rows})
    assert await undo(school, changed["id"], **{only: "true"}) == "partially_restored"
    states = await enrolled(school)
    assert states[undone] == "active"
    assert states[kept] != "active"


async def test_the_two_limits_of_undoing_exclude_each_other(school):
    both = {"undelete_only": "true", "unconclude_only": "true"}
    status, body = await school.call("PUT", f"{IMPORTS}/1/restore_states", data=both)
    assert status == 400
    assert body["errors"]


async def test_the_state_before_the_first_change_is_what_undoing_leaves(school, enrolled):
    rows = {"enrollments.csv": table(ENROLLMENTS, "C1,S1,U1,student,completed")}
    await school.control("PUT", "knobs", json={"segment_rows": 1})
    both = table(ENROLLMENTS, "C1,S1,U1,student,inactive", "C1,S1,U1,student,deleted")
    await school.good(rows)
    twice = await school.good({"enrollments.csv": both})
    await undo(school, twice["id"])
    assert (await enrolled(school))["U1", "S1", "student"] == "concluded"
