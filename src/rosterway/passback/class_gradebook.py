"""One class's gradebook as its SIS has it: what a grade sync is matched with.

Every list says whether it is proven complete (`oneroster.paging`): what an incomplete one does not
show may still be there, so nothing is created or removed on its word.
"""

import msgspec

from rosterway.formats.oneroster.gradebook import Category, LineItem, Result, ScoreScale


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An academic session of the class: `kind` gradingPeriod, term, …; days as YYYY-MM-DD.

    `end` is exclusive, as OneRoster has it. `is_above`: the class's own sessions lie in it, and the
    class need not run for all of it.
    """

    sourced_id: str
    title: str = ""
    kind: str = "term"
    start: str | None = None
    end: str | None = None
    parent: str | None = None
    is_above: bool = False


class ClassGradebook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of it. A list that is None was not read.

    `students` are the sourcedIds of the students the SIS lists in the class; `incomplete` names the
    lists that are not proven complete. `unserved` names those the SIS does not offer. `is_deleted`:
    the SIS says that the class is to be deleted.
    """

    class_id: str
    school_id: str | None = None
    sessions: tuple[Session, ...] = ()
    students: tuple[str, ...] | None = None
    categories: tuple[Category, ...] | None = None
    line_items: tuple[LineItem, ...] | None = None
    results: tuple[Result, ...] | None = None
    score_scales: tuple[ScoreScale, ...] | None = None
    incomplete: tuple[str, ...] = ()
    unserved: tuple[str, ...] = ()
    is_deleted: bool = False
