"""A whole district, made zone by zone and never held whole.

A `District` is a recipe: how many students, which seed, which school year, and what has happened
since the first load. Reading it makes each zone anew, so that a million students need no more
memory than five thousand, and the same recipe always reads the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from rosterway.sandbox.district.layout import (
    MOST_STUDENTS,
    Level,
    ZonePlan,
    zone_count,
    zone_plans,
)
from rosterway.sandbox.district.luck import luck
from rosterway.sandbox.district.model import (
    Admin,
    DistrictError,
    Org,
    OrgKind,
    Session,
    UserKind,
)
from rosterway.sandbox.district.names import place_name
from rosterway.sandbox.district.people import Registrar
from rosterway.sandbox.district.roster import Roster
from rosterway.sandbox.district.sessions import Calendar, calendar_of
from rosterway.sandbox.district.zones import fill_zone

#: The day districts live on unless told otherwise.
TODAY = date(2026, 11, 23)

#: What may happen to a zone in a night, or go wrong by morning; changes the roster it is given.
Change = Callable[[Roster, Random], None]


@dataclass(frozen=True, slots=True)
class District:
    """How to make a district; `changes` have happened to it one after the other."""

    students: int
    seed: int
    today: date
    changes: tuple[Change, ...] = ()

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{place_name(0, luck(self.seed, 'name').randrange(2_400))} Unified School District"

    @property
    def calendar(self) -> Calendar:
        """The school year it lives in."""
        return calendar_of(self.today)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Its academic sessions, parents first."""
        return self.calendar.sessions

    def after(self, *changes: Change) -> "District":
        """The same district when these have happened, too."""
        return replace(self, changes=self.changes + changes)

    def rosters(self) -> Iterator[Roster]:
        """The district office, then every zone: each whole in itself, parents before children."""
        plans = zone_plans(self.students, self.seed)
        root = f"{luck(self.seed, 'root').randrange(1, 1_000):05d}0"
        first = next(plans)
        levels = _levels(first, root) if len(first.schools) > 2 else {}
        yield self._changed(self._office(root, levels))
        plan: ZonePlan | None = first
        while plan:
            roster = self._empty(plan.number)
            parents = {
                school.id: levels[school.level].id if levels else root for school in plan.schools
            }
            fill_zone(roster, plan, parents, luck(self.seed, "zone", plan.number))
            yield self._changed(roster)
            plan = next(plans, None)

    def _empty(self, zone: int) -> Roster:
        place = self.name.removesuffix(" Unified School District")
        registrar = Registrar(
            zone=zone,
            zones=zone_count(self.students) + 1,
            domain=f"{place.replace(' ', '').lower()}.example.org",
            turn=luck(self.seed, "ids").randrange(10_000_000),
        )
        return Roster(zone, self.calendar, registrar)

    def _office(self, root: str, levels: dict[Level, Org]) -> Roster:
        """The orgs above the schools, and who runs the system."""
        office = self._empty(0)
        office.orgs[root] = Org(root, self.name, OrgKind.DISTRICT, "")
        office.orgs.update({level.id: level for level in levels.values()})
        rng = luck(self.seed, "office")
        for at in range(2 + zone_count(self.students) // 4):
            user = office.registrar.staff(rng, UserKind.ADMINISTRATOR, root)
            office.add_user(user)
            office.admins.append(Admin(user.id, root))
            if at and levels:
                office.admins[-1] = Admin(user.id, rng.choice(list(levels.values())).id)
        return office

    def _changed(self, roster: Roster) -> Roster:
        for night, change in enumerate(self.changes, 2):
            change(roster, luck(self.seed, "night", night, roster.zone))
        return roster


def _levels(zone: ZonePlan, root: str) -> dict[Level, Org]:
    levels = dict.fromkeys(school.level for school in zone.schools)
    return {
        level: Org(f"{root}-{level.name[:4]}", level.value, OrgKind.LEVEL, root) for level in levels
    }


def make_district(*, students: int, seed: int, today: date = TODAY) -> District:
    """A district with so many students, as on its first load.

    Raises:
        DistrictError: there is no such district.
    """
    if not 1 <= students <= MOST_STUDENTS:
        message = f"a district has 1 to {MOST_STUDENTS:,} students, not {students:,}"
        raise DistrictError(message)
    return District(students, seed, today)
