"""OneRoster CSV bundles by command: checked, translated, a delta over its bulk, and explained."""

import csv
import json
import shutil
import zipfile
from datetime import UTC, datetime

import pytest

from cli.terminal import rosterway
from rosterway.sandbox.district import make_district
from rosterway.sandbox.sis.bundle.packing import write_bundle
from rosterway.sandbox.sis.holding.held import Held
from rosterway.sandbox.sis.holding.records import collect, district_records
from rosterway.sandbox.sis.model.nouns import COLLECTIONS
from rosterway.sandbox.sis.provider import Nights

POLICY = '[years]\ntake = "all"\n'
MONDAY, TUESDAY = (datetime(2026, 11, day, 2, tzinfo=UTC) for day in (23, 24))


@pytest.fixture(scope="module")
def district():
    return make_district(students=60, seed=11)


def records_of(district):
    """A roster as a SIS holds it."""
    return {noun: {} for noun in COLLECTIONS} | collect(district_records(district))


def translated(folder, bundle, *words):
    """The Canvas files that are made of a bundle, as sets of rows."""
    policy = folder / "policy.toml"
    policy.write_text(POLICY)
    out = folder / f"canvas-{len(list(folder.iterdir()))}"
    done = rosterway(
        *("translate", bundle, "--out", out, "--policy", policy, "--at", "2026-11-24"), *words
    )
    assert out.exists(), done.out + done.err
    return {path.stem: rows_of(path) for path in sorted(out.glob("*.csv"))}


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return {tuple(sorted(row.items())) for row in csv.DictReader(file)}


def test_every_version_of_the_binding_makes_the_same_canvas_roster(district, tmp_path):
    made = {}
    for version in ("1.1", "1.2", "1.2.1"):
        bundle = tmp_path / f"bundle-{version}.zip"
        write_bundle(records_of(district), bundle, version)
        made[version] = translated(tmp_path, bundle)

    assert made["1.2"]["enrollments"]
    assert made["1.1"] == made["1.2"] == made["1.2.1"]


def test_a_delta_over_its_bulk_is_the_bulk_of_the_next_delivery(district, tmp_path):
    source = Nights(district, "busy")
    held = Held(source(1), MONDAY)
    empty = {noun: {} for noun in COLLECTIONS}
    write_bundle(empty | held.records, tmp_path / "before", "1.2.1")
    held.become(source(3), TUESDAY)
    since = MONDAY.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    sizes = write_bundle(empty | held.records, tmp_path / "changes", "1.2.1", since=since)
    write_bundle(empty | held.records, tmp_path / "after", "1.2.1")

    over = translated(tmp_path, tmp_path / "changes", "--onto", tmp_path / "before")
    whole = translated(tmp_path, tmp_path / "after")

    assert 0 < sizes["enrollments.csv"] < len(whole["enrollments"])
    assert in_force(over) == in_force(whole)
    gone = {dict(row)["status"] for row in over["enrollments"] - whole["enrollments"]}
    assert gone == {"deleted"}


def in_force(made):
    """A delta names what is gone, a bulk file leaves it out."""
    return {
        table: {row for row in rows if dict(row).get("status") != "deleted"}
        for table, rows in made.items()
    }


def test_a_delta_alone_says_that_it_is_not_all(district, tmp_path):
    records = {
        noun: {
            key: one | {"dateLastModified": "2026-11-24T02:00:00.000Z"} for key, one in held.items()
        }
        for noun, held in records_of(district).items()
    }
    write_bundle(records, tmp_path / "delta", "1.2.1", since="2026-11-23T02:00:00.000Z")
    done = rosterway("translate", tmp_path / "delta", "--out", tmp_path / "out", "--format", "json")

    assert not done.json["complete"]
    assert "delta-alone" in {each["code"] for each in done.json["problems"]}


@pytest.fixture
def bundle(district, tmp_path):
    """A sound bundle in a folder, to be spoilt."""
    write_bundle(records_of(district), tmp_path / "bundle", "1.2.1")
    return tmp_path / "bundle"


def check(bundle):
    return rosterway("check", bundle, "--format", "json")


def test_a_bundle_is_told_from_canvas_files_and_checked(bundle):
    done = check(bundle)

    assert (done.code, done.json["kind"], done.json["counts"]["error"]) == (0, "oneroster-csv", 0)
    assert done.json["deviations"] == []
    files = {path.stem for path in bundle.iterdir()} - {"manifest"}
    assert files == done.json["tables"].keys()
    assert done.json["tables"]["users"]["files"] == ["users.csv"]
    assert done.json["tables"]["users"]["rows"] > 60


