"""The home's keys: what seals secrets, and what signs the audit log.

They lie beside the database and not in it, so that a copy of the database alone opens nothing and
cannot be altered unnoticed. Sealing keys are numbered files; the highest number seals, all of them
open, so a key can be replaced while what it sealed is still being re-sealed.
"""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

from rosterway.errors import StoreError
from rosterway.store.home import write_privately

_AUDIT = "audit.key"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys as they were when opened."""

    folder: Path
    sealing: tuple[bytes, ...] = field(repr=False)  # newest first
    audit: bytes = field(repr=False)

    @classmethod
    def open(cls, folder: Path) -> "Keyring":
        """The keys in this folder, the first of each made if there is none."""
        if not _sealing_files(folder):
            write_privately(folder / "sealing-0001.key", Fernet.generate_key())
        if not (folder / _AUDIT).exists():
            write_privately(folder / _AUDIT, secrets.token_hex(32).encode())
        return cls(
            folder,
            tuple(path.read_bytes().strip() for path in _sealing_files(folder)),
            (folder / _AUDIT).read_bytes().strip(),
        )

    def with_new_sealing_key(self) -> "Keyring":
        """The keys and one more, which seals from now on."""
        newest = _sealing_files(self.folder)[0]
        following = int(newest.stem.rpartition("-")[2]) + 1
        write_privately(self.folder / f"sealing-{following:04}.key", Fernet.generate_key())
        return Keyring.open(self.folder)

    def fernet(self) -> MultiFernet:
        """What seals and opens."""
        try:
            return MultiFernet([Fernet(key) for key in self.sealing])
        except ValueError as error:
            raise StoreError(
                f"a sealing key in {self.folder} is damaged", remedy="restore it from a backup"
            ) from error


def _sealing_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("sealing-[0-9][0-9][0-9][0-9].key"), reverse=True)
