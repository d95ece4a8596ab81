"""A SIS import as Canvas shows it: its states as data, its counts, its files.

Facts: canvas-lms `app/models/sis_batch.rb`, `lib/api/v1/sis_import.rb`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from rosterway.errors import GarbledError


class Applied(StrEnum):
    """What became of an import's rows."""

    NOTHING = "nothing"  # not begun
    SOME = "some"  # some, and the state does not say which
    BUT_FOR_MESSAGES = "but-for-messages"  # all but those its messages speak of
    UNDONE = "undone"  # taken back, as far as states go


@dataclass(frozen=True, slots=True)
class ImportState:
    """One `workflow_state`: whether it is the last, and what it says of the rows."""

    name: str
    final: bool
    applied: Applied
    note: str = ""


#: In the order an import goes through them.
STATES: Mapping[str, ImportState] = {
    state.name: state
    for state in (
        ImportState("initializing", False, Applied.NOTHING, "Stays so if Canvas refused options."),
        ImportState("created", False, Applied.NOTHING, "Waits for the import before it."),
        ImportState("importing", False, Applied.SOME),
        ImportState("cleanup_batch", False, Applied.SOME, "Batch mode removes; progress restarts."),
        ImportState("imported", True, Applied.BUT_FOR_MESSAGES),
        ImportState("imported_with_messages", True, Applied.BUT_FOR_MESSAGES),
        ImportState("failed", True, Applied.SOME),
        ImportState(
            "failed_with_messages",
            True,
            Applied.SOME,
            "One refused file is enough for it; every other file of the zip was applied.",
        ),
        ImportState("aborted", True, Applied.SOME, "A batch threshold aborts after the rows."),
        ImportState("restoring", False, Applied.SOME),
        ImportState("restored", True, Applied.UNDONE),
        ImportState("partially_restored", True, Applied.SOME),
    )
}

#: Keys of `data.counts` that count no table. (Those that do: `Table.count`.)
MESSAGE_COUNTS = ("error_count", "warning_count")
CLEANUP_COUNTS: Mapping[str, str] = {
    "batch_courses_deleted": "courses",
    "batch_sections_deleted": "sections",
    "batch_enrollments_deleted": "enrollments",
}

#: Canvas's class in `data.statistics` -> the table whose rows make such things.
STATISTICS: Mapping[str, str] = {
    "Account": "accounts",
    "EnrollmentTerm": "terms",
    "AbstractCourse": "abstract_courses",
    "Course": "courses",
    "CourseSection": "sections",
    "GroupCategory": "group_categories",
    "Group": "groups",
    "Pseudonym": "users",
    "CommunicationChannel": "users",
    "Enrollment": "enrollments",
    "GroupMembership": "groups_membership",
    "UserObserver": "user_observers",
    "AccountUser": "admins",
}

#: How many messages of a kind are shown inline; a pair that tells the rest follows.
INLINE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class SisImport:
    """One SIS import.

    `counts` are rows carried out, by `Table.count`, and the numbers of messages. `statistics` are
    state changes by Canvas class. `errors` and `warnings` are the first `INLINE` messages of each
    kind as (file, message); all of them come from `imports.messages`. `files` are the names of the
    CSV files Canvas found in the upload: empty until it has begun. `raw` is everything as given.
    """

    id: str
    workflow_state: str
    progress: int
    created_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    counts: Mapping[str, int]
    statistics: Mapping[str, Any]
    errors: tuple[tuple[str, str], ...]
    warnings: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    diffed_against: str | None
    diffing_threshold_exceeded: bool
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def state(self) -> ImportState:
        """What its `workflow_state` means. One we do not know is final once it has an end."""
        known = STATES.get(self.workflow_state)
        return known or ImportState(self.workflow_state, self.ended_at is not None, Applied.SOME)

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state.final

    def carries(self, marker: str) -> bool:
        """Whether a file Canvas shows for it has `marker` in its name, under any of its names."""
        return any(
            marker in str(file.get(name, ""))
            for attachments in ("csv_attachments", "diffed_csv_attachments")
            for file in map(_mapping, _items(self.raw.get(attachments)))
            for name in ("display_name", "filename")
        )

    @property
    def message_count(self) -> int | None:
        """How many messages it has by its own counts, or by the inline lists; None if unknown."""
        if any(key in self.counts for key in MESSAGE_COUNTS):
            return sum(self.counts.get(key, 0) for key in MESSAGE_COUNTS)
        if self.errors or self.warnings:
            return _told(self.errors) + _told(self.warnings)
        return 0 if self.workflow_state == "imported" else None


_MORE = re.compile(r"\band (\d+) more\b")


def _told(pairs: tuple[tuple[str, str], ...]) -> int:
    """How many messages an inline list stands for: after the 24th a pair says "and N more …"."""
    if len(pairs) <= INLINE or not (more := _MORE.search(" ".join(pairs[-1]))):
        return len(pairs)
    return len(pairs) - 1 + int(more[1])


def read_import(data: Any) -> SisImport:
    """A SIS import from Canvas's JSON.

    Raises:
        GarbledError: it has no id or no state.
    """
    raw = _mapping(data)
    if raw.get("id") in {None, ""} or not isinstance(raw.get("workflow_state"), str):
        raise GarbledError(
            "Canvas showed a SIS import without an id or a state",
            system="canvas",
            remedy="Check that url is the address of Canvas itself.",
        )
    inner = _mapping(raw.get("data"))
    against = inner.get("diffed_against_sis_batch_id")
    return SisImport(
        id=str(raw["id"]),
        workflow_state=raw["workflow_state"],
        progress=_number(raw.get("progress")),
        created_at=_moment(raw.get("created_at")),
        started_at=_moment(raw.get("started_at")),
        ended_at=_moment(raw.get("ended_at")),
        counts={name: _number(count) for name, count in _mapping(inner.get("counts")).items()},
        statistics=_mapping(inner.get("statistics")),
        errors=_pairs(raw.get("processing_errors")),
        warnings=_pairs(raw.get("processing_warnings")),
        files=_names(raw.get("csv_attachments")),
        # The top-level `diffed_against_import_id` reads the wrong hash and is always null.
        diffed_against=None if against is None else str(against),
        diffing_threshold_exceeded=raw.get("diffing_threshold_exceeded") is True,
        raw=raw,
    )


def listed(page: Any, key: str) -> list[Any]:
    """The items of one page of a list, which comes as `{key: [...]}` or bare.

    Raises:
        GarbledError: it is neither.
    """
    items = _mapping(page).get(key) if isinstance(page, dict) else page
    if not isinstance(items, list):
        raise GarbledError(
            f"Canvas's list has no {key}",
            system="canvas",
            remedy="Check that url is the address of Canvas itself.",
        )
    return cast("list[Any]", items)


def _mapping(data: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", data) if isinstance(data, dict) else {}


def _items(data: Any) -> list[Any]:
    return cast("list[Any]", data) if isinstance(data, list) else []


def _number(data: Any) -> int:
    try:
        return int(data)
    except (TypeError, ValueError):
        return 0


def _moment(data: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(data)
    except (TypeError, ValueError):
        return None


def _pairs(data: Any) -> tuple[tuple[str, str], ...]:
    pairs = [_items(pair) for pair in _items(data)]
    return tuple((str(pair[0] or ""), str(pair[1] or "")) for pair in pairs if len(pair) >= 2)


def _names(data: Any) -> tuple[str, ...]:
    """What a list of attachments is called: the name people see, else the one on the disk."""
    files = [_mapping(item) for item in _items(data)]
    return tuple(
        str(name) for file in files if (name := file.get("display_name") or file.get("filename"))
    )
