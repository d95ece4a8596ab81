"""A kept gradebook, brought up to date by a reading of only what has changed since.

An incremental reading tells all of the course but its submissions (`canvas.gradebook`). Where it
shows an assignment or a student that the kept one did not know, nothing is known of their
submissions from before: then all must be read.
"""

import msgspec

from rosterway.passback.gradebook import Gradebook, Submission


def merged(kept: Gradebook, changes: Gradebook) -> Gradebook | None:
    """The gradebook as it is now, `since` None as if all had been read; None: all must be read."""
    if _assignments(changes) - _assignments(kept) or _places(changes) - _places(kept):
        return None
    found: dict[tuple[str, str], Submission] = {
        (one.assignment, one.user): one for one in (*kept.submissions, *changes.submissions)
    }
    assignments, users = _assignments(changes), {one.id for one in changes.students}
    return msgspec.structs.replace(
        changes,
        since=None,
        submissions=tuple(
            one for one in found.values() if one.assignment in assignments and one.user in users
        ),
    )


def _assignments(gradebook: Gradebook) -> set[str]:
    """Those whose submissions are read: of what is not published there are none."""
    return {one.id for one in gradebook.assignments if one.published}


def _places(gradebook: Gradebook) -> set[tuple[str, str]]:
    """Who is in which section: whoever moves may see other assignments."""
    return {(one.id, section) for one in gradebook.students for section in one.sections}
