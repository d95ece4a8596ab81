"""A delivery's path becomes CSV files on disk: folders walked, zips opened, nothing trusted.

Names inside a zip never leave the folder they are unpacked into, sizes are counted while bytes
arrive rather than believed, and links are not followed. What is left out is always named.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shutil import disk_usage

from rosterway.errors import UsageError
from rosterway.formats.problems import Finding

_CHUNK = 1 << 20
_LITTER = {"desktop.ini", "desktop.db", "thumbs.db"}


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
    """The CSV files of a delivery in name order, and what was wrong on the way."""

    files: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]


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
    for path, name, alone in entries:
        suffix = PurePosixPath(name).suffix.lower()
        if suffix == ".csv":
            files.append(SourceFile(name, path, path.stat().st_size))
        elif suffix == ".zip":
            prefix = "" if alone else f"{name}/"
            try:
                files += _unzip(path, name, prefix, into / f"zip{len(files)}", limits, findings)
            except _Refused as refused:
                findings.append(refused.finding)
        else:
            findings.append(Finding(code="file-ignored", file=name))
    explained = {"delivery-empty", "zip-unreadable", "zip-too-large", "zip-unsafe-name"}
    if not files and not any(finding.code in explained for finding in findings):
        findings.append(Finding(code="delivery-empty"))
    return Unpacked(tuple(sorted(files, key=lambda file: file.name)), tuple(findings))


def _named(paths: list[Path], findings: list[Finding]) -> Iterator[tuple[Path, str, bool]]:
    """Every file under the paths with its name, and whether it is the whole delivery."""
    for path in paths:
        try:
            if path.is_dir():
                for found in sorted(path.rglob("*")):
                    name = found.relative_to(path).as_posix()
                    if _is_litter(name):
                        continue
                    if found.is_symlink():
                        findings.append(Finding(code="file-link", file=name))
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
                f"{path} cannot be read: {error.strerror}.", remedy="Check its permissions."
            ) from error


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
) -> list[SourceFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            _refuse_hostile(members, name, limits)
            return _extract(archive, members, name, prefix, into, limits, findings)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise _Refused(
            Finding(code="zip-unreadable", file=name, other=str(error) or "damaged")
        ) from error
    except RuntimeError as error:  # what zipfile raises for an encrypted member
        raise _Refused(
            Finding(code="zip-unreadable", file=name, other="it is encrypted")
        ) from error


def _refuse_hostile(members: list[zipfile.ZipInfo], name: str, limits: UnpackLimits) -> None:
    if len(members) > limits.files:
        raise _Refused(Finding(code="zip-too-large", file=name, other=f"{len(members):,} files"))
    for info in members:
        unix_mode = info.external_attr >> 16
        if stat.S_ISLNK(unix_mode) or not _is_safe(info.filename):
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
    name: str,
    prefix: str,
    into: Path,
    limits: UnpackLimits,
    findings: list[Finding],
) -> list[SourceFile]:
    into.mkdir(parents=True)
    allowed = _allowance(sum(info.compress_size for info in members), into, limits)
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
        if suffix != ".csv":
            code = "zip-inside-zip" if suffix == ".zip" else "file-ignored"
            findings.append(Finding(code=code, file=prefix + member))
            continue
        if member in seen:
            raise _Refused(
                Finding(code="zip-unreadable", file=name, other=f"it holds {member} twice")
            )
        seen.add(member)
        # Our own name on disk: the sender's name is data.
        target = into / f"{number}.csv"
        size = 0
        with archive.open(info) as source, target.open("wb") as copy:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                spent += len(chunk)
                if spent > allowed:
                    raise _Refused(
                        Finding(
                            code="zip-too-large", file=name, other=f"more than {allowed:,} bytes"
                        )
                    )
                copy.write(chunk)
        files.append(SourceFile(prefix + member, target, size))
    if not files:
        findings.append(Finding(code="delivery-empty", file=name))
    return files


def _allowance(compressed: int, into: Path, limits: UnpackLimits) -> int:
    """How many bytes may be unpacked: Canvas's limits, and what the disk can spare."""
    by_ratio = max(limits.free_ratio, compressed * limits.ratio)
    by_disk = max(0, disk_usage(into).free - limits.spare_disk)
    return min(limits.total_bytes, by_ratio, by_disk)
