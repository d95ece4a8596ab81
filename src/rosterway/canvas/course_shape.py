"""A course as Canvas shows it, alone or in a list: what is read of it.

Facts: canvas-lms `lib/api/v1/course.rb`; the term comes with `include[]=term`.
"""

from datetime import datetime

import msgspec

from rosterway.canvas.shapes import Id


class TermShape(msgspec.Struct, frozen=True):
    """The term of a course; a date that is not set is None, and an id not shown is none."""

    sis_term_id: str | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None


class CourseShape(msgspec.Struct, frozen=True):
    """A course. `end_at` is its own, beside its term's."""

    id: Id
    workflow_state: str
    name: str | None = None
    sis_course_id: str | None = None
    grade_passback_setting: str | None = None
    apply_assignment_group_weights: bool | None = None
    end_at: datetime | None = None
    term: TermShape | None = None
