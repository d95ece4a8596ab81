"""The nouns of the gradebook, without a version: what a SIS holds of grades, and is told of them.

Facts: oneroster.md 9. Dates are kept as they came: a day (`2026-10-01`) or a moment in ISO 8601.
Leaves to `gradebook_reading` how JSON of either version becomes these, and to `gradebook_writing`
which JSON of either version they become.
"""

import msgspec


class Category(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A grading category. `class_id` None: of all classes (no `metadata.classId`, no class's list)."""

    sourced_id: str
    title: str = ""
    class_id: str | None = None
    weight: float | None = None
    is_deleted: bool = False


class LineItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line item of one class. `sourced_id` "": the SIS is to choose it (Modified)."""

    sourced_id: str
    title: str
    class_id: str
    description: str = ""
    category_id: str | None = None
    school_id: str | None = None
    grading_period_id: str | None = None
    academic_session_id: str | None = None
    score_scale_id: str | None = None
    assigned: str | None = None
    due: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    is_deleted: bool = False


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One student's result on one line item. Flags are None where the version or SIS has none."""

    sourced_id: str
    line_item_id: str
    student_id: str
    class_id: str | None = None
    score: float | None = None
    text_score: str | None = None
    score_status: str = ""
    score_date: str | None = None
    comment: str | None = None
    score_scale_id: str | None = None
    late: bool | None = None
    missing: bool | None = None
    incomplete: bool | None = None
    in_progress: bool | None = None
    is_deleted: bool = False


class ScoreScale(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A score scale of one class (1.2): pairs of what is written and what it stands for."""

    sourced_id: str
    title: str = ""
    class_id: str | None = None
    values: tuple[tuple[str, str], ...] = ()
