"""A user's own Python in Transform Snapshot: what it is given, and what it may do.

The entry point group `ENTRY_POINTS` names functions that are a `TransformSnapshot`. They come after
the declared rules (`transform`), where those are not enough. Leaves to `runs` how they are found and
called; a function that raises, or has any of `breaches`, stops the sync before anything is sent.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from msgspec.structs import replace

from rosterway.passback.gradebook import Gradebook, LeftOut, Submission, SubmissionState
from rosterway.passback.places import places_of

#: The entry point group in which a user's function is found.
ENTRY_POINTS = "rosterway.transform_snapshot"
#: How many ids a sentence names.
_NAMED = 5
_Key = tuple[str | None, ...]


class TransformSnapshot(Protocol):
    """A user's own transformation of a gradebook.

    It is given the gradebook as the declared rules left it and gives back one made from it
    (`msgspec.structs.replace`). It may rename assignments, count them to another group of the
    course, change dates, points and scores, and leave out whatever it likes. It may not add
    sections, students, assignments or submissions, give anything another id, put anybody or
    anything into another section, or grade what is not graded.

    It is called once a sync, and again where a crash has the step done again: it gives the same
    for the same, and writes nothing.
    """

    def __call__(self, gradebook: Gradebook, /) -> Gradebook:
        """The gradebook to be synced, made from the one that was read."""
        ...


def with_marks(before: Gradebook, after: Gradebook) -> Gradebook:
    """The transformed gradebook, which says what it leaves out and what Canvas calls the renamed.

    What is left out is still in Canvas, so it is not taken for withdrawn; and what is offered to be
    renamed in Canvas goes by its name there.
    """
    names = {one.id: one.name for one in before.assignments}
    has = {class_id: {one.id for one, _ in found} for class_id, found in places_of(after).items()}
    return replace(
        after,
        assignments=tuple(
            replace(one, canvas_name=names[one.id] if names[one.id] != one.name else None)
            for one in after.assignments
        ),
        left_out=tuple(
            LeftOut(assignment=one.id, class_id=class_id)
            for class_id, found in places_of(before).items()
            for one, _ in found
            if one.id not in has.get(class_id, ())
        ),
    )


def breaches(before: Gradebook, after: Gradebook) -> tuple[str, ...]:
    """What a function did that it may not: a sentence each, with ids and without names."""
    found = [
        (f"{says}: ", list(dict.fromkeys(look(before, after)))) for says, look in _LOOKS.items()
    ]
    return tuple(
        says + ", ".join(ids[:_NAMED]) + (f" and {len(ids) - _NAMED} more" if ids[_NAMED:] else "")
        for says, ids in found
        if ids
    )


def _heads(before: Gradebook, after: Gradebook) -> Iterator[str]:
    for name in ("taken_at", "since", "source"):
        if getattr(before, name) != getattr(after, name):
            yield name
    if before.course.id != after.course.id:
        yield "course"


def _sections(before: Gradebook, after: Gradebook) -> Iterator[str]:
    return _added(
        ((one.id, one.class_id) for one in before.sections),
        ((one.id, one.class_id) for one in after.sections),
    )


def _students(before: Gradebook, after: Gradebook) -> Iterator[str]:
    return _added(
        ((one.id, one.sourced_id) for one in before.students),
        ((one.id, one.sourced_id) for one in after.students),
    )


def _members(before: Gradebook, after: Gradebook) -> Iterator[str]:
    def members(book: Gradebook) -> Iterator[_Key]:
        for one in book.students:
            for section in one.sections:
                yield one.id, one.sourced_id, section

    return _added(members(before), members(after))


def _assignments(before: Gradebook, after: Gradebook) -> Iterator[str]:
    return _added(
        ((one.id,) for one in before.assignments), ((one.id,) for one in after.assignments)
    )


def _placements(before: Gradebook, after: Gradebook) -> Iterator[str]:
    def placed(book: Gradebook) -> Iterator[_Key]:
        return ((one.id, place.section) for one in book.assignments for place in one.placements)

    return _added(placed(before), placed(after))


def _groups(_before: Gradebook, after: Gradebook) -> Iterator[str]:
    known = {one.id for one in after.groups}
    return (one.id for one in after.assignments if one.group not in known)


def _submissions(before: Gradebook, after: Gradebook) -> Iterator[str]:
    return _added(map(_key, before.submissions), map(_key, after.submissions))


def _grades(before: Gradebook, after: Gradebook) -> Iterator[str]:
    graded = {_key(one) for one in before.submissions if _is_graded(one)}
    known = {_key(one) for one in before.submissions}
    for one in after.submissions:
        if _is_graded(one) and _key(one) in known and _key(one) not in graded:
            yield "/".join(_key(one))


#: What is said -> what looks for it.
_LOOKS: dict[str, Callable[[Gradebook, Gradebook], Iterator[str]]] = {
    "What says which reading this is was changed": _heads,
    "Sections were added, are there twice or have another SIS id": _sections,
    "Students were added, are there twice or have another SIS id": _students,
    "Students were put into a section": _members,
    "Assignments were added or are there twice": _assignments,
    "Assignments were put into a section": _placements,
    "Assignments are in a group the course does not have": _groups,
    "Submissions were added or are there twice": _submissions,
    "What has no grade was given one": _grades,
}


def _added(before: Iterable[_Key], after: Iterable[_Key]) -> Iterator[str]:
    """The ids, which begin a key, of what is there more often than before."""
    return (str(key[0]) for key in Counter(after) - Counter(before))


def _key(submission: Submission) -> tuple[str, str]:
    return submission.assignment, submission.user


def _is_graded(submission: Submission) -> bool:
    """Whether there is a grade of any kind, an excuse or a machine's part of one among them."""
    return (
        submission.score is not None
        or bool(submission.grade)
        or submission.excused
        or submission.state in {SubmissionState.GRADED, SubmissionState.PENDING_REVIEW}
    )
