"""Users, enrollments, admins and observers: what Canvas refuses, or does without saying so.

Facts: canvas-lms `lib/sis/user_importer.rb`, `lib/sis/enrollment_importer.rb`,
`lib/sis/admin_importer.rb`, `lib/sis/user_observer_importer.rb`.
"""

from rosterway.formats.canvas_csv.people import BASE_ROLES
from rosterway.rostering import sql
from rosterway.rostering.check.known import Case, counted, live
from rosterway.rostering.check.row_rules import role_as_read

_BLUEPRINT = "blueprint_course_id"


def check_last_logins(case: Case) -> None:
    """Find deletes of users that take enrollments along, by what the mirror has of them."""
    if not case.mirror.has("enrollments", "user_id") or not case.deletes():
        return
    enrolled = case.mirror.view("enrollments")
    status = live("e.status") if case.mirror.has("enrollments", "status") else "true"
    others = ""
    if case.has_staged("logins", "existing_user_id"):
        logins = sql.name(case.hits.staged.view("logins"))
        others = f"ANTI JOIN (SELECT existing_user_id AS user_id FROM {logins}) l USING (user_id)"
    gone = ""
    if case.mirror.has("users", "user_id", "status"):
        gone = (
            f"ANTI JOIN (SELECT user_id FROM {case.mirror.view('users')} WHERE status = 'deleted') g "
            "USING (user_id)"
        )
    case.find(
        "last-login",
        "status",
        "SELECT d._file, d._row, d.user_id AS val, "
        f"{counted('enrollment', 'enrollments')} AS other "
        f"FROM (SELECT * FROM ({case.going}) WHERE {case.status} = 'deleted') d {others} {gone} "
        f"JOIN {enrolled} e USING (user_id) WHERE {status} GROUP BY 1, 2, 3",
    )


def check_enrollments(case: Case) -> None:
    """Find observers of nobody, roles that disagree, and students in blueprint courses."""
    if case.has("role"):
        _check_observers(case)
        if case.has("role_id"):
            _check_roles(case)
        _check_blueprints(case)


def _check_observers(case: Case) -> None:
    alone = "AND associated_user_id IS NULL" if case.has("associated_user_id") else ""
    alive = f"AND {case.status} = 'active'" if case.has("status") else ""
    case.find_once(
        "observer-alone",
        "associated_user_id",
        "SELECT _file, _row, coalesce(user_id, 'a user') AS val "
        f"FROM ({case.going}) WHERE lower(role) = 'observer' {alone} {alive}"
        if case.has("user_id")
        else f"SELECT _file, _row, 'a user' AS val FROM ({case.going}) "
        f"WHERE lower(role) = 'observer' {alone} {alive}",
    )


def _check_roles(case: Case) -> None:
    """One role_id beside two roles, or one role beside two role_ids; the rarer pair is told."""
    pairs = (
        f"SELECT {role_as_read('role')} AS role, role_id, count(*) AS n FROM ({case.going}) "
        "WHERE role IS NOT NULL AND role_id IS NOT NULL GROUP BY 1, 2"
    )
    if not case.make(
        "odd_roles",
        "SELECT role, role_id FROM (SELECT *, row_number() OVER (PARTITION BY role ORDER BY n DESC, role_id) AS a, "
        f"row_number() OVER (PARTITION BY role_id ORDER BY n DESC, role) AS b FROM ({pairs})) WHERE a > 1 OR b > 1",
    ):
        return
    case.find_once(
        "roles-disagree",
        "role_id",
        f"SELECT d._file, d._row, d.role || ' and ' || d.role_id AS val FROM ({case.going}) d "
        f"JOIN odd_roles o ON o.role = {role_as_read('d.role')} AND o.role_id = d.role_id",
    )


def _check_blueprints(case: Case) -> None:
    """A course that others name as their blueprint takes no students and no observers."""
    if not case.knows("courses", _BLUEPRINT) or not case.make(
        "blueprints",
        f"SELECT DISTINCT {_BLUEPRINT} AS id FROM ({case.then('courses', _BLUEPRINT)}) "
        f"WHERE {_BLUEPRINT} IS NOT NULL AND {_BLUEPRINT} <> 'dissociate'",
    ):
        return
    refused = f"{role_as_read('e.role')} IN ('student', 'observer')"
    ways: list[str] = []
    if case.has("course_id"):
        ways.append(
            f"SELECT e._file, e._row, {role_as_read('e.role')} AS val, e.course_id AS other "
            f"FROM ({case.going}) e JOIN blueprints b ON b.id = e.course_id WHERE {refused}"
        )
    if case.has("section_id") and case.knows("sections", "course_id"):
        unless = "AND e.course_id IS NULL" if case.has("course_id") else ""
        ways.append(
            f"SELECT e._file, e._row, {role_as_read('e.role')} AS val, b.id AS other "
            f"FROM ({case.going}) e JOIN ({case.then('sections', 'course_id')}) s USING (section_id) "
            f"JOIN blueprints b ON b.id = s.course_id WHERE {refused} {unless}"
        )
    if ways:
        case.find("blueprint-enrollment", "role", " UNION ALL ".join(ways))


def check_admins(case: Case) -> None:
    """Find roles that no admin can have, and deletes of admins no delivery has made."""
    if case.has("role"):
        own = [*BASE_ROLES, *(f"{role}enrollment" for role in BASE_ROLES)]
        by_id = "AND role_id IS NULL" if case.has("role_id") else ""
        case.find(
            "admin-role",
            "role",
            f"SELECT _file, _row, role AS val, NULL AS other FROM ({case.going}) "
            f"WHERE lower(role) IN {sql.texts(own)} {by_id}",
        )
    if case.mirror.has("admins", "user_id", "account_id") and case.deletes():
        case.find_once(
            "admin-unknown",
            "user_id",
            f"SELECT _file, _row, user_id AS val FROM ({case.going}) d "
            f"WHERE {case.status} = 'deleted' AND NOT EXISTS (SELECT 1 FROM {case.mirror.view('admins')} m "
            "WHERE m.user_id = d.user_id AND m.account_id IS NOT DISTINCT FROM d.account_id)",
        )


def check_observers(case: Case) -> None:
    """Find ends of observations that are none: Canvas refuses to end one twice."""
    if not case.deletes():
        return
    known = ""
    if case.mirror.has("user_observers", "observer_id", "student_id"):
        status = live("status") if case.mirror.has("user_observers", "status") else "true"
        known = (
            f"ANTI JOIN (SELECT observer_id, student_id FROM {case.mirror.view('user_observers')} "
            f"WHERE {status}) m USING (observer_id, student_id)"
        )
    case.find_once(
        "observer-unknown",
        "observer_id",
        "SELECT _file, _row, observer_id || ' of ' || student_id AS val "
        f"FROM (SELECT * FROM ({case.going}) WHERE {case.status} = 'deleted') d {known}",
    )
