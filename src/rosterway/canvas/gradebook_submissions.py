"""What students have on assignments: every state, hidden and unsubmitted ones with them.

Facts: canvas-sis.md 6.4. Students and assignments are named one by one, because each of Canvas's
shorter ways leaves something out: `post_to_sis=true` drops students that were added by hand, a
`workflow_state` the grades that were cleared. Only the fields that are read are asked for, so that
what students wrote never comes here.

Guarantees: who was asked for and not told of is named; nothing is told twice. Leaves to others what
a reading that leaves somebody out is worth (`gradebook`).
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.failures import SYSTEM, TOO_MANY_STUDENTS
from rosterway.canvas.shapes import Id, every, stamp
from rosterway.errors import GarbledError, RejectedError
from rosterway.passback.gradebook import Submission, SubmissionState

_READING = Call("reading the submissions of a course", "view_all_grades")

#: In one request. Canvas refuses more students than its largest page holds: 50 in its code, 100
#: where Instructure hosts. Together they bound an answer to some megabytes, an address to 7 kB.
STUDENTS_AT_ONCE, ASSIGNMENTS_AT_ONCE = 50, 100
#: Requests in flight. One is practically never throttled, and more than a few soon are.
AT_ONCE = 3
#: An incremental reading begins so much earlier: `graded_since` is strictly greater, Canvas's clock
#: and ours differ, and a grade being saved has a time before it can be seen.
OVERLAP = timedelta(minutes=10)

_FIELDS = (
    "assignment_id",
    "user_id",
    "workflow_state",
    "score",
    "grade",
    "excused",
    "late",
    "missing",
    "late_policy_status",
    "submitted_at",
    "graded_at",
    "posted_at",
)
_COMMENTS = "submission_comments"
_DELETED = "deleted"


class SubmissionsTold(msgspec.Struct, frozen=True, kw_only=True):
    """The submissions, in the order they were asked for; `untold` are students nothing was said of."""

    submissions: tuple[Submission, ...]
    untold: frozenset[str] = frozenset()


class _Comment(msgspec.Struct):
    author_id: Id | None = None
    comment: str | None = None
    draft: bool | None = None


class _Submission(msgspec.Struct):
    assignment_id: Id
    user_id: Id
    workflow_state: str
    score: float | None = None
    grade: str | None = None
    excused: bool | None = None
    late: bool | None = None
    missing: bool | None = None
    late_policy_status: str | None = None
    submitted_at: datetime | None = None
    graded_at: datetime | None = None
    posted_at: datetime | None = None
    submission_comments: list[_Comment] = []


class _Student(msgspec.Struct):
    user_id: Id
    submissions: list[_Submission] = []


class _Part(msgspec.Struct, frozen=True):
    students: Sequence[str]
    assignments: Sequence[str]

    def halves(self) -> tuple["_Part", "_Part"]:
        middle = len(self.students) // 2
        return (
            _Part(self.students[:middle], self.assignments),
            _Part(self.students[middle:], self.assignments),
        )


async def read_submissions(
    client: CanvasClient,
    course: str,
    *,
    students: Sequence[str],
    assignments: Sequence[str],
    since: datetime | None = None,
    comments: bool = False,
    at_once: int = AT_ONCE,
) -> SubmissionsTold:
    """What these students have on these assignments.

    Args:
        client: any account's.
        course: its Canvas id.
        students: ids of users.
        assignments: ids; each must be published.
        since: only what was graded later than this, less `OVERLAP`. See `gradebook` for what that
            does not notice.
        comments: the last comment on each that is not the student's own, as well.
        at_once: requests in flight.

    Raises:
        RejectedError: `said` is `failures.INVALID_ASSIGNMENTS` where one is no longer published.
        RemoteError: see `failures`.
    """
    params = [("grouped", "1"), *(("response_fields[]", name) for name in _FIELDS)]
    if since is not None:
        params.append(("graded_since", stamp(since - OVERLAP)))
    if comments:
        params += [("include[]", _COMMENTS), ("response_fields[]", _COMMENTS)]
    path = path_of("api", "v1", "courses", course, "students", "submissions")
    parts = deque(
        _Part(some, these)
        for some in _portions(students, STUDENTS_AT_ONCE)
        for these in _portions(assignments, ASSIGNMENTS_AT_ONCE)
    )
    found: dict[tuple[str, str], Submission] = {}
    untold = set(students) if assignments else set[str]()

    async def read(part: _Part) -> None:
        named = [("student_ids[]", one) for one in part.students]
        named += [("assignment_ids[]", one) for one in part.assignments]
        asked = every(client, path, _Student, call=_READING, params=[*params, *named])
        async for student in asked:
            untold.discard(str(student.user_id))
            for told in student.submissions:
                if told.workflow_state != _DELETED:
                    found[str(told.assignment_id), str(told.user_id)] = _submission(told)

    async def toil() -> None:
        while parts:
            part = parts.popleft()
            try:
                await read(part)
            except RejectedError as refused:
                if TOO_MANY_STUDENTS not in refused.said or len(part.students) == 1:
                    raise
                parts.extend(part.halves())

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(at_once, len(parts))):
                group.create_task(toil())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return SubmissionsTold(
        submissions=tuple(
            found[assignment, student]
            for assignment in assignments
            for student in students
            if (assignment, student) in found
        ),
        untold=frozenset(untold),
    )


def _portions(ids: Sequence[str], size: int) -> list[Sequence[str]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def _submission(told: _Submission) -> Submission:
    try:
        state = SubmissionState(told.workflow_state)
    except ValueError:
        raise GarbledError(
            f"Canvas told a submission in an unknown state ({told.workflow_state})",
            system=SYSTEM,
            remedy="Report it to whoever makes Rosterway, with the version of this Canvas.",
        ) from None
    user = str(told.user_id)
    return Submission(
        assignment=str(told.assignment_id),
        user=user,
        state=state,
        score=told.score,
        grade=told.grade,
        excused=told.excused is True,
        late=told.late is True,
        missing=told.missing is True,
        late_policy_status=told.late_policy_status,
        submitted_at=told.submitted_at,
        graded_at=told.graded_at,
        posted_at=told.posted_at,
        comment=_comment(told.submission_comments, user),
    )


def _comment(told: list[_Comment], student: str) -> str | None:
    """The last one said to the student; a draft has been said to nobody."""
    said = [
        one.comment
        for one in told
        if one.comment and not one.draft and str(one.author_id) != student
    ]
    return said[-1] if said else None
