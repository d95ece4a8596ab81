"""`rosterway grade-export` on a home that is served."""

import pytest

from cli.test_feed import json_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_grade_export_is_made_now_listed_and_in_the_folder_that_sftp_shows(house):
    config = ("--config", str(house.config))
    made = await json_of(house, "grade-export", "run", "registrar", "--wait", *config)
    (listed,) = await json_of(house, "grade-export", "list", *config)
    folder = house.home / "tenants" / "lincoln" / "tree" / "grade-export"

    assert made["outcome"] == "delivered"
    assert listed == {
        "grade_export": "registrar",
        "schedule": None,
        "files": ["registrar.csv"],
        "last_run": made["run"],
        "last_outcome": "delivered",
        "last_at": listed["last_at"],
        "reason": "",
    }
    there = {file.name for file in folder.iterdir()}
    assert there == {"registrar.csv", "registrar-to-check.csv", "registrar.txt"}


async def test_an_export_that_nobody_named_is_told_with_those_there_are(house):
    done = await house.run("grade-export", "run", "nobodys", "--config", str(house.config))
    assert done.code == 1
    assert "names no grade export nobodys" in done.err
    assert "It names: registrar." in done.err
