"""Accounts of the hosted SFTP: whose a login is, and that the file's are the file's."""

import hashlib
from typing import Any

import asyncssh
import pytest

from rosterway.errors import ConfigError, ConflictError, NotFoundError, UsageError
from rosterway.settings import parse
from rosterway.store import audit, configuration, sftp_accounts
from rosterway.store.sftp_accounts import Origin, fingerprint
from store.builders import NOON, later

WHO: dict[str, Any] = {"by": "ana", "now": NOON}


def a_key(comment="sis"):
    made = asyncssh.generate_private_key("ssh-ed25519", comment=comment)
    return made.export_public_key().decode().strip()


def settings_with(**accounts):
    """A configuration of two tenants with these accounts, by tenant."""
    tenants = {name: accounts.get(name, {}) for name in ("lincoln", "monroe")}
    return parse(
        "".join(
            f'[tenant.{tenant}]\nname = "{tenant}"\ntime_zone = "America/Denver"\n'
            f'canvas.url = "https://{tenant}.example"\ncanvas.token = {{ env = "T" }}\n'
            f'canvas.environment = "sandbox"\n'
            + "".join(f'sftp.{login}.keys = ["{key}"]\n' for login, key in known.items())
            for tenant, known in tenants.items()
        )
    )


def acts(handle):
    return [(one.act, one.subject, one.actor) for one in reversed(audit.entries(handle))]


def test_an_account_is_made_changed_and_removed_and_the_log_has_it_all(lincoln):
    first, second = a_key("old"), a_key("new")

    sftp_accounts.add(lincoln, "sis", keys=[first], allow=["10.0.0.0/8"], **WHO)
    sftp_accounts.add_key(lincoln, "sis", second, **WHO)
    sftp_accounts.remove_key(lincoln, "sis", "old", **WHO)
    shown = sftp_accounts.make_password(lincoln, "sis", **WHO)
    sftp_accounts.allow(lincoln, "sis", [], **WHO)

    (kept,) = sftp_accounts.every(lincoln)
    assert ((second,), ()) == (kept.keys, kept.allow)
    assert hashlib.sha256(shown.encode()).hexdigest() == kept.password
    assert shown not in repr(audit.entries(lincoln))
    sftp_accounts.drop_password(lincoln, "sis", **WHO)
    assert sftp_accounts.get(lincoln, "sis").password is None
    sftp_accounts.remove(lincoln, "sis", **WHO)
    assert [] == sftp_accounts.every(lincoln)
    done = ("add", "key-add", "key-remove", "password", "allow", "password-drop", "remove")
    assert [(f"sftp.{one}", "sis", "ana") for one in done] == acts(lincoln)


def test_a_key_added_again_is_there_once_with_what_is_said_of_it_now(lincoln):
    key = a_key("old")
    sftp_accounts.add(lincoln, "sis", keys=[key], **WHO)

    sftp_accounts.add_key(lincoln, "sis", key.replace("old", "new"), **WHO)

    assert (key.replace("old", "new"),) == sftp_accounts.get(lincoln, "sis").keys


def test_a_login_is_one_tenants_alone_in_whatever_case(store, lincoln):
    sftp_accounts.add(store.tenant("monroe"), "Sis", **WHO)

    with pytest.raises(ConflictError, match="taken"):
        sftp_accounts.add(lincoln, "sis", **WHO)
    with pytest.raises(NotFoundError):
        sftp_accounts.add_key(lincoln, "Sis", a_key(), **WHO)
    assert [] == sftp_accounts.every(lincoln)
    found = sftp_accounts.at_the_door(store, "Sis")
    assert found is not None
    assert "monroe" == found.tenant
    assert sftp_accounts.at_the_door(store, "sis") is None


@pytest.mark.parametrize(
    ("login", "given"),
    [
        ("a b", {}),
        ("", {}),
        ("sis", {"keys": ["ssh-ed25519 AAAA"]}),
        ("sis", {"keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== cut"]}),
        ("sis", {"keys": ["-----BEGIN OPENSSH PRIVATE KEY-----"]}),
        ("sis", {"allow": ["10.0.0.1/8"]}),
    ],
)
def test_what_is_no_login_key_or_network_is_refused(lincoln, login, given):
    with pytest.raises(UsageError):
        sftp_accounts.add(lincoln, login, **given, **WHO)

    assert [] == sftp_accounts.every(lincoln)


class TestFile:
    def test_its_accounts_stand_beside_the_others_and_only_it_changes_them(self, store, lincoln):
        key = a_key()
        sftp_accounts.add(lincoln, "theirs", **WHO)
        configuration.apply(store, settings_with(lincoln={"sis": key}), now=NOON)

        known = {one.login: (one.origin, one.keys) for one in sftp_accounts.every(lincoln)}
        assert {"sis": (Origin.FILE, (key,)), "theirs": (Origin.OPERATOR, ())} == known
        for change in (sftp_accounts.remove, sftp_accounts.make_password):
            with pytest.raises(ConflictError, match="configuration file"):
                change(lincoln, "sis", **WHO)

    def test_a_login_that_left_it_is_free(self, store, lincoln):
        configuration.apply(store, settings_with(monroe={"sis": a_key()}), now=NOON)
        with pytest.raises(ConflictError):
            sftp_accounts.add(lincoln, "SIS", **WHO)

        configuration.apply(store, settings_with(lincoln={"sis": a_key()}), now=later())

        assert "lincoln" == getattr(sftp_accounts.at_the_door(store, "sis"), "tenant", None)
        configuration.apply(store, settings_with(), now=later())
        sftp_accounts.add(lincoln, "sis", **WHO)

    def test_one_that_an_operator_has_made_is_refused_and_nothing_changes(self, store, lincoln):
        sftp_accounts.add(lincoln, "sis", **WHO)
        configuration.apply(store, settings_with(monroe={"other": a_key()}), now=NOON)

        with pytest.raises(ConfigError, match="an operator has made"):
            configuration.apply(store, settings_with(monroe={"SIS": a_key()}), now=later())

        assert ["other"] == [one.login for one in sftp_accounts.every(store.tenant("monroe"))]


def test_a_fingerprint_is_the_one_every_tool_prints():
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBLDHtLRhEKYqRFwiQKPmtQUkHmqEF+ZoMkRqDdKhsfI c"

    assert asyncssh.import_public_key(key).get_fingerprint() == fingerprint(key)
