"""What a person does to a course's grades, done in Canvas as well: fixes, associations, forgetting.

This is the seam for the doors, beside `courses`. What is ours is on record before Canvas is asked; a
Canvas that does not keep its copy is told of in words, and undoes nothing.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rosterway.canvas.association_mirror import mirror_associations
from rosterway.canvas.client import CanvasClient
from rosterway.canvas.grade_fixes import Fixed, apply_fix
from rosterway.canvas.integration_data import Written
from rosterway.canvas.sync_marks import forget_sync_marks
from rosterway.errors import RosterwayError
from rosterway.passback.plan import Fix
from rosterway.runs.grades.transform_assignments import associations_of
from rosterway.runs.office import Office
from rosterway.store import audit
from rosterway.store.walls import TenantStore


@dataclass(frozen=True, slots=True)
class InCanvas:
    """How many things came to what in Canvas; `says` is why something did not, "" if all did."""

    outcomes: Mapping[str, int] = field(default_factory=dict[str, int])
    says: str = ""


async def apply_fixes(
    office: Office,
    handle: TenantStore,
    course: str,
    fixes: Iterable[Fix],
    *,
    by: str,
    now: datetime,
) -> list[Fixed]:
    """Make chosen fixes of a preflight in Canvas, one after the other; what became of each.

    What has changed since a fix was offered stays as it is (`canvas.grade_fixes`). Each is in the
    audit log as soon as it is made.

    Raises:
        RemoteError: Canvas cannot be asked, or does not let us; those before it are made.
    """
    zone = office.tenant(handle.name).time_zone
    done: list[Fixed] = []
    async with office.canvas(handle) as canvas:
        for fix in fixes:
            fixed = await apply_fix(canvas, course, fix, zone=zone)
            audit.append(
                handle,
                actor=by,
                act="grades.fix",
                subject=f"course {course}",
                now=now,
                details={
                    "assignment": fix.assignment,
                    "section": fix.section,
                    "kind": fix.kind.value,
                    "before": fix.before,
                    "after": fix.after,
                    "outcome": fixed.outcome.value,
                },
            )
            done.append(fixed)
    return done


async def mirror(office: Office, handle: TenantStore, course: str) -> InCanvas:
    """Copy a course's associations into Canvas now, where the settings have them mirrored.

    For after `courses.associate` and `courses.remove_association`.
    """
    grades = office.tenant(handle.name).grades
    if grades is None or not grades.mirror:
        return InCanvas()
    known = associations_of(handle, course)
    return await _told(office, handle, lambda canvas: mirror_associations(canvas, course, known))


async def forget_marks(office: Office, handle: TenantStore, course: str) -> InCanvas:
    """Take the marks of our syncs out of a course in Canvas; for after `courses.forget`.

    The next sync makes them anew, so `courses.put_back` has none to put back.
    """
    return await _told(office, handle, lambda canvas: forget_sync_marks(canvas, course))


async def _told(
    office: Office,
    handle: TenantStore,
    write: Callable[[CanvasClient], Awaitable[Sequence[Written]]],
) -> InCanvas:
    try:
        async with office.canvas(handle) as canvas:
            written = await write(canvas)
    except RosterwayError as error:
        return InCanvas(says=f"{error.message} {error.remedy}".strip())
    outcomes = Counter(one.outcome.value for one in written)
    return InCanvas(dict(outcomes), next((one.says for one in written if one.says), ""))
