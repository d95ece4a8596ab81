"""What a grade sync takes of the roster: a class with its school and terms, its students, sessions.

No names are read: a gradebook takes ids. Guarantees and leniency are those of `gradebook_reading`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rosterway.formats.oneroster import cells, nouns
from rosterway.formats.oneroster.gradebook_reading import Entry, GradebookReader
from rosterway.formats.oneroster.vocabularies import ENROLLMENT_ROLE, SESSION_TYPE
from rosterway.settings.shape import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassTold:
    """A class: whose school it is, and in which sessions it runs."""

    sourced_id: str
    school_id: str | None
    term_ids: tuple[str, ...]
    is_deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTold:
    """An academic session; `end` is exclusive (oneroster 7.1)."""

    sourced_id: str
    title: str
    kind: str
    start: str | None
    end: str | None
    parent: str | None
    is_deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentTold:
    """A student of a class, by id alone."""

    sourced_id: str
    is_deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentTold:
    """Who is what in which class."""

    sourced_id: str
    class_id: str | None
    user_id: str | None
    role: str
    is_deleted: bool


def _class(entry: Entry) -> ClassTold:
    return ClassTold(
        sourced_id=entry.sourced_id,
        school_id=entry.ref("school"),
        term_ids=entry.refs("terms"),
        is_deleted=entry.is_deleted,
    )


def _session(entry: Entry) -> SessionTold:
    return SessionTold(
        sourced_id=entry.sourced_id,
        title=entry.text("title") or "",
        kind=entry.word(_SESSION_TYPES[entry.version], "type"),
        start=entry.day("startDate"),
        end=entry.day("endDate"),
        parent=entry.ref("parent"),
        is_deleted=entry.is_deleted,
    )


def _student(entry: Entry) -> StudentTold:
    return StudentTold(sourced_id=entry.sourced_id, is_deleted=entry.is_deleted)


def _enrollment(entry: Entry) -> EnrollmentTold:
    return EnrollmentTold(
        sourced_id=entry.sourced_id,
        class_id=entry.ref("class"),
        user_id=entry.ref("user"),
        role=entry.word(_ROLES[entry.version], "role"),
        is_deleted=entry.is_deleted,
    )


_SESSION_TYPES: Mapping[Version, cells.Reader] = MappingProxyType(
    {version: cells.word(SESSION_TYPE, version) for version in Version}
)
_ROLES: Mapping[Version, cells.Reader] = MappingProxyType(
    {version: cells.word(ENROLLMENT_ROLE, version) for version in Version}
)

CLASSES = GradebookReader(nouns.CLASS, _class)
SESSIONS = GradebookReader(nouns.ACADEMIC_SESSION, _session)
STUDENTS = GradebookReader(nouns.USER, _student)
ENROLLMENTS = GradebookReader(nouns.ENROLLMENT, _enrollment)
