"""Likely causes of a refusal that names none: the payload, checked against all that is known.

Guarantees: a cause is something really found in the payload, told with its values; what the SIS
itself contradicts, and what its rule pack forbids, come before what other systems are known to
refuse. Finding nothing is said, with the lists that were not there to look into.

Leaves to `explain` whether an answer names a cause, and to `preflight` to look before sending.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.formats.oneroster.vocabularies import SCORE_STATUS
from rosterway.passback.class_gradebook import ClassGradebook, Session
from rosterway.passback.days import last_day, written_day
from rosterway.passback.explain import Explanation
from rosterway.passback.likely_words import CAUSES, NONE_FOUND
from rosterway.passback.reasons import Reason
from rosterway.passback.rules import Bound, Consent, Rules, SameName, Undated
from rosterway.passback.sessions import own_sessions
from rosterway.passback.told import number, value_of

#: A cause's name, its facts, and whether the SIS or its rule pack says that this is wrong.
Found: TypeAlias = tuple[str, Mapping[str, object], bool]

#: What every OneRoster system must take (oneroster.md 13.1).
_SURE_LENGTH = 255
_ID = re.compile(r"[0-9A-Za-z./@_-]{1,255}")
#: The lists of a class, in words.
_CALLED = {
    "categories": "its categories",
    "line_items": "its assignments",
    "students": "its students",
    "results": "its results",
}
_SCORED = frozenset({"fully graded", "partially graded"})


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """What was refused and what is known around it.

    `line_item` is the result's own, if it is known; `status` the answer's. `zone` is the school's.
    """

    noun: LineItem | Result
    of_class: ClassGradebook
    rules: Rules
    zone: ZoneInfo
    line_item: LineItem | None = None
    status: int | None = None

    def day(self, written: str | None) -> str | None:
        """The school's day of a date."""
        return written_day(written, self.zone)

    def is_whole(self, name: str) -> bool:
        """Whether a list of the class was read and is proven complete."""
        return getattr(self.of_class, name) is not None and name not in self.of_class.incomplete


def likely_causes(refused: Refused) -> tuple[Reason, ...]:
    """The causes found in it, most likely first; never none: that nothing was found is a reason."""
    noun = refused.noun
    found = [*_of_id(noun)]
    if isinstance(noun, Result):
        found += _of_result(refused, noun, refused.line_item or _its_line_item(refused, noun))
    else:
        found += _of_line_item(refused, noun)
    if not found:
        return (NONE_FOUND.of(unread=_unread(refused)),)
    order = {name: place for place, name in enumerate(CAUSES)}

    def rank(one: Found) -> tuple[bool, bool, int]:
        name, _, is_known = one
        return not is_known, refused.status not in CAUSES[name].statuses, order[name]

    return tuple(CAUSES[name].rule.of(**facts) for name, facts, _ in sorted(found, key=rank))


def with_causes(explanation: Explanation, refused: Refused) -> Explanation:
    """The explanation with likely causes, if it names none itself."""
    if not explanation.vague:
        return explanation
    return msgspec.structs.replace(explanation, likely=likely_causes(refused))


def _of_id(noun: LineItem | Result) -> Iterator[Found]:
    if noun.sourced_id and not _ID.fullmatch(noun.sourced_id):
        yield "id-form", {"sourced_id": noun.sourced_id}, False


def _of_line_item(refused: Refused, item: LineItem) -> Iterator[Found]:
    rules, of_class = refused.rules, refused.of_class
    if item.class_id != of_class.class_id:
        yield "class-unknown", {"class_id": item.class_id, "theirs": of_class.class_id}, True
    yield from _of_category(refused, item)
    yield from _of_title(refused, item)
    yield from _of_dates(refused, item)
    if item.maximum is None:
        yield "no-points", {}, False
    elif item.maximum == 0:
        yield "zero-points", {}, rules.zero_points is Consent.REFUSE
    elif item.maximum % 1:
        yield "points-not-whole", {"points": number(item.maximum)}, rules.whole_points


def _of_category(refused: Refused, item: LineItem) -> Iterator[Found]:
    if item.category_id is None:
        yield "no-category", {}, refused.rules.needs_category
        return
    listed = [one for one in refused.of_class.categories or () if not one.is_deleted]
    known = next((one for one in listed if one.sourced_id == item.category_id), None)
    if known is None:
        if refused.is_whole("categories"):
            titles = ", ".join(one.title for one in listed if one.class_id in {None, item.class_id})
            facts = {"category": item.category_id, "available": titles or "none"}
            yield "category-unknown", facts, True
    elif known.class_id not in {None, item.class_id}:
        yield "category-of-another-class", {"category": known.title, "theirs": known.class_id}, True


def _of_title(refused: Refused, item: LineItem) -> Iterator[Found]:
    rules = refused.rules
    limit = rules.name_length or _SURE_LENGTH
    if not item.title.strip():
        yield "title-blank", {}, True
    if len(item.title) > limit:
        facts = {"length": len(item.title), "limit": limit}
        yield "title-too-long", facts, rules.name_length is not None
    others = (
        one
        for one in refused.of_class.line_items or ()
        if not one.is_deleted and one.sourced_id != item.sourced_id
    )
    if any(one.title == item.title for one in others):
        yield "title-taken", {"title": item.title}, rules.same_name is not SameName.ALLOW


