"""One value as providers write it -> the standard's cell, or why not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.formats.oneroster import cells, deviations, rules, vocabularies
from rosterway.settings.shape import Version

V1P1, V1P2 = Version.V1P1, Version.V1P2

DAYS = [
    ("2024-08-15", "2024-08-15", ""),
    ("", None, ""),
    (None, None, ""),
    ("2024-08-15T00:00:00.000Z", "2024-08-15", "date-with-time"),
    ("2024-08-15T00:00:00-05:00", "2024-08-15", "date-with-time"),
    ("2024-08-15 00:00:00", "2024-08-15", "date-with-time"),
    (" 2024-08-15 ", "2024-08-15", "date-form"),
    ("2024/8/5", "2024-08-05", "date-form"),
    ("20240815", "2024-08-15", "date-form"),
    ("0001-01-01", None, "date-sentinel"),
    ("0001-01-01T00:00:00", None, "date-sentinel"),
    ("0000-00-00", None, "date-sentinel"),
    ("9999-12-31", None, "date-sentinel"),
    ("08/15/2024", None, "value-unreadable"),
    ("2024-02-30", None, "value-unreadable"),
    ("2024-8/5", None, "value-unreadable"),
    ("soon", None, "value-unreadable"),
    (True, None, "value-unreadable"),
]
INSTANTS = [
    ("2024-08-01T10:00:00.000Z", "2024-08-01T10:00:00.000Z", ""),
    ("2024-08-01T10:00:00Z", "2024-08-01T10:00:00Z", ""),
    ("2024-08-01T10:00:00.1234567Z", "2024-08-01T10:00:00.123Z", "instant-form"),
    ("2024-08-01T10:00:00-05:00", "2024-08-01T15:00:00.000Z", "instant-form"),
    ("2024-08-01T10:00:00", "2024-08-01T10:00:00.000Z", "instant-form"),
    ("2024-08-01", "2024-08-01T00:00:00.000Z", "instant-form"),
    ("0001-01-01T00:00:00", None, "date-sentinel"),
    ("", None, ""),
    ("2024-13-01T10:00:00.000Z", None, "value-unreadable"),
    ("yesterday", None, "value-unreadable"),
]
FLAGS = [
    ("true", "true", ""),
    ("false", "false", ""),
    (None, None, ""),
    ("", None, ""),
    (True, "true", "boolean-json"),
    (False, "false", "boolean-json"),
    ("TRUE", "true", "letter-case"),
    ("1", "true", "boolean-word"),
    (0, "false", "boolean-word"),
    ("No", "false", "boolean-word"),
    ("maybe", None, "value-unreadable"),
    (2, None, "value-unreadable"),
]
YEARS = [
    ("2025", "2025", ""),
    (2025, "2025", "number-for-text"),
    ("2024-2025", "2025", "year-form"),
    ("2024-25", "2025", "year-form"),
    ("1999/00", "2000", "year-form"),
    ("2024-2030", None, "value-unreadable"),
    ("next", None, "value-unreadable"),
    ("", None, ""),
]
WORDS = [
    (vocabularies.STATUS, V1P1, "active", "active", ""),
    (vocabularies.STATUS, V1P1, "Active", "active", "letter-case"),
    (vocabularies.STATUS, V1P1, "inactive", "tobedeleted", "synonym"),
    (vocabularies.STATUS, V1P1, "enrolled", "enrolled", "status-unknown"),
    (vocabularies.ORG_TYPE, V1P1, "departments", "department", "synonym"),
    (vocabularies.ORG_TYPE, V1P2, "ext:campus", "ext:campus", ""),
    (vocabularies.ORG_TYPE, V1P1, "ext:campus", "ext:campus", "extension-in-1.1"),
    (vocabularies.USER_ROLE, V1P2, "administrator", "administrator", "other-version"),
    (vocabularies.USER_ROLE, V1P1, "principal", "principal", "other-version"),
    (vocabularies.USER_ROLE, V1P1, "janitor", "janitor", "word-unknown"),
    (vocabularies.ENROLLMENT_ROLE, V1P2, "Student ", "student", "letter-case"),
    (vocabularies.ENROLLMENT_ROLE, V1P2, "aide", "aide", "synonym"),
    (vocabularies.CLASS_TYPE, V1P2, "", None, ""),
]


def judged(reading):
    return reading.cell, reading.deviation or reading.problem


@pytest.mark.parametrize(("raw", "cell", "said"), DAYS)
def test_a_day(raw, cell, said):
    assert (cell, said) == judged(cells.day(raw))


@pytest.mark.parametrize(("raw", "cell", "said"), INSTANTS)
def test_a_moment(raw, cell, said):
    assert (cell, said) == judged(cells.instant(raw))


@pytest.mark.parametrize(("raw", "cell", "said"), FLAGS)
def test_a_flag(raw, cell, said):
    assert (cell, said) == judged(cells.flag(raw))


@pytest.mark.parametrize(("raw", "cell", "said"), YEARS)
def test_a_school_year(raw, cell, said):
    assert (cell, said) == judged(cells.year(raw))


@pytest.mark.parametrize(("vocabulary", "version", "raw", "cell", "said"), WORDS)
def test_a_word(vocabulary, version, raw, cell, said):
    assert (cell, said) == judged(cells.word(vocabulary, version)(raw))


def test_a_birthday_may_be_the_first_day_of_1900_and_a_term_may_not_begin_then():
    assert cells.birthday("1900-01-01").cell == "1900-01-01"
    assert cells.day("1900-01-01").cell is None


@given(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    st.sampled_from(
        [
            cells.day,
            cells.birthday,
            cells.instant,
            cells.flag,
            cells.year,
            cells.text,
            cells.number,
            cells.word(vocabularies.USER_ROLE, V1P1),
        ]
    ),
)
def test_any_value_is_read_or_told_with_a_code_that_exists(raw, reader):
    reading = reader(raw)
    assert not (reading.deviation and reading.problem)
    assert not reading.deviation or reading.deviation in deviations.RULES
    assert not reading.problem or reading.problem in rules.RULES


@given(st.dates())
def test_a_standard_date_is_itself_or_a_sentinel(date):
    written = date.isoformat()
    expected = None if written in cells.SENTINELS else written
    assert expected == cells.day(written).cell
