"""`data.statistics`: how many things an import created, restored, deleted, concluded.

Only changes of state: a renamed course shows nowhere. Facts: canvas-lms `SisBatch#statistics`.
"""

from collections.abc import Iterable

from rosterway.sandbox.canvas.state.work import NON_EXISTENT

_KINDS = (
    "Account",
    "EnrollmentTerm",
    "AbstractCourse",
    "Course",
    "CourseSection",
    "GroupCategory",
    "Group",
    "Pseudonym",
    "CommunicationChannel",
    "Enrollment",
    "GroupMembership",
    "UserObserver",
    "AccountUser",
)
#: Further columns of some kinds, by the state they count.
_ALSO = {
    "Course": {"completed": "concluded"},
    "Enrollment": {"completed": "concluded", "inactive": "deactivated"},
}


def statistics(changes: Iterable[tuple[str, str, str, int]]) -> dict[str, object]:
    """From (kind, previous state, updated state, how many), as roll-back data has them."""
    result: dict[str, dict[str, int]] = {
        kind: dict.fromkeys(("created", *_ALSO.get(kind, {}).values(), "deleted", "restored"), 0)
        for kind in _KINDS
    }
    total = 0
    for kind, previous, updated, count in changes:
        if kind not in result:
            continue
        total += count
        if previous == NON_EXISTENT:
            result[kind]["created"] += count
        elif updated == "deleted":
            result[kind]["deleted"] += count
        elif column := _ALSO.get(kind, {}).get(updated):
            result[kind][column] += count
        elif previous == "deleted":
            result[kind]["restored"] += count
    return {"total_state_changes": total, **result}
