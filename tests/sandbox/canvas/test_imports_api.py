"""The SIS Imports API: creating, following, aborting, reading messages, undoing."""

import csv
import io

import aiohttp
import pytest

from canvas_sandbox import SCHOOL, USERS, table, zipped

IMPORTS = "accounts/self/sis_imports"
ONE_USER = {"users.csv": table(USERS, "U1,ann,active,Ann,")}


def many_bad_users(count):
    return {"users.csv": table(USERS, *(f"U{n},,active,X," for n in range(count)))}


async def make_sub_account(canvas):
    rows = table("account_id,parent_account_id,name,status", "A,,Lincoln,active")
    await canvas.good({"accounts.csv": rows})


async def test_an_import_is_created_and_ends_with_counts_and_statistics(canvas):
    _, created = await canvas.post(ONE_USER)
    assert created["workflow_state"] == "created"
    assert (created["progress"], created["ended_at"]) == (0, None)
    assert created["data"] == {"import_type": "instructure_csv"}
    await canvas.idle()
    finished = await canvas.show(created["id"])
    assert (finished["workflow_state"], finished["progress"]) == ("imported", 100)
    assert finished["ended_at"]
    data = finished["data"]
    assert data["supplied_batches"] == data["completed_importers"] == ["user"]
    assert data["running_immediately"]
    assert data["counts"]["users"] == 1
    assert "batch_enrollments_deleted" not in data["counts"]
    assert data["statistics"]["Pseudonym"] == {"created": 1, "deleted": 0, "restored": 0}
    assert data["statistics"]["total_state_changes"] == 1
    assert "processing_warnings" not in finished
    assert "processing_errors" not in finished
    assert "diffing_threshold_exceeded" not in finished


async def test_unchanged_rows_count_and_are_no_state_changes(school):
    again = await school.good(SCHOOL)
    assert again["data"]["counts"]["enrollments"] == 4
    assert again["data"]["statistics"]["total_state_changes"] == 0


@pytest.mark.parametrize(
    ("headers", "query", "body"),
    [
        pytest.param({"Content-Type": "text/csv"}, "", ONE_USER["users.csv"], id="csv"),
        pytest.param({"Content-Type": "text/plain"}, "", ONE_USER["users.csv"], id="plain"),
        pytest.param({"Content-Type": "application/zip"}, "", zipped(ONE_USER), id="zip"),
        pytest.param({"Content-Type": "application/x-thing"}, "", zipped(ONE_USER), id="any"),
        pytest.param(
            {"Content-Type": "application/octet-stream"},
            "?extension=csv",
            ONE_USER["users.csv"],
            id="extension",
        ),
        pytest.param(
            {"Content-Type": "text/csv; charset=utf8"}, "", ONE_USER["users.csv"], id="charset"
        ),
    ],
)
async def test_a_raw_body_is_what_its_extension_or_content_type_says(canvas, headers, query, body):
    status, created = await canvas.call("POST", IMPORTS + query, data=body, headers=headers)
    assert status == 200
    await canvas.idle()
    assert (await canvas.show(created["id"]))["data"]["counts"]["users"] == 1


@pytest.mark.parametrize("kind", ["text/xml", "text/csv"])
async def test_a_file_of_another_extension_is_an_import_of_nothing(canvas, kind):
    query = "" if kind == "text/xml" else "?extension=tsv"
    headers = {"Content-Type": kind}
    data = ONE_USER["users.csv"]
    _, created = await canvas.call("POST", IMPORTS + query, data=data, headers=headers)
    await canvas.idle()
    finished = await canvas.show(created["id"])
    assert finished["workflow_state"] == "imported"
    assert finished["data"]["counts"]["users"] == 0


async def test_a_form_that_is_posted_raw_is_the_file_itself(canvas):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    data = zipped(ONE_USER)
    _, created = await canvas.call("POST", IMPORTS, data=data, headers=headers)
    await canvas.idle()
    assert (await canvas.show(created["id"]))["data"]["counts"]["users"] == 1


