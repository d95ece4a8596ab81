"""The contract with Canvas, against the sandbox: same reference, other hands."""

import zipfile
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from rosterway.canvas import imports, reports
from rosterway.canvas.client import CanvasClient, Patience
from rosterway.canvas.failures import may_have_been_done
from rosterway.canvas.import_options import ImportOptions
from rosterway.canvas.permissions import probe
from rosterway.canvas.reports import ReportName
from rosterway.errors import CredentialsError, GarbledError, RejectedError, UnreachableError
from rosterway.formats.canvas_csv.messages import Effect, classify
from rosterway.formats.canvas_csv.tables import recognise
from rosterway.sandbox.canvas.server import running

MARKER = "ab12cd34"

GOOD = {
    "terms": "term_id,name,status\nF26,Fall 2026,active\n",
    "courses": "course_id,short_name,long_name,term_id,status\nC1,BIO,Biology,F26,active\n",
    "sections": "section_id,course_id,name,status\nS1,C1,Period 1,active\n",
    "users": "user_id,login_id,status,full_name,email\n"
    "U1,ann,active,Ann Doe,ann@school.test\nU2,bob,active,Bob Roe,bob@school.test\n",
    "enrollments": "course_id,section_id,user_id,role,status\n"
    "C1,S1,U1,teacher,active\nC1,S1,U2,student,active\n",
}

#: One bad row for as many messages as one delivery can bring.
BAD = {
    "accounts": "account_id,parent_account_id,name,status\n,,x,active\nA1,A9,x,active\n"
    "A2,,,active\nA3,,x,gone\n",
    "terms": "term_id,name,status,start_date\n,x,active,\nT1,,active,\nT2,x,gone,\n"
    "T3,x,active,2026-99-99\n",
    "courses": "course_id,short_name,long_name,account_id,status,course_format,blueprint_course_id,"
    "start_date\n,x,x,,active,,,\nC2,,x,,active,,,\nC3,x,,,active,,,\nC4,x,x,,gone,,,\n"
    "C5,x,x,A9,active,,,\nC6,x,x,,active,moon,,\nC7,x,x,,active,,B9,\nC8,x,x,,active,,,2026-99-99\n",
    "sections": "section_id,course_id,name,status\n,C1,x,active\nS2,,x,active\nS3,C1,,active\n"
    "S4,C1,x,gone\nS5,C9,x,active\n",
    "xlists": "xlist_course_id,section_id,status\n,S1,active\nC1,,active\nC1,S1,gone\nC1,S9,active\n",
    "users": "user_id,login_id,status,email,authentication_provider_id\n,x,active,,\nU3,,active,,\n"
    "U4,x,,,\nU5,x,gone,,\nU6,ann,active,,\nU7,u7,active,nowhere,\nU8,u8,active,,moon\n",
    "logins": "user_id,login_id,existing_user_id\nL1,l1,\nL2,l2,U9\nU1,ann,U1\n",
    "enrollments": "course_id,section_id,user_id,role,status,start_date,end_date\n,,U1,student,active,,\n"
    "C1,S1,,student,active,,\nC1,S1,U1,student,gone,,\nC1,S1,U1,cook,active,,\n"
    "C1,S1,U9,student,active,,\nC1,S9,U1,student,active,,\nC9,,U1,student,active,,\n"
    "C9,S9,U1,student,active,,\nC8,S1,U1,student,active,,\nC1,S1,U1,ta,active,2026-99-99,2026-99-99\n",
    "admins": "user_id,account_id,role,status\n,,AccountAdmin,active\nU1,,AccountAdmin,\n"
    "U1,,,active\nU1,,AccountAdmin,gone\nU1,A9,AccountAdmin,active\nU1,,Dean,active\n"
    "U9,,AccountAdmin,active\n",
    "group_categories": "group_category_id,category_name,status,account_id,course_id\n,x,active,,\n"
    "G1,,active,,\nG2,x,,,\nG3,x,gone,,\nG4,x,active,A1,C1\nG5,x,active,A9,\nG6,x,active,,C9\n",
    "groups": "group_id,name,status,group_category_id,account_id,course_id\n,x,available,,,\n"
    "H1,,available,,,\nH2,x,gone,,,\nH3,x,available,,A9,\nH4,x,available,,,C9\nH5,x,available,G9,,\n",
    "groups_membership": "group_id,user_id,status\n,U1,accepted\nH9,U1,accepted\n",
    "user_observers": "observer_id,student_id,status\n,U1,active\nU1,,active\nU1,U1,active\n"
    "U1,U2,gone\nU9,U2,active\nU1,U9,active\nU1,U2,deleted\n",
    "change_sis_id": "old_id,new_id,type\n,N1,user\nU9,,user\nU9,N1,\nU9,N1,planet\nU9,N1,user\n",
}


