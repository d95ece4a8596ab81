"""What an assignment may not be, in Canvas's words.

Facts: canvas-lms `Assignment` validations, `lib/assignment_util.rb`, `lib/api/v1/assignment.rb`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from rosterway.sandbox.canvas.gradebook.settings import NAME_LENGTH, SyncRules

NO_DUE_DATE = "cannot be blank when Post to Sis is checked"
NO_DUE_DATE_FOR_ALL = "cannot be blank for any assignees when Post to Sis is checked"
NO_NAME = "can't be blank"
#: The types that make an assignment nothing to grade.
NOT_GRADED = "not_graded"

SUBMISSION_TYPES = frozenset(
    {
        "online_quiz",
        "none",
        "on_paper",
        "discussion_topic",
        "external_tool",
        "online_upload",
        "online_text_entry",
        "online_url",
        "media_recording",
        "not_graded",
        "student_annotation",
    }
)

#: Attribute -> messages.
Errors = dict[str, list[str]]


def is_gradeable(assignment: Mapping[str, Any]) -> bool:
    """Whether there is anything to grade; without, `post_to_sis` is forced to false."""
    types = str(assignment["submission_types"]).split(",")
    return assignment["grading_type"] != NOT_GRADED and NOT_GRADED not in types


def name_errors(assignment: Mapping[str, Any], rules: SyncRules) -> Errors:
    """What is wrong with a name. The account's length holds for what is posted to the SIS."""
    name = str(assignment["name"] or "")
    longest = NAME_LENGTH
    posted = assignment["post_to_sis"] and is_gradeable(assignment)
    if posted and rules.name_length is not None:
        longest = min(longest, rules.name_length)
    errors: Errors = {}
    if not name:
        errors["name"] = [NO_NAME]
    if len(name) > longest:
        errors["title"] = [f"The title cannot be longer than {longest} characters"]
    return errors


def due_date_errors(
    assignment: Mapping[str, Any], overrides: Iterable[Mapping[str, Any]], rules: SyncRules
) -> Errors:
    """A due date is missing that the SIS needs.

    Everyone needs one if the assignment is for everyone, and each override that sets its own.
    """
    if not (rules.due_date and assignment["post_to_sis"] and is_gradeable(assignment)):
        return {}
    own = list(overrides)
    if any(o["due_at_overridden"] and not o["due_at"] for o in own):
        return {"due_at": [NO_DUE_DATE_FOR_ALL]}
    if assignment["due_at"]:
        return {}
    if not assignment["only_visible_to_overrides"] or not own:
        return {"due_at": [NO_DUE_DATE]}
    if any(not o["due_at_overridden"] for o in own):
        return {"due_at": [NO_DUE_DATE_FOR_ALL]}
    return {}
