"""SIS imports over the wire: sent once, followed to the end, found again, every message read."""

from datetime import UTC, datetime

import pytest
from aiohttp import web

from canvas_servers import Script, cut, says, status
from rosterway.canvas import imports
from rosterway.canvas.failures import may_have_been_done
from rosterway.canvas.import_options import ImportOptions
from rosterway.errors import CredentialsError, RejectedError, RemoteError, UnreachableError

NOW = datetime(2026, 8, 31, 6, 0, tzinfo=UTC)


def at(state, progress=0, import_id="7", **other):
    return {"id": import_id, "workflow_state": state, "progress": progress, **other}


def counted(errors, warnings, state="imported_with_messages"):
    return at(state, 100, data={"counts": {"error_count": errors, "warning_count": warnings}})


def error(number):
    return {
        "sis_import_id": "7",
        "file": "users.csv",
        "message": f"message {number}",
        "row_info": "U1,Ann Doe,2",
        "row": number,
    }


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "blob"
    path.write_bytes(b"PK\x05\x06" + bytes(18))
    return path


# -- create ---------------------------------------------------------------------------------


async def test_an_import_is_created_with_its_file_and_only_the_options_set(serve, client_of, file):
    taken = {}

    async def take(request):
        taken["path"] = request.path
        async for part in await request.multipart():
            taken[part.name] = part.filename or await part.text()
        return web.json_response(at("initializing"))

    async with client_of(await serve(take)) as client:
        options = ImportOptions(diffing_data_set_identifier="roster")
        made = await imports.create(client, file, name="plan-ab12.zip", options=options)
    assert (made.id, made.workflow_state) == ("7", "initializing")
    assert taken == {
        "path": "/api/v1/accounts/1/sis_imports",
        "diffing_data_set_identifier": "roster",
        "attachment": "plan-ab12.zip",
    }


@pytest.mark.parametrize("answer", [cut, status(502), status(200, '{"id": "7", "wo')])
async def test_a_lost_answer_leaves_open_whether_the_import_was_made(
    serve, client_of, file, answer
):
    script = Script(answer)
    async with client_of(await serve(script)) as client:
        with pytest.raises(RemoteError) as caught:
            await imports.create(client, file, name="plan.zip")
    assert may_have_been_done(caught.value)
    assert len(script.requests) == 1


async def test_a_missing_right_is_named(serve, client_of, file):
    async with client_of(await serve(Script(status(401, "{}")))) as client:
        with pytest.raises(CredentialsError) as caught:
            await imports.create(client, file, name="plan.zip")
    assert "import_sis" in caught.value.remedy
    assert not may_have_been_done(caught.value)


# -- lists and finding again ----------------------------------------------------------------


async def test_a_list_is_read_to_its_end(serve, client_of):
    script = Script(
        says({"sis_imports": [at("created", import_id="9")]}, Link='</more>; rel="next"'),
        says({"sis_imports": [at("imported", import_id="8")]}),
    )
    async with client_of(await serve(script)) as client:
        found = await imports.listing(client, since=NOW, states=["created", "imported"])
    assert [one.id for one in found] == ["9", "8"]
    query = script.requests[0].query
    assert query.getall("workflow_state[]") == ["created", "imported"]
    assert query["created_since"] == "2026-08-31T06:00:00+00:00"


async def test_what_is_running_is_asked_for(serve, client_of):
    script = Script(says({"sis_imports": [at("importing", 46)]}))
    async with client_of(await serve(script)) as client:
        (running,) = await imports.importing(client)
    assert running.progress == 46
    assert script.requests[0].path.endswith("/sis_imports/importing")


def named(import_id, *names, state="importing"):
    files = [{"display_name": name} for name in names]
    return at(state, import_id=import_id, csv_attachments=files)


@pytest.mark.parametrize(
    ("there", "ours", "unnamed", "decided"),
    [
        ([named("9", "users-ab12.csv")], ["9"], [], True),
        ([named("9", "users-cd34.csv"), named("8", "x.csv")], [], [], True),
        ([], [], [], True),
        ([named("9", "users-ab12.csv"), named("8", "users-ab12.csv")], ["9", "8"], [], False),
        ([named("9", state="created")], [], ["9"], False),
        ([named("9", state="created"), named("8", "users-ab12.csv")], ["8"], ["9"], True),
    ],
    ids=["found", "others only", "nothing", "two", "not begun", "found beside one not begun"],
)
async def test_an_import_is_found_again_by_its_marker(
    serve, client_of, there, ours, unnamed, decided
):
    script = Script(says({"sis_imports": there}))
    async with client_of(await serve(script)) as client:
        found = await imports.find_by_name(client, "ab12", since=NOW)
    assert ours == [one.id for one in found.ours]
    assert unnamed == [one.id for one in found.unnamed]
    assert decided is found.decided
    assert script.requests[0].query["created_since"] == "2026-08-31T05:55:00+00:00"


# -- messages -------------------------------------------------------------------------------


async def test_every_page_of_messages_is_read(serve, client_of, pauses):
    script = Script(
        says(counted(1, 2)),
        says({"sis_import_errors": [error(3), error(2)]}, Link='</more?page=2>; rel="next"'),
        says({"sis_import_errors": [error(1)]}),
    )
    async with client_of(await serve(script)) as client:
        found = await imports.messages(client, "7", pause=pauses)
    assert [message.row for message in found.messages] == [3, 2, 1]
    assert found.complete
    assert pauses == []
    assert script.requests[1].path == "/api/v1/accounts/1/sis_imports/7/errors"


