"""What goes or moves together: enrollments with their section or course, and observers' with those
of the students they observe.

Facts: canvas-lms `app/models/{course,course_section,user,user_observation_link}.rb`.
"""

from collections.abc import Iterable, Sequence

from rosterway.sandbox.canvas.state.records import (
    ADMIN_BY_USER,
    ENROLLMENT_BY_COURSE,
    ENROLLMENT_BY_OBSERVED,
    ENROLLMENT_BY_PLACE,
    ENROLLMENT_BY_SECTION,
    ENROLLMENT_BY_USER,
    LINK_BY_STUDENT,
    LOGIN_BY_USER,
    MEMBERSHIP_BY_USER,
    ROLE_BY_NAME,
    Admin,
    Course,
    Enrollment,
    GroupMembership,
    ObserverLink,
    Section,
)
from rosterway.sandbox.canvas.state.work import Work


def drop(work: Work, records: Iterable[Enrollment | GroupMembership | Admin]) -> None:
    """Delete what is not deleted yet."""
    for record in records:
        if record.workflow_state != "deleted":
            work.set(record, workflow_state="deleted")


def foresee(
    work: Work,
    *,
    sections: Iterable[int] = (),
    courses: Iterable[int] = (),
    users: Iterable[int] = (),
) -> None:
    """Look up at once what the deletion of many things will take along."""
    users = list(users)
    work.prefetch(ENROLLMENT_BY_SECTION, sections)
    work.prefetch(ENROLLMENT_BY_COURSE, courses)
    work.prefetch(LOGIN_BY_USER, users)
    work.prefetch(ENROLLMENT_BY_USER, users)
    work.prefetch(ENROLLMENT_BY_OBSERVED, users)
    work.prefetch(MEMBERSHIP_BY_USER, users)
    work.prefetch(ADMIN_BY_USER, users)


def delete_section(work: Work, section: Section) -> None:
    """Delete a section and its enrollments."""
    work.set(section, workflow_state="deleted")
    drop(work, work.all(ENROLLMENT_BY_SECTION, section.id))


def delete_course(work: Work, course: Course) -> None:
    """Delete a course and its enrollments; its sections stay, empty."""
    work.set(course, workflow_state="deleted")
    drop(work, work.all(ENROLLMENT_BY_COURSE, course.id))


def lose_last_login(work: Work, user_id: int) -> None:
    """What a user without any login left has to give up."""
    drop(work, work.all(ENROLLMENT_BY_USER, user_id))
    drop(work, work.all(ENROLLMENT_BY_OBSERVED, user_id))
    drop(work, work.all(MEMBERSHIP_BY_USER, user_id))
    drop(work, work.all(ADMIN_BY_USER, user_id))


def move_section(work: Work, section: Section, course_id: int, home_id: int | None) -> None:
    """Put a section and its enrollments into a course; `home_id` if that is a cross-listing."""
    if section.course_id != course_id:
        for enrollment in work.all(ENROLLMENT_BY_SECTION, section.id):
            work.set(enrollment, course_id=course_id)
    work.set(section, course_id=course_id, nonxlist_course_id=home_id)


def follow(work: Work, enrollments: Sequence[Enrollment]) -> None:
    """Let the observers of students be enrolled as the students are."""
    students = [e for e in enrollments if e.type == "StudentEnrollment"]
    work.prefetch(LINK_BY_STUDENT, (enrollment.user_id for enrollment in students))
    pairs = [
        (link, enrollment)
        for enrollment in students
        for link in work.all(LINK_BY_STUDENT, enrollment.user_id)
        if link.workflow_state == "active"
    ]
    places = ((link.observer_id, enrollment.section_id) for link, enrollment in pairs)
    work.prefetch(ENROLLMENT_BY_PLACE, places)
    for link, enrollment in pairs:
        observe(work, link, enrollment)


def observe(work: Work, link: ObserverLink, enrollment: Enrollment) -> None:
    """Let one observer be enrolled as the student is."""
    place = (link.observer_id, enrollment.section_id)
    for observing in work.all(ENROLLMENT_BY_PLACE, place):
        if observing.associated_user_id == link.student_id:
            work.set(
                observing,
                workflow_state=enrollment.workflow_state,
                start_at=enrollment.start_at,
                end_at=enrollment.end_at,
            )
            work.touch(observing)
            return
    if enrollment.workflow_state == "deleted":
        return
    role = work.first(ROLE_BY_NAME, "ObserverEnrollment")
    assert role is not None
    work.add(
        Enrollment(
            workflow_state=enrollment.workflow_state,
            user_id=link.observer_id,
            course_id=enrollment.course_id,
            section_id=enrollment.section_id,
            type="ObserverEnrollment",
            role_id=role.id,
            associated_user_id=link.student_id,
            start_at=enrollment.start_at,
            end_at=enrollment.end_at,
        )
    )
