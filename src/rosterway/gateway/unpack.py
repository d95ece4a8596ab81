"""A delivery's path becomes CSV files on disk: folders walked, zips opened, nothing trusted.

Names inside a zip never leave the folder they are unpacked into, sizes are counted while bytes
arrive rather than believed, and links are not followed. What is left out is always named.
"""

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import fsencode
from pathlib import Path, PurePosixPath
from shutil import disk_usage, rmtree

from rosterway.errors import UsageError
from rosterway.formats.problems import Finding
from rosterway.gateway.pulled import is_pull, unproven_in

_CHUNK = 1 << 20
_DIRECTORY = ("/", "\\")
_LITTER = {"desktop.ini", "desktop.db", "thumbs.db"}

#: What Canvas can unpack (rubyzip); the others also ask for memory as they like.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

#: What a damaged archive makes `zipfile` and its decompressors raise.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    ValueError,
    IndexError,
)


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """How much a zip may hold; the counts are Canvas's own (canvas-lms `gems/canvas_unzip`)."""

    files: int = 100_000
    total_bytes: int = 50 * 1024**3
    ratio: int = 100  #: uncompressed to compressed
    free_ratio: int = 50 * 1024**2  #: a zip that unpacks to less may have any ratio
    spare_disk: int = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One CSV file of a delivery: its name as the sender knows it, and where it lies."""

    name: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The CSV files of a delivery in name order, and what was wrong on the way.

    `unproven` says why what is missing must not be taken for gone, if the files are a pull's.
    """

    files: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]
    unproven: str | None = None


class _Refused(Exception):  # noqa: N818 - never leaves this module; it carries a finding out
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def unpack(paths: list[Path], into: Path, *, limits: UnpackLimits | None = None) -> Unpacked:
    """Collect the CSV files of `paths` (folders, zips, files), unpacking zips below `into`.

    Names are relative to a folder given, a zip's member names for a zip given, else file names.
    Raises UsageError when a path does not exist or cannot be read.
    """
    findings: list[Finding] = []
    return _collect(_named(paths, findings), findings, into, limits or UnpackLimits())


def unpack_named(
    files: list[tuple[str, Path]], into: Path, *, limits: UnpackLimits | None = None
) -> Unpacked:
    """Collect the CSV files of delivered files that lie elsewhere under other names (blobs)."""
    alone = len(files) == 1
    entries = ((path, name, alone) for name, path in files if not _is_litter(name))
    return _collect(entries, [], into, limits or UnpackLimits())


def _collect(
    entries: Iterable[tuple[Path, str, bool]],
    findings: list[Finding],
    into: Path,
    limits: UnpackLimits,
) -> Unpacked:
    files: list[SourceFile] = []
    words: list[str | None] = []
    for number, (path, given, alone) in enumerate(entries):
        name = _legible(given)
        if is_pull(name):
            words.append(unproven_in(path))
            continue
        suffix = PurePosixPath(name).suffix.lower()
        if suffix == ".csv" and str(path) != _legible(str(path)):
            reason = "its name is not UTF-8"  # and the calculator opens no other
            findings.append(Finding(code="file-unreadable", file=name, other=reason))
        elif suffix == ".csv":
            files.append(SourceFile(name, path, path.stat().st_size))
        elif suffix == ".zip":
            prefix = "" if alone else f"{name}/"
            room = into / f"zip{number}"
            try:
                files += _unzip(path, name, prefix, room, limits, findings, words)
            except _Refused as refused:
                rmtree(room, ignore_errors=True)
                findings.append(refused.finding)
        else:
            findings.append(Finding(code="file-ignored", file=name))
    explained = {"delivery-empty", "zip-unreadable", "zip-too-large", "zip-unsafe-name", "zip-link"}
    if not files and not any(finding.code in explained for finding in findings):
        findings.append(Finding(code="delivery-empty"))
    unproven = next((word for word in words if word), None)
    return Unpacked(tuple(sorted(files, key=lambda file: file.name)), tuple(findings), unproven)


def _named(paths: list[Path], findings: list[Finding]) -> Iterator[tuple[Path, str, bool]]:
    """Every file under the paths with its name, and whether it is the whole delivery."""
    for path in paths:
        try:
            if path.is_dir():
                for found in below(path):
                    name = found.relative_to(path).as_posix()
                    if _is_litter(name):
                        continue
                    if found.is_symlink():
                        findings.append(Finding(code="file-link", file=_legible(name)))
                    elif found.is_file():
                        yield found, name, False
            elif path.is_file():
                with path.open("rb"):
                    pass
                yield path, path.name, len(paths) == 1
            else:
                raise UsageError(
                    f"There is no file or folder {path}.", remedy="Check the path and try again."
                )
        except OSError as error:
            raise UsageError(
                f"{error.filename or path} cannot be read: {error.strerror}.",
                remedy="Check its permissions.",
            ) from error


def _legible(name: str) -> str:
    """A name as text, whatever bytes it has on disk."""
    return fsencode(name).decode("utf-8", errors="replace")