def _of_dates(refused: Refused, item: LineItem) -> Iterator[Found]:
    due, assigned = refused.day(item.due), refused.day(item.assigned)
    if due is None:
        yield "no-due-date", {}, refused.rules.undated is not Undated.OMIT
    sessions = refused.of_class.sessions
    named = item.grading_period_id or item.academic_session_id
    session = next((one for one in sessions if one.sourced_id == named), None)
    if named and sessions and session is None:
        yield "period-unknown", {"period": named}, True
    where = (session,) if session else _terms(own_sessions(refused.of_class))
    for name, day, facts in (
        ("due-outside", due, {"due": due}),
        ("assigned-outside", assigned, {"assigned": assigned}),
    ):
        if day and where and not any(_holds(one, day) for one in where):
            # Some say the last day where OneRoster means the one after it.
            is_last = any(one.end and one.end[:10] == day for one in where)
            yield name, {**facts, **_span(where)}, name == "due-outside" and not is_last
    if due and assigned and due < assigned:
        yield "due-before-assigned", {"due": due, "assigned": assigned}, False


def _of_result(refused: Refused, result: Result, item: LineItem | None) -> Iterator[Found]:
    of_class = refused.of_class
    if refused.is_whole("students") and result.student_id not in (of_class.students or ()):
        facts = {"student": result.student_id, "class_id": of_class.class_id}
        yield "student-not-in-class", facts, True
    if _its_line_item(refused, result) is None and refused.is_whole("line_items"):
        yield "line-item-unknown", {"line_item": result.line_item_id}, True
    for other in of_class.results or ():
        is_same = (other.line_item_id, other.student_id) == (
            result.line_item_id,
            result.student_id,
        )
        if is_same and not other.is_deleted and other.sourced_id != result.sourced_id:
            yield "entered-in-sis", {"theirs": value_of(other)}, True
    if result.score_status not in SCORE_STATUS.v1p1 and not result.score_status.startswith("ext:"):
        yield "status-unknown", {"status": result.score_status}, True
    yield from _of_score(refused, result, item)
    yield from _of_letter(refused, result)
    assigned, scored = refused.day(item.assigned if item else None), refused.day(result.score_date)
    if assigned and scored and scored < assigned:
        yield "scored-before-assigned", {"scored": scored, "assigned": assigned}, False
    limit = refused.rules.comment_length or _SURE_LENGTH
    if result.comment and len(result.comment) > limit:
        facts = {"length": len(result.comment), "limit": limit}
        yield "comment-too-long", facts, refused.rules.comment_length is not None


def _of_score(refused: Refused, result: Result, item: LineItem | None) -> Iterator[Found]:
    rules, score = refused.rules, result.score
    if score is None:
        if result.score_status in _SCORED and result.text_score is None:
            yield "no-score", {"status": result.score_status}, True
        return
    if item and item.maximum == 0:
        yield "zero-points", {}, rules.zero_points is Consent.REFUSE
    if item and item.maximum is not None and score > item.maximum:
        facts = {"score": number(score), "maximum": number(item.maximum)}
        yield "score-over", facts, rules.over_maximum is not Bound.ALLOW
    least = item.minimum if item and item.minimum is not None else 0.0
    if score < least:
        facts = {"score": number(score), "minimum": number(least)}
        yield "score-under", facts, rules.below_zero is not Bound.ALLOW
    if rules.decimals is not None and round(score, rules.decimals) != score:
        yield "too-many-decimals", {"score": number(score), "decimals": rules.decimals}, True
    elif rules.decimals is None and score % 1:
        yield "decimals", {"score": number(score)}, False


def _of_letter(refused: Refused, result: Result) -> Iterator[Found]:
    if result.text_score is None:
        return
    scales = refused.of_class.score_scales or ()
    wanted = [one for one in scales if result.score_scale_id in {None, one.sourced_id}]
    letters = {side for one in wanted for pair in one.values for side in pair}
    if result.text_score not in letters:
        yield (
            "letter-without-scale",
            {"letter": result.text_score},
            refused.is_whole("score_scales"),
        )


def _its_line_item(refused: Refused, result: Result) -> LineItem | None:
    return next(
        (
            one
            for one in refused.of_class.line_items or ()
            if one.sourced_id == result.line_item_id and not one.is_deleted
        ),
        None,
    )


def _terms(sessions: Sequence[Session]) -> tuple[Session, ...]:
    """The class's own sessions: those that are no grading period, or those if there is nothing else."""
    terms = tuple(one for one in sessions if one.kind != "gradingPeriod")
    return tuple(one for one in (terms or tuple(sessions)) if one.start and one.end)


def _holds(session: Session, day: str) -> bool:
    is_begun = session.start is None or session.start[:10] <= day
    return is_begun and (session.end is None or day <= last_day(session.end))


def _span(sessions: Sequence[Session]) -> dict[str, object]:
    """What is told of where a date must lie."""
    ends = [last_day(one.end) for one in sessions if one.end]
    begins = [one.start[:10] for one in sessions if one.start]
    names = ", ".join(one.title or one.sourced_id for one in sessions)
    return {
        "what": names,
        "begin": min(begins, default="any day"),
        "end": max(ends, default="any day"),
    }


def _unread(refused: Refused) -> str:
    """Which lists were not there to look into."""
    wanted: dict[type, tuple[str, ...]] = {
        LineItem: ("categories", "line_items"),
        Result: ("students", "line_items", "results"),
    }
    names = [one for one in wanted[type(refused.noun)] if not refused.is_whole(one)]
    called = ", ".join(_CALLED[name] for name in names)
    return f" Not looked into, for want of a complete list: {called}." if called else ""
