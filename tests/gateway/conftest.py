"""A tenant's folder, a clock that stands still, and arrivals that are kept."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rosterway.gateway.arrivals import Arrivals
from rosterway.gateway.handoff import Arrival
from rosterway.gateway.journal import FileJournal, UploadJournal
from rosterway.gateway.watch import FeedFolder

START = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


@dataclass
class StillClock:
    """Goes forward when told to."""

    seconds: float = 1000.0

    def now(self):
        return START + timedelta(seconds=self.seconds - 1000.0)

    def monotonic(self):
        return self.seconds

    def forward(self, **duration):
        self.seconds += timedelta(**duration).total_seconds()


@dataclass
class Gateway:
    """Arrivals on a real disk, with a client's doings in few words."""

    home: Path
    journal: UploadJournal
    clock: StillClock = field(default_factory=StillClock)
    feeds: list[FeedFolder] = field(default_factory=list[FeedFolder])
    taken: list[Arrival] = field(default_factory=list[Arrival])
    refusing: bool = False
    arrivals: Arrivals = field(init=False)

    def __post_init__(self):
        self.feeds = self.feeds or [
            FeedFolder(
                tenant="lincoln", feed="files", path=self.folder, settle=timedelta(minutes=5)
            )
        ]
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def folder(self):
        return self.home / "tree" / "diffing"

    @property
    def sealed(self):
        return self.home / "sealed"

    def start(self):
        """A process begins; an earlier one is simply forgotten, as after kill -9."""
        self.arrivals = Arrivals(
            self.feeds,
            sealed=self.sealed,
            journal=self.journal,
            on_sealed=self.take,
            clock=self.clock,
        )
        self.arrivals.start()
        return self

    async def take(self, arrival):
        if self.refusing:
            raise RuntimeError("the database is away")
        self.taken.append(arrival)

    async def work(self, **duration):
        """Let time pass, then let everything that is due happen."""
        self.clock.forward(**duration)
        self.arrivals.tick()
        await self.arrivals.idle()
        return self.taken

    def path(self, name):
        return str(self.folder / name)

    def open(self, name):
        upload = self.arrivals.opened(self.path(name))
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).touch()
        return upload

    def write(self, upload, content):
        Path(upload.path).write_bytes(content)
        upload.writes += 1

    def send(self, name, content=b"user_id\n1\n"):
        upload = self.open(name)
        self.write(upload, content)
        self.arrivals.closed(upload)

    def rename(self, old, new):
        (self.folder / old).rename(self.folder / new)
        self.arrivals.renamed(self.path(old), self.path(new))

    @property
    def contents(self):
        """What was taken: one dict of names and bytes per delivery."""
        return [{each.name: each.path.read_bytes() for each in a.files} for a in self.taken]

    @property
    def lying(self):
        """What lies in the folder."""
        return sorted(
            str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if not p.is_dir()
        )


@pytest.fixture
def gateway_at(request):
    """Gateways in homes of their own."""

    def make(home, wrap=None):
        home.mkdir(exist_ok=True)
        journal = FileJournal(home / "journal.db")
        request.addfinalizer(journal.close)
        return Gateway(home, wrap(journal) if wrap else journal)

    return make


@pytest.fixture
def gateway(gateway_at, tmp_path):
    return gateway_at(tmp_path).start()
