"""The closed and the extensible vocabularies of OneRoster, by version.

Words are taken as 1EdTech spells them. A word in another letter case, and a word that a known
provider uses for one of them, has one meaning and is turned into it; any other word stays as it is
and is a problem of its record. Sources: the 1.2 OpenAPI documents, CSV binding 1.2 tables, and
for 1.1 the same tables before 1.2's changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rosterway.settings.shape import Version

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The words of one field.

    `v1p1` and `v1p2` are the words of each version; `synonyms` are words of known providers (or of
    1.0) with the word they mean; `extensible` says that 1.2 allows `ext:` words.
    """

    name: str
    v1p1: tuple[str, ...]
    v1p2: tuple[str, ...]
    synonyms: Mapping[str, str] = field(default_factory=lambda: _NONE)
    extensible: bool = False
    folded: Mapping[str, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        words = (*self.v1p1, *self.v1p2)
        object.__setattr__(self, "folded", {word.lower(): word for word in words})

    def words(self, version: Version) -> tuple[str, ...]:
        """The words of one version."""
        return self.v1p1 if version is Version.V1P1 else self.v1p2


def _same(
    name: str,
    *words: str,
    extensible: bool = False,
    more: tuple[str, ...] = (),
    synonyms: Mapping[str, str] = _NONE,
) -> Vocabulary:
    return Vocabulary(name, words, (*words, *more), synonyms, extensible)


#: 1.0 had `inactive`; the 1.2 documents say to read it as `tobedeleted`.
STATUS = _same("status", "active", "tobedeleted", synonyms={"inactive": "tobedeleted"})
SESSION_TYPE = _same(
    "academicSession.type", "gradingPeriod", "semester", "schoolYear", "term", extensible=True
)
ORG_TYPE = _same(
    "org.type",
    "department",
    "district",
    "local",
    "national",
    "school",
    "state",
    extensible=True,
    synonyms={"departments": "department"},  # Rediker
)
CLASS_TYPE = _same("class.classType", "homeroom", "scheduled", extensible=True)
#: A user's role; 1.1's `administrator` has no single word in 1.2 and is kept.
USER_ROLE = Vocabulary(
    "role",
    ("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"),
    (
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
    extensible=True,
)
ROLE_TYPE = _same("roleType", "primary", "secondary")
#: Early 1.1 texts, and importers after them, allow every user role in an enrollment.
ENROLLMENT_ROLE = Vocabulary(
    "enrollment.role",
    ("administrator", "proctor", "student", "teacher"),
    ("administrator", "proctor", "student", "teacher"),
    {"aide": "aide", "guardian": "guardian", "parent": "parent", "relative": "relative"},
    extensible=True,
)
SEX = _same("sex", "male", "female", more=("unspecified", "other"), extensible=True)
SCORE_STATUS = _same(
    "scoreStatus",
    "exempt",
    "fully graded",
    "not submitted",
    "partially graded",
    "submitted",
    extensible=True,
)
RESOURCE_ROLE = _same(
    "resource.roles",
    "administrator",
    "aide",
    "guardian",
    "parent",
    "proctor",
    "relative",
    "student",
    "teacher",
    extensible=True,
)
IMPORTANCE = _same("importance", "primary", "secondary")
OBJECTIVE_SOURCE = _same("source", "case", "unknown", extensible=True)
