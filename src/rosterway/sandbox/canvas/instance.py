"""One Canvas: its roster, its paperwork, its knobs and faults, in one home folder."""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rosterway.sandbox.canvas.clock import Clock, stamp, system_clock
from rosterway.sandbox.canvas.faults import Faults
from rosterway.sandbox.canvas.knobs import Knobs
from rosterway.sandbox.canvas.pace import Pace
from rosterway.sandbox.canvas.state.office import Office
from rosterway.sandbox.canvas.state.roster import Roster
from rosterway.sandbox.canvas.state.seed import seed

#: Every right this Canvas knows; the home's token has them all.
RIGHTS = (
    "import_sis",
    "manage_sis",
    "read_sis",
    "read_roster",
    "read_course_list",
    "read_reports",
    "manage_account_memberships",
    "manage_courses",
    "manage_students",
    "manage_assignments",
    "manage_account_settings",
    "manage_grades",
    "view_all_grades",
    "view_grade_changes",
    "manage_user_logins",
    "manage_role_overrides",
)


@dataclass(slots=True)
class Instance:
    """Everything the doors and the import line share."""

    roster: Roster
    office: Office
    token: str
    clock: Clock
    knobs: Knobs
    faults: Faults
    pace: Pace
    #: Method, path and time of the requests answered, newest last; never a body.
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=100_000))
    #: How often an import's errors have been answered incompletely, for the fault errors-lag.
    lagged: dict[int, int] = field(default_factory=dict[int, int])

    def now(self) -> str:
        """The time, as Canvas prints it."""
        return stamp(self.clock())

    def close(self) -> None:
        """Close the databases."""
        self.roster.close()
        self.office.close()


def open_instance(home: Path, *, clock: Clock = system_clock) -> Instance:
    """The Canvas that lives in a folder; a new one if the folder has none."""
    home.mkdir(parents=True, exist_ok=True)
    office = Office(home)
    roster = Roster(home / "roster.db")
    seed(roster, stamp(clock()))
    token = office.first_token(RIGHTS) or office.new_token(1, RIGHTS)
    knobs, faults = Knobs(), Faults()
    return Instance(
        roster=roster,
        office=office,
        token=token,
        clock=clock,
        knobs=knobs,
        faults=faults,
        pace=Pace(knobs, faults),
    )
