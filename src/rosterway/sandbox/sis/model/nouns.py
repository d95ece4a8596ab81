"""The objects of OneRoster 1.1 and 1.2, field by field (oneroster.md sections 7, 9 and 11).

The tables serve three ends: what is sent, what may be filtered, sorted and selected by, and what a
strict provider accepts. A field of the same name means the same in both versions.
"""

from rosterway.sandbox.sis.model.fields import Field, Kind, Noun, may, must, optional, some

_ID, _TEXT, _URI, _YEAR, _DATE = Kind.ID, Kind.TEXT, Kind.URI, Kind.YEAR, Kind.DATE
_MOMENT, _FLAG, _NUMBER, _TOKEN = Kind.MOMENT, Kind.FLAG, Kind.NUMBER, Kind.TOKEN
_REF, _PARTS = Kind.REF, Kind.PARTS

_HEAD = (
    must("sourcedId", _ID),
    must("status", _TOKEN, "status"),
    must("dateLastModified", _MOMENT),
    may("metadata", Kind.METADATA),
)


def _noun(name: str, *fields: Field) -> Noun:
    return Noun(name, _HEAD + fields)


_SUBJECTS = (some("grades", _TEXT), some("subjects", _TEXT))
_IDENTIFIER = must("identifier", _TEXT)

_SESSION = _noun(
    "academicSession",
    must("title", _TEXT),
    must("startDate", _DATE),
    must("endDate", _DATE),
    must("type", _TOKEN, "sessionType"),
    may("parent", _REF, "academicSession"),
    some("children", _REF, "academicSession"),
    must("schoolYear", _YEAR),
)
_COURSE = _noun(
    "course",
    must("title", _TEXT),
    may("schoolYear", _REF, "academicSession"),
    must("courseCode", _TEXT),
    *_SUBJECTS,
    may("org", _REF, "org"),
    some("subjectCodes", _TEXT),
    some("resources", _REF, "resource"),
)
_CLASS = _noun(
    "class",
    must("title", _TEXT),
    may("classCode", _TEXT),
    may("classType", _TOKEN, "classType"),
    may("location", _TEXT),
    *_SUBJECTS,
    must("course", _REF, "course"),
    must("school", _REF, "org"),
    some("terms", _REF, "academicSession", 1),
    some("subjectCodes", _TEXT),
    some("periods", _TEXT),
    some("resources", _REF, "resource"),
)
_ENROLLMENT = _noun(
    "enrollment",
    must("user", _REF, "user"),
    must("class", _REF, "class"),
    must("school", _REF, "org"),
    must("role", _TOKEN, "enrollmentRole"),
    may("primary", _FLAG),
    may("beginDate", _DATE),
    may("endDate", _DATE),
)
_DEMOGRAPHICS = _noun(
    "demographics",
    may("birthDate", _DATE),
    may("sex", _TOKEN, "sex"),
    may("americanIndianOrAlaskaNative", _FLAG),
    may("asian", _FLAG),
    may("blackOrAfricanAmerican", _FLAG),
    may("nativeHawaiianOrOtherPacificIslander", _FLAG),
    may("white", _FLAG),
    may("demographicRaceTwoOrMoreRaces", _FLAG),
    may("hispanicOrLatinoEthnicity", _FLAG),
    may("countryOfBirthCode", _TEXT),
    may("stateOfBirthAbbreviation", _TEXT),
    may("cityOfBirth", _TEXT),
    may("publicSchoolResidenceStatus", _TEXT),
)
_RESOURCE = _noun(
    "resource",
    may("title", _TEXT),
    some("roles", _TOKEN, "resourceRole"),
    may("importance", _TOKEN, "importance"),
    must("vendorResourceId", _TEXT),
    may("vendorId", _TEXT),
    may("applicationId", _TEXT),
)


def _org(identifier: Field) -> Noun:
    return _noun(
        "org",
        must("name", _TEXT),
        must("type", _TOKEN, "orgType"),
        identifier,
        may("parent", _REF, "org"),
        some("children", _REF, "org"),
    )


_USER_IDS = some("userIds", _PARTS, "userId")
_NAMES = (must("givenName", _TEXT), must("familyName", _TEXT), may("middleName", _TEXT))
_REACHED = (may("email", _TEXT), may("sms", _TEXT), may("phone", _TEXT))
_KIN = (some("agents", _REF, "user"), some("grades", _TEXT), may("password", _TEXT))
_LINE_ITEM = (
    must("title", _TEXT),
    may("description", _TEXT),
    must("assignDate", _MOMENT),
    must("dueDate", _MOMENT),
    must("class", _REF, "class"),
)
_RESULT = (must("lineItem", _REF, "lineItem"), must("student", _REF, "user"))
_SCORED = (must("scoreStatus", _TOKEN, "scoreStatus"), must("scoreDate", _DATE))
_MARKS = (
    may("inProgress", _FLAG),
    may("incomplete", _FLAG),
    may("late", _FLAG),
    may("missing", _FLAG),
)
_BOUNDS = (must("resultValueMin", _NUMBER), must("resultValueMax", _NUMBER))

_V1P1 = (
    _SESSION,
    _org(optional(_IDENTIFIER)),
    _COURSE,
    _CLASS,
    _noun(
        "user",
        must("username", _TEXT),
        _USER_IDS,
        must("enabledUser", _FLAG),
        *_NAMES,
        must("role", _TOKEN, "role"),
        some("orgs", _REF, "org", 1),
        optional(_IDENTIFIER),
        *_REACHED,
        *_KIN,
    ),
    _ENROLLMENT,
    _DEMOGRAPHICS,
    _RESOURCE,
    _noun("category", must("title", _TEXT)),
    _noun(
        "lineItem",
        *_LINE_ITEM,
        must("category", _REF, "category"),
        must("gradingPeriod", _REF, "academicSession"),
        *_BOUNDS,
    ),
    _noun("result", *_RESULT, *_SCORED, must("score", _NUMBER), may("comment", _TEXT)),
)

