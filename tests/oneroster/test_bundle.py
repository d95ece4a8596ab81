"""A pull as a OneRoster CSV bundle, beside the bundle that the sandbox SIS itself exports."""

import csv
from pathlib import Path

import pytest

from oneroster_provider import Provider, org
from oneroster_pulls import bearer, pulled
from oneroster_servers import Pauses
from rosterway.oneroster.address import root_of
from rosterway.oneroster.asking import Asked, Source
from rosterway.oneroster.auth import Bearer
from rosterway.oneroster.bundle import write_bundle
from rosterway.oneroster.client import Surroundings
from rosterway.oneroster.pull import pull
from rosterway.sandbox.sis.bundle.packing import write_bundle as write_theirs
from rosterway.sandbox.sis.server import start_sis
from rosterway.settings.shape import Version

SIX = ("academicSessions", "classes", "courses", "enrollments", "orgs", "users")


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def manifest(folder: Path) -> dict[str, str]:
    return {row["propertyName"]: row["value"] for row in rows(folder, "manifest")}


def keyed(found, *, without):
    """Rows by all their cells but some."""
    return sorted(
        tuple((name, cell) for name, cell in row.items() if name not in without) for row in found
    )


@pytest.mark.parametrize("version", Version)
async def test_a_bundle_of_a_pull_is_the_bundle_the_provider_exports(tmp_path, version):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    async with start_sis(students=30, day=4) as sis:
        found = await pulled(sis, tmp_path / "pull", version=version)
        write_theirs(sis.provider.records(), theirs, version.value)
    written = write_bundle(found, version, ours)
    tables = (*SIX, *(["roles"] if version is Version.V1P2 else []))
    assert {f"{name}.csv" for name in tables} == set(written)
    said, expected = manifest(ours), manifest(theirs)
    for name in tables:
        assert "bulk" == said[f"file.{name}"]
        mine, others = rows(ours, name), rows(theirs, name)
        assert list(others[0]) == [*mine[0], *(n for n in others[0] if n.startswith("metadata."))]
        # Roles have no ids in JSON, and profiles are not written.
        left_out = {"userProfileSourcedId", "password", *(["sourcedId"] * (name == "roles"))}
        left_out |= {column for column in others[0] if column.startswith("metadata.")}
        assert keyed(others, without=left_out) == keyed(mine, without=left_out), name
        assert len(mine) == len({row["sourcedId"] for row in mine})
    assert {name for name in expected if name.startswith("file.")} == {
        name for name in said if name.startswith("file.")
    }
    assert ("1.0", version.value) == (said["manifest.version"], said["oneroster.version"])


async def test_what_is_not_proven_is_written_as_delta_so_that_nobody_takes_it_for_all(
    serve, tmp_path
):
    provider = Provider(
        {"/orgs": [org(1), org(2, status="tobedeleted"), {"name": "?"}]},
    )
    source = Source(
        root=root_of(await serve(provider), Version.V1P1),
        version=Version.V1P1,
        auth=Bearer(token="t"),
    )
    world = Surroundings(pause=Pauses(), jitter=lambda: 1.0)
    asked = Asked(exclude=("academicSessions", "courses", "classes", "users", "enrollments"))
    found = await pull(source, asked, tmp_path / "pull", surroundings=world)
    (tmp_path / "out").mkdir()
    assert {"orgs.csv": 2} == write_bundle(found, Version.V1P1, tmp_path / "out")
    said = manifest(tmp_path / "out")
    assert ("delta", "absent") == (said["file.orgs"], said["file.users"])
    statuses = [row["status"] for row in rows(tmp_path / "out", "orgs")]
    assert ["active", "tobedeleted"] == statuses
    assert {"manifest.csv", "orgs.csv"} == {path.name for path in (tmp_path / "out").iterdir()}


async def test_what_is_to_be_deleted_is_left_out_of_a_bulk_file(tmp_path):
    async with start_sis(students=30, day=4) as sis:
        found = await pulled(sis, tmp_path / "pull", auth=bearer(sis))
        (tmp_path / "out").mkdir()
        written = write_bundle(found, Version.V1P1, tmp_path / "out")
    kept = rows(tmp_path / "out", "enrollments")
    assert written["enrollments.csv"] == len(kept) < found.collections["enrollments"].records
    assert {("", "")} == {(row["status"], row["dateLastModified"]) for row in kept}
