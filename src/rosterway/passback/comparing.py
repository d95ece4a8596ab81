"""What the two sides of a place are to each other, decided from what each has and what was told.

Guarantees: each combination has one kind, and what somebody did in the SIS is marked as such, in
doubt too, so that nothing of theirs is overwritten unasked. Leaves to `sides` what is there, and to
`differences` when two values are the same.
"""

from zoneinfo import ZoneInfo

import msgspec

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback.days import written_day
from rosterway.passback.differences import (
    WORDS,
    Difference,
    Kind,
    is_excused_on_one_side,
    is_rounded,
    line_items_agree,
    tells_the_same,
)
from rosterway.passback.ledger import Entry, LinkedBy, State
from rosterway.passback.plan import Deletion, LineItemPut, ResultPut
from rosterway.passback.reasons import Reason
from rosterway.passback.sides import LineItemPlace, ResultPlace
from rosterway.passback.told import is_grade, number, value_of, value_of_line_item

#: Kinds that are told as EXCUSED where only one side excuses the student.
_OF_VALUES = frozenset({Kind.CHANGED, Kind.EDITED_IN_SIS, Kind.ENTERED_IN_SIS})
_NO_REPAIR = frozenset({Kind.SAME, Kind.ROUNDING, Kind.BY_RULE, Kind.WITHHELD, Kind.UNREAD})
_UNKNOWN = "what is not known"


def compare_line_item(place: LineItemPlace, zone: ZoneInfo) -> Difference | None:
    """An assignment on both sides; None: it is on neither."""
    told = _told_line_item(place.entry)
    wanted = place.put.line_item if place.put else None
    kind = _kind_of_line_item(place, wanted, told, zone)
    if kind is None:
        return None
    is_edited = kind in {Kind.EDITED_IN_SIS, Kind.ENTERED_IN_SIS, Kind.DELETED_IN_SIS} or (
        place.found is not None and told is not None and not _agree(told, place.found, zone)
    )
    return _difference(
        kind,
        place,
        canvas=value_of_line_item(wanted, zone),
        sis=value_of_line_item(place.found, zone) if place.found or place.is_whole else _UNKNOWN,
        told=value_of_line_item(told, zone),
        is_edited=is_edited and kind is not Kind.SAME,
        sourced_id=place.found.sourced_id if place.found else "",
        line_item=_line_item_put(place, kind),
        deletion=_deletion(place, kind),
    )


def compare_result(place: ResultPlace) -> Difference | None:
    """A student's result on both sides; None: there is nothing to tell of it."""
    told = _told_result(place.entry)
    wanted = place.put.result if place.put else None
    kind = _kind_of_result(place, wanted, told)
    if kind is None:
        return None
    exact = place.put.score if place.put else None
    return _difference(
        kind,
        place,
        canvas=value_of(wanted),
        exact=number(exact) if exact is not None else value_of(wanted),
        sis=value_of(place.found) if place.found or place.is_whole else _UNKNOWN,
        told=value_of(told),
        is_edited=kind is not Kind.SAME and _is_edited(place, wanted, told),
        student_id=place.student,
        sourced_id=place.found.sourced_id if place.found else "",
        result=_result_put(place, kind),
        deletion=_deletion(place, kind),
    )


def _kind_of_line_item(
    place: LineItemPlace, wanted: LineItem | None, told: LineItem | None, zone: ZoneInfo
) -> Kind | None:
    if wanted is None:
        return _kind_unwanted(place)
    if place.found is None:
        return _kind_unfound(place, is_told=told is not None or _is_linked(place.entry))
    if _agree(wanted, place.found, zone):
        return Kind.SAME
    return _kind_on_record(place.entry) or _kind_of_values(
        was_told=told is not None,
        has_told=told is not None and _agree(told, place.found, zone),
    )


def _kind_of_result(place: ResultPlace, wanted: Result | None, told: Result | None) -> Kind | None:
    found = place.found
    if wanted is None:
        return _kind_unwanted(place)
    if found is None:
        is_needless = place.put is not None and place.put.is_cleared and place.is_whole
        return None if is_needless else _kind_unfound(place, is_told=told is not None)
    if tells_the_same(wanted, found):
        return _kind_of_same(place.put, found)
    kind = _kind_on_record(place.entry)
    if kind is not None:
        return kind
    if told is not None and tells_the_same(told, wanted) and _is_rounding(wanted, found):
        return Kind.ROUNDING
    kind = _kind_of_values(was_told=told is not None, has_told=tells_the_same(told, found))
    if place.put is not None and place.put.is_cleared:
        return Kind.DELETED_IN_CANVAS
    return Kind.EXCUSED if is_excused_on_one_side(wanted, found) and kind in _OF_VALUES else kind


def _kind_unwanted(place: LineItemPlace | ResultPlace) -> Kind | None:
    """Canvas has nothing to tell here."""
    is_left = isinstance(place, ResultPlace) and place.is_left
    if place.reason is not None and not is_left:
        return Kind.WITHHELD
    if place.found is None:
        return None
    was_told = _told_line_item(place.entry) or _told_result(place.entry)
    is_gone = place.deletion or is_left or was_told
    return Kind.DELETED_IN_CANVAS if is_gone else Kind.ONLY_IN_SIS


