"""The nouns of rostering as JSON has them: which field is which staged column, and who needs it.

Facts: oneroster.md 7; the 1.2 OpenAPI documents and, for 1.1, its data model. What is required by
the text and not by sense (`org.identifier`, `course.courseCode`) is `form` or nothing at all,
because providers leave it out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rosterway.formats.oneroster import tables
from rosterway.formats.oneroster.field import Column, Kind, Need, Table
from rosterway.settings.shape import Version

_M, _F, _O, _NOT = Need.MEANING, Need.FORM, Need.NO, Need.ABSENT


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a JSON record. `aliases` are names that providers give it instead."""

    name: str
    column: Column
    v1p1: Need
    v1p2: Need
    aliases: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """What the value is."""
        return self.column.kind

    def need(self, version: Version) -> Need:
        """What JSON of that version wants."""
        return self.v1p1 if version is Version.V1P1 else self.v1p2


@dataclass(frozen=True, slots=True, eq=False)
class Noun:
    """One kind of record: its key in a collection, in a singleton, and its table."""

    plural: str
    singular: str
    table: Table
    fields: tuple[Field, ...]
    #: Other keys a collection of it has been seen under (oneroster 15.1, point 1).
    synonyms: tuple[str, ...] = ()


def _fields(
    table: Table, *rows: tuple[str, str, Need, Need] | tuple[str, str, Need]
) -> list[Field]:
    columns = {column.name: column for column in table.columns}
    made = [
        Field("sourcedId", columns["sourcedId"], Need.KEY, Need.KEY),
        Field("status", columns["status"], _F, _F),
        Field("dateLastModified", columns["dateLastModified"], _F, _F),
    ]
    for name, column, *needs in rows:
        made.append(Field(name, columns[column], needs[0], needs[-1], _ALIASES.get(name, ())))
    return made


#: Ed-Fi lists ids of agents; Instructure's best practices call the first day of an enrollment its
#: start; the CSV binding's names for preferred names appear in JSON.
_ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "agents": ("agentSourceIds", "agentSourcedIds"),
        "beginDate": ("startDate",),
        "preferredFirstName": ("preferredGivenName",),
        "preferredLastName": ("preferredFamilyName",),
    }
)

ORG = Noun(
    "orgs",
    "org",
    tables.ORGS,
    tuple(
        _fields(
            tables.ORGS,
            ("name", "name", _F),
            ("type", "type", _M),
            ("identifier", "identifier", _O),
            ("parent", "parentSourcedId", _O),
        )
    ),
    ("schools",),
)

ACADEMIC_SESSION = Noun(
    "academicSessions",
    "academicSession",
    tables.ACADEMIC_SESSIONS,
    tuple(
        _fields(
            tables.ACADEMIC_SESSIONS,
            ("title", "title", _F),
            ("type", "type", _M),
            ("startDate", "startDate", _M),
            ("endDate", "endDate", _M),
            ("parent", "parentSourcedId", _O),
            ("schoolYear", "schoolYear", _F),
        )
    ),
    ("terms", "gradingPeriods"),
)

COURSE = Noun(
    "courses",
    "course",
    tables.COURSES,
    tuple(
        _fields(
            tables.COURSES,
            ("schoolYear", "schoolYearSourcedId", _O),
            ("title", "title", _F),
            ("courseCode", "courseCode", _O),
            ("grades", "grades", _O),
            ("org", "orgSourcedId", _O),
            ("subjects", "subjects", _O),
            ("subjectCodes", "subjectCodes", _O),
        )
    ),
)

CLASS = Noun(
    "classes",
    "class",
    tables.CLASSES,
    tuple(
        _fields(
            tables.CLASSES,
            ("title", "title", _F),
            ("grades", "grades", _O),
            ("course", "courseSourcedId", _F),
            ("classCode", "classCode", _O),
            ("classType", "classType", _O),
            ("location", "location", _O),
            ("school", "schoolSourcedId", _M),
            ("terms", "termSourcedIds", _F),
            ("subjects", "subjects", _O),
            ("subjectCodes", "subjectCodes", _O),
            ("periods", "periods", _O),
        )
    ),
)

USER = Noun(
    "users",
    "user",
    tables.USERS,
    tuple(
        _fields(
            tables.USERS,
            ("enabledUser", "enabledUser", _F),
            ("orgs", "orgSourcedIds", _O),  # with `role`: judged when roles are made
            ("role", "role", _O),
            ("username", "username", _F, _O),
            ("userIds", "userIds", _O),
            ("givenName", "givenName", _F),
            ("familyName", "familyName", _F),
            ("middleName", "middleName", _O),
            ("identifier", "identifier", _O),
            ("email", "email", _O),
            ("sms", "sms", _O),
            ("phone", "phone", _O),
            ("agents", "agentSourcedIds", _O),
            ("grades", "grades", _O),
            ("userMasterIdentifier", "userMasterIdentifier", _O),
            ("resources", "resourceSourcedIds", _O),
            ("preferredFirstName", "preferredGivenName", _O),
            ("preferredMiddleName", "preferredMiddleName", _O),
            ("preferredLastName", "preferredFamilyName", _O),
            ("primaryOrg", "primaryOrgSourcedId", _O),
            ("pronouns", "pronouns", _O),
            ("userProfiles", "userProfiles", _O),
        )
    ),
    ("students", "teachers"),
)

ENROLLMENT = Noun(
    "enrollments",
    "enrollment",
    tables.ENROLLMENTS,
    tuple(
        _fields(
            tables.ENROLLMENTS,
            ("class", "classSourcedId", _M),
            ("school", "schoolSourcedId", _F),
            ("user", "userSourcedId", _M),
            ("role", "role", _M),
            ("primary", "primary", _O),
            ("beginDate", "beginDate", _O),
            ("endDate", "endDate", _O),
        )
    ),
)

DEMOGRAPHICS = Noun(
    "demographics",
    "demographics",
    tables.DEMOGRAPHICS,
    tuple(
        _fields(
            tables.DEMOGRAPHICS,
            *((column.name, column.name, _O) for column in tables.DEMOGRAPHICS.columns[3:]),
        )
    ),
)

NOUNS: tuple[Noun, ...] = (
    ORG,
    ACADEMIC_SESSION,
    COURSE,
    CLASS,
    USER,
    ENROLLMENT,
    DEMOGRAPHICS,
)
BY_PLURAL: Mapping[str, Noun] = MappingProxyType({noun.plural: noun for noun in NOUNS})