async def test_messages_are_read_again_while_the_list_lags_behind_the_counts(
    serve, client_of, pauses
):
    script = Script(
        says(counted(0, 2)),
        says({"sis_import_errors": []}),
        says(counted(0, 2)),
        says({"sis_import_errors": [error(1)]}),
        says(counted(0, 2)),
        says({"sis_import_errors": [error(1), error(2)]}),
    )
    async with client_of(await serve(script)) as client:
        found = await imports.messages(client, "7", pause=pauses)
    assert found.complete
    assert pauses == [1.0, 2.0]


async def test_a_list_that_stays_short_is_handed_over_as_incomplete(serve, client_of, pauses):
    async def forever(request):
        short = request.path.endswith("/errors")
        return web.json_response({"sis_import_errors": [error(1)]} if short else counted(0, 2))

    async with client_of(await serve(forever)) as client:
        found = await imports.messages(client, "7", pause=pauses, readings=4)
    assert (len(found.messages), found.expected, found.complete) == (1, 2, False)
    assert len(pauses) == 3


async def test_an_import_that_does_not_count_confirms_nothing(serve, client_of, pauses):
    async def uncounted(request):
        errors = request.path.endswith("/errors")
        return web.json_response([] if errors else at("failed", 100))

    async with client_of(await serve(uncounted)) as client:
        found = await imports.messages(client, "7", pause=pauses, readings=2)
    assert (found.expected, found.complete) == (None, False)


async def test_a_message_without_a_row_keeps_none(serve, client_of, pauses):
    bare = {"message": "Invalid UTF-8", "file": "users.csv", "row": None, "row_info": None}
    script = Script(says(counted(1, 0)), says({"sis_import_errors": [bare]}))
    async with client_of(await serve(script)) as client:
        found = await imports.messages(client, "7", pause=pauses)
    (message,) = found.messages
    assert (message.row, message.row_info, message.import_id) == (None, None, "7")


async def test_the_row_of_a_message_stays_out_of_its_repr(serve, client_of, pauses):
    script = Script(says(counted(0, 1)), says({"sis_import_errors": [error(1)]}))
    async with client_of(await serve(script)) as client:
        found = await imports.messages(client, "7", pause=pauses)
    assert found.messages[0].row_info == "U1,Ann Doe,2"
    assert "Ann" not in repr(found)


# -- following ------------------------------------------------------------------------------


async def test_an_import_is_followed_to_its_end_with_growing_pauses(serve, client_of, pauses):
    script = Script(
        says(at("created")),
        says(at("created")),
        says(at("importing", 50)),
        says(at("cleanup_batch", 10)),
        says(at("imported", 100)),
    )
    heard = []

    async def hear(now):
        heard.append((now.workflow_state, now.progress))

    async with client_of(await serve(script)) as client:
        end = await imports.follow(client, "7", pause=pauses, on_progress=hear)
    assert end.workflow_state == "imported"
    assert heard == [("created", 0), ("importing", 50), ("cleanup_batch", 10), ("imported", 100)]
    assert pauses == [0.5, 0.75, 1.125, 1.6875]


async def test_a_stuck_import_is_given_up_on_and_left_alone(serve, client_of, pauses):
    script = Script(says(at("importing", 46)))
    async with client_of(await serve(script)) as client:
        with pytest.raises(UnreachableError, match="importing at 46%") as caught:
            await imports.follow(client, "7", pause=pauses, stalled=7200)
    assert "abort" in caught.value.remedy
    assert 7200 <= sum(pauses) < 7300
    assert max(pauses) == 20
    assert {request.method for request in script.requests} == {"GET"}


async def test_a_slow_import_that_moves_is_not_stuck(serve, client_of, pauses):
    steps = [says(at("importing", number)) for number in range(60)]
    script = Script(*steps, says(at("imported", 100)))
    async with client_of(await serve(script)) as client:
        end = await imports.follow(client, "7", pause=pauses, stalled=60)
    assert end.final
    assert sum(pauses) > 600


# -- stopping and taking back ---------------------------------------------------------------


async def test_an_import_is_aborted(serve, client_of):
    script = Script(says(at("aborted", 20)))
    async with client_of(await serve(script)) as client:
        assert (await imports.abort(client, "7")).workflow_state == "aborted"
    assert (script.requests[0].method, script.requests[0].path) == (
        "PUT",
        "/api/v1/accounts/1/sis_imports/7/abort",
    )


async def test_a_finished_import_cannot_be_aborted(serve, client_of):
    async with client_of(await serve(Script(status(404, "{}")))) as client:
        with pytest.raises(RejectedError, match="it is finished"):
            await imports.abort(client, "7")


async def test_states_are_restored_and_the_job_is_watched(serve, client_of):
    taken = {}

    async def restoring(request):
        if request.method == "PUT":
            taken.update(await request.post())
            return web.json_response({"id": "3", "workflow_state": "queued", "completion": 0})
        return web.json_response({"id": "3", "workflow_state": "completed", "completion": 100})

    async with client_of(await serve(restoring)) as client:
        job = await imports.restore_states(client, "7", undelete_only=True)
        assert (job.id, job.workflow_state) == ("3", "queued")
        assert (await imports.progress(client, job.id)).completion == 100
    assert taken == {"undelete_only": "true"}


async def test_restoring_needs_another_right_than_importing(serve, client_of):
    async with client_of(await serve(Script(status(401, "{}")))) as client:
        with pytest.raises(CredentialsError) as caught:
            await imports.restore_states(client, "7")
    assert "manage_sis" in caught.value.remedy