def _kind_unfound(place: LineItemPlace | ResultPlace, *, is_told: bool) -> Kind:
    """Canvas has something, and the SIS shows nothing."""
    if not place.is_whole:
        return Kind.UNREAD
    return _kind_on_record(place.entry) or (Kind.DELETED_IN_SIS if is_told else Kind.NEVER_SENT)


def _kind_on_record(entry: Entry | None) -> Kind | None:
    """What the ledger says of the last attempt, if it did not end well."""
    if entry is None:
        return None
    if entry.is_in_doubt:
        return Kind.UNCONFIRMED
    return Kind.REFUSED if entry.state is State.REFUSED else None


def _kind_of_values(*, was_told: bool, has_told: bool) -> Kind:
    """Both have something, and not the same: who changed it?"""
    if not was_told:
        return Kind.ENTERED_IN_SIS
    return Kind.CHANGED if has_told else Kind.EDITED_IN_SIS


def _kind_of_same(put: ResultPut | None, found: Result) -> Kind:
    """The SIS has what it is to be told. Canvas may still show another number."""
    exact = put.score if put else None
    if exact is None or not is_grade(found) or found.score is None or exact == found.score:
        return Kind.SAME
    return Kind.ROUNDING if is_rounded(exact, found.score) else Kind.BY_RULE


def _is_rounding(wanted: Result, found: Result) -> bool:
    return is_grade(wanted) and is_grade(found) and is_rounded(wanted.score, found.score)


def _is_edited(place: ResultPlace, wanted: Result | None, told: Result | None) -> bool:
    """Whether what the SIS has is not what it was told, as far as anybody can know."""
    if not place.is_whole and place.found is None:
        return False
    if tells_the_same(told, place.found):
        return False
    # What was sent and not answered, or refused, may be what is there.
    return not tells_the_same(wanted, place.found)


def _told_line_item(entry: Entry | None) -> LineItem | None:
    """The line item the SIS took last; None after a deletion."""
    told = entry.line_item if entry else None
    return None if told is None or told.is_deleted else told


def _told_result(entry: Entry | None) -> Result | None:
    """The result the SIS took last; None after a deletion."""
    told = entry.result if entry else None
    return None if told is None or told.is_deleted else told


def _is_linked(entry: Entry | None) -> bool:
    """Whether a person or a match has linked it to what was in the SIS already."""
    return entry is not None and entry.linked_by is not LinkedBy.OURS


def _agree(wanted: LineItem, found: LineItem, zone: ZoneInfo) -> bool:
    days = (written_day(wanted.due, zone), written_day(found.due, zone))
    return line_items_agree(wanted, found, days)


def _line_item_put(place: LineItemPlace, kind: Kind) -> LineItemPut | None:
    """What to send so that the SIS has the assignment; under the id it is found by."""
    if place.put is None or kind in _NO_REPAIR:
        return None
    if place.found is None:
        return place.put
    line_item = msgspec.structs.replace(place.put.line_item, sourced_id=place.found.sourced_id)
    return msgspec.structs.replace(place.put, line_item=line_item, is_new=False)


def _result_put(place: ResultPlace, kind: Kind) -> ResultPut | None:
    """What to send so that the SIS has the result.

    A SIS that chooses ids itself is not asked for one it no longer has.
    """
    if place.put is None or kind in _NO_REPAIR:
        return None
    ident = place.put.result.sourced_id
    if place.found is not None:
        ident = place.found.sourced_id
    elif place.is_modified and place.is_whole:
        ident = ""
    line_item = place.line_item or place.put.result.line_item_id
    result = msgspec.structs.replace(place.put.result, sourced_id=ident, line_item_id=line_item)
    return msgspec.structs.replace(place.put, result=result)


def _deletion(place: LineItemPlace | ResultPlace, kind: Kind) -> Deletion | None:
    if place.deletion is None or place.found is None or kind is not Kind.DELETED_IN_CANVAS:
        return None
    return msgspec.structs.replace(place.deletion, sourced_id=place.found.sourced_id)


def _difference(
    kind: Kind,
    place: LineItemPlace | ResultPlace,
    *,
    canvas: str,
    sis: str,
    told: str,
    is_edited: bool,
    exact: str = "",
    student_id: str = "",
    sourced_id: str = "",
    line_item: LineItemPut | None = None,
    result: ResultPut | None = None,
    deletion: Deletion | None = None,
) -> Difference:
    class_id, assignment, user = place.key
    reason = place.reason or (place.entry.reason if place.entry else None)
    message = WORDS[kind].format(
        canvas=canvas, exact=exact or canvas, sis=sis, told=told, why=_words(reason)
    )
    return Difference(
        kind=kind,
        class_id=class_id,
        assignment=assignment,
        user=user,
        student_id=student_id,
        sourced_id=sourced_id,
        canvas=canvas,
        sis=sis,
        message=message.strip(),
        reason=reason,
        line_item=line_item,
        result=result,
        deletion=deletion,
        is_edited=is_edited,
    )


def _words(reason: Reason | None) -> str:
    return reason.message if reason else ""
