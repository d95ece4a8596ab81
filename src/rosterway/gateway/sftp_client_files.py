"""Files on somebody else's SFTP server: listed, fetched from where it was cut off, moved, put whole.

Whoever looks at their folder finds a file of ours whole or not at all: it is written under a
temporary name and renamed. What is fetched has the size and the date it was listed with, or is an
error.
"""

import asyncio
import posixpath
import stat
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from rosterway.errors import UnreachableError
from rosterway.gateway.folders import name_fault
from rosterway.gateway.scanning import Left
from rosterway.gateway.sftp_client import Access, refusals, signed_in
from rosterway.gateway.sftp_client_key import HostKey

#: Bytes asked for at a time; so many must come within the connection's timeout.
_PIECE = 1 << 20
#: Our drafts end so, which nobody's patterns take for a delivery.
_DRAFT = ".rosterway.part"
#: What has become of a file that is not there.
_GONE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file by its name in its folder; `mtime` in seconds of their clock, as they say it."""

    name: str
    size: int
    mtime: int


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a folder by name, and what lies among them and can be none of ours."""

    files: tuple[RemoteFile, ...]
    left: tuple[Left, ...]


def below(folder: str, *names: str) -> str:
    """A path on their server; an absolute one stands for itself."""
    return posixpath.normpath(posixpath.join(folder, *names))


@asynccontextmanager
async def opened(access: Access, trusted: HostKey | None) -> AsyncGenerator["RemoteFiles"]:
    """The server's files for as long as the block lasts; raises what `signed_in` raises."""
    async with signed_in(access, trusted) as session:
        yield RemoteFiles(access, session)


class RemoteFiles:
    """One session. Every method raises RejectedError for a no, UnreachableError if it is cut off."""

    def __init__(self, access: Access, session: asyncssh.SFTPClient) -> None:
        self._access = access
        self._session = session

    async def list(self, folder: str) -> Listing:
        """The files of a folder; links are followed, folders in it are not looked into."""
        files: list[RemoteFile] = []
        left: list[Left] = []
        with refusals(self._access, folder, "Listing"):
            async with asyncio.timeout(self._access.timeout):
                found = await self._session.readdir(folder)
        for each in found:
            name = str(each.filename)
            if name in {".", ".."}:
                continue
            attributes = each.attrs
            if stat.S_ISLNK(attributes.permissions or 0):
                attributes = await self._attributes(below(folder, name)) or each.attrs
            if stat.S_ISDIR(attributes.permissions or 0):
                continue
            raw = name.encode("utf-8", "surrogateescape")
            if fault := name_fault(raw):
                left.append(Left(raw.decode("utf-8", "backslashreplace"), f"its name {fault}"))
            elif attributes.permissions is not None and not stat.S_ISREG(attributes.permissions):
                left.append(Left(name, "is no file"))
            else:
                files.append(RemoteFile(name, attributes.size or 0, attributes.mtime or 0))
        return Listing(tuple(sorted(files, key=_name)), tuple(left))

    async def look(self, path: str) -> RemoteFile | None:
        """A file as it is now, or None if there is none."""
        attributes = await self._attributes(path)
        if attributes is None:
            return None
        name = posixpath.basename(path)
        return RemoteFile(name, attributes.size or 0, attributes.mtime or 0)

    async def fetch(
        self, folder: str, file: RemoteFile, target: Path, *, heard: Callable[[int], None]
    ) -> None:
        """Fetch a file to `target`; what is there already of it is not fetched again.

        `target` must be this very file's, of this size and date. `heard` is told of bytes had.
        Raises UnreachableError as well if the file changed meanwhile: it is to be listed anew.
        """
        path = below(folder, file.name)
        had = target.stat().st_size if target.exists() else 0
        with refusals(self._access, path, "Fetching"):
            async with asyncio.timeout(self._access.timeout):
                source = await self._session.open(path, "rb")
            async with source:
                with target.open("ab") as out:
                    while had < file.size:
                        async with asyncio.timeout(self._access.timeout):
                            piece: bytes = await source.read(min(_PIECE, file.size - had), had)
                        if not piece:
                            break
                        out.write(piece)
                        had += len(piece)
                        heard(had)
        if had != file.size or await self.look(path) != file:
            target.unlink(missing_ok=True)
            raise UnreachableError(
                f"{path} on {self._access.address} changed while it was fetched",
                system="sftp",
                remedy="It is looked at again; have the sender write under another name and rename.",
            )

    async def put(self, local: Path, path: str) -> None:
        """Put a file in its place, with its folders; one of that name is replaced."""
        folder, name = posixpath.split(path)
        draft = below(folder, f".{name}{_DRAFT}")
        await self.make_folder(folder)
        with refusals(self._access, path, "Writing"):
            try:
                await self._session.put(str(local), draft)
                there = await self._session.stat(draft)
                if there.size != local.stat().st_size:
                    raise asyncssh.SFTPFailure("not all of it came to rest there")
                await self._replace(draft, path)
            except asyncssh.SFTPError:
                with suppress(asyncssh.SFTPError):
                    await self._session.remove(draft)
                raise

    async def move(self, path: str, target: str) -> None:
        """Rename a file, making the folders its new name needs; a file of that name is no place."""
        await self.make_folder(posixpath.dirname(target))
        with refusals(self._access, path, "Moving"):
            async with asyncio.timeout(self._access.timeout):
                await self._session.rename(path, target)

    async def remove(self, path: str) -> None:
        """Remove a file; one that is not there is fine."""
        with refusals(self._access, path, "Removing"):
            async with asyncio.timeout(self._access.timeout):
                with suppress(*_GONE):
                    await self._session.remove(path)

    async def make_folder(self, folder: str) -> None:
        """See that there is a folder, and those above it."""
        if folder in {"", ".", "/"} or await self._attributes(folder) is not None:
            return
        await self.make_folder(posixpath.dirname(folder))
        with refusals(self._access, folder, "Making"):
            async with asyncio.timeout(self._access.timeout):
                try:
                    await self._session.mkdir(folder)
                except asyncssh.SFTPError:
                    if await self._attributes(folder) is None:  # nobody else made it
                        raise

    async def _replace(self, draft: str, path: str) -> None:
        """Rename over what is there; a server that cannot do so in one step does it in two."""
        try:
            await self._session.posix_rename(draft, path)
        except asyncssh.SFTPOpUnsupported:
            with suppress(*_GONE):
                await self._session.remove(path)
            await self._session.rename(draft, path)

    async def _attributes(self, path: str) -> asyncssh.SFTPAttrs | None:
        with refusals(self._access, path, "Looking at"):
            async with asyncio.timeout(self._access.timeout):
                try:
                    return await self._session.stat(path)
                except _GONE:
                    return None


def _name(file: RemoteFile) -> str:
    return file.name
