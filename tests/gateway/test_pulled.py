"""What `pull.json` beside delivered files says of them: nobody takes for gone what was not read."""

import json
import zipfile

import pytest

from cli.terminal import rosterway
from rosterway.gateway.unpack import unpack, unpack_named

WHOLE = {"complete": True, "why": [], "since": None, "held": [], "problems": []}
USERS = "user_id,login_id,status\nu1,a,active\n"


def pulled(folder, said):
    folder.mkdir()
    (folder / "users.csv").write_text(USERS)
    (folder / "pull.json").write_text(said if isinstance(said, str) else json.dumps(said))
    return folder


SAYS = [
    (WHOLE, None),
    ({**WHOLE, "complete": False, "why": ["/users: it is"]}, "/users: it is"),
    ({**WHOLE, "complete": False, "why": ["a", "b", "c"]}, "a (and 2 more)"),
    ({**WHOLE, "since": "2026-01-01"}, "only what was changed after 2026-01-01 was asked for"),
    ({**WHOLE, "held": ["users"]}, "rows are held back in users; the problems name them"),
    ("{", "its pull.json cannot be read"),
    ({"why": []}, "its pull.json cannot be read"),
]


@pytest.mark.parametrize(("said", "unproven"), SAYS)
@pytest.mark.parametrize("way", ["folder", "zip", "named"])
def test_a_pull_says_whether_it_is_proven_however_it_comes(tmp_path, way, said, unproven):
    folder = pulled(tmp_path / "out", said)
    files = sorted(folder.iterdir())
    if way == "zip":
        with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
            for file in files:
                archive.write(file, file.name)
        found = unpack([tmp_path / "out.zip"], tmp_path / "work")
    elif way == "named":
        found = unpack_named([(file.name, file) for file in files], tmp_path / "work")
    else:
        found = unpack([folder], tmp_path / "work")

    assert found.unproven == unproven
    assert [file.name for file in found.files] == ["users.csv"]
    assert found.findings == ()


def test_a_plan_of_an_unproven_pull_removes_nothing(tmp_path):
    before = tmp_path / "before"
    before.mkdir()
    (before / "users.csv").write_text(USERS + "u2,b,active\n")
    unproven = pulled(tmp_path / "unproven", SAYS[1][0])
    proven = pulled(tmp_path / "proven", WHOLE)

    def removals(current):
        done = rosterway("plan", current, "--baseline", before, "--format", "json")
        return done.json["removals"].get("users", 0)

    assert (removals(unproven), removals(proven)) == (0, 1)
