"""A district as OneRoster records, free of any version.

A record is a dictionary with the field names of OneRoster 1.2; a reference is the bare sourcedId of
what it refers to, a boolean is a boolean, and users have `roles` only. `told` makes either version
of it. Everything comes from the district and the record's own id, so the same district always makes
the same records.

Choices, where OneRoster leaves room:

    ids        Sections, users, orgs and sessions keep the district's ids; enrollments get a number.
    courses    are a school's catalogue entries, as OneRoster means them: title and code by school.
    terms      A class of a whole year lists both semesters; a quarter's class its grading period.
    levels     An org between district and school is a `department` (a set of schools).
    aides      are a `proctor` in a class: OneRoster has no better closed token for them.
    leavers    Suspended students are active records with `enabledUser` false, whose enrollments
               have ended.
    names      OneRoster knows no suffix: it stands behind the family name.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

from rosterway.sandbox.district.district import District
from rosterway.sandbox.district.model import (
    Enrollment,
    Org,
    OrgKind,
    Role,
    Section,
    Session,
    Standing,
    User,
    UserKind,
)
from rosterway.sandbox.district.roster import Roster
from rosterway.sandbox.district.sessions import Calendar

Record = dict[str, Any]

ACTIVE, GONE = "active", "tobedeleted"

_ORG_TYPES = {
    OrgKind.DISTRICT: "district",
    OrgKind.LEVEL: "department",
    OrgKind.SCHOOL: "school",
}
_ROLES = {
    UserKind.STUDENT: "student",
    UserKind.TEACHER: "teacher",
    UserKind.AIDE: "aide",
    UserKind.ADMINISTRATOR: "siteAdministrator",
    UserKind.GUARDIAN: "guardian",
}
_RELATIONS = {"mother": "parent", "father": "parent", "grandparent": "relative"}
_PLACES = {Role.STUDENT: "student", Role.TEACHER: "teacher", Role.TA: "proctor"}
_HOMEROOM = "Homeroom"
_RACES = (
    "white",
    "blackOrAfricanAmerican",
    "asian",
    "americanIndianOrAlaskaNative",
    "nativeHawaiianOrOtherPacificIslander",
)


def dice(*parts: object) -> int:
    """A number of 53 bits that depends on its parts alone."""
    digest = blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 11


def district_records(district: District) -> Iterator[tuple[str, Record]]:
    """Every record of a district with its noun, zone by zone; parents come before children."""
    for session in district.sessions:
        yield "academicSession", _session(session)
    subjects: set[str] = set()
    for roster in district.rosters():
        zone = _Zone(roster, district.today)
        for org in roster.orgs.values():
            yield "org", _org(org)
        for resource in zone.resources(subjects):
            yield "resource", resource
        for noun, records in (
            ("course", zone.courses()),
            ("class", zone.classes()),
            ("user", zone.users()),
            ("demographics", zone.demographics()),
            ("enrollment", zone.enrollments()),
        ):
            for record in records:
                yield noun, record


def collect(records: Iterator[tuple[str, Record]]) -> dict[str, dict[str, Record]]:
    """Records by noun and id, with the children of orgs and sessions filled in."""
    held: dict[str, dict[str, Record]] = {}
    for noun, record in records:
        held.setdefault(noun, {})[record["sourcedId"]] = record
    for noun in ("org", "academicSession"):
        for record in held.get(noun, {}).values():
            parent = held[noun].get(record.get("parent", ""))
            if parent is not None:
                parent.setdefault("children", []).append(record["sourcedId"])
    return held


def _session(session: Session) -> Record:
    return _filled(
        sourcedId=session.id,
        status=ACTIVE,
        title=session.title,
        type=session.kind.value,
        startDate=session.first.isoformat(),
        endDate=_after(session.last),
        parent=session.parent,
        schoolYear=str(session.school_year),
    )


def _org(org: Org) -> Record:
    return _filled(
        sourcedId=org.id,
        status=ACTIVE,
        name=org.name,
        type=_ORG_TYPES[org.kind],
        identifier=f"{dice('org', org.id) % 10**7:07d}",
        parent=org.parent,
    )


class _Zone:
    """One zone's rosters, read as OneRoster."""

    def __init__(self, roster: Roster, today: date) -> None:
        self._roster = roster
        self._today = today
        self._sessions = {session.id: session for session in roster.calendar.sessions}

    def resources(self, known: set[str]) -> Iterator[Record]:
        """One textbook a subject; `known` remembers those of earlier zones."""
        for course in self._roster.courses.values():
            book = _book(course.subject)
            if book not in known:
                known.add(book)
                yield _filled(
                    sourcedId=book,
                    status=ACTIVE,
                    title=f"{course.subject}: the textbook",
                    roles=["student", "teacher"],
                    importance="primary",
                    vendorResourceId=f"isbn-{dice(book) % 10**9}",
                    vendorId="sandbox-press",
                )

    def courses(self) -> Iterator[Record]:
        """Catalogue entries by school: the first offering that stands tells the title."""
        year = self._roster.calendar.year.id
        found: dict[str, Record] = {}
        for course in self._roster.courses.values():
            key = course_key(course.school, course.code)
            stands = course.standing is not Standing.DELETED
            if key in found and (found[key]["status"] == ACTIVE or not stands):
                continue
            found[key] = _filled(
                sourcedId=key,
                status=ACTIVE if stands else GONE,
                title=course.title,
                schoolYear=year,
                courseCode=course.code,
                grades=_grades(course.grades),
                subjects=[course.subject],
                subjectCodes=[f"{dice(course.subject) % 90 + 10:02d}"],
                org=course.school,
                resources=[_book(course.subject)],
            )
        yield from found.values()

    def classes(self) -> Iterator[Record]:
        """Sections."""
        for section in self._roster.sections.values():
            course = self._roster.courses[section.course]
            gone = Standing.DELETED in {section.standing, course.standing}
            yield _filled(
                sourcedId=section.id,
                status=GONE if gone else ACTIVE,
                title=section.title,
                classCode=f"{course.code}-{course.number:02d}-{section.id[-4:]}",
                classType="homeroom" if course.subject == _HOMEROOM else "scheduled",
                location=section.room,
                grades=_grades(course.grades),
                subjects=[course.subject],
                course=course_key(course.school, course.code),
                school=course.school,
                terms=_terms(self._roster.calendar, course.session),
                subjectCodes=[f"{dice(course.subject) % 90 + 10:02d}"],
                periods=[str(section.period)] if section.period else [],
            )

    def users(self) -> Iterator[Record]:
        """Everybody, with who watches over whom on both sides."""
        places = {admin.user: admin.org for admin in self._roster.admins}
        for user in self._roster.users.values():
            wards = self._roster.wards.get(user.id, {})
            kin = wards or self._roster.guardians.get(user.id, {})
            orgs = self._orgs(user, places.get(user.id, ""))
            role = _ROLES[user.kind]
            if user.kind is UserKind.GUARDIAN and wards:
                role = _RELATIONS.get(next(iter(wards.values())), role)
            elif places.get(user.id) == user.school:
                role = "districtAdministrator"
            yield _filled(
                sourcedId=user.id,
                status=GONE if user.standing is Standing.DELETED else ACTIVE,
                username=user.login,
                userIds=[{"type": "SIS", "identifier": user.id}],
                enabledUser=user.standing is not Standing.SUSPENDED,
                givenName=user.given,
                familyName=f"{user.family}{user.suffix}",
                preferredFirstName=user.nickname,
                roles=[{"roleType": "primary", "role": role, "org": org} for org in orgs],
                primaryOrg=orgs[0],
                identifier=user.id,
                email=user.email,
                agents=list(kin),
                grades=[] if user.grade is None else _grades((user.grade,)),
            )

    def demographics(self) -> Iterator[Record]:
        """Of students alone."""
        for user in self._roster.users.values():
            if user.kind is not UserKind.STUDENT:
                continue
            luck = dice("birth", user.id)
            born = self._roster.calendar.year.first.year - 5 - (user.grade or 0)
            race = _RACES[luck // 365 % 7 % len(_RACES)]
            yield _filled(
                sourcedId=user.id,
                status=GONE if user.standing is Standing.DELETED else ACTIVE,
                birthDate=(date(born - 1, 9, 1) + timedelta(days=luck % 365)).isoformat(),
                sex=("male", "female")[luck // 7 % 2],
                **{name: name == race for name in _RACES},
                demographicRaceTwoOrMoreRaces=False,
                hispanicOrLatinoEthnicity=luck // 13 % 4 == 0,
                countryOfBirthCode="US",
            )

    def enrollments(self) -> Iterator[Record]:
        """Everybody in every section, with the dates of the class or their own."""
        for enrollment in self._roster.enrollments():
            section = self._roster.sections[enrollment.section]
            yield self._enrollment(enrollment, section)

    def _enrollment(self, enrollment: Enrollment, section: Section) -> Record:
        course = self._roster.courses[section.course]
        session = self._sessions[course.session]
        end = _after(session.last)
        if enrollment.standing is Standing.INACTIVE:
            left = self._today - timedelta(days=1 + dice("left", enrollment.user) % 40)
            end = max(left, session.first).isoformat()
        teaches = enrollment.role is Role.TEACHER
        return _filled(
            sourcedId=str(dice("enrollment", enrollment.section, enrollment.user)),
            status=GONE if enrollment.standing is Standing.DELETED else ACTIVE,
            user=enrollment.user,
            **{"class": section.id},
            school=course.school,
            role=_PLACES[enrollment.role],
            primary=enrollment.primary if teaches else None,
            beginDate=session.first.isoformat(),
            endDate=end,
        )

    def _orgs(self, user: User, administers: str) -> list[str]:
        """Where somebody belongs; guardians where their children go, the first one first."""
        roster = self._roster
        orgs = {administers: None} if administers else {user.school: None}
        for ward in roster.wards.get(user.id, {}):
            orgs[roster.users[ward].school] = None
        for enrollment in roster.schedule(user.id):
            orgs[roster.school_of(roster.sections[enrollment.section])] = None
        return [org for org in orgs if org]


def course_key(school: str, code: str) -> str:
    """The sourcedId of a course."""
    return f"{school}-{code}"


def _book(subject: str) -> str:
    return f"book-{subject.lower().replace(' ', '-')}"


def _terms(calendar: Calendar, session: str) -> list[str]:
    if session == calendar.year.id:
        return [semester.id for semester in calendar.semesters]
    return [session]


def _grades(grades: tuple[int, ...]) -> list[str]:
    """CEDS entry grade levels."""
    return [f"{grade:02d}" if grade else "KG" for grade in grades]


def _after(day: date) -> str:
    """The end of a stretch whose last day this is: OneRoster excludes the end (section 2)."""
    return (day + timedelta(days=1)).isoformat()


def _filled(**fields: Any) -> Record:
    """A record of the fields that have a value."""
    return {name: value for name, value in fields.items() if value not in ("", None, [])}
