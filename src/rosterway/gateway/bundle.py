"""A OneRoster CSV bundle becomes staged tables: manifest, files, headers, cells, each judged.

The same limits and the same splitting as of every arrival (`unpack`, `split`); the same readings of
single values as of a provider's JSON (`formats.oneroster.cells`). Nothing is dropped without a
finding, what can only mean one thing is a deviation, and a bundle of which not everything could be
read says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import duckdb

from rosterway.formats import csv_text
from rosterway.formats.canvas_csv import table as canvas_table
from rosterway.formats.oneroster.deviations import Tally
from rosterway.formats.oneroster.field import Kind, Need, Table
from rosterway.formats.oneroster.manifest import MANIFEST, Manifest, Mode, read_manifest
from rosterway.formats.oneroster.tables import BY_NAME, ROSTERING
from rosterway.formats.problems import Finding
from rosterway.gateway.bundle_cells import Raw, stage_cells
from rosterway.gateway.encoding import chunks, likely_encoding, place_of
from rosterway.gateway.split import STOPS, Splitter
from rosterway.gateway.unpack import SourceFile, Unpacked
from rosterway.rostering import sql
from rosterway.rostering.findings import Findings
from rosterway.rostering.headers import Header
from rosterway.rostering.staged import Trust
from rosterway.settings.shape import Version

_HEADER_BYTES = 1 << 20
_LARGEST_MANIFEST = 1 << 20
METADATA = "metadata."


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as read. `version` None: it is none, or none that can be read.

    `relations`: table -> SQL of its staged rows; `modes` what each table read is; `files` what it is
    called; `is_whole`: every file of it was read to its end.
    """

    version: Version | None
    relations: Mapping[str, str] = field(default_factory=dict[str, str])
    modes: Mapping[str, Mode] = field(default_factory=dict[str, Mode])
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    rows: Mapping[str, int] = field(default_factory=dict[str, int])
    is_whole: bool = True


def is_bundle(unpacked: Unpacked) -> bool:
    """Whether these files are a OneRoster bundle: they have a manifest."""
    return any(_named(file) == MANIFEST for file in unpacked.files)


def read_bundle(
    connection: duckdb.DuckDBPyConnection,
    unpacked: Unpacked,
    work: Path,
    findings: Findings,
    tally: Tally,
    *,
    wanted: Iterable[Table] = ROSTERING,
) -> Bundle:
    """Stage the wanted tables of a bundle as Parquet in `work`, an existing empty folder.

    The connection must see `work` and the unpacked files. Files that are not wanted are not opened.
    """
    findings.extend(unpacked.findings)
    root = _root(unpacked.files)
    if root is None:
        findings.add(Finding(code="manifest-missing"))
        return Bundle(None)
    by_name = {
        PurePosixPath(file.name).name: file
        for file in unpacked.files
        if PurePosixPath(file.name).parent == root
    }
    manifest = _manifest(by_name)
    findings.extend(manifest.findings)
    if manifest.version is None:
        return Bundle(None)
    if root != PurePosixPath():
        tally.add("file-in-folder", "manifest", example=str(root), where=str(root))
    promised, is_whole = _promised(manifest, unpacked.files, root, by_name, findings)
    tables = [table for table in wanted if table.name in promised]
    staged: dict[str, tuple[str, int]] = {}
    for table in tables:
        source = promised[table.name]
        room = work / table.name
        room.mkdir()
        reading = _File(connection, table, source, room, findings, tally, manifest.version)
        mode = manifest.modes[table.name]
        read, is_read_whole = reading.stage(mode)
        is_whole = is_whole and is_read_whole
        if read is not None:
            staged[table.name] = read
    return Bundle(
        manifest.version,
        {name: relation for name, (relation, _) in staged.items()},
        {name: manifest.modes[name] for name in staged},
        {name: promised[name].name for name in staged},
        {name: rows for name, (_, rows) in staged.items()},
        is_whole,
    )


def _named(file: SourceFile) -> str:
    return PurePosixPath(file.name).name.lower()


def _root(files: Sequence[SourceFile]) -> PurePosixPath | None:
    """The folder the manifest lies in, the outermost if there are several."""
    folders = [PurePosixPath(file.name).parent for file in files if _named(file) == MANIFEST]
    return min(folders, key=lambda folder: (len(folder.parts), str(folder)), default=None)


def _manifest(by_name: Mapping[str, SourceFile]) -> Manifest:
    source = next(file for name, file in by_name.items() if name.lower() == MANIFEST)
    with source.path.open("rb") as file:
        start = file.read(_LARGEST_MANIFEST).removeprefix(csv_text.BOM)
    lines = start.decode("utf-8", errors="replace").splitlines(keepends=True)
    records = csv_text.split(lines)
    return read_manifest(record.cells for record in records if isinstance(record, csv_text.Record))


def _promised(
    manifest: Manifest,
    files: Sequence[SourceFile],
    root: PurePosixPath,
    by_name: Mapping[str, SourceFile],
    findings: Findings,
) -> tuple[dict[str, SourceFile], bool]:
    """The files that are both promised and there, and whether that is all that is promised."""
    assert manifest.version is not None
    found: dict[str, SourceFile] = {}
    for file in files:
        path = PurePosixPath(file.name)
        table = BY_NAME.get(path.stem)
        if path.parent == root and path.name.lower() == MANIFEST:
            continue
        if path.parent != root or table is None or not table.exists_in(manifest.version):
            findings.add(
                Finding(code="file-of-other-version", file=file.name, value=manifest.version.value)
            )
            continue
        mode = manifest.mode(table.name)
        if mode in {Mode.BULK, Mode.DELTA}:
            found[table.name] = by_name[path.name]
        else:
            findings.add(
                Finding(
                    code="file-not-promised",
                    table=table.name,
                    file=file.name,
                    value="nothing" if mode is None else mode.value,
                )
            )
    is_whole = True
    for name, mode in manifest.modes.items():
        if mode is not Mode.ABSENT and name not in found:
            is_whole = False
            findings.add(
                Finding(code="file-not-sent", table=name, file=f"{name}.csv", value=mode.value)
            )
    return found, is_whole


