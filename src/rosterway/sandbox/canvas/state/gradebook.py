"""What a Canvas gradebook holds, one class a table, beside the roster's in the same database.

Guarantees: a submission that nothing ever happened to is no row; whoever reads makes it up, with the
id `submission_id` gives, so that it keeps its id when something happens to it. Times are text as
Canvas prints them, structured fields are JSON.

Facts: canvas-lms `app/models/{assignment,assignment_group,assignment_override,submission,
grading_period,late_policy,grading_standard}.rb`.
"""

from dataclasses import dataclass
from typing import ClassVar

from rosterway.sandbox.canvas.state.records import Index, Record

#: More users than any Canvas here will have: what keeps the ids of submissions apart.
_USERS = 100_000_000


def submission_id(assignment_id: int, user_id: int) -> int:
    """The id of a student's submission, in order of assignments and then of users."""
    return assignment_id * _USERS + user_id


@dataclass(slots=True, eq=False, kw_only=True)
class AssignmentGroup(Record):
    """`workflow_state`: available, deleted. `rules` and `integration_data` are JSON objects."""

    TABLE: ClassVar[str] = "assignment_groups"

    course_id: int
    name: str
    position: int
    group_weight: float = 0.0
    rules: str = "{}"
    sis_source_id: str | None = None
    integration_data: str = "{}"
    #: The group this one was copied from.
    copied_from: int | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Assignment(Record):
    """`workflow_state`: published, unpublished, deleted. `submission_types` joined by commas."""

    TABLE: ClassVar[str] = "assignments"

    course_id: int
    assignment_group_id: int
    name: str
    position: int
    description: str | None = None
    points_possible: float | None = None
    grading_type: str = "points"
    grading_standard_id: int | None = None
    submission_types: str = "none"
    due_at: str | None = None
    unlock_at: str | None = None
    lock_at: str | None = None
    post_to_sis: bool = False
    omit_from_final_grade: bool = False
    only_visible_to_overrides: bool = False
    #: Grades stay hidden until somebody posts them.
    post_manually: bool = False
    sis_source_id: str | None = None
    integration_id: str | None = None
    integration_data: str = "{}"
    copied_from: int | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class AssignmentOverride(Record):
    """`set_type`: CourseSection with the section as `set_id`, or ADHOC with students of its own."""

    TABLE: ClassVar[str] = "assignment_overrides"

    assignment_id: int
    title: str
    set_type: str
    set_id: int | None = None
    due_at: str | None = None
    due_at_overridden: bool = False
    unlock_at: str | None = None
    unlock_at_overridden: bool = False
    lock_at: str | None = None
    lock_at_overridden: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class OverrideStudent(Record):
    """A student of an ADHOC override."""

    TABLE: ClassVar[str] = "assignment_override_students"

    assignment_id: int
    override_id: int
    user_id: int


@dataclass(slots=True, eq=False, kw_only=True)
class Submission(Record):
    """`workflow_state`: unsubmitted, submitted, pending_review, graded.

    `score` is after the late policy took `points_deducted`; `posted_at` is null while hidden.
    """

    TABLE: ClassVar[str] = "submissions"

    assignment_id: int
    user_id: int
    course_id: int
    score: float | None = None
    grade: str | None = None
    points_deducted: float | None = None
    excused: bool = False
    late_policy_status: str | None = None
    seconds_late_override: int | None = None
    submission_type: str | None = None
    submitted_at: str | None = None
    attempt: int | None = None
    graded_at: str | None = None
    posted_at: str | None = None
    grader_id: int | None = None
    grade_matches_current_submission: bool = True


@dataclass(slots=True, eq=False, kw_only=True)
class SubmissionComment(Record):
    """What somebody wrote to a student about their work."""

    TABLE: ClassVar[str] = "submission_comments"

    submission_id: int
    author_id: int
    comment: str
    attempt: int | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class GradingPeriodGroup(Record):
    """A set of grading periods and the terms that use it (`term_ids`, a JSON list)."""

    TABLE: ClassVar[str] = "grading_period_groups"

    title: str
    weighted: bool = False
    display_totals: bool = False
    term_ids: str = "[]"


