"""What people call tables: no table's raw name reaches a person where it would puzzle."""

import pytest

from rosterway.formats.canvas_csv.called import CALLED, called, counted_rows
from rosterway.formats.canvas_csv.tables import BY_NAME


def test_every_table_is_called_something_without_the_signs_of_a_file_name():
    assert BY_NAME.keys() == CALLED.keys()
    assert [] == [name for name in BY_NAME if "_" in called(name)]


@pytest.mark.parametrize(
    ("count", "table", "words"),
    [
        (1, "enrollments", "1 enrollment"),
        (2_000, "xlists", "2,000 cross-listings"),
        (1, "user_observers", "1 observer"),
        (0, "admins", "0 admins"),
        (3, "groups_membership", "3 group memberships"),
        (1, "institutional_tag_categories", "1 institutional tag category"),
        (5, "academicSessions", "5 academicSessions"),
    ],
)
def test_rows_are_counted_in_peoples_words(count, table, words):
    assert words == counted_rows(count, table)


def test_a_file_of_no_known_table_is_a_file():
    assert ("file", "file") == (called(None), called(""))
