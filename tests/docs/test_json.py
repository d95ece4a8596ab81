"""docs/check-and-plan.md tells every member of the JSON that `check` and `plan` print."""

from collections.abc import Iterator

import pytest

from cli.terminal import rosterway
from docs.pages import code_of, page
from rosterway.formats.canvas_csv.tables import BY_NAME

#: A user without a login, so that there is a problem; without a baseline the plan holds.
USERS = "user_id,login_id,full_name,status\nU1,ada,Ada,active\nU2,,Ben,active\n"


def members(value: object) -> Iterator[str]:
    """The names of all members, at any depth; tables are values where they are names."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in BY_NAME:
                yield name
            yield from members(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner)


@pytest.mark.parametrize("command", ["check", "plan"])
def test_every_member_is_told(command, tmp_path):
    (tmp_path / "users.csv").write_text(USERS)
    told = set(code_of(page("docs/check-and-plan.md").section("JSON")))

    done = rosterway(command, tmp_path, "--format", "json")

    assert done.json["problems"]
    assert command == "check" or (done.json["holds"] and done.json["imports"])
    assert set(members(done.json)) - {"error", "warning", "repair"} <= told


def test_a_failure_is_told_as_it_is_printed(tmp_path):
    done = rosterway("check", tmp_path / "nothing", "--format", "json")
    shown = next(
        word
        for word in code_of(page("docs/check-and-plan.md").section("JSON"))
        if word.startswith("{")
    )

    assert set(members(done.json)) == {word.strip('{" ') for word in shown.split('"')[1::2]}
