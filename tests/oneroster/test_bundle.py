"""A pull as a OneRoster CSV bundle, beside the bundle that the sandbox SIS itself exports."""

import csv
import hashlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneroster_provider import Provider, org
from oneroster_pulls import bearer, pulled
from oneroster_servers import Pauses
from rosterway.formats.oneroster.endpoints import ENDPOINTS
from rosterway.formats.oneroster.field import Kind
from rosterway.formats.oneroster.tables import BY_NAME
from rosterway.oneroster.address import root_of
from rosterway.oneroster.asking import Asked, Source
from rosterway.oneroster.auth import Bearer
from rosterway.oneroster.bundle import write_bundle
from rosterway.oneroster.outcome import Outcome
from rosterway.oneroster.paging import Reason, proof
from rosterway.oneroster.patience import Surroundings
from rosterway.oneroster.pull import pull
from rosterway.oneroster.pulled import Pulled
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


# -- the same bytes as one row after the other ------------------------------------------------

TEXT = st.text(st.sampled_from('ab,"\n\r\x0b\u2028\xe9 {}[]:'), max_size=8)
LISTED = st.one_of(st.just(""), st.lists(TEXT, min_size=1, max_size=3).map(json.dumps))
PAIRED = st.one_of(
    st.just(""),
    st.lists(
        st.fixed_dictionaries({}, optional={"type": TEXT, "identifier": TEXT}),
        min_size=1,
        max_size=2,
    ).map(json.dumps),
)
CELL = {Kind.TEXTS: LISTED, Kind.REFS: LISTED, Kind.PAIRS: PAIRED}
STATUS = st.sampled_from(["active", "tobedeleted"])


@st.composite
def staged(draw, table):
    """Rows of a staged table, their ids in order."""
    cells = {
        column.name: CELL.get(column.kind, TEXT)
        for column in table.columns
        if column.name in table.staged
    }
    row = st.fixed_dictionaries({**cells, "status": STATUS, "metadata": TEXT, "_at": TEXT})
    found = draw(st.lists(row, max_size=4))
    for number, each in enumerate(found):
        each["sourcedId"] = f"id,{number}"
    return found


@st.composite
def rosters(draw):
    """Staged tables of every shape; each user has some roles, perhaps the same one twice."""
    tables = {name: draw(staged(BY_NAME[name])) for name in ("orgs", "classes", "users")}
    tables["roles"] = []
    for user in tables["users"]:
        for role in draw(staged(BY_NAME["roles"])):
            twice = [{**role, "sourcedId": "", "status": "", "userSourcedId": user["sourcedId"]}]
            tables["roles"] += twice * draw(st.integers(1, 2))
    return tables


def put_staged(folder, tables):
    for name, found in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, BY_NAME[name].staged, quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(found)


def brought(folder, reason, *endpoints):
    """A pull of some endpoints that ended for a reason."""
    return Pulled(
        folder=folder,
        outcomes=tuple(
            Outcome(endpoint=name, school=None, path=ENDPOINTS[name].path, proof=proof(reason))
            for name in endpoints
        ),
        since=None,
        began=datetime(2026, 8, 17, tzinfo=UTC),
        requests=0,
        seconds=0.0,
        is_resumable=False,
    )


def as_a_cell(kind, cell):
    if cell and kind in {Kind.TEXTS, Kind.REFS}:
        cell = ",".join(part.replace(",", " ") for part in json.loads(cell))
    if cell and kind is Kind.PAIRS:
        pairs = (f"{p.get('type', '')}:{p.get('identifier', '')}" for p in json.loads(cell))
        cell = ",".join(f"{{{pair.replace(',', ' ')}}}" for pair in pairs)
    return " ".join(cell.splitlines())


def roles_of(tables):
    users = {user["sourcedId"]: user for user in tables["users"]}
    made = set()
    for role in tables["roles"]:
        names = ("userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId")
        said = json.dumps([role[name] for name in names])
        key = hashlib.sha256(said.encode()).hexdigest()[:32]
        if key not in made:
            made.add(key)
            user = users[role["userSourcedId"]]
            known = {name: user[name] for name in ("status", "dateLastModified")}
            yield {**role, "sourcedId": key, **known, "userProfileSourcedId": ""}


def row_by_row(tables, name, version, *, is_bulk):
    """What `csv.writer` writes, or None for no row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = BY_NAME[name].columns_in(version)
    writer.writerow([column.name for column in columns])
    count = 0
    for row in roles_of(tables) if name == "roles" else tables[name]:
        if is_bulk and row["status"] == "tobedeleted":
            continue
        blank = {"status", "dateLastModified"} if is_bulk else set()
        writer.writerow(
            "" if column.name in blank else as_a_cell(column.kind, row.get(column.name, ""))
            for column in columns
        )
        count += 1
    return text.getvalue().encode() if count else None


@settings(max_examples=80, deadline=None)
@given(rosters(), st.sampled_from(list(Version)), st.booleans())
def test_a_file_has_the_bytes_of_one_row_written_after_the_other(
    tmp_path_factory, tables, version, is_bulk
):
    folder, out = tmp_path_factory.mktemp("staged"), tmp_path_factory.mktemp("out")
    put_staged(folder, tables)
    reason = Reason.PROVEN if is_bulk else Reason.CHANGED
    found = brought(folder, reason, "getAllOrgs", "getAllClasses", "getAllUsers")
    write_bundle(found, version, out)
    for name in tables:
        if not BY_NAME[name].exists_in(version):
            continue
        expected = row_by_row(tables, name, version, is_bulk=is_bulk)
        file = out / f"{name}.csv"
        assert expected == (file.read_bytes() if file.exists() else None), name


@pytest.mark.parametrize("count", [511, 512, 513, 1025])
def test_no_row_is_lost_between_blocks(tmp_path, count):
    schools = [
        {"sourcedId": f"o-{number}", "status": "active", "name": f"School, {number}"}
        for number in range(count)
    ]
    (tmp_path / "out").mkdir()
    put_staged(tmp_path, {"orgs": schools})
    found = brought(tmp_path, Reason.PROVEN, "getAllOrgs")
    written = write_bundle(found, Version.V1P2, tmp_path / "out")
    assert {"orgs.csv": count} == written
    names = [row["name"] for row in rows(tmp_path / "out", "orgs")]
    assert [f"School, {number}" for number in range(count)] == names


# -- what is not whole, or not in use ---------------------------------------------------------


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
