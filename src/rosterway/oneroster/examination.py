"""What a look at a provider found, as values: operations, speed, deviations, and a verdict."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rosterway.formats.oneroster.deviations import Deviation

#: What a roster takes, and which collections give it.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "orgs": ("getAllOrgs", "getAllSchools"),
    "academicSessions": ("getAllAcademicSessions", "getAllTerms", "getTermsForSchool"),
    "courses": ("getAllCourses", "getCoursesForSchool"),
    "classes": ("getAllClasses",),
    "users": ("getAllUsers", "getAllStudents", "getStudentsForSchool"),
    "enrollments": ("getAllEnrollments", "getEnrollmentsForSchool"),
}


class Status(StrEnum):
    """How an operation is answered."""

    SERVED = "served"
    EMPTY = "empty"
    MISSING = "missing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation. `why` is the error in words; `total` None: the provider does not say.

    `records` came on the first page, in `seconds`, for which `page_size` were asked for at last.
    """

    operation: str
    path: str
    required: bool
    status: Status = Status.REFUSED
    why: str = ""
    http_status: int | None = None
    records: int = 0
    total: int | None = None
    page_size: int | None = None
    seconds: float = 0.0

    @property
    def is_there(self) -> bool:
        """Whether it can be read."""
        return self.status in {Status.SERVED, Status.EMPTY}

    def as_dict(self) -> dict[str, Any]:
        """The operation as the command line's JSON has it."""
        return {
            "operation": self.operation,
            "path": self.path,
            "required": self.required,
            "status": self.status.value,
            "why": self.why,
            "http_status": self.http_status,
            "records": self.records,
            "total": self.total,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """One measurement: so many records came of so many asked for, in so many seconds."""

    asked: int
    came: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Records a second."""
        return self.came / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was found. `why` says what keeps the provider from being used; `remedy` what to do."""

    reachable: bool
    authenticated: bool
    why: str = ""
    remedy: str = ""
    clock_skew: float | None = None
    operations: tuple[Operation, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    sizes: tuple[Speed, ...] = ()
    together: float | None = None
    throttled: bool = False
    estimate: float | None = None
    recommend: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def lacking(self) -> tuple[str, ...]:
        """What a roster takes and nothing gives."""
        there = {each.operation for each in self.operations if each.is_there}
        return tuple(name for name, ways in NEEDED.items() if there.isdisjoint(ways))

    @property
    def is_usable(self) -> bool:
        """Whether a roster can be had."""
        return self.authenticated and not self.lacking

    def as_dict(self) -> dict[str, Any]:
        """The examination as the command line's JSON has it."""
        return {
            "reachable": self.reachable,
            "authenticated": self.authenticated,
            "usable": self.is_usable,
            "why": self.why,
            "remedy": self.remedy,
            "lacking": list(self.lacking),
            "clock_skew_seconds": None if self.clock_skew is None else round(self.clock_skew),
            "operations": [each.as_dict() for each in self.operations],
            "deviations": [each.as_dict() for each in self.deviations],
            "speed": {
                "page_sizes": [
                    {
                        "asked": each.asked,
                        "came": each.came,
                        "seconds": round(each.seconds, 3),
                        "records_per_second": round(each.per_second),
                    }
                    for each in self.sizes
                ],
                "times_faster_together": None if self.together is None else round(self.together, 2),
                "throttled": self.throttled,
            },
            "estimate_seconds": None if self.estimate is None else math.ceil(self.estimate),
            "recommend": dict(self.recommend),
        }
