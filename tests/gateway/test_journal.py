"""The contract of an upload journal, kept by the one that comes with the gateway."""

import sqlite3
from contextlib import closing

import pytest

from rosterway.errors import UnavailableError
from rosterway.gateway.journal import FileJournal, UploadKey
from rosterway.gateway.uploads import Entry, Standing

USERS = UploadKey("lincoln", "files", "users.csv")
COURSES = UploadKey("lincoln", "files", "fall/courses.csv")


@pytest.fixture
def journal(tmp_path):
    with closing(FileJournal(tmp_path / "journal.db")) as journal:
        yield journal


def test_what_was_written_is_there_for_the_next_process(journal, tmp_path):
    journal.write([(USERS, Entry(Standing.LOST, 17, "the line was cut"))], [])

    with closing(FileJournal(tmp_path / "journal.db")) as later:
        assert {USERS: Entry(Standing.LOST, 17, "the line was cut")} == dict(later.all())


def test_a_file_has_one_entry_the_latest(journal):
    journal.write([(USERS, Entry(Standing.OPEN, 0))], [])
    journal.write([(USERS, Entry(Standing.CLOSED, 40))], [])

    assert {USERS: Entry(Standing.CLOSED, 40)} == dict(journal.all())


def test_a_rename_is_one_transaction(journal):
    journal.write([(USERS, Entry(Standing.OPEN, 0))], [])
    journal.write([(COURSES, Entry(Standing.OPEN, 0))], [USERS])

    assert {COURSES: Entry(Standing.OPEN, 0)} == dict(journal.all())


def test_forgetting_what_was_never_known_is_no_error(journal):
    journal.write([], [USERS])

    assert dict(journal.all()) == {}


def test_a_database_that_cannot_be_written_says_so(journal, tmp_path):
    with closing(sqlite3.connect(tmp_path / "journal.db")) as other:
        other.execute("DROP TABLE upload")

    with pytest.raises(UnavailableError, match="journal of uploads"):
        journal.write([(USERS, Entry(Standing.OPEN, 0))], [])
