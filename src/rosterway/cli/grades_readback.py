"""Does the SIS hold the grades Canvas has? Both sides read by themselves, compared grade by grade.

Nothing of a sync is used here: neither its plan nor its ledger. Canvas is asked for one course's
gradebook, the sandbox SIS by its own controls for all it keeps, and a grade is the same on both
sides if assignment, class, student and score are. A grade is a score, or that a student is excused;
what is no grade (work that waits, or is missing without a score) is no difference.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient

_LOOKING = Call("reading a gradebook back", "view_all_grades")
_EXCUSED = "excused"
_GONE = "tobedeleted"
#: The words with which a result tells of a grade; of `exempt` the score is filler.
_EXEMPT, _GRADED = "exempt", frozenset({"fully graded", "partially graded"})


@dataclass(frozen=True, slots=True, order=True)
class Grade:
    """One grade: `assignment` by name, `class_id` and `student` as the SIS calls them."""

    assignment: str
    class_id: str
    student: str
    is_worth: str


@dataclass(frozen=True, slots=True)
class GradesRead:
    """What both sides agree on, how many grades and line items, and what only one side has."""

    agreed: int
    line_items: int
    only_canvas: tuple[Grade, ...]
    only_sis: tuple[Grade, ...]

    @property
    def is_equal(self) -> bool:
        """Whether there are grades, and the same on both sides."""
        return bool(self.agreed) and not self.only_canvas and not self.only_sis


async def read_grades_back(client: CanvasClient, course: str, control: str) -> GradesRead:
    """Compare a course's grades in Canvas with what the sandbox SIS at `control` keeps of its classes.

    `course` may be `sis_course_id:X`. Names are compared, so two assignments of one name count twice.
    """
    places = await _places(client, course)
    canvas = await _canvas_grades(client, course, places)
    items, results = await _truth(control, "lineItems"), await _truth(control, "results")
    classes = {class_id for class_id, _ in places.values()}
    of_course = {key: one for key, one in items.items() if _id(one["class"]) in classes}
    sis = Counter(
        Grade(item["title"], _id(item["class"]), _id(one["student"]), worth)
        for one in results.values()
        if (item := of_course.get(_id(one["lineItem"]))) is not None
        and (worth := _sis_worth(one)) is not None
    )
    return GradesRead(
        agreed=(canvas & sis).total(),
        line_items=len(of_course),
        only_canvas=tuple(sorted((canvas - sis).elements())),
        only_sis=tuple(sorted((sis - canvas).elements())),
    )


async def _places(client: CanvasClient, course: str) -> dict[str, tuple[str, str]]:
    """Canvas's id of a student -> the class and the student, as the SIS calls them."""
    told = await _list(
        client, course, "enrollments", ("type[]", "StudentEnrollment"), ("state[]", "active")
    )
    return {
        str(one["user_id"]): (one["sis_section_id"], one["user"]["sis_user_id"])
        for one in told
        if one.get("sis_section_id") and one["user"].get("sis_user_id")
    }


async def _canvas_grades(
    client: CanvasClient, course: str, places: Mapping[str, tuple[str, str]]
) -> Counter[Grade]:
    """Every grade its student may see, of what is published and synced to the SIS."""
    names = {
        str(one["id"]): one["name"]
        for one in await _list(client, course, "assignments")
        if one["published"] and one["post_to_sis"]
    }
    told = await _list(client, course, "students/submissions", ("student_ids[]", "all"))
    return Counter(
        Grade(names[str(one["assignment_id"])], *places[str(one["user_id"])], worth)
        for one in told
        if str(one["assignment_id"]) in names
        and str(one["user_id"]) in places
        and one.get("posted_at")
        and (worth := _canvas_worth(one)) is not None
    )


async def _list(
    client: CanvasClient, course: str, what: str, *params: tuple[str, str]
) -> list[dict[str, Any]]:
    path = path_of("api", "v1", "courses", course, *what.split("/"))
    pages = client.pages(path, call=_LOOKING, params=params)
    return [one async for page in pages for one in page]


async def _truth(control: str, collection: str) -> dict[str, dict[str, Any]]:
    """What the sandbox SIS keeps, by sourcedId."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{control}/truth/{collection}", raise_for_status=True) as answer,
    ):
        told = await answer.json()
    return {one["sourcedId"]: one for one in told[collection] if one["status"] != _GONE}


def _id(reference: Mapping[str, Any]) -> str:
    return str(reference["sourcedId"])


def _canvas_worth(submission: Mapping[str, Any]) -> str | None:
    if submission.get("excused"):
        return _EXCUSED
    score = submission.get("score")
    return None if score is None else f"{score:g}"


def _sis_worth(result: Mapping[str, Any]) -> str | None:
    if result["scoreStatus"] == _EXEMPT:
        return _EXCUSED
    if result["scoreStatus"] not in _GRADED or result.get("score") is None:
        return None
    return f"{result['score']:g}"
