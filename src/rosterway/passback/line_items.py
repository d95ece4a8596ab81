"""The line item an assignment becomes in one class, and what was altered on the way.

Every alteration is by a declared rule of the pack and is listed with what was there before, so that
it is seen before it is sent. Leaves to `preflight` whether the line item may go at all.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from rosterway.formats.oneroster.gradebook import LineItem
from rosterway.passback.class_gradebook import ClassGradebook, Session
from rosterway.passback.days import day_at, write_day
from rosterway.passback.gradebook import Assignment, Placement
from rosterway.passback.rules import Bound, Inside, LongName, Rules, SameName
from rosterway.passback.sessions import PERIODS, TERMS, end_of_session, session_above, session_of
from rosterway.settings.shape import Version

ELLIPSIS = "…"


class Alteration(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What goes is not what Canvas has.

    `why` is the rule of the pack that says so, or `association`: the category that was chosen is
    no longer in the SIS.
    """

    what: str
    before: str
    after: str
    why: str


class Title(msgspec.Struct, frozen=True, kw_only=True):
    """The title an assignment goes by in a class; text None: the pack refuses it."""

    text: str | None
    is_too_long: bool = False
    is_taken: bool = False


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A line item, the school's days it was assigned and is due, and what was altered.

    `period` and `term` are those it is due in, `session` that of them its days are held to; None:
    they are held to none.
    """

    line_item: LineItem
    assigned: str | None
    due: str | None
    period: Session | None
    term: Session | None
    session: Session | None = None
    alterations: tuple[Alteration, ...] = ()


def _cut(name: str, length: int) -> str:
    return name[:length].rstrip()


def _with_ellipsis(name: str, length: int) -> str:
    return f"{name[: length - 1].rstrip()}{ELLIPSIS}" if length > 0 else ""


def _whole_words(name: str, length: int) -> str:
    kept = name[: length + 1].rpartition(" ")[0].rstrip(" -,;:")
    return kept or _cut(name, length)


#: How a name is shortened. `refuse` is not here: then it is not.
SHORTENED: Mapping[LongName, Callable[[str, int], str]] = {
    LongName.CUT: _cut,
    LongName.ELLIPSIS: _with_ellipsis,
    LongName.WORDS: _whole_words,
}


def titles(
    assignments: Iterable[Assignment], rules: Rules, length: int | None, taken: Iterable[str] = ()
) -> dict[str, Title]:
    """The title of each assignment of one class, by id.

    `taken` are the titles of the class's other line items. Of two assignments with one name the
    older in Canvas keeps it, so the titles do not depend on the order they are read in.
    """
    given: dict[str, Title] = {}
    used = {_same(title) for title in taken}
    for one in sorted(assignments, key=_age):
        given[one.id] = title = _title(one.name, rules, length, used)
        if title.text is not None:
            used.add(_same(title.text))
    return given


def _title(name: str, rules: Rules, length: int | None, used: set[str]) -> Title:
    is_long = length is not None and len(name) > length
    text = name
    if length is not None and is_long:
        shorten = SHORTENED.get(rules.long_name)
        text = shorten(name, length) if shorten else ""
        if not text.strip():
            return Title(text=None, is_too_long=True)
    if rules.same_name is SameName.ALLOW or _same(text) not in used:
        return Title(text=text, is_too_long=is_long)
    if rules.same_name is SameName.REFUSE:
        return Title(text=None, is_too_long=is_long, is_taken=True)
    suffixed = _suffixed(name, rules, length, used)
    return Title(text=suffixed, is_too_long=is_long, is_taken=True)


def _suffixed(name: str, rules: Rules, length: int | None, used: set[str]) -> str | None:
    """The name with the first free number after it, shortened as declared to make room for it."""
    for number in range(2, len(used) + 3):
        suffix = f" ({number})"
        kept = name.rstrip()
        if length is not None and len(kept) + len(suffix) > length:
            shorten = SHORTENED.get(rules.long_name)
            kept = shorten(kept, max(length - len(suffix), 0)) if shorten else ""
        if not kept:
            return None
        if _same(kept + suffix) not in used:
            return kept + suffix
    return None


def _same(title: str) -> str:
    return title.strip().casefold()


def _age(assignment: Assignment) -> tuple[int, str]:
    return (len(assignment.id), assignment.id)


def draft_line_item(
    assignment: Assignment,
    placement: Placement,
    of_class: ClassGradebook,
    *,
    sourced_id: str,
    title: str,
    category_id: str | None,
    rules: Rules,
    version: Version,
    zone: ZoneInfo,
    now: datetime,
    had: LineItem | None = None,
    had_due: str | None = None,
    score_scale_id: str | None = None,
) -> Draft:
    """The line item of an assignment in one class.

    `had` is what the SIS last accepted and `had_due` its day, which an assignment without a due
    date keeps: otherwise it would wander into the next grading period by itself.
    """
    alterations: list[Alteration] = []
    if title != assignment.name:
        why = "long_name" if len(title) < len(assignment.name) else "same_name"
        alterations.append(_altered("title", assignment.name, title, why))
    due = day_at(placement.due_at, zone)
    if due is None:
        due = (
            had_due
            if had is not None and had_due
            else end_of_session(of_class, rules.undated, zone, now, rules.ends)
        )
        if due is not None:
            alterations.append(_altered("due", "", due, "undated"))
    period = session_of(of_class, due, PERIODS, rules.ends)
    term = session_of(of_class, due, TERMS, rules.ends)
    is_held = rules.grading_period or rules.due_inside is not Inside.ANYWHERE
    session = (period or term) if is_held else None
    if session is None and is_held and rules.due_inside is Inside.ANYWHERE:
        session = session_above(of_class, due, rules.ends)
    begun = day_at(placement.unlock_at or assignment.created_at, zone) or due
    assigned = _assigned(begun, due, session, rules)
    if placement.unlock_at is not None and assigned != begun:
        alterations.append(_altered("assigned", begun or "", assigned or "", "early_assigned"))
    is_1_1 = version is Version.V1P1
    points = assignment.points_possible
    line_item = LineItem(
        sourced_id=sourced_id,
        title=title,
        class_id=of_class.class_id,
        category_id=category_id,
        school_id=None if is_1_1 else of_class.school_id,
        grading_period_id=session.sourced_id if session and rules.grading_period else None,
        score_scale_id=None if is_1_1 else score_scale_id,
        assigned=write_day(
            assigned,
            placement.unlock_at if assigned == begun else None,
            zone,
            rules.date_form,
        )
        if assigned
        else None,
        due=write_day(due, placement.due_at, zone, rules.date_form) if due else None,
        minimum=0.0,
        maximum=float(points) if points is not None else (0.0 if is_1_1 else None),
    )
    return Draft(
        line_item=line_item,
        assigned=assigned,
        due=due,
        period=period,
        term=term,
        session=session,
        alterations=tuple(alterations),
    )


def _assigned(
    begun: str | None, due: str | None, session: Session | None, rules: Rules
) -> str | None:
    """The day it was assigned: not after it is due, nor before the session it is held to."""
    if begun is None:
        return None
    is_clamped = rules.early_assigned is Bound.CLAMP
    if is_clamped and session is not None and session.start and begun < session.start[:10]:
        begun = session.start[:10]
    return min(begun, due) if due is not None else begun


def _altered(what: str, before: str, after: str, why: str) -> Alteration:
    return Alteration(what=what, before=before, after=after, why=why)
