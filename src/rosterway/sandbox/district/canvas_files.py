"""A district as Canvas SIS CSV, in the formats of Canvas's `doc/api/sis_csv.md`.

UTF-8 without a mark, LF, quotes only where needed, times in ISO 8601 with Z. Rows are written as
zones are made, so size costs time and no memory. A table without a row is no file: a header alone
would claim that the table is meant to be empty.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from rosterway.sandbox.district.district import District
from rosterway.sandbox.district.model import Role, Session, Standing, User, UserKind
from rosterway.sandbox.district.roster import Roster

Row = tuple[str, ...]

#: Every file and its columns, in the order Canvas applies them.
FILES = {
    "accounts.csv": ("account_id", "parent_account_id", "name", "status"),
    "terms.csv": ("term_id", "name", "status", "start_date", "end_date"),
    "courses.csv": ("course_id", "short_name", "long_name", "account_id", "term_id", "status"),
    "sections.csv": ("section_id", "course_id", "name", "status"),
    "xlists.csv": ("xlist_course_id", "section_id", "status"),
    "users.csv": (
        "user_id",
        "login_id",
        "first_name",
        "last_name",
        "full_name",
        "sortable_name",
        "short_name",
        "email",
        "declared_user_type",
        "status",
    ),
    "enrollments.csv": ("course_id", "user_id", "role", "section_id", "status"),
    "admins.csv": ("user_id", "account_id", "role", "status"),
    "user_observers.csv": ("observer_id", "student_id", "status"),
}

_USER_TYPES = {
    UserKind.STUDENT: "student",
    UserKind.TEACHER: "teacher",
    UserKind.AIDE: "staff",
    UserKind.ADMINISTRATOR: "administrative",
    UserKind.GUARDIAN: "observer",
}
_ROLES = {Role.STUDENT: "student", Role.TEACHER: "teacher", Role.TA: "ta"}
_STANDINGS = {standing: standing.value for standing in Standing}
_ACTIVE = _STANDINGS[Standing.ACTIVE]


def write_canvas(district: District, out: Path) -> dict[str, int]:
    """Write the delivery into the folder `out`, made if need be; how many rows each file got.

    Files of an earlier delivery there are overwritten, or removed where this one has no row.
    """
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        sheets = {name: _Sheet(out / name, header) for name, header in FILES.items()}
        for sheet in sheets.values():
            stack.callback(sheet.close)
        sheets["terms.csv"].write(map(_term, district.sessions))
        for roster in district.rosters():
            for name, rows in _TABLES.items():
                sheets[name].write(rows(roster))
    return {name: sheet.rows for name, sheet in sheets.items() if sheet.rows}


class _Sheet:
    """A CSV file that comes into being with its first row."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.rows = 0
        self._path = path
        self._header = header
        self._file = None
        path.unlink(missing_ok=True)

    def write(self, rows: Iterable[Row]) -> None:
        """Append rows."""
        for row in rows:
            if self._file is None:
                self._file = self._path.open("w", encoding="utf-8", newline="")
                self._writer = csv.writer(self._file, lineterminator="\n")
                self._writer.writerow(self._header)
            self._writer.writerow(row)
            self.rows += 1

    def close(self) -> None:
        """Finish the file."""
        if self._file:
            self._file.close()


def _term(session: Session) -> Row:
    first, last = session.first.isoformat(), session.last.isoformat()
    return (session.id, session.title, _ACTIVE, f"{first}T00:00:00Z", f"{last}T23:59:59Z")


def _accounts(roster: Roster) -> Iterator[Row]:
    for org in roster.orgs.values():
        yield org.id, org.parent, org.name, _ACTIVE


def _courses(roster: Roster) -> Iterator[Row]:
    for course in roster.courses.values():
        yield (
            course.id,
            f"{course.code}-{course.number:02d}",
            course.title,
            course.school,
            course.session,
            _STANDINGS[course.standing],
        )


def _sections(roster: Roster) -> Iterator[Row]:
    for section in roster.sections.values():
        yield section.id, section.course, section.title, _STANDINGS[section.standing]


def _xlists(roster: Roster) -> Iterator[Row]:
    for section, course in roster.crosslists.items():
        yield course, section, _ACTIVE


def _user(user: User) -> Row:
    return (
        user.id,
        user.login,
        user.given,
        user.family,
        f"{user.given} {user.family}{user.suffix}",
        f"{user.family}, {user.given}{user.suffix}",
        f"{user.nickname or user.given} {user.family}",
        user.email,
        _USER_TYPES[user.kind],
        _STANDINGS[user.standing],
    )


def _users(roster: Roster) -> Iterator[Row]:
    return map(_user, roster.users.values())


def _enrollments(roster: Roster) -> Iterator[Row]:
    for section, roll in roster.rolls.items():
        course = roster.sections[section].course
        for enrollment in roll.values():
            yield (
                course,
                enrollment.user,
                _ROLES[enrollment.role],
                section,
                _STANDINGS[enrollment.standing],
            )


def _admins(roster: Roster) -> Iterator[Row]:
    for admin in roster.admins:
        yield admin.user, admin.org, "AccountAdmin", _ACTIVE


def _observers(roster: Roster) -> Iterator[Row]:
    for student, guardians in roster.guardians.items():
        for guardian in guardians:
            yield guardian, student, _ACTIVE


_TABLES: dict[str, Callable[[Roster], Iterator[Row]]] = {
    "accounts.csv": _accounts,
    "courses.csv": _courses,
    "sections.csv": _sections,
    "xlists.csv": _xlists,
    "users.csv": _users,
    "enrollments.csv": _enrollments,
    "admins.csv": _admins,
    "user_observers.csv": _observers,
}
