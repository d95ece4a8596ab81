"""Every operation of OneRoster 1.1 and 1.2, as a table (oneroster.md sections 6, 8 and 11).

One row an operation: name, verb, path, what it answers, the scopes of 1.2 and of 1.1 any of which
opens it. `-` stands for a version that does not have it. `answers` is a collection's key, or a
noun for one object; with POST what the body holds.
"""

from dataclasses import dataclass

from rosterway.sandbox.sis.model.nouns import COLLECTIONS, NOUN_OF

#: Version and service -> the root its paths are below.
ROOTS = {
    ("1.1", "rostering"): "/ims/oneroster/v1p1",
    ("1.1", "gradebook"): "/ims/oneroster/v1p1",
    ("1.1", "resources"): "/ims/oneroster/v1p1",
    ("1.2", "rostering"): "/ims/oneroster/rostering/v1p2",
    ("1.2", "gradebook"): "/ims/oneroster/gradebook/v1p2",
    ("1.2", "resources"): "/ims/oneroster/resources/v1p2",
}
VERSIONS = ("1.1", "1.2")
_SCOPES = "https://purl.imsglobal.org/spec/or/{}/scope/"
SCOPE_PREFIXES = {"1.1": _SCOPES.format("v1p1"), "1.2": _SCOPES.format("v1p2")}

_ALL, _CORE, _DEMO = "roster", "roster+roster-core", "roster-demographics"
_GB, _GBC, _RES, _RESC = "gradebook", "gradebook+gradebook-core", "resource", "resource+core"

_READ = {
    _ALL: (("roster.readonly",), ("roster.readonly",)),
    _CORE: (("roster.readonly", "roster-core.readonly"),) * 2,
    _DEMO: (("roster-demographics.readonly",),) * 2,
    _GB: (("gradebook.readonly",),) * 2,
    _GBC: (("gradebook.readonly", "gradebook-core.readonly"), ("gradebook.readonly",)),
    _RES: (("resource.readonly",),) * 2,
    _RESC: (("resource.readonly", "resource-core.readonly"), ("resource.readonly",)),
}

#: Reads: operation, path, answers, scopes; 1.2 only where a star leads.
_READS = f"""
rostering
 getAllAcademicSessions /academicSessions academicSessions {_CORE}
 getAcademicSession /academicSessions/{{id}} academicSession {_CORE}
 getAllClasses /classes classes {_CORE}
 getStudentsForClass /classes/{{class}}/students users {_ALL}
 getTeachersForClass /classes/{{class}}/teachers users {_ALL}
 getClass /classes/{{id}} class {_CORE}
 getAllCourses /courses courses {_CORE}
 getClassesForCourse /courses/{{course}}/classes classes {_ALL}
 getCourse /courses/{{id}} course {_CORE}
 getAllDemographics /demographics demographics {_DEMO}
 getDemographics /demographics/{{id}} demographics {_DEMO}
 getAllEnrollments /enrollments enrollments {_CORE}
 getEnrollment /enrollments/{{id}} enrollment {_CORE}
 getAllGradingPeriods /gradingPeriods academicSessions {_CORE}
 getGradingPeriod /gradingPeriods/{{id}} academicSession {_CORE}
 getAllOrgs /orgs orgs {_CORE}
 getOrg /orgs/{{id}} org {_CORE}
 getAllSchools /schools orgs {_CORE}
 getClassesForSchool /schools/{{school}}/classes classes {_ALL}
 getEnrollmentsForClassInSchool /schools/{{school}}/classes/{{class}}/enrollments enrollments {_ALL}
 getStudentsForClassInSchool /schools/{{school}}/classes/{{class}}/students users {_ALL}
 getTeachersForClassInSchool /schools/{{school}}/classes/{{class}}/teachers users {_ALL}
 getCoursesForSchool /schools/{{school}}/courses courses {_ALL}
 getEnrollmentsForSchool /schools/{{school}}/enrollments enrollments {_ALL}
 getStudentsForSchool /schools/{{school}}/students users {_ALL}
 getTeachersForSchool /schools/{{school}}/teachers users {_ALL}
 getTermsForSchool /schools/{{school}}/terms academicSessions {_ALL}
 getSchool /schools/{{id}} org {_CORE}
 getAllStudents /students users {_CORE}
 getStudent /students/{{id}} user {_CORE}
 getClassesForStudent /students/{{student}}/classes classes {_ALL}
 getAllTeachers /teachers users {_CORE}
 getTeacher /teachers/{{id}} user {_CORE}
 getClassesForTeacher /teachers/{{teacher}}/classes classes {_ALL}
 getAllTerms /terms academicSessions {_CORE}
 getTerm /terms/{{id}} academicSession {_CORE}
 getClassesForTerm /terms/{{term}}/classes classes {_ALL}
 getGradingPeriodsForTerm /terms/{{term}}/gradingPeriods academicSessions {_ALL}
 getAllUsers /users users {_CORE}
 getUser /users/{{id}} user {_CORE}
 getClassesForUser /users/{{user}}/classes classes {_ALL}
gradebook
 getAllCategories /categories categories {_GBC}
 getCategory /categories/{{id}} category {_GBC}
 *getCategoriesForClass /classes/{{class}}/categories categories {_GB}
 getLineItemsForClass /classes/{{class}}/lineItems lineItems {_GB}
 getResultsForLineItemForClass /classes/{{class}}/lineItems/{{lineItem}}/results results {_GB}
 getResultsForClass /classes/{{class}}/results results {_GB}
 *getScoreScalesForClass /classes/{{class}}/scoreScales scoreScales {_GB}
 getResultsForStudentForClass /classes/{{class}}/students/{{student}}/results results {_GB}
 getAllLineItems /lineItems lineItems {_GBC}
 getLineItem /lineItems/{{id}} lineItem {_GBC}
 getAllResults /results results {_GBC}
 getResult /results/{{id}} result {_GBC}
 *getScoreScalesForSchool /schools/{{school}}/scoreScales scoreScales {_GB}
 *getAllScoreScales /scoreScales scoreScales {_GBC}
 *getScoreScale /scoreScales/{{id}} scoreScale {_GBC}
 *getAllAssessmentLineItems /assessmentLineItems assessmentLineItems assessment
 *getAssessmentLineItem /assessmentLineItems/{{id}} assessmentLineItem assessment
 *getAllAssessmentResults /assessmentResults assessmentResults assessment
 *getAssessmentResult /assessmentResults/{{id}} assessmentResult assessment
resources
 getResourcesForClass /classes/{{class}}/resources resources {_RES}
 getResourcesForCourse /courses/{{course}}/resources resources {_RES}
 getAllResources /resources resources {_RESC}
 getResource /resources/{{id}} resource {_RESC}
 *getResourcesForUser /users/{{user}}/resources resources {_RES}
"""