def below(folder: Path) -> list[Path]:
    """Everything below a folder, in order; PermissionError, not silence, for a closed one."""

    def refuse(error: OSError) -> None:
        raise error

    return sorted(
        Path(where) / name
        for where, folders, files in os.walk(folder, onerror=refuse)
        for name in [*folders, *files]
    )


def _is_litter(name: str) -> bool:
    """Files that file managers leave behind and Canvas skips without a word."""
    parts = PurePosixPath(name).parts
    return (
        "__MACOSX" in parts
        or any(part.startswith(".") and part not in {".", ".."} for part in parts)
        or parts[-1].lower() in _LITTER
    )


def _unzip(
    path: Path,
    name: str,
    prefix: str,
    into: Path,
    limits: UnpackLimits,
    findings: list[Finding],
    words: list[str | None],
) -> list[SourceFile]:
    try:
        with _opened(path) as archive:
            members = [
                info for info in archive.infolist() if not info.filename.endswith(_DIRECTORY)
            ]
            _refuse_hostile(members, name, limits)
            return _extract(archive, members, path, name, prefix, into, limits, findings, words)
    except _DAMAGE as error:
        raise _Refused(
            Finding(code="zip-unreadable", file=name, other=str(error) or "damaged")
        ) from error
    except RuntimeError as error:  # what zipfile raises for an encrypted member
        raise _Refused(
            Finding(code="zip-unreadable", file=name, other="it is encrypted")
        ) from error


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except OSError as error:
        raise zipfile.BadZipFile(error.strerror) from error


def _refuse_hostile(members: list[zipfile.ZipInfo], name: str, limits: UnpackLimits) -> None:
    if len(members) > limits.files:
        raise _Refused(Finding(code="zip-too-large", file=name, other=f"{len(members):,} files"))
    for info in members:
        if stat.S_ISLNK(info.external_attr >> 16):
            raise _Refused(Finding(code="zip-link", file=name, value=info.filename))
        if not _is_safe(info.filename):
            raise _Refused(Finding(code="zip-unsafe-name", file=name, value=info.filename))


def _is_safe(member: str) -> bool:
    """Whether a member's name stays below the folder it is unpacked into, on any system."""
    parts = PurePosixPath(member.replace("\\", "/")).parts
    return (
        bool(parts)
        and ".." not in parts
        and not member.startswith(("/", "\\"))
        and ":" not in parts[0]
        and all(character.isprintable() for character in member)
    )


def _extract(
    archive: zipfile.ZipFile,
    members: list[zipfile.ZipInfo],
    path: Path,
    name: str,
    prefix: str,
    into: Path,
    limits: UnpackLimits,
    findings: list[Finding],
    words: list[str | None],
) -> list[SourceFile]:
    into.mkdir(parents=True)
    allowed = _allowance(path.stat().st_size, into, limits)
    declared = sum(info.file_size for info in members)
    if declared > allowed:
        raise _Refused(
            Finding(code="zip-too-large", file=name, other=f"{declared:,} bytes of {allowed:,}")
        )
    spent = 0
    files: list[SourceFile] = []
    seen: set[str] = set()
    for number, info in enumerate(members):
        member = info.filename.replace("\\", "/")
        if _is_litter(member):
            continue
        suffix = PurePosixPath(member).suffix.lower()
        if suffix != ".csv" and not is_pull(member):
            code = "zip-inside-zip" if suffix == ".zip" else "file-ignored"
            findings.append(Finding(code=code, file=prefix + member))
            continue
        if member in seen:
            raise _Refused(
                Finding(code="zip-unreadable", file=name, other=f"it holds {member} twice")
            )
        seen.add(member)
        # Our own name on disk: the sender's name is data.
        target = into / f"{number}{suffix}"
        size = 0
        with target.open("wb") as copy:
            for chunk in _pieces(archive, info):
                size += len(chunk)
                spent += len(chunk)
                if spent > allowed:
                    raise _Refused(
                        Finding(
                            code="zip-too-large", file=name, other=f"more than {allowed:,} bytes"
                        )
                    )
                copy.write(chunk)
        if is_pull(member):
            words.append(unproven_in(target))
            continue
        files.append(SourceFile(prefix + member, target, size))
    if not files:
        findings.append(Finding(code="delivery-empty", file=name))
    return files


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a member. What cannot be read is the zip's fault; a full disk is not."""
    if info.compress_type not in _METHODS:
        raise zipfile.BadZipFile(
            f"{info.filename} is compressed by method {info.compress_type}, not by deflate"
        )
    try:
        with archive.open(info) as member:
            while chunk := member.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise zipfile.BadZipFile(error.strerror) from error


def _allowance(zipped: int, into: Path, limits: UnpackLimits) -> int:
    """How many bytes may be unpacked: Canvas's limits, and what the disk can spare."""
    by_ratio = max(limits.free_ratio, zipped * limits.ratio)
    by_disk = max(0, disk_usage(into).free - limits.spare_disk)
    return min(limits.total_bytes, by_ratio, by_disk)
