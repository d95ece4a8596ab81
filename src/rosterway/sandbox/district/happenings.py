"""What happens in a district: each function lets one thing happen to a roster, or says it cannot.

Nothing here leaves a clash or an overfull room behind: who changes class stays in their school and
their periods. People and classes that go mostly vanish from the files, as with real SISs; some
students stay in them as suspended, their enrollments as deleted.
"""

from dataclasses import dataclass, field, replace
from random import Random

from rosterway.sandbox.district.model import (
    Enrollment,
    Role,
    Section,
    Standing,
    User,
    UserKind,
)
from rosterway.sandbox.district.names import any_heritage
from rosterway.sandbox.district.people import married
from rosterway.sandbox.district.roster import Roster
from rosterway.sandbox.district.zones import enroll_family

#: A counselor squeezes in so many.
_OVER = 2
#: At most so many start a new section, and at least so many stay.
_START, _STAY = 9, 15
_ADDITIONS = ("", " (Revised)", " (Integrated)", " (Dual Credit)")


@dataclass(slots=True)
class Openings:
    """Where there may be a seat: sections by school, session and period; homerooms by grade."""

    by_period: dict[tuple[str, str, int], list[str]] = field(
        default_factory=dict[tuple[str, str, int], list[str]]
    )
    homerooms: dict[tuple[str, int], dict[str, dict[str, str]]] = field(
        default_factory=dict[tuple[str, int], dict[str, dict[str, str]]]
    )  #: school and grade -> homeroom -> course code -> section

    @classmethod
    def of(cls, roster: Roster) -> "Openings":
        """Those of a roster as it is now."""
        openings = cls()
        for section in roster.sections.values():
            course = roster.courses[section.course]
            if Standing.ACTIVE is not section.standing or Standing.ACTIVE is not course.standing:
                continue
            if section.homeroom:
                rooms = openings.homerooms.setdefault((course.school, course.grades[0]), {})
                rooms.setdefault(section.homeroom, {})[course.code] = section.id
            else:
                key = course.school, course.session, section.period
                openings.by_period.setdefault(key, []).append(section.id)
        return openings


def leave(roster: Roster, student: User, rng: Random) -> None:
    """A student goes: two thirds vanish with their guardians, the others are still spoken of."""
    if rng.random() < 0.65:
        roster.remove_user(student.id)
        return
    roster.users[student.id] = replace(student, standing=Standing.SUSPENDED)
    for enrollment in roster.schedule(student.id):
        roster.enroll(replace(enrollment, standing=Standing.DELETED))


def join(roster: Roster, classmate: User, rng: Random) -> None:
    """A student comes, into the classes of one who is there already."""
    grade = classmate.grade or 0
    for child in list(enroll_family(roster, [(classmate.school, grade)], rng)):
        for place in roster.schedule(classmate.id):
            roster.enroll(Enrollment(place.section, child.id, Role.STUDENT))


def change_class(roster: Roster, openings: Openings, student: User, rng: Random) -> bool:
    """A student changes homeroom, or one class of the timetable for another at the same time."""
    places = roster.schedule(student.id)
    rng.shuffle(places)
    for place in places:
        section = roster.sections[place.section]
        if section.homeroom:
            return _change_homeroom(roster, openings, student, section.homeroom, rng)
        target = _other_class(roster, openings, student, section, rng)
        if target:
            roster.move(place, target)
            return True
    return False


def _change_homeroom(
    roster: Roster, openings: Openings, student: User, homeroom: str, rng: Random
) -> bool:
    rooms = openings.homerooms[student.school, student.grade or 0]
    others = [
        name
        for name, sections in rooms.items()
        if name != homeroom
        and sections.keys() == rooms[homeroom].keys()
        and all(_has_seat(roster, section) for section in sections.values())
    ]
    if not others:
        return False
    target = rooms[rng.choice(others)]
    for place in roster.schedule(student.id):
        roster.move(place, target[roster.courses[roster.sections[place.section].course].code])
    return True


def _other_class(
    roster: Roster, openings: Openings, student: User, section: Section, rng: Random
) -> str | None:
    course = roster.courses[section.course]
    known = roster.schedules[student.id]
    codes = {roster.courses[roster.sections[at].course].code for at in known} - {course.code}
    options = openings.by_period.get((course.school, course.session, section.period), [])
    for option in rng.sample(options, len(options)):
        other = roster.courses[roster.sections[option].course]
        if (
            option not in known
            and student.grade in other.grades
            and other.code not in codes
            and _has_seat(roster, option)
        ):
            return option
    return None


def _has_seat(roster: Roster, section: str) -> bool:
    return len(roster.roll(section)) < roster.sections[section].seats + _OVER


