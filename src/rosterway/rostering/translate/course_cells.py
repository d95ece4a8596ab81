"""The cells of courses and sections, and the rules that fill them (S9)."""

from collections.abc import Callable

from rosterway.rostering.translate import templates
from rosterway.rostering.translate.cells import CanvasTable, Cell, Rule
from rosterway.rostering.translate.policy import (
    CoursePer,
    CourseStatus,
    Homerooms,
    TranslationPolicy,
)


def _per_class(policy: TranslationPolicy) -> bool:
    return policy.courses.per is CoursePer.CLASS


def _per_course(policy: TranslationPolicy) -> bool:
    return policy.courses.per is CoursePer.COURSE


_COURSE_COLUMNS = (
    '"course.id", "class.sourcedId", "class.title", "class.classCode", "class.location", '
    '"class.periods", "class.grades", "class.subjects", "class.classType", "class.status", '
    '"class.gone", "course.sourcedId", "course.title", "course.courseCode", "school.sourcedId", '
    '"school.name", "school.identifier", "account.id", "term.id", "session.sourcedId", "class.termSourcedIds", '
    'c."term.schoolYear", "term.name", "teacher.givenName", "teacher.familyName"'
)
_CLASSES = (
    f"SELECT {_COURSE_COLUMNS} FROM tr_classes AS c "
    'LEFT JOIN (SELECT "term.id", "term.name" FROM tr_terms) USING ("term.id") '
    'LEFT JOIN tr_teachers AS t ON t.class = c."class.sourcedId" WHERE "left" IS NULL'
)


def _courses(policy: TranslationPolicy) -> str:
    if _per_class(policy):
        return _CLASSES
    # One row for each course, school and term: what its first class says of them, in use if any is.
    return (
        'SELECT * EXCLUDE ("class.sourcedId", "class.gone", "class.classType"), '
        'string_agg("class.sourcedId", \', \') OVER same AS "class.sourcedId", '
        'bool_and("class.gone") OVER same AS "class.gone", '
        "CASE WHEN bool_and(\"class.classType\" = 'homeroom') OVER same THEN 'homeroom' END "
        f'AS "class.classType" FROM ({_CLASSES}) WINDOW same AS (PARTITION BY '
        '"course.id" ORDER BY "class.sourcedId" ROWS BETWEEN UNBOUNDED PRECEDING AND '
        "UNBOUNDED FOLLOWING) QUALIFY row_number() OVER same = 1"
    )


def _template(
    name: str,
) -> tuple[Callable[[TranslationPolicy], str], Callable[[TranslationPolicy], tuple[str, ...]]]:
    """The value and the fields of one of the policy's templates."""

    def chosen(policy: TranslationPolicy) -> str:
        templates_of = {
            "short_name": policy.courses.short_template,
            "long_name": policy.courses.long_template,
            "section_name": policy.courses.section_name,
        }
        return templates_of[name]

    return (
        lambda policy: templates.read(chosen(policy)),
        lambda policy: templates.fields_of(chosen(policy)),
    )


_FALLBACK = 'coalesce("class.title", "course.title", "class.classCode", "class.sourcedId")'
_FALLBACK_READS = ("class.title", "course.title", "class.classCode", "class.sourcedId")


def _named(column: str, template: str) -> Cell:
    value, reads = _template(template)
    return Cell(
        column,
        (
            Rule(
                f"{template.replace('_', '-')}-template",
                f"The template `courses.{template}`.",
                value,
                reads,
                when=lambda policy: f"{value(policy)} IS NOT NULL",
            ),
            Rule(
                "name-blank",
                "All of the template's fields are blank: the title of the class or its course, its "
                "code, its id.",
                _FALLBACK,
                _FALLBACK_READS,
            ),
        ),
    )


def _of_class(gone: str, in_use: str | Callable[[TranslationPolicy], str]) -> tuple[Rule, ...]:
    return (
        Rule(
            "class-gone",
            "The class (every class of the course) is to be deleted.",
            gone,
            ("class.status",),
            when='"class.gone"',
        ),
        Rule("class-in-use", "A class is in use.", in_use, ("class.status",)),
    )


_TAKES_HOMEROOMS = 'courses.homerooms = "homeroom-course"'

COURSES = CanvasTable(
    name="courses",
    comes_from="a class, or the classes of one course in one school and term",
    made_of=("classes",),
    base=_courses,
    key=("course.id",),
    records=("class.sourcedId", "course.sourcedId"),
    cells=(
        Cell(
            "course_id",
            (
                Rule(
                    "class-is-course",
                    "The sourcedId of the class.",
                    '"course.id"',
                    ("class.sourcedId",),
                    chosen=_per_class,
                    choice='courses.per = "class"',
                ),
                Rule(
                    "course-school-term",
                    "The sourcedIds of course and school and the id of the term.",
                    '"course.id"',
                    ("course.sourcedId", "school.sourcedId", "term.id"),
                    chosen=_per_course,
                    choice='courses.per = "course"',
                ),
            ),
        ),
        _named("short_name", "short_name"),
        _named("long_name", "long_name"),
        Cell(
            "account_id",
            (
                Rule(
                    "school-account",
                    "The account of the school of the class; blank: the root account.",
                    '"account.id"',
                    ("school.sourcedId",),
                ),
            ),
        ),
        Cell(
            "term_id",
            (
                Rule(
                    "class-term",
                    "The term of the session the class is in; of several sessions the smallest "
                    "that holds all of them.",
                    '"term.id"',
                    ("class.termSourcedIds", "session.sourcedId"),
                ),
            ),
        ),
        Cell(
            "status",
            _of_class(
                "'deleted'",
                lambda policy: (
                    "'published'" if policy.courses.status is CourseStatus.PUBLISHED else "'active'"
                ),
            ),
        ),
        Cell(
            "homeroom_course",
            (
                Rule(
                    "homeroom",
                    "The class is a homeroom.",
                    "'true'",
                    ("class.classType",),
                    when="\"class.classType\" = 'homeroom'",
                    chosen=lambda policy: policy.courses.homerooms is Homerooms.HOMEROOM_COURSE,
                    choice=_TAKES_HOMEROOMS,
                ),
                Rule(
                    "no-homeroom",
                    "The class is no homeroom.",
                    "'false'",
                    ("class.classType",),
                    chosen=lambda policy: policy.courses.homerooms is Homerooms.HOMEROOM_COURSE,
                    choice=_TAKES_HOMEROOMS,
                ),
            ),
        ),
    ),
)

SECTIONS = CanvasTable(
    name="sections",
    comes_from="a class",
    made_of=("classes",),
    base=_CLASSES,
    key=("class.sourcedId",),
    records=("class.sourcedId",),
    cells=(
        Cell(
            "section_id",
            (
                Rule(
                    "class-is-section",
                    "The sourcedId of the class, always: grades find their way back by it.",
                    '"class.sourcedId"',
                    ("class.sourcedId",),
                ),
            ),
        ),
        Cell(
            "course_id",
            (
                Rule(
                    "course-of-class",
                    "The course the class is, or is in.",
                    '"course.id"',
                    ("class.sourcedId", "course.sourcedId"),
                ),
            ),
        ),
        _named("name", "section_name"),
        Cell("status", _of_class("'deleted'", "'active'")),
    ),
)
