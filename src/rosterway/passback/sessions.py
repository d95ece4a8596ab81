"""The sessions of a class: which of them a day falls in, and which day ends one.

Whether an end is a session's last day or the day after it differs by provider, and the rule pack
says which (oneroster.md 16, 20). Leaves to `preflight` whether a day must fall in one.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from rosterway.passback.class_gradebook import ClassGradebook, Session
from rosterway.passback.days import day_at, last_day
from rosterway.passback.rules import Ends, Undated

#: The kinds of academic session that stand for each.
PERIODS = ("gradingPeriod",)
TERMS = ("term", "semester", "schoolYear")

#: Which sessions end an assignment without a due date, the first that are known.
_UNTIL: Mapping[Undated, tuple[tuple[str, ...], ...]] = {
    Undated.PERIOD_END: (PERIODS, TERMS),
    Undated.TERM_END: (TERMS, PERIODS),
    Undated.OMIT: (),
    Undated.REFUSE: (),
}


def own_sessions(of_class: ClassGradebook) -> tuple[Session, ...]:
    """Those the class runs in and all below them; where none of them has days, those above too."""
    own = tuple(one for one in of_class.sessions if not one.is_above)
    return own if any(one.start and one.end for one in own) else of_class.sessions


def session_of(
    of_class: ClassGradebook, day: str | None, kinds: Iterable[str], ends: Ends = Ends.EITHER
) -> Session | None:
    """The shortest session of these kinds that a day falls in.

    Where an end may be either, its own day belongs to a session that nothing follows.
    """
    if day is None:
        return None
    dated = [
        (one.start[:10], one.end[:10], one)
        for one in own_sessions(of_class)
        if one.kind in kinds and one.start and one.end
    ]
    inside = [(start, end, one) for start, end, one in dated if start <= day < end]
    last = [(start, end, one) for start, end, one in dated if day == end]
    match ends:
        case Ends.EITHER:
            inside = inside or last
        case Ends.INCLUSIVE:
            inside += last
        case Ends.EXCLUSIVE:
            pass
    return min(inside, key=_length, default=("", "", None))[2]


def session_above(of_class: ClassGradebook, day: str | None, ends: Ends) -> Session | None:
    """The shortest session a day falls in of those above the class's own, such as its year."""
    above = tuple(one for one in of_class.sessions if one.is_above)
    whole = msgspec.structs.replace(of_class, sessions=above)
    return session_of(whole, day, (*PERIODS, *TERMS), ends)


def _length(found: tuple[str, str, Session]) -> tuple[timedelta, str]:
    start, end, session = found
    return (date.fromisoformat(end) - date.fromisoformat(start), session.sourced_id)


def end_of_session(
    of_class: ClassGradebook,
    undated: Undated,
    zone: ZoneInfo,
    now: datetime,
    ends: Ends = Ends.EITHER,
) -> str | None:
    """The last day of the session that runs now, or of the latest: what an undated one is due."""
    today = day_at(now, zone)
    for kinds in _UNTIL[undated]:
        session = session_of(of_class, today, kinds, ends) or _latest(of_class, kinds)
        if session is not None and session.end:
            return session.end[:10] if ends is Ends.INCLUSIVE else last_day(session.end)
    return None


def has_dates(of_class: ClassGradebook, kinds: Iterable[str]) -> bool:
    """Whether the SIS tells from when to when any session of these kinds runs."""
    return any(one.kind in kinds and one.start and one.end for one in own_sessions(of_class))


def _latest(of_class: ClassGradebook, kinds: Iterable[str]) -> Session | None:
    dated = [one for one in own_sessions(of_class) if one.kind in kinds and one.start and one.end]
    return max(dated, key=lambda one: (one.end or "", one.sourced_id), default=None)
