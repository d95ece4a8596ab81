"""A zone filled with people: families first, then each school's sections and their teachers."""

from collections.abc import Iterator
from math import ceil
from random import Random

from rosterway.sandbox.district.catalogue import HOMEROOM, SPECIALS, SUMMER, Entry
from rosterway.sandbox.district.layout import SchoolPlan, ZonePlan
from rosterway.sandbox.district.leftovers import leave_traces
from rosterway.sandbox.district.luck import share_of
from rosterway.sandbox.district.model import (
    Enrollment,
    Org,
    OrgKind,
    Role,
    Standing,
    User,
    UserKind,
)
from rosterway.sandbox.district.names import any_heritage, family_name
from rosterway.sandbox.district.roster import Roster
from rosterway.sandbox.district.staffing import School, Specialists
from rosterway.sandbox.district.timetable import Requests, timetable

_CHILDREN = (1, 2, 3, 4)
_CHILDREN_WEIGHTS = (55, 87, 97, 100)
_GUARDIANS_WEIGHTS = (15, 55, 100)
_RELATIONS = ("mother", "father", "guardian", "grandparent")
_HOMEROOM_SEATS = 24
_SMALL = 250


def fill_zone(roster: Roster, plan: ZonePlan, parents: dict[str, str], rng: Random) -> None:
    """Put a whole zone into an empty roster; `parents` names the org each school stands under."""
    for school in plan.schools:
        roster.orgs[school.id] = Org(school.id, school.name, OrgKind.SCHOOL, parents[school.id])
    children = _families(roster, plan, rng)
    specialists = Specialists()
    for school in plan.schools:
        pupils = children[school.id]
        small = len(pupils) < _SMALL
        staffed = School(roster, school.id, periods=school.periods, small=small, rng=rng)
        early = [pupil for pupil in pupils if (pupil.grade or 0) <= school.homerooms_to]
        late = [pupil for pupil in pupils if (pupil.grade or 0) > school.homerooms_to]
        _summer_school(staffed, late)
        _homerooms(staffed, early, specialists)
        _periods(staffed, school, late)
        _crosslist(staffed)
        leave_traces(roster, school.id, pupils, rng)


def enroll_family(roster: Roster, places: list[tuple[str, int]], rng: Random) -> Iterator[User]:
    """Brothers and sisters at (school, grade), and whoever of their guardians has an account."""
    heritage = any_heritage(rng)
    family = family_name(heritage, rng)
    registrar = roster.registrar
    guardians = [
        registrar.guardian(rng, heritage=heritage, family=family)
        for _ in range(rng.choices((0, 1, 2), cum_weights=_GUARDIANS_WEIGHTS)[0])
    ]
    for school, grade in places:
        child = registrar.student(rng, heritage=heritage, family=family, school=school, grade=grade)
        roster.add_user(child)
        for guardian in guardians:
            roster.link(guardian.id, child.id, rng.choice(_RELATIONS))
        yield child
    for guardian in guardians:
        roster.add_user(guardian)


def _families(roster: Roster, plan: ZonePlan, rng: Random) -> dict[str, list[User]]:
    """All children of a zone, by school."""
    places = [
        (school.id, grade)
        for school in plan.schools
        for grade, count in school.students.items()
        for _ in range(count)
    ]
    rng.shuffle(places)
    children: dict[str, list[User]] = {school.id: [] for school in plan.schools}
    at = 0
    while at < len(places):
        size = rng.choices(_CHILDREN, cum_weights=_CHILDREN_WEIGHTS)[0]
        for child in enroll_family(roster, places[at : at + size], rng):
            children[child.school].append(child)
        at += size
    return children


