"""One client's SFTP session inside its jail, reporting every upload to `Arrivals`.

Offered: what file transfer clients use. Not offered: links of any kind, locks, server-side copies
(`copy-data` onto itself never ends), facts about the disk. What clients set beside the content
(`put -p`, WinSCP, FileZilla) never fails an upload: dates are kept, modes and owners ignored.

A close that the client asked for means that the file is whole. A handle that ends otherwise, or
after a failed write, leaves it unfinished.
"""
# ruff: noqa: ARG002 - the signatures are asyncssh's

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh
import structlog
from asyncssh.constants import FXF_READ, FXF_TRUNC

from rosterway.errors import AccessError, RosterwayError
from rosterway.gateway.arrivals import Arrivals
from rosterway.gateway.sealing import LOST_CONNECTION
from rosterway.sftp_server.accounts import SftpAccount
from rosterway.sftp_server.files import (
    Handle,
    attributes,
    check_cut,
    check_target,
    handle_of,
    is_usual,
    open_regular,
    os_flags,
    set_dates,
)
from rosterway.sftp_server.jail import Deed, Jail
from rosterway.sftp_server.room import Room

log = structlog.get_logger()

#: Handles one session may have open at once.
MAX_HANDLES = 256
#: No file may grow beyond what Canvas accepts in a zip.
MAX_FILE = 50 * 1024**3


