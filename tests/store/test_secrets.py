"""Sealed secrets and the keys that seal them."""

from dataclasses import replace

import pytest

from rosterway.errors import NotFoundError, StoreError
from rosterway.settings import Secret, SecretPlace, SecretPlaces
from rosterway.store import Store, audit, secrets
from store.builders import NOON, later


def test_what_is_sealed_opens_again_and_is_not_readable_meanwhile(home, lincoln):
    secrets.seal(lincoln, "sis", "open sesame", by="ana", now=NOON)

    assert secrets.unseal(lincoln, "sis") == "open sesame"
    (kept,) = secrets.names(lincoln)
    assert (kept.name, kept.sealed_by) == ("sis", "ana")
    assert "sesame" not in repr(kept)
    files = [path for path in home.folder.iterdir() if path.is_file()]
    assert all(b"sesame" not in path.read_bytes() for path in files)


def test_settings_reveal_a_sealed_secret(lincoln, tmp_path):
    secrets.seal(lincoln, "sis", "open sesame", by="ana", now=NOON)
    places = SecretPlaces({}, tmp_path, secrets.unsealing(lincoln))

    assert Secret(SecretPlace.SEALED, "sis").reveal(places) == "open sesame"


def test_sealing_again_replaces_and_forgetting_removes(lincoln):
    secrets.seal(lincoln, "sis", "one", by="ana", now=NOON)
    secrets.seal(lincoln, "sis", "two", by="ben", now=later(1))
    assert secrets.unseal(lincoln, "sis") == "two"

    secrets.forget(lincoln, "sis", by="ben", now=later(2))

    with pytest.raises(NotFoundError, match='no sealed secret "sis"'):
        secrets.unseal(lincoln, "sis")
    with pytest.raises(NotFoundError):
        secrets.forget(lincoln, "sis", by="ben", now=later(3))
    acts = [(entry.act, entry.actor) for entry in audit.entries(lincoln)]
    assert acts == [("secret.forget", "ben"), ("secret.seal", "ben"), ("secret.seal", "ana")]


def test_a_new_key_takes_over_and_the_old_one_can_go(home, database, lincoln):
    secrets.seal(lincoln, "sis", "open sesame", by="ana", now=NOON)
    turned = lincoln.keyring.with_new_sealing_key()
    assert secrets.unseal(replace(lincoln, keyring=turned), "sis") == "open sesame"

    assert secrets.reseal(lincoln, turned) == 1
    (home.keys / "sealing-0001.key").unlink()

    reopened = Store.open(home, database)
    assert secrets.unseal(reopened.tenant("lincoln"), "sis") == "open sesame"
    reopened.close()


def test_without_its_key_a_secret_stays_sealed_and_says_what_to_do(home, database, lincoln):
    secrets.seal(lincoln, "sis", "open sesame", by="ana", now=NOON)
    (home.keys / "sealing-0001.key").unlink()
    reopened = Store.open(home, database)

    with pytest.raises(StoreError, match="does not open") as caught:
        secrets.unseal(reopened.tenant("lincoln"), "sis")

    assert "restore the keys folder" in caught.value.remedy
    reopened.close()


def test_a_damaged_key_is_named(home, database, lincoln):
    (home.keys / "sealing-0001.key").write_text("not a key")
    reopened = Store.open(home, database)

    with pytest.raises(StoreError, match="is damaged"):
        secrets.seal(reopened.tenant("lincoln"), "sis", "x", by="ana", now=NOON)
    reopened.close()


def test_keys_are_never_printed(lincoln):
    key = lincoln.keyring.sealing[0].decode()

    assert key not in repr(lincoln)
