"""What every verb of a run needs at hand: the store, the settings, the clock, the way to Canvas."""

import os
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from rosterway.canvas.client import CanvasClient
from rosterway.errors import ConfigError
from rosterway.runs.clock import Clock, utc_now
from rosterway.settings import SecretPlaces, Settings, Tenant
from rosterway.store import feeds, runs, secrets
from rosterway.store.home import Home
from rosterway.store.runs import Run
from rosterway.store.store import Store
from rosterway.store.walls import TenantStore

#: Changed on purpose only: work that an older version began goes on under it.
APPLICATION_VERSION = "1"

#: How long a worker may act on a run without saying so again.
LEASE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a run waits for Canvas to come back, and how often it looks (seconds)."""

    pauses: tuple[float, ...] = (1, 2, 5, 15, 30, 60, 120, 300)
    give_up_after: float = 6 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One process's hands. `worker` names it among others; `memory` bounds the calculator."""

    home: Home
    store: Store
    settings: Settings
    config_folder: Path
    clock: Clock = utc_now
    worker: str = "local"
    memory: str | None = None
    patience: Patience = field(default_factory=Patience)
    poke: Callable[[], None] = lambda: None

    def tenant(self, name: str) -> Tenant:
        """A tenant's settings; ConfigError if the file no longer names it."""
        found = self.settings.tenants.get(name)
        if found is None:
            raise ConfigError(
                f"The configuration does not name the tenant {name} any more.",
                remedy="Put it back, or let its runs be.",
            )
        return found

    def places(self, handle: TenantStore) -> SecretPlaces:
        """Where a tenant's secrets are looked for."""
        return SecretPlaces(
            environ=os.environ, folder=self.config_folder, unseal=secrets.unsealing(handle)
        )

    @asynccontextmanager
    async def canvas(self, handle: TenantStore) -> AsyncGenerator[CanvasClient]:
        """A client for the tenant's Canvas account."""
        account = self.tenant(handle.name).canvas
        token = account.token.reveal(self.places(handle))
        async with CanvasClient(account.url, token, account=account.account) as client:
            yield client

    def claim(self, handle: TenantStore, run: Run) -> bool:
        """Take or prolong the lease on a run; nothing outside is done without it."""
        now = self.clock()
        return runs.claim(handle, run.id, worker=self.worker, now=now, until=now + LEASE)

    def work(self, run: Run, part: str) -> Path:
        """An empty folder for a part of a run; what an interrupted attempt left is removed."""
        folder = self.home.work / f"{run.id}-{part}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def feed(self, handle: TenantStore, name: str) -> feeds.Feed:
        """A feed as it is kept, with its pause and its policy."""
        return feeds.get(handle, name)