@pytest.mark.parametrize(
    ("parameters", "status", "message"),
    [
        ({"import_type": "ims_xml"}, 500, "An error occurred."),
        (
            {"batch_mode": "true", "batch_mode_term_id": "sis_term_id:nope"},
            400,
            "Batch mode specified, but the given batch_mode_term_id cannot be found.",
        ),
        (
            {"batch_mode": "1"},
            400,
            "Batch mode specified, but the given batch_mode_term_id cannot be found.",
        ),
        ({"diffing_data_set_identifier": "x" * 129}, 500, "An error occurred."),
    ],
)
async def test_what_is_refused_before_there_is_an_import(canvas, parameters, status, message):
    answered, body = await canvas.post(ONE_USER, **parameters)
    assert answered == status
    assert message in str(body["errors"])
    assert (await canvas.get(IMPORTS))["sis_imports"] == []


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"diffing_drop_status": "gone"}, "Invalid diffing_drop_status"),
        ({"diffing_user_remove_status": "completed"}, "Invalid diffing_user_remove_status"),
        (
            {"batch_mode_enrollment_drop_status": "gone"},
            "Invalid batch_mode_enrollment_drop_status",
        ),
        (
            {"multi_term_batch_mode": "false"},
            "change_threshold is required to use multi term_batch mode.",
        ),
    ],
)
async def test_what_is_refused_afterwards_leaves_an_import_initializing(
    canvas, parameters, message
):
    status, body = await canvas.post(ONE_USER, **parameters)
    assert (status, body) == (400, {"errors": [message]})
    (left,) = (await canvas.get(IMPORTS))["sis_imports"]
    assert left["workflow_state"] == "initializing"
    assert (await canvas.good(ONE_USER))["id"] == left["id"] + 1


async def test_options_are_answered_as_they_were_understood(canvas):
    options = {
        "override_sis_stickiness": "true",
        "add_sis_stickiness": "true",
        "clear_sis_stickiness": "true",
        "skip_deletes": "1",
        "update_sis_id_if_login_claimed": "true",
        "change_threshold": "10",
        "diff_row_count_threshold": "5",
        "diffing_data_set_identifier": "feed",
        "diffing_remaster_data_set": "true",
        "diffing_drop_status": "inactive",
        "diffing_user_remove_status": "suspended",
    }
    finished = await canvas.good(ONE_USER, **options)
    expected = {
        "override_sis_stickiness": True,
        "add_sis_stickiness": None,
        "clear_sis_stickiness": True,
        "skip_deletes": True,
        "update_sis_id_if_login_claimed": True,
        "change_threshold": 10,
        "diff_row_count_threshold": 5,
        "diffing_data_set_identifier": "feed",
        "diffing_remaster": True,
        "diffing_drop_status": "inactive",
        "diffing_user_remove_status": "suspended",
        "diffing_threshold_exceeded": False,
        "batch_mode": None,
    }
    assert expected == {name: finished[name] for name in expected}


async def test_stickiness_is_only_added_or_cleared_together_with_the_override(canvas):
    finished = await canvas.good(ONE_USER, add_sis_stickiness="true")
    assert finished["add_sis_stickiness"] is None


async def test_a_charset_other_than_utf_8_is_refused(canvas):
    headers = {"Content-Type": "text/csv; charset=iso-8859-1"}
    status, body = await canvas.call("POST", IMPORTS, data=b"x", headers=headers)
    assert (status, body) == (400, {"error": "Invalid content type, UTF-8 required"})


async def test_only_the_root_account_imports_and_only_when_it_may(canvas):
    await make_sub_account(canvas)
    status, body = await canvas.call("GET", "accounts/sis_account_id:A/sis_imports")
    assert status == 400
    assert body == {"errors": ["SIS imports can only be executed on root accounts"]}
    await canvas.control("PUT", "knobs", json={"sis_imports": False})
    status, body = await canvas.post(ONE_USER)
    assert status == 403
    assert body == {"errors": ["SIS imports are not enabled for this account"]}


@pytest.mark.parametrize(
    ("rights", "may_create", "may_list", "may_restore"),
    [
        (["import_sis"], True, True, False),
        (["manage_sis"], False, True, True),
        (["read_roster"], False, False, False),
    ],
)
async def test_a_missing_right_is_401_without_a_challenge(
    canvas, rights, may_create, may_list, may_restore
):
    await canvas.good(ONE_USER)
    token = (await canvas.control("POST", "tokens", json={"rights": rights}))["token"]
    headers = {"Authorization": f"Bearer {token}"}
    for method, path, allowed in (
        ("GET", IMPORTS, may_list),
        ("GET", f"{IMPORTS}/1", may_list),
        ("PUT", f"{IMPORTS}/abort_all_pending", may_list),
        ("PUT", f"{IMPORTS}/1/restore_states", may_restore),
        ("POST", IMPORTS, may_create),
    ):
        url = f"/api/v1/{path}"
        async with canvas.session.request(method, url, headers=headers) as response:
            assert (response.status == 200) is allowed, (method, path)
            if not allowed:
                assert response.status == 401
                assert "WWW-Authenticate" not in response.headers