def _homerooms(school: School, pupils: list[User], specialists: Specialists) -> None:
    """Children who spend the day together: core courses with one teacher, specials with others."""
    if not pupils:
        return
    rooms: list[tuple[int, list[User]]] = []
    for grade in sorted({pupil.grade or 0 for pupil in pupils}):
        peers = [pupil for pupil in pupils if pupil.grade == grade]
        count = ceil(len(peers) / _HOMEROOM_SEATS)
        rooms.extend((grade, peers[at::count]) for at in range(count))
    special_desks = {
        entry.subject: specialists.take(school, entry.subject, len(rooms)) for entry in SPECIALS[0]
    }
    teacher, taken = school.hire(), 0
    for at, (grade, peers) in enumerate(rooms):
        taken += len(peers)
        if taken > _HOMEROOM_SEATS and at:
            teacher, taken = school.hire(), len(peers)
        lessons = [(entry, teacher) for entry in HOMEROOM[grade]]
        lessons += [(entry, special_desks[entry.subject][at]) for entry in SPECIALS[grade]]
        homeroom = ""
        for entry, desk in lessons:
            session = school.roster.calendar.running[entry.span]
            section = school.open_section(
                school.course(entry, session, desk.user),
                desk,
                period=0,
                seats=_HOMEROOM_SEATS + 4,
                homeroom=homeroom or f"{school.id}-{teacher.room}-{grade}",
            )
            homeroom = section.homeroom
            for pupil in peers:
                school.roster.enroll(Enrollment(section.id, pupil.id, Role.STUDENT))
            if desk is teacher and entry.subject == "HRM":
                _help_homeroom(school, section.id, grade)


def _help_homeroom(school: School, section: str, grade: int) -> None:
    """The youngest have an aide more often."""
    if school.rng.random() < (0.4 if grade < 2 else 0.1):
        aide = school.free_desk("AID", 0, kind=UserKind.AIDE)
        school.roster.enroll(Enrollment(section, aide.user, Role.TA))


def _periods(school: School, plan: SchoolPlan, pupils: list[User]) -> None:
    """Students who change rooms with the bell."""
    requests = Requests(len(pupils), plan.periods)
    wanted = {pupil.id: requests.of_student(pupil.grade or 0, school.rng) for pupil in pupils}
    grades = {pupil.id: pupil.grade or 0 for pupil in pupils}
    sections = timetable(wanted, grades, plan.periods)
    for planned in sorted(sections, key=lambda section: (section.entry.code, section.period)):
        entry = planned.entry
        desk = school.free_desk(entry.subject, planned.period, entry.code)
        course = school.course(entry, school.roster.calendar.running[entry.span], desk.user)
        section = school.open_section(course, desk, period=planned.period, seats=entry.seats)
        for student in planned.students:
            school.roster.enroll(Enrollment(section.id, student, Role.STUDENT))
        school.help_in(section, coteacher=0.07, aide=0.05)


def _summer_school(school: School, pupils: list[User]) -> None:
    """The few who repeated a course in the session that is over."""
    older = [pupil for pupil in pupils if (pupil.grade or 0) > 9]
    repeating = school.rng.sample(older, share_of(len(older), 0.06, school.rng))
    for at, entry in enumerate(SUMMER):
        _one_summer_course(school, entry, repeating[at :: len(SUMMER)])


def _one_summer_course(school: School, entry: Entry, pupils: list[User]) -> None:
    for at in range(0, len(pupils), entry.seats):
        desk = school.free_desk(entry.subject, 0)
        session = school.roster.calendar.summer.id
        course = school.course(entry, session, desk.user, Standing.COMPLETED)
        section = school.open_section(course, desk, period=0, seats=entry.seats)
        for pupil in pupils[at : at + entry.seats]:
            school.roster.enroll(Enrollment(section.id, pupil.id, Role.STUDENT, Standing.COMPLETED))


def _crosslist(school: School) -> None:
    """Teachers who give two small courses of a subject as one in Canvas."""
    roster = school.roster
    taught: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    for section in roster.sections.values():
        course = roster.courses[section.course]
        if course.school != school.id or section.homeroom or course.standing is not Standing.ACTIVE:
            continue
        for enrollment in roster.roll(section.id, Role.TEACHER):
            if enrollment.primary:
                key = enrollment.user, course.session, course.subject
                taught.setdefault(key, {}).setdefault(course.id, []).append(section.id)
    for courses in taught.values():
        if len(courses) > 1 and school.rng.random() < 0.25:
            target, guest = list(courses)[:2]
            for section_id in courses[guest]:
                roster.crosslists[section_id] = target
