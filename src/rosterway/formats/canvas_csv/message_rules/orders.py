"""Messages about changes of SIS ids and grade publishing results.

Facts: canvas-lms `lib/sis/change_sis_id_importer.rb`, `grade_publishing_results_importer.rb`.

A change of id that was made already answers "referenced a non-existent …" when it is sent again.
It stays *refused*, since the same words also answer an id that never was; `on_resend` says so.
"""

from rosterway.formats.canvas_csv.message_rules.rule import MessageRule, missing, refused

_TABLE = "change_sis_id"
_RESULTS = "grade_publishing_results"


def _taken(column: str) -> MessageRule:
    return refused(
        f"{_TABLE}-{column.replace('_', '-')}-taken",
        _TABLE,
        f"A {column}, '{{{column}}}', referenced an existing {{type}}"
        " and the {_} with {_} '{old}' was not updated",
        f"Another {{type}} already has the {column} {{{column}}}; {{old}} was left as it is.",
        "Find out whether the two are one and the same; merge them in Canvas, or correct the row.",
    )


def _unknown(column: str) -> MessageRule:
    return refused(
        f"{_TABLE}-{column.replace('_', '-')}-unknown",
        _TABLE,
        f"An {column}, '{{{column}}}', referenced a non-existent {{type}} and was not changed.",
        f"Canvas has no {{type}} with the {column} {{{column}}}.",
        f"Nothing, if the change was made before. Otherwise correct {column}.",
        on_resend=True,
    )


CHANGES: tuple[MessageRule, ...] = (
    missing(_TABLE, "type", "No type given for change_sis_id"),
    missing(_TABLE, "old_id", "No old_id or old_integration_id given for change_sis_id"),
    missing(_TABLE, "new_id", "No new_id or new_integration_id given for change_sis_id"),
    refused(
        "change_sis_id-type-unknown",
        _TABLE,
        "Invalid type '{type?}' for change_sis_id",
        'Canvas does not know the type "{type}".',
        "Use account, term, course, section, group, group_category or user.",
    ),
    _taken("new_id"),
    _taken("new_integration_id"),
    _unknown("old_id"),
    _unknown("old_integration_id"),
    refused(
        "change_sis_id-olds-differ",
        _TABLE,
        "An old_id, '{old_id}', referenced a different {type} than the old_integration_id,"
        " '{old_integration_id}'",
        "{old_id} and {old_integration_id} are not the same {type}.",
        "Fill in one of the two only.",
    ),
    refused(
        "change_sis_id-category-integration",
        _TABLE,
        "Group categories should not have integration IDs.",
        "A group category has no integration id that could be changed.",
        "Use old_id and new_id.",
    ),
)

RESULTS: tuple[MessageRule, ...] = (
    missing(_RESULTS, "enrollment_id", "No enrollment_id given"),
    missing(
        _RESULTS,
        "grade_publishing_status",
        "No grade_publishing_status given for enrollment {enrollment_id}",
    ),
    refused(
        "grade_publishing_results-status",
        _RESULTS,
        'Improper grade_publishing_status "{grade_publishing_status?}"'
        " for enrollment {enrollment_id}",
        "Canvas does not know this grade_publishing_status.",
        "Use published or error.",
    ),
    refused(
        "grade_publishing_results-unknown",
        _RESULTS,
        "Enrollment {enrollment_id} doesn't exist",
        "Canvas has no enrollment {enrollment_id}.",
        "enrollment_id is Canvas's own id of the enrollment; correct it.",
    ),
)

RULES: tuple[MessageRule, ...] = (*CHANGES, *RESULTS)
