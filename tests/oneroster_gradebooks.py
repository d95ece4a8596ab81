"""The sandbox SIS's gradebook, and readers and writers of it in both versions."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from yarl import URL

from oneroster_pulls import bearer
from oneroster_servers import Pauses
from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.formats.oneroster.gradebook_writing import Manner
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.doors import Doors
from rosterway.oneroster.gradebook import Gradebooks
from rosterway.oneroster.gradebook_writes import GradebookWriter
from rosterway.oneroster.patience import Patience, Surroundings
from rosterway.oneroster.wire import Wiring
from rosterway.sandbox.sis.server import RunningSis, start_sis
from rosterway.settings.shape import Version

NOW = "2026-11-23T12:00:00.000Z"


@dataclass
class School:
    """A sandbox SIS with a client, and a class of it whose gradebook is read and written."""

    sis: RunningSis
    client: ProviderClient
    doors: Doors
    pauses: Pauses
    class_id: str
    students: list[str]

    @property
    def books(self) -> Gradebooks:
        """A reader that remembers nothing yet."""
        return Gradebooks(self.client, self.doors)

    def manner(self, **more: Any) -> Manner:
        """How this SIS is written to."""
        usual = Manner(
            version=self.doors.version,
            rostering=str(self.doors.rostering),
            gradebook=str(self.doors.gradebook),
        )
        return replace(usual, **more)

    def writer(self, *, placeholder: str = "", **more: Any) -> GradebookWriter:
        """A writer in a manner."""
        return GradebookWriter(
            self.client, self.doors.gradebook, self.manner(**more), placeholder=placeholder
        )

    def asked(self) -> list[str]:
        """What was asked of the SIS, as `GET /path?query` below a service's root."""
        told = [
            f"{one.method} {one.path.partition('/v1p')[2][2:] or one.path}"
            + (f"?{one.query}" if one.query else "")
            for one in self.sis.provider.requests
        ]
        self.sis.provider.requests.clear()
        return told

    def line_item(self, sourced_id="li-1", **more: Any) -> LineItem:
        """A line item that both schemas take."""
        told: dict[str, Any] = {
            "sourced_id": sourced_id,
            "title": "Quiz 1",
            "class_id": self.class_id,
            "description": "Chapter 1",
            "category_id": "category-1",
            "school_id": self._class["school"]["sourcedId"],
            "grading_period_id": "2026-27-Q1",
            "assigned": "2026-09-24T12:00:00.000Z",
            "due": "2026-10-01T12:00:00.000Z",
            "minimum": 0.0,
            "maximum": 20.0,
        }
        return LineItem(**{**told, **more})

    def result(self, student=0, line_item="li-1", sourced_id="", **more: Any) -> Result:
        """A result that both schemas take."""
        told: dict[str, Any] = {
            "sourced_id": sourced_id or f"{line_item}-u{student}",
            "line_item_id": line_item,
            "student_id": self.students[student],
            "class_id": self.class_id,
            "score": 18.5,
            "score_status": "fully graded",
            "score_date": "2026-10-02",
        }
        return Result(**{**told, **more})

    @property
    def _class(self) -> Any:
        classes = self.sis.provider.truth("classes", self.doors.version.value)
        return next(one for one in classes if one["sourcedId"] == self.class_id)


@asynccontextmanager
async def school_of(
    version: Version = Version.V1P2,
    *faults: str,
    auth: Any = None,
    students: int = 60,
    categories: str = "global",
    page_size: int = 1000,
    max_requests: int = 4,
    silence: float = 60.0,
    **knobs: Any,
):
    """A sandbox SIS of a small district, and its first class with students."""
    told = {"slow_seconds": 0.0, **knobs}
    async with start_sis(students=students, categories=categories, knobs=told) as sis:
        doors = Doors(
            rostering=URL(sis.root(version.value)),
            gradebook=URL(sis.root(version.value, "gradebook")),
            version=version,
            page_size=page_size,
        )
        class_id, enrolled = first_class(sis)
        pauses = Pauses()
        async with ProviderClient(
            doors.rostering,
            auth(sis) if auth else bearer(sis),
            max_requests=max_requests,
            patience=Patience(attempts=3, garbled=3),
            wiring=Wiring(silence=silence),
            surroundings=Surroundings(pause=pauses, jitter=lambda: 1.0),
        ) as client:
            sis.provider.faults.put(faults)
            try:
                yield School(sis, client, doors, pauses, class_id, enrolled)
            finally:
                sis.provider.faults.put([])


def first_class(sis: RunningSis) -> tuple[str, list[str]]:
    """The class with the most live students, and those."""
    found: dict[str, list[str]] = {}
    for each in sis.provider.truth("enrollments"):
        if each["role"] == "student" and each["status"] == "active":
            found.setdefault(each["class"]["sourcedId"], []).append(each["user"]["sourcedId"])
    class_id = max(found, key=lambda one: (len(found[one]), one))
    return class_id, sorted(set(found[class_id]))
