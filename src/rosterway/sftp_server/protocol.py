"""asyncssh's handling of sessions and of SFTP, less what is not offered, plus an end we notice.

asyncssh closes what is still open when a session ends by the very method that a client's close
arrives by. A file closed by the client is whole, any other is not; so `Protocol` tells the end
first. The classes built on here are not asyncssh's documented interface; the tests would tell.
"""

from collections.abc import Awaitable, Callable

import asyncssh
from asyncssh.constants import EXTENDED_DATA_STDERR
from asyncssh.sftp import SFTPServerHandler
from asyncssh.stream import SSHServerStreamSession

from rosterway.sftp_server.session import MAX_HANDLES, Session

#: Not among them: links, copies on the server (one onto itself never ends), facts about the disk.
_OFFERED = {b"posix-rename@openssh.com", b"fsync@openssh.com", b"limits@openssh.com"}
_EXTENSIONS = [
    (name, version)
    for name, version in SFTPServerHandler._extensions  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - no public one
    if name in _OFFERED
]
_HANDLERS = {
    kind: handler
    for kind, handler in SFTPServerHandler._packet_handlers.items()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - likewise
    if isinstance(kind, int) or kind in _OFFERED
}


class Protocol(SFTPServerHandler):
    """One session's side of the protocol."""

    _extensions = _EXTENSIONS
    _packet_handlers = _HANDLERS

    async def _cleanup(self, exc: Exception | None) -> None:
        server = self._server
        assert isinstance(server, Session)
        server.ended()
        if exc is None:
            # scp takes a session without a word of goodbye for a failed copy
            server.leave()
        await super()._cleanup(exc)

    def _get_next_handle(self) -> bytes:
        if len(self._dir_handles) >= MAX_HANDLES:
            raise asyncssh.SFTPFailure("too many open folders")
        return super()._get_next_handle()


Serve = Callable[
    [asyncssh.SSHReader[bytes], asyncssh.SSHWriter[bytes], asyncssh.SSHWriter[bytes]],
    Awaitable[None],
]


class Channel(SSHServerStreamSession[bytes]):
    """A session as such: whatever a client asks it to run, `serve` runs, given its three streams.

    `gone` is called when it has ended.
    """

    def __init__(self, serve: Serve, *, gone: Callable[[], None]) -> None:
        super().__init__(None)  # pyright: ignore[reportUnknownMemberType]
        self._serve, self._gone = serve, gone

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is closed, or its connection."""
        super().connection_lost(exc)
        self._gone()

    def shell_requested(self) -> bool:
        """Answered by `serve`."""
        return True

    def exec_requested(self, command: str) -> bool:  # noqa: ARG002 - asyncssh's
        """Answered by `serve`."""
        return True

    def subsystem_requested(self, subsystem: str) -> bool:  # noqa: ARG002 - asyncssh's
        """Answered by `serve`."""
        return True

    def session_started(self) -> None:
        """Begin."""
        assert self._chan is not None
        assert self._conn is not None
        reader = asyncssh.SSHReader[bytes](self, self._chan)
        writer = asyncssh.SSHWriter[bytes](self, self._chan)
        errors = asyncssh.SSHWriter[bytes](self, self._chan, EXTENDED_DATA_STDERR)
        self._conn.create_task(self._serve(reader, writer, errors), reader.logger)