@pytest.fixture
async def sandbox(tmp_path):
    async with running(tmp_path / "canvas") as canvas:
        yield canvas


@pytest.fixture
def client_at():
    @asynccontextmanager
    async def make(sandbox, **other):
        token = other.pop("token", sandbox.token)
        at_once = Patience(attempts=3, first=0, longest=0, jitter=0)
        async with CanvasClient(sandbox.url, token, patience=at_once, **other) as client:
            yield client

    return make


@pytest.fixture
def zipped(tmp_path):
    """A zip of tables, every file named after its table and the marker."""

    def make(tables, marker=MARKER):
        path = tmp_path / f"{marker}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for table, text in tables.items():
                archive.writestr(f"{table}-{marker}.csv", text)
        return path

    return make


async def sent(client, sandbox, file, **options):
    """Create an import and follow it; instead of pausing, wait until the sandbox is idle."""
    made = await imports.create(
        client, file, name=file.name, options=ImportOptions(**options) if options else None
    )
    return await followed(client, sandbox, made.id)


async def followed(client, sandbox, import_id):
    async def until_idle(_seconds):
        await sandbox.line.idle(10)

    return await imports.follow(client, import_id, pause=until_idle)


# -- the road -------------------------------------------------------------------------------


async def test_a_clean_delivery_is_imported_without_a_message(sandbox, client_at, zipped):
    async with client_at(sandbox) as client:
        end = await sent(client, sandbox, zipped(GOOD))
        said = await imports.messages(client, end.id)
    assert end.workflow_state == "imported"
    assert (end.counts["users"], end.counts["enrollments"]) == (2, 2)
    assert end.statistics["Enrollment"]["created"] == 2
    assert (said.messages, said.complete) == ((), True)
    assert end.files == tuple(f"{table}-{MARKER}.csv" for table in GOOD)


async def test_every_message_of_a_bad_delivery_is_known_and_finds_its_row(
    sandbox, client_at, zipped
):
    async with client_at(sandbox) as client:
        await sent(client, sandbox, zipped(GOOD, "first"))
        end = await sent(client, sandbox, zipped(BAD))
        said = await imports.messages(client, end.id)
    assert end.workflow_state == "imported_with_messages"
    assert said.complete
    assert len(said.messages) > 60
    for message in said.messages:
        table = message.file.removesuffix(f"-{MARKER}.csv")
        found = classify(message.message, table=table)
        assert found.effect is not Effect.UNKNOWN, message.message
        if message.row is not None:
            lines = BAD[table].splitlines()
            row = dict(zip(lines[0].split(","), lines[message.row - 1].split(","), strict=True))
            quoted = {name: row.get(name) for name in found.keys}
            assert quoted == found.keys, message.message


async def test_a_refused_file_refuses_no_other(sandbox, client_at, zipped):
    tables = GOOD | {"users": GOOD["users"] + 'U3,"open,active,,\n'}
    async with client_at(sandbox) as client:
        end = await sent(client, sandbox, zipped(tables))
        said = await imports.messages(client, end.id)
    assert end.workflow_state == "failed_with_messages"
    assert end.counts["courses"] == 1
    effects = {
        message.file: classify(message.message, table=None).effect for message in said.messages
    }
    assert effects[f"users-{MARKER}.csv"] is Effect.FILE_REFUSED


