"""How careful a grade sync is: what a person must say yes to before it is sent.

These numbers are the institution's, not the provider's, and never change what a payload holds.
"""

import msgspec

from rosterway.settings.shape import SisEdits


class Caution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What waits for a yes.

    `first_sync`: the first sync of a course is shown before it is sent. `new_line_items`: more new
    ones than this wait. `adoptions`: line items found in the SIS wait before they are written to.
    `cleared`: more grades taken out of the SIS than this wait.
    """

    first_sync: bool = True
    new_line_items: int = 25
    adoptions: bool = True
    cleared: int = 10
    sis_edits: SisEdits = SisEdits.OVERWRITE
