"""The filter grammar."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.errors import ConfigError
from rosterway.formats.oneroster.filters import changed_since, parse

WHEN = datetime(2024, 8, 1, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "status='active'",
        "school.sourcedId='o-1'",
        "metadata.x-y!='1' OR title~'Maths'",
        "dateLastModified>='2024-01-01' AND dateLastModified<'2025-01-01'",
        "givenName='Colin Robert'",
    ],
)
def test_a_filter_is_sent_as_it_was_written(written):
    assert written == str(parse(written))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "status=active",
        "status='active' and role='student'",
        "a='1' AND b='2' OR c='3'",
        "familyName='O'Brien'",
        "status='active' AND",
        "='x'",
    ],
)
def test_what_a_provider_would_refuse_is_refused_here(written):
    with pytest.raises(ConfigError):
        parse(written)


def test_a_delta_asks_for_what_changed_and_hides_no_deletions():
    assert str(changed_since(WHEN)) == "dateLastModified>'2024-08-01T10:30:00.000Z'"


def test_a_delta_joins_one_clause_and_has_no_room_beside_two():
    joined = changed_since(WHEN, parse("school.sourcedId='o-1'"))
    assert str(joined) == "school.sourcedId='o-1' AND dateLastModified>'2024-08-01T10:30:00.000Z'"
    with pytest.raises(ConfigError, match="no room"):
        changed_since(WHEN, parse("a='1' AND b='2'"))


@given(st.text())
def test_any_text_is_a_filter_or_refused(written):
    try:
        parsed = parse(written)
    except ConfigError:
        return
    assert parse(str(parsed)) == parsed
