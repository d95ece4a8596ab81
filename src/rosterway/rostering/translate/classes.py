"""Classes: the course, term and account of each, and whether it is taken at all.

Makes `tr_classes`, one row a class, with everything rules and names of courses and sections read.
`left` says why a class is left out (NULL: it is taken).
"""

from rosterway.rostering.translate import templates
from rosterway.rostering.translate.policy import CoursePer, Homerooms, Merge
from rosterway.rostering.translate.sources import view
from rosterway.rostering.translate.work import Work, spelled


def make_classes(work: Work) -> None:
    """Make the table, and `tr_terms` of the terms it uses."""
    courses = work.policy.courses
    homeroom = "true" if courses.homerooms is Homerooms.LEAVE_OUT else "false"
    course_id = (
        "c.sourcedId"
        if courses.per is CoursePer.CLASS
        else "concat_ws('-', coalesce(c.courseSourcedId, c.sourcedId), c.schoolSourcedId, "
        "coalesce(t.term, 'no-term'))"
    )
    work.make(
        "tr_classes",
        'SELECT c.sourcedId AS "class.sourcedId", c.title AS "class.title", '
        'c.classCode AS "class.classCode", c.classType AS "class.classType", '
        'c.location AS "class.location", c.status AS "class.status", c.gone AS "class.gone", '
        f'{spelled("c.periods")} AS "class.periods", {spelled("c.grades")} AS "class.grades", '
        f'{spelled("c.subjects")} AS "class.subjects", c.courseSourcedId AS "course.sourcedId", '
        'co.title AS "course.title", co.courseCode AS "course.courseCode", '
        'c.schoolSourcedId AS "school.sourcedId", s.name AS "school.name", '
        's.identifier AS "school.identifier", s.account AS "account.id", '
        'c.termSourcedIds AS "class.termSourcedIds", l.session AS "session.sourcedId", '
        'e.year AS "term.schoolYear", t.term AS "term.id", try_cast(c._at AS BIGINT) AS nth, '
        f'{course_id} AS "course.id", coalesce(l.is_apart, false) AS is_apart, '
        "co.sourcedId IS NULL AS has_no_course, s.id IS NULL AS has_no_school, "
        f"CASE WHEN {homeroom} AND c.classType = 'homeroom' THEN 'homeroom' "
        "WHEN y.is_in IS FALSE THEN 'year' END AS \"left\" "
        f"FROM {view('classes')} AS c LEFT JOIN tr_orgs AS s ON s.id = c.schoolSourcedId "
        f"LEFT JOIN {view('courses')} AS co ON co.sourcedId = c.courseSourcedId "
        "LEFT JOIN tr_lists AS l ON l.list = c.termSourcedIds "
        "LEFT JOIN tr_sessions AS e ON e.id = l.session "
        "LEFT JOIN tr_term_of AS t ON t.session = l.session "
        "LEFT JOIN tr_years AS y ON y.year = e.year WHERE c.sourcedId IS NOT NULL",
    )
    _tell(work)
    _make_terms(work)
    _make_teachers(work)


def _tell(work: Work) -> None:
    live = 'FROM tr_classes WHERE NOT "class.gone"'
    taken = f'{live} AND "left" IS NULL'
    record = 'nth, "class.sourcedId" AS other'
    work.tell_together(
        "outside-school-year",
        "classes",
        "termSourcedIds",
        f'SELECT nth, "class.sourcedId" AS id, "term.schoolYear" AS val {live} AND "left" = \'year\'',
    )
    work.tell_together(
        "homerooms-left-out",
        "classes",
        "classType",
        f"SELECT nth, \"class.sourcedId\" AS id, 'homeroom' AS val {live} AND \"left\" = 'homeroom'",
    )
    work.tell(
        "class-without-term",
        "classes",
        "termSourcedIds",
        f'SELECT {record}, "class.termSourcedIds" AS val {taken} AND "term.id" IS NULL',
    )
    work.tell(
        "class-terms-apart",
        "classes",
        "termSourcedIds",
        f'SELECT {record}, "class.termSourcedIds" AS val {taken} AND is_apart',
    )
    work.tell(
        "class-without-school",
        "classes",
        "schoolSourcedId",
        f'SELECT {record}, "school.sourcedId" AS val {taken} AND has_no_school',
    )
    if work.policy.courses.per is CoursePer.COURSE:
        work.tell(
            "class-without-course",
            "classes",
            "courseSourcedId",
            f'SELECT {record}, "course.sourcedId" AS val {taken} AND has_no_course',
        )


