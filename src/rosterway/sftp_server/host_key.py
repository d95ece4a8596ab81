"""The server's own key: made once, and changed only by an operator, for clients pin it.

While it is being changed there are two: the one in use, by which every client knows the server, and
the next, which is only announced (`hostkeys-00@openssh.com`, OpenSSH's PROTOCOL section 2.5). A
client that follows announcements remembers it, and so does a person who is given its fingerprint.
When the first is retired the next takes its place.
"""

import os
import stat
from pathlib import Path

import asyncssh

from rosterway.errors import ConfigError, ConflictError, NotFoundError

#: What is added to the name of the file of the key in use.
NEXT = ".next"


def host_keys(path: Path) -> list[asyncssh.SSHKey]:
    """The key in use, which is made if there is none, and the next if there is one.

    A damaged one is never replaced: ConfigError.
    """
    if not path.exists():
        _create(path)
    announced = _next(path)
    return [_read(one) for one in (path, announced) if one == path or one.exists()]


def rotate(path: Path) -> asyncssh.SSHKey:
    """Make the next key, to be announced beside the one in use. ConflictError if there is one."""
    host_keys(path)
    if _next(path).exists():
        raise ConflictError(
            "the host key is being changed already",
            remedy="retire one of the two first; `rosterway sftp host-key list` has both",
        )
    _create(_next(path))
    return _read(_next(path))


def retire(path: Path, fingerprint: str) -> asyncssh.SSHKey:
    """Forget one of the two keys for good; answers the one that stays, which is then in use.

    NotFoundError if neither has this fingerprint, ConflictError if there is only one.
    """
    keys = host_keys(path)
    shown = [one.get_fingerprint() for one in keys]
    if fingerprint not in shown:
        raise NotFoundError(
            f"there is no host key {fingerprint}", remedy="`rosterway sftp host-key list` has them"
        )
    if len(keys) == 1:
        raise ConflictError(
            "the server has no other host key",
            remedy="`rosterway sftp host-key rotate` makes the next one",
        )
    if fingerprint == shown[0]:
        _next(path).replace(path)
    else:
        _next(path).unlink()
    _sync(path.parent)
    return host_keys(path)[0]


def _next(path: Path) -> Path:
    return path.with_name(path.name + NEXT)


def _read(path: Path) -> asyncssh.SSHKey:
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
    _sync(path.parent)


def _sync(folder: Path) -> None:
    above = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(above)
    finally:
        os.close(above)
