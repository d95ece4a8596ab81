"""A secret is named in the file and fetched late."""

from pathlib import Path

import pytest

from rosterway.errors import ConfigError
from rosterway.settings import Secret, SecretPlace, SecretPlaces, check

PLACES = SecretPlaces({"TOKEN": "from-env", "EMPTY": ""}, Path(), {"sis": "from-seal"}.__getitem__)


def token(written: str):
    text = f'[tenant.a.canvas]\nurl = "https://c.example"\ntoken = {written}\n'
    return next(f for f in check(text) if f.line == 3)


def test_a_literal_is_refused_with_the_reason_and_never_repeated():
    finding = token('"7~veryverysecret"')

    assert "a secret may not stand in this file" in finding.problem
    assert '{ env = "NAME" }' in finding.remedy
    assert "very" not in str(finding)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{ enviroment = "T" }', "no place for a secret"),
        ('{ evn = "T" }', "did you mean `env`?"),
        ("{}", "one place"),
        ('{ env = "T", file = "t" }', "one place"),
        ('{ env = "7~not-a-name" }', "cannot be the name"),
        ("{ file = 3 }", "cannot be the name"),
        ('{ sealed = "../x" }', "cannot be the name"),
    ],
)
def test_a_reference_that_names_no_place_is_refused(written, said):
    finding = token(written)

    assert said in str(finding)
    assert "7~" not in str(finding)


def test_a_secret_is_revealed_from_where_it_is_kept(tmp_path):
    (tmp_path / "token").write_text("from-file\n")
    places = SecretPlaces({"TOKEN": "from-env"}, tmp_path, {"sis": "from-seal"}.__getitem__)

    revealed = [
        Secret(SecretPlace.ENV, "TOKEN").reveal(places),
        Secret(SecretPlace.FILE, "token").reveal(places),
        Secret(SecretPlace.SEALED, "sis").reveal(places),
    ]

    assert revealed == ["from-env", "from-file", "from-seal"]


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        (Secret(SecretPlace.ENV, "ABSENT"), "variable ABSENT is not set"),
        (Secret(SecretPlace.ENV, "EMPTY"), "variable EMPTY is not set"),
        (Secret(SecretPlace.FILE, "absent"), "absent cannot be read: No such file"),
    ],
)
def test_a_missing_secret_is_named(secret, said):
    with pytest.raises(ConfigError, match=said):
        secret.reveal(PLACES)


def test_a_secret_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "core").write_bytes(b"x" * 70_000)
    (tmp_path / "image").write_bytes(b"\xff\xfe")
    (tmp_path / "empty").write_text("\n")

    for name, said in (("core", "too large"), ("image", "not UTF-8"), ("empty", "is empty")):
        with pytest.raises(ConfigError, match=said):
            Secret(SecretPlace.FILE, name).reveal(SecretPlaces({}, tmp_path))


def test_without_a_home_a_sealed_secret_stays_sealed():
    with pytest.raises(ConfigError, match="cannot be opened here"):
        Secret(SecretPlace.SEALED, "sis").reveal(SecretPlaces({}, Path()))


def test_neither_a_secret_nor_its_places_print_what_they_hold():
    assert str(Secret(SecretPlace.ENV, "TOKEN")) == "env:TOKEN"
    assert "from-env" not in repr(PLACES)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"postgresql://me:pw@db/rosterway"', "carries a password"),
        ('"postgresql://db/rosterway?password=pw"', "carries a password"),
        ('"mysql://db"', "this is no database"),
        ('{ sealed = "db" }', "kept in this database"),
        ("3", "this is no database"),
    ],
)
def test_a_database_address_with_a_password_is_a_secret(written, said):
    (finding,) = check(f"[server]\ndatabase = {written}")

    assert said in finding.problem


@pytest.mark.parametrize(
    "written", ['"sqlite"', '"postgresql://me@db/rosterway"', '{ env = "DATABASE" }']
)
def test_a_database_address_without_one_is_no_secret(written):
    assert check(f"[server]\ndatabase = {written}") == []
