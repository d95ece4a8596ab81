"""Every table of the OneRoster CSV binding, which are the staged tables too.

Columns stand in 1.2's order; those that only 1.1 has stand where 1.1 has them. Source: CSV binding
1.2 (6 June 2022) and its list of changes since 1.1; 1.2.1 (22 August 2023) takes
`users.resourceSourcedIds` out and makes `users.grades` a list, which is how both are read here.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from rosterway.formats.oneroster import vocabularies as words
from rosterway.formats.oneroster.field import Column, Kind, Need, Table
from rosterway.settings.shape import Version

_M, _F, _O, _NOT = Need.MEANING, Need.FORM, Need.NO, Need.ABSENT

_BASE = (
    Column("sourcedId", Kind.ID, Need.KEY, Need.KEY),
    Column("status", Kind.CHOICE, Need.DELTA, Need.DELTA, words.STATUS),
    Column("dateLastModified", Kind.INSTANT, Need.DELTA, Need.DELTA),
)


def _text(name: str, v1p1: Need = _O, v1p2: Need | None = None) -> Column:
    return Column(name, Kind.TEXT, v1p1, v1p2 or v1p1)


def _typed(kind: Kind, name: str, v1p1: Need = _O, v1p2: Need | None = None) -> Column:
    return Column(name, kind, v1p1, v1p2 or v1p1)


def _choice(
    name: str, vocabulary: words.Vocabulary, v1p1: Need = _O, v1p2: Need | None = None
) -> Column:
    return Column(name, Kind.CHOICE, v1p1, v1p2 or v1p1, vocabulary)


def _ref(
    name: str, refers: str, v1p1: Need = _O, v1p2: Need | None = None, kind: Kind = Kind.REF
) -> Column:
    return Column(name, kind, v1p1, v1p2 or v1p1, refers=refers)


_date = partial(_typed, Kind.DATE)
_flag = partial(_typed, Kind.FLAG)
_texts = partial(_typed, Kind.TEXTS)
_number = partial(_typed, Kind.NUMBER)
_refs = partial(_ref, kind=Kind.REFS)

ACADEMIC_SESSIONS = Table(
    "academicSessions",
    (
        *_BASE,
        _text("title", _F),
        _choice("type", words.SESSION_TYPE, _M),
        _date("startDate", _M),
        _date("endDate", _M),
        _ref("parentSourcedId", "academicSessions"),
        _typed(Kind.YEAR, "schoolYear", _F),
    ),
)

ORGS = Table(
    "orgs",
    (
        *_BASE,
        _text("name", _F),
        _choice("type", words.ORG_TYPE, _M),
        _text("identifier"),
        _ref("parentSourcedId", "orgs"),
    ),
)

COURSES = Table(
    "courses",
    (
        *_BASE,
        _ref("schoolYearSourcedId", "academicSessions"),
        _text("title", _F),
        _text("courseCode"),
        _texts("grades"),
        _ref("orgSourcedId", "orgs", _F),
        _texts("subjects"),
        _texts("subjectCodes"),
    ),
)

CLASSES = Table(
    "classes",
    (
        *_BASE,
        _text("title", _F),
        _texts("grades"),
        _ref("courseSourcedId", "courses", _F),
        _text("classCode"),
        _choice("classType", words.CLASS_TYPE, _F),
        _text("location"),
        _ref("schoolSourcedId", "orgs", _M),
        _refs("termSourcedIds", "academicSessions", _F),
        _texts("subjects"),
        _texts("subjectCodes"),
        _texts("periods"),
    ),
)

USERS = Table(
    "users",
    (
        *_BASE,
        _flag("enabledUser", _F),
        _refs("orgSourcedIds", "orgs", _M, _NOT),
        _choice("role", words.USER_ROLE, _M, _NOT),
        _text("username", _F),
        _typed(Kind.PAIRS, "userIds"),
        _text("givenName", _F),
        _text("familyName", _F),
        _text("middleName"),
        _text("identifier"),
        _text("email"),
        _text("sms"),
        _text("phone"),
        _refs("agentSourcedIds", "users"),
        _texts("grades"),
        _typed(Kind.SECRET, "password"),
        _text("userMasterIdentifier", _NOT, _O),
        replace(_refs("resourceSourcedIds", "resources", _NOT, _O), dropped=True),
        _text("preferredGivenName", _NOT, _O),
        _text("preferredMiddleName", _NOT, _O),
        _text("preferredFamilyName", _NOT, _O),
        _ref("primaryOrgSourcedId", "orgs", _NOT, _O),
        _text("pronouns", _NOT, _O),
        _typed(Kind.PROFILES, "userProfiles", _NOT, _NOT),
    ),
)

#: A record of its own in 1.2's CSV; part of the user in JSON, and made from role and orgs in 1.1.
ROLES = Table(
    "roles",
    (
        *_BASE,
        _ref("userSourcedId", "users", _M),
        _choice("roleType", words.ROLE_TYPE, _F),
        _choice("role", words.USER_ROLE, _M),
        _date("beginDate"),
        _date("endDate"),
        _ref("orgSourcedId", "orgs", _M),
        _ref("userProfileSourcedId", "userProfiles"),
    ),
    introduced=Version.V1P2,
)

USER_PROFILES = Table(
    "userProfiles",
    (
        *_BASE,
        _ref("userSourcedId", "users", _M),
        _text("profileType", _F),
        _text("vendorId", _F),
        _text("applicationId"),
        _text("description"),
        _text("credentialType", _F),
        _text("username", _F),
        _typed(Kind.SECRET, "password"),
    ),
    introduced=Version.V1P2,
)

ENROLLMENTS = Table(
    "enrollments",
    (
        *_BASE,
        _ref("classSourcedId", "classes", _M),
        _ref("schoolSourcedId", "orgs", _F),
        _ref("userSourcedId", "users", _M),
        _choice("role", words.ENROLLMENT_ROLE, _M),
        _flag("primary"),
        _date("beginDate"),
        _date("endDate"),
    ),
)

DEMOGRAPHICS = Table(
    "demographics",
    (
        *_BASE,
        _date("birthDate"),
        _choice("sex", words.SEX),
        _flag("americanIndianOrAlaskaNative"),
        _flag("asian"),
        _flag("blackOrAfricanAmerican"),
        _flag("nativeHawaiianOrOtherPacificIslander"),
        _flag("white"),
        _flag("demographicRaceTwoOrMoreRaces"),
        _flag("hispanicOrLatinoEthnicity"),
        _text("countryOfBirthCode"),
        _text("stateOfBirthAbbreviation"),
        _text("cityOfBirth"),
        _text("publicSchoolResidenceStatus"),
    ),
)

CATEGORIES = Table("categories", (*_BASE, _text("title", _M), _number("weight", _NOT, _O)))

LINE_ITEMS = Table(
    "lineItems",
    (
        *_BASE,
        _text("title", _M),
        _text("description"),
        _date("assignDate", _F),
        _date("dueDate", _F),
        _ref("classSourcedId", "classes", _M),
        _ref("categorySourcedId", "categories", _F),
        _ref("gradingPeriodSourcedId", "academicSessions", _F, _NOT),
        _ref("academicSessionSourcedId", "academicSessions", _NOT, _F),
        _number("resultValueMin", _F, _O),
        _number("resultValueMax", _F, _O),
        _ref("schoolSourcedId", "orgs", _NOT, _F),
    ),
)

RESULTS = Table(
    "results",
    (
        *_BASE,
        _ref("lineItemSourcedId", "lineItems", _M),
        _ref("studentSourcedId", "users", _M),
        _choice("scoreStatus", words.SCORE_STATUS, _F),
        _number("score", _F, _O),
        _date("scoreDate", _F),
        _text("comment"),
        _text("textScore", _NOT, _O),
        _ref("classSourcedId", "classes", _NOT, _O),
        _flag("inProgress", _NOT, _O),
        _flag("incomplete", _NOT, _O),
        _flag("late", _NOT, _O),
        _flag("missing", _NOT, _O),
    ),
)

SCORE_SCALES = Table(
    "scoreScales",
    (
        *_BASE,
        _text("title", _F),
        _text("type", _F),
        _ref("orgSourcedId", "orgs", _F),
        _ref("courseSourcedId", "courses", _F),
        _ref("classSourcedId", "classes", _F),
        _text("scoreScaleValue", _M),
    ),
    introduced=Version.V1P2,
)

RESOURCES = Table(
    "resources",
    (
        *_BASE,
        _text("vendorResourceId", _M),
        _text("title"),
        Column("roles", Kind.CHOICES, vocabulary=words.RESOURCE_ROLE),
        _choice("importance", words.IMPORTANCE),
        _text("vendorId"),
        _text("applicationId"),
    ),
)


def _join(name: str, left: Column, *others: Column, both: bool = False) -> Table:
    """A file that says which of these belong together."""
    introduced = None if both else Version.V1P2
    return Table(name, (*_BASE, *([_text("title")] if both else []), left, *others), introduced)


_TO_RESOURCE = _ref("resourceSourcedId", "resources", _M)
_TO_SCALE = _ref("scoreScaleSourcedId", "scoreScales", _M)
_OBJECTIVE = (
    _choice("source", words.OBJECTIVE_SOURCE, _F),
    _text("learningObjectiveId", _M),
)

CLASS_RESOURCES = _join(
    "classResources", _ref("classSourcedId", "classes", _M), _TO_RESOURCE, both=True
)
COURSE_RESOURCES = _join(
    "courseResources", _ref("courseSourcedId", "courses", _M), _TO_RESOURCE, both=True
)
USER_RESOURCES = _join(
    "userResources",
    _ref("userSourcedId", "users", _M),
    _ref("orgSourcedId", "orgs"),
    _ref("classSourcedId", "classes"),
    _TO_RESOURCE,
)
LINE_ITEM_SCALES = _join(
    "lineItemScoreScales",
    _text("title"),
    _ref("lineItemSourcedId", "lineItems", _M),
    _TO_SCALE,
)
RESULT_SCALES = _join(
    "resultScoreScales",
    _text("title"),
    _ref("resultSourcedId", "results", _M),
    _TO_SCALE,
)
LINE_ITEM_OBJECTIVES = _join(
    "lineItemLearningObjectiveIds", _ref("lineItemSourcedId", "lineItems", _M), *_OBJECTIVE
)
RESULT_OBJECTIVES = _join(
    "resultLearningObjectiveIds",
    _ref("resultSourcedId", "results", _M),
    *_OBJECTIVE,
    _number("score"),
    _text("textScore"),
)

#: What a roster is made of, what others refer to first.
ROSTERING: tuple[Table, ...] = (
    ORGS,
    ACADEMIC_SESSIONS,
    COURSES,
    CLASSES,
    USERS,
    ROLES,
    USER_PROFILES,
    ENROLLMENTS,
    DEMOGRAPHICS,
)
TABLES: tuple[Table, ...] = (
    *ROSTERING,
    CATEGORIES,
    LINE_ITEMS,
    RESULTS,
    SCORE_SCALES,
    RESOURCES,
    CLASS_RESOURCES,
    COURSE_RESOURCES,
    USER_RESOURCES,
    LINE_ITEM_SCALES,
    RESULT_SCALES,
    LINE_ITEM_OBJECTIVES,
    RESULT_OBJECTIVES,
)
BY_NAME: Mapping[str, Table] = MappingProxyType({table.name: table for table in TABLES})

#: The smallest set of files that is a roster (CSV binding 1.2, table A1).
MINIMUM: Mapping[Version, tuple[Table, ...]] = MappingProxyType(
    {
        Version.V1P1: (ACADEMIC_SESSIONS, CLASSES, COURSES, ENROLLMENTS, ORGS, USERS),
        Version.V1P2: (ACADEMIC_SESSIONS, CLASSES, COURSES, ENROLLMENTS, ORGS, USERS, ROLES),
    }
)