async def test_imports_are_listed_newest_first_and_filtered(canvas):
    for files in (ONE_USER, many_bad_users(1), ONE_USER):
        await canvas.send(files)

    async def ids(query=""):
        return [found["id"] for found in (await canvas.get(IMPORTS + query))["sis_imports"]]

    assert await ids() == [3, 2, 1]
    assert await ids("?workflow_state[]=imported_with_messages") == [2]
    assert await ids("?workflow_state[]=imported&workflow_state[]=created") == [3, 1]
    assert await ids("?created_since=2001-01-01") == [3, 2, 1]
    assert await ids("?created_before=2001-01-01T00:00:00Z") == []
    assert await ids("?per_page=2&page=2") == [1]
    assert (await canvas.call("GET", f"{IMPORTS}?created_since=yesterday"))[0] == 400


async def test_one_import_runs_at_a_time_and_the_others_wait_in_order(canvas):
    await canvas.control("PUT", "knobs", json={"stepped": True})
    for _ in range(3):
        await canvas.post(ONE_USER)
    waiting = (await canvas.control("GET", "steps?wait=10"))["waiting"]
    assert waiting == {"import": 1, "step": "start"}
    running = (await canvas.get(f"{IMPORTS}/importing"))["sis_imports"]
    assert [found["id"] for found in running] == [1]
    listed = (await canvas.get(IMPORTS))["sis_imports"]
    assert [found["workflow_state"] for found in listed] == ["created", "created", "importing"]
    seen = []
    for _ in range(9):
        waiting = (await canvas.control("GET", "steps?wait=10"))["waiting"]
        seen.append((waiting["import"], waiting["step"]))
        await canvas.control("POST", "steps")
    await canvas.idle()
    steps = ["start", "segment users.csv", "finish"]
    assert seen == [(number, step) for number in (1, 2, 3) for step in steps]


async def test_the_running_import_is_aborted_between_segments_and_keeps_what_it_did(canvas):
    await canvas.control("PUT", "knobs", json={"stepped": True, "segment_rows": 1})
    rows = table(USERS, "U1,ann,active,Ann,", "U2,bob,active,Bob,", "U3,cat,active,Cat,")
    _, created = await canvas.post({"users.csv": rows})
    await canvas.control("POST", "steps", json={"count": 2})
    waiting = await canvas.control("GET", "steps?wait=10")
    assert waiting["waiting"]["step"] == "segment users.csv"
    assert (await canvas.show(created["id"]))["progress"] == 33
    status, aborted = await canvas.call("PUT", f"{IMPORTS}/{created['id']}/abort")
    assert (status, aborted["workflow_state"]) == (200, "aborted")
    await canvas.idle()
    finished = await canvas.show(created["id"])
    assert finished["workflow_state"] == "aborted"
    assert finished["data"]["counts"]["users"] == 1
    assert finished["ended_at"]
    assert (await canvas.call("PUT", f"{IMPORTS}/{created['id']}/abort"))[0] == 404


async def test_what_waits_is_aborted_all_at_once_and_what_runs_goes_on(canvas):
    await canvas.control("PUT", "knobs", json={"stepped": True})
    for _ in range(3):
        await canvas.post(ONE_USER)
    await canvas.control("GET", "steps?wait=10")
    status, body = await canvas.call("PUT", f"{IMPORTS}/abort_all_pending")
    assert (status, body) == (200, {"aborted": True})
    await canvas.control("PUT", "knobs", json={"stepped": False})
    await canvas.idle()
    listed = (await canvas.get(IMPORTS))["sis_imports"]
    assert [found["workflow_state"] for found in listed] == ["aborted", "aborted", "imported"]


async def test_twenty_four_messages_are_inline_and_all_of_them_in_the_list(canvas):
    finished = await canvas.send(many_bad_users(30))
    warnings = finished["processing_warnings"]
    assert len(warnings) == 25
    assert warnings[0] == ["users.csv", "No login_id given for user U0"]
    assert warnings[-1][0] == "and 6 more warnings that were not included"
    assert finished["data"]["counts"]["warning_count"] == 30
    messages = await canvas.messages(finished["id"])
    assert messages == [f"No login_id given for user U{n}" for n in range(30)]


