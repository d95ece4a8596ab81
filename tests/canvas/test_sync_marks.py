"""Our key in integration data: beside others', and known to be kept."""

from datetime import UTC, datetime

import pytest
from aiohttp import web

from canvas_servers import status
from rosterway.canvas.association_mirror import mirror_associations
from rosterway.canvas.integration_data import Outcome
from rosterway.canvas.sync_marks import SyncMark, forget_sync_marks, mark_in, write_sync_marks
from rosterway.errors import UnreachableError
from rosterway.passback.categories import Association

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
THEIRS = {"other_tool": {"id": 7, "tags": ["a", None]}}


def mark(assignment="11", **other):
    return SyncMark(assignment=assignment, at=AT, outcome="sent", **other)


def as_kept(assignment="11", **other):
    return {
        "rosterway": {
            "assignment": assignment,
            "synced_at": "2026-11-30T12:00:00Z",
            "outcome": "sent",
        }
        | other
    }


class Keeper:
    """Things with integration data, as Canvas keeps them for one who may (`keeps`) or may not."""

    def __init__(self, things, *, keeps=True, shows=True, merges=False):
        self.things, self.keeps, self.shows, self.merges = dict(things), keeps, shows, merges
        self.puts = []
        self.listed = []

    async def __call__(self, request):
        ident = request.path.rpartition("/")[2]
        if request.method == "GET":
            self.listed.append(request.query_string)
            return web.json_response([self._told(one) for one in self.things])
        body = await request.json()
        self.puts.append((request.path, body))
        data = body.get("assignment", body)["integration_data"]
        if self.keeps:
            self.things[ident] = (self.things[ident] if self.merges else {}) | data
        return web.json_response(self._told(ident))

    def _told(self, ident):
        shown = {"integration_data": self.things[ident]} if self.shows else {}
        return {"id": ident, "name": "Essay"} | shown


@pytest.fixture
def writing(serve, client_of):
    """What became of marks on the assignments of a keeper."""

    async def write(keeper, *marks):
        async with client_of(await serve(keeper)) as client:
            return [(one.id, one.outcome) for one in await write_sync_marks(client, "7", marks)]

    return write


async def test_a_mark_is_written_beside_what_others_keep(writing):
    keeper = Keeper({"11": THEIRS, "12": {}})
    assert [("11", "written")] == await writing(keeper, mark())
    assert keeper.things == {"11": THEIRS | as_kept(), "12": {}}
    ((path, body),) = keeper.puts
    assert path == "/api/v1/courses/7/assignments/11"
    assert body.keys() == {"assignment"}


async def test_a_mark_is_read_as_it_was_written(writing):
    keeper = Keeper({"11": {}})
    written = mark(classes={"S1": "sent", "S2": "failed"})
    await writing(keeper, written)
    assert written == mark_in(keeper.things["11"], "11")


async def test_a_mark_that_stands_there_is_not_written_again(writing):
    keeper = Keeper({"11": None})
    assert [("11", "written")] == await writing(keeper, mark())
    assert [("11", "unchanged")] == await writing(keeper, mark())
    assert len(keeper.puts) == 1


async def test_a_newer_mark_replaces_ours_whole(writing):
    keeper = Keeper({"11": as_kept(classes={"S1": "failed"}) | THEIRS})
    await writing(keeper, mark())
    assert keeper.things["11"] == THEIRS | as_kept()


async def test_without_the_right_the_first_is_told_dropped_and_the_rest_not_tried(writing):
    keeper = Keeper({"11": {}, "12": {}}, keeps=False)
    told = await writing(keeper, mark("11"), mark("12"))
    assert told == [("11", "dropped"), ("12", "dropped")]
    assert len(keeper.puts) == 1


async def test_what_is_not_shown_is_not_written_over(writing):
    keeper = Keeper({"11": THEIRS}, shows=False)
    assert [("11", "unreadable")] == await writing(keeper, mark())
    assert keeper.puts == []


async def test_an_assignment_that_is_gone_is_told_so(writing):
    assert [("99", "gone"), ("11", "written")] == await writing(
        Keeper({"11": {}}), mark("99"), mark("11")
    )


