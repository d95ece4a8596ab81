"""Deliveries sent in pieces: nothing is taken that is not whole and what was declared."""

import hashlib
import os
from datetime import UTC, datetime

import pytest

from rosterway.errors import ConflictError, NotFoundError, UnavailableError, UsageError
from rosterway.gateway import parcels
from rosterway.gateway.parcels import Piece

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
ROOM = 10**6


def piece(name="users.csv", content=b"user_id\n1\n"):
    return Piece(name, len(content), hashlib.sha256(content).hexdigest())


async def stream(*pieces):
    for each in pieces:
        yield each


@pytest.fixture
def parcel(tmp_path):
    return parcels.declare(tmp_path / "feed", [piece()], sender="ana", room=ROOM)


async def test_pieces_are_appended_in_turn_and_make_a_whole(parcel):
    assert 5 == await parcels.append(parcel, 0, 0, stream(b"us", b"er_"))
    assert [5] == parcel.arrived()
    assert 10 == await parcels.append(parcel, 0, 5, stream(b"id\n1\n"))

    closed = parcels.close(parcel, now=NOON)

    assert NOON == closed.said.complete_at
    assert b"user_id\n1\n" == closed.path(0).read_bytes()
    again = parcels.close(parcel, now=NOON.replace(hour=13))
    assert NOON == again.said.complete_at
    with pytest.raises(ConflictError, match="complete already"):
        await parcels.append(again, 0, 10, stream(b"more"))


@pytest.mark.parametrize("offset", [0, 4, 6])
async def test_a_piece_out_of_turn_is_told_where_to_go_on(parcel, offset):
    await parcels.append(parcel, 0, 0, stream(b"user_"))

    with pytest.raises(ConflictError) as refused:
        await parcels.append(parcel, 0, offset, stream(b"id\n1\n"))

    assert "go on from 5" == refused.value.remedy
    assert [5] == parcel.arrived()


async def test_what_came_before_a_cut_is_kept(parcel):
    async def cut():
        yield b"user"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await parcels.append(parcel, 0, 0, cut())

    assert [4] == parcels.find(parcel.folder.parent, parcel.id).arrived()


async def test_two_cannot_add_to_one_file_at_once(parcel):
    async def slow():
        yield b"user"
        with pytest.raises(ConflictError, match="another request"):
            await parcels.append(parcel, 0, 4, stream(b"_id"))

    assert 4 == await parcels.append(parcel, 0, 0, slow())


async def test_more_than_was_declared_is_refused(parcel):
    with pytest.raises(UsageError, match="more than was declared"):
        await parcels.append(parcel, 0, 0, stream(b"user_id\n1\n", b"2"))

    assert [10] == parcel.arrived()


async def test_a_file_that_is_not_all_there_or_not_what_was_declared_is_no_delivery(parcel):
    await parcels.append(parcel, 0, 0, stream(b"user_id\n"))
    with pytest.raises(ConflictError, match=r"8 of 10 bytes have arrived of users\.csv"):
        parcels.close(parcel, now=NOON)
    await parcels.append(parcel, 0, 8, stream(b"2\n"))
    with pytest.raises(ConflictError, match="SHA-256 differs"):
        parcels.close(parcel, now=NOON)

    assert [0] == parcel.arrived()
    await parcels.append(parcel, 0, 0, stream(b"user_id\n1\n"))
    assert parcels.close(parcel, now=NOON).said.complete_at


@pytest.mark.parametrize(
    "files",
    [
        [],
        [Piece("users.csv", -1)],
        [Piece("users.csv", 2**60)],
        [Piece("users.csv", 1, "ABC")],
        [Piece("a.csv", 1), Piece("a.csv", 1)],
        [Piece(f"{number}.csv", 1) for number in range(301)],
        *(
            [Piece(name, 1)]
            for name in ("", "/a", "../a", "a/../b", "a//b", "a/", "a\nb", ".", "\u202ea")
        ),
        [Piece("/".join("a" * 20), 1)],
    ],
)
def test_what_can_be_no_delivery_is_refused_before_a_byte_is_sent(tmp_path, files):
    with pytest.raises(UsageError):
        parcels.declare(tmp_path, files, sender="ana", room=ROOM)

    assert [] == list(tmp_path.iterdir())


def test_all_that_is_under_way_together_has_only_so_much_room(tmp_path):
    parcels.declare(tmp_path, [Piece("a.csv", 600)], sender="ana", room=1000)

    with pytest.raises(UnavailableError, match="no room"):
        parcels.declare(tmp_path, [Piece("b.csv", 401)], sender="ana", room=1000)

    parcels.declare(tmp_path, [Piece("b.csv", 400)], sender="ana", room=1000)


def test_one_that_nothing_was_added_to_for_a_day_is_forgotten(parcel):
    home = parcel.folder.parent
    parcels.forget_old(home)
    assert parcel.id == parcels.find(home, parcel.id).id
    long_ago = parcel.folder.stat().st_mtime - parcels.FORGOTTEN_AFTER - 1
    for path in (*parcel.folder.iterdir(), parcel.folder):
        os.utime(path, (long_ago, long_ago))

    parcels.forget_old(home)

    assert not parcel.folder.exists()


@pytest.mark.parametrize("name", ["", "..", "0" * 32, "../" + "0" * 29])
def test_there_is_nothing_under_another_name(parcel, name):
    with pytest.raises(NotFoundError):
        parcels.find(parcel.folder.parent, name)
