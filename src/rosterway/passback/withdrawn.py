"""Assignments that are no longer to be synced, and that the SIS still has."""

from collections.abc import Collection, Mapping, Sequence

from rosterway.passback.gradebook import LeftOut
from rosterway.passback.ledger import Entry, LinkedBy
from rosterway.passback.places import Places
from rosterway.passback.plan import Deletion, Left
from rosterway.passback.rules import Withdrawn
from rosterway.passback.tell import LEFT, Told
from rosterway.passback.terms import Selection, Terms


def withdraw(
    told: Told,
    placed: Places,
    entries: Mapping[str, Sequence[Entry]],
    terms: Terms,
    selection: Selection,
    left_out: Collection[LeftOut] = (),
) -> None:
    """What the SIS has of assignments that are no longer to be synced.

    Only ours are ever deleted, and none that Canvas still has and a transform left out.
    """
    if selection.assignments is not None:
        return
    rules = terms.rules
    for class_id, of_class in entries.items():
        synced = {
            one.id
            for one, _ in placed.get(class_id, ())
            if one.published or not rules.needs_published
        }
        for entry in of_class:
            item = entry.line_item
            is_gone = item is not None and item.is_deleted
            is_linked = bool(entry.fingerprint) or entry.linked_by is not LinkedBy.OURS
            if entry.user or entry.assignment in synced or is_gone or not is_linked:
                continue
            if not selection.takes(entry.assignment, class_id):
                continue
            is_ours = entry.linked_by is LinkedBy.OURS and entry.sourced_id
            here = LeftOut(assignment=entry.assignment, class_id=class_id)
            if here in left_out:
                told.left.append(_left(here, "left-out"))
            elif rules.withdrawn is Withdrawn.DELETE and rules.deletes and is_ours:
                told.deletions.append(
                    Deletion(
                        assignment=entry.assignment,
                        class_id=class_id,
                        sourced_id=entry.sourced_id,
                    )
                )
            else:
                told.left.append(_left(here, "withdrawn"))


def _left(here: LeftOut, why: str) -> Left:
    return Left(assignment=here.assignment, class_id=here.class_id, user="", reason=LEFT[why])
