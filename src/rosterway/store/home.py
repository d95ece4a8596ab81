"""The home folder: where everything is, and who may use it.

    rosterway.sqlite    what is true (unless the store is on PostgreSQL)
    workflows.sqlite    where a run is (the durable engine's own)
    uploads.sqlite      which files of the trees are whole (the gateway's own)
    blobs/<tenant>/     files by content
    keys/               what seals secrets and signs the audit log; SFTP host keys
    tenants/<tenant>/   tree: what its SFTP accounts see; sealed: deliveries being sealed
    parcels/            deliveries that are being sent in pieces over HTTPS
    pulls/              what has been read of a SIS, or of a server, by runs that are under way
    kept/               what the last proven pull of a feed has read, for deltas to be laid over
    work/               scratch, emptied at start
    serve.lock          held by the one `serve` that owns this home
    database.json       what kind of database holds the store
    running.json        where that `serve` can be asked

Everything is made for our user alone. Opening a home never creates one: only `serve`, `demo` and
the sandbox do that.
"""

import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from rosterway.errors import ConfigError, ConflictError, NotFoundError, UnavailableError

_PRIVATE = 0o700
_FOLDERS = ("blobs", "keys", "kept", "parcels", "pulls", "sealed", "tenants", "work")


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How to reach the `serve` that owns a home; `sftp` is host:port, `token` opens its API."""

    pid: int
    console: str
    sftp: str
    started_at: datetime
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Home:
    """The paths of one home."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> "Home":
        """The home in this folder, made if it is not there; `ConfigError` if it cannot be."""
        home = cls(folder.absolute())
        try:
            home.folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            if home.folder.stat().st_uid == os.geteuid():
                home.folder.chmod(_PRIVATE)
            for name in _FOLDERS:
                (home.folder / name).mkdir(mode=_PRIVATE, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"the home folder {folder} cannot be made: {error.strerror}",
                remedy="name another with --home, or give this user rights to it",
            ) from error
        return home

    @classmethod
    def find(cls, folder: Path) -> "Home":
        """The home that is in this folder already; `NotFoundError` if there is none."""
        home = cls(folder.absolute())
        if not home.keys.is_dir():
            raise NotFoundError(
                f"{folder} is not a home of Rosterway",
                remedy="name it with --home or ROSTERWAY_HOME; `rosterway serve` makes one",
            )
        return home

    @property
    def database(self) -> Path:
        """The store, if it is SQLite."""
        return self.folder / "rosterway.sqlite"

    @property
    def workflows(self) -> Path:
        """The durable engine's database, if it is SQLite."""
        return self.folder / "workflows.sqlite"

    @property
    def uploads(self) -> Path:
        """The gateway's journal, which belongs to the trees beside it, whatever the store is on."""
        return self.folder / "uploads.sqlite"

    @property
    def keys(self) -> Path:
        """Keys; whoever copies the database must not be given these."""
        return self.folder / "keys"

    @property
    def host_key(self) -> Path:
        """The key the hosted SFTP is known by; the next one lies beside it."""
        return self.keys / "ssh_host_ed25519_key"

    @property
    def work(self) -> Path:
        """Scratch: what is in it matters only to the process that put it there."""
        return self.folder / "work"

    def blobs(self, tenant: str) -> Path:
        """A tenant's files by content."""
        return self.folder / "blobs" / tenant

    def tree(self, tenant: str) -> Path:
        """What a tenant's SFTP accounts see."""
        return self.folder / "tenants" / tenant / "tree"

    @property
    def sealed(self) -> Path:
        """Where files lie while they are being sealed, on the trees' file system, out of reach."""
        return self.folder / "sealed"

    def parcels(self, tenant: str) -> Path:
        """What is being sent to a tenant in pieces."""
        return self.folder / "parcels" / tenant

    def pulling(self, tenant: str, feed: str) -> Path:
        """What a feed's pull has read, or fetched; one that was interrupted goes on there."""
        return self.folder / "pulls" / tenant / feed

    def kept(self, tenant: str, feed: str) -> Path:
        """What a feed's last proven pull has read."""
        return self.folder / "kept" / tenant / feed

    def add_tenant(self, tenant: str) -> None:
        """Make a tenant's folders, if they are not there."""
        tree = self.tree(tenant)
        for folder in (self.blobs(tenant), tree.parent, tree):
            folder.mkdir(mode=_PRIVATE, exist_ok=True)

    @contextmanager
    def locked(self, name: str) -> Generator[None]:
        """Wait until no other process or thread is inside, and keep them out meanwhile."""
        with (self.folder / name).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def owned(self) -> Generator[None]:
        """Own this home while inside; `ConflictError`, naming the process, if another does.

        The lock is the kernel's, so it ends with the process however that ends. What a former owner
        left in `work` is removed.
        """
        with (self.folder / "serve.lock").open("a+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise ConflictError(
                    f"another rosterway (pid {file.read().strip() or '?'}) serves {self.folder}",
                    remedy="stop it first, or use another home",
                ) from None
            self._running_file.unlink(missing_ok=True)  # of an owner that was killed
            shutil.rmtree(self.work, ignore_errors=True)
            self.work.mkdir(mode=_PRIVATE, exist_ok=True)
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            try:
                yield
            finally:
                self._running_file.unlink(missing_ok=True)
                file.truncate(0)

    def announce(self, running: Running) -> None:
        """Say where the owner can be asked; to be called inside `owned`."""
        write_privately(self._running_file, msgspec.json.encode(running))

    def running(self) -> Running | None:
        """The `serve` that owns this home now, or None."""
        try:
            record = msgspec.json.decode(self._running_file.read_bytes(), type=Running)
            with (self.folder / "serve.lock").open("a+", encoding="ascii") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return record  # pyright: ignore[reportPossiblyUnboundVariable] only flock raises it
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        return None  # the lock was free: that serve died without tidying up

    def keep_store_on(self, dialect: str) -> None:
        """Record what kind of database holds the store; without its address, which is secret."""
        if self.store_is_on() != dialect:
            write_privately(self.folder / "database.json", msgspec.json.encode({"on": dialect}))

    def store_is_on(self) -> str | None:
        """`sqlite` or `postgresql`; None where no `serve` has recorded it."""
        try:
            said = msgspec.json.decode(
                (self.folder / "database.json").read_bytes(), type=dict[str, str]
            )
        except (FileNotFoundError, msgspec.MsgspecError):
            return None
        return said.get("on")

    @property
    def _running_file(self) -> Path:
        return self.folder / "running.json"


def write_privately(path: Path, content: bytes) -> None:
    """Replace a file at once and for good, readable by our user alone."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UnavailableError(f"{path} cannot be written: {error.strerror}") from error


def sync_folder(folder: Path) -> None:
    """Make a new or renamed entry of a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
