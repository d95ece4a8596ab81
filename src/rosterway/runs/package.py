"""The upload of one SIS import: a zip of the plan's exact files, each named so that it is known again.

Canvas shows the files inside a zip under their own names and not the zip's, so each carries the
marker by which an import is looked for.
"""

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rosterway.runs.jobs import SentPath
from rosterway.store.blobs import Blobs

#: Canvas refuses a zip that unpacks to 100 times its size: beyond this we do not compress.
_MOST_COMPRESSED = 60
_PIECE = 1 << 20


def pack(
    blobs: Blobs,
    artifacts: Mapping[str, str],
    files: Sequence[SentPath],
    marker: str,
    target: Path,
) -> str:
    """Write the zip to `target`; answers its SHA-256. The same files are the same bytes.

    `artifacts` are the plan's files by name, as blob digests.
    """
    content = {f"{marker}-{file.table}.csv": artifacts[file.csv] for file in files}
    target.parent.mkdir(parents=True, exist_ok=True)
    _zip(blobs, content, target, zipfile.ZIP_DEFLATED)
    size = sum(blobs.local(blob).stat().st_size for blob in content.values())
    if size > _MOST_COMPRESSED * target.stat().st_size:
        _zip(blobs, content, target, zipfile.ZIP_STORED)
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def plan_name(member: str, marker: str, ordinal: int) -> str:
    """A member's name back to the plan's: `rw-…-01-users.csv` is `01/users.csv`."""
    name = member.rpartition("/")[2]
    if name.startswith(f"{marker}-"):
        return f"{ordinal:02d}/{name.removeprefix(f'{marker}-')}"
    return member


def _zip(blobs: Blobs, content: Mapping[str, str], target: Path, method: int) -> None:
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, blob in content.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            info.file_size = blobs.local(blob).stat().st_size  # beyond 2 GB the format is another
            with blobs.open(blob) as source, archive.open(info, "w") as member:
                while piece := source.read(_PIECE):
                    member.write(piece)
