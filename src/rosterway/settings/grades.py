"""How grades go back, as the file says it: `[tenant.NAME.grades]`."""

from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, cast

from rosterway.settings import shape, values
from rosterway.settings.findings import Wrong
from rosterway.settings.schema import Key, Many, Named, Table
from rosterway.settings.values import Hours, Kind, choice, frozen, textual, toml_type


def _hours(raw: str) -> object:
    try:
        return Hours.of(raw)
    except ValueError:
        return Wrong(f'"{raw}" is no part of a day', f"write {HOURS.says}")


def _day(raw: str) -> object:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return Wrong(f'"{raw}" is no day', f"write {DAY.says}")


def _rules(raw: object) -> object:
    """Shape only: names with text, numbers, true or false, or arrays of text."""
    if not isinstance(raw, dict):
        return Wrong(f"this is {toml_type(raw)}", f"write {RULES.says}")
    read: dict[str, object] = {}
    for name, value in cast("dict[str, Any]", raw).items():
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        kinds = (str,) if isinstance(value, list) else (str, int, float, bool)
        if not all(isinstance(item, kinds) for item in items):
            return Wrong("no rule is like this", "write text, a number, true or false", at=(name,))
        read[name] = tuple(items) if isinstance(value, list) else value
    return MappingProxyType(read)


HOURS = textual('a part of the day such as "07:30-15:30"', _hours)
RULES = Kind("a table of rules", _rules)

DAY = textual('a day such as "2026-10-16"', _day)

COURSE_GRADE = Table(
    shape.CourseGrade,
    (
        Key(
            "grading_period",
            values.TEXT,
            "the title of the grading period in Canvas whose grade it is, or `each`, which makes a "
            "line item for each one; the grade of the whole course if left out",
        ),
        Key("title", values.TEXT, "the line item's; usual for its kind if left out"),
        Key("category", values.TEXT, "the title of its category; the line item's if left out"),
        Key(
            "basis",
            choice(shape.Basis),
            "what is not graded counts as 0 (final), or not at all (current)",
            default=shape.Basis.FINAL,
        ),
        Key(
            "overrides",
            values.YES_OR_NO,
            "whether an override that a teacher has set goes before the total",
            default=True,
        ),
        Key(
            "hidden",
            values.YES_OR_NO,
            "whether grades count that students may not see yet",
            default=False,
        ),
        Key("letters", values.YES_OR_NO, "whether it is told by its letter", default=False),
        Key("points", values.whole_number(1, 100_000), "what 100 percent is worth", default=100),
        Key("until", DAY, "the last day it is sent on; after it the SIS keeps what it has"),
    ),
    "How the midterm or the final grade of a course goes back; neither does unless it is said here.",
)

FILES = Table(
    shape.GradeFiles,
    (
        Key(
            "profile",
            values.WORD,
            "the kind of SIS, whose rules hold, or one of your own",
            default="generic",
        ),
        Key(
            "version",
            choice(shape.Version),
            "OneRoster's version, whose columns the files have",
            required=True,
        ),
        Key(
            "keep",
            values.whole_number(0, 3_660),
            "days that the copies with a date in their name are kept; 0: none is made",
            default=30,
        ),
        Key(
            "to",
            values.NAME,
            'where they are put: "gateway", or a connection of kind `sftp` as well',
            default=shape.GATEWAY,
        ),
    ),
    "A SIS that takes grades as files only: each course's gradebook as a OneRoster CSV bundle in the "
    "folder `grade-export` of the tenant's tree.",
)

GRADES = Table(
    shape.Grades,
    (
        Key("connection", values.NAME, "where grades go, if not into `files`"),
        Key("files", FILES),
        Key(
            "endpoints",
            choice(shape.Endpoints),
            "who chooses a lineItem's sourcedId",
            default=shape.Endpoints.STANDARD,
        ),
        Key(
            "performance",
            Many(choice(shape.Performance)),
            "short cuts the provider offers",
            default=(),
        ),
        Key("schedule", values.CRON, "when courses are synced, in the tenant's time zone"),
        Key(
            "courses",
            choice(shape.Courses),
            "which courses the schedule syncs: those with Canvas's nightly sync on, or all",
            default=shape.Courses.FLAGGED,
        ),
        Key(
            "preview",
            choice(shape.Preview),
            "when a sync waits for a person's yes: a course's first one, always or never",
            default=shape.Preview.FIRST,
        ),
        Key(
            "cap",
            values.whole_number(0, 100_000),
            "how many new line items a sync may create without a person's yes",
            default=25,
        ),
        Key(
            "cleared",
            values.whole_number(0, 100_000),
            "how many grades a sync may take out of the SIS without a person's yes",
            default=10,
        ),
        Key(
            "adoptions",
            values.YES_OR_NO,
            "whether a person is asked before line items are written to that the SIS had already",
            default=True,
        ),
        Key(
            "sis_edits",
            choice(shape.SisEdits),
            "what is done with a grade that somebody has changed in the SIS: it is overwritten, a "
            "person is asked, or it is kept; the last two read the results before each sync",
            default=shape.SisEdits.OVERWRITE,
        ),
        Key(
            "verify",
            values.YES_OR_NO,
            "whether grades are read back after they were sent",
            default=False,
        ),
        Key(
            "in_flight",
            values.whole_number(1, 256),
            "puts under way at a time; the connection's `concurrency` if left out",
        ),
        Key(
            "batch",
            values.whole_number(1, 1_000),
            "puts that are written down together before they are sent",
            default=100,
        ),
        Key(
            "quiet",
            Many(HOURS),
            "parts of the day, in the tenant's time zone, in which nothing is sent; the profile's if "
            "left out, none with []",
        ),
        Key(
            "full_read_every",
            values.DURATION,
            "how often all submissions are read; in between only those that have changed",
            default=timedelta(days=1),
        ),
        Key(
            "categories",
            choice(shape.Categories),
            "how a class's categories are asked for; auto finds out what the SIS serves",
            default=shape.Categories.AUTO,
        ),
        Key(
            "bulk_url",
            values.URL,
            "where results are posted in bulk, if not at the standard's place",
        ),
        Key(
            "mirror",
            values.YES_OR_NO,
            "whether associations are also written to Canvas's assignment groups",
            default=False,
        ),
        Key(
            "transform",
            values.TEXT,
            "a file of rules that change the snapshot, or the name of an entry point in the group "
            "rosterway.transform_snapshot",
        ),
        Key(
            "course_grade",
            Named(choice(shape.CourseGradeKind), "kind", COURSE_GRADE),
            attribute="course_grades",
            default=frozen({}),
        ),
        Key(
            "rules",
            RULES,
            "what the SIS accepts, where it is not as its profile says",
            default=frozen({}),
        ),
    ),
    "How grades go back.",
)
