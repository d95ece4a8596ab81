"""A SIS that takes grades as files only and is never asked: what stands in for its answers.

What a class has is what Canvas says and what the SIS was told before. What it is told is its whole
gradebook each time, so that a file it missed loses nothing; dates say what of it has changed. Leaves
to `gradebook_csv` how that is written, and to `runs` where it is put.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from rosterway.formats.oneroster.gradebook import Category, LineItem, Result
from rosterway.passback.class_gradebook import ClassGradebook, Session
from rosterway.passback.days import day_at
from rosterway.passback.finish import FinalResults
from rosterway.passback.gradebook import Gradebook
from rosterway.passback.gradebook_csv import gradebook_files
from rosterway.passback.ledger import Entry, LinkedBy
from rosterway.passback.plan import Deletion, PassbackPlan
from rosterway.passback.terms import Terms

#: What is written of a grade that is to go and of which nothing else is known.
_NO_GRADE = "not submitted"


def class_unasked(
    gradebook: Gradebook, class_id: str, entries: Iterable[Entry], terms: Terms
) -> ClassGradebook:
    """A class as its SIS is to have it: every assignment group is a category of that name.

    Who is in the class only Canvas says; its session and school are the course's term and account,
    where the SIS named them.
    """
    items = (one for one in entries if one.class_id == class_id and not one.user)
    return ClassGradebook(
        class_id=class_id,
        school_id=gradebook.course.account_sis_id,
        sessions=tuple(_sessions(gradebook, terms.zone)),
        categories=tuple(
            Category(
                sourced_id=terms.identity.category(group.id), title=group.name, weight=group.weight
            )
            for group in gradebook.groups
        ),
        line_items=tuple(
            one.line_item or LineItem(sourced_id=one.sourced_id, title="", class_id=class_id)
            for one in items
            if one.fingerprint or one.linked_by is not LinkedBy.OURS
        ),
    )


def whole_bundle(
    plan: PassbackPlan,
    final: FinalResults,
    classes: Iterable[ClassGradebook],
    entries: Sequence[Entry],
    zone: ZoneInfo,
    at: datetime,
) -> dict[str, str]:
    """The files of a course's gradebook as it is once the plan is carried out, by name.

    `entries` are the ledger's before that. What goes stays in later bundles, as what is to go.
    """
    items = {one.key[:2]: one for one in entries if not one.user}
    going = {(one.class_id, one.assignment) for one in final.deletions if not one.user}
    gone = going | {
        pair for pair, one in items.items() if one.line_item and one.line_item.is_deleted
    }
    known: list[Category | LineItem | Result] = []
    told_at: dict[str, datetime] = {}
    for entry in entries:
        noun = told_of(entry)
        if noun is None:
            continue
        if entry.key[:2] in gone:
            noun = msgspec.structs.replace(noun, is_deleted=True)
        known.append(noun)
        if entry.at is not None and entry.key[:2] not in going:
            told_at[noun.sourced_id] = entry.at
    there = {one.sourced_id for one in known}
    known += (noun_of(one, None) for one in final.deletions if one.sourced_id not in there)
    used = {one.category_id for one in known if isinstance(one, LineItem)}
    used |= {one.line_item.category_id for one in plan.line_items}
    categories = {
        one.sourced_id: one
        for of_class in classes
        for one in of_class.categories or ()
        if one.sourced_id in used
    }
    return gradebook_files(
        msgspec.structs.replace(plan, results=final.puts, deletions=final.deletions),
        zone,
        known=(*categories.values(), *known),
        at=at,
        told_at=told_at,
    )


def told_of(entry: Entry) -> LineItem | Result | None:
    """What the SIS was last told of an entry, under the id it has there."""
    noun = entry.payload
    return noun and msgspec.structs.replace(noun, sourced_id=entry.sourced_id)


def noun_of(gone: Deletion, entry: Entry | None) -> LineItem | Result:
    """What is to go, as the ledger has it, else as far as it is known."""
    noun = told_of(entry) if entry is not None else None
    if noun is not None:
        return noun
    if not gone.user:
        return LineItem(sourced_id=gone.sourced_id, title="", class_id=gone.class_id)
    return Result(
        sourced_id=gone.sourced_id,
        line_item_id=gone.line_item,
        student_id=gone.student,
        class_id=gone.class_id,
        score_status=_NO_GRADE,
    )


def _sessions(gradebook: Gradebook, zone: ZoneInfo) -> Iterator[Session]:
    """The course's term, if the SIS named it and Canvas has its days."""
    course = gradebook.course
    start, last = day_at(course.term_start_at, zone), day_at(course.term_end_at, zone)
    if course.term_sis_id and start and last:
        end = date.fromisoformat(last) + timedelta(days=1)
        yield Session(sourced_id=course.term_sis_id, start=start, end=end.isoformat())
