"""A course with two sections of ten students, as Canvas and its SIS have it: what tests change.

`accept` plays the SIS that accepts everything of a plan, so that what comes after can be told.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from rosterway.formats.oneroster.gradebook import Category, LineItem, Result
from rosterway.passback.categories import Association
from rosterway.passback.caution import Caution
from rosterway.passback.class_gradebook import ClassGradebook, Session
from rosterway.passback.decide import plan_passback
from rosterway.passback.finish import FinalResults, after_assignments
from rosterway.passback.gradebook import (
    Assignment,
    AssignmentGroup,
    Course,
    Gradebook,
    Placement,
    Section,
    Student,
    Submission,
    SubmissionState,
)
from rosterway.passback.identity import Identity
from rosterway.passback.ledger import Entry, Key, accepted, intended
from rosterway.passback.plan import PassbackPlan
from rosterway.passback.rules import Rules
from rosterway.passback.terms import Terms
from rosterway.settings.shape import Endpoints, Version

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 10, 13, 12, 0, tzinfo=UTC)

#: The last minute of 1 October in Chicago, which is 2 October in UTC.
DUE = datetime(2026, 10, 2, 4, 59, tzinfo=UTC)

TERMS = Terms(
    identity=Identity("canvas.example.edu:1"),
    zone=CHICAGO,
    caution=Caution(first_sync=False, adoptions=False),
)

HOMEWORK = Category(sourced_id="cat-hw", title="Homework")
TESTS = Category(sourced_id="cat-t", title="Tests", weight=60.0)
SESSIONS = (
    Session(sourced_id="term-1", kind="term", start="2026-08-15", end="2026-12-20"),
    Session(sourced_id="gp-1", kind="gradingPeriod", start="2026-08-15", end="2026-10-15"),
    Session(sourced_id="gp-2", kind="gradingPeriod", start="2026-10-15", end="2026-12-20"),
)


def terms(
    *,
    endpoints: Endpoints = Endpoints.STANDARD,
    version: Version = Version.V1P2,
    caution: Caution = TERMS.caution,
    **rules: Any,
) -> Terms:
    """Terms with some rules changed."""
    return Terms(
        identity=TERMS.identity,
        zone=CHICAGO,
        rules=msgspec.convert(rules, Rules),
        caution=caution,
        endpoints=endpoints,
        version=version,
    )


def assignment(ident: str = "42", **changes: Any) -> Assignment:
    """An assignment of ten points in both sections, due on 1 October."""
    due = changes.pop("due_at", DUE)
    sections = changes.pop("sections", ("s1", "s2"))
    facts: dict[str, Any] = {
        "id": ident,
        "name": f"Essay {ident}",
        "group": "g1",
        "points_possible": 10.0,
        "placements": tuple(Placement(section=one, due_at=due) for one in sections),
        "created_at": datetime(2026, 9, 20, 15, 0, tzinfo=UTC),
    }
    return Assignment(**{**facts, **changes})


def graded(user: str, score: float | None = 8.0, on: str = "42", **changes: Any) -> Submission:
    """A graded and posted submission."""
    facts: dict[str, Any] = {
        "assignment": on,
        "user": user,
        "state": SubmissionState.GRADED,
        "score": score,
        "grade": None if score is None else f"{score:g}",
        "graded_at": datetime(2026, 10, 5, 2, 0, tzinfo=UTC),
        "posted_at": datetime(2026, 10, 5, 2, 0, tzinfo=UTC),
    }
    return Submission(**{**facts, **changes})


def empty(user: str, on: str = "42", **changes: Any) -> Submission:
    """A submission Canvas has no grade for."""
    return Submission(assignment=on, user=user, **changes)


def gradebook(
    assignments: Iterable[Assignment] = (assignment(),),
    submissions: Iterable[Submission] = (),
    **changes: Any,
) -> Gradebook:
    """The course: students 1 to 10 in section s1, 11 to 20 in s2."""
    facts: dict[str, Any] = {
        "course": Course(id="7", name="English"),
        "taken_at": NOW,
        "sections": (
            Section(id="s1", name="English, 1st", class_id="c-1"),
            Section(id="s2", name="English, 2nd", class_id="c-2"),
        ),
        "students": tuple(
            Student(id=str(n), sourced_id=f"u-{n}", sections=("s1" if n <= 10 else "s2",))
            for n in range(1, 21)
        ),
        "groups": (
            AssignmentGroup(id="g1", name="Homework"),
            AssignmentGroup(id="g2", name="Tests", weight=50.0),
        ),
        "assignments": tuple(assignments),
        "submissions": tuple(submissions),
    }
    return Gradebook(**{**facts, **changes})


def of_class(class_id: str = "c-1", **changes: Any) -> ClassGradebook:
    """A class as its SIS has it: two categories, its students, and no line item yet."""
    numbers = range(1, 11) if class_id == "c-1" else range(11, 21)
    facts: dict[str, Any] = {
        "class_id": class_id,
        "school_id": "school-1",
        "sessions": SESSIONS,
        "students": tuple(f"u-{n}" for n in numbers),
        "categories": (HOMEWORK, TESTS),
        "line_items": (),
    }
    return ClassGradebook(**{**facts, **changes})


def both(**changes: Any) -> dict[str, ClassGradebook]:
    """Both classes, with the same changes."""
    return {ident: of_class(ident, **changes) for ident in ("c-1", "c-2")}


def plan(
    gradebook: Gradebook,
    classes: Mapping[str, ClassGradebook] | None = None,
    ledger: Mapping[Key, Entry] | None = None,
    terms: Terms = TERMS,
    associations: Iterable[Association] = (),
    **asked: Any,
) -> PassbackPlan:
    """The plan at noon of 13 October."""
    now = asked.pop("now", NOW)
    return plan_passback(
        gradebook,
        both() if classes is None else classes,
        ledger or {},
        associations,
        terms,
        now=now,
        **asked,
    )


def accept(
    plan: PassbackPlan,
    ledger: Mapping[Key, Entry] | None = None,
    classes: Mapping[str, ClassGradebook] | None = None,
    final: FinalResults | None = None,
) -> tuple[dict[Key, Entry], dict[str, ClassGradebook]]:
    """The ledger and the SIS after the SIS accepted all of a plan, choosing ids where it may."""
    ledger, classes = dict(ledger or {}), dict(both() if classes is None else classes)
    outcomes: dict[tuple[str, str], str] = {}
    for put in plan.line_items:
        ident = put.line_item.sourced_id or f"sis-{put.class_id}-{put.assignment}"
        outcomes[put.class_id, put.assignment] = ident
        noun = msgspec.structs.replace(put.line_item, sourced_id=ident)
        key = (put.class_id, put.assignment, "")
        entry = ledger.get(key) or Entry(class_id=put.class_id, assignment=put.assignment)
        entry = msgspec.structs.replace(entry, linked_by=put.linked_by)
        ledger[key] = accepted(intended(entry, noun, NOW), noun, ident, NOW)
        classes[put.class_id] = _with_line_item(classes[put.class_id], noun)
    final = final or after_assignments(plan, outcomes, classes, ledger)
    for put in final.puts:
        result = put.result
        ident = result.sourced_id or f"sis-{result.line_item_id}-{result.student_id}"
        noun = msgspec.structs.replace(result, sourced_id=ident)
        key = (put.class_id, put.assignment, put.user)
        entry = ledger.get(key) or Entry(
            class_id=put.class_id, assignment=put.assignment, user=put.user
        )
        ledger[key] = accepted(intended(entry, noun, NOW), noun, ident, NOW)
        classes[put.class_id] = _with_result(classes[put.class_id], noun)
    for gone in (*final.deletions, *final.absent):
        key = (gone.class_id, gone.assignment, gone.user)
        entry = ledger[key]
        noun = entry.payload
        assert noun is not None
        noun = msgspec.structs.replace(noun, is_deleted=True)
        ledger[key] = accepted(intended(entry, noun, NOW), noun, entry.sourced_id, NOW)
        of = classes[gone.class_id]
        kept = tuple(one for one in of.results or () if one.sourced_id != gone.sourced_id)
        items = tuple(one for one in of.line_items or () if one.sourced_id != gone.sourced_id)
        classes[gone.class_id] = msgspec.structs.replace(of, results=kept, line_items=items)
    return ledger, classes


def _with_line_item(of: ClassGradebook, noun: LineItem) -> ClassGradebook:
    others = tuple(one for one in of.line_items or () if one.sourced_id != noun.sourced_id)
    return msgspec.structs.replace(of, line_items=(*others, noun))


def _with_result(of: ClassGradebook, noun: Result) -> ClassGradebook:
    others = tuple(one for one in of.results or () if one.sourced_id != noun.sourced_id)
    return msgspec.structs.replace(of, results=(*others, noun))
