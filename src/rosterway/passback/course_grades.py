"""Grades of a course or of a grading period, told as results of line items of their own in each class.

A rule turns them into an assignment with submissions, so that matching, categories, rounding,
letters, the ledger and holding are those of any assignment. Guarantees: an override a teacher has set
wins where the rule says so; a student without a grade gets none, with the reason.

Leaves to `decide` the plan, and to the grade export SISs that take course grades as a file.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

import msgspec

from rosterway.passback.gradebook import (
    Assignment,
    AssignmentGroup,
    CourseGrade,
    Gradebook,
    GradingPeriod,
    LeftOut,
    Placement,
    Section,
    Submission,
    SubmissionState,
)
from rosterway.passback.plan import Withheld
from rosterway.passback.reasons import Reason, ReasonRule, Who, by_code
from rosterway.passback.rules import Hidden
from rosterway.settings.shape import Basis, CourseGradeKind

#: What the ids of these assignments and groups begin with; Canvas's own are numbers.
_PREFIX = "course_"

#: What `grading_period` is where each of a course's grading periods has a grade.
EVERY = "each"


class CourseGradeRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one grade of a course is told.

    `title` is the line item's, `category` the title of its category ("": the title again). `points`
    is what 100 percent is worth. `due` None: the end of the grading period or of the course's term.
    `hidden` says whether grades count that students may not see yet; Canvas gives no letter for
    these, so letters are withheld where they would make a difference. After the school's day `until`
    the SIS keeps what it has.

    `grading_period` is the title of one of Canvas's grading periods, or EVERY: its grade is told, by
    a line item that is called after it as well. A course without such a period has no such grade.
    """

    kind: CourseGradeKind = CourseGradeKind.FINAL
    title: str = "Final grade"
    category: str = ""
    basis: Basis = Basis.FINAL
    overrides: bool = True
    hidden: Hidden = Hidden.SKIP
    letters: bool = False
    points: float = 100.0
    due: datetime | None = None
    until: date | None = None
    grading_period: str | None = None

    def assignment(self, period: GradingPeriod | None = None) -> str:
        """The id its assignment goes by in plans and in the ledger; of a period it is the period's."""
        return f"{_PREFIX}{self.kind}" + (f"_{period.id}" if period is not None else "")

    def periods(self, periods: Iterable[GradingPeriod], now: datetime) -> tuple[GradingPeriod, ...]:
        """Those of a course's grading periods that it tells the grades of.

        Of one that has not begun there are none: work that is due in it would count as 0.
        """
        wanted = self.grading_period
        return tuple(
            one
            for one in periods
            if wanted is not None
            and wanted in (EVERY, one.title.strip())
            and (one.start_at is None or one.start_at <= now)
        )


RULES: tuple[ReasonRule, ...] = (
    ReasonRule(
        code="no-course-grade",
        message="Canvas has no {basis} grade of the course for the student.",
        remedy="Grade the student's work, or set a grade override.",
        source="canvas-sis.md 6.5",
    ),
    ReasonRule(
        code="no-course-letter",
        message="Canvas has no letter for the student's grade of the course.",
        remedy="Give the course a grading scheme, or tell course grades as numbers.",
        source="canvas-sis.md 6.5",
    ),
    ReasonRule(
        code="letter-of-hidden",
        message="Hidden grades change the student's grade of the course, and Canvas gives no letter"
        " that counts them.",
        remedy="Post the grades in Canvas, or tell course grades as numbers.",
        source="canvas-sis.md 6.5",
    ),
    ReasonRule(
        code="grades-of-course-differ",
        message="Canvas has several grades of the course for the student, one for each section.",
        remedy="End the enrollments that no longer hold, or set the same override in each section.",
        who=Who.CANVAS_ADMIN,
        source="canvas-sis.md 6.5",
    ),
)
_RULES = by_code(RULES)


def is_course_grade(assignment: str) -> bool:
    """Whether an assignment's id is one of ours, which Canvas does not know."""
    return assignment.startswith(_PREFIX)


def with_course_grades(
    gradebook: Gradebook, rules: Iterable[CourseGradeRule], today: date | None = None
) -> tuple[Gradebook, tuple[Withheld, ...]]:
    """The gradebook with an assignment for each rule, and who has no grade to tell, and why.

    `today` is the school's. What a rule no longer tells on it is noted as left out.
    """
    withheld: list[Withheld] = []
    left_out = list(gradebook.left_out)
    assignments = list(gradebook.assignments)
    groups = list(gradebook.groups)
    submissions = list(gradebook.submissions)
    for rule in rules:
        periods = _periods(gradebook, rule, today)
        left_out += (
            LeftOut(assignment=rule.assignment(period), class_id=class_id)
            for period in (None, *gradebook.periods)
            if period not in periods
            for class_id in gradebook.classes()
        )
        for period in periods:
            name = rule.category or rule.title
            groups.append(AssignmentGroup(id=rule.assignment(period), name=name))
            assignments.append(_assignment(gradebook, rule, period))
            for told in _told(gradebook, rule, period):
                if isinstance(told, Submission):
                    submissions.append(told)
                else:
                    withheld.append(told)
    changed = msgspec.structs.replace(
        gradebook,
        assignments=tuple(assignments),
        groups=tuple(groups),
        submissions=tuple(submissions),
        left_out=tuple(left_out),
    )
    return changed, tuple(withheld)