async def test_more_messages_than_a_page_holds_are_all_read(sandbox, client_at, zipped):
    sandbox.instance.knobs.turn({"page_max": 10})
    rows = "".join(f"U{number},,active\n" for number in range(33))
    async with client_at(sandbox) as client:
        end = await sent(client, sandbox, zipped({"users": "user_id,login_id,status\n" + rows}))
        said = await imports.messages(client, end.id)
    assert end.message_count == 33
    assert len(end.warnings) == 25  # 24, and how many more
    assert {message.row for message in said.messages} == set(range(2, 35))


async def test_a_list_of_messages_that_lags_is_read_until_it_is_whole(
    sandbox, client_at, zipped, pauses
):
    sandbox.instance.faults.put(["errors-lag"])
    rows = "".join(f"U{number},,active\n" for number in range(9))
    async with client_at(sandbox) as client:
        end = await sent(client, sandbox, zipped({"users": "user_id,login_id,status\n" + rows}))
        said = await imports.messages(client, end.id, pause=pauses)
    assert said.complete
    assert len(said.messages) == 9
    assert len(pauses) > 0


# -- a lost answer --------------------------------------------------------------------------


async def test_an_import_whose_answer_was_lost_is_found_again_and_only_once(
    sandbox, client_at, zipped
):
    before = sandbox.instance.clock()
    sandbox.instance.faults.put(["accepted-then-dropped:1"])
    async with client_at(sandbox) as client:
        with pytest.raises(UnreachableError) as caught:
            await imports.create(client, zipped(GOOD), name="plan.zip")
        assert may_have_been_done(caught.value)
        await sandbox.line.idle(10)
        await sent(client, sandbox, zipped(GOOD, "other"))
        search = await imports.find_by_name(client, MARKER, since=before)
        assert search.decided
        (ours,) = search.ours
        assert len(await imports.listing(client, since=before - timedelta(minutes=1))) == 2
    assert ours.workflow_state == "imported"


async def test_an_import_that_never_arrived_is_certainly_not_there(sandbox, client_at, zipped):
    before = sandbox.instance.clock()
    sandbox.instance.faults.put(["dropped-connection:1"])
    async with client_at(sandbox) as client:
        with pytest.raises(UnreachableError):
            await imports.create(client, zipped(GOOD), name="plan.zip")
        search = await imports.find_by_name(client, MARKER, since=before)
    assert (search.ours, search.unnamed, search.decided) == ((), (), True)


async def test_an_import_that_has_not_begun_leaves_it_open(sandbox, client_at, zipped):
    before = sandbox.instance.clock()
    sandbox.instance.faults.put(["initializing-forever"])
    async with client_at(sandbox) as client:
        made = await imports.create(client, zipped(GOOD), name="plan.zip")
        search = await imports.find_by_name(client, MARKER, since=before)
    assert [one.id for one in search.unnamed] == [made.id]
    assert not search.decided


# -- trouble --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["500:1", "throttled-403:1", "throttled-429:1", "dropped-connection:1", "html-502:1"]
)
async def test_reading_survives_trouble_that_passes(sandbox, client_at, fault):
    sandbox.instance.faults.put([fault], every=1)
    async with client_at(sandbox) as client:
        assert await imports.listing(client) == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("401", CredentialsError),
        ("html-200", GarbledError),
        ("garbled-json", GarbledError),
        ("html-502", UnreachableError),
    ],
)
async def test_trouble_that_stays_says_what_it_is(sandbox, client_at, fault, kind):
    sandbox.instance.faults.put([fault])
    async with client_at(sandbox) as client:
        with pytest.raises(kind) as caught:
            await imports.listing(client)
    assert caught.value.remedy


