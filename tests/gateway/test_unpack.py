"""Zips and folders as people, spreadsheets and enemies make them."""

import os
import random
import stat
import struct
import zipfile
import zlib
from io import BytesIO
from shutil import rmtree

import pytest

from rosterway.errors import UsageError
from rosterway.gateway.unpack import UnpackLimits, unpack, unpack_named

USERS = b"user_id,login_id,status\n1,a,active\n"


def a_zip(members, *, method=zipfile.ZIP_DEFLATED):
    """A zip's bytes; members are (name or ZipInfo, content)."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            archive.writestr(name, content)
    return out.getvalue()


def entry(name, *, mode=None, flags=None, method=None):
    info = zipfile.ZipInfo("placeholder.csv")
    info.filename = name
    if mode is not None:
        info.create_system = 3
        info.external_attr = mode << 16
    if method is not None:
        info.compress_type = method
    return info


def patched(data, *, at_local, at_central, value):
    """The zip with a field of every header overwritten: (offset in local, in central header)."""
    data = bytearray(data)
    for signature, offset in ((b"PK\3\4", at_local), (b"PK\1\2", at_central)):
        start = 0
        while (start := data.find(signature, start)) >= 0:
            if offset is not None:
                data[start + offset : start + offset + len(value)] = value
            start += 4
    return bytes(data)


@pytest.fixture
def opened(tmp_path):
    """Unpack a zip called delivery.zip: names with contents, findings as (code, file, value, other)."""

    def open_it(data, **limits):
        path = tmp_path / "delivery.zip"
        path.write_bytes(data)
        return told(unpack([path], tmp_path / "room", limits=UnpackLimits(**limits)))

    return open_it


def told(unpacked):
    return (
        {file.name: file.path.read_bytes() for file in unpacked.files},
        [(f.code, f.file, f.value, f.other) for f in unpacked.findings],
    )


def refused(code, *, value=None, other=None):
    return {}, [(code, "delivery.zip", value, other)]


# -- what is taken --------------------------------------------------------------------------


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_csv_files_come_out_of_a_zip_as_they_went_in(opened, method):
    assert ({"users.csv": USERS}, []) == opened(a_zip({"users.csv": USERS}, method=method))


def test_folders_in_a_zip_are_walked_and_names_keep_them(opened):
    files, findings = opened(a_zip({"sis/": b"", "sis/north/users.csv": USERS, "terms.CSV": b"x"}))

    assert ({"sis/north/users.csv": USERS, "terms.CSV": b"x"}, []) == (files, findings)


def test_folders_as_windows_writes_them_are_folders(opened):
    files, findings = opened(a_zip([(entry("sis\\"), b""), (entry("sis\\users.csv"), USERS)]))

    assert ({"sis/users.csv": USERS}, []) == (files, findings)


def test_names_that_differ_in_case_only_are_two_files(opened):
    files, _ = opened(a_zip({"users.csv": USERS, "Users.csv": b"other"}))

    assert {"users.csv": USERS, "Users.csv": b"other"} == files


def test_what_file_managers_leave_behind_is_skipped_without_a_word(opened):
    litter = {"__MACOSX/._users.csv": b"", ".DS_Store": b"", "x/Thumbs.db": b"", "desktop.ini": b""}

    assert ({"users.csv": USERS}, []) == opened(a_zip({"users.csv": USERS, **litter}))


def test_other_files_are_named_and_left_out(opened):
    files, findings = opened(a_zip({"users.csv": USERS, "readme.txt": b"", "more.zip": b"PK"}))

    assert {"users.csv": USERS} == files
    assert [
        ("file-ignored", "readme.txt", None, None),
        ("zip-inside-zip", "more.zip", None, None),
    ] == findings


def test_files_of_a_zip_among_others_carry_its_name(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "north.zip").write_bytes(a_zip({"users.csv": USERS}))
    (tmp_path / "in" / "south.zip").write_bytes(a_zip({"users.csv": USERS, "notes.txt": b""}))
    files, findings = told(unpack([tmp_path / "in"], tmp_path / "room"))

    assert {"north.zip/users.csv": USERS, "south.zip/users.csv": USERS} == files
    assert [("file-ignored", "south.zip/notes.txt", None, None)] == findings


def test_a_bad_zip_keeps_no_other_file_from_being_read(tmp_path):
    (tmp_path / "in").mkdir()
    given = {
        "1.zip": a_zip({}),
        "2.zip": a_zip({"../users.csv": USERS}),
        "3.zip": b"PK\3\4 cut",
        "4.zip": a_zip({"users.csv": bytes(20_000)}),
        "5.zip": a_zip({"users.csv": USERS}),
    }
    for name, data in given.items():
        (tmp_path / "in" / name).write_bytes(data)
    limits = UnpackLimits(free_ratio=1000, ratio=2)
    files, findings = told(unpack([tmp_path / "in"], tmp_path / "room", limits=limits))

    assert {"5.zip/users.csv": USERS} == files
    assert [
        ("delivery-empty", "1.zip"),
        ("zip-unsafe-name", "2.zip"),
        ("zip-unreadable", "3.zip"),
        ("zip-too-large", "4.zip"),
    ] == [finding[:2] for finding in findings]


# -- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../users.csv",
        "sis/../../users.csv",
        "sis/..",
        "..\\users.csv",
        "/etc/users.csv",
        "\\\\server\\users.csv",
        "C:\\users.csv",
        "C:users.csv",
        "users\n.csv",
        "users\x1b[2J.csv",
    ],
)
def test_a_name_that_could_leave_its_folder_refuses_the_zip(opened, tmp_path, name):
    done = opened(a_zip([(entry("users.csv"), USERS), (entry(name), USERS)]))

    assert refused("zip-unsafe-name", value=name) == done
    assert not (tmp_path / "room").exists()


def test_a_link_in_a_zip_refuses_the_zip(opened):
    link = entry("users.csv", mode=stat.S_IFLNK | 0o777)

    assert refused("zip-link", value="users.csv") == opened(a_zip([(link, b"/etc/passwd")]))


def test_one_name_twice_refuses_the_zip(opened):
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = a_zip([("a/users.csv", USERS), ("a/users.csv", b"other")])

    assert refused("zip-unreadable", other="it holds a/users.csv twice") == opened(data)


def test_an_encrypted_zip_says_so(opened):
    locked = patched(a_zip({"users.csv": USERS}), at_local=6, at_central=8, value=b"\1\0")

    assert refused("zip-unreadable", other="it is encrypted") == opened(locked)


@pytest.mark.parametrize("method", [9, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 93])
def test_a_compression_canvas_does_not_know_is_named(opened, method):
    odd = a_zip({"users.csv": USERS})
    odd = patched(odd, at_local=8, at_central=10, value=struct.pack("<H", method))

    other = f"users.csv is compressed by method {method}, not by deflate"
    assert refused("zip-unreadable", other=other) == opened(odd)


def test_a_wrong_checksum_refuses_the_zip(opened):
    data = a_zip({"users.csv": USERS}, method=zipfile.ZIP_STORED)
    files, [(code, _, _, other)] = opened(data.replace(b"1,a,active", b"1,b,active"))

    assert ({}, "zip-unreadable") == (files, code)
    assert "CRC" in other


def test_an_empty_zip_is_an_empty_delivery(opened):
    assert refused("delivery-empty") == opened(a_zip({}))
    # Python needs no more than the end record.
    assert zipfile.is_zipfile(BytesIO(a_zip({})))


@pytest.mark.parametrize("data", [b"", b"user_id\n1\n", b"PK\5\6", b"\0" * 4096])
def test_what_is_no_zip_is_refused(opened, data):
    files, findings = opened(data)

    assert ({}, ["zip-unreadable"]) == (files, [finding[0] for finding in findings])


def test_a_zip_cut_anywhere_is_refused(opened, tmp_path):
    data = a_zip({"users.csv": USERS * 50, "terms.csv": b"term_id,name\n"})
    for length in range(0, len(data), 7):
        rmtree(tmp_path / "room", ignore_errors=True)
        files, findings = opened(data[:length])
        assert ({}, ["zip-unreadable"]) == (files, [finding[0] for finding in findings])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_no_damage_of_a_zip_is_more_than_a_finding(opened, tmp_path, method):
    chance = random.Random(method)
    good = a_zip({"sis/users.csv": USERS * 20, "terms.csv": b"term_id,name\n"}, method=method)
    for _ in range(150):
        data = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        rmtree(tmp_path / "room", ignore_errors=True)
        files, findings = opened(bytes(data))
        assert files or findings
        assert inside(tmp_path / "room")


def inside(room):
    """Nothing was written but under our own names."""
    return all(path.suffix == ".csv" for path in room.rglob("*") if path.is_file())


# -- how much -------------------------------------------------------------------------------


def used(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_five_gigabytes_of_zeros_are_refused_unread(opened, tmp_path):
    files, [(code, _, _, other)] = opened(bomb(packed_zeros(), said=ZEROS))

    assert ({}, "zip-too-large") == (files, code)
    assert other.startswith("5,368,709,120 bytes of ")
    assert 0 == used(tmp_path / "room")


def test_five_gigabytes_said_to_be_a_hundred_bytes_leave_nothing(opened, tmp_path):
    files, [(code, *_)] = opened(bomb(packed_zeros(), said=100))

    assert ({}, "zip-unreadable") == (files, code)
    assert 0 == used(tmp_path / "room")


def test_members_that_share_their_bytes_are_measured_by_the_zip_itself(opened, tmp_path):
    noise = os.urandom(60_000)
    kernel = struct.pack("<BHH", 1, len(noise), len(noise) ^ 0xFFFF) + noise
    data = bomb(kernel, said=len(noise), members=200)
    files, [(code, _, _, other)] = opened(data, free_ratio=0)

    assert ({}, "zip-too-large") == (files, code)
    assert f"12,000,000 bytes of {len(data) * 100:,}" == other
    assert 0 == used(tmp_path / "room")


def test_a_zip_may_unpack_to_a_hundred_times_its_size_as_in_canvas(opened):
    plain = a_zip({"users.csv": b"\0" * 100_000})

    assert "zip-too-large" == opened(plain, free_ratio=0)[1][0][0]
    assert [] == opened(a_zip({"users.csv": os.urandom(3000)}), free_ratio=0)[1]


def test_a_small_zip_may_have_any_ratio(opened):
    assert [] == opened(a_zip({"users.csv": b"\0" * 1_000_000}))[1]


def test_too_many_members_are_refused_before_any_is_unpacked(opened, tmp_path):
    data = a_zip({f"{number}.csv": b"" for number in range(11)})

    assert refused("zip-too-large", other="11 files") == opened(data, files=10)
    assert 0 == used(tmp_path / "room")


def test_the_disk_is_never_filled(opened):
    files, [(code, *_)] = opened(a_zip({"users.csv": USERS}), spare_disk=1 << 60)

    assert ({}, "zip-too-large") == (files, code)


ZEROS = 5 * 1024**3


def packed_zeros():
    """Five gigabytes of zeros, deflated: one block of them, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(16 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (ZEROS // (16 << 20)) + packer.flush()


def bomb(kernel, *, said, members=1):
    """A zip whose members all unpack to `kernel`, and `said` is the size its directory gives.

    Each member begins with the next one's header as an uncompressed block, and shares the rest.
    """
    body, directory = kernel, []
    for number in reversed(range(members)):
        name = b"%03d.csv" % number
        if directory:
            length = len(local_header(name))
            body = struct.pack("<BHH", 0, length, length ^ 0xFFFF) + body
        packed = len(body)
        body = local_header(name) + body
        directory.append((name, packed, len(body)))
    central = b"".join(
        struct.pack("<4s6H", b"PK\1\2", 45, 45, 0, 8, 0, 0)
        + struct.pack("<3L5H2L", 0, 2**32 - 1, 2**32 - 1, len(name), 20, 0, 0, 0, 0, len(body) - at)
        + name
        + struct.pack("<2H2Q", 1, 16, said, packed)
        for name, packed, at in directory
    )
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, members, members, len(central), len(body), 0)
    return body + central + end


def local_header(name):
    return struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, 8, 0, 0, 0, 0, 0, len(name), 0) + name


