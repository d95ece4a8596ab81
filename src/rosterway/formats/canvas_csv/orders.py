"""Tables that are orders to Canvas rather than a roster: id changes and grade publishing results."""

from rosterway.formats.canvas_csv.table import Column, Header, KeyPart, Kind, Need, Reading, Table

CHANGE_SIS_ID = Table(
    name="change_sis_id",
    title="Changes of SIS ids",
    header=Header((("old_id",), ("old_integration_id",))),
    key=(
        KeyPart(("type",), fold=True),
        KeyPart(("old_id",), optional=True),
        KeyPart(("old_integration_id",), optional=True),
    ),
    count="change_sis_ids",
    compared=False,
    one_of=(("old_id", "old_integration_id"), ("new_id", "new_integration_id")),
    gone_means="Nothing: a change of id is done once.",
    columns=(
        Column("old_id", Kind.ID),
        Column("new_id", Kind.ID),
        Column("old_integration_id", Kind.ID),
        Column("new_integration_id", Kind.ID, delete_word=True),
        Column(
            "type",
            Kind.CHOICE,
            Need.ROW,
            values=("account", "term", "course", "section", "group", "group_category", "user"),
        ),
    ),
    notes=(
        "Runs first: the other files of a delivery use the new ids.",
        "Not to be repeated: Canvas refuses a change that was made already.",
    ),
)

GRADE_PUBLISHING_RESULTS = Table(
    name="grade_publishing_results",
    title="Answers to Canvas's own grade publishing",
    header=Header((("enrollment_id", "grade_publishing_status"),)),
    key=(KeyPart(("enrollment_id",)),),
    count="grade_publishing_results",
    compared=False,
    documented=False,
    reading=Reading.EXACT,
    gone_means="Nothing: an answer is given once.",
    columns=(
        Column("enrollment_id", Kind.NUMBER, Need.ROW, note="Canvas's own id."),
        Column(
            "grade_publishing_status",
            Kind.CHOICE,
            Need.ROW,
            values=("published", "error"),
        ),
        Column("message", Kind.TEXT),
    ),
)
