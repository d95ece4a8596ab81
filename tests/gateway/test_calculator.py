"""The calculator's room is locked."""

import duckdb
import pytest

from rosterway.errors import ConfigError
from rosterway.gateway.calculator import calculator
from rosterway.gateway.memory import DEFAULT_MEMORY, memory_within


@pytest.fixture
def room(tmp_path):
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "inside.csv").write_text("a\n1\n")
    (tmp_path / "shown.csv").write_text("a\n2\n")
    (tmp_path / "hidden.csv").write_text("a\n3\n")
    shown = [tmp_path / "shown.csv"]
    with calculator(tmp_path / "room", files=shown, memory="100MB") as connection:
        yield tmp_path, connection


def test_it_reads_its_folder_and_the_files_it_is_shown(room):
    home, connection = room

    for name, value in (("room/inside.csv", 1), ("shown.csv", 2)):
        assert [(value,)] == connection.execute(
            f"SELECT * FROM read_csv('{home / name}')"
        ).fetchall()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{home}/hidden.csv')",
        "SELECT * FROM read_csv('{home}/room/../hidden.csv')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('{home}/*')",
        "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
        "COPY (SELECT 1) TO '{home}/out.csv'",
        "ATTACH '{home}/other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET memory_limit = '100GB'",
        "SET lock_configuration = false",
        "PRAGMA temp_directory='/tmp'",
    ],
)
def test_it_reads_writes_and_changes_nothing_else(room, statement):
    home, connection = room

    with pytest.raises(duckdb.Error):
        connection.execute(statement.format(home=home)).fetchall()
    assert not (home / "out.csv").exists()


def test_a_folder_with_a_quote_in_its_name_is_a_folder(tmp_path):
    folder = tmp_path / 'O\'Brien "x"'
    folder.mkdir()
    with calculator(folder) as connection:
        connection.execute(
            "COPY (SELECT 1 AS a) TO '" + str(folder / "a.parquet").replace("'", "''") + "'"
        )

    assert (folder / "a.parquet").exists()


@pytest.mark.parametrize(
    ("total", "part"),
    [
        (None, DEFAULT_MEMORY),
        ("", DEFAULT_MEMORY),
        ("1GB", "600MB"),
        ("1 GB", "600MB"),
        ("1.5gb", "900MB"),
        ("512MiB", "322MB"),
        ("500000kb", "300MB"),
    ],
)
def test_the_calculator_gets_its_part_of_a_processs_memory(total, part):
    assert part == memory_within(total)


@pytest.mark.parametrize(
    "total", ["much", "1", "GB", "-1GB", "0GB", "1TB", "1GBB", "nanGB", "infGB"]
)
def test_what_is_no_size_is_refused(total):
    with pytest.raises(ConfigError, match="is no size"):
        memory_within(total)
