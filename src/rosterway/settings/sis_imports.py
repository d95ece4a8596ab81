"""What Canvas is asked to do with a feed's SIS imports: `[tenant.NAME.feed.NAME.sis_import]`."""

from rosterway.settings import shape, values
from rosterway.settings.schema import Key, Table

SIS_IMPORT = Table(
    shape.SisImportOptions,
    (
        Key(
            "override_sis_stickiness",
            values.YES_OR_NO,
            "whether names, dates and the like that somebody has changed by hand in Canvas are "
            "overwritten; dangerous: what teachers have put right is lost, row by row, at the next "
            "import that has the row",
            default=False,
        ),
        Key(
            "add_sis_stickiness",
            values.YES_OR_NO,
            "whether what the import writes counts as changed by hand, so that later imports leave it "
            "alone; dangerous: even this feed cannot change it again without overriding",
            default=False,
        ),
        Key(
            "clear_sis_stickiness",
            values.YES_OR_NO,
            "whether what the import writes no longer counts as changed by hand",
            default=False,
        ),
        Key(
            "update_sis_id_if_login_claimed",
            values.YES_OR_NO,
            "whether a login that Canvas has under another SIS id is given the new SIS id instead of "
            "being refused; dangerous: a login name that was given to another person gives them the "
            "first person's account, with all grades in it",
            default=False,
        ),
    ),
    "Options of the feed's SIS imports, by Canvas's names.",
)