def _periods(
    gradebook: Gradebook, rule: CourseGradeRule, today: date | None
) -> tuple[GradingPeriod | None, ...]:
    """The grading periods a rule tells the grades of just now; None stands for the whole course."""
    if rule.until is not None and today is not None and today > rule.until:
        return ()
    return (
        (None,)
        if rule.grading_period is None
        else rule.periods(gradebook.periods, gradebook.taken_at)
    )


def _assignment(
    gradebook: Gradebook, rule: CourseGradeRule, period: GradingPeriod | None
) -> Assignment:
    due = rule.due or (period and period.end_at) or gradebook.course.term_end_at
    return Assignment(
        id=rule.assignment(period),
        name=f"{rule.title}, {period.title}" if period is not None else rule.title,
        group=rule.assignment(period),
        points_possible=rule.points,
        grading_type="letter_grade" if rule.letters else "percent",
        placements=tuple(
            Placement(section=one.id, due_at=due) for one in gradebook.sections if one.class_id
        ),
    )


def _told(
    gradebook: Gradebook, rule: CourseGradeRule, period: GradingPeriod | None
) -> Iterator[Submission | Withheld]:
    """Each student's grade by the rule, or why there is none."""
    assignment, of = rule.assignment(period), period.id if period is not None else None
    sections = {one.id: one for one in gradebook.sections if one.class_id}
    grades: dict[str, dict[str, CourseGrade]] = {}
    for one in gradebook.course_grades:
        if one.section in sections and one.period == of:
            grades.setdefault(one.user, {})[one.section] = one
    # A person with several ids of the SIS is several students, with one grade of the course.
    taught: dict[str, dict[str, None]] = {}
    for student in gradebook.students:
        taught.setdefault(student.id, {}).update(dict.fromkeys(student.sections))
    for user, theirs in taught.items():
        places = [sections[one] for one in theirs if one in sections]
        own = [grade for place, grade in grades.get(user, {}).items() if place in theirs]
        found = {_value(grade, rule) for grade in own}
        code = "grades-of-course-differ" if len(found) > 1 else ""
        score, letter = next(iter(found), (None, None))
        if not code:
            code = _why_none(own, rule, score, letter)
        if code:
            yield from _withheld(assignment, user, places, _RULES[code].of(basis=rule.basis))
        elif places:
            yield Submission(
                assignment=assignment,
                user=user,
                state=SubmissionState.GRADED,
                # Canvas's totals are percentages; points of 100 leave them as they are.
                score=None if score is None else round(score * rule.points / 100, 6),
                grade=letter if rule.letters else None,
                # Which totals count is the rule's own question: none of them is hidden any more.
                posted_at=gradebook.taken_at,
            )


def _value(grade: CourseGrade, rule: CourseGradeRule) -> tuple[float | None, str | None]:
    """The percentage and the letter that count, as Canvas has them."""
    if rule.overrides and (grade.override_score is not None or grade.override_grade):
        return grade.override_score, grade.override_grade
    is_final = rule.basis is Basis.FINAL
    posted = grade.final_score if is_final else grade.current_score
    letter = grade.final_grade if is_final else grade.current_grade
    if rule.hidden is Hidden.SKIP:
        return posted, letter
    everything = grade.unposted_final_score if is_final else grade.unposted_current_score
    return everything, letter if everything == posted else None


def _why_none(
    own: Iterable[CourseGrade], rule: CourseGradeRule, score: float | None, letter: str | None
) -> str:
    """The code of the reason why there is nothing to tell; "": there is."""
    if score is None and not letter:
        return "no-course-grade"
    if not rule.letters:
        return "no-course-grade" if score is None else ""
    if letter:
        return ""
    posted = any(one.final_grade or one.current_grade for one in own)
    return "letter-of-hidden" if posted and rule.hidden is Hidden.SEND else "no-course-letter"


def _withheld(
    assignment: str, user: str, places: Iterable[Section], reason: Reason
) -> Iterator[Withheld]:
    for class_id in dict.fromkeys(one.class_id or "" for one in places):
        yield Withheld(assignment=assignment, class_id=class_id, user=user, reason=reason)
