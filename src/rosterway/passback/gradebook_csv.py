"""A plan's nouns as the files of the OneRoster CSV binding, for SISs that take grades as files only.

Guarantees: the columns of each version in the binding's order, no line break in a cell, the same
bytes for the same plan. A file without rows is none: the manifest calls it absent (CSV binding 13.1).
Files are deltas, so what is not in them stays as it is, and what is to go is `tobedeleted`.

What teachers write (titles, descriptions, comments) is kept from calculating in a spreadsheet, as in
every CSV file of ours: a cell that begins like a formula gets an apostrophe. Ids and grades are never
changed, for the SIS could not tell what they were.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

import msgspec

from rosterway.formats.oneroster.field import Table
from rosterway.formats.oneroster.gradebook import Category, LineItem, Result
from rosterway.formats.oneroster.manifest import MANIFEST, Mode
from rosterway.formats.oneroster.tables import CATEGORIES, LINE_ITEMS, RESULTS, TABLES
from rosterway.passback.days import write_moment, written_day
from rosterway.passback.plan import Deletion, PassbackPlan
from rosterway.passback.told import number
from rosterway.settings.shape import Version

#: What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t")
#: Columns of free text; all others hold ids, numbers, dates and words of OneRoster's.
_WRITTEN = frozenset({"title", "description", "comment"})


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One record: its table and its cells by column, blank ones left out."""

    table: str
    cells: dict[str, str]


class _Lines:
    """Where a CSV writer writes, when nothing is a file."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, text: str, /) -> int:
        self.parts.append(text)
        return len(text)


def gradebook_files(
    plan: PassbackPlan,
    zone: ZoneInfo,
    *,
    known: Iterable[Category | LineItem | Result] = (),
    at: datetime,
    told_at: Mapping[str, datetime] = MappingProxyType({}),
) -> dict[str, str]:
    """The files of a bundle by name, `manifest.csv` among them.

    `known` are categories, line items and results the SIS was told before, to be told again with it
    or, where the plan deletes them, to say what they were. What the plan changes has changed `at`
    this moment, and so has all else that is not in `told_at`: sourcedId -> when it was told.
    """
    rows = list(gradebook_rows(plan, zone, known=known, at=at, told_at=told_at))
    files: dict[str, str] = {}
    for table in (CATEGORIES, LINE_ITEMS, RESULTS):
        of_table = [row.cells for row in rows if row.table == table.name]
        if of_table:
            files[table.file] = _text(table, plan.version, of_table)
    return {MANIFEST: _manifest(plan.version, files), **files}


def gradebook_rows(
    plan: PassbackPlan,
    zone: ZoneInfo,
    *,
    known: Iterable[Category | LineItem | Result] = (),
    at: datetime,
    told_at: Mapping[str, datetime] = MappingProxyType({}),
) -> Iterator[Row]:
    """The records of a plan, categories before line items before results, each in order of ids.

    A record without an id, which only a SIS that answers could choose, is left out.
    """
    nouns: dict[tuple[str, str], Category | LineItem | Result] = {}
    puts = (
        *(one.line_item for one in plan.line_items),
        *(one.result for one in plan.results),
    )
    for noun in (*known, *puts):
        nouns[_TABLES[type(noun)].name, noun.sourced_id] = noun
    changed = {one.sourced_id for one in (*puts, *plan.deletions)}
    for deletion in plan.deletions:
        place = (_table_of(deletion).name, deletion.sourced_id)
        if place in nouns:
            nouns[place] = msgspec.structs.replace(nouns[place], is_deleted=True)
    for table in (CATEGORIES, LINE_ITEMS, RESULTS):
        names = {column.name for column in table.columns_in(plan.version)}
        for name, ident in sorted(nouns):
            if name == table.name and ident:
                since = at if ident in changed else told_at.get(ident, at)
                cells = _cells(nouns[name, ident], zone, since)
                kept = {key: value for key, value in cells.items() if value and key in names}
                yield Row(table=name, cells=kept)


def undescribed(
    plan: PassbackPlan, known: Iterable[Category | LineItem | Result] = ()
) -> tuple[Deletion, ...]:
    """The deletions that cannot be told in a file, for nothing is known of what is to go."""
    ids = {(_TABLES[type(one)].name, one.sourced_id) for one in known}
    return tuple(one for one in plan.deletions if (_table_of(one).name, one.sourced_id) not in ids)


def _table_of(deletion: Deletion) -> Table:
    return RESULTS if deletion.user else LINE_ITEMS


_TABLES: Mapping[type, Table] = MappingProxyType(
    {Category: CATEGORIES, LineItem: LINE_ITEMS, Result: RESULTS}
)


def _cells(noun: Category | LineItem | Result, zone: ZoneInfo, at: datetime) -> dict[str, str]:
    base = {
        "sourcedId": noun.sourced_id,
        "status": "tobedeleted" if noun.is_deleted else "active",
        "dateLastModified": write_moment(at),
    }
    if isinstance(noun, Category):
        # The binding's weight is a whole number of percent.
        weight = "" if noun.weight is None else str(round(noun.weight))
        return {**base, "title": noun.title, "weight": weight}
    if isinstance(noun, LineItem):
        session = noun.grading_period_id or noun.academic_session_id
        return {
            **base,
            "title": noun.title,
            "description": noun.description,
            "assignDate": written_day(noun.assigned or noun.due, zone) or "",
            "dueDate": written_day(noun.due, zone) or "",
            "classSourcedId": noun.class_id,
            "categorySourcedId": noun.category_id or "",
            "gradingPeriodSourcedId": session or "",
            "academicSessionSourcedId": noun.academic_session_id or session or "",
            "resultValueMin": _number(noun.minimum),
            "resultValueMax": _number(noun.maximum),
            "schoolSourcedId": noun.school_id or "",
        }
    return {
        **base,
        "lineItemSourcedId": noun.line_item_id,
        "studentSourcedId": noun.student_id,
        "scoreStatus": noun.score_status,
        "score": _number(noun.score),
        "scoreDate": written_day(noun.score_date, zone) or "",
        "comment": noun.comment or "",
        "textScore": noun.text_score or "",
        "classSourcedId": noun.class_id or "",
        "inProgress": _flag(noun.in_progress),
        "incomplete": _flag(noun.incomplete),
        "late": _flag(noun.late),
        "missing": _flag(noun.missing),
    }


def _text(table: Table, version: Version, rows: Iterable[Mapping[str, str]]) -> str:
    names = [column.name for column in table.columns_in(version)]
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(name, row.get(name, "")) for name in names] for row in rows)
    return "".join(lines.parts)


def _manifest(version: Version, files: Mapping[str, str]) -> str:
    """What the bundle says of itself: every file of the version, these as deltas."""
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerows(
        (
            ("propertyName", "value"),
            ("manifest.version", "1.0"),
            ("oneroster.version", version.value),
            *(
                (f"file.{one.name}", (Mode.DELTA if one.file in files else Mode.ABSENT).value)
                for one in TABLES
                if one.exists_in(version)
            ),
            ("source.systemName", "Rosterway"),
        )
    )
    return "".join(lines.parts)


def _cell(name: str, value: str) -> str:
    """A cell on one line; what somebody has written is shown in a spreadsheet, never calculated."""
    plain = " ".join(value.split()) if name in _WRITTEN else value
    return f"'{plain}" if name in _WRITTEN and plain.startswith(_FORMULA) else plain


def _number(value: float | None) -> str:
    return "" if value is None else number(value)


def _flag(value: bool | None) -> str:
    return "" if value is None else str(value).lower()