def _make_terms(work: Work) -> None:
    """The terms that classes are in, each with all sessions that are one with it.

    Merged sessions with different dates make a term as wide as all of them.
    """
    work.make(
        "tr_terms",
        'SELECT t.term AS "term.id", min(s.first) AS "term.first", max(s.after) AS "term.after", '
        'bool_and(s.gone) AS "term.gone", any_value(s.year) AS "term.schoolYear", '
        "string_agg(s.id, ', ' ORDER BY s.id) AS \"session.sourcedId\", "
        "list(s.title ORDER BY s.type <> 'schoolYear', s.gone, s.id)[1] AS \"session.title\", "
        "string_agg(DISTINCT s.first, ', ' ORDER BY s.first) AS \"session.startDate\", "
        "string_agg(DISTINCT s.after, ', ' ORDER BY s.after) AS \"session.endDate\", "
        "count(DISTINCT (s.first, s.after)) > 1 AS is_stretched, min(try_cast(s.nth AS BIGINT)) AS nth "
        "FROM tr_term_of AS t JOIN tr_sessions AS s ON s.id = t.session WHERE t.term IN "
        '(SELECT "term.id" FROM tr_classes WHERE "left" IS NULL) GROUP BY t.term',
    )
    year = (
        "CASE WHEN \"term.schoolYear\" IS NOT NULL THEN format('{}-{}', "
        'try_cast("term.schoolYear" AS INTEGER) - 1, "term.schoolYear") END'
    )
    name = (
        f'coalesce({year}, "session.title", "term.id")'
        if work.policy.terms.merge is Merge.SCHOOL_YEAR
        else 'coalesce("session.title", "term.id")'
    )
    work.run(
        f'ALTER TABLE tr_terms ADD COLUMN "term.name" VARCHAR; UPDATE tr_terms SET "term.name" = {name}'
    )
    if work.policy.terms.merge is Merge.COMMON_ID:
        work.tell(
            "terms-differ",
            "academicSessions",
            "endDate",
            'SELECT nth, "session.sourcedId" AS val, "term.id" AS other FROM tr_terms WHERE is_stretched',
        )


def _make_teachers(work: Work) -> None:
    """The primary teacher of each class, if a name wants one: as marked, else the first listed."""
    courses = work.policy.courses
    names = (courses.short_template, courses.long_template, courses.section_name)
    if not any(
        field.startswith("teacher.") for name in names for field in templates.fields_of(name)
    ):
        work.make(
            "tr_teachers",
            'SELECT NULL::VARCHAR AS class, NULL::VARCHAR AS "teacher.givenName", '
            'NULL::VARCHAR AS "teacher.familyName" WHERE false',
        )
        return
    work.make(
        "tr_teachers",
        'SELECT e.classSourcedId AS class, u.givenName AS "teacher.givenName", '
        f'u.familyName AS "teacher.familyName" FROM {view("enrollments")} AS e '
        f"JOIN {view('users')} AS u ON u.sourcedId = e.userSourcedId "
        "WHERE e.role = 'teacher' AND NOT e.gone AND NOT u.gone QUALIFY row_number() OVER ("
        "PARTITION BY e.classSourcedId ORDER BY (e.\"primary\" = 'true') DESC NULLS LAST, "
        "e.beginDate NULLS LAST, e.userSourcedId) = 1",
    )
