"""What a vanished row becomes, by table, role and phase of its term: data that a feed may change.

The digest covers it. A user is deleted by absence only where a feed says so in so many words
(`vanished.users = "deleted"`): no wider word means it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import cast

from rosterway.errors import ConfigError
from rosterway.formats.canvas_csv.table import Table
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.settings.findings import nearest

NOTHING = "nothing"

#: By default (`command-line.md`, "plan"). Tables not named here are left alone.
_DEFAULTS: Mapping[str, str] = {
    "enrollments": "deleted",
    "sections": "deleted",
    "courses": "deleted",
    "xlists": "deleted",
    "user_observers": "deleted",
    "groups_membership": "deleted",
    "users": "suspended",
}

#: Tables whose rows belong to a term.
OF_A_TERM = ("terms", "courses", "sections", "xlists", "enrollments")
#: Tables whose rows have a role.
OF_A_ROLE = ("enrollments",)

#: Keys of `vanished` that name no table.
TERM_END_DAYS = "term_end_days"
GRACE = "grace"
_SEVEN = 7


class Phase(StrEnum):
    """Where a term is. One whose dates are not known is running."""

    BEFORE = "before"
    RUNNING = "running"
    CLOSING = "closing"  # it ends within `term_end_days`
    OVER = "over"


#: Phases in which rows are left alone unless a feed says what becomes of them then.
ENDING = (Phase.CLOSING, Phase.OVER)

#: What a vanished enrollment becomes when its term is about to end (`safety.md`, "Removals").
AT_TERM_END = "completed"


class Unit(StrEnum):
    """What a grace is counted in."""

    RUNS = "runs"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Grace:
    """How long a vanished row waits before anything becomes of it."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit.value}"


#: Table, role or None for all, phase or None for those before the term closes.
Place = tuple[str, str | None, Phase | None]


@dataclass(frozen=True, slots=True)
class Policy:
    """`vanished`: table -> the status a vanished row is given, or `nothing`.

    From `days_before_term_end` on, vanished enrollments complete and vanished sections and courses
    are left alone. `places` says otherwise for a role, a phase, or both: the role counts before the
    phase. `graces` are by table, and under None for all others.
    """

    vanished: Mapping[str, str] = field(default_factory=lambda: dict(_DEFAULTS))
    days_before_term_end: int = _SEVEN
    places: Mapping[Place, str] = field(default_factory=dict[Place, str])
    graces: Mapping[str | None, Grace] = field(default_factory=dict[str | None, Grace])

    def becomes(self, table: str, role: str | None = None, phase: Phase = Phase.RUNNING) -> str:
        """The status a vanished row is given there, or `nothing`."""
        is_ending = phase in ENDING
        asked: list[Place] = [(table, role, phase), (table, role, None), (table, None, phase)]
        for place in asked:
            if place in self.places and not (is_ending and place[2] is None):
                return self.places[place]
        usual = self.vanished.get(table, NOTHING)
        if is_ending and table in OF_A_TERM and usual != NOTHING:
            return AT_TERM_END if table == "enrollments" else NOTHING
        return usual

    @property
    def deletes_users_at_once(self) -> bool:
        """Whether a user who has vanished frees a login for another in the same plan."""
        return self.becomes("users") == "deleted" and self.grace_of("users") is None

    def grace_of(self, table: str) -> Grace | None:
        """How long a vanished row of a table waits; None: not at all."""
        grace = self.graces.get(table, self.graces.get(None))
        return grace if grace is not None and grace.count else None

    def roles(self, table: str) -> list[str]:
        """Roles that have words of their own."""
        return sorted({role for name, role, _ in self.places if name == table and role is not None})

    def acts_on(self, table: str) -> bool:
        """Whether any row of a table becomes anything, wherever it is."""
        places = product([None, *self.roles(table)], Phase)
        return any(self.becomes(table, role, phase) != NOTHING for role, phase in places)

    def as_dict(self) -> dict[str, object]:
        """The policy as the digest sees it."""
        return {
            "vanished": dict(sorted(self.vanished.items())),
            "days_before_term_end": self.days_before_term_end,
            "places": {
                "/".join([table, role or "", phase or ""]): status
                for (table, role, phase), status in sorted(
                    self.places.items(), key=lambda item: [part or "" for part in item[0]]
                )
            },
            "graces": {
                table or "": str(grace)
                for table, grace in sorted(self.graces.items(), key=lambda item: item[0] or "")
            },
        }


