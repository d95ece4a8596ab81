"""The grades of courses and of grading periods, where settings say that they go back.

They are assignments of their own, and come after the institution's own transform, which may say
which scores count in them. Whoever has none to tell is kept in a file of the run's, with the reason,
for the plan to tell of.
"""

import msgspec

from rosterway.passback.course_grades import CourseGradeRule, with_course_grades
from rosterway.passback.gradebook import Gradebook
from rosterway.passback.plan import PassbackPlan, Withheld
from rosterway.passback.rules import Hidden
from rosterway.runs.grades import files
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.stages import Stage
from rosterway.settings import CourseGrade, CourseGradeKind
from rosterway.store import stages

#: What a line item is called where the settings do not say.
TITLES = {CourseGradeKind.MIDTERM: "Midterm grade", CourseGradeKind.FINAL: "Final grade"}


def rule_of(told: CourseGrade) -> CourseGradeRule:
    """What the settings say of one grade of a course."""
    kind = CourseGradeKind(told.kind)
    return CourseGradeRule(
        kind=kind,
        title=told.title or TITLES[kind],
        category=told.category or "",
        basis=told.basis,
        overrides=told.overrides,
        hidden=Hidden.SEND if told.hidden else Hidden.SKIP,
        letters=told.letters,
        points=float(told.points),
        until=told.until,
        grading_period=told.grading_period,
    )


def add_course_grades(sync: Syncing, gradebook: Gradebook) -> Gradebook:
    """The gradebook with the grades of the course as the settings have them, if they do."""
    if not sync.grades.course_grades or not gradebook.course.published:
        return gradebook
    rules = [rule_of(one) for one in sync.grades.course_grades.values()]
    today = sync.now().astimezone(sync.zone).date()
    made, withheld = with_course_grades(gradebook, rules, today)
    blob = sync.handle.blobs.put_bytes(msgspec.json.encode(withheld))
    stages.attach(
        sync.handle,
        sync.run.id,
        files.COURSE_GRADES,
        blob,
        stage=Stage.TRANSFORM_SNAPSHOT,
        now=sync.now(),
    )
    return made


def with_who_has_none(sync: Syncing, plan: PassbackPlan) -> PassbackPlan:
    """The plan, which tells as well of those who have no grade of the course, and why."""
    if not sync.has(files.COURSE_GRADES):
        return plan
    found = files.read(sync.handle, sync.run.id, files.COURSE_GRADES, tuple[Withheld, ...])
    planned = {(one.class_id, one.assignment) for one in plan.judgements}
    known = {
        (one.class_id, one.assignment, one.user): one
        for one in found
        if (one.class_id, one.assignment) in planned
    }
    others = tuple(
        one for one in plan.withheld if (one.class_id, one.assignment, one.user) not in known
    )
    withheld = (*others, *known.values())
    counts = msgspec.structs.replace(plan.counts, withheld=len(withheld))
    return msgspec.structs.replace(plan, withheld=withheld, counts=counts)