@dataclass(frozen=True, slots=True)
class _File:
    """One file of a bundle on its way to a staged table."""

    connection: duckdb.DuckDBPyConnection
    table: Table
    source: SourceFile
    room: Path
    findings: Findings
    tally: Tally
    version: Version

    def stage(self, mode: Mode) -> tuple[tuple[str, int] | None, bool]:
        """SQL of the staged rows and their number (None: it was refused); whether all was read."""
        if self.source.size == 0:
            self._find("file-empty")
            return None, False
        survey = csv_text.Survey()
        for chunk in chunks(self.source.path):
            survey.feed(chunk)
        bad_at = survey.finish().bad_at
        if bad_at is not None:
            line, bad = place_of(self.source.path, bad_at)
            self._find("encoding-unknown", row=line, value=bad.hex(" "), other=likely_encoding(bad))
            return None, False
        first = self._first_record()
        if isinstance(first, csv_text.Spoilt):
            self._find(STOPS[first.why], row=first.line)
            return None, False
        if first is None or not any(cell.strip() for cell in first.cells):
            self._find("header-missing")
            return None, False
        header = self._header(first.cells)
        if "sourcedId" not in header.places:
            self._find("file-without-id")
            return None, False
        split = Splitter(
            self.connection, self.source.path, self.source.name, header, self.room, self.findings
        ).split(survey, first.line)
        self._forgive_endings()
        if split.parquet is None:
            return None, False
        line = "_row" if split.numbered else "file_row_number + 2"
        raw = Raw(
            self.connection,
            self.table,
            self.source.name,
            f"(SELECT *, {line} AS _line FROM "
            f"read_parquet({sql.text(str(split.parquet))}, file_row_number = true))",
            tuple(header.places),
            self.version,
        )
        rows, refused = stage_cells(
            raw, mode, self.room / "staged.parquet", self.findings, self.tally
        )
        relation = f"read_parquet({sql.text(str(self.room / 'staged.parquet'))})"
        return (relation, rows), split.trust is Trust.WHOLE and not refused

    def _first_record(self) -> csv_text.Record | csv_text.Spoilt | None:
        with self.source.path.open("rb") as file:
            start = file.read(_HEADER_BYTES).removeprefix(csv_text.BOM)
        lines = start.decode("utf-8", errors="replace").splitlines(keepends=True)
        return next(iter(csv_text.split(lines)), None)

    def _header(self, cells: Sequence[str]) -> Header:
        """Where the table's columns are; secrets have no place, so that they are never read."""
        known = {
            column.name: column
            for column in self.table.columns
            if column.need(self.version) is not Need.ABSENT
        }
        folded = {name.lower(): name for name in known}
        places: dict[str, int] = {}
        taken: set[str] = set()
        for place, cell in enumerate(cells):
            written = cell.strip()
            name = written if written in known else folded.get(written.lower(), written)
            if not written:
                continue
            if name.lower() in taken or (name not in known and not name.startswith(METADATA)):
                self._deviates("columns-unknown", written)
                continue
            if name != written:
                self._deviates("columns-case", written)
            taken.add(name.lower())
            if name not in known or known[name].kind is not Kind.SECRET:
                places[name] = place
        missing = [
            name
            for name, column in known.items()
            if name.lower() not in taken and not column.dropped
        ]
        if missing:
            self._deviates("columns-missing", ", ".join(missing))
        order = [name for name in known if name in places]
        given = [name for name in places if name in known]
        metadata = [place for name, place in places.items() if name.startswith(METADATA)]
        plain = [place for name, place in places.items() if name in known]
        if given != order or (metadata and plain and min(metadata) < max(plain)):
            self._deviates("columns-order", ", ".join(given))
        unnamed = tuple(place for place, cell in enumerate(cells) if not cell.strip())
        return Header(len(cells), _stand_in(self.table.name), places, unnamed, True, ())

    def _forgive_endings(self) -> None:
        """The binding's CSV ends its lines with CR LF (RFC 4180); only Canvas's has another use."""
        self.findings.flush()
        self.connection.execute(
            f"DELETE FROM {self.findings.table} WHERE code = 'line-endings' AND file = ?",
            [self.source.name],
        )

    def _deviates(self, code: str, example: str) -> None:
        self.tally.add(code, self.table.name, example=example, where=self.source.name)

    def _find(
        self,
        code: str,
        *,
        row: int | None = None,
        value: str | None = None,
        other: str | None = None,
    ) -> None:
        self.findings.add(
            Finding(
                code=code,
                table=self.table.name,
                file=self.source.name,
                row=row,
                value=value,
                other=other,
            )
        )


def _stand_in(name: str) -> canvas_table.Table:
    """The splitter speaks of Canvas's tables and wants their name alone."""
    return canvas_table.Table(
        name=name, title=name, header=canvas_table.Header(()), key=(), columns=()
    )
