"""One course's gradebook as Canvas has it at one moment: what a grade sync begins from.

The fields are Canvas's (canvas-sis.md 6), overrides merged, ids as text. It is kept with its run as
JSON, so that a sync can be looked at later and gone on with after a crash. Leaves to `canvas` how it
is read, and to the other modules here what of it is sent.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class Section(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A section. `class_id` is its SIS id, which is its class's sourcedId; None: not from the SIS.

    `origin_course` is the id of the course the SIS knows it in; another than the gradebook's when
    the section is cross-listed.
    """

    id: str
    name: str
    class_id: str | None = None
    origin_course: str | None = None


class Student(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person with a student enrollment. `sourced_id` None: added by hand, unknown to the SIS.

    `sections` are those in which the enrollment is active; `left` those in which it has been
    concluded or is inactive. `name` is for people who may see names, and for nothing else.
    """

    id: str
    sourced_id: str | None = None
    name: str = ""
    sections: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class AssignmentGroup(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An assignment group: what becomes a category."""

    id: str
    name: str
    weight: float | None = None
    sis_source_id: str | None = None
    integration_data: dict[str, Any] = {}


class Placement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An assignment in one section, with the dates that hold there."""

    section: str
    due_at: datetime | None = None
    unlock_at: datetime | None = None
    lock_at: datetime | None = None


class IndividualDates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The dates that hold for one user."""

    user: str
    due_at: datetime | None = None
    unlock_at: datetime | None = None
    lock_at: datetime | None = None


class Assignment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An assignment that is flagged Sync to SIS.

    `individuals` are the ids of users with dates of their own, which `individual_dates` are as far
    as Canvas tells them; `only_individuals` says that nobody else has it. `counts` is false where it
    is left out of the final grade. `mastery_paths`: it is given to students by Mastery Paths.
    `canvas_name` is its name in Canvas where a transform has changed `name`.
    """

    id: str
    name: str
    group: str
    points_possible: float | None = None
    grading_type: str = "points"
    submission_types: tuple[str, ...] = ()
    counts: bool = True
    placements: tuple[Placement, ...] = ()
    individuals: tuple[str, ...] = ()
    individual_dates: tuple[IndividualDates, ...] = ()
    only_individuals: bool = False
    published: bool = True
    mastery_paths: bool = False
    canvas_name: str | None = None
    created_at: datetime | None = None
    integration_id: str | None = None
    integration_data: dict[str, Any] = {}


class SubmissionState(StrEnum):
    """Canvas's `workflow_state` of a submission."""

    UNSUBMITTED = "unsubmitted"
    SUBMITTED = "submitted"
    PENDING_REVIEW = "pending_review"
    GRADED = "graded"


class Submission(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one student has on one assignment; `score` is after the late policy.

    `posted_at` None: hidden from the student.
    """

    assignment: str
    user: str
    state: SubmissionState = SubmissionState.UNSUBMITTED
    score: float | None = None
    grade: str | None = None
    excused: bool = False
    late: bool = False
    missing: bool = False
    late_policy_status: str | None = None
    submitted_at: datetime | None = None
    graded_at: datetime | None = None
    posted_at: datetime | None = None
    comment: str | None = None


class GradingPeriod(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A grading period of Canvas's."""

    id: str
    title: str
    start_at: datetime | None = None
    end_at: datetime | None = None


class CourseGrade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A student's grade of a course, as Canvas's enrollment in one section tells it.

    `period` is the id of the grading period it is of; None: it is of the whole course. `override_*`
    where a teacher has set one. Hidden grades count in the `unposted_*` ones only.
    """

    user: str
    section: str
    period: str | None = None
    current_score: float | None = None
    current_grade: str | None = None
    final_score: float | None = None
    final_grade: str | None = None
    unposted_current_score: float | None = None
    unposted_final_score: float | None = None
    override_score: float | None = None
    override_grade: str | None = None


class SyncSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the account's own SIS settings demand (instructure-integration.md S5).

    Canvas says with each assignment what holds for it, which is nothing while SIS syncing is off;
    whether that is on, and what it calls the SIS, it tells nobody. None: it did not say, and it is
    not enforced.
    """

    sis_name: str = "SIS"
    requires_due_date: bool | None = None
    name_length: int | None = None


class Course(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The course whose gradebook it is. `passback` is Canvas's `grade_passback_setting`.

    `term_sis_id` and `account_sis_id` are the SIS ids of its term and of the account it is in.
    """

    id: str
    name: str
    sis_id: str | None = None
    published: bool = True
    term_start_at: datetime | None = None
    term_end_at: datetime | None = None
    term_sis_id: str | None = None
    account_sis_id: str | None = None
    passback: str | None = None


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment in a class that Canvas has, and that a transform left out of the gradebook."""

    assignment: str
    class_id: str


class Gradebook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of it. `since` None: the submissions are all there are, else those changed since then.

    `source` says which of Canvas's calls told of the assignments: `sis` or `ordinary`. A person the
    SIS knows by several ids is several students of one Canvas id.
    """

    course: Course
    taken_at: datetime
    sections: tuple[Section, ...] = ()
    students: tuple[Student, ...] = ()
    groups: tuple[AssignmentGroup, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    submissions: tuple[Submission, ...] = ()
    periods: tuple[GradingPeriod, ...] = ()
    course_grades: tuple[CourseGrade, ...] = ()
    settings: SyncSettings = SyncSettings()
    since: datetime | None = None
    source: str = "sis"
    left_out: tuple[LeftOut, ...] = ()

    def classes(self) -> Iterator[str]:
        """The sourcedIds of the classes its sections belong to, in order, once each."""
        yield from dict.fromkeys(one.class_id for one in self.sections if one.class_id)

    def students_in(self, class_id: str) -> tuple[Student, ...]:
        """Those with an active enrollment in a section of the class."""
        sections = {one.id for one in self.sections if one.class_id == class_id}
        return tuple(one for one in self.students if not sections.isdisjoint(one.sections))
