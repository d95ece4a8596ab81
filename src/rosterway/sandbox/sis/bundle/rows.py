"""Records as rows of CSV files: one record may make rows in several files.

1.2 has people's roles, and what resources and scales belong to, in files of their own.
"""

from collections.abc import Iterator
from typing import Any

from rosterway.sandbox.sis.bundle.columns import DAYS, RENAMED, WHOLE
from rosterway.sandbox.sis.holding.held import Records
from rosterway.sandbox.sis.holding.records import Record
from rosterway.sandbox.sis.holding.told import as_1p1
from rosterway.sandbox.sis.model.nouns import COLLECTIONS

_SUFFIXES = (("SourcedIds", "s"), ("SourcedId", ""))


def rows_of(records: Records, version: str) -> Iterator[tuple[str, Record]]:
    """Every row with the file it belongs to; its cells are still values."""
    for noun, held in records.items():
        for key, record in held.items():
            head = {name: record.get(name) for name in ("status", "dateLastModified")}
            if version == "1.1":
                yield COLLECTIONS[noun], as_1p1(noun, record)
            else:
                yield COLLECTIONS[noun], _of_1p2(noun, record, records)
            for file, row in _beside(noun, record):
                yield file, head | row | {"sourcedId": f"{key}-{row['sourcedId']}"}


def cell(row: Record, column: str) -> str:
    """A value as a cell."""
    value: Any = row.get(RENAMED.get(column, column))
    for suffix, plural in _SUFFIXES:
        if column.endswith(suffix):
            value = row.get(column.removesuffix(suffix) + plural, row.get(column))
            break
    if column == "sourcedId":
        value = row["sourcedId"]
    if value is None:
        return ""
    if column in DAYS:
        return str(value)[:10]
    if column in WHOLE:
        return str(int(value))
    if isinstance(value, list):
        return ",".join(_entry(entry) for entry in value)  # pyright: ignore[reportUnknownVariableType]
    return _entry(value)


def _entry(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ":".join(map(str, value.values())) + "}"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)


def _of_1p2(noun: str, record: Record, records: Records) -> Record:
    """What the CSV of 1.2 requires and its JSON does not (section 16, row 6)."""
    if noun == "lineItem":
        session = record.get("academicSession") or record.get("gradingPeriod")
        at = records["class"].get(record["class"], {})
        return record | {"academicSession": session or (at.get("terms") or [None])[0]}
    if noun == "scoreScale":
        at = records["class"].get(record["class"], {})
        return {"course": at.get("course")} | record | {"org": at.get("school")}
    return record


def _beside(noun: str, record: Record) -> Iterator[tuple[str, Record]]:
    """The rows that stand for what is inside a record; ids are still relative to it."""
    key = record["sourcedId"]
    for number, role in enumerate(record.get("roles", ()) if noun == "user" else ()):
        yield "roles", role | {"sourcedId": f"role-{number}", "user": key}
    if noun in {"class", "course", "user"}:
        for number, resource in enumerate(record.get("resources", ())):
            row = {"sourcedId": f"resource-{number}", noun: key, "resource": resource}
            yield f"{noun}Resources", row
    if noun in {"lineItem", "result"} and record.get("scoreScale"):
        row = {"sourcedId": "scale", noun: key, "scoreScale": record["scoreScale"]}
        yield f"{noun}ScoreScales", row
    for of in record.get("learningObjectiveSet", ()):
        results = of.get("learningObjectiveResults") or [
            {"learningObjectiveId": at} for at in of.get("learningObjectiveIds", ())
        ]
        for result in results:
            own = f"objective-{result['learningObjectiveId']}"
            row = {"sourcedId": own, noun: key, "source": of["source"], **result}
            yield f"{noun}LearningObjectiveIds", row