# -- loose files ----------------------------------------------------------------------------


def test_a_folder_is_walked_in_name_order_with_its_subfolders(tmp_path):
    for name in ("users.csv", "b/terms.csv", "a/courses.csv"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(USERS)
    unpacked = unpack([tmp_path / "in"], tmp_path / "room")

    assert ["a/courses.csv", "b/terms.csv", "users.csv"] == [file.name for file in unpacked.files]
    assert {len(USERS)} == {file.size for file in unpacked.files}


def test_links_on_disk_are_not_followed(tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "users.csv").write_bytes(USERS)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "users.csv").symlink_to(tmp_path / "secret" / "users.csv")
    (tmp_path / "in" / "more").symlink_to(tmp_path / "secret")
    files, findings = told(unpack([tmp_path / "in"], tmp_path / "room"))

    assert {} == files
    assert ["file-link", "file-link", "delivery-empty"] == [code for code, *_ in findings]
    assert ["more", "users.csv", None] == [file for _, file, *_ in findings]


def test_a_name_that_is_no_utf8_is_told_legibly(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / os.fsdecode(b"usu\xe1rios.csv")).write_bytes(USERS)
    files, findings = told(unpack([tmp_path / "in"], tmp_path / "room"))

    name = "usu\N{REPLACEMENT CHARACTER}rios.csv"
    assert ("file-unreadable", name, None, "its name is not UTF-8") == findings[0]
    assert {} == files


def test_a_path_that_is_not_there_is_the_callers_mistake(tmp_path):
    with pytest.raises(UsageError, match="no file or folder"):
        unpack([tmp_path / "nowhere"], tmp_path / "room")


def test_a_folder_without_csv_files_is_an_empty_delivery(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_bytes(b"")

    assert ["file-ignored", "delivery-empty"] == [
        finding.code for finding in unpack([tmp_path / "in"], tmp_path / "room").findings
    ]


def test_delivered_files_keep_their_names_wherever_they_lie(tmp_path):
    (tmp_path / "blob1").write_bytes(USERS)
    (tmp_path / "blob2").write_bytes(a_zip({"terms.csv": b"term_id,name\n"}))
    given = [("sis/users.csv", tmp_path / "blob1"), ("more.zip", tmp_path / "blob2")]
    files, findings = told(unpack_named([*given, (".hidden.csv", tmp_path)], tmp_path / "room"))

    assert {"more.zip/terms.csv": b"term_id,name\n", "sis/users.csv": USERS} == files
    assert [] == findings
