"""`rosterway secret`: sealed in the home, never printed, opened by what refers to it."""

from pathlib import Path

import pytest

from cli.terminal import DEADLINE
from rosterway.errors import NotFoundError
from rosterway.settings import SecretPlaces
from rosterway.settings.secrets import Secret, SecretPlace
from rosterway.store import Home, Store, secrets
from runs.readied import run

pytestmark = pytest.mark.asyncio(loop_scope="session")
TOKEN = "7~kept-from-everybody"


def sealed(house, name, value):
    """`rosterway secret seal` with the secret on standard input."""
    words = ("secret", "seal", name, "--home", str(house.home))
    return run(words, env=house.environ(), timeout=DEADLINE, given=value)


def revealed(house, name):
    store = Store.open(Home.find(house.home))
    try:
        unseal = secrets.unsealing(store.tenant("lincoln"))
        places = SecretPlaces(environ={}, folder=Path(), unseal=unseal)
        return Secret(SecretPlace.SEALED, name).reveal(places)
    finally:
        store.close()


async def test_a_secret_comes_on_standard_input_and_is_what_refers_to_it(house):
    done = sealed(house, "canvas-token", TOKEN + "\n")

    assert (done.code, done.err) == (0, "")
    assert '{ sealed = "canvas-token" }' in done.out
    assert revealed(house, "canvas-token") == TOKEN


async def test_a_second_of_the_name_takes_the_place_of_the_first(house):
    sealed(house, "turned", "old")
    sealed(house, "turned", "new")

    assert revealed(house, "turned") == "new"


async def test_the_list_names_it_and_nothing_holds_it_in_the_clear(house):
    sealed(house, "listed", TOKEN)
    words = await house.run("secret", "list")
    [told] = [
        one
        for one in (await house.run("secret", "list", "--format", "json")).json
        if one["secret"] == "listed"
    ]

    assert set(told) == {"secret", "sealed_at", "by"}
    assert "listed" in words.out
    assert TOKEN not in words.out
    assert TOKEN.encode() not in b"".join(
        path.read_bytes() for path in house.home.rglob("*") if path.is_file()
    )


async def test_a_forgotten_one_opens_nothing(house):
    sealed(house, "brief", TOKEN)
    done = await house.run("secret", "forget", "brief")
    again = await house.run("secret", "forget", "brief")

    assert (done.code, again.code) == (0, 1)
    with pytest.raises(NotFoundError, match='there is no sealed secret "brief"'):
        revealed(house, "brief")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Canvas Token", TOKEN, "cannot be the name of a secret"),
        ("../escape", TOKEN, "cannot be the name of a secret"),
        ("empty", "", "There is no secret to seal."),
        ("long", "x" * 65_537, "That is too long for a secret."),
    ],
)
async def test_what_cannot_be_sealed_is_not(house, name, value, message):
    done = sealed(house, name, value)

    assert done.code == 2
    assert message in done.err
    assert name not in {
        one["secret"] for one in (await house.run("secret", "list", "--format", "json")).json
    }


async def test_a_home_whose_store_is_elsewhere_is_not_taken_for_an_empty_one(tmp_path, house):
    home = Home.create(tmp_path / "home")
    home.keep_store_on("postgresql")
    done = await house.run("feed", "list", "--home", str(home.folder))

    assert done.code != 0
    assert "The store of this home is on postgresql." in done.err
    assert "ROSTERWAY_DATABASE" in done.err
    assert not home.database.exists()
