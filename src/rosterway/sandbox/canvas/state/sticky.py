"""Fields that stay as somebody has changed them by hand, whatever a later import says.

Facts: canvas-lms `lib/sticky_sis_fields.rb` and the models' own lists. A row that would change such a
field is counted as any other and gets no message. Left out are workflow states: how they stick
differs from importer to importer.
"""

from collections.abc import Mapping
from typing import Any

from rosterway.sandbox.canvas.state.options import Options
from rosterway.sandbox.canvas.state.records import (
    Account,
    Course,
    Enrollment,
    Group,
    Login,
    Record,
    Section,
    Term,
    User,
)

_DATES = ("start_at", "end_at")
STICKY: Mapping[type[Record], frozenset[str]] = {
    Account: frozenset({"name", "parent_account_id"}),
    Term: frozenset({"name", *_DATES}),
    Course: frozenset(
        {
            *("name", "course_code", "start_at", "conclude_at", "account_id", "term_id"),
            *("restrict_to_dates", "grade_passback_setting"),
        }
    ),
    Section: frozenset({"course_id", "name", *_DATES}),
    Enrollment: frozenset(_DATES),
    User: frozenset({"name", "sortable_name", "short_name", "pronouns"}),
    Login: frozenset({"unique_id", "login_key"}),
    Group: frozenset({"name"}),
}


def by_hand(record: Record, changes: Mapping[str, Any]) -> None:
    """Note what of these changes, made by hand, is to stay."""
    _note(record, _stuck(record) | (changes.keys() & STICKY.get(type(record), frozenset())))


def by_import(
    record: Record, changes: Mapping[str, Any], options: Options | None
) -> dict[str, Any]:
    """What of these changes an import with these options makes; stickiness is cleared or added."""
    stuck = _stuck(record)
    if options is None or not options.override_sis_stickiness:
        return {name: value for name, value in changes.items() if name not in stuck}
    if options.clear_sis_stickiness:
        _note(record, stuck - changes.keys())
    elif options.add_sis_stickiness:
        by_hand(record, changes)
    return dict(changes)


def _stuck(record: Record) -> set[str]:
    return set((record.stuck or "").split())


def _note(record: Record, stuck: set[str]) -> None:
    record.stuck = " ".join(sorted(stuck)) or None
