"""What every verb of a run needs at hand: the store, the settings, the clock, the way to Canvas."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from rosterway.canvas import client
from rosterway.canvas.client import CanvasClient
from rosterway.errors import ConfigError
from rosterway.runs.clock import Clock, utc_now
from rosterway.settings import Feed, SecretPlaces, Settings, Tenant
from rosterway.store import feeds, runs, secrets
from rosterway.store.home import Home
from rosterway.store.runs import Run
from rosterway.store.store import Store
from rosterway.store.walls import TenantStore

#: Changed on purpose only, when the engine must not take up what an older program began as it left
#: it: such runs are begun anew.
APPLICATION_VERSION = "1"

#: How long a worker may act on a run without saying so again.
LEASE = timedelta(minutes=15)

#: A factor for all waiting: below 1 for who would rather have an answer soon than a good one.
PATIENCE = "ROSTERWAY_PATIENCE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a run waits for Canvas: everything in seconds, each of which lasts `scale`.

    A `Retry-After` of Canvas's is kept to the second, whatever the scale.
    """

    #: Between two tries of a step; the last one is repeated.
    pauses: tuple[float, ...] = (1, 2, 5, 15, 30, 60, 120, 300)
    #: Without any success in between.
    give_up_after: float = 6 * 3600
    #: An import may stay as it is for so long; then a person must look at it in Canvas.
    stalled: float = 12 * 3600
    #: How often, and with what pause, an undecided search for an import is made again.
    searches: int = 60
    search_pause: float = 5
    scale: float = 1

    @classmethod
    def told(cls, environ: Mapping[str, str]) -> "Patience":
        """The usual patience, scaled as the environment says."""
        said = environ.get(PATIENCE, "").strip() or "1"
        try:
            scale = float(said)
        except ValueError:
            scale = 0
        if not 0 < scale <= 100:
            raise ConfigError(
                f"{PATIENCE} is {said}, and no factor between 0 and 100.",
                remedy="Leave it away, or write a number such as 0.5.",
            )
        return cls(scale=scale)

    def pause(self, failures: int) -> float:
        """How long to wait after so many failures, one after the other."""
        return self.pauses[min(failures, len(self.pauses) - 1)]

    async def rest(self, seconds: float) -> None:
        """Let a pause pass."""
        await asyncio.sleep(seconds * self.scale)

    def of_requests(self) -> client.Patience:
        """The patience with a single request."""
        usual = client.Patience()
        return client.Patience(
            attempts=usual.attempts,
            total=usual.total * self.scale,
            first=usual.first * self.scale,
            longest=usual.longest * self.scale,
            jitter=usual.jitter * self.scale,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One process's hands. `worker` names it among others; `memory` bounds the calculator.

    `policies` are the texts of the files that feeds name as their `policy`, as they were at the start.
    """

    home: Home
    store: Store
    settings: Settings
    config_folder: Path
    clock: Clock = utc_now
    worker: str = "local"
    memory: str | None = None
    policies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
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

    def feed_settings(self, tenant: str, feed: str) -> Feed:
        """A feed's settings; ConfigError if the file no longer names it."""
        found = self.tenant(tenant).feeds.get(feed)
        if found is None:
            raise ConfigError(
                f"The configuration does not name the feed {feed} any more.",
                remedy="Put it back, and run it again.",
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
        patience = self.patience.of_requests()
        async with CanvasClient(
            account.url, token, account=account.account, patience=patience
        ) as canvas:
            yield canvas

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
