"""Fixes made in Canvas: what was offered, or nothing."""

from zoneinfo import ZoneInfo

import msgspec
import pytest
from aiohttp import web

from canvas_servers import status
from rosterway.canvas.grade_fixes import FixOutcome, apply_fix
from rosterway.errors import CredentialsError, UsageError
from rosterway.passback.plan import Fix, FixKind

CHICAGO = ZoneInfo("America/Chicago")
RENAME = Fix(kind=FixKind.RENAME, assignment="11", before="A very long name", after="A very")
DUE = "2026-12-19T05:59:59Z"  # the end of the 18th in Chicago


DATE = Fix(kind=FixKind.DUE_DATE, assignment="11", section="70", after="2026-12-18")


def due(**other):
    return msgspec.structs.replace(DATE, **other)


class OneAssignment:
    """An assignment that takes what is put; `keeps` false: answers well and does not."""

    def __init__(self, *, name="A very long name", due_at=None, overrides=(), keeps=True):
        self.told = {"id": "11", "name": name, "due_at": due_at, "overrides": list(overrides)}
        self.keeps = keeps
        self.sent = []

    async def __call__(self, request):
        if request.method == "GET":
            return web.json_response(self.told)
        body = await request.json()
        self.sent.append((request.method, request.path, body))
        ((_, fields),) = body.items()
        return web.json_response(self.told | (fields if self.keeps else {}))


@pytest.fixture
def fixing(serve, client_of):
    async def fix(canvas, what):
        async with client_of(await serve(canvas)) as client:
            return await apply_fix(client, "7", what, zone=CHICAGO)

    return fix


PATH = "/api/v1/courses/7/assignments/11"


async def test_an_assignment_is_renamed(fixing):
    canvas = OneAssignment()
    assert (await fixing(canvas, RENAME)).outcome is FixOutcome.DONE
    assert canvas.sent == [("PUT", PATH, {"assignment": {"name": "A very"}})]


async def test_a_due_date_is_the_end_of_the_day_at_the_school(fixing):
    canvas = OneAssignment()
    assert (await fixing(canvas, due())).outcome is FixOutcome.DONE
    assert canvas.sent == [("PUT", PATH, {"assignment": {"due_at": DUE}})]


async def test_a_due_date_goes_into_the_sections_own_override_and_keeps_its_other_dates(fixing):
    override = {
        "id": "90",
        "course_section_id": "70",
        "due_at": "2027-01-10T05:59:59Z",
        "lock_at": "2027-02-01T06:00:00Z",
    }
    canvas = OneAssignment(due_at="2026-10-01T04:59:00Z", overrides=[override])
    assert (await fixing(canvas, due(before="2027-01-09"))).outcome is FixOutcome.DONE
    ((method, path, body),) = canvas.sent
    assert (method, path) == ("PUT", f"{PATH}/overrides/90")
    assert body == {"assignment_override": {"lock_at": "2027-02-01T06:00:00Z", "due_at": DUE}}


async def test_a_day_it_is_available_from_begins_at_the_school(fixing):
    fix = msgspec.structs.replace(due(), kind=FixKind.AVAILABLE)
    canvas = OneAssignment(due_at=DUE)
    assert (await fixing(canvas, fix)).outcome is FixOutcome.DONE
    assert canvas.sent == [("PUT", PATH, {"assignment": {"unlock_at": "2026-12-18T06:00:00Z"}})]


async def test_a_date_other_sections_share_is_moved_for_one_section_only(fixing):
    canvas = OneAssignment(due_at="2027-01-10T05:59:59Z")
    assert (await fixing(canvas, due(before="2027-01-09"))).outcome is FixOutcome.DONE
    assert canvas.sent == [
        (
            "POST",
            f"{PATH}/overrides",
            {"assignment_override": {"course_section_id": "70", "due_at": DUE}},
        )
    ]


@pytest.mark.parametrize(
    ("canvas", "fix", "outcome", "says"),
    [
        (OneAssignment(name="A very"), RENAME, FixOutcome.ALREADY, ""),
        (OneAssignment(name="Essay"), RENAME, FixOutcome.MOVED_ON, "Essay"),
        (OneAssignment(due_at=DUE), due(), FixOutcome.ALREADY, ""),
        (OneAssignment(due_at=DUE), due(after="2026-12-01"), FixOutcome.MOVED_ON, "2026-12-18"),
    ],
    ids=["renamed already", "renamed otherwise", "dated already", "dated otherwise"],
)
async def test_what_has_moved_on_is_left_as_it_is(fixing, canvas, fix, outcome, says):
    told = await fixing(canvas, fix)
    assert (outcome, says) == (told.outcome, told.says)
    assert canvas.sent == []


@pytest.mark.parametrize("fix", [RENAME, due()], ids=["rename", "due date"])
async def test_a_fix_canvas_does_not_keep_is_told(fixing, fix):
    told = await fixing(OneAssignment(keeps=False), fix)
    assert told.outcome is FixOutcome.NOT_KEPT


async def test_a_refusal_comes_back_in_canvass_own_words(fixing):
    words = '{"errors": {"name": [{"message": "The title cannot be longer than 5 characters"}]}}'
    canvas = OneAssignment()

    async def refusing(request):
        return await canvas(request) if request.method == "GET" else status(400, words)(request)

    told = await fixing(refusing, RENAME)
    assert (FixOutcome.REFUSED, "The title cannot be longer than 5 characters") == (
        told.outcome,
        told.says,
    )


async def test_a_missing_right_to_change_assignments_is_named(fixing):
    canvas = OneAssignment()

    async def forbidding(request):
        return await canvas(request) if request.method == "GET" else status(401, "{}")(request)

    with pytest.raises(CredentialsError) as caught:
        await fixing(forbidding, RENAME)
    assert "manage_assignments" in caught.value.remedy


async def test_a_day_that_is_none_is_sent_nowhere(fixing):
    canvas = OneAssignment()
    with pytest.raises(UsageError, match="soon"):
        await fixing(canvas, due(after="soon"))
    assert canvas.sent == []
