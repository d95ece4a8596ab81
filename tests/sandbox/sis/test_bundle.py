"""The roster as CSV bundles, to the letter of each binding."""

import csv
import io
import zipfile

import pytest

from rosterway.sandbox.district import make_district
from rosterway.sandbox.sis.bundle.columns import columns
from rosterway.sandbox.sis.bundle.packing import write_oneroster
from rosterway.sandbox.sis.trouble import SisUsageError

MINIMUM = {"academicSessions", "classes", "courses", "enrollments", "orgs", "users"}


async def bundle(sis, **query):
    async with sis.session.get(f"{sis.sis.url}/sandbox/csv", params=query) as response:
        assert response.status == 200, await response.text()
        data = await response.read()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            name.removesuffix(".csv"): list(
                csv.DictReader(io.StringIO(archive.read(name).decode()))
            )
            for name in archive.namelist()
        }


def manifest(files):
    return {row["propertyName"]: row["value"] for row in files["manifest"]}


@pytest.mark.parametrize(
    ("version", "files", "value"), [("1.1", 13, "1.1"), ("1.2", 21, "1.2"), ("1.2.1", 21, "1.2")]
)
async def test_the_manifest_names_every_file_of_the_version(sis, version, files, value):
    found = await bundle(sis, version=version)
    said = manifest(found)
    modes = {name.removeprefix("file."): mode for name, mode in said.items() if "file." in name}
    assert ("1.0", value, files) == (
        said["manifest.version"],
        said["oneroster.version"],
        len(modes),
    )
    assert {name for name, mode in modes.items() if mode == "bulk"} == found.keys() - {"manifest"}
    assert MINIMUM | ({"roles"} if version != "1.1" else set()) <= found.keys()


def test_columns_differ_as_the_reference_says():
    old, new, corrected = (columns(version)["users"] for version in ("1.1", "1.2", "1.2.1"))
    assert ("enabledUser", "orgSourcedIds", "role", "username") == old[3:7]
    assert {"orgSourcedIds", "role"} == {*old} - {*new}
    assert ["resourceSourcedIds"] == [name for name in new if name not in corrected]
    assert "schoolSourcedId" == columns("1.2")["lineItems"][-1]
    assert "gradingPeriodSourcedId" in columns("1.1")["lineItems"]
    assert "roles" not in columns("1.1")


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.2.1"])
async def test_a_bulk_bundle_holds_the_living_with_blank_status_and_date(sis, version):
    found = await bundle(sis, version=version)
    for name in MINIMUM:
        living = {r["sourcedId"] for r in await sis.truth(name) if r["status"] == "active"}
        assert living == {row["sourcedId"] for row in found[name]}
    for name, rows in found.items():
        if name != "manifest":
            assert {("", "")} == {(row["status"], row["dateLastModified"]) for row in rows}
            assert rows
            assert columns(version)[name] == tuple(rows[0])


async def test_cells_are_written_as_the_binding_has_them(sis):
    old, new = [await bundle(sis, version=version) for version in ("1.1", "1.2.1")]
    told = {row["sourcedId"]: row for row in await sis.truth("users")}
    for row in old["users"]:
        person = told[row["sourcedId"]]
        orgs = [role["org"]["sourcedId"] for role in person["roles"]]
        assert (",".join(orgs), person["enabledUser"]) == (row["orgSourcedIds"], row["enabledUser"])
        assert f"{{SIS:{row['sourcedId']}}}" == row["userIds"]
        agents = [agent["sourcedId"] for agent in person.get("agents", [])]
        assert ",".join(agents) == row["agentSourcedIds"]
    assert sum(len(told[r["sourcedId"]]["roles"]) for r in new["users"]) == len(new["roles"])
    sessions = {row["sourcedId"] for row in new["academicSessions"]}
    for row in new["classes"]:
        assert set(row["termSourcedIds"].split(",")) <= sessions
    assert {"true", "false", ""} >= {row["primary"] for row in new["enrollments"]}
    assert {"20", "30", "40", "10"} == {row["weight"] for row in new["categories"]}
    assert (
        "{A:90-100},{B:80-89},{C:70-79},{D:60-69},{F:0-59}"
        == new["scoreScales"][0]["scoreScaleValue"]
    )


async def test_a_delta_holds_what_changed_with_status_and_date(sis):
    since = "2026-11-23T12:00:00.000Z"
    sis.watch.wait(days=1)
    await sis.control("PUT", "day", {"nights": 1})
    found = await bundle(sis, version="1.2.1", since=since)
    said = manifest(found)
    assert ("delta", "absent") == (said["file.enrollments"], said["file.orgs"])
    changed = {
        r["sourcedId"]: r for r in await sis.truth("enrollments") if r["dateLastModified"] > since
    }
    assert {key: row["status"] for key, row in changed.items()} == {
        row["sourcedId"]: row["status"] for row in found["enrollments"]
    }
    assert {"2026-11-24T12:00:00.000Z"} == {row["dateLastModified"] for row in found["enrollments"]}


async def test_without_changes_the_manifest_is_alone(sis):
    found = await bundle(sis, version="1.1", since="2026-11-23T12:00:00.000Z")
    assert ["manifest"] == list(found)
    assert "bulk" not in manifest(found).values()


def test_a_district_is_written_to_a_folder_or_a_zip(tmp_path):
    district = make_district(students=60, seed=1)
    counts = write_oneroster(district, tmp_path / "folder", version="1.1")
    assert {f.name for f in (tmp_path / "folder").iterdir()} == counts.keys()
    write_oneroster(district, tmp_path / "bundle.zip", version="1.1")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        assert archive.namelist() == list(counts)
        for name in counts:
            assert archive.read(name) == (tmp_path / "folder" / name).read_bytes()
    with pytest.raises(SisUsageError, match="versions are"):
        write_oneroster(district, tmp_path / "x", version="1.3")
