"""A course's grades as they stand in a store: what a sync, a preview and a reconciliation leave there.

Biology is two sections of one course. A first sync went through but for one grade, which the SIS
refused; then Canvas has a new assignment, whose preview waits. The plans are the real ones, made by
`passback`; only nothing was sent.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from console.house import House
from rosterway.formats.oneroster.gradebook import Category, LineItem, Result
from rosterway.passback.caution import Caution
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.decide import plan_passback
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
from rosterway.passback.ledger import Entry, State, fingerprint
from rosterway.passback.reasons import Reason, Who
from rosterway.passback.reconcile import reconcile_course
from rosterway.passback.rules import LongName, Rules
from rosterway.passback.terms import Terms
from rosterway.runs.grades import files
from rosterway.runs.grades.asked import GRADES, RECONCILE, Asked, Preview
from rosterway.runs.grades.outcomes import (
    AssignmentOutcome,
    AssignmentTold,
    Posted,
    ResultOutcome,
    ResultTold,
)
from rosterway.runs.grades.pieces import Raw
from rosterway.runs.stages import Stage
from rosterway.store import grade_courses, grade_plans, ledger, runs, stages
from rosterway.store.runs import Outcome, Trigger

COURSE = "77"
#: 23:59 at the school, which is the next day in UTC.
DUE = datetime(2026, 10, 2, 5, 59, tzinfo=UTC)
LONG_NAME = "Cells and what is in them, a very long report"
SECRET = "No student Zoë Quill in this class"

GROUPS = (
    AssignmentGroup(id="g1", name="Homework", weight=40),
    AssignmentGroup(id="g2", name="Lab Works", weight=60),
)
SECTIONS = (
    Section(id="901", name="Period 1", class_id="BIO-1"),
    Section(id="902", name="Period 2", class_id="BIO-2"),
)
STUDENTS = (
    Student(id="11", sourced_id="S11", name="Zoë Quill", sections=("901",)),
    Student(id="12", sourced_id="S12", name="Omar <i>Reed</i>", sections=("901",)),
    Student(id="13", sourced_id="S13", name="=Ann", sections=("902",)),
)
REFUSED = Reason(
    code="student-not-in-class",
    message="The SIS has no such student in this class.",
    remedy="Enroll the student in the SIS.",
    who=Who.SIS_ADMIN,
)
#: What else may be behind the refusal.
OTHER_CAUSE = Reason(
    code="scale",
    message="The SIS counts in whole numbers.",
    remedy="Let scores be rounded.",
    who=Who.CANVAS_ADMIN,
)
#: Line items the SIS has that are the same to look at.
TWINS = ("twin-1", "twin-2")

SCORES = (("11", 8.25), ("12", 9.0), ("13", 7.0))


def assignment(number, name, group):
    return Assignment(
        id=number,
        name=name,
        group=group,
        points_possible=10,
        placements=tuple(Placement(section=one.id, due_at=DUE) for one in SECTIONS),
    )


def graded(number, user, score):
    return Submission(
        assignment=number, user=user, score=score, state=SubmissionState.GRADED, posted_at=DUE
    )


def gradebook_with(assignments, submissions, now):
    return Gradebook(
        course=Course(id=COURSE, name="Biology", sis_id="BIO"),
        taken_at=now,
        sections=SECTIONS,
        students=STUDENTS,
        groups=GROUPS,
        assignments=assignments,
        submissions=submissions,
    )


def classes_of(*, results=None):
    categories = (
        Category(sourced_id="c-hw", title="Homework", weight=50),
        Category(sourced_id="c-lab", title="Lab Work"),
    )
    return {
        section.class_id: ClassGradebook(
            class_id=section.class_id,
            categories=categories,
            line_items=(),
            students=tuple(
                one.sourced_id for one in STUDENTS if section.id in one.sections and one.sourced_id
            ),
            results=(results or {}).get(section.class_id, ()) if results is not None else None,
        )
        for section in SECTIONS
        if section.class_id
    }


TERMS = Terms(
    identity=Identity("canvas.test"),
    zone=ZoneInfo("America/Denver"),
    rules=Rules(
        name_length=30,
        long_name=LongName.CUT,
        needs_category=True,
        decimals=1,
        grading_period=False,
    ),
    caution=Caution(first_sync=True),
)


@dataclass
class Grades:
    """Biology's grades in a house's store."""

    house: House

    def __post_init__(self):
        self.handle = self.house.lincoln
        self.now = self.house.clock() - timedelta(hours=2)
        grade_courses.put(
            self.handle, COURSE, name="Biology", sis_id="BIO", nightly=True, now=self.now
        )

    @property
    def waiting(self):
        """The plan that waits."""
        (found,) = grade_plans.latest(self.handle, course=COURSE)
        return found

    def tick(self):
        self.now += timedelta(minutes=1)
        return self.now

    def run(self, kind, parts, outcome, reason="", asked=None):
        """A run of this kind with these files, ended."""
        run = runs.request(
            self.handle,
            kind=kind,
            course=COURSE,
            trigger=Trigger.HAND,
            occasion=self.tick().isoformat(),
            application_version="test",
            now=self.now,
        )
        self.keep(run, files.ASKED, asked or Asked(by="registrar"), Stage.FETCH_SNAPSHOT)
        for stage, name, made, counts in parts:
            stages.enter(self.handle, run.id, stage, now=self.tick())
            self.keep(run, name, made, stage)
            stages.leave(self.handle, run.id, counts=counts, now=self.tick())
        return runs.end(self.handle, run.id, outcome=outcome, reason=reason, now=self.now)

    def keep(self, run, name, made, stage):
        blob = self.handle.blobs.put_bytes(msgspec.json.encode(made))
        stages.attach(self.handle, run.id, name, blob, stage=stage, now=self.now)

    def look(self, gradebook, classes):
        return [
            (Stage.FETCH_SNAPSHOT, files.SNAPSHOT, gradebook, {"assignments": 1, "students": 3}),
            (Stage.TRANSFORM_SNAPSHOT, files.TRANSFORMED, gradebook, {}),
            (Stage.GET_ASSIGNMENTS, files.CLASSES, tuple(classes.values()), {"requests": 4}),
        ]

    def plan(self, gradebook, classes, terms=TERMS):
        known = {one.key: one for one in ledger.of_course(self.handle, COURSE)}
        return plan_passback(gradebook, classes, known, (), terms, now=self.now)

    def with_line_items(self, classes):
        """The classes with the line items the SIS took."""
        items = {}
        for entry in ledger.of_course(self.handle, COURSE):
            if entry.line_item is not None:
                items.setdefault(entry.class_id, []).append(entry.line_item)
        return {
            name: msgspec.structs.replace(one, line_items=tuple(items.get(name, ())))
            for name, one in classes.items()
        }

    def sync(self):
        """The first sync: one assignment in both sections; one of three grades was refused."""
        gradebook = gradebook_with(
            (assignment("501", "Cells", "g1"),),
            tuple(graded("501", user, score) for user, score in SCORES),
            self.now,
        )
        classes = classes_of()
        plan = self.plan(gradebook, classes)
        entries = [
            Entry(
                class_id=put.class_id,
                assignment=put.assignment,
                sourced_id=put.line_item.sourced_id,
                line_item=put.line_item,
                fingerprint=fingerprint(put.line_item),
                at=self.now,
            )
            for put in plan.line_items
        ]
        results = []
        for put in plan.results:
            is_refused = put.user == "11"
            state = {"11": State.REFUSED, "12": State.VERIFIED}.get(put.user, State.ACCEPTED)
            entries.append(
                Entry(
                    class_id=put.class_id,
                    assignment=put.assignment,
                    user=put.user,
                    sourced_id=put.result.sourced_id,
                    state=state,
                    result=None if is_refused else put.result,
                    fingerprint="" if is_refused else fingerprint(put.result),
                    reason=REFUSED if is_refused else None,
                    answer=SECRET if is_refused else "",
                    causes=(REFUSED, OTHER_CAUSE) if is_refused else (),
                    at=self.now,
                )
            )
            results.append(
                ResultTold(
                    class_id=put.class_id,
                    assignment=put.assignment,
                    user=put.user,
                    outcome=ResultOutcome.FAILED
                    if is_refused
                    else ResultOutcome.VERIFIED
                    if put.user == "12"
                    else ResultOutcome.ACCEPTED,
                    reason=REFUSED if is_refused else None,
                    answer=SECRET if is_refused else "",
                    causes=(REFUSED, OTHER_CAUSE) if is_refused else (),
                )
            )
        posted = Posted(
            assignments=tuple(
                AssignmentTold(
                    assignment=one.assignment, class_id=one.class_id, outcome=AssignmentOutcome.SENT
                )
                for one in plan.line_items
            ),
            results=tuple(results),
        )
        ledger.put(self.handle, COURSE, entries)
        steps = [
            *self.look(gradebook, classes),
            (
                Stage.TRANSFORM_ASSIGNMENTS,
                files.PLAN,
                plan,
                msgspec.to_builtins(plan.counts),
            ),
            (Stage.POST_ASSIGNMENTS, files.ASSIGNMENTS, posted.assignments, {"sent": 2}),
            (Stage.POST_SUBMISSIONS, files.POSTED, posted, {"accepted": 2, "failed": 1}),
        ]
        run = self.run(GRADES, steps, Outcome.PARTLY, "1 grade was not sent.")
        raw = Raw(
            class_id="BIO-1",
            assignment="501",
            user="11",
            method="PUT",
            url="https://sis.test/results/r-1",
            sent=json.dumps({"result": {"score": 8.3, "comment": "Zoë Quill did well"}}),
            status=422,
            answered=json.dumps({"message": SECRET}),
            seconds=0.2,
        )
        self.keep(run, "exchanges/post-submissions-1.json", [raw], Stage.POST_SUBMISSIONS)
        grade_courses.synced(self.handle, COURSE, run=run.id, now=self.now)
        return run

    def preview(self):
        """Since then there are two assignments more; a preview waits."""
        gradebook = gradebook_with(
            (
                assignment("501", "Cells", "g1"),
                assignment("502", LONG_NAME, "g1"),
                assignment("503", "Photosynthesis", "g2"),
            ),
            (
                *(graded("501", user, score) for user, score in SCORES),
                graded("502", "11", 10),
                graded("502", "12", 9),
                graded("503", "13", 7),
            ),
            self.now,
        )
        classes = self.with_line_items(classes_of())
        return self.shown(gradebook, classes, self.plan(gradebook, classes))

    def preview_to_mend(self):
        """A preview of what cannot go as it is: a name too long, and a name the SIS has twice."""
        gradebook = gradebook_with(
            (assignment("502", LONG_NAME, "g1"), assignment("504", "Osmosis", "g1")),
            (graded("502", "11", 10), graded("504", "11", 6)),
            self.now,
        )
        classes = self.with_line_items(classes_of())
        twins = tuple(
            LineItem(
                sourced_id=one,
                title="Osmosis",
                class_id="BIO-1",
                category_id="c-hw",
                due="2026-10-01",
                maximum=10,
            )
            for one in TWINS
        )
        of_class = classes["BIO-1"]
        classes["BIO-1"] = msgspec.structs.replace(
            of_class, line_items=(*(of_class.line_items or ()), *twins)
        )
        rules = msgspec.structs.replace(TERMS.rules, long_name=LongName.REFUSE)
        plan = self.plan(gradebook, classes, replace(TERMS, rules=rules))
        return self.shown(gradebook, classes, plan)

    def shown(self, gradebook, classes, plan):
        """A plan that waits, and the run that made it."""
        steps = [
            *self.look(gradebook, classes),
            (Stage.TRANSFORM_ASSIGNMENTS, files.PLAN, plan, msgspec.to_builtins(plan.counts)),
        ]
        why = ["Somebody wanted to see it first."]
        asked = Asked(by="registrar", preview=Preview.ALWAYS)
        run = self.run(GRADES, steps, Outcome.HELD, why[0], asked)
        grade_plans.record(
            self.handle,
            digest=plan.digest,
            course=COURSE,
            run=run.id,
            summary={"why": why, "counts": msgspec.to_builtins(plan.counts), "holds": []},
            now=self.now,
        )
        return plan

    def reconcile(self):
        """Compared with a SIS in which somebody has changed a grade."""
        known = {one.key: one for one in ledger.of_course(self.handle, COURSE)}
        results = {}
        for (class_id, _, user), entry in known.items():
            if user and entry.result is not None:
                result: Result = entry.result
                if user == "13":
                    result = msgspec.structs.replace(result, score=3.0)
                results.setdefault(class_id, []).append(result)
        kept = {name: tuple(one) for name, one in results.items()}
        classes = self.with_line_items(classes_of(results=kept))
        gradebook = gradebook_with(
            (assignment("501", "Cells", "g1"),),
            tuple(graded("501", user, score) for user, score in SCORES),
            self.now,
        )
        found = reconcile_course(gradebook, classes, known, (), TERMS, now=self.now)
        counts = {kind.value: count for kind, count in found.counts.items()}
        steps = [
            *self.look(gradebook, classes),
            (Stage.RECONCILE, files.RECONCILIATION, found, counts),
        ]
        self.run(RECONCILE, steps, Outcome.DELIVERED)
        return found
