"""A case: one assignment in one class, with all that a rule of preflight may look at."""

from dataclasses import dataclass

from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.gradebook import Assignment, AssignmentGroup, Course, SyncSettings
from rosterway.passback.line_items import Draft, Title
from rosterway.passback.match import Match, MatchedBy
from rosterway.passback.reasons import Reason
from rosterway.passback.rules import Rules
from rosterway.settings.shape import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One assignment in one class, and all that a rule may look at.

    `due` and `available` are the school's days it is due and available from in Canvas, `other_dues`
    those it is due in its other sections. `term`: the first and last day of the course's term in
    Canvas. `rivals`: how many assignments would take the same line item.
    """

    assignment: Assignment
    group: AssignmentGroup
    course: Course
    of_class: ClassGradebook
    settings: SyncSettings
    rules: Rules
    length: int | None
    draft: Draft
    title: Title
    match: Match
    due: str | None
    available: str | None = None
    other_dues: frozenset[str | None] = frozenset()
    term: tuple[str | None, str | None] = (None, None)
    category_reason: Reason | None = None
    has_grade: bool = True
    rivals: int = 1
    is_modified: bool = False
    version: Version = Version.V1P2

    @property
    def is_new(self) -> bool:
        """Whether the SIS is not known to have it yet."""
        return self.match.by not in {MatchedBy.LINK, MatchedBy.OUR_ID, MatchedBy.NAME_AND_DUE}
