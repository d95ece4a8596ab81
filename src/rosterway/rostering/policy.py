"""What a vanished row becomes, by table: data that a feed may change and the digest covers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rosterway.errors import ConfigError
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

#: What a vanished enrollment becomes when its term is about to end (`safety.md`, "Removals").
AT_TERM_END = "completed"


@dataclass(frozen=True, slots=True)
class Policy:
    """`vanished`: table -> the status a vanished row is given, or `nothing`.

    From `days_before_term_end` on, vanished enrollments complete and vanished sections and courses
    are left alone.
    """

    vanished: Mapping[str, str] = field(default_factory=lambda: dict(_DEFAULTS))
    days_before_term_end: int = 7

    def becomes(self, table: str) -> str:
        """The status a vanished row of the table is given, or `nothing`."""
        return self.vanished.get(table, NOTHING)

    def as_dict(self) -> dict[str, object]:
        """The policy as the digest sees it."""
        return {
            "vanished": dict(sorted(self.vanished.items())),
            "days_before_term_end": self.days_before_term_end,
        }


def policy_from(vanished: Mapping[str, str], days_before_term_end: int | None = None) -> Policy:
    """The default policy with a feed's changes. Raises ConfigError for what Canvas cannot do."""
    chosen = dict(_DEFAULTS)
    for name, status in vanished.items():
        table = BY_NAME.get(name)
        if table is None or not table.compared:
            compared = [known.name for known in BY_NAME.values() if known.compared]
            meant = nearest(name, compared)
            raise ConfigError(
                f"vanished.{name}: there is no such table to compare.",
                remedy=(
                    f"Did you mean `{meant}`?" if meant else f"Use one of: {', '.join(compared)}."
                ),
            )
        removing = [word.word for word in table.statuses if not word.access]
        if status not in {NOTHING, *removing}:
            raise ConfigError(
                f"vanished.{name}: a vanished row cannot become {status!r}.",
                remedy=f"Use one of: {', '.join([*removing, NOTHING])}.",
            )
        chosen[name] = status
    days = 7 if days_before_term_end is None else days_before_term_end
    return Policy(chosen, days)
