"""The reads of rostering, by their 1EdTech names: what they return and where they are.

Facts: oneroster.md 6 (the same 41 operations in 1.1 and 1.2) and, for the two services,
instructure-integration.md S1. Single records are not read here: a pull reads collections.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from rosterway.formats.oneroster import nouns
from rosterway.formats.oneroster.nouns import Noun
from rosterway.settings.shape import Service, Version


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One collection. `path` is below the rostering root, `{school}` stands for a school's id."""

    name: str
    path: str
    noun: Noun
    demographics: bool = False

    @property
    def is_per_school(self) -> bool:
        """Whether it is read once for every school."""
        return "{school}" in self.path

    def path_for(self, school: str | None = None) -> str:
        """The path, with the school's id percent-encoded: a `/` in an id is legal."""
        return self.path.replace("{school}", quote(school or "", safe=""))


_ALL = (
    Endpoint("getAllOrgs", "/orgs", nouns.ORG),
    Endpoint("getAllSchools", "/schools", nouns.ORG),
    Endpoint("getAllAcademicSessions", "/academicSessions", nouns.ACADEMIC_SESSION),
    Endpoint("getAllTerms", "/terms", nouns.ACADEMIC_SESSION),
    Endpoint("getAllGradingPeriods", "/gradingPeriods", nouns.ACADEMIC_SESSION),
    Endpoint("getAllCourses", "/courses", nouns.COURSE),
    Endpoint("getAllClasses", "/classes", nouns.CLASS),
    Endpoint("getAllUsers", "/users", nouns.USER),
    Endpoint("getAllStudents", "/students", nouns.USER),
    Endpoint("getAllTeachers", "/teachers", nouns.USER),
    Endpoint("getAllEnrollments", "/enrollments", nouns.ENROLLMENT),
    Endpoint("getAllDemographics", "/demographics", nouns.DEMOGRAPHICS, demographics=True),
    Endpoint("getTermsForSchool", "/schools/{school}/terms", nouns.ACADEMIC_SESSION),
    Endpoint("getCoursesForSchool", "/schools/{school}/courses", nouns.COURSE),
    Endpoint("getClassesForSchool", "/schools/{school}/classes", nouns.CLASS),
    Endpoint("getStudentsForSchool", "/schools/{school}/students", nouns.USER),
    Endpoint("getTeachersForSchool", "/schools/{school}/teachers", nouns.USER),
    Endpoint("getEnrollmentsForSchool", "/schools/{school}/enrollments", nouns.ENROLLMENT),
)
ENDPOINTS: Mapping[str, Endpoint] = MappingProxyType({each.name: each for each in _ALL})

#: Table S1. The school-specific service lists neither classes nor users, so both come in bulk.
SERVICES: Mapping[Service, tuple[str, ...]] = MappingProxyType(
    {
        Service.BULK: (
            "getAllOrgs",
            "getAllSchools",
            "getAllAcademicSessions",
            "getAllTerms",
            "getAllGradingPeriods",
            "getAllCourses",
            "getAllClasses",
            "getAllUsers",
            "getAllStudents",
            "getAllTeachers",
            "getAllEnrollments",
            "getAllDemographics",
        ),
        Service.SCHOOL: (
            "getAllOrgs",
            "getAllSchools",
            "getAllAcademicSessions",
            "getAllGradingPeriods",
            "getAllClasses",
            "getAllUsers",
            "getTermsForSchool",
            "getCoursesForSchool",
            "getStudentsForSchool",
            "getTeachersForSchool",
            "getEnrollmentsForSchool",
        ),
    }
)

#: What one of the others gives too (oneroster 6: six collections are a roster), and what has a
#: scope of its own. Instructure asks that of two endpoints with the same data one be excluded.
EXCLUDED: Mapping[Service, tuple[str, ...]] = MappingProxyType(
    {
        Service.BULK: (
            "getAllSchools",
            "getAllTerms",
            "getAllGradingPeriods",
            "getAllStudents",
            "getAllTeachers",
            "getAllDemographics",
        ),
        Service.SCHOOL: ("getAllGradingPeriods", "getAllUsers", "getTermsForSchool"),
    }
)


def endpoints_of(service: Service, excluded: Iterable[str] | None = None) -> tuple[Endpoint, ...]:
    """The endpoints a service reads; `excluded` (names or bulk paths) None: those of `EXCLUDED`."""
    leave = frozenset(EXCLUDED[service] if excluded is None else excluded)
    return tuple(
        each
        for each in (ENDPOINTS[name] for name in SERVICES[service])
        if each.name not in leave and each.path not in leave and each.path[1:] not in leave
    )


#: Where rostering lies below the provider's address, by version (oneroster 1).
ROOTS: Mapping[Version, str] = MappingProxyType(
    {Version.V1P1: "/ims/oneroster/v1p1", Version.V1P2: "/ims/oneroster/rostering/v1p2"}
)


def scopes(version: Version, endpoints: Iterable[Endpoint]) -> tuple[str, ...]:
    """The scopes that reading these takes: the union, for no server agrees on what "either" is.

    A server was seen refusing `/enrollments` with the core scope alone, so both are asked for.
    """
    prefix = f"https://purl.imsglobal.org/spec/or/v{version.replace('.', 'p')}/scope/"
    names = ["roster-core.readonly", "roster.readonly"]
    if any(each.demographics for each in endpoints):
        names.append("roster-demographics.readonly")
    return tuple(prefix + name for name in names)
