"""What every step of a grade sync needs at hand: the run, what was asked, and how grades go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from rosterway.errors import ConfigError, ConflictError
from rosterway.runs.grades import files
from rosterway.runs.grades.asked import Asked
from rosterway.runs.office import Office
from rosterway.runs.stages import Stage
from rosterway.settings import Connection, Grades, Tenant
from rosterway.store import stages
from rosterway.store.runs import Run
from rosterway.store.walls import TenantStore


@dataclass(frozen=True, slots=True)
class Syncing:
    """One run of grades, being worked at."""

    office: Office
    handle: TenantStore
    run: Run
    asked: Asked
    tenant: Tenant
    grades: Grades

    @property
    def course(self) -> str:
        """The Canvas id of the course."""
        assert self.run.course is not None
        return self.run.course

    @property
    def zone(self) -> ZoneInfo:
        """The school's, in which a due day is a day."""
        return self.tenant.time_zone

    @property
    def connection(self) -> Connection:
        """Where the SIS is, as the configuration says; not for a SIS that takes files."""
        assert self.grades.connection is not None
        return self.tenant.connections[self.grades.connection]

    def now(self) -> datetime:
        """This moment."""
        return self.office.clock()

    def hold_on(self) -> None:
        """Prolong the lease; `ConflictError` without it, and then nothing outside is done."""
        if not self.office.claim(self.handle, self.run):
            raise ConflictError(f"another worker has the run {self.run.id}")

    def enter(self, stage: Stage, note: str = "") -> None:
        """Begin a step, as people see it."""
        stages.enter(self.handle, self.run.id, stage, now=self.now())
        if note:
            self.say(note)

    def say(self, note: str, done: int = 0, of: int = 0) -> None:
        """Say how far the step is."""
        stages.progress(self.handle, self.run.id, done=done, of=of, note=note, now=self.now())

    def leave(
        self,
        stage: Stage,
        name: str,
        made: object,
        *,
        also: Callable[[TenantStore], None] | None = None,
        counts: Mapping[str, int],
    ) -> None:
        """End a step: what it made is kept under this name, and that is what makes it done.

        `also` is done in the same transaction.
        """
        blob = self.handle.blobs.put_bytes(msgspec.json.encode(made))
        now = self.now()
        with self.handle.together() as tx:
            if also is not None:
                also(tx)
            stages.attach(tx, self.run.id, name, blob, stage=stage, now=now)
            stages.leave(tx, self.run.id, counts=counts, now=now)

    def has(self, name: str) -> bool:
        """Whether a step is done."""
        return files.has(self.handle, self.run.id, name)


def syncing(office: Office, handle: TenantStore, run: Run) -> Syncing:
    """A run at hand; ConfigError if the configuration has no way for grades any more."""
    tenant = office.tenant(handle.name)
    if tenant.grades is None:
        raise ConfigError(
            f"The configuration does not say how grades of {handle.name} go back.",
            remedy=f"Add [tenant.{handle.name}.grades].",
        )
    asked = files.read(handle, run.id, files.ASKED, Asked)
    return Syncing(office, handle, run, asked, tenant, tenant.grades)
