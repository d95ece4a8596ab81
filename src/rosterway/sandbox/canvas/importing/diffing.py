"""Diffing: an import of a data set is reduced to what differs from an earlier import of it.

The base is a file that was sent before, never what Canvas holds: that blind spot is Canvas's own.

Facts: canvas-lms `SisBatch#generate_diff`, `lib/sis/csv/diff_generator.rb`, `gems/csv_diff`.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rosterway.sandbox.canvas.importing.bundle import Bundle, open_bundle
from rosterway.sandbox.canvas.importing.detection import FILE_TYPES, FileType
from rosterway.sandbox.canvas.importing.reading import CsvFile, Row, read_rows
from rosterway.sandbox.canvas.state.office import Message, Office, SisImport
from rosterway.sandbox.canvas.state.options import Options
from rosterway.sandbox.canvas.trouble import Crashed, Refused

SIZE_EXCEEDED = "Diffing not performed because file size difference exceeded threshold"
ROWS_EXCEEDED = "Diffing not performed because difference row count exceeded threshold"
FAILED = "Couldn't generate diff: {}"
MISMATCHED = "Unable to perform diffing against mismatched previous and current {} imports"
OVERRUN = "Diffing threshold exceeded 5 times in a row, the data set must be remastered"

_MAX_OVERRUNS = 5
_OF_DATA_SET = "json_extract(options, '$.diffing_data_set_identifier') = ? AND id < ?"
_SUCCESSFUL = "workflow_state IN ('imported', 'imported_with_messages')"
_IN_CHAIN = (
    "(json_extract(data, '$.diffed_against_sis_batch_id') IS NOT NULL"
    " OR json_extract(options, '$.diffing_remaster'))"
)


@dataclass(frozen=True, slots=True)
class Diffed:
    """What to import. `base` is None when nothing was diffed."""

    bundle: Bundle
    base: SisImport | None = None
    exceeded: bool = False


def diff(sis_import: SisImport, current: Bundle, office: Office, folder: Path) -> Diffed:
    """Reduce an import to its difference; Refused when the data set needs a remaster first."""
    options = sis_import.options
    if not options.diffing_data_set_identifier or options.diffing_remaster:
        return Diffed(current)
    if _overruns(sis_import, office) >= _MAX_OVERRUNS:
        raise Refused(OVERRUN)
    base = _base(sis_import, office)
    upload = office.get_file(base.file_id) if base else None
    if base is None or upload is None:
        return Diffed(current)
    base_folder = folder / "base"
    base_folder.mkdir()
    tags = frozenset({"institutional_tags"})
    previous = open_bundle(upload.path, upload.display_name, base_folder, tags)
    if _size_exceeded(options, current.size(), previous.size()):
        current.messages.append(Message(None, SIZE_EXCEEDED))
        return Diffed(current, exceeded=True)
    result = Bundle()
    diffed_rows = 0
    for file_type in FILE_TYPES:
        name = file_type.name
        files, before = current.files[name], previous.files[name]
        for at, (file, old) in enumerate(_pairs(file_type, files, before, result)):
            out = folder / f"diff-{name}-{at}.csv"
            new = _diff_or_whole(file_type, file, old, options, out, result) if old else file
            diffed_rows += new.rows if new is not file else 0
            result.files[name].append(new)
    limit = options.diff_row_count_threshold
    if limit is not None and diffed_rows > limit:
        current.messages.append(Message(None, ROWS_EXCEEDED))
        return Diffed(current, exceeded=True)
    result.messages[:0] = current.messages
    return Diffed(result, base)


def _base(sis_import: SisImport, office: Office) -> SisImport | None:
    """The latest diffed or remastered import of the data set, or its very first."""
    key = (sis_import.options.diffing_data_set_identifier, sis_import.id)
    successful = f"WHERE {_OF_DATA_SET} AND {_SUCCESSFUL}"
    latest = office.imports(f"{successful} AND {_IN_CHAIN} ORDER BY id DESC LIMIT 1", key)
    first = office.imports(f"{successful} ORDER BY id LIMIT 1", key)
    return next(iter(latest or first), None)


def _overruns(sis_import: SisImport, office: Office) -> int:
    key = (sis_import.options.diffing_data_set_identifier, sis_import.id)
    latest = office.imports(
        f"WHERE {_OF_DATA_SET} AND {_SUCCESSFUL} ORDER BY id DESC LIMIT {_MAX_OVERRUNS}", key
    )
    return sum(earlier.diffing_threshold_exceeded for earlier in latest)


def _size_exceeded(options: Options, current: int, previous: int) -> bool:
    limit = options.change_threshold
    if limit is None or not previous:
        return False
    return abs(1 - current / previous) * 100 > limit


def _pairs(
    file_type: FileType, files: list[CsvFile], before: list[CsvFile], result: Bundle
) -> Iterator[tuple[CsvFile, CsvFile | None]]:
    """Each file with the one it is compared to; None for a file that is imported whole."""
    if not before or not files:
        yield from ((file, None) for file in files)
        return
    if file_type.key is None:
        raise Crashed(f"files of type {file_type.name} cannot be told apart")
    if len(files) == len(before) == 1:
        yield files[0], before[0]
        return
    by_name = {file.name: file for file in before}
    if len(files) == len(before) == len(by_name) and {f.name for f in files} == set(by_name):
        yield from ((file, by_name[file.name]) for file in files)
        return
    result.messages.append(Message(None, MISMATCHED.format(file_type.name)))
    yield from ((file, None) for file in files)


def _diff_or_whole(
    file_type: FileType, file: CsvFile, old: CsvFile, options: Options, out: Path, result: Bundle
) -> CsvFile:
    key = file_type.key or ()
    names = {name for name in file.headers if name}
    if names != {name for name in old.headers if name}:
        why = "CSV headers do not match, cannot diff"
    elif not names.intersection(key):
        why = "CSV headers do not contain the key columns, cannot diff"
    else:
        return _write(file_type, file, old, options, out)
    result.messages.append(Message(file.name, FAILED.format(why)))
    return file


def _write(
    file_type: FileType, file: CsvFile, old: CsvFile, options: Options, out: Path
) -> CsvFile:
    """Changed and new rows as they are now, then the rows that are gone with a status for it."""
    before = _by_key(file_type, old)
    now = _by_key(file_type, file)
    gone_status = "deleted"
    if file_type.name == "enrollment":
        gone_status = options.diffing_drop_status or gone_status
    if file_type.name == "user":
        gone_status = options.diffing_user_remove_status or gone_status
    rows = 0
    with out.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(file.headers)
        for key, row in now.items():
            if before.get(key) != row:
                writer.writerow(_cells(row, file.headers))
                rows += 1
        for key, row in before.items():
            if key not in now:
                gone = {**row, "status": gone_status}
                extra = [] if "status" in file.headers else [gone_status]
                writer.writerow([*_cells(gone, file.headers), *extra])
                rows += 1
    return CsvFile(file.name, out, file.headers, rows)


def _by_key(file_type: FileType, file: CsvFile) -> dict[tuple[str | None, ...], Row]:
    key = file_type.key or ()
    return {tuple(row.get(column) for column in key): row for row in read_rows(file)}


def _cells(row: dict[str, str], headers: tuple[str, ...]) -> list[str]:
    return [row.get(name, "") for name in headers]
