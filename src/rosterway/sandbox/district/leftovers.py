"""What a real SIS still sends of people and classes that are no more.

Rows that say so in their status: students who left early in the year (suspended with inactive
enrollments, or deleted), classes dropped in the first week, a section and a course that never took
place, a teacher who retired.
"""

from dataclasses import replace
from random import Random

from rosterway.sandbox.district.luck import share_of
from rosterway.sandbox.district.model import (
    Enrollment,
    Role,
    Section,
    Standing,
    User,
    UserKind,
)
from rosterway.sandbox.district.names import any_heritage, family_name
from rosterway.sandbox.district.roster import Roster

_LARGE = 200


def leave_traces(roster: Roster, school: str, pupils: list[User], rng: Random) -> None:
    """Add to a filled school what is left of its past."""
    _gone_students(roster, pupils, rng)
    sections = [
        section for section in roster.sections.values() if roster.school_of(section) == school
    ]
    _dropped_classes(roster, sections, pupils, rng)
    if len(pupils) >= _LARGE:
        _never_held(roster, school, sections, rng)
        retired = roster.registrar.staff(rng, UserKind.TEACHER, school)
        roster.add_user(replace(retired, standing=Standing.DELETED))


def _gone_students(roster: Roster, pupils: list[User], rng: Random) -> None:
    """Suspended ones keep their classmate's schedule, inactive; deleted ones have none."""
    for classmate in rng.sample(pupils, share_of(len(pupils), 0.004, rng)):
        heritage = any_heritage(rng)
        gone = roster.registrar.student(
            rng,
            heritage=heritage,
            family=family_name(heritage, rng),
            school=classmate.school,
            grade=classmate.grade or 0,
        )
        if rng.random() < 0.5:
            roster.add_user(replace(gone, standing=Standing.DELETED))
            continue
        roster.add_user(replace(gone, standing=Standing.SUSPENDED))
        for place in roster.schedule(classmate.id):
            roster.enroll(Enrollment(place.section, gone.id, Role.STUDENT, Standing.INACTIVE))


def _dropped_classes(
    roster: Roster, sections: list[Section], pupils: list[User], rng: Random
) -> None:
    """A first choice given up: the old enrollment is still sent, as deleted."""
    older = [pupil for pupil in pupils if (pupil.grade or 0) > 6]
    elective = [
        section
        for section in sections
        if section.period and roster.courses[section.course].standing is Standing.ACTIVE
    ]
    for pupil in rng.sample(older, share_of(len(older), 0.01, rng)):
        section = rng.choice(elective) if elective else None
        if section and section.id not in roster.schedules[pupil.id]:
            roster.enroll(Enrollment(section.id, pupil.id, Role.STUDENT, Standing.DELETED))


def _never_held(roster: Roster, school: str, sections: list[Section], rng: Random) -> None:
    """A section without takers, and a course whose teacher was never found."""
    held = rng.choice([s for s in sections if roster.courses[s.course].standing is Standing.ACTIVE])
    roster.add_section(
        replace(
            held,
            id=roster.registrar.section_id(school),
            title=f"{held.title} (cancelled)",
            homeroom="",
            standing=Standing.DELETED,
        )
    )
    course = roster.courses[held.course]
    cancelled = replace(course, id=f"{course.id[:-2]}99", number=99, standing=Standing.DELETED)
    roster.courses[cancelled.id] = cancelled
