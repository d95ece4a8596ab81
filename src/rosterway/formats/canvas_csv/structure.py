"""Tables of an institution's structure: accounts, terms, courses, sections, cross-listings.

Facts: canvas-lms `lib/sis/csv/*_importer.rb`, `lib/sis/*_importer.rb` and `doc/api/sis_csv.md`.
"""

from rosterway.formats.canvas_csv.table import (
    Column,
    Header,
    KeyPart,
    Kind,
    Need,
    Reading,
    Reference,
    Status,
    Table,
    Without,
)

_CLEARS = Without.CLEARS
_INTEGRATION_ID = Column(
    "integration_id",
    Kind.ID,
    blank=_CLEARS,
    omitted=_CLEARS,
    note="Overwritten on every row: leaving the column out clears it.",
)

ACCOUNTS = Table(
    name="accounts",
    title="Sub-accounts: schools, colleges, departments",
    header=Header((("account_id", "parent_account_id"),)),
    key=(KeyPart(("account_id",)),),
    count="accounts",
    gone="deleted",
    gone_means="The account is deleted; Canvas refuses while it has active courses or accounts.",
    statuses=(Status("active", access=True), Status("deleted", access=False)),
    columns=(
        Column("account_id", Kind.ID, Need.ROW),
        Column(
            "parent_account_id",
            Kind.ID,
            Need.HEADER,
            refers=Reference("accounts", "account_id"),
            sticky=True,
            note="Blank is the root account. A parent comes before its children.",
        ),
        Column("name", Kind.NAME, Need.NEW, sticky=True),
        Column("status", Kind.STATUS, Need.NEW),
        _INTEGRATION_ID,
    ),
)

TERMS = Table(
    name="terms",
    title="Terms",
    header=Header((("term_id", "name"),)),
    key=(KeyPart(("term_id",)), KeyPart(("date_override_enrollment_type",), optional=True)),
    count="terms",
    gone="deleted",
    gone_means="The term is deleted; Canvas refuses while it has active courses.",
    statuses=(Status("active", access=True), Status("deleted", access=False)),
    columns=(
        Column("term_id", Kind.ID, Need.ROW),
        Column("name", Kind.NAME, Need.ROW, unless="date_override_enrollment_type", sticky=True),
        Column("status", Kind.STATUS, Need.ROW),
        _INTEGRATION_ID,
        Column(
            "date_override_enrollment_type",
            Kind.CHOICE,
            values=(
                "StudentEnrollment",
                "TeacherEnrollment",
                "TaEnrollment",
                "DesignerEnrollment",
            ),
            note="The row then sets dates for that role in a term that exists already.",
        ),
        Column("start_date", Kind.DATE, blank=_CLEARS, omitted=_CLEARS, sticky=True),
        Column("end_date", Kind.DATE, blank=_CLEARS, omitted=_CLEARS, sticky=True),
    ),
    notes=("A start date Canvas cannot read also loses the end date of the row.",),
)

ABSTRACT_COURSES = Table(
    name="abstract_courses",
    title="Abstract courses (templates of names and places)",
    header=Header((("abstract_course_id", "short_name"),), none_of=("course_id",)),
    key=(KeyPart(("abstract_course_id",)),),
    count="abstract_courses",
    documented=False,
    gone="deleted",
    gone_means="The abstract course is deleted.",
    statuses=(Status("active", access=True), Status("deleted", access=False)),
    columns=(
        Column("abstract_course_id", Kind.ID, Need.ROW),
        Column("short_name", Kind.NAME, Need.ROW),
        Column("long_name", Kind.NAME, Need.ROW),
        Column("account_id", Kind.ID, refers=Reference("accounts", "account_id")),
        Column("term_id", Kind.ID, refers=Reference("terms", "term_id")),
        Column("status", Kind.STATUS, Need.ROW),
        Column("fallback_account_id", Kind.ID, refers=Reference("accounts", "account_id")),
    ),
)

