"""Everything bad that may arrive, by name: each has a clear outcome and a receipt that says what is
wrong and what to do, the delivery is kept as it came, and Canvas holds what it held.

One installation takes it all, one delivery after the other, as a real one would.
"""

import struct
import zipfile
import zlib

import pytest
import pytest_asyncio

from rosterway.runs.clock import utc_now
from rosterway.store import deliveries
from rosterway.store.deliveries import LeftFile
from runs.rosters import held

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEGABYTE = 1 << 20


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(loaded, tmp_path_factory):
    """An installation whose feed has its first load, its server running, and its Canvas."""
    folder = tmp_path_factory.mktemp("bad")
    async with loaded.copied(folder) as (house, canvas):
        house.let_in("lincoln")
        await house.start()
        yield house, canvas


def zeros(target, size):
    """A zip with one member of so many zero bytes, made without compressing them all."""
    squeeze = zlib.compressobj(wbits=-15)
    piece = squeeze.compress(bytes(MEGABYTE)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    end = squeeze.flush()
    length = len(piece) * (size // MEGABYTE) + len(end)
    name = b"users.csv"
    sizes = struct.pack("<HHQQ", 1, 16, size, length)
    both = struct.pack("<HHHHHIIIHH", 45, 0, 8, 0, 33, 0, *[0xFFFFFFFF] * 2, len(name), len(sizes))
    with target.open("wb") as out:
        out.write(b"PK\3\4" + both + name + sizes)
        for _ in range(size // MEGABYTE):
            out.write(piece)
        out.write(end)
        start = out.tell()
        entry = (
            b"PK\1\2"
            + struct.pack("<H", 45)
            + both
            + struct.pack("<HHHII", *[0] * 5)
            + name
            + sizes
        )
        out.write(entry)
        out.write(b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), start, 0))
    return target


def an_empty_zip(folder, _files):
    zipfile.ZipFile(folder / "roster.zip", "w").close()
    return folder / "roster.zip"


def a_zip_that_leaves_its_folder(folder, files):
    with zipfile.ZipFile(folder / "roster.zip", "w") as archive:
        archive.writestr("users.csv", files.text("users"))
        archive.writestr("../../keys/users.csv", files.text("users"))
    return folder / "roster.zip"


def five_gigabytes_of_zeros(folder, _files):
    return zeros(folder / "roster.zip", 5 * 1024 * MEGABYTE)


def no_zip_at_all(folder, _files):
    (folder / "roster.zip").write_bytes(b"PK\3\4 but nothing of the kind")
    return folder / "roster.zip"


def a_file_without_a_byte(folder, files):
    files.write(folder / "d")
    (folder / "d" / "enrollments.csv").write_bytes(b"")
    return folder / "d"


def a_header_and_no_rows(folder, files):
    files.write(folder / "d")
    header = files.text("enrollments").splitlines()[0]
    (folder / "d" / "enrollments.csv").write_text(f"{header}\n", "utf-8")
    return folder / "d"


def a_header_nobody_knows(folder, files):
    files.write(folder / "d")
    (folder / "d" / "enrollments.csv").write_text("klasse,schueler\n1,2\n", "utf-8")
    return folder / "d"


def two_files_of_a_table_with_different_headers(folder, files):
    files.write(folder / "d")
    (folder / "d" / "more-users.csv").write_text("user_id,login_id,status\nu,l,nonsense\n", "utf-8")
    return folder / "d"


def another_encoding(folder, files):
    files["users"][3]["full_name"] = "Zo\xeb M\xfcller"
    files.write(folder / "d")
    (folder / "d" / "users.csv").write_bytes(files.text("users").encode("cp1252"))
    return folder / "d"


def a_cell_of_ten_million_characters(folder, files):
    files["users"][3]["full_name"] = "x" * 10_000_000
    return files.write(folder / "d")


def a_row_with_too_many_cells(folder, files):
    files.write(folder / "d")
    lines = files.text("users").splitlines()
    lines[3] += ',"more","than","there","are","columns"'
    (folder / "d" / "users.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder / "d"


def the_same_key_twice(folder, files):
    files["users"].append({**files["users"][3], "login_id": "somebody.else"})
    return files.write(folder / "d")


def a_link_in_the_folder(folder, files):
    files.write(folder / "d")
    (folder / "d" / "enrollments.csv").unlink()
    (folder / "d" / "enrollments.csv").symlink_to("/etc/passwd")
    return folder / "d"


#: What arrives -> how its run ends, and the problem that is named (code, file).
ARRIVES = {
    an_empty_zip: ("refused", "delivery-empty", "roster.zip"),
    a_zip_that_leaves_its_folder: ("refused", "zip-unsafe-name", "roster.zip"),
    five_gigabytes_of_zeros: ("refused", "zip-too-large", "roster.zip"),
    no_zip_at_all: ("refused", "zip-unreadable", "roster.zip"),
    a_file_without_a_byte: ("held", "file-empty", "enrollments.csv"),
    a_header_and_no_rows: ("held", "rows-none", "enrollments.csv"),
    a_header_nobody_knows: ("nothing", "table-unknown", "enrollments.csv"),
    two_files_of_a_table_with_different_headers: ("nothing", "headers-differ", "users.csv"),
    another_encoding: ("nothing", "encoding-unknown", "users.csv"),
    a_cell_of_ten_million_characters: ("nothing", "value-long", "users.csv"),
    a_row_with_too_many_cells: ("nothing", "row-long", "users.csv"),
    the_same_key_twice: ("nothing", "key-duplicate", "users.csv"),
    a_link_in_the_folder: ("held", "file-link", "enrollments.csv"),
}


@pytest.mark.parametrize("make", ARRIVES, ids=lambda make: make.__name__.replace("_", " "))
async def test_what_is_bad_is_named_and_changes_nothing(place, loaded, tmp_path, make):
    house, canvas = place
    outcome, code, file = ARRIVES[make]
    delivery = house.deliver(make(tmp_path, loaded.files.copy()))
    told_outcome = await house.outcome(delivery)
    receipt = house.receipt(delivery)
    named = {(one["code"], one["file"]) for one in receipt["problems"]}
    assert (outcome, code, file) == (told_outcome, code if (code, file) in named else named, file)
    assert all(one["message"] and one["remedy"] for one in receipt["problems"])
    assert {one["name"]: one["sha256"] for one in receipt["files"]} == {
        one.name: one.sha256 for one in delivery.files
    }
    assert all(house.tenant().blobs.local(one.sha256).exists() for one in delivery.files)
    assert canvas.posts == 0


class TestBySftp:
    """With OpenSSH's own client."""

    pytestmark = pytest.mark.peer("sftp")

    async def test_a_link_cannot_be_made(self, place):
        house, canvas = place
        done = await house.sftp_command("symlink /etc/passwd /diffing/users.csv")
        assert done.code != 0
        assert not list((house.tree() / "diffing").iterdir())
        assert canvas.posts == 0

    @pytest.mark.parametrize("make", [a_zip_that_leaves_its_folder, five_gigabytes_of_zeros])
    async def test_a_zip_that_means_harm_is_refused_by_name(self, place, loaded, tmp_path, make):
        house, canvas = place
        path = make(tmp_path, loaded.files.copy())
        before = {one.id for one in deliveries.of_feed(house.tenant(), "nightly")}
        assert (await house.sftp_command(f"put {path} /diffing/roster.zip")).code == 0
        delivery = await house.until(lambda: the_new_one(house, before), what="the delivery")

        assert await house.outcome(delivery) == "refused"
        (problem,) = house.receipt(delivery)["problems"]
        assert (problem["code"], problem["file"]) == (ARRIVES[make][1], "roster.zip")
        assert not [file for file in house.home.rglob("users.csv") if "results" not in file.parts]
        assert canvas.posts == 0

    async def test_an_upload_that_is_cut_is_never_read_and_its_repetition_is(
        self, place, loaded, tmp_path
    ):
        house, canvas = place
        before = {one.id for one in deliveries.of_feed(house.tenant(), "nightly")}
        path = tmp_path / "users.csv"
        path.write_text(loaded.files.text("users") + " " * 4 * MEGABYTE, "utf-8")
        upload = await house.sftp_begin(f"put {path} /diffing/users.csv", "-l", "4000")
        part = house.tree() / "diffing" / "users.csv"
        await house.until(lambda: part.exists() and part.stat().st_size, what="half an upload")
        upload.kill()
        await upload.wait()
        path.write_text(loaded.files.text("users"), "utf-8")
        assert (await house.sftp_command(f"put {path} /diffing/users.csv")).code == 0
        delivery = await house.until(lambda: the_new_one(house, before), what="the delivery")

        assert [file.size for file in delivery.files] == [path.stat().st_size]
        assert await house.outcome(delivery) == "held"  # the other tables are missing
        assert canvas.posts == 0


async def test_a_delivery_given_up_with_a_cut_file_is_answered_and_not_applied(place, loaded):
    house, canvas = place
    now = utc_now()
    delivery = deliveries.seal(
        house.tenant(),
        feed="nightly",
        source="sftp",
        sender="",
        received_at=now,
        files=[],
        unfinished=[LeftFile("users.csv", "the connection ended", 1234)],
        because="abandoned",
        now=now,
    )
    assert await house.outcome(delivery) == "refused"
    (problem,) = house.receipt(delivery)["problems"]
    assert (problem["code"], problem["file"]) == ("file-cut", "users.csv")
    assert "Upload it again." in problem["remedy"]
    assert canvas.posts == 0


async def test_after_all_of_it_canvas_holds_what_it_held(place, loaded):
    house, canvas = place
    assert loaded.files.live() == await held(canvas)
    assert loaded.files.live() == house.baseline().live()


def the_new_one(house, before):
    kept = deliveries.of_feed(house.tenant(), "nightly")
    return next((one for one in kept if one.id not in before), None)
