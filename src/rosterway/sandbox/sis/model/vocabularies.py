"""The closed lists of tokens, by version (oneroster.md sections 2 and 7 to 9).

1.2 lets most of them be extended by `ext:` and a name; which not is listed here.
"""

import re

_BOTH = {
    "status": ("active", "tobedeleted"),
    "sessionType": ("gradingPeriod", "semester", "schoolYear", "term"),
    "orgType": ("department", "district", "local", "national", "school", "state"),
    "classType": ("homeroom", "scheduled"),
    "enrollmentRole": ("administrator", "proctor", "student", "teacher"),
    "importance": ("primary", "secondary"),
    "resourceRole": (
        "administrator",
        "aide",
        "guardian",
        "parent",
        "proctor",
        "relative",
        "student",
        "teacher",
    ),
    "scoreStatus": (
        "exempt",
        "fully graded",
        "not submitted",
        "partially graded",
        "submitted",
    ),
}

#: Version -> name -> tokens.
VOCABULARIES: dict[str, dict[str, tuple[str, ...]]] = {
    "1.1": {
        **_BOTH,
        "role": _BOTH["resourceRole"],
        "sex": ("male", "female"),
    },
    "1.2": {
        **_BOTH,
        "role": (
            "aide",
            "counselor",
            "districtAdministrator",
            "guardian",
            "parent",
            "principal",
            "proctor",
            "relative",
            "siteAdministrator",
            "student",
            "systemAdministrator",
            "teacher",
        ),
        "sex": ("male", "female", "unspecified", "other"),
        "roleType": ("primary", "secondary"),
        "objectiveSource": ("case", "unknown"),
    },
}

_CLOSED = frozenset({"status", "roleType", "importance"})
#: As the official 1.2 documents print them: not anchored, and with a stray slash in the second.
_EXTENSION = re.compile(r"(ext:)[a-zA-Z0-9.\-_]+")
_SOURCE_EXTENSION = re.compile(r"^/(?!case$)(?!unknown$)[a-z0-9]+$")


def is_token(version: str, vocabulary: str, value: str) -> bool:
    """Whether a value is in a vocabulary, or extends one that may be extended."""
    if value in VOCABULARIES[version][vocabulary]:
        return True
    if version == "1.1" or vocabulary in _CLOSED:
        return False
    pattern = _SOURCE_EXTENSION if vocabulary == "objectiveSource" else _EXTENSION
    return pattern.search(value) is not None
