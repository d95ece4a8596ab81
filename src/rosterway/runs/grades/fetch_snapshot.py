"""Step 1, Fetch Snapshot: the course's gradebook from Canvas, whole or brought up to date.

A sync that a person asked for reads everything; a scheduled one only what has changed, as long as a
whole reading is not too old: incremental readings do not tell of everything (`canvas.gradebook`).
"""

from collections.abc import Awaitable

import msgspec

from rosterway.canvas.gradebook import fetch_gradebook
from rosterway.passback.gradebook import Gradebook
from rosterway.passback.snapshots import merged
from rosterway.runs.grades import files
from rosterway.runs.grades.asked import GRADES
from rosterway.runs.grades.course_grades import rule_of
from rosterway.runs.grades.sis import terms_of
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.stages import Stage
from rosterway.store import grade_courses
from rosterway.store.runs import Trigger

#: Canvas's word for a course that is synced every night.
_NIGHTLY = "nightly_sync"


async def fetch_snapshot(sync: Syncing) -> Gradebook:
    """Read the gradebook and keep it with the run, and as the course's last."""
    sync.enter(Stage.FETCH_SNAPSHOT)
    kept = _kept(sync)
    async with sync.office.canvas(sync.handle) as canvas:

        def fetch(since: Gradebook | None) -> Awaitable[Gradebook]:
            return fetch_gradebook(
                canvas,
                sync.course,
                now=sync.now(),
                since=since.taken_at if since else None,
                comments=terms_of(sync).rules.comments,
                course_grades=[rule_of(one) for one in sync.grades.course_grades.values()],
            )

        found = merged(kept, await fetch(kept)) if kept else None
        is_whole = found is None
        if found is None:
            found = await fetch(None)
    blob = sync.handle.blobs.put_bytes(msgspec.json.encode(found))
    course, now = found.course, sync.now()
    with sync.handle.together() as tx:
        grade_courses.put(
            tx,
            sync.course,
            name=course.name,
            sis_id=course.sis_id,
            nightly=course.passback == _NIGHTLY,
            now=now,
        )
        grade_courses.keep_snapshot(tx, sync.course, blob.digest, whole=is_whole, now=now)
    sync.leave(
        Stage.FETCH_SNAPSHOT,
        files.SNAPSHOT,
        found,
        counts={
            "assignments": len(found.assignments),
            "students": len(found.students),
            "submissions": len(found.submissions),
        },
    )
    return found


def _kept(sync: Syncing) -> Gradebook | None:
    """The gradebook to bring up to date; None: all is to be read."""
    known = grade_courses.find(sync.handle, sync.course)
    is_scheduled = sync.run.trigger is Trigger.SCHEDULE and sync.run.kind == GRADES
    if not is_scheduled or known is None or known.snapshot is None or known.read_whole_at is None:
        return None
    if sync.now() - known.read_whole_at >= sync.grades.full_read_every:
        return None
    content = sync.handle.blobs.local(known.snapshot).read_bytes()
    return msgspec.json.decode(content, type=Gradebook)