async def test_a_refusal_is_told_in_canvass_words_and_the_others_go_on(serve, client_of):
    keeper = Keeper({"11": {}, "12": {}})
    words = '{"errors": {"due_at": [{"message": "cannot be blank when Post to Sis is checked"}]}}'

    async def canvas(request):
        if request.method == "PUT" and request.path.endswith("/11"):
            return status(400, words)(request)
        return await keeper(request)

    async with client_of(await serve(canvas)) as client:
        first, second = await write_sync_marks(client, "7", [mark("11"), mark("12")])
    assert (first.outcome, first.says) == (
        Outcome.REFUSED,
        "cannot be blank when Post to Sis is checked",
    )
    assert second.outcome is Outcome.WRITTEN


async def test_a_lost_answer_is_an_error_and_doing_it_again_is_safe(serve, client_of):
    keeper = Keeper({"11": THEIRS})

    async def canvas(request):
        answer = await keeper(request)
        first_put = request.method == "PUT" and len(keeper.puts) == 1
        return status(502)(request) if first_put else answer

    async with client_of(await serve(canvas)) as client:
        with pytest.raises(UnreachableError):
            await write_sync_marks(client, "7", [mark()])
        (again,) = await write_sync_marks(client, "7", [mark()])
    assert again.outcome is Outcome.UNCHANGED
    assert keeper.things["11"] == THEIRS | as_kept()


async def test_only_flagged_assignments_are_read_before_a_mark(writing):
    keeper = Keeper({"11": {}})
    await writing(keeper, mark())
    assert "post_to_sis=true" in keeper.listed[0]


@pytest.mark.parametrize(
    "data",
    [{}, THEIRS, as_kept("10"), {"rosterway": "x"}, {"rosterway": {"assignment": "11"}}],
    ids=["nothing", "others'", "a copy's", "no object", "half a mark"],
)
def test_what_is_no_mark_of_this_assignment_is_none(data):
    assert mark_in(data, "11") is None


async def test_forgetting_takes_ours_out_and_nothing_else(serve, client_of):
    keeper = Keeper({"11": THEIRS | as_kept(), "12": THEIRS, "13": as_kept("3"), "14": None})
    async with client_of(await serve(keeper)) as client:
        told = await forget_sync_marks(client, "7")
    assert [("11", "written"), ("13", "written")] == [(one.id, one.outcome) for one in told]
    assert keeper.things == {"11": THEIRS, "12": THEIRS, "13": {}, "14": None}


# -- the mirror of associations ---------------------------------------------------------------


def association(group, class_id, category):
    return Association(group=group, class_id=class_id, category_id=category)


@pytest.fixture
def mirroring(serve, client_of):
    """What became of the groups of a keeper."""

    async def mirror(keeper, *associations):
        async with client_of(await serve(keeper)) as client:
            return [
                (one.id, one.outcome)
                for one in await mirror_associations(client, "7", associations)
            ]

    return mirror


async def test_associations_are_copied_into_their_groups_only(mirroring):
    keeper = Keeper({"50": THEIRS, "51": {}}, merges=True)
    told = await mirroring(keeper, association("50", "S1", "K1"), association("50", "S2", "K2"))
    assert told == [("50", "written")]
    mirrored = {"group": "50", "categories": {"S1": "K1", "S2": "K2"}}
    assert keeper.things == {"50": THEIRS | {"rosterway": mirrored}, "51": {}}
    assert keeper.puts[0][0] == "/api/v1/courses/7/assignment_groups/50"


async def test_a_removed_association_stays_as_an_empty_one(mirroring):
    keeper = Keeper({"50": {}}, merges=True)
    await mirroring(keeper, association("50", "S1", "K1"), association("50", "S2", "K2"))
    await mirroring(keeper, association("50", "S2", "K3"))
    assert keeper.things["50"]["rosterway"]["categories"] == {"S1": "", "S2": "K3"}
    assert [("50", "unchanged")] == await mirroring(keeper, association("50", "S2", "K3"))


async def test_the_mirror_tells_what_it_could_not_do(mirroring):
    keeper = Keeper({"50": {}, "51": {}}, keeps=False)
    told = await mirroring(
        keeper,
        association("50", "S1", "K1"),
        association("51", "S1", "K1"),
        association("99", "S1", "K1"),
    )
    assert told == [("99", "gone"), ("50", "dropped"), ("51", "dropped")]
    assert len(keeper.puts) == 1
