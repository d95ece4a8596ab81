"""What stands in for the answers of a SIS that takes grades as files only."""

import csv
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from rosterway.formats.oneroster.gradebook import Category, LineItem, Result
from rosterway.passback.class_gradebook import ClassGradebook, Session
from rosterway.passback.finish import FinalResults
from rosterway.passback.gradebook import AssignmentGroup, Course, Gradebook
from rosterway.passback.identity import Identity
from rosterway.passback.ledger import Entry, State, fingerprint
from rosterway.passback.plan import Deletion, LineItemPut, PassbackPlan, ResultPut
from rosterway.passback.terms import Terms
from rosterway.passback.unasked import class_unasked, whole_bundle
from rosterway.settings.shape import Endpoints, Version

ZONE = ZoneInfo("America/Denver")
BEFORE, AT = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 2, tzinfo=UTC)
TERMS = Terms(identity=Identity("canvas.example/1"), zone=ZONE)
QUIZ = LineItem(sourced_id="L1", title="Quiz", class_id="C1", category_id="K1", maximum=10.0)
GONE = LineItem(sourced_id="L2", title="Lab", class_id="C1", category_id="K2", is_deleted=True)


def grade(ident, student, item="L1", score=8.0):
    return Result(
        sourced_id=ident,
        line_item_id=item,
        student_id=student,
        class_id="C1",
        score=score,
        score_status="fully graded",
    )


def entry(noun, assignment="1", user=""):
    told = {"result": noun} if user else {"line_item": noun}
    return Entry(
        class_id="C1",
        assignment=assignment,
        user=user,
        sourced_id=noun.sourced_id,
        state=State.WRITTEN,
        fingerprint=fingerprint(noun),
        at=BEFORE,
        **told,
    )


#: What was told before: a quiz with two grades, and a lab with one that has gone since.
LEDGER = (
    entry(QUIZ),
    entry(grade("R1", "S1"), user="u1"),
    entry(grade("R2", "S2"), user="u2"),
    entry(GONE, assignment="2"),
    entry(grade("R3", "S1", item="L2"), assignment="2", user="u1"),
)
CATEGORIES = tuple(
    Category(sourced_id=f"K{place}", title=title)
    for place, title in enumerate(("Homework", "Labs", "Empty"), 1)
)


def rows(*, items=(), puts=(), deletions=(), ledger=LEDGER):
    """The rows of a bundle by sourcedId: status and day of the last change."""
    plan = PassbackPlan(
        course="7",
        endpoints=Endpoints.STANDARD,
        version=Version.V1P2,
        planned_at=AT,
        digest="",
        line_items=tuple(
            LineItemPut(assignment="1", class_id="C1", line_item=one) for one in items
        ),
    )
    final = FinalResults(
        puts=tuple(ResultPut(assignment="1", class_id="C1", user="u", result=one) for one in puts),
        deletions=deletions,
    )
    classes = (ClassGradebook(class_id="C1", categories=CATEGORIES),)
    made = whole_bundle(plan, final, classes, ledger, ZONE, AT)
    return {
        row["sourcedId"]: (row["status"], row["dateLastModified"][:10])
        for name, text in made.items()
        if name != "manifest.csv"
        for row in csv.DictReader(text.splitlines())
    }


OLD, NEW = "2026-10-01", "2026-10-02"
ALL = {
    "K1": ("active", NEW),
    "K2": ("active", NEW),
    "L1": ("active", OLD),
    "L2": ("tobedeleted", OLD),
    "R1": ("active", OLD),
    "R2": ("active", OLD),
    "R3": ("tobedeleted", OLD),
}
BACK = Deletion(assignment="1", class_id="C1", user="u2", sourced_id="R2", line_item="L1")


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"puts": (grade("R1", "S1", score=9.0),)}, {"R1": ("active", NEW)}),
        ({"puts": (grade("R4", "S4"),)}, {"R4": ("active", NEW)}),
        ({"items": (QUIZ,)}, {"L1": ("active", NEW)}),
        ({"deletions": (BACK,)}, {"R2": ("tobedeleted", NEW)}),
        (
            {"deletions": (Deletion(assignment="1", class_id="C1", sourced_id="L1"),)},
            dict.fromkeys(("L1", "R1", "R2"), ("tobedeleted", NEW)),
        ),
        (
            {
                "deletions": (
                    Deletion(
                        assignment="9",
                        class_id="C1",
                        user="u9",
                        sourced_id="R9",
                        line_item="L1",
                        student="S9",
                    ),
                )
            },
            {"R9": ("tobedeleted", NEW)},
        ),
    ],
)
def test_a_bundle_is_whole_and_dates_what_has_changed(changes, changed):
    assert rows(**changes) == ALL | changed


def test_a_class_has_the_groups_as_categories_and_what_was_told_as_line_items():
    gradebook = Gradebook(
        course=Course(
            id="7",
            name="Algebra",
            term_sis_id="T1",
            account_sis_id="O1",
            term_start_at=datetime(2026, 8, 15, 6, tzinfo=UTC),
            term_end_at=datetime(2026, 12, 20, 6, 59, tzinfo=UTC),
        ),
        taken_at=AT,
        groups=(AssignmentGroup(id="50", name="Homework", weight=40.0),),
    )
    in_doubt = Entry(class_id="C1", assignment="3", sourced_id="L3", state=State.INTENDED)

    found = class_unasked(gradebook, "C1", [*LEDGER, in_doubt], TERMS)

    assert found == ClassGradebook(
        class_id="C1",
        school_id="O1",
        sessions=(Session(sourced_id="T1", start="2026-08-15", end="2026-12-20"),),
        categories=(
            Category(sourced_id=TERMS.identity.category("50"), title="Homework", weight=40.0),
        ),
        line_items=(QUIZ, GONE),
    )


def test_a_term_without_days_is_no_session():
    course = Course(id="7", name="Algebra", term_sis_id="T1")
    assert class_unasked(Gradebook(course=course, taken_at=AT), "C1", (), TERMS).sessions == ()
