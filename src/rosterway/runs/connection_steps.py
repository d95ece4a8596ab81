"""Try a connection to somebody else's SFTP server step by step, and say what is missing at each.

Nothing of theirs is changed but a small file that is put where we are to write and taken away again.
"""

import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rosterway.errors import RosterwayError
from rosterway.gateway.folders import Kind, kind
from rosterway.gateway.sftp_client import check_key, offered_key
from rosterway.gateway.sftp_client_files import RemoteFiles
from rosterway.runs.office import Office
from rosterway.runs.their_server import TheirServer, their_server
from rosterway.settings import AfterPickUp
from rosterway.settings.sftp_connection import matches
from rosterway.store.walls import TenantStore

#: So many names are shown of what would be taken.
_SHOWN = 5
#: What is put where we are to write; a leading dot keeps it out of everybody's deliveries.
_PROOF = ".rosterway-may-write"


class Step(StrEnum):
    """What is tried, in this order."""

    SECRETS = "secrets"  # what we sign in with can be had
    REACH = "reach"  # somebody answers there, and speaks SSH
    HOST_KEY = "host-key"  # it is the server that an operator has said yes to
    SIGN_IN = "sign-in"
    FOLDER = "folder"  # what a feed reads can be listed
    FILES = "files"  # and something in it would be taken
    WRITE = "write"  # where receipts, exports and what was taken go


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a step went, in words; `remedy` is blank where nothing is amiss."""

    step: Step
    is_good: bool
    said: str
    remedy: str = ""


async def connection_steps(office: Office, handle: TenantStore, name: str) -> AsyncGenerator[Tried]:
    """Each step as it was tried; what follows from a failed one is not tried."""
    try:
        server = their_server(office, handle, name)
    except RosterwayError as error:
        yield _failed(Step.SECRETS, error)
        return
    access = server.access
    yield Tried(step=Step.SECRETS, is_good=True, said=_signs_in_with(server))
    try:
        shown = await offered_key(access, like=server.trusted)
    except RosterwayError as error:
        yield _failed(Step.REACH, error)
        return
    yield Tried(step=Step.REACH, is_good=True, said=f"{access.address} answers")
    try:
        check_key(access, shown, server.trusted)
    except RosterwayError as error:
        yield _failed(Step.HOST_KEY, error)
        return
    said = f"it is the one that is trusted: {shown.fingerprint}"
    yield Tried(step=Step.HOST_KEY, is_good=True, said=said)
    async with AsyncExitStack() as session:
        try:
            remote = await session.enter_async_context(server.files())
        except RosterwayError as error:
            yield _failed(Step.SIGN_IN, error)
            return
        yield Tried(step=Step.SIGN_IN, is_good=True, said=f"{access.user} is let in")
        for folder in _read_folders(office, handle, server):
            for tried in await _reading(server, remote, folder):
                yield tried
        for folder in _written_folders(office, handle, server):
            yield await _writing(remote, folder)


def _failed(step: Step, error: RosterwayError) -> Tried:
    return Tried(step=step, is_good=False, said=error.message, remedy=error.remedy)


def _signs_in_with(server: TheirServer) -> str:
    ways = [way for way in ("key", "password") if getattr(server.access, way)]
    return f"signs in as {server.access.user} with its {' and '.join(ways)}"


def _read_folders(office: Office, handle: TenantStore, server: TheirServer) -> list[str]:
    """What feeds read of it; the connection's own folder if there is no such feed."""
    feeds = office.tenant(handle.name).feeds.values()
    named = [feed.folder or "" for feed in feeds if feed.source == server.connection.name]
    return [server.path(folder) for folder in named or [""]]


def _written_folders(office: Office, handle: TenantStore, server: TheirServer) -> list[str]:
    connection = server.connection
    wanted = [connection.results] if connection.results else []
    if connection.after is AfterPickUp.MOVE:
        wanted.append(connection.moved_to)
    tenant = office.tenant(handle.name)
    placing = {export.to for export in tenant.grade_exports.values()}
    if tenant.grades is not None and tenant.grades.files is not None:
        placing.add(tenant.grades.files.to)
    if connection.name in placing:
        wanted.append(connection.grade_export)
    return [server.path(folder) for folder in wanted]


async def _reading(server: TheirServer, remote: RemoteFiles, folder: str) -> list[Tried]:
    try:
        found = (await remote.list(folder)).files
    except RosterwayError as error:
        remedy = "Make the folder there, write another `folder`, or have the account let into it."
        return [Tried(step=Step.FOLDER, is_good=False, said=error.message, remedy=remedy)]
    patterns = server.connection.files
    names = [f.name for f in found if kind(f.name) is Kind.FILE and matches(f.name, patterns)]
    listed = f"{folder} can be read: {len(found):,} {'file' if len(found) == 1 else 'files'}"
    folder_read = Tried(step=Step.FOLDER, is_good=True, said=listed)
    if not names:
        said = f"nothing in {folder} is named like {' or '.join(patterns)}"
        remedy = "That is fine before the first delivery; else write `files` as yours are named."
        return [folder_read, Tried(step=Step.FILES, is_good=not found, said=said, remedy=remedy)]
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    said = f"these would be taken: {', '.join(names[:_SHOWN])}{more}"
    return [folder_read, Tried(step=Step.FILES, is_good=True, said=said)]


async def _writing(remote: RemoteFiles, folder: str) -> Tried:
    with tempfile.TemporaryDirectory() as place:
        proof = Path(place, "proof")
        proof.write_text("Rosterway tried whether it may write here.\n", encoding="utf-8")
        try:
            await remote.put(proof, f"{folder}/{_PROOF}")
            await remote.remove(f"{folder}/{_PROOF}")
        except RosterwayError as error:
            remedy = "Have the account be given the right to write, rename and remove there."
            return Tried(step=Step.WRITE, is_good=False, said=error.message, remedy=remedy)
    return Tried(step=Step.WRITE, is_good=True, said=f"we may write in {folder}")
