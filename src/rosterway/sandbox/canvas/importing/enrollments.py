"""enrollments.csv: who is in which section as what.

Guarantees: an enrollment is told apart by section, user, role and associated user. A segment is
handled in Canvas's order: what a row says by itself is checked for all rows first, then against the
roster, and deletes run last, so that messages are not in file order.

Facts: canvas-lms `lib/sis/csv/enrollment_importer.rb`, `lib/sis/enrollment_importer.rb`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from rosterway.sandbox.canvas.importing.cascades import follow
from rosterway.sandbox.canvas.importing.desk import Desk, prefix, truth
from rosterway.sandbox.canvas.importing.people import has_other_login
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.importing.roles import Roles
from rosterway.sandbox.canvas.state.records import (
    COURSE_BY_SIS_ID,
    ENROLLMENT_BY_PLACE,
    LOGIN_BY_INTEGRATION,
    LOGIN_BY_SIS_ID,
    SECTION_BY_COURSE,
    SECTION_BY_SIS_ID,
    Account,
    Course,
    Enrollment,
    Login,
    Role,
    Section,
    User,
)
from rosterway.sandbox.canvas.state.seed import ROOT_ACCOUNT_ID
from rosterway.sandbox.canvas.trouble import Refused

#: Longer words first, since a status is tested by how it begins.
_STATUSES = ("active", "deleted_last_completed", "deleted", "completed", "inactive")
_DELETES = frozenset({"deleted", "deleted_last_completed"})
_NOT_IN_BLUEPRINTS = {"StudentEnrollment": "Student", "ObserverEnrollment": "Observer"}


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    _Segment(desk).run(desk.sift(rows, _check))


@dataclass(slots=True)
class _Place:
    """A row whose references have been resolved."""

    row: Row
    status: str
    person: str
    login: Login
    course: Course
    section: Section
    role: Role
    associated_user_id: int | None


def _check(row: Row, desk: Desk) -> bool:
    if row.get("course_id") is None and row.get("section_id") is None:
        raise Refused("No course_id or section_id given for an enrollment")
    if row.get("user_id") is None and row.get("user_integration_id") is None:
        raise Refused("No user_id given for an enrollment")
    status = prefix(row.get("status"), _STATUSES)
    if status is None:
        raise Refused(f'Improper status "{row.get("status", "")}" for an enrollment')
    return not desk.skips(status)


class _Segment:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.work = desk.work
        self.roles = Roles(desk.work)
        self.default_sections: dict[int, Section] = {}
        self.to_delete: list[tuple[Enrollment, str]] = []
        self.changed: list[Enrollment] = []

    def run(self, rows: Sequence[Row]) -> None:
        self._prefetch(rows)
        places: list[_Place] = []
        for row in rows:
            try:
                place = self._resolve(row)
            except Refused as refused:
                self.desk.note(row, str(refused))
            else:
                if place is not None:
                    places.append(place)
        self.work.prefetch(ENROLLMENT_BY_PLACE, ((p.login.user_id, p.section.id) for p in places))
        for place in places:
            try:
                self._enroll(place)
            except Refused as refused:
                self.desk.note(place.row, str(refused))
            else:
                self.desk.done += 1
        self._delete()
        follow(self.work, self.changed)

    def _prefetch(self, rows: Sequence[Row]) -> None:
        work = self.work
        people = chain.from_iterable(
            (row.get("user_id"), row.get("associated_user_id")) for row in rows
        )
        work.prefetch(LOGIN_BY_SIS_ID, people)
        work.prefetch(LOGIN_BY_INTEGRATION, (row.get("user_integration_id") for row in rows))
        work.prefetch(SECTION_BY_SIS_ID, (row.get("section_id") for row in rows))
        work.prefetch(COURSE_BY_SIS_ID, (row.get("course_id") for row in rows))
        sections = (work.first(SECTION_BY_SIS_ID, row.get("section_id")) for row in rows)
        work.prefetch_ids(Course, (section.course_id for section in sections if section))

    def _resolve(self, row: Row) -> _Place | None:
        work = self.work
        if not self._is_ours(row.get("root_account")):
            return None
        course_id, section_id = row.get("course_id"), row.get("section_id")
        if integration_id := row.get("user_integration_id"):
            person, login = integration_id, work.first(LOGIN_BY_INTEGRATION, integration_id)
        else:
            person, login = row["user_id"], work.first(LOGIN_BY_SIS_ID, row["user_id"])
        if login is None:
            raise Refused(
                f"User not found for enrollment (User ID: {person},"
                f" Course ID: {course_id or ''}, Section ID: {section_id or ''})"
            )
        course, section = self._where(course_id, section_id, person)
        role = self.roles.for_enrollment(row, course.account_id)
        status = prefix(row.get("status"), _STATUSES)
        assert status is not None
        associated = None
        if role.base_role_type == "ObserverEnrollment" and (other := row.get("associated_user_id")):
            associated = work.first(LOGIN_BY_SIS_ID, other)
            if associated is None:
                raise Refused(f"An enrollment referenced a non-existent associated user {other}")
        if course.blueprint and (kind := _NOT_IN_BLUEPRINTS.get(role.base_role_type)):
            raise Refused(
                f'{kind} enrollment for "{person}" not allowed in blueprint course'
                f' "{course.sis_source_id or ""}"'
            )
        associated_id = associated.user_id if associated else None
        return _Place(row, status, person, login, course, section, role, associated_id)

    def _is_ours(self, root_account: str | None) -> bool:
        """Other root accounts are unknown here, and their rows are passed over in silence."""
        if root_account is None or root_account == str(ROOT_ACCOUNT_ID):
            return True
        root = self.work.there(Account, ROOT_ACCOUNT_ID)
        return root_account in {root.name, root.sis_source_id}

    def _where(
        self, course_id: str | None, section_id: str | None, person: str
    ) -> tuple[Course, Section]:
        work = self.work
        section = work.first(SECTION_BY_SIS_ID, section_id)
        course = work.first(COURSE_BY_SIS_ID, course_id)
        if section is None and course is None:
            raise Refused(
                "Neither course nor section existed for user enrollment"
                f" (Course ID: {course_id or ''}, Section ID: {section_id or ''},"
                f" User ID: {person})"
            )
        if section is None and section_id is not None:
            raise Refused(f"An enrollment referenced a non-existent section {section_id}")
        if course is None and course_id is not None:
            raise Refused(f"An enrollment referenced a non-existent course {course_id}")
        if section is None:
            assert course is not None
            return course, self._default_section(course)
        if course is not None and course.id not in {section.course_id, section.nonxlist_course_id}:
            raise Refused(
                f"An enrollment listed a section ({section_id}) and a course ({course_id})"
                f" that are unrelated for user ({person})"
            )
        return work.there(Course, section.course_id), section

    def _default_section(self, course: Course) -> Section:
        section = self.default_sections.get(course.id)
        if section is None:
            live = (
                section
                for section in self.work.all(SECTION_BY_COURSE, course.id)
                if section.default_section and section.workflow_state != "deleted"
            )
            section = next(live, None) or self.work.add(
                Section(
                    workflow_state="active",
                    name=course.name,
                    course_id=course.id,
                    default_section=True,
                )
            )
            self.default_sections[course.id] = section
        return section

    def _enroll(self, place: _Place) -> None:
        row, work = place.row, self.work
        where = f"user {place.person} in course {place.course.sis_source_id or ''}"
        start = end = None
        if "start_date" in row or "end_date" in row:
            start = self.desk.date(row, "start_date", f"Bad date format for {where}")
            end = self.desk.date(row, "end_date", f"Bad date format for {where}")
            if start is None or end is None:
                start = end = None
        state = self._state(place, where)
        if place.section.workflow_state == "deleted" and state != "deleted":
            raise Refused(
                f"An enrollment did not pass validation (course: {row.get('course_id', '')},"
                f" section: {row.get('section_id', '')}, user: {place.person},"
                f" role: {row.get('role', '')}, error: Course section is not a valid section"
                " (deleted))"
            )
        limit = row.get("limit_section_privileges")
        enrollment = self._existing(place)
        if enrollment is None:
            enrollment = work.add(
                Enrollment(
                    workflow_state=state,
                    user_id=place.login.user_id,
                    course_id=place.course.id,
                    section_id=place.section.id,
                    type=place.role.base_role_type,
                    role_id=place.role.id,
                    associated_user_id=place.associated_user_id,
                    start_at=start,
                    end_at=end,
                    limit_privileges=truth(limit),
                    login_id=place.login.id,
                )
            )
            self.changed.append(enrollment)
            return
        deferred = place.status in _DELETES
        if deferred:
            self.to_delete.append((enrollment, place.status))
        if work.set(
            enrollment,
            workflow_state=enrollment.workflow_state if deferred else state,
            start_at=start,
            end_at=end,
            limit_privileges=enrollment.limit_privileges if limit is None else truth(limit),
            login_id=place.login.id,
        ):
            self.changed.append(enrollment)
        work.touch(enrollment)

    def _existing(self, place: _Place) -> Enrollment | None:
        found = self.work.all(ENROLLMENT_BY_PLACE, (place.login.user_id, place.section.id))
        for enrollment in found:
            if (
                enrollment.role_id == place.role.id
                and enrollment.associated_user_id == place.associated_user_id
            ):
                return enrollment
        return None

    def _state(self, place: _Place, where: str) -> str:
        """The state a status leads to; an active one needs a user who is still there."""
        if place.status in _DELETES:
            return "deleted"
        login = place.login
        if place.status != "active" or login.workflow_state != "deleted":
            return place.status
        user = self.work.there(User, login.user_id)
        if user.workflow_state != "deleted" and has_other_login(self.work, login):
            self.desk.note(place.row, f"Enrolled a {where}, but referenced a deleted sis login")
            return "active"
        self.desk.note(place.row, f"Attempted enrolling of deleted {where}")
        return "deleted"

    def _delete(self) -> None:
        for enrollment, status in self.to_delete:
            state = "deleted"
            if status == "deleted_last_completed":
                others = self.work.count(
                    "SELECT count(*) FROM enrollments WHERE user_id = ? AND course_id = ?"
                    " AND id <> ? AND workflow_state = 'active'",
                    (enrollment.user_id, enrollment.course_id, enrollment.id),
                )
                state = "deleted" if others else "completed"
            if self.work.set(enrollment, workflow_state=state):
                self.changed.append(enrollment)
