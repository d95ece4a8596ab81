"""`rosterway doctor canvas`: each right of the token's, what a missing one is for, and who grants it."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from cli.terminal import rosterway
from rosterway.sandbox.canvas.instance import RIGHTS
from rosterway.sandbox.canvas.server import running

pytestmark = pytest.mark.asyncio(loop_scope="module")

TENANT = """\
[tenant.{name}]
name = "{name}"
time_zone = "America/Denver"
[tenant.{name}.canvas]
url = "{url}"
token = {{ env = "CANVAS_TOKEN" }}
account = "1"
environment = "sandbox"
[tenant.{name}.connection.sis]
version = "1.2"
rostering_url = "http://127.0.0.1:9/rostering"
auth = {{ method = "bearer", token = {{ env = "CANVAS_TOKEN" }} }}
"""
FEED = """\
[tenant.lincoln.feed.nightly]
from = "gateway"
folder = "diffing"
"""
GRADES = """\
[tenant.lincoln.grades]
connection = "sis"
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory):
    async with running(tmp_path_factory.mktemp("canvas")) as made:
        yield made


@pytest.fixture
def look(sandbox, tmp_path):
    """Runs the doctor with a token of these rights, on a configuration with these parts."""

    async def looking(*words, rights=RIGHTS, more=GRADES, tenants=("lincoln",), token="") -> Any:
        file = tmp_path / "rosterway.toml"
        made = [TENANT.format(name=name, url=sandbox.url) for name in tenants]
        file.write_text("".join([*made, more]))
        token = token or sandbox.instance.office.new_token(1, rights)
        return await asyncio.to_thread(
            rosterway, "doctor", "canvas", "--config", file, *words, CANVAS_TOKEN=token
        )

    return looking


def findings(done):
    return {one["name"]: one for one in done.json["grades"]}


async def test_a_token_with_every_right_can_be_used(look):
    done = await look("--format", "json", more=FEED + GRADES)

    assert done.code == 0, done.err
    assert done.json.keys() == {"tenant", "canvas", "usable", "rosters", "grades"}
    assert done.json["usable"]
    assert {one["ok"] for one in (*done.json["rosters"], *done.json["grades"])} == {True, False}
    assert ["encryption"] == [one["name"] for one in done.json["rosters"] if not one["ok"]]


async def test_a_missing_right_is_told_with_what_it_is_for_and_who_grants_it(look):
    rights = [one for one in RIGHTS if one not in {"view_all_grades", "manage_sis"}]
    done = await look("--format", "json", rights=rights)
    words = await look(rights=rights)

    assert done.code == words.code == 1
    grades, marks = findings(done)["right-to-grades"], findings(done)["right-to-integration-data"]
    assert (grades["ok"], grades["says"]) == (
        False,
        "The token's user may not read assignments and grades.",
    )
    assert grades["remedy"] == (
        "An admin of Canvas gives the token's user a role with the right"
        " view_all_grades (“Grades - view all grades”) on the root account."
    )
    assert marks["ok"] is None
    assert "Syncs work without it" in marks["says"]
    line = next(line for line in words.out.splitlines() if line.startswith("right-to-grades"))
    assert "missing" in line
    assert "An admin of Canvas gives" in line
    assert words.out.splitlines()[-1] == "CANNOT BE USED"


async def test_what_is_not_set_up_is_not_asked_for(look):
    """No feeds, no grades: nobody needs a right for them."""
    done = await look("--format", "json", rights=["read_sis"], more="")

    assert done.json["grades"] == []
    assert not {"right-to-sis-imports", "sis-imports-enabled"} & {
        one["name"] for one in done.json["rosters"]
    }


async def test_a_token_canvas_does_not_know_is_told_and_nothing_else_is_asked(look):
    done = await look("--format", "json", token="nobody~knows")

    assert done.code == 1
    assert done.json["grades"] == []
    (token,) = [one for one in done.json["rosters"] if one["name"] == "token"]
    assert token["ok"] is False
    assert "nobody~knows" not in done.out + done.err


async def test_of_several_tenants_one_is_named(look):
    unnamed = await look("--format", "json", tenants=("lincoln", "monroe"))
    named = await look("--format", "json", "--tenant", "monroe", tenants=("lincoln", "monroe"))
    unknown = await look("--format", "json", "--tenant", "adams")

    assert (unnamed.code, unnamed.json["error"]["message"]) == (
        2,
        "The file has 2 tenants: lincoln, monroe.",
    )
    assert named.json["tenant"] == "monroe"
    assert unknown.json["error"]["remedy"] == "It has lincoln."
