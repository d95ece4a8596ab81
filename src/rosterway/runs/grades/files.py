"""The files a run of grades leaves, one a step: a step is done when its file is there.

They are JSON of frozen values, so that each step's input and output can be looked at, and a run that
was cut off goes on from what is kept and not from what the world has become.
"""

from typing import Final, TypeVar

import msgspec

from rosterway.errors import NotFoundError
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.store import stages
from rosterway.store.walls import TenantStore

_Kept = TypeVar("_Kept")

ASKED: Final = "request.json"
SNAPSHOT: Final = "snapshot.json"
TRANSFORMED: Final = "transformed.json"
COURSE_GRADES: Final = "course-grades.json"
CLASSES: Final = "classes.json"
PLAN: Final = "plan.json"
ASSIGNMENTS: Final = "assignments.json"
RESULTS: Final = "results.json"
SUBMISSIONS: Final = "submissions.json"
POSTED: Final = "posted.json"
SYNCED: Final = "synced.json"
RECONCILIATION: Final = "reconcile.json"

#: The classes' gradebooks, as `CLASSES` and `RESULTS` have them.
Classes = tuple[ClassGradebook, ...]


def has(handle: TenantStore, run: str, name: str) -> bool:
    """Whether a step is done."""
    try:
        stages.file(handle, run, name)
    except NotFoundError:
        return False
    return True


def read(handle: TenantStore, run: str, name: str, kind: type[_Kept]) -> _Kept:
    """What a step left; `NotFoundError` if it is not done. `kind` may be any type msgspec reads."""
    kept = stages.file(handle, run, name)
    return msgspec.json.decode(handle.blobs.local(kept.blob).read_bytes(), type=kind)
