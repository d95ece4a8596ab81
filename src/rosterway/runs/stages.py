"""The stages of a run, as people see them, and the order in which a run goes through them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from rosterway.runs.clock import Clock
from rosterway.store import stages
from rosterway.store.walls import TenantStore


class Stage(StrEnum):
    """Where a run is."""

    COLLECTING = "collecting"
    PULLING = "pulling"
    TRANSLATING = "translating"
    READING = "reading"
    COMPARING = "comparing"
    KEEPING = "keeping"
    SENDING = "sending"
    CONFIRMING = "confirming"
    REPORTING = "reporting"
    FETCH_SNAPSHOT = "fetch-snapshot"
    TRANSFORM_SNAPSHOT = "transform-snapshot"
    GET_ASSIGNMENTS = "get-assignments"
    TRANSFORM_ASSIGNMENTS = "transform-assignments"
    POST_ASSIGNMENTS = "post-assignments"
    GET_SUBMISSIONS = "get-submissions"
    TRANSFORM_SUBMISSIONS = "transform-submissions"
    POST_SUBMISSIONS = "post-submissions"
    UPDATE_SYNC_TIME = "update-sync-time"
    RECONCILE = "reconcile"
    LIST_COURSES = "list-courses"
    ASK_REPORT = "ask-report"
    FETCH_REPORT = "fetch-report"
    CHECK_GRADES = "check-grades"
    PLACE_FILES = "place-files"


#: The stages of each road, in order. The nine steps of a grade sync are named as Instructure names
#: them (instructure-integration.md 4).
_PULL = (Stage.PULLING, Stage.TRANSLATING)
_SEND = (Stage.SENDING, Stage.CONFIRMING, Stage.REPORTING)
_ROSTER = (Stage.READING, Stage.COMPARING, Stage.KEEPING, *_SEND)
_LOOK = (Stage.FETCH_SNAPSHOT, Stage.TRANSFORM_SNAPSHOT, Stage.GET_ASSIGNMENTS)
_POST = (
    Stage.TRANSFORM_ASSIGNMENTS,
    Stage.POST_ASSIGNMENTS,
    Stage.GET_SUBMISSIONS,
    Stage.TRANSFORM_SUBMISSIONS,
    Stage.POST_SUBMISSIONS,
    Stage.UPDATE_SYNC_TIME,
)
#: Which stages a kind of run goes through.
ROADS: dict[str, tuple[Stage, ...]] = {
    "roster": _ROSTER,
    "pull": (*_PULL, *_ROSTER),
    "delta": (*_PULL, *_ROSTER),
    "collect": (Stage.COLLECTING, *_ROSTER),
    "deliver": _SEND,
    "grades": (*_LOOK, *_POST),
    "reconcile": (*_LOOK, Stage.RECONCILE),
    "round": (Stage.LIST_COURSES,),
    "grade-export": (Stage.ASK_REPORT, Stage.FETCH_REPORT, Stage.CHECK_GRADES, Stage.PLACE_FILES),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A stage in words: while it goes on, and once it is over."""

    doing: str
    done: str


WORDS: dict[Stage, Words] = {
    Stage.COLLECTING: Words("Fetching files from their server", "Fetched their files"),
    Stage.PULLING: Words("Reading the SIS", "Read the SIS"),
    Stage.TRANSLATING: Words("Making a Canvas roster of it", "Translated"),
    Stage.READING: Words("Reading and checking the delivery", "Read and checked"),
    Stage.COMPARING: Words("Comparing with what Canvas has", "Compared"),
    Stage.KEEPING: Words("Keeping the plan", "Planned"),
    Stage.SENDING: Words("Canvas is importing", "Sent"),
    Stage.CONFIRMING: Words("Reading Canvas's answers", "Confirmed"),
    Stage.REPORTING: Words("Writing the receipt", "Reported"),
    Stage.FETCH_SNAPSHOT: Words(
        "Fetch Snapshot: reading the gradebook from Canvas", "Fetch Snapshot"
    ),
    Stage.TRANSFORM_SNAPSHOT: Words(
        "Transform Snapshot: applying your own rules", "Transform Snapshot"
    ),
    Stage.GET_ASSIGNMENTS: Words(
        "Get Assignments: reading categories and line items from the SIS", "Get Assignments"
    ),
    Stage.TRANSFORM_ASSIGNMENTS: Words(
        "Transform Assignments: matching, checking, planning", "Transform Assignments"
    ),
    Stage.POST_ASSIGNMENTS: Words(
        "Post Assignments: sending line items to the SIS", "Post Assignments"
    ),
    Stage.GET_SUBMISSIONS: Words(
        "Get Submissions: reading results from the SIS where that is needed", "Get Submissions"
    ),
    Stage.TRANSFORM_SUBMISSIONS: Words(
        "Transform Submissions: matching results", "Transform Submissions"
    ),
    Stage.POST_SUBMISSIONS: Words(
        "Post Submissions: sending results to the SIS", "Post Submissions"
    ),
    Stage.UPDATE_SYNC_TIME: Words(
        "Update Sync Time: telling Canvas and the ledger", "Update Sync Time"
    ),
    Stage.RECONCILE: Words("Comparing Canvas with the SIS, grade by grade", "Reconciled"),
    Stage.LIST_COURSES: Words("Listing the courses to sync", "Courses asked for"),
    Stage.ASK_REPORT: Words("Asking Canvas for the report", "Asked for"),
    Stage.FETCH_REPORT: Words("Canvas is making the report", "Fetched"),
    Stage.CHECK_GRADES: Words("Looking for what a registrar should see", "Looked at"),
    Stage.PLACE_FILES: Words("Putting the files in their place", "In its place"),
}


def entering(handle: TenantStore, run: str, clock: Clock) -> Callable[[str], Awaitable[None]]:
    """What enters the stages that one calculating process goes through, told of each as it begins.

    Each follows the one before; only what another process left open before the first was cut off.
    """
    begun: list[str] = []

    async def heard(part: str) -> None:
        stages.enter(handle, run, Stage(part), follows=bool(begun), now=clock())
        begun.append(part)

    return heard
