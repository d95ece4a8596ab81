"""The files of a OneRoster CSV bundle and their columns, by version (oneroster.md section 13.3).

A column is in every version unless it ends in `@` and one: `@1.1`, `@1.2` (and 1.2.1), `@1.2.0`
(1.2 before its correction). A file that only 1.2 has is marked the same way. Columns stand in the
order of the binding; 1.1's own stand where they stood.
"""

CSV_VERSIONS = ("1.1", "1.2", "1.2.1")

_HEAD = "sourcedId status dateLastModified"

_FILES = {
    "academicSessions": "title type startDate endDate parentSourcedId schoolYear",
    "categories": "title weight@1.2",
    "classes": (
        "title grades courseSourcedId classCode classType location schoolSourcedId termSourcedIds"
        " subjects subjectCodes periods"
    ),
    "classResources": "title classSourcedId resourceSourcedId",
    "courses": ("schoolYearSourcedId title courseCode grades orgSourcedId subjects subjectCodes"),
    "courseResources": "title courseSourcedId resourceSourcedId",
    "demographics": (
        "birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican"
        " nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces"
        " hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation cityOfBirth"
        " publicSchoolResidenceStatus"
    ),
    "enrollments": ("classSourcedId schoolSourcedId userSourcedId role primary beginDate endDate"),
    "lineItemLearningObjectiveIds@1.2": "lineItemSourcedId source learningObjectiveId",
    "lineItems": (
        "title description assignDate dueDate classSourcedId categorySourcedId"
        " gradingPeriodSourcedId@1.1 academicSessionSourcedId@1.2 resultValueMin resultValueMax"
        " schoolSourcedId@1.2"
    ),
    "lineItemScoreScales@1.2": "title lineItemSourcedId scoreScaleSourcedId",
    "orgs": "name type identifier parentSourcedId",
    "resources": "vendorResourceId title roles importance vendorId applicationId",
    "resultLearningObjectiveIds@1.2": (
        "resultSourcedId source learningObjectiveId score textScore"
    ),
    "results": (
        "lineItemSourcedId studentSourcedId scoreStatus score scoreDate comment textScore@1.2"
        " classSourcedId@1.2 inProgress@1.2 incomplete@1.2 late@1.2 missing@1.2"
    ),
    "resultScoreScales@1.2": "title resultSourcedId scoreScaleSourcedId",
    "roles@1.2": (
        "userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId"
    ),
    "scoreScales@1.2": ("title type orgSourcedId courseSourcedId classSourcedId scoreScaleValue"),
    "userProfiles@1.2": (
        "userSourcedId profileType vendorId applicationId description credentialType username"
        " password"
    ),
    "userResources@1.2": "userSourcedId orgSourcedId classSourcedId resourceSourcedId",
    "users": (
        "enabledUser orgSourcedIds@1.1 role@1.1 username userIds givenName familyName middleName"
        " identifier email sms phone agentSourcedIds grades password userMasterIdentifier@1.2"
        " resourceSourcedIds@1.2.0 preferredGivenName@1.2 preferredMiddleName@1.2"
        " preferredFamilyName@1.2 primaryOrgSourcedId@1.2 pronouns@1.2"
    ),
}

#: Columns named otherwise than the field of the record.
RENAMED = {
    "preferredGivenName": "preferredFirstName",
    "preferredFamilyName": "preferredLastName",
}
#: Columns that are a day though the field is a moment (section 13.3).
DAYS = frozenset({"assignDate", "dueDate", "scoreDate"})
#: Columns that are whole numbers though the field is not.
WHOLE = frozenset({"weight"})


def _is_of(version: str, marked: str) -> bool:
    mark = marked.partition("@")[2]
    if mark == "1.2":
        return version != "1.1"
    return not mark or mark == ("1.2.0" if version == "1.2" else version)


def columns(version: str) -> dict[str, tuple[str, ...]]:
    """Every file of a version, with its columns."""
    return {
        name.partition("@")[0]: tuple(
            column.partition("@")[0]
            for column in f"{_HEAD} {listed}".split()
            if _is_of(version, column)
        )
        for name, listed in _FILES.items()
        if _is_of(version, name)
    }