@dataclass(slots=True, eq=False, kw_only=True)
class GradingPeriod(Record):
    TABLE: ClassVar[str] = "grading_periods"

    group_id: int
    title: str
    start_date: str
    end_date: str
    close_date: str
    weight: float | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class LatePolicy(Record):
    """What a course takes off for late and gives for missing work; percents, an interval by name."""

    TABLE: ClassVar[str] = "late_policies"

    course_id: int
    missing_submission_deduction_enabled: bool = False
    missing_submission_deduction: float = 100.0
    late_submission_deduction_enabled: bool = False
    late_submission_deduction: float = 0.0
    late_submission_interval: str = "day"
    late_submission_minimum_percent_enabled: bool = False
    late_submission_minimum_percent: float = 0.0


@dataclass(slots=True, eq=False, kw_only=True)
class GradingStandard(Record):
    """A grading scheme: `scheme` is a JSON list of [name, lowest share], best first."""

    TABLE: ClassVar[str] = "grading_standards"

    title: str
    scheme: str
    course_id: int | None = None
    account_id: int | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class CourseGradebook(Record):
    """A course's settings that concern grades; a course that never set any has no row.

    `grading_standard_id` 0 is Canvas's own scheme, null is none.
    """

    TABLE: ClassVar[str] = "course_gradebooks"

    course_id: int
    apply_assignment_group_weights: bool = False
    grading_standard_id: int | None = None
    allow_final_grade_override: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class FinalGradeOverride(Record):
    """A final grade a teacher decided, whatever was computed."""

    TABLE: ClassVar[str] = "final_grade_overrides"

    course_id: int
    user_id: int
    score: float


@dataclass(slots=True, eq=False, kw_only=True)
class GradeChange(Record):
    """One line of the log of changed grades; cleared and un-excused ones are in it, too."""

    TABLE: ClassVar[str] = "grade_changes"

    course_id: int
    assignment_id: int
    student_id: int
    grader_id: int | None = None
    grade_before: str | None = None
    grade_after: str | None = None
    excused_before: bool = False
    excused_after: bool = False
    points_possible: float | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class AccountSetting(Record):
    """One setting of an account: `value` is JSON; a locked one holds for all accounts below."""

    TABLE: ClassVar[str] = "account_settings"

    account_id: int
    name: str
    value: str
    locked: bool = False


GRADEBOOK_KINDS: tuple[type[Record], ...] = (
    AssignmentGroup,
    Assignment,
    AssignmentOverride,
    OverrideStudent,
    Submission,
    SubmissionComment,
    GradingPeriodGroup,
    GradingPeriod,
    LatePolicy,
    GradingStandard,
    CourseGradebook,
    FinalGradeOverride,
    GradeChange,
    AccountSetting,
)

GROUP_BY_COURSE = Index(AssignmentGroup, "course_id")
ASSIGNMENT_BY_COURSE = Index(Assignment, "course_id")
ASSIGNMENT_BY_SIS_ID = Index(Assignment, "sis_source_id")
OVERRIDE_BY_ASSIGNMENT = Index(AssignmentOverride, "assignment_id")
STUDENT_BY_OVERRIDE = Index(OverrideStudent, "override_id")
STUDENT_BY_ASSIGNMENT = Index(OverrideStudent, "assignment_id")
SUBMISSION_BY_COURSE = Index(Submission, "course_id")
COMMENT_BY_SUBMISSION = Index(SubmissionComment, "submission_id")
PERIOD_BY_GROUP = Index(GradingPeriod, "group_id")
LATE_POLICY_BY_COURSE = Index(LatePolicy, "course_id")
STANDARD_BY_COURSE = Index(GradingStandard, "course_id")
GRADEBOOK_BY_COURSE = Index(CourseGradebook, "course_id")
FINAL_OVERRIDE_BY_COURSE = Index(FinalGradeOverride, "course_id", "user_id")
CHANGE_BY_COURSE = Index(GradeChange, "course_id")
CHANGE_BY_ASSIGNMENT = Index(GradeChange, "assignment_id")
CHANGE_BY_STUDENT = Index(GradeChange, "student_id")
CHANGE_BY_GRADER = Index(GradeChange, "grader_id")
SETTING_BY_NAME = Index(AccountSetting, "account_id", "name")
