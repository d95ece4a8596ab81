"""How grade exports are made, as the file says it: `[tenant.NAME.grade_export.NAME]`."""

from rosterway.settings import shape, values
from rosterway.settings.schema import Key, Many, Table
from rosterway.settings.values import matching

FILE_NAME = matching(
    "a plain file name that ends in .csv", r"[A-Za-z0-9_][A-Za-z0-9._ -]{0,95}\.csv"
)

GRADE_EXPORT = Table(
    shape.GradeExport,
    (
        Key(
            "schedule",
            values.CRON,
            "when it is made, in the tenant's time zone; if left out, only when told to",
        ),
        Key("file", FILE_NAME, "the file's name; the export's own with .csv if left out"),
        Key(
            "terms",
            Many(values.TEXT),
            "SIS ids of terms, each of which has a file of its own; if empty, one file has all",
            default=(),
        ),
        Key(
            "include_deleted",
            values.YES_OR_NO,
            "whether unpublished and deleted courses and enrollments have rows as well",
            default=False,
        ),
        Key(
            "limiting_period",
            values.whole_number(1, 3_660),
            "of those only what ended within so many days",
        ),
        Key(
            "preflight",
            values.YES_OR_NO,
            "whether a second file lists the grades that a registrar should look at",
            default=True,
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
            'where it is put: "gateway", or a connection of kind `sftp` as well',
            default=shape.GATEWAY,
        ),
    ),
    "Canvas's Grade Export report, put into the folder `grade-export` of the tenant's tree.",
)
