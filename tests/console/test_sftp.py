"""SFTP accounts in the console: who changes them, and that a password is shown once."""

import asyncssh

from console.house import found_in, post, text_of
from rosterway.settings import parse
from rosterway.store import audit, configuration, sftp_accounts

PAGE = "/t/lincoln/sftp"


def a_key():
    made = asyncssh.generate_private_key("ssh-ed25519", comment="sis")
    return made.export_public_key().decode().strip()


async def test_an_account_is_made_with_a_password_that_is_shown_once(house, admin):
    made = await post(admin, PAGE, login="sis", allow="10.0.0.0/8 192.0.2.0/24")

    shown = found_in(r'data-copy="([^"]+)"', made.text)
    assert 200 == made.status_code
    assert "no-store" == made.headers["cache-control"]
    kept = sftp_accounts.get(house.lincoln, "sis")
    assert ("admin", ("10.0.0.0/8", "192.0.2.0/24")) == (kept.added_by, kept.allow)
    assert shown not in (await admin.get(PAGE)).text
    another = found_in(
        r'data-copy="([^"]+)"', (await post(admin, f"{PAGE}/password", login="sis")).text
    )
    assert shown != another


async def test_keys_networks_and_accounts_come_and_go(house, admin):
    key = a_key()
    for path, form in (
        ("", {"key": key}),
        ("/keys", {"key": a_key()}),
        ("/keys/remove", {"key": sftp_accounts.fingerprint(key)}),
        ("/allow", {"networks": "10.0.0.0/8"}),
        ("/password/drop", {}),
    ):
        done = await post(admin, PAGE + path, login="sis", **form)
        assert (303, PAGE) == (done.status_code, done.headers["location"]), path

    kept = sftp_accounts.get(house.lincoln, "sis")
    assert (1, ("10.0.0.0/8",), None) == (len(kept.keys), kept.allow, kept.password)
    assert key not in kept.keys
    await post(admin, f"{PAGE}/remove", login="sis")
    assert [] == sftp_accounts.every(house.lincoln)
    assert ["sftp.remove", "sftp.password-drop"] == [
        one.act for one in audit.entries(house.lincoln, limit=2)
    ]


async def test_an_approver_sees_accounts_and_changes_none(house, approver):
    sftp_accounts.add(house.lincoln, "sis", by="ana", now=house.clock())

    page = (await approver.get(PAGE)).text
    refused = await post(approver, f"{PAGE}/remove", login="sis")

    assert "sis" in text_of(page)
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert 403 == refused.status_code
    assert "sis" == sftp_accounts.get(house.lincoln, "sis").login


async def test_an_account_of_the_file_is_shown_and_not_changed(house, admin):
    text = (
        '[tenant.lincoln]\nname = "Lincoln"\ntime_zone = "America/Denver"\n'
        'canvas = { url = "https://c.example", token = { env = "T" }, environment = "sandbox" }\n'
        f'sftp.filed.keys = ["{a_key()}"]\n'
    )
    configuration.apply(house.store, parse(text), now=house.clock())

    page = text_of((await admin.get(PAGE)).text)
    refused = await post(admin, f"{PAGE}/remove", login="filed")

    assert "filed named in the configuration file" in page
    assert 409 == refused.status_code
