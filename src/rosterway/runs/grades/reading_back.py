"""What the SIS has of pieces nobody knows the outcome of, by the lists of their classes.

A piece that is not answered for could not be looked for: its list was not served, or is not proven
complete and does not show it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.days import written_day
from rosterway.passback.differences import line_items_agree, tells_the_same
from rosterway.passback.ledger import Key
from rosterway.passback.match import Results, results_of
from rosterway.runs.grades.pieces import Found, Piece
from rosterway.runs.grades.sis import Sis
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.grades.transform_assignments import entries_of

_ABSENT = Found("", agrees=False)


async def read_line_items(sync: Syncing, sis: Sis, pieces: Sequence[Piece]) -> Mapping[Key, Found]:
    """Line items: by the id they were sent with, else by name and due day if exactly one is so."""
    linked = {
        one.sourced_id for one in entries_of(sync.handle, sync.course).values() if not one.user
    }
    found: dict[Key, Found] = {}
    for class_id, wanted in _by_class(pieces).items():
        listed = await sis.gradebooks.line_items(class_id)
        there = [one for one in listed.nouns if not one.is_deleted]
        for piece in wanted:
            assert isinstance(piece.noun, LineItem)
            seen = _line_item(sync, piece.noun, there, linked)
            if seen is not None:
                found[piece.key] = seen
            elif listed.is_proven:
                found[piece.key] = _ABSENT
    return found


async def read_results(sync: Syncing, sis: Sis, pieces: Sequence[Piece]) -> Mapping[Key, Found]:
    """Results: by student and line item."""
    del sync
    found: dict[Key, Found] = {}
    for class_id, wanted in _by_class(pieces).items():
        listed = await sis.gradebooks.results(class_id)
        there = results_of(ClassGradebook(class_id=class_id, results=listed.nouns))
        for piece in wanted:
            assert isinstance(piece.noun, Result)
            seen = _result(piece.noun, there)
            if seen is not None:
                found[piece.key] = seen
            elif listed.is_proven:
                found[piece.key] = _ABSENT
    return found


def _line_item(
    sync: Syncing, wanted: LineItem, there: Sequence[LineItem], linked: set[str]
) -> Found | None:
    due = written_day(wanted.due, sync.zone)
    for one in there:
        if wanted.sourced_id and one.sourced_id == wanted.sourced_id:
            days = (due, written_day(one.due, sync.zone))
            return Found(one.sourced_id, agrees=line_items_agree(wanted, one, days))
    if wanted.sourced_id:
        return None
    named = [
        one
        for one in there
        if one.title == wanted.title
        and written_day(one.due, sync.zone) == due
        and one.sourced_id not in linked
    ]
    return Found(named[0].sourced_id, agrees=True) if len(named) == 1 else None


def _result(wanted: Result, there: Results) -> Found | None:
    known = [wanted.sourced_id] if wanted.sourced_id else []
    seen = there.of(wanted.line_item_id, wanted.student_id, known)
    return seen and Found(seen.sourced_id, agrees=tells_the_same(wanted, seen))


def _by_class(pieces: Sequence[Piece]) -> dict[str, list[Piece]]:
    found: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        found[piece.key[0]].append(piece)
    return found
