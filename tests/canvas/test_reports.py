"""Account reports: asked for, followed, fetched."""

import pytest
from aiohttp import web

from canvas_servers import Script, says, status
from rosterway.canvas import reports
from rosterway.canvas.reports import PARAMETERS, Report, ReportName
from rosterway.errors import (
    CredentialsError,
    GarbledError,
    RejectedError,
    UnreachableError,
    UsageError,
)
from rosterway.formats.canvas_csv.tables import BY_NAME

ASKED = Report("3", ReportName.PROVISIONING, "created", 0)


def at(state, progress=0, **other):
    return {"id": 3, "report": "provisioning_csv", "status": state, "progress": progress, **other}


async def test_a_report_is_asked_for_by_tables_and_term(serve, client_of):
    taken = {}

    async def take(request):
        taken["path"] = request.path
        taken.update(await request.post())
        return web.json_response(at("created"))

    async with client_of(await serve(take)) as client:
        report = await reports.request(
            client,
            ReportName.PROVISIONING,
            tables=["users", "groups_membership"],
            term_id="sis_term_id:F26",
            include_deleted=True,
        )
    assert (report.id, report.status, report.final) == ("3", "created", False)
    assert taken == {
        "path": "/api/v1/accounts/1/reports/provisioning_csv",
        "parameters[users]": "true",
        "parameters[group_membership]": "true",
        "parameters[skip_message]": "true",
        "parameters[enrollment_term_id]": "sis_term_id:F26",
        "parameters[include_deleted]": "true",
    }


@pytest.mark.parametrize("tables", [[], ["logins"], ["users", "moons"]])
async def test_a_table_no_report_has_is_refused_before_asking(serve, client_of, tables):
    script = Script(says(at("created")))
    async with client_of(await serve(script)) as client:
        with pytest.raises(UsageError, match="tables"):
            await reports.request(client, ReportName.SIS_EXPORT, tables=tables)
    assert script.requests == []


def test_reports_speak_of_our_tables():
    assert PARAMETERS.keys() <= BY_NAME.keys()


async def test_a_report_is_followed_until_it_is_complete(serve, client_of, pauses):
    script = Script(
        says(at("running", 10)),
        says(at("running", 10)),
        says(at("complete", 100, attachment={"url": "/files/9", "filename": "r.zip"})),
    )
    heard = []

    async def hear(now):
        heard.append(now.progress)

    async with client_of(await serve(script)) as client:
        report = await reports.follow(client, ASKED, pause=pauses, on_progress=hear)
    assert (report.status, report.url, report.file) == ("complete", "/files/9", "r.zip")
    assert heard == [10, 100]
    assert pauses == [0.5, 0.75, 1.125]


@pytest.mark.parametrize("state", ["error", "aborted", "deleted"])
async def test_a_report_canvas_could_not_make_is_a_refusal(serve, client_of, pauses, state):
    async with client_of(await serve(Script(says(at(state))))) as client:
        with pytest.raises(RejectedError, match=state):
            await reports.follow(client, ASKED, pause=pauses)


async def test_a_report_that_does_not_move_is_given_up_on(serve, client_of, pauses):
    async with client_of(await serve(Script(says(at("running", 5))))) as client:
        with pytest.raises(UnreachableError, match="running at 5%"):
            await reports.follow(client, ASKED, pause=pauses, stalled=3600)


async def test_the_file_of_a_report_is_fetched(serve, client_of, tmp_path):
    script = Script(lambda _request: web.Response(body=b"user_id\nU1\n"))
    done = Report("3", ReportName.PROVISIONING, "complete", 100, url="/files/9?verifier=hush")
    async with client_of(await serve(script)) as client:
        assert await reports.download(client, done, tmp_path / "users.csv") == 11
    assert (tmp_path / "users.csv").read_text() == "user_id\nU1\n"
    assert "hush" not in repr(done)


async def test_a_report_without_a_file_is_garbled(serve, client_of, tmp_path):
    async with client_of(await serve(Script(says({})))) as client:
        with pytest.raises(GarbledError, match="no file"):
            await reports.download(client, ASKED, tmp_path / "x")


@pytest.mark.parametrize("answer", [[], {}, {"id": 1}, "x"])
async def test_what_is_no_report_is_garbled(serve, client_of, answer):
    async with client_of(await serve(Script(says(answer)))) as client:
        with pytest.raises(GarbledError, match="report without"):
            await reports.show(client, "provisioning_csv", "3")


async def test_a_missing_right_is_named(serve, client_of):
    async with client_of(await serve(Script(status(401, "{}")))) as client:
        with pytest.raises(CredentialsError) as caught:
            await reports.request(client, ReportName.SIS_EXPORT, tables=["users"])
    assert "read_reports" in caught.value.remedy


# -- the grade export -----------------------------------------------------------------------


async def test_a_grade_export_is_asked_for_as_the_whole_or_one_term(serve, client_of):
    taken = []

    async def take(request):
        taken.append((request.path, dict(await request.post())))
        return web.json_response(at("created"))

    async with client_of(await serve(take)) as client:
        whole = await reports.request_grade_export(client)
        await reports.request_grade_export(
            client, term_id="4", include_deleted=True, limiting_period=30
        )
    assert whole.name == "grade_export_csv"
    path = "/api/v1/accounts/1/reports/grade_export_csv"
    assert taken == [
        (path, {"parameters[skip_message]": "true"}),
        (
            path,
            {
                "parameters[enrollment_term_id]": "4",
                "parameters[include_deleted]": "true",
                "parameters[limiting_period]": "30",
                "parameters[skip_message]": "true",
            },
        ),
    ]


async def test_a_period_canvas_would_pass_over_is_refused(serve, client_of):
    script = Script(says(at("created")))
    async with client_of(await serve(script)) as client:
        with pytest.raises(UsageError, match="limiting period"):
            await reports.request_grade_export(client, limiting_period=30)
    assert script.requests == []


async def test_a_grade_export_is_kept_byte_for_byte(serve, client_of, tmp_path):
    printed = '\ufeffStudent Name,student id\r\n"Doe, Ann",1\r\n'.encode()
    script = Script(lambda _request: web.Response(body=printed))
    done = Report("3", ReportName.GRADE_EXPORT, "complete", 100, url="/files/9")
    async with client_of(await serve(script)) as client:
        await reports.download(client, done, tmp_path / "grades.csv")
    assert printed == (tmp_path / "grades.csv").read_bytes()
