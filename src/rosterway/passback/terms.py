"""The terms of a grade sync: everything that is decided by settings and not by a gradebook."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import msgspec

from rosterway.passback.caution import Caution
from rosterway.passback.identity import Identity
from rosterway.passback.rules import Rules
from rosterway.settings.shape import Endpoints, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How this institution passes grades to this provider. `zone` is the school's."""

    identity: Identity
    zone: ZoneInfo
    rules: Rules = field(default_factory=Rules)
    caution: Caution = field(default_factory=Caution)
    endpoints: Endpoints = Endpoints.STANDARD
    version: Version = Version.V1P1


class Selection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of a course is to be synced; None: all of it."""

    assignments: tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None

    def takes(self, assignment: str, class_id: str) -> bool:
        """Whether an assignment in a class is to be synced."""
        return (self.assignments is None or assignment in self.assignments) and (
            self.classes is None or class_id in self.classes
        )
