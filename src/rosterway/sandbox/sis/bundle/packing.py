"""A bundle of OneRoster CSV: the files, their manifest, and how they are packed.

To the letter of the binding (oneroster.md sections 13.1 and 13.2): UTF-8 without a mark, flat, a
file without rows is absent, bulk rows have neither status nor date, tombstones are in deltas alone.
"""

import csv
import io
import zipfile
from pathlib import Path

from rosterway.sandbox.district.district import District
from rosterway.sandbox.sis.bundle.columns import CSV_VERSIONS, columns
from rosterway.sandbox.sis.bundle.rows import cell, rows_of
from rosterway.sandbox.sis.holding.held import Records
from rosterway.sandbox.sis.holding.records import GONE, collect, district_records
from rosterway.sandbox.sis.model.nouns import COLLECTIONS
from rosterway.sandbox.sis.trouble import SisUsageError

_MODIFIED = "dateLastModified"


def bundle_files(records: Records, version: str, *, since: str | None = None) -> dict[str, str]:
    """The text of every file: all there is, or as a delta what was modified after a moment.

    Raises:
        SisUsageError: there is no such version of the CSV binding.
    """
    if version not in CSV_VERSIONS:
        raise SisUsageError(f"versions are {', '.join(CSV_VERSIONS)}, not {version!r}")
    sheets = columns(version)
    lines: dict[str, list[list[str]]] = {name: [] for name in sheets}
    for file, row in rows_of(records, version):
        if file not in sheets:
            continue
        if since is None and row["status"] == GONE:
            continue
        if since is not None and str(row.get(_MODIFIED, "")) <= since:
            continue
        blank = {} if since else {"status": None, _MODIFIED: None}
        lines[file].append([cell(row | blank, column) for column in sheets[file]])
    mode = "bulk" if since is None else "delta"
    modes = {name: mode if rows else "absent" for name, rows in lines.items()}
    files = {"manifest.csv": _text(["propertyName", "value"], _manifest(version, modes))}
    for name, rows in lines.items():
        if rows:
            files[f"{name}.csv"] = _text(sheets[name], rows)
    return files


def zipped(records: Records, version: str, *, since: str | None = None) -> bytes:
    """A bundle as a zip, flat and deflated."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in bundle_files(records, version, since=since).items():
            archive.writestr(name, text)
    return packed.getvalue()


def write_bundle(
    records: Records, out: Path, version: str, *, since: str | None = None
) -> dict[str, int]:
    """Write a bundle to a `.zip` or into a folder; how many rows each file got."""
    files = bundle_files(records, version, since=since)
    if out.suffix == ".zip":
        out.write_bytes(zipped(records, version, since=since))
    else:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (out / name).write_text(text, encoding="utf-8", newline="")
    return {name: text.count("\n") - 1 for name, text in files.items()}


def write_oneroster(district: District, out: Path, *, version: str = "1.2.1") -> dict[str, int]:
    """Write a district as a bulk bundle; how many rows each file got."""
    records: Records = {noun: {} for noun in COLLECTIONS}
    return write_bundle(records | collect(district_records(district)), out, version)


def _manifest(version: str, modes: dict[str, str]) -> list[list[str]]:
    return [
        ["manifest.version", "1.0"],
        ["oneroster.version", "1.1" if version == "1.1" else "1.2"],
        *([f"file.{name}", mode] for name, mode in modes.items()),
        ["source.systemName", "Sandbox SIS"],
        ["source.systemCode", "sandbox"],
    ]


def _text(header: list[str] | tuple[str, ...], rows: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
