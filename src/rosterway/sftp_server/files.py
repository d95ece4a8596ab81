"""Opening files for clients, and what clients are told of them."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import asyncssh
from asyncssh.constants import (
    FILEXFER_TYPE_DIRECTORY,
    FILEXFER_TYPE_REGULAR,
    FXF_APPEND,
    FXF_CREAT,
    FXF_EXCL,
    FXF_READ,
)

from rosterway.gateway.uploads import Upload

_ALWAYS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MEANING = ((FXF_APPEND, os.O_APPEND), (FXF_CREAT, os.O_CREAT), (FXF_EXCL, os.O_EXCL))


@dataclass(slots=True, eq=False)
class Handle:
    """An open file; with an upload if it is open for writing."""

    fd: int
    upload: Upload | None = None
    failed: str = ""
    """Why a write did not go well; the file is then not what the client meant."""


def handle_of(file_obj: object) -> Handle:
    """What asyncssh hands back is what `Session.open` gave it."""
    assert isinstance(file_obj, Handle)
    return file_obj


def open_regular(real: str, flags: int) -> int:
    """Open a regular file, and nothing else: opening a pipe could wait for ever."""
    fd = os.open(real, flags | _ALWAYS, 0o600)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise asyncssh.SFTPFailure("not a file")
    return fd


def os_flags(pflags: int) -> int:
    """SFTP's flags as the system's; truncating comes later."""
    flags = os.O_RDWR if pflags & FXF_READ else os.O_WRONLY
    for asked, means in _MEANING:
        if pflags & asked:
            flags |= means
    return flags


def check_target(real: str, pflags: int) -> None:
    """Refuse what cannot be opened for writing before anybody is told of an upload."""
    try:
        status = os.lstat(real)
    except FileNotFoundError:
        if not pflags & FXF_CREAT or not Path(real).parent.is_dir():
            raise asyncssh.SFTPNoSuchFile("no such file or folder") from None
        return
    if not stat.S_ISREG(status.st_mode):
        raise asyncssh.SFTPFailure("not a file")
    if pflags & FXF_EXCL:
        raise asyncssh.SFTPFileAlreadyExists("a file of that name is there already")


def check_cut(status: os.stat_result, size: int) -> None:
    """A file may be cut shorter; made longer it would hold what nobody sent."""
    if size > status.st_size:
        raise asyncssh.SFTPFailure("a file grows by what is written to it")


def set_dates(where: str | int, attrs: asyncssh.SFTPAttrs) -> None:
    """Set a file's dates, if the client names both."""
    if attrs.atime is not None and attrs.mtime is not None:
        os.utime(where, (attrs.atime, attrs.mtime))


def is_usual(status: os.stat_result) -> bool:
    """Whether this is a file or folder, and nothing stranger."""
    return stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)


def attributes(status: os.stat_result) -> asyncssh.SFTPAttrs:
    """What a client needs to know; not which of the server's users a file belongs to."""
    is_folder = stat.S_ISDIR(status.st_mode)
    return asyncssh.SFTPAttrs(
        type=FILEXFER_TYPE_DIRECTORY if is_folder else FILEXFER_TYPE_REGULAR,
        size=status.st_size,
        permissions=status.st_mode,
        atime=int(status.st_atime),
        mtime=int(status.st_mtime),
        nlink=1,
    )