async def test_the_errors_file_has_every_message_with_its_row(canvas):
    finished = await canvas.send(many_bad_users(30))
    _, text = await canvas.call("GET", finished["errors_attachment"]["url"])
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["sis_import_id", "file", "message", "row"]
    assert rows[-1] == ["1", "users.csv", "No login_id given for user U29", "31"]
    assert len(rows) == 31


async def test_errors_are_listed_for_an_import_and_for_the_account_and_by_failure(canvas):
    await canvas.send({"bad.csv": "x,y\n", **many_bad_users(2)})
    await canvas.send(many_bad_users(1))

    async def count(path):
        return len(await canvas.everything(path))

    assert await count(f"{IMPORTS}/1/errors") == 3
    assert await count(f"{IMPORTS}/1/errors?failure=true") == 1
    assert await count("accounts/self/sis_import_errors") == 4
    assert await count("accounts/self/sis_import_errors?failure=true") == 1
    assert (await canvas.call("GET", f"{IMPORTS}/1/sis_import_errors"))[0] == 404
    assert (await canvas.call("GET", f"{IMPORTS}/99/errors"))[0] == 404


async def test_files_can_be_downloaded_again_without_their_passwords(canvas):
    rows = table("user_id,password,login_id,ssha_password,status", "U1,secret,ann,hash,active")
    finished = await canvas.good({"folder/users.csv": rows})
    (offered,) = finished["csv_attachments"]
    assert offered["display_name"] == "folder/users.csv"
    assert offered["filename"] == "users.csv"
    assert [offered["id"]] == finished["data"]["downloadable_attachment_ids"]["uploaded"]
    async with aiohttp.ClientSession() as without_token:
        async with without_token.get(offered["url"]) as response:
            text = await response.text()
        async with without_token.get(offered["url"].split("?")[0]) as response:
            assert response.status == 404
    assert text == "user_id,login_id,status\nU1,ann,active\n"
    assert offered["size"] == len(text)


async def test_a_promised_file_starts_its_import_when_it_comes(canvas):
    path = f"{IMPORTS}?pre_attachment[name]=delivery.zip&pre_attachment[size]=1000"
    _, created = await canvas.call("POST", path)
    assert created["workflow_state"] == "initializing"
    promised = created["pre_attachment"]
    form = aiohttp.FormData()
    for name, value in promised["upload_params"].items():
        form.add_field(name, value)
    form.add_field(promised["file_param"], zipped(ONE_USER), filename="delivery.zip")
    async with canvas.session.post(promised["upload_url"], data=form) as response:
        assert response.status == 201
        assert (await canvas.get(response.headers["Location"]))["upload_status"] == "success"
    await canvas.idle()
    assert (await canvas.show(created["id"]))["workflow_state"] == "imported"


async def test_a_promise_may_be_made_in_json_with_its_options(canvas):
    body = {"pre_attachment": {"name": "a.csv"}, "skip_deletes": True, "change_threshold": 5}
    status, created = await canvas.call("POST", IMPORTS, json=body)
    assert status == 200
    assert created["skip_deletes"]
    assert created["change_threshold"] == 5
    assert created["pre_attachment"]["upload_params"]["filename"] == "a.csv"


async def test_a_segment_that_crashes_is_reported_and_the_others_are_imported(school, enrolled):
    broken = "DROP TABLE observer_links"
    with school.sandbox.instance.roster.work("2026-01-01T00:00:00Z") as work:
        work.run(broken)
    files = {
        "user_observers.csv": table("observer_id,student_id,status", "P1,U1,active"),
        "users.csv": table(USERS, "U9,zoe,active,Zoe,"),
    }
    finished = await school.send(files)
    assert finished["workflow_state"] == "failed_with_messages"
    ((file, message),) = finished["processing_errors"]
    assert file == "user_observers.csv"
    assert message.startswith("Error while importing CSV. Please contact support.")
    assert finished["data"]["counts"]["users"] == 1


async def test_segments_may_run_backwards_as_parallel_jobs_do(canvas):
    knobs = {"segment_rows": 1, "segments_backwards": True}
    await canvas.control("PUT", "knobs", json=knobs)
    rows = table(USERS, "U1,ann,active,Ann,", "U1,ann,active,Anna,")
    await canvas.good({"users.csv": rows})
    assert (await canvas.get("users/sis_user_id:U1"))["name"] == "Ann"


async def test_more_than_fifty_rows_do_not_run_immediately(canvas):
    rows = table(USERS, *(f"U{n},user{n},active,User," for n in range(51)))
    assert not (await canvas.good({"users.csv": rows}))["data"]["running_immediately"]
