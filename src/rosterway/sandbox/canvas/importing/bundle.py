"""What an upload contains: the readable CSV files, by type, and what is wrong with the others.

Guarantees: nothing is written outside the folder given, whatever names a zip uses; a file that
cannot be used leaves a message and keeps no other file from being used.

Facts: canvas-lms `gems/canvas_unzip`, `lib/sis/csv/import_refactored.rb`.
"""

import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from rosterway.sandbox.canvas.importing.detection import FILE_TYPES, UNKNOWN_HEADERS, detect
from rosterway.sandbox.canvas.importing.reading import CsvFile, open_csv
from rosterway.sandbox.canvas.state.office import Message
from rosterway.sandbox.canvas.trouble import Crashed, Refused

UNKNOWN_TYPE = "Skipping unknown file type"

_MAX_FILES = 100_000
_MAX_RATIO = 100
_MAX_BYTES = 50 * 1024**3
_IGNORED = frozenset({"desktop.ini", "desktop.db", "thumbs.db"})


@dataclass(slots=True)
class Bundle:
    """Files by the name of their type, types in processing order."""

    files: dict[str, list[CsvFile]] = field(
        default_factory=lambda: {file_type.name: [] for file_type in FILE_TYPES}
    )
    messages: list[Message] = field(default_factory=list[Message])

    def all(self) -> Iterator[tuple[str, CsvFile]]:
        """Type and file, in processing order."""
        for name, files in self.files.items():
            for file in files:
                yield name, file

    def size(self) -> int:
        """Uncompressed bytes of all files."""
        return sum(file.path.stat().st_size for _, file in self.all())

    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.rows for _, file in self.all())

    def types(self) -> list[str]:
        """The types that are there at all."""
        return [name for name, files in self.files.items() if files]


def open_bundle(upload: Path, name: str, folder: Path, knobs_on: frozenset[str]) -> Bundle:
    """Unpack an upload into a folder and read what it holds; Crashed if the zip is unusable.

    `name` decides by its ending: zip, csv, or anything else, which is passed over in silence.
    """
    bundle = Bundle()
    match PurePosixPath(name).suffix.lower():
        case ".csv":
            members = iter([(name, upload)])
        case ".zip":
            members = _unzip(upload, folder, bundle)
        case _:
            members = iter([])
    for member, path in members:
        try:
            file = open_csv(member, path)
        except Refused as refused:
            bundle.messages.append(Message(member, str(refused), failure=True))
            continue
        if file is None:
            continue
        file_type = detect(file.headers, knobs_on)
        if file_type is None:
            bundle.messages.append(Message(member, UNKNOWN_HEADERS, failure=True))
        else:
            bundle.files[file_type.name].append(file)
    return bundle


def _unzip(upload: Path, folder: Path, bundle: Bundle) -> Iterator[tuple[str, Path]]:
    try:
        with zipfile.ZipFile(upload) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _limit(entries, upload.stat().st_size)
            for number, entry in enumerate(entries):
                path = PurePosixPath(entry.filename.replace("\\", "/"))
                if _is_ignored(path):
                    continue
                if path.suffix.lower() != ".csv":
                    bundle.messages.append(Message(str(path), UNKNOWN_TYPE))
                    continue
                target = folder / f"{number}.csv"
                with archive.open(entry) as source, target.open("wb") as out:
                    shutil.copyfileobj(source, out, 1 << 20)
                yield str(path), target
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise Crashed(str(error)) from error


def _limit(entries: list[zipfile.ZipInfo], packed: int) -> None:
    size = sum(entry.file_size for entry in entries)
    if len(entries) > _MAX_FILES or size >= _MAX_BYTES or size >= _MAX_RATIO * packed:
        raise Crashed("the zip unpacks to more than Canvas takes")


def _is_ignored(path: PurePosixPath) -> bool:
    return (
        "__MACOSX" in path.parts
        or path.name.lower() in _IGNORED
        or any(part.startswith(".") and part != ".." for part in path.parts)
    )
