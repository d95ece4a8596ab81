"""Which line item is which assignment's, and which result which student's."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from passback.a_course import CHICAGO, of_class
from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback.days import written_day
from rosterway.passback.match import MatchedBy, line_items_of, match_line_item, results_of


def item(ident: str, title: str = "Quiz", due: str | None = "2026-10-01", **changes) -> LineItem:
    return LineItem(sourced_id=ident, title=title, class_id="c-1", due=due, **changes)


def match(*items: LineItem, linked=(), incomplete=(), **asked):
    listed = line_items_of(of_class(line_items=items, incomplete=incomplete), CHICAGO, set(linked))
    facts: dict[str, Any] = {
        "link": "",
        "ours": "ours",
        "names": ("Quiz",),
        "due": "2026-10-01",
        **asked,
    }
    found = match_line_item(listed, **facts)
    return found.by, found.sourced_id


@pytest.mark.parametrize(
    ("items", "asked", "expected"),
    [
        ((item("li"), item("linked", "Old name", None)), {"link": "linked"}, (MatchedBy.LINK, "linked")),
        ((item("li"),), {"link": "linked"}, (MatchedBy.GONE, "linked")),
        ((), {"link": "linked", "incomplete": ("line_items",)}, (MatchedBy.LINK, "linked")),
        ((item("ours", "Renamed", None), item("li")), {}, (MatchedBy.OUR_ID, "ours")),
        ((item("li"),), {}, (MatchedBy.NAME_AND_DUE, "li")),
        ((item("li", due="2026-10-02T04:59:00Z"),), {}, (MatchedBy.NAME_AND_DUE, "li")),
        ((item("li", due="2026-10-01T00:00:00.000Z"),), {}, (MatchedBy.NAME_AND_DUE, "li")),
        ((item("li", due="2026-10-02"),), {}, (MatchedBy.NONE, "ours")),
        ((item("li", "quiz"),), {}, (MatchedBy.NONE, "ours")),
        ((item("li", is_deleted=True),), {}, (MatchedBy.NONE, "ours")),
        ((item("li"),), {"linked": ["li"]}, (MatchedBy.NONE, "ours")),
        ((item("li"),), {"adopts": False}, (MatchedBy.NONE, "ours")),
        ((item("li"), item("li-2")), {}, (MatchedBy.SEVERAL, "")),
        ((item("li"), item("li-2")), {"linked": ["li-2"]}, (MatchedBy.NAME_AND_DUE, "li")),
        ((item("li", "Quiz, the shorte"),), {"names": ("Quiz, the shortest", "Quiz, the shorte")},
         (MatchedBy.NAME_AND_DUE, "li")),
        ((item("li"),), {"ours": "", "due": None}, (MatchedBy.NONE, "")),
        ((item("li", due=None),), {"due": None}, (MatchedBy.NAME_AND_DUE, "li")),
        ((), {"incomplete": ("line_items",)}, (MatchedBy.UNPROVEN, "ours")),
        ((item("li"),), {"incomplete": ("line_items",)}, (MatchedBy.NAME_AND_DUE, "li")),
    ],
)  # fmt: skip
def test_a_line_item_is_found_by_link_then_our_id_then_name_and_due_day(items, asked, expected):
    assert expected == match(*items, **asked)


@pytest.mark.parametrize(
    ("written", "zone", "expected"),
    [
        ("2026-10-01", "America/Chicago", "2026-10-01"),
        ("2026-10-02T04:59:00Z", "America/Chicago", "2026-10-01"),
        ("2026-10-02T05:00:00Z", "America/Chicago", "2026-10-02"),
        ("2026-10-01T23:59:00-05:00", "America/Chicago", "2026-10-01"),
        ("2026-10-01T23:59:59", "Pacific/Auckland", "2026-10-01"),
        ("2026-10-01T00:00:00Z", "America/Chicago", "2026-10-01"),
        ("2026-10-01T12:30:00Z", "Pacific/Auckland", "2026-10-02"),
        # The nights summer time ends and begins in Chicago.
        ("2026-11-01T04:59:00Z", "America/Chicago", "2026-10-31"),
        ("2026-11-02T05:59:00Z", "America/Chicago", "2026-11-01"),
        ("2026-03-09T04:59:00Z", "America/Chicago", "2026-03-08"),
        ("0001-01-01T00:00:00Z", "America/Chicago", None),
        ("", "America/Chicago", None),
        (None, "America/Chicago", None),
        ("soon", "America/Chicago", None),
    ],
)
def test_a_written_date_is_a_day_at_the_school(written, zone, expected):
    assert expected == written_day(written, ZoneInfo(zone))


def test_of_several_results_of_a_student_the_known_one_is_meant():
    results = results_of(
        of_class(
            results=(
                Result(sourced_id="r-0", line_item_id="li", student_id="u-1", is_deleted=True),
                Result(sourced_id="r-1", line_item_id="li", student_id="u-1"),
                Result(sourced_id="r-2", line_item_id="li", student_id="u-1"),
                Result(sourced_id="r-3", line_item_id="other", student_id="u-1"),
            )
        )
    )
    found = [results.of("li", "u-1"), results.of("li", "u-1", ("", "r-2")), results.of("li", "u-2")]
    assert ["r-1", "r-2", None] == [one and one.sourced_id for one in found]
