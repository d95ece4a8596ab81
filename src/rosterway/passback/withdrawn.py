"""Assignments that are no longer to be synced, and that the SIS still has."""

from collections.abc import Mapping, Sequence

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
) -> None:
    """What the SIS has of assignments that are no longer to be synced. Only ours are ever deleted."""
    if selection.assignments is not None:
        return
    rules = terms.rules
    for class_id, of_class in entries.items():
        synced = {one.id for one, _ in placed.get(class_id, ())}
        for entry in of_class:
            item = entry.line_item
            is_gone = item is not None and item.is_deleted
            is_linked = bool(entry.fingerprint) or entry.linked_by is not LinkedBy.OURS
            if entry.user or entry.assignment in synced or is_gone or not is_linked:
                continue
            if not selection.takes(entry.assignment, class_id):
                continue
            is_ours = entry.linked_by is LinkedBy.OURS and entry.sourced_id
            if rules.withdrawn is Withdrawn.DELETE and rules.deletes and is_ours:
                told.deletions.append(
                    Deletion(
                        assignment=entry.assignment,
                        class_id=class_id,
                        sourced_id=entry.sourced_id,
                    )
                )
            else:
                told.left.append(
                    Left(
                        assignment=entry.assignment,
                        class_id=class_id,
                        user="",
                        reason=LEFT["withdrawn"],
                    )
                )