def policy_from(vanished: Mapping[str, object], days_before_term_end: int | None = None) -> Policy:
    """The default policy with a feed's changes, as `rosterway.toml` gives them under `vanished`.

    Raises ConfigError for what Canvas cannot do, naming the key.
    """
    chosen = dict(_DEFAULTS)
    places: dict[Place, str] = {}
    graces: dict[str | None, Grace] = {}
    days = _SEVEN if days_before_term_end is None else days_before_term_end
    for name, given in vanished.items():
        if name == TERM_END_DAYS:
            days = _days(given)
            continue
        if name == GRACE:
            graces[None] = _grace(given, f"vanished.{GRACE}")
            continue
        table = _table(name)
        if isinstance(given, Mapping):
            words = dict(cast("Mapping[str, object]", given))
            if GRACE in words:
                graces[name] = _grace(words.pop(GRACE), f"vanished.{name}.{GRACE}")
            _read_table(table, words, chosen, places)
        else:
            chosen[name] = _status(table, given, f"vanished.{name}")
    return Policy(chosen, days, places, graces)


def _read_table(
    table: Table,
    given: Mapping[str, object],
    chosen: dict[str, str],
    places: dict[Place, str],
) -> None:
    """A table's words: `becomes`, one for each phase, and the same for each `role`."""
    name = table.name
    rest = {key: value for key, value in given.items() if key != "role"}
    for phase, status in _phases(table, rest, f"vanished.{name}").items():
        if phase is None:
            chosen[name] = status
        else:
            places[name, None, phase] = status
    if "role" not in given:
        return
    roles, where = given["role"], f"vanished.{name}.role"
    if name not in OF_A_ROLE or not isinstance(roles, Mapping):
        raise ConfigError(
            f"{where}: only roles of enrollments have words of their own.",
            remedy='Write [… .vanished.enrollments.role.teacher] and there becomes = "inactive".',
        )
    for role, words in cast("Mapping[str, object]", roles).items():
        said = cast("object", words if isinstance(words, Mapping) else {"becomes": words})
        read = _phases(table, cast("Mapping[str, object]", said), f"{where}.{role}")
        for phase, status in read.items():
            places[name, role.lower(), phase] = status


def _phases(table: Table, given: Mapping[str, object], where: str) -> Mapping[Phase | None, str]:
    """`becomes` and phases; None stands for the former."""
    phases = {phase.value: phase for phase in Phase} if table.name in OF_A_TERM else {}
    read: dict[Phase | None, str] = {}
    for key, value in given.items():
        if key != "becomes" and key not in phases:
            known = ["becomes", GRACE, *phases, *(["role"] if table.name in OF_A_ROLE else [])]
            meant = nearest(key, known)
            raise ConfigError(
                f"{where}.{key}: this says nothing about a vanished row.",
                remedy=f"Did you mean `{meant}`?" if meant else f"Use one of: {', '.join(known)}.",
            )
        phase = phases.get(key)
        read[phase] = _status(table, value, f"{where}.{key}")
        if phase is Phase.OVER and read[phase] == "deleted":
            raise ConfigError(
                f"{where}.{key}: rows of a term that is over are never deleted by absence.",
                remedy=f"Use {NOTHING}"
                + (f" or {AT_TERM_END}." if table.name in {"enrollments", "courses"} else "."),
            )
    return read


def _table(name: str) -> Table:
    table = BY_NAME.get(name)
    if table is None or not table.compared:
        compared = [known.name for known in BY_NAME.values() if known.compared]
        meant = nearest(name, [*compared, TERM_END_DAYS, GRACE])
        raise ConfigError(
            f"vanished.{name}: there is no such table to compare.",
            remedy=f"Did you mean `{meant}`?" if meant else f"Use one of: {', '.join(compared)}.",
        )
    return table


def _status(table: Table, status: object, where: str) -> str:
    removing = [word.word for word in table.statuses if not word.access]
    if not isinstance(status, str) or status not in {NOTHING, *removing}:
        raise ConfigError(
            f"{where}: a vanished row cannot become {status!r}.",
            remedy=f"Use one of: {', '.join([*removing, NOTHING])}.",
        )
    return status


def _grace(value: object, where: str) -> Grace:
    words = re.fullmatch(r"(\d{1,4}) (run|day)s?", value) if isinstance(value, str) else None
    if words is None:
        raise ConfigError(
            f"{where}: {value!r} is no time to wait.", remedy='Write "3 runs" or "7 days".'
        )
    return Grace(int(words[1]), Unit(f"{words[2]}s"))


def _days(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(
            f"vanished.{TERM_END_DAYS}: {value!r} is no number of days.",
            remedy="Write a whole number from 0 up.",
        )
    return value