def test_a_zip_is_checked_as_its_folder_is(bundle, tmp_path):
    packed = tmp_path / "bundle.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in bundle.iterdir():
            archive.write(path, path.name)

    assert check(packed).json == check(bundle).json


def replace(name, old, new):
    def spoil(bundle):
        path = bundle / name
        text = path.read_bytes().decode()
        assert old in text
        path.write_bytes(text.replace(old, new, 1).encode())

    return spoil


def in_last_row(name, column, value):
    """Write something else into a cell of the last row."""

    def spoil(bundle):
        with (bundle / name).open(newline="", encoding="utf-8") as file:
            header, *rows, last = csv.reader(file)
        last[header.index(column)] = value
        with (bundle / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows, last])

    return spoil


def add(name, text):
    return lambda bundle: (bundle / name).write_text(text)


def empty(name):
    return lambda bundle: (bundle / name).write_bytes(b"")


def remove(name):
    return lambda bundle: (bundle / name).unlink()


@pytest.mark.parametrize(
    ("spoil", "code", "named"),
    [
        (
            replace("manifest.csv", "oneroster.version,1.2", "oneroster.version,2"),
            "manifest-version",
            "2",
        ),
        (replace("manifest.csv", "propertyName,value", "a,b"), "manifest-unreadable", ""),
        (replace("manifest.csv", "file.users,bulk", "file.users,some"), "manifest-row", "some"),
        (
            replace("manifest.csv", "file.users,bulk", "file.users,absent"),
            "file-not-promised",
            "users.csv",
        ),
        (remove("courses.csv"), "file-not-sent", "courses.csv"),
        (empty("courses.csv"), "file-empty", "courses.csv"),
        (add("grades.csv", "a,b\n"), "file-of-other-version", "grades.csv"),
        (replace("orgs.csv", "sourcedId,", "id,"), "file-without-id", "orgs.csv"),
        (in_last_row("orgs.csv", "sourcedId", ""), "record-without-id", "orgs.csv"),
        (in_last_row("enrollments.csv", "role", "captain"), "word-unknown", "captain"),
        (in_last_row("enrollments.csv", "userSourcedId", ""), "value-missing", "enrollments.csv"),
        (in_last_row("enrollments.csv", "userSourcedId", "nobody"), "reference-unknown", "nobody"),
        (in_last_row("academicSessions.csv", "startDate", "soon"), "value-unreadable", "soon"),
    ],
)
def test_what_is_wrong_in_a_bundle_is_named(bundle, spoil, code, named):
    spoil(bundle)
    done = check(bundle)
    found = [each for each in done.json["problems"] if each["code"] == code]

    assert found, done.out
    assert named in json.dumps(found)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (in_last_row("orgs.csv", "type", "District"), "letter-case"),
        (in_last_row("academicSessions.csv", "startDate", "2026/08/17"), "date-form"),
        (in_last_row("users.csv", "status", "active"), "bulk-with-status"),
        (replace("orgs.csv", ",identifier", ",Identifier"), "columns-case"),
        (replace("orgs.csv", ",identifier", ",colour"), "columns-unknown"),
    ],
)
def test_what_can_only_mean_one_thing_is_a_deviation_and_no_error(bundle, spoil, code):
    spoil(bundle)
    done = check(bundle)

    assert done.code == 0, done.out
    assert code in {each["code"] for each in done.json["deviations"]}


def test_a_bundle_in_a_folder_of_its_zip_is_read_and_told(bundle, tmp_path):
    outer = tmp_path / "outer"
    shutil.move(bundle, outer / "roster")
    done = check(outer)

    assert done.code == 0
    assert "file-in-folder" in {each["code"] for each in done.json["deviations"]}


def test_a_bundle_of_which_a_file_is_missing_is_not_complete(bundle, tmp_path):
    remove("courses.csv")(bundle)
    done = rosterway("translate", bundle, "--out", tmp_path / "out", "--format", "json")

    assert not done.json["complete"]


def test_any_record_is_explained_cell_by_cell(bundle, tmp_path):
    with (bundle / "enrollments.csv").open(newline="", encoding="utf-8") as file:
        record = next(csv.DictReader(file))
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    words = ("translate", bundle, "--policy", policy, "--format", "json", "--explain")
    done = rosterway(*words, record["sourcedId"])
    [row] = done.json["rows"]
    cells = {cell["column"]: cell for cell in row["cells"]}

    assert (done.code, row["table"]) == (0, "enrollments")
    assert cells["section_id"]["value"] == record["classSourcedId"]
    assert cells["user_id"]["rule"] == "id-of-user"
    assert cells["user_id"]["read"] == {"user.sourcedId": record["userSourcedId"]}
    assert rosterway(*words, "nobody").code == 2