async def test_a_stuck_import_is_aborted_and_what_is_aborted_stays_so(sandbox, client_at, zipped):
    sandbox.instance.faults.put(["stuck"])
    async with client_at(sandbox) as client:
        made = await imports.create(client, zipped(GOOD), name="plan.zip")
        assert (await imports.abort(client, made.id)).workflow_state == "aborted"
        end = await followed(client, sandbox, made.id)
        assert end.workflow_state == "aborted"
        with pytest.raises(RejectedError, match="finished"):
            await imports.abort(client, made.id)


async def test_what_an_import_did_is_taken_back(sandbox, client_at, zipped):
    async with client_at(sandbox) as client:
        end = await sent(client, sandbox, zipped(GOOD))
        job = await imports.restore_states(client, end.id)
        await sandbox.line.idle(10)
        assert (await imports.progress(client, job.id)).workflow_state == "completed"
        assert (await imports.show(client, end.id)).workflow_state == "restored"


@pytest.mark.parametrize(
    "options",
    [
        {"batch_mode": True, "batch_mode_term_id": "sis_term_id:F26"},
        {"diffing_data_set_identifier": "roster", "diffing_drop_status": "completed"},
        {"multi_term_batch_mode": True, "change_threshold": 50},
        {"override_sis_stickiness": True, "clear_sis_stickiness": True, "skip_deletes": True},
    ],
    ids=lambda options: str(next(iter(options))),
)
async def test_canvas_knows_the_options_we_send(sandbox, client_at, zipped, options):
    async with client_at(sandbox) as client:
        await sent(client, sandbox, zipped(GOOD, "first"))
        end = await sent(client, sandbox, zipped(GOOD), **options)
    assert end.workflow_state == "imported"
    for name, value in options.items():
        if name != "batch_mode_term_id":  # shown as Canvas's own id
            assert end.raw[name] == value


# -- reports and rights ---------------------------------------------------------------------


async def test_what_was_imported_is_in_the_report(sandbox, client_at, zipped, tmp_path):
    async def until_idle(_seconds):
        await sandbox.line.idle(10)

    async with client_at(sandbox) as client:
        await sent(client, sandbox, zipped(GOOD))
        asked = await reports.request(client, ReportName.PROVISIONING, tables=["users"])
        done = await reports.follow(client, asked, pause=until_idle)
        await reports.download(client, done, tmp_path / "users.csv")
    header, *rows = (tmp_path / "users.csv").read_text().splitlines()
    assert {"user_id", "login_id", "canvas_user_id"} <= set(header.split(","))
    assert sum("U1" in row.split(",") for row in rows) == 1


@pytest.mark.parametrize(
    ("rights", "verdict"), [(["import_sis"], True), (["manage_sis"], True), (["read_sis"], False)]
)
async def test_a_token_is_judged_by_its_rights(sandbox, client_at, rights, verdict):
    token = sandbox.instance.office.new_token(1, rights)
    async with client_at(sandbox, token=token) as client:
        found = {finding.name: finding for finding in await probe(client)}
    assert found["token"].ok
    assert verdict is found["right-to-sis-imports"].ok


async def test_a_sub_account_and_a_switched_off_feature_are_told(sandbox, client_at, zipped):
    accounts = "account_id,parent_account_id,name,status\nA1,,School,active\n"
    async with client_at(sandbox) as client:
        await sent(client, sandbox, zipped({"accounts": accounts}))
    async with client_at(sandbox, account="sis_account_id:A1") as client:
        found = {finding.name: finding for finding in await probe(client)}
        assert found["root-account"].ok is False
    sandbox.instance.knobs.turn({"sis_imports": False})
    async with client_at(sandbox) as client:
        found = {finding.name: finding for finding in await probe(client)}
        assert found["sis-imports-enabled"].ok is False


async def test_a_wrong_token_is_told(sandbox, client_at):
    async with client_at(sandbox, token="1~wrong") as client:
        found = {finding.name: finding for finding in await probe(client)}
    assert found["token"].ok is False


def test_the_files_of_these_tests_are_what_they_are_called():
    for tables in (GOOD, BAD):
        for name, text in tables.items():
            table = recognise(text.splitlines()[0].split(","))
            assert table is not None
            assert table.name == name
