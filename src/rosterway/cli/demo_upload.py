"""The demo's sender of files: a key of its own, and SFTP by OpenSSH's `sftp` or, without it, by asyncssh.

Leaves to the story which files are put and when.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncssh
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from rosterway.errors import UnavailableError
from rosterway.store.home import write_privately

_FOLDER = "diffing"


def make_key(path: Path) -> str:
    """Make a key and keep it at `path`; its public half, as OpenSSH writes it."""
    key = Ed25519PrivateKey.generate()
    kept = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    write_privately(path, kept)
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: `login`, the private key, and the file of hosts `sftp` knows."""

    login: str
    key: Path
    known_hosts: Path

    async def put_with_sftp(self, host: str, port: str, files: Sequence[Path]) -> None:
        """Put files by the `sftp` command; UnavailableError with what it said if it could not."""
        batch = "".join(f'put "{file}" "{_FOLDER}/{file.name}"\n' for file in files)
        process = await asyncio.create_subprocess_exec(
            *("sftp", "-q", "-b", "-", "-i", str(self.key), "-P", port),
            *("-o", f"UserKnownHostsFile={self.known_hosts}"),
            *("-o", "StrictHostKeyChecking=accept-new", "-o", "IdentitiesOnly=yes"),
            f"{self.login}@{host}",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await process.communicate(batch.encode())
        if process.returncode:
            raise UnavailableError(f"sftp failed: {errors.decode(errors='replace')}")

    async def put(self, host: str, port: int, files: Sequence[Path]) -> None:
        """Put files without any command of the machine's."""
        async with (
            asyncssh.connect(
                host,
                port,
                username=self.login,
                client_keys=[str(self.key)],
                known_hosts=None,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            for file in files:
                await client.put(str(file), f"{_FOLDER}/{file.name}")
