"""The key by which somebody else's SFTP server is known, as we keep it and as people compare it."""

from dataclasses import dataclass

import asyncssh
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from rosterway.errors import RemoteError

#: What `ssh-keygen -l` calls the kinds of key.
_KINDS = (("ssh-rsa", "RSA"), ("ssh-dss", "DSA"), ("ecdsa-", "ECDSA"), ("ssh-ed25519", "ED25519"))
#: Bits of the kinds that have no other.
_BITS = 256


class HostKeyError(RemoteError):
    """The server's key is not the one that an operator has said yes to, or nobody has yet."""

    code = "remote.host-key"


@dataclass(frozen=True, slots=True)
class HostKey:
    """A server's public key: `line` is its kind and its base64, as in a `known_hosts` file."""

    line: str

    @classmethod
    def of(cls, key: asyncssh.SSHKey) -> "HostKey":
        """The key a server has shown, without what it may say beside it."""
        return cls(" ".join(key.export_public_key().decode().split()[:2]))

    @property
    def kind(self) -> str:
        """SSH's name for the kind of key: `ssh-ed25519`."""
        return self.line.partition(" ")[0]

    @property
    def fingerprint(self) -> str:
        """`SHA256:` and what follows, as every tool prints it."""
        return asyncssh.import_public_key(self.line).get_fingerprint()

    @property
    def signatures(self) -> list[str]:
        """The ways in which a server may prove that it has this key; SHA-1 is none."""
        return ["rsa-sha2-512", "rsa-sha2-256"] if self.kind == "ssh-rsa" else [self.kind]

    def shown(self, host: str) -> str:
        """The line that `ssh-keygen -l` prints of it where the comment is the host."""
        key = load_ssh_public_key(self.line.encode())
        has_size = isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey | ec.EllipticCurvePublicKey)
        bits = key.key_size if has_size else _BITS
        kind = next((word for start, word in _KINDS if self.kind.startswith(start)), self.kind)
        return f"{bits} {self.fingerprint} {host} ({kind})"
