"""Somebody else's SFTP server, as a run reaches it: its connection, its trusted key, its files."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rosterway.errors import ConfigError
from rosterway.gateway import outgoing
from rosterway.gateway.sftp_client import Access, access_to
from rosterway.gateway.sftp_client_files import RemoteFiles, below, opened
from rosterway.gateway.sftp_client_key import HostKey
from rosterway.runs.office import Office
from rosterway.settings import SftpConnection
from rosterway.store import host_keys
from rosterway.store.walls import TenantStore


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirServer:
    """A server that can be reached: its settings, how we sign in, the key it must have."""

    connection: SftpConnection
    access: Access
    trusted: HostKey | None

    def path(self, *names: str) -> str:
        """A path on it, from the connection's folder on."""
        return below(self.connection.folder, *names)

    @asynccontextmanager
    async def files(self) -> AsyncGenerator[RemoteFiles]:
        """Its files for as long as the block lasts; raises what `gateway.sftp_client` raises."""
        async with opened(self.access, self.trusted) as remote:
            yield remote


def their_server(office: Office, handle: TenantStore, name: str) -> TheirServer:
    """The server of a connection; ConfigError if there is none of that name, or a secret is not."""
    connection = office.tenant(handle.name).sftp_connections.get(name)
    if connection is None:
        raise ConfigError(
            f"The configuration names no connection {name} of kind sftp any more.",
            remedy=f'Put [tenant.{handle.name}.connection.{name}] with kind = "sftp" back.',
        )
    known = host_keys.find(handle, name, connection.address)
    return TheirServer(
        connection=connection,
        access=access_to(connection, office.places(handle)),
        trusted=HostKey(known.key) if known else None,
    )


async def put_exports(
    there: TheirServer,
    files: Iterable[tuple[Path, str]],
    *,
    stable: Sequence[str],
    today: date,
    keep: int,
    gone: Iterable[str] = (),
) -> None:
    """Put files into the server's folder for exports, each whole or not at all, in this order.

    Args:
        there: the server.
        files: where each lies, and its name there.
        stable: the names whose dated copies are removed once they are older than `keep` days.
        today: the tenant's day.
        keep: days.
        gone: names of files that must not be there any more.

    Raises RemoteError: UnreachableError may pass, what else is there stays until somebody acts.
    """
    folder = there.path(there.connection.grade_export)
    async with there.files() as remote:
        await remote.make_folder(folder)
        for name in gone:
            await remote.remove(there.path(folder, name))
        for local, name in files:
            await remote.put(local, there.path(folder, name))
        lie = [file.name for file in (await remote.list(folder)).files]
        for name in stable:
            for old in outgoing.old_copies(lie, name, today=today, keep=keep):
                await remote.remove(there.path(folder, old))
