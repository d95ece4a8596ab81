"""The server's own key: made once, kept for good, for clients pin it."""

import os
import stat
from pathlib import Path

import asyncssh

from rosterway.errors import ConfigError


def host_key(path: Path) -> asyncssh.SSHKey:
    """The key in this file, which is made if there is none. A damaged one is never replaced."""
    if not path.exists():
        _create(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigError(f"others may read the SFTP host key {path}", remedy=f"chmod 600 {path}")
    try:
        return asyncssh.read_private_key(path)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise ConfigError(
            f"the SFTP host key {path} cannot be read: {error}",
            remedy="restore it from a backup; removing it makes a new one, "
            "and every client will refuse to connect until it has accepted that",
        ) from error


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    key = asyncssh.generate_private_key("ssh-ed25519", comment="rosterway")  # pyright: ignore[reportUnknownMemberType]
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key.export_private_key())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # unlike a rename it never replaces the key of somebody quicker
        except FileExistsError:
            return
    finally:
        draft.unlink()
    above = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(above)
    finally:
        os.close(above)