COURSES = Table(
    name="courses",
    title="Courses",
    header=Header((("course_id", "short_name"),)),
    key=(KeyPart(("course_id",)),),
    count="courses",
    gone="deleted",
    gone_means="The course is deleted, its sections and enrollments with it.",
    statuses=(
        Status("active", access=True),
        Status("published", access=True),
        Status("unpublished", access=True),
        Status("completed", access=False),
        Status("deleted", access=False),
    ),
    columns=(
        Column("course_id", Kind.ID, Need.ROW),
        Column("short_name", Kind.NAME, Need.ROW, unless="abstract_course_id", sticky=True),
        Column("long_name", Kind.NAME, Need.ROW, unless="abstract_course_id", sticky=True),
        Column(
            "account_id",
            Kind.ID,
            refers=Reference("accounts", "account_id"),
            sticky=True,
            note="Blank never moves a course; an unknown account refuses the row.",
        ),
        Column(
            "term_id",
            Kind.ID,
            refers=Reference("terms", "term_id"),
            sticky=True,
            note="An unknown term is silently ignored: the course keeps or gets the default term.",
        ),
        Column(
            "status",
            Kind.STATUS,
            Need.ROW,
            sticky=True,
            note="`active` makes an unpublished course; only `published` publishes it.",
        ),
        _INTEGRATION_ID,
        Column("start_date", Kind.DATE, blank=_CLEARS, delete_word=True, sticky=True),
        Column("end_date", Kind.DATE, blank=_CLEARS, delete_word=True, sticky=True),
        Column(
            "course_format",
            Kind.CHOICE,
            blank=_CLEARS,
            values=("online", "on_campus", "blended"),
        ),
        Column(
            "blueprint_course_id",
            Kind.ID,
            refers=Reference("courses", "course_id"),
            note="`dissociate` takes the course out of its blueprint.",
        ),
        Column(
            "grade_passback_setting",
            Kind.CHOICE,
            blank=_CLEARS,
            values=("nightly_sync", "not_set"),
            open=True,
            sticky=True,
        ),
        Column("homeroom_course", Kind.FLAG),
        Column("friendly_name", Kind.NAME),
        Column("fallback_account_id", Kind.ID, refers=Reference("accounts", "account_id")),
        Column(
            "abstract_course_id",
            Kind.ID,
            refers=Reference("abstract_courses", "abstract_course_id"),
        ),
    ),
    notes=("Any date turns on the restriction of the course to its dates.",),
)

SECTIONS = Table(
    name="sections",
    title="Sections",
    header=Header((("section_id", "name"),)),
    key=(KeyPart(("section_id",)),),
    count="sections",
    gone="deleted",
    gone_means="The section is deleted, its enrollments with it.",
    statuses=(Status("active", access=True), Status("deleted", access=False)),
    columns=(
        Column("section_id", Kind.ID, Need.ROW),
        Column(
            "course_id",
            Kind.ID,
            Need.ROW,
            refers=Reference("courses", "course_id"),
            sticky=True,
            note="Another course pulls a cross-listed section out and moves it.",
        ),
        Column("name", Kind.NAME, Need.LIVE, sticky=True),
        Column("status", Kind.STATUS, Need.ROW),
        _INTEGRATION_ID,
        Column("start_date", Kind.DATE, blank=_CLEARS, omitted=_CLEARS, sticky=True),
        Column("end_date", Kind.DATE, blank=_CLEARS, omitted=_CLEARS, sticky=True),
    ),
)

XLISTS = Table(
    name="xlists",
    title="Cross-listings: a section taught in another course",
    header=Header((("xlist_course_id", "section_id"),)),
    key=(KeyPart(("section_id",)),),
    count="xlists",
    reading=Reading.EXACT,
    gone="deleted",
    gone_means="The section goes home to its own course, its people with it.",
    statuses=(Status("active", access=True), Status("deleted", access=False)),
    columns=(
        Column(
            "xlist_course_id",
            Kind.ID,
            Need.ROW,
            note="Made from the section's own course when Canvas has no such course.",
        ),
        Column("section_id", Kind.ID, Need.ROW, refers=Reference("sections", "section_id")),
        Column("status", Kind.STATUS, Need.ROW),
    ),
)
