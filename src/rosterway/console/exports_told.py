"""Grade exports as the page of feeds tells of them: their files, how the last went, what comes next."""

from dataclasses import dataclass

from rosterway.console.access import Desk
from rosterway.console.told import ToldRun, tell_one
from rosterway.runs.schedules import next_moment
from rosterway.settings import GradeExport
from rosterway.store import runs, stages
from rosterway.store.runs import Outcome, Run


@dataclass(frozen=True, slots=True)
class ToldExport:
    """One grade export. `files` are the names of those of the last whole run, to be taken from it."""

    export: GradeExport
    last: ToldRun | None
    whole: ToldRun | None
    files: tuple[str, ...]
    following: str


def exports(desk: Desk) -> list[ToldExport]:
    """The tenant's grade exports, in the order of the configuration."""
    return [_told(desk, one) for one in desk.office.tenant(desk.tenant.name).grade_exports.values()]


def files_of(desk: Desk, run: Run) -> tuple[str, ...]:
    """The names of the files that a run has made for others, as they are kept with it."""
    kept = stages.files(desk.handle, run.id)
    return tuple(file.name for file in kept if file.name.endswith(".csv"))


def _told(desk: Desk, export: GradeExport) -> ToldExport:
    last = runs.latest(desk.handle, export=export.name, limit=1)
    whole = runs.latest(desk.handle, export=export.name, outcome=Outcome.DELIVERED, limit=1)
    return ToldExport(
        export=export,
        last=tell_one(desk.handle, last[0]) if last else None,
        whole=tell_one(desk.handle, whole[0]) if whole else None,
        files=files_of(desk, whole[0]) if whole else (),
        following=_following(desk, export),
    )


def _following(desk: Desk, export: GradeExport) -> str:
    if export.schedule is None:
        return "Made when somebody asks for it."
    zone = desk.office.tenant(desk.tenant.name).time_zone
    return f"Made next at {desk.times.moment(next_moment(export.schedule, zone, desk.now))}."