class Session(asyncssh.SFTPServer):
    """What one client may do."""

    def __init__(
        self, channel: Any, account: SftpAccount, jail: Jail, arrivals: Arrivals, room: Room
    ) -> None:
        super().__init__(channel)  # pyright: ignore[reportUnknownMemberType]
        self._channel = channel
        self._account = account
        self._jail = jail
        self._arrivals = arrivals
        self._room = room
        self._log = log.bind(tenant=account.tenant, login=account.login)
        self._open: set[Handle] = set()
        self._ended = False

    def ended(self) -> None:
        """Nobody is there any more; whatever is closed from now on was not closed by the client."""
        self._ended = True

    def leave(self) -> None:
        """Say goodbye in the way of programs: all went well."""
        self._channel.exit(0)

    # Files

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Handle:
        """Open a file; anything but plain reading makes it an upload."""
        writing = bool(pflags & ~FXF_READ)
        real = self._real(path, Deed.PUT if writing else Deed.LOOK)
        if len(self._open) >= MAX_HANDLES:
            raise asyncssh.SFTPFailure("too many open files")
        handle = (
            self._open_to_write(real, pflags)
            if writing
            else Handle(open_regular(real, os.O_RDONLY))
        )
        self._open.add(handle)
        return handle

    def _open_to_write(self, real: str, pflags: int) -> Handle:
        check_target(real, pflags)
        if not os.path.lexists(real):
            self._room.another()
        with _refusals():
            upload = self._arrivals.opened(real)
        try:
            fd = open_regular(real, os_flags(pflags))
            if pflags & FXF_TRUNC:
                os.ftruncate(fd, 0)
        except BaseException:
            self._arrivals.withdrawn(upload)
            raise
        return Handle(fd, upload)

    def close(self, file_obj: object) -> None:
        """The client closes a handle, or the session ends with it open."""
        handle = handle_of(file_obj)
        self._open.discard(handle)
        try:
            os.close(handle.fd)
        except OSError as error:
            handle.failed = handle.failed or _text(error)
        if (upload := handle.upload) is None:
            return
        reason = handle.failed or (LOST_CONNECTION if self._ended else "")
        if not reason:
            self._log.info("upload.closed", path=self._jail.shown(upload.path))
            self._arrivals.closed(upload)
            return
        self._log.warning("upload.lost", path=self._jail.shown(upload.path), reason=reason)
        self._arrivals.lost(upload, reason)
        if not self._ended:
            raise asyncssh.SFTPFailure(f"the file is not complete: {reason}")

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Read what is there."""
        return os.pread(handle_of(file_obj).fd, size, offset)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write all of `data`. This is what a large upload spends its time in: keep it short."""
        handle = handle_of(file_obj)
        if (upload := handle.upload) is None:
            raise asyncssh.SFTPPermissionDenied("opened for reading")
        upload.writes += 1
        try:
            if upload.revoked:
                raise OSError(errno.ESTALE, "this upload was given up; send the file again")
            if offset + len(data) > MAX_FILE:
                raise OSError(errno.EFBIG, f"larger than {MAX_FILE // 1024**3} GiB")
            self._room.more(len(data))
            written = os.pwrite(handle.fd, data, offset)
            while written < len(data):
                written += os.pwrite(handle.fd, data[written:], offset + written)
        except OSError as error:
            handle.failed = _text(error)
            raise
        return written

    async def fsync(self, file_obj: object) -> None:
        """Have it on disk, without stopping everybody else meanwhile."""
        await asyncio.to_thread(os.fsync, handle_of(file_obj).fd)

    # Attributes

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Attributes of a file or folder; a link is refused before."""
        return attributes(os.lstat(self._real(path, Deed.LOOK)))

    def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """The same: there are no links."""
        return self.stat(path)

    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        """Attributes of an open file."""
        return attributes(os.fstat(handle_of(file_obj).fd))

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Cut a file, set its dates; ignore modes and owners."""
        real = self._real(path, Deed.LOOK if attrs.size is None else Deed.PUT)
        status = os.lstat(real)
        if attrs.size is not None:
            check_cut(status, attrs.size)
            fd = open_regular(real, os.O_WRONLY)
            try:
                os.ftruncate(fd, attrs.size)
            finally:
                os.close(fd)
        if self._jail.allows(path, Deed.PUT):
            set_dates(real, attrs)
            self._arrivals.touched(real)

    def lsetstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """The same: there are no links."""
        self.setstat(path, attrs)

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """The same for an open file."""
        handle = handle_of(file_obj)
        if handle.upload is None:
            return
        if attrs.size is not None:
            check_cut(os.fstat(handle.fd), attrs.size)
            handle.upload.writes += 1
            os.ftruncate(handle.fd, attrs.size)
        set_dates(handle.fd, attrs)

    # Folders and names

    def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """List files and folders; what cannot be used is not shown."""
        real = self._real(path, Deed.LOOK)
        own = attributes(os.lstat(real))
        names = [asyncssh.SFTPName(b".", attrs=own), asyncssh.SFTPName(b"..", attrs=own)]
        with os.scandir(real) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    if is_usual(status) and self._jail.shows(real, entry.name):
                        name = os.fsencode(entry.name)
                        names.append(asyncssh.SFTPName(name, attrs=attributes(status)))
        return _each(names)

    def realpath(self, path: bytes) -> bytes:
        """A path as text; whether anything is there is not asked."""
        with _refusals():
            return os.fsencode(self._jail.virtual(path))

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Make a folder, for our own user alone."""
        real = self._real(path, Deed.PUT)
        self._room.another()
        Path(real).mkdir(0o700)
        self._arrivals.touched(real)

    def rmdir(self, path: bytes) -> None:
        """Remove an empty folder that no feed reads from."""
        real = self._real(path, Deed.REMOVE)
        self._check_free(real)
        Path(real).rmdir()
        self._arrivals.touched(real)

    def remove(self, path: bytes) -> None:
        """Remove a file."""
        real = self._real(path, Deed.REMOVE)
        Path(real).unlink()
        self._arrivals.removed(real)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename, but never over something else (SFTP 3, section 6.5)."""
        self._rename(oldpath, newpath, replace=False)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename and replace what is there: the end of a careful upload."""
        self._rename(oldpath, newpath, replace=True)

    def _rename(self, oldpath: bytes, newpath: bytes, *, replace: bool) -> None:
        old, new = self._real(oldpath, Deed.MOVE), self._real(newpath, Deed.PUT)
        self._check_free(old)
        self._check_free(new)
        if not replace and os.path.lexists(new):
            raise asyncssh.SFTPFileAlreadyExists("a file of that name is there already")
        Path(old).rename(new)
        self._arrivals.renamed(old, new)

    # Never

    def map_path(self, path: bytes) -> bytes:
        """Whatever a newer asyncssh learns to do with a path, it does not do it here."""
        raise asyncssh.SFTPOpUnsupported("not offered here")

    def open56(
        self, path: bytes, desired_access: int, flags: int, attrs: asyncssh.SFTPAttrs
    ) -> object:
        """We speak version 3, which has no such request."""
        raise asyncssh.SFTPOpUnsupported("not offered here")

    def readlink(self, path: bytes) -> bytes:
        """There are no links."""
        raise asyncssh.SFTPPermissionDenied("links are not allowed here")

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """There are no links."""
        raise asyncssh.SFTPPermissionDenied("links are not allowed here")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        """There are no links."""
        raise asyncssh.SFTPPermissionDenied("links are not allowed here")

    # What listings say instead of the names of the server's own users

    def format_user(self, uid: int | None) -> str:
        """Everything belongs to who looks."""
        return self._account.login

    def format_group(self, gid: int | None) -> str:
        """And to their tenant."""
        return self._account.tenant

    def _real(self, path: bytes, deed: Deed) -> str:
        with _refusals():
            return self._jail.resolve(path, deed)

    def _check_free(self, real: str) -> None:
        if self._arrivals.is_fixed(real):
            raise asyncssh.SFTPPermissionDenied("a feed reads from this folder; it must stay")


async def _each(names: list[asyncssh.SFTPName]) -> AsyncIterator[asyncssh.SFTPName]:
    for name in names:
        yield name


@contextmanager
def _refusals() -> Generator[None]:
    """Our refusals in the words of SFTP."""
    try:
        yield
    except AccessError as error:
        raise asyncssh.SFTPPermissionDenied(error.message) from error
    except RosterwayError as error:
        told = f"{error.message}: {error.remedy}" if error.remedy else error.message
        raise asyncssh.SFTPFailure(told) from error


def _text(error: OSError) -> str:
    return error.strerror or str(error)
