"""What is known of each course whose grades are synced: when last, how it went, what was read.

`snapshot` is the last gradebook as it was read from Canvas, whole: a sync that only asks for what
has changed since begins from it. `forgotten` is the ledger that a person last had forgotten, kept so
that it can be put back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index

from rosterway.errors import NotFoundError
from rosterway.store.columns import flag, instant, refers, tenant_table, text
from rosterway.store.walls import TenantStore

GRADE_COURSES = tenant_table(
    "grade_courses",
    text("course"),
    text("sis_id", null=True),
    text("name"),
    flag("nightly"),
    instant("seen_at"),
    instant("synced_at", null=True),
    text("synced_by", null=True),
    instant("read_whole_at", null=True),
    text("snapshot", null=True),
    text("forgotten", null=True),
    instant("forgotten_at", null=True),
    refers(("synced_by",), "runs", ("id",)),
    key=("course",),
)
Index(None, GRADE_COURSES.c.tenant, GRADE_COURSES.c.sis_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeCourse:
    """A course. `nightly` is Canvas's `nightly_sync`; `synced_by` the run that last synced it.

    `snapshot` and `forgotten` are blobs' digests; `read_whole_at` is when the snapshot was last read
    whole and not only as far as it had changed.
    """

    tenant: str
    course: str
    sis_id: str | None
    name: str
    nightly: bool
    seen_at: datetime
    synced_at: datetime | None
    synced_by: str | None
    read_whole_at: datetime | None
    snapshot: str | None
    forgotten: str | None
    forgotten_at: datetime | None


def put(
    handle: TenantStore,
    course: str,
    *,
    name: str,
    sis_id: str | None,
    nightly: bool,
    now: datetime,
) -> GradeCourse:
    """Note a course as Canvas shows it; what is known of its syncs stays."""
    seen_as = {"name": name, "sis_id": sis_id, "nightly": nightly, "seen_at": now}
    with handle.together() as tx, tx.writing() as seen:
        if not seen.insert_new(GRADE_COURSES, course=course, **seen_as):
            seen.update(GRADE_COURSES, GRADE_COURSES.c.course == course, **seen_as)
        return get(tx, course)


def get(handle: TenantStore, course: str) -> GradeCourse:
    """The course of this Canvas id; `NotFoundError` if no sync has met it."""
    found = find(handle, course)
    if found is None:
        raise NotFoundError(
            f"no grades of course {course} have been synced",
            remedy="look at `rosterway grades status`",
        )
    return found


def find(handle: TenantStore, course: str) -> GradeCourse | None:
    """The course of this Canvas id, or None."""
    with handle.reading() as seen:
        return seen.first(GradeCourse, GRADE_COURSES, GRADE_COURSES.c.course == course)


def every(handle: TenantStore, *, nightly: bool | None = None) -> list[GradeCourse]:
    """Courses by their Canvas id; only those that are flagged, or are not, if asked for."""
    where = () if nightly is None else (GRADE_COURSES.c.nightly.is_(nightly),)
    with handle.reading() as seen:
        order = (GRADE_COURSES.c.course,)
        return seen.find(GradeCourse, GRADE_COURSES, *where, order=order)


def keep_snapshot(
    handle: TenantStore, course: str, blob: str, *, whole: bool, now: datetime
) -> None:
    """Remember the gradebook that was read last, and whether all of it was read just now."""
    kept: dict[str, Any] = {"snapshot": blob}
    if whole:
        kept["read_whole_at"] = now
    _change(handle, course, **kept)


def synced(handle: TenantStore, course: str, *, run: str, now: datetime) -> None:
    """Note that a run has brought its sync to an end."""
    _change(handle, course, synced_at=now, synced_by=run)


def keep_forgotten(handle: TenantStore, course: str, blob: str | None, *, now: datetime) -> None:
    """Note where the forgotten ledger lies; None once it has been put back."""
    _change(handle, course, forgotten=blob, forgotten_at=now if blob else None)


def _change(handle: TenantStore, course: str, **values: object) -> None:
    with handle.writing() as seen:
        if not seen.update(GRADE_COURSES, GRADE_COURSES.c.course == course, **values):
            raise NotFoundError(f"no grades of course {course} have been synced")
