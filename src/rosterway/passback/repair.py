"""Ending chosen differences between Canvas and the SIS: what to put and what to delete.

Guarantees: only what was chosen is touched; what only the SIS has is never deleted; what somebody
did in the SIS is overwritten by an explicit yes, or where the institution's policy is to overwrite,
and not at all where it is to keep. What is not done is told with its reason.
"""

from collections.abc import Collection

import msgspec

from rosterway.passback.differences import Difference, Kind
from rosterway.passback.ledger import Key
from rosterway.passback.plan import Deletion, LineItemPut, ResultPut
from rosterway.passback.reasons import Reason, ReasonRule, Who, by_code
from rosterway.passback.reconcile import Reconciliation
from rosterway.settings.shape import SisEdits

RULES: tuple[ReasonRule, ...] = (
    ReasonRule(
        code="not-in-both",
        message="There is no such difference any more.",
        remedy="Reconcile again.",
    ),
    ReasonRule(
        code="only-in-sis",
        message="Only the SIS has it, and nothing that only the SIS has is deleted from here.",
        remedy="Delete it in the SIS if it does not belong there.",
    ),
    ReasonRule(
        code="nothing-to-repair",
        message="Sending it again would change nothing.",
    ),
    ReasonRule(
        code="sis-edit-needs-yes",
        message="Somebody changed it in the SIS, and a repair would overwrite that.",
        remedy="Compare both values, and repair it with a yes to overwriting what the SIS has.",
    ),
    ReasonRule(
        code="sis-edit-kept",
        message="Somebody changed it in the SIS, and edits made there are kept by policy.",
        remedy="Change the grade in Canvas, or the policy for edits made in the SIS.",
        who=Who.CANVAS_ADMIN,
    ),
    ReasonRule(
        code="line-item-not-repaired",
        message="The SIS does not have the assignment, so it can have no grade of it.",
        remedy="Repair the assignment first.",
    ),
)
_RULES = by_code(RULES)

#: Kinds of an assignment that the SIS does not have.
_ABSENT = frozenset({Kind.NEVER_SENT, Kind.DELETED_IN_SIS})


class Unrepaired(msgspec.Struct, frozen=True, kw_only=True):
    """A chosen difference that is left as it is, and why."""

    class_id: str
    assignment: str
    user: str
    reason: Reason


class Repair(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to send, line items before results before deletions, and what is left."""

    line_items: tuple[LineItemPut, ...] = ()
    results: tuple[ResultPut, ...] = ()
    deletions: tuple[Deletion, ...] = ()
    left: tuple[Unrepaired, ...] = ()


def repairable(reconciliation: Reconciliation) -> frozenset[Key]:
    """Every place a repair could end the difference of."""
    return frozenset(one.key for one in reconciliation.differences if one.is_repairable)


def repair(
    reconciliation: Reconciliation,
    chosen: Collection[Key],
    edits: SisEdits,
    *,
    overwrite: bool = False,
) -> Repair:
    """What ends the chosen differences; `overwrite` is a person's yes to overwrite edits in the SIS.

    A grade of an assignment the SIS does not have brings the assignment along.
    """
    known = {one.key: one for one in reconciliation.differences}
    ended: dict[Key, Difference] = {}
    left: dict[Key, Reason] = {}
    for key in sorted(chosen):
        difference = known.get(key)
        reason = _why_not(difference, edits, overwrite=overwrite)
        if reason is None and difference is not None and key[2] and difference.result:
            reason = _brought_along(known.get((*key[:2], "")), ended, edits, overwrite=overwrite)
        if reason is not None:
            left[key] = reason
        elif difference is not None:
            ended[key] = difference
    done = [ended[key] for key in sorted(ended)]
    return Repair(
        line_items=tuple(one.line_item for one in done if one.line_item),
        results=tuple(one.result for one in done if one.result),
        deletions=tuple(one.deletion for one in done if one.deletion),
        left=tuple(
            Unrepaired(class_id=key[0], assignment=key[1], user=key[2], reason=reason)
            for key, reason in sorted(left.items())
        ),
    )


def _why_not(difference: Difference | None, edits: SisEdits, *, overwrite: bool) -> Reason | None:
    """Why a difference is left as it is; None: it is repaired."""
    if difference is None:
        return _RULES["not-in-both"].of()
    if difference.kind is Kind.ONLY_IN_SIS:
        return _RULES["only-in-sis"].of()
    if not difference.is_repairable:
        return difference.reason or _RULES["nothing-to-repair"].of()
    if difference.is_edited and edits is SisEdits.KEEP:
        return _RULES["sis-edit-kept"].of()
    if difference.is_edited and edits is SisEdits.ASK and not overwrite:
        return _RULES["sis-edit-needs-yes"].of()
    return None


def _brought_along(
    line_item: Difference | None,
    ended: dict[Key, Difference],
    edits: SisEdits,
    *,
    overwrite: bool,
) -> Reason | None:
    """Bring the assignment of a grade along, if the SIS does not have it; why that is not done."""
    if line_item is None or line_item.kind not in _ABSENT:
        return None
    if _why_not(line_item, edits, overwrite=overwrite) is not None:
        return _RULES["line-item-not-repaired"].of()
    ended[line_item.key] = line_item
    return None