def change_name(roster: Roster, rng: Random) -> None:
    """Somebody marries, or is adopted; staff and parents more often than children."""
    everybody = [user for user in roster.users.values() if user.standing is Standing.ACTIVE]
    grown = [user for user in everybody if user.kind is not UserKind.STUDENT]
    user = rng.choice(grown if grown and rng.random() < 0.8 else everybody)
    roster.users[user.id] = married(user, rng)


def rename_course(roster: Roster, rng: Random) -> None:
    """A school corrects the title of a course, in every offering of it."""
    live = [course for course in roster.courses.values() if course.standing is Standing.ACTIVE]
    chosen = rng.choice(live)
    for course in live:
        if (course.school, course.code) == (chosen.school, chosen.code):
            roster.courses[course.id] = replace(course, title=_corrected(course.title))


def _corrected(title: str) -> str:
    """The title with the next addition behind it: they take turns, one of them is none."""
    bare, _, addition = title.partition(" (")
    now = _ADDITIONS.index(f" ({addition}") if addition else 0
    return bare + _ADDITIONS[(now + 1) % len(_ADDITIONS)]


def open_section(roster: Roster, openings: Openings, rng: Random) -> bool:
    """A crowded class is split: some students and another teacher start a section beside it."""
    crowded = [
        section
        for sections in openings.by_period.values()
        for section in sections
        if section not in roster.crosslists and len(roster.roll(section)) >= _START + _STAY
    ]
    if not crowded:
        return False
    source = roster.sections[rng.choice(crowded)]
    beside = replace(
        source,
        id=roster.registrar.section_id(roster.school_of(source)),
        title=f"{source.title.removesuffix(' (B)')} (B)",
    )
    roster.add_section(beside)
    teacher = _substitute(roster, roster.school_of(source), [source.period], rng)
    roster.enroll(Enrollment(beside.id, teacher, Role.TEACHER, primary=True))
    for place in rng.sample(roster.roll(source.id), _START):
        roster.move(place, beside.id)
    return True


def merge_sections(roster: Roster, openings: Openings, rng: Random) -> bool:
    """Of two small classes at the same time the smaller joins the other, its teacher as well."""
    pairs: list[tuple[int, str, str]] = []
    for options in openings.by_period.values():
        first_of: dict[str, str] = {}
        for option in options:
            if option in roster.crosslists or not roster.roll(option):
                continue
            other = first_of.setdefault(roster.courses[roster.sections[option].course].code, option)
            together = len(roster.roll(option)) + len(roster.roll(other))
            if other != option and together <= roster.sections[option].seats + _OVER:
                pairs.append((together, other, option))
    if not pairs:
        return False
    _, kept, closed = rng.choice(sorted(pairs)[:5])
    if len(roster.roll(kept)) < len(roster.roll(closed)):
        kept, closed = closed, kept
    for place in roster.roll(closed) + roster.roll(closed, Role.TEACHER):
        there = roster.rolls[kept].get(place.user)
        if there is None or there.standing is not Standing.ACTIVE:
            roster.move(replace(place, primary=False), kept)
    roster.remove_section(closed)
    return True


def swap_teacher(roster: Roster, rng: Random) -> bool:
    """The teacher of a course goes on leave; somebody who is free takes all of its sections."""
    leading = [
        place
        for place in roster.enrollments()
        if place.primary and place.standing is Standing.ACTIVE
    ]
    if not leading:
        return False
    chosen = rng.choice(leading)
    course = roster.sections[chosen.section].course
    theirs = [
        place
        for place in leading
        if place.user == chosen.user and roster.sections[place.section].course == course
    ]
    periods = [roster.sections[place.section].period for place in theirs]
    substitute = _substitute(roster, roster.courses[course].school, periods, rng)
    for place in theirs:
        roster.drop(place)
        roster.enroll(replace(place, user=substitute))
    return True


def _substitute(roster: Roster, school: str, periods: list[int], rng: Random) -> str:
    """Who can teach in these periods: a teacher of the school, or else somebody new."""
    if 0 not in periods:
        for user in roster.users.values():
            if (
                user.school == school
                and user.kind is UserKind.TEACHER
                and user.standing is Standing.ACTIVE
                and all(roster.free_at(user.id, period) for period in periods)
            ):
                return user.id
    hired = roster.registrar.staff(rng, UserKind.TEACHER, school)
    roster.add_user(hired)
    return hired.id


def add_observer(roster: Roster, student: User, rng: Random) -> None:
    """One more guardian of a student gets an account."""
    guardian = roster.registrar.guardian(rng, heritage=any_heritage(rng), family=student.family)
    roster.add_user(guardian)
    roster.link(guardian.id, student.id, "guardian")
