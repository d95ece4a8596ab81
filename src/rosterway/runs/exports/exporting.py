"""What every step of a grade export needs at hand, and the files each leaves with the run.

A step is done when its file is there, so a run that was cut off goes on from what is kept.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from rosterway.errors import ConfigError, ConflictError
from rosterway.runs.office import Office
from rosterway.runs.stages import Stage
from rosterway.settings import GradeExport, Tenant
from rosterway.store import stages
from rosterway.store.runs import Run
from rosterway.store.walls import TenantStore

#: Which reports Canvas was asked for.
REPORTS: Final = "reports.json"
#: What came of them: the files and their rows.
FETCHED: Final = "fetched.json"
#: What a registrar should look at in them: counts.
CHECKED: Final = "checked.json"
#: That the files are in their place.
PLACED: Final = "placed.json"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One report: of a term by its SIS id, or of all (""); `tries` counts how often it was asked for."""

    term: str
    report: str
    tries: int = 1


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """One file as Canvas made it: kept with the run under `name`, which is its name in its place."""

    term: str
    name: str
    rows: int
    columns: tuple[str, ...]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What should be looked at in a file: how often each check speaks, and the list's name."""

    name: str
    of: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Exporting:
    """One run of a grade export, being worked at."""

    office: Office
    handle: TenantStore
    run: Run
    tenant: Tenant
    export: GradeExport

    def now(self) -> datetime:
        """This moment."""
        return self.office.clock()

    def hold_on(self) -> None:
        """Prolong the lease; `ConflictError` without it, and then nothing outside is done."""
        if not self.office.claim(self.handle, self.run):
            raise ConflictError(f"another worker has the run {self.run.id}")

    def enter(self, stage: Stage) -> None:
        """Begin a step, as people see it."""
        stages.enter(self.handle, self.run.id, stage, now=self.now())

    def say(self, note: str, done: int = 0, of: int = 0) -> None:
        """Say how far the step is."""
        stages.progress(self.handle, self.run.id, done=done, of=of, note=note, now=self.now())

    def leave(self, stage: Stage, name: str, made: object, counts: dict[str, int]) -> None:
        """End a step: what it made is kept under this name, and that is what makes it done."""
        blob = self.handle.blobs.put_bytes(msgspec.json.encode(made))
        with self.handle.together() as tx:
            stages.attach(tx, self.run.id, name, blob, stage=stage, now=self.now())
            stages.leave(tx, self.run.id, counts=counts, now=self.now())

    def done(self) -> set[str]:
        """The names of the files the run has."""
        return {file.name for file in stages.files(self.handle, self.run.id)}

    def asked(self) -> list[Asked]:
        """The reports Canvas was asked for."""
        return msgspec.json.decode(self._text(REPORTS), type=list[Asked])

    def fetched(self) -> list[Fetched]:
        """The files that Canvas has made."""
        return msgspec.json.decode(self._text(FETCHED), type=list[Fetched])

    def checked(self) -> list[Checked]:
        """What should be looked at in them."""
        return msgspec.json.decode(self._text(CHECKED), type=list[Checked])

    def _text(self, name: str) -> bytes:
        kept = stages.file(self.handle, self.run.id, name)
        return self.handle.blobs.local(kept.blob).read_bytes()


def exporting(office: Office, handle: TenantStore, run: Run) -> Exporting:
    """A run at hand; ConfigError if the configuration does not name the export any more."""
    tenant = office.tenant(handle.name)
    export = tenant.grade_exports.get(run.export or "")
    if export is None:
        raise ConfigError(
            f"The configuration does not name the grade export {run.export} any more.",
            remedy=f"Put [tenant.{handle.name}.grade_export.{run.export}] back.",
        )
    return Exporting(office, handle, run, tenant, export)
