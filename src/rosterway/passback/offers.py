"""Offers: what could be changed in Canvas so that an assignment goes. Made only on a teacher's yes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from rosterway.passback.case import Case
from rosterway.passback.days import day_at
from rosterway.passback.line_items import titles
from rosterway.passback.plan import Fix, FixKind
from rosterway.passback.reasons import Reason
from rosterway.passback.rules import LongName, Rules, SameName, Undated
from rosterway.passback.sessions import end_of_session

#: Names we offer are cut after a whole word, whatever the pack would do by itself.
_OFFERED = Rules(long_name=LongName.WORDS, same_name=SameName.SUFFIX)


def fixes_for(
    case: Case,
    section: str,
    reasons: Iterable[Reason],
    taken: Iterable[str],
    now: datetime,
    zone: ZoneInfo,
) -> Iterator[Fix]:
    """An offer for each reason that a change in Canvas would answer, each kind once.

    `taken` are the titles the class has, without this assignment's own.
    """
    kinds = dict.fromkeys(_KIND[reason.code] for reason in reasons if reason.code in _KIND)
    for kind in kinds:
        found = _OFFERS[kind](case, section, tuple(taken), now, zone)
        if found is not None:
            yield found


_KIND: Mapping[str, FixKind] = {
    "name-too-long": FixKind.RENAME,
    "same-name": FixKind.RENAME,
    "no-due-date": FixKind.DUE_DATE,
    "due-outside-term": FixKind.DUE_DATE,
    "due-outside-period": FixKind.DUE_DATE,
    "differing-due-dates": FixKind.DUE_DATE,
    "no-grading-period": FixKind.DUE_DATE,
    "assigned-early": FixKind.AVAILABLE,
}


def _rename(
    case: Case, _section: str, taken: tuple[str, ...], _now: datetime, _zone: ZoneInfo
) -> Fix | None:
    name = case.assignment.canvas_name or case.assignment.name
    text = titles([case.assignment], _OFFERED, case.length, taken)[case.assignment.id].text
    if not text or text == name:
        return None
    return Fix(kind=FixKind.RENAME, assignment=case.assignment.id, before=name, after=text)


def _due_date(
    case: Case, section: str, _taken: tuple[str, ...], now: datetime, zone: ZoneInfo
) -> Fix | None:
    """The latest due date of the other sections where all must agree, else the session's last day.

    None where only individuals have it: a date for the section would assign it to everybody there.
    """
    if case.assignment.only_individuals:
        return None
    others = sorted(day for day in case.other_dues if day is not None)
    if case.rules.same_due and others:
        day = max(others[-1], case.due or "")
    else:
        day = end_of_session(case.of_class, Undated.PERIOD_END, zone, now, case.rules.ends)
    if day is None or day == case.due:
        return None
    return Fix(
        kind=FixKind.DUE_DATE,
        assignment=case.assignment.id,
        section=section,
        before=case.due or "",
        after=day,
    )


def _available(
    case: Case, section: str, _taken: tuple[str, ...], now: datetime, zone: ZoneInfo
) -> Fix | None:
    """The first day of the session, once it has come: a later one would lock students out."""
    session = case.draft.session
    day = session.start[:10] if session is not None and session.start else None
    if case.assignment.only_individuals or day is None or day > (day_at(now, zone) or ""):
        return None
    return Fix(
        kind=FixKind.AVAILABLE,
        assignment=case.assignment.id,
        section=section,
        before=case.available or "",
        after=day,
    )


_OFFERS: Mapping[
    FixKind, Callable[[Case, str, tuple[str, ...], datetime, ZoneInfo], Fix | None]
] = {
    FixKind.RENAME: _rename,
    FixKind.DUE_DATE: _due_date,
    FixKind.AVAILABLE: _available,
}