_V1P2 = (
    _SESSION,
    _org(_IDENTIFIER),
    _COURSE,
    _CLASS,
    _noun(
        "user",
        may("userMasterIdentifier", _TEXT),
        may("username", _TEXT),
        _USER_IDS,
        must("enabledUser", _FLAG),
        *_NAMES,
        may("preferredFirstName", _TEXT),
        may("preferredMiddleName", _TEXT),
        may("preferredLastName", _TEXT),
        may("pronouns", _TEXT),
        some("roles", _PARTS, "role", 1),
        some("userProfiles", _PARTS, "userProfile"),
        may("primaryOrg", _REF, "org"),
        optional(_IDENTIFIER),
        *_REACHED,
        *_KIN,
        some("resources", _REF, "resource"),
    ),
    _ENROLLMENT,
    _DEMOGRAPHICS,
    _RESOURCE,
    _noun("category", must("title", _TEXT), may("weight", _NUMBER)),
    _noun(
        "lineItem",
        *_LINE_ITEM,
        must("school", _REF, "org"),
        must("category", _REF, "category"),
        may("gradingPeriod", _REF, "academicSession"),
        may("academicSession", _REF, "academicSession"),
        may("scoreScale", _REF, "scoreScale"),
        *map(optional, _BOUNDS),
        some("learningObjectiveSet", _PARTS, "learningObjectives"),
    ),
    _noun(
        "result",
        *_RESULT,
        may("class", _REF, "class"),
        may("scoreScale", _REF, "scoreScale"),
        *_SCORED,
        may("score", _NUMBER),
        may("textScore", _TEXT),
        may("comment", _TEXT),
        some("learningObjectiveSet", _PARTS, "learningObjectiveScores"),
        *_MARKS,
    ),
    _noun(
        "scoreScale",
        must("title", _TEXT),
        must("type", _TEXT),
        may("course", _REF, "course"),
        must("class", _REF, "class"),
        some("scoreScaleValue", _PARTS, "scoreScaleValue", 1),
    ),
    _noun(
        "assessmentLineItem",
        must("title", _TEXT),
        may("description", _TEXT),
        may("class", _REF, "class"),
        may("parentAssessmentLineItem", _REF, "assessmentLineItem"),
        may("scoreScale", _REF, "scoreScale"),
        *map(optional, _BOUNDS),
        some("learningObjectiveSet", _PARTS, "learningObjectives"),
    ),
    _noun(
        "assessmentResult",
        must("assessmentLineItem", _REF, "assessmentLineItem"),
        must("student", _REF, "user"),
        *_SCORED,
        may("score", _NUMBER),
        may("textScore", _TEXT),
        may("scoreScale", _REF, "scoreScale"),
        may("scorePercentile", _NUMBER),
        may("comment", _TEXT),
        some("learningObjectiveSet", _PARTS, "learningObjectiveScores"),
        *_MARKS,
    ),
)

#: Version -> noun -> its table.
NOUNS: dict[str, dict[str, Noun]] = {
    "1.1": {noun.name: noun for noun in _V1P1},
    "1.2": {noun.name: noun for noun in _V1P2},
}

#: What stands inside objects; 1.1 has only the first.
PARTS: dict[str, Noun] = {
    part.name: part
    for part in (
        Noun("userId", (must("type", _TEXT), must("identifier", _TEXT))),
        Noun(
            "role",
            (
                must("roleType", _TOKEN, "roleType"),
                must("role", _TOKEN, "role"),
                must("org", _REF, "org"),
                may("userProfile", _URI),
                may("beginDate", _DATE),
                may("endDate", _DATE),
            ),
        ),
        Noun(
            "userProfile",
            (
                must("profileId", _URI),
                must("profileType", _TEXT),
                must("vendorId", _TEXT),
                may("applicationId", _TEXT),
                may("description", _TEXT),
                some("credentials", _PARTS, "credential"),
            ),
        ),
        Noun(
            "credential",
            (must("type", _TEXT), must("username", _TEXT), may("password", _TEXT)),
            open=True,
        ),
        Noun("scoreScaleValue", (must("itemValueLHS", _TEXT), must("itemValueRHS", _TEXT))),
        Noun(
            "learningObjectives",
            (
                must("source", _TOKEN, "objectiveSource"),
                some("learningObjectiveIds", _TEXT, least=1),
            ),
        ),
        Noun(
            "learningObjectiveScores",
            (
                must("source", _TOKEN, "objectiveSource"),
                some("learningObjectiveResults", _PARTS, "learningObjectiveResult", 1),
            ),
        ),
        Noun(
            "learningObjectiveResult",
            (must("learningObjectiveId", _TEXT), may("score", _NUMBER), may("textScore", _TEXT)),
        ),
    )
}

#: Noun -> the key of a collection of it, which is also its path.
COLLECTIONS = {
    "academicSession": "academicSessions",
    "org": "orgs",
    "course": "courses",
    "class": "classes",
    "user": "users",
    "enrollment": "enrollments",
    "demographics": "demographics",
    "resource": "resources",
    "category": "categories",
    "lineItem": "lineItems",
    "result": "results",
    "scoreScale": "scoreScales",
    "assessmentLineItem": "assessmentLineItems",
    "assessmentResult": "assessmentResults",
}
NOUN_OF = {collection: noun for noun, collection in COLLECTIONS.items()}

#: What the roster holds, what the gradebook holds.
ROSTER_NOUNS = tuple(COLLECTIONS)[:8]
GRADEBOOK_NOUNS = tuple(COLLECTIONS)[8:]
