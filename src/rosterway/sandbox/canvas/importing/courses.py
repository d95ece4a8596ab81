"""courses.csv. Facts: canvas-lms `lib/sis/csv/course_importer.rb`, `lib/sis/course_importer.rb`."""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.cascades import delete_course, foresee
from rosterway.sandbox.canvas.importing.desk import (
    DELETE,
    Desk,
    exactly,
    prefix,
    too_long,
    truth,
)
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    ABSTRACT_COURSE_BY_SIS_ID,
    ACCOUNT_BY_SIS_ID,
    COURSE_BY_FOLLOWED,
    COURSE_BY_SIS_ID,
    TERM_BY_SIS_ID,
    AbstractCourse,
    Account,
    Course,
)
from rosterway.sandbox.canvas.state.seed import DEFAULT_TERM_ID, ROOT_ACCOUNT_ID
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused

#: Status in the file -> workflow state; what `active` means depends on the course.
_STATES = {
    "active": "claimed",
    "deleted": "deleted",
    "completed": "completed",
    "published": "available",
    "unpublished": "claimed",
}
_FORMATS = ("online", "on_campus", "blended", "not_set")
_PASSBACK = ("nightly_sync", "not_set")
_CANNOT_ASSOCIATE = 'Cannot associate course "{}" - {}'


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    work = desk.work
    work.prefetch(COURSE_BY_SIS_ID, (row.get("course_id") for row in rows))
    work.prefetch(TERM_BY_SIS_ID, (row.get("term_id") for row in rows))
    work.prefetch(ACCOUNT_BY_SIS_ID, (row.get("account_id") for row in rows))
    known = [course for row in rows for course in work.all(COURSE_BY_SIS_ID, row.get("course_id"))]
    work.prefetch(COURSE_BY_FOLLOWED, (course.id for course in known))
    gone = [row.get("course_id") for row in rows if prefix(row.get("status"), ("deleted",))]
    foresee(work, courses=[c.id for sis_id in gone for c in work.all(COURSE_BY_SIS_ID, sis_id)])
    desk.each(rows, _course)


def _check(row: Row) -> tuple[str, str]:
    """SIS id and status of a row that can stand by itself."""
    sis_id = row.get("course_id")
    if sis_id is None:
        raise Refused("No course_id given for a course")
    for name in ("short_name", "long_name"):
        if row.get(name) is None and row.get("abstract_course_id") is None:
            raise Refused(f"No {name} given for course {sis_id}")
    status = prefix(row.get("status"), tuple(_STATES))
    if status is None:
        raise Refused(f'Improper status "{row.get("status", "")}" for course {sis_id}')
    course_format = row.get("course_format")
    if course_format and not exactly(course_format, _FORMATS):
        raise Refused(f'Invalid course_format "{course_format}" for course {sis_id}')
    passback = row.get("grade_passback_setting")
    if passback and not exactly(passback, _PASSBACK):
        raise Refused(f'Invalid grade_passback_setting "{passback}" for course {sis_id}')
    return sis_id, status


