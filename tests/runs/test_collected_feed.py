"""A feed from somebody else's OpenSSH server, by a real `serve`: from their folder into Canvas and back."""

import json

import pytest

from openssh import openssh
from rosterway.store import deliveries
from runs.installation import Tenant
from runs.pulling import in_force, live, loaded, told
from runs.rosters import district

pytestmark = pytest.mark.peer("sshd")


@pytest.fixture
def sshd(tmp_path):
    (tmp_path / "sshd").mkdir()
    with openssh(tmp_path / "sshd") as server:
        yield server


async def test_their_files_reach_canvas_and_receipts_reach_them(
    installations, canvas, sshd, tmp_path
):
    there = tmp_path / "theirs"
    connection = [
        'kind = "sftp"',
        'host = "127.0.0.1"',
        f"port = {sshd.port}",
        f'user = "{sshd.user}"',
        f'key = {{ file = "{sshd.home / "client"}" }}',
        f'folder = "{there}"',
        'after = "move"',
        'results = "results"',
    ]
    feed = {"from": "theirs", "folder": "diffing", "settle": "0s"}
    house = installations(
        lincoln=Tenant(canvas.url, {"nightly": feed}, connections={"theirs": connection})
    )
    await house.start()
    files = district()
    files.write(there / "diffing")

    refused = await house.run("feed", "run", "nightly", "--wait")
    assert refused.code == 1
    assert "rosterway connection trust theirs" in refused.out
    fingerprint = sshd.shown.split()[1]
    trusted = await house.run("connection", "trust", "theirs", "--fingerprint", fingerprint)
    assert trusted.code == 0, trusted.err
    run = await loaded(house)

    shown = await told(house, "run", "show", run.id)
    assert [stage["stage"] for stage in shown["stages"]][:2] == ["collecting", "reading"]
    assert not any(stage["interrupted"] for stage in shown["stages"])
    (delivery,) = deliveries.of_feed(house.tenant(), "nightly")
    receipt = there / "results" / delivery.id / "receipt.json"
    assert json.loads(receipt.read_text())["outcome"] == "delivered"
    assert list((there / "diffing").iterdir()) == []
    assert len(list((there / "taken" / delivery.id).iterdir())) == len(delivery.files)
    assert await live(canvas) == in_force(files)