#: What may be written one by one, by PUT and DELETE; the family of its scopes.
_WRITTEN = (
    ("category", "Category", "gradebook", VERSIONS),
    ("lineItem", "LineItem", "gradebook", VERSIONS),
    ("result", "Result", "gradebook", VERSIONS),
    ("scoreScale", "ScoreScale", "gradebook", ("1.2",)),
    ("assessmentLineItem", "AssessmentLineItem", "assessment", ("1.2",)),
    ("assessmentResult", "AssessmentResult", "assessment", ("1.2",)),
)

#: What may be written many at once, in 1.2 alone.
_POSTED = (
    (
        "postResultsForAcademicSessionForClass",
        "/classes/{class}/academicSessions/{session}/results",
        "results",
    ),
    ("postLineItemsForClass", "/classes/{class}/lineItems", "lineItems"),
    ("postResultsForLineItem", "/lineItems/{lineItem}/results", "results"),
    ("postLineItemsForSchool", "/schools/{school}/lineItems", "lineItems"),
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of a version: its verb, its whole path, what it is about, what opens it."""

    id: str
    version: str
    service: str
    method: str
    path: str
    noun: str
    envelope: str
    many: bool
    scopes: tuple[str, ...]

    @property
    def address(self) -> str:
        """The path from the host on."""
        return ROOTS[self.version, self.service] + self.path

    @property
    def is_core(self) -> bool:
        """Whether it reads a whole collection or one object, not what belongs to something."""
        return all(part in {"", "{id}"} or "{" not in part for part in self.path.split("/"))


def _reads() -> list[Operation]:
    found: list[Operation] = []
    service = ""
    for line in _READS.strip().splitlines():
        if not line.startswith(" "):
            service = line
            continue
        name, path, answers, scopes = line.split()
        many = not path.endswith("/{id}")
        noun = NOUN_OF[answers] if many else answers
        opened = _READ.get(scopes, (("assessment.readonly",),) * 2)
        for version in VERSIONS[name.startswith("*") :]:
            names = opened[0 if version == "1.2" else 1]
            found.append(
                Operation(
                    name.lstrip("*"), version, service, "GET", path, noun, answers, many, names
                )
            )
    return found


def _writes() -> list[Operation]:
    found: list[Operation] = []
    for noun, title, family, versions in _WRITTEN:
        path = f"/{COLLECTIONS[noun]}/{{id}}"
        for version in versions:
            for verb, scope in (("PUT", "createput"), ("DELETE", "delete")):
                name = f"{verb.lower()}{title}"
                scopes = (f"{family}.{scope}",)
                found.append(
                    Operation(name, version, "gradebook", verb, path, noun, noun, False, scopes)
                )
    for name, path, envelope in _POSTED:
        scopes = ("gradebook.createpost",)
        noun = NOUN_OF[envelope]
        found.append(
            Operation(name, "1.2", "gradebook", "POST", path, noun, envelope, True, scopes)
        )
    return found


#: All 61 of 1.1 and all 81 of 1.2.
OPERATIONS: tuple[Operation, ...] = (*_reads(), *_writes())


def scopes_of(version: str) -> tuple[str, ...]:
    """Every scope a version knows, whole."""
    names = {name for op in OPERATIONS if op.version == version for name in op.scopes}
    return tuple(SCOPE_PREFIXES[version] + name for name in sorted(names))