def _course(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id, status = _check(row)
    if desk.skips(status):
        return False
    account = _account(row, work)
    if account is None and row.get("account_id") is not None:
        raise Refused(f'Account not found "{row["account_id"]}" for course {sis_id}')
    term = work.first(TERM_BY_SIS_ID, row.get("term_id"))
    course = work.first(COURSE_BY_SIS_ID, sis_id)
    abstract = _abstract_course(row, desk)
    start, end = _dates(row, sis_id, course, desk)
    short_name = row.get("short_name") or (abstract.short_name if abstract else sis_id)
    long_name = row.get("long_name") or (abstract.name if abstract else sis_id)
    errors = too_long(course_code=short_name, name=long_name, sis_source_id=sis_id)
    if start and end and end < start:
        errors.append("End date must be after the start date")
    if errors:
        raise Refused(
            f"A course did not pass validation (course: {sis_id} / {short_name},"
            f" error: {', '.join(errors)})"
        )
    followers = work.all(COURSE_BY_FOLLOWED, course.id) if course else ()
    if course is None:
        course = work.add(
            Course(
                workflow_state=_STATES[status],
                name=long_name,
                course_code=short_name,
                account_id=ROOT_ACCOUNT_ID,
                term_id=DEFAULT_TERM_ID,
                sis_source_id=sis_id,
            )
        )
    dated = desk.headers & {"start_date", "end_date"}
    work.set(
        course,
        name=long_name,
        course_code=short_name,
        account_id=account.id if account else course.account_id,
        term_id=term.id if term else course.term_id,
        integration_id=row.get("integration_id"),
        start_at=start,
        conclude_at=end,
        restrict_to_dates=bool(start or end) if dated else course.restrict_to_dates,
        abstract_course_id=abstract.id if abstract else course.abstract_course_id,
    )
    _set_where_given(row, course, desk)
    _move(course, status, work)
    for follower in followers:
        work.set(follower, name=long_name, course_code=short_name)
    work.touch(course)
    _associate(row, course, sis_id, desk)
    return True


def _account(row: Row, work: Work) -> Account | None:
    return work.first(ACCOUNT_BY_SIS_ID, row.get("account_id")) or work.first(
        ACCOUNT_BY_SIS_ID, row.get("fallback_account_id")
    )


def _abstract_course(row: Row, desk: Desk) -> AbstractCourse | None:
    abstract_id = row.get("abstract_course_id")
    if abstract_id is None:
        return None
    abstract = desk.work.first(ABSTRACT_COURSE_BY_SIS_ID, abstract_id)
    if abstract is None:
        desk.note(
            row,
            f"unknown abstract course id {abstract_id}, ignoring abstract course reference",
        )
    return abstract


def _dates(
    row: Row, sis_id: str, course: Course | None, desk: Desk
) -> tuple[str | None, str | None]:
    """Start and end: an omitted column keeps, a blank one and `<delete>` clear."""
    dates: list[str | None] = []
    for column, kept in (
        ("start_date", course.start_at if course else None),
        ("end_date", course.conclude_at if course else None),
    ):
        if column not in desk.headers:
            dates.append(kept)
        elif row.get(column) == DELETE:
            dates.append(None)
        else:
            dates.append(desk.date(row, column, f"Bad date format for course {sis_id}"))
    return dates[0], dates[1]


def _set_where_given(row: Row, course: Course, desk: Desk) -> None:
    """Columns that keep their value when they are left out of the file."""
    changes: dict[str, object] = {}
    for name in ("course_format", "grade_passback_setting"):
        if name in desk.headers:
            value = row.get(name)
            changes[name] = value.lower() if value else None
    if "homeroom_course" in desk.headers:
        changes["homeroom_course"] = truth(row.get("homeroom_course"))
    if "friendly_name" in desk.headers:
        changes["friendly_name"] = row.get("friendly_name")
    if changes:
        desk.work.set(course, **changes)


def _move(course: Course, status: str, work: Work) -> None:
    """Bring the course into the state its status asks for."""
    if status == "deleted":
        delete_course(work, course)
    elif status != "active":
        work.set(course, workflow_state=_STATES[status])
    elif course.workflow_state == "completed":
        work.set(course, workflow_state="available")
    elif course.workflow_state == "deleted":
        work.set(course, workflow_state="claimed")


def _associate(row: Row, course: Course, sis_id: str, desk: Desk) -> None:
    """Tie the course to a blueprint, or untie it; whatever comes of it, the course is imported."""
    work = desk.work
    blueprint_id = row.get("blueprint_course_id")
    if blueprint_id is None:
        return
    if blueprint_id == "dissociate":
        work.set(course, blueprint_course_id=None)
        return
    blueprint = work.first(COURSE_BY_SIS_ID, blueprint_id)
    if blueprint is None or not blueprint.blueprint:
        desk.note(row, f'Unknown blueprint course "{blueprint_id}" for course "{sis_id}"')
    elif course.blueprint:
        desk.note(row, _CANNOT_ASSOCIATE.format(sis_id, "is a blueprint course"))
    elif course.blueprint_course_id not in {None, blueprint.id}:
        why = "is associated to another blueprint course"
        desk.note(row, _CANNOT_ASSOCIATE.format(sis_id, why))
    elif blueprint.account_id not in _chain(work, course.account_id):
        why = "is not in the same or lower account as the blueprint course"
        desk.note(row, _CANNOT_ASSOCIATE.format(sis_id, why))
    else:
        work.set(course, blueprint_course_id=blueprint.id)


def _chain(work: Work, account_id: int | None) -> list[int]:
    chain: list[int] = []
    while account_id is not None:
        chain.append(account_id)
        account_id = work.there(Account, account_id).parent_account_id
    return chain
