"""Current and final scores of students: of graded work, and with ungraded work as zero.

Hidden grades count in the unposted ones alone. Excused work and work that is omitted from the final
grade counts nowhere; groups drop what their rules say, and weigh if the course says so.

Facts: canvas-lms `lib/grade_calculator.rb`; dropping finds the set with the best average.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from rosterway.sandbox.canvas.gradebook.periods import period_of
from rosterway.sandbox.canvas.gradebook.schemes import DEFAULT_SCHEME, letter
from rosterway.sandbox.canvas.gradebook.settings import course_gradebook
from rosterway.sandbox.canvas.gradebook.shelf import Shelf, scheme_of
from rosterway.sandbox.canvas.state.gradebook import Submission


@dataclass(frozen=True, slots=True)
class Totals:
    """Percentages, None where nothing counts; `current_points` are points."""

    current_score: float | None = None
    final_score: float | None = None
    unposted_current_score: float | None = None
    unposted_final_score: float | None = None
    current_points: float = 0.0
    unposted_current_points: float = 0.0
    override_score: float | None = None


class Part(NamedTuple):
    """One assignment's share in a student's total; no score while it is ungraded."""

    assignment_id: int
    score: float | None
    points: float


class _Group(NamedTuple):
    weight: float
    rules: Mapping[str, Any]


def totals(
    shelf: Shelf, users: Collection[int], grading_period_id: int | None = None
) -> dict[int, Totals]:
    """The totals of students of a course, of everything or of one grading period."""
    counted = [
        row
        for row in shelf.assignments
        if row["workflow_state"] == "published"
        and not row["omit_from_final_grade"]
        and row["grading_type"] != "not_graded"
        and "not_graded" not in row["submission_types"]
    ]
    overrides = _overrides(shelf) if grading_period_id is None else {}
    if not counted:
        return {user: Totals(override_score=overrides.get(user)) for user in users}
    course = course_gradebook(shelf.read, shelf.course_id)
    weighted = bool(course and course["apply_assignment_group_weights"])
    groups = _groups(shelf)
    held = {(s.assignment_id, s.user_id): s for s in shelf.stored(counted, users)}
    found: dict[int, Totals] = {}
    for user in users:
        seen: dict[int, list[Part]] = {}
        hidden: dict[int, list[Part]] = {}
        for row in counted:
            due = shelf.due(row)
            if user not in due:
                continue
            if grading_period_id is not None:
                period = period_of(due[user], shelf.periods)
                if period is None or period["id"] != grading_period_id:
                    continue
            submission = held.get((row["id"], user))
            if submission is not None and submission.excused:
                continue
            points = row["points_possible"] or 0.0
            group = row["assignment_group_id"]
            hidden.setdefault(group, []).append(Part(row["id"], _score(submission), points))
            shown = _score(submission) if submission and submission.posted_at else None
            seen.setdefault(group, []).append(Part(row["id"], shown, points))
        current, final = _both(seen, groups, weighted=weighted)
        # Most students have nothing hidden from them.
        unposted = (current, final) if seen == hidden else _both(hidden, groups, weighted=weighted)
        found[user] = Totals(
            current_score=current,
            final_score=final,
            unposted_current_score=unposted[0],
            unposted_final_score=unposted[1],
            current_points=_points(seen),
            unposted_current_points=_points(hidden),
            override_score=overrides.get(user),
        )
    return found


def course_scheme(shelf: Shelf) -> Sequence[tuple[str, float]] | None:
    """The scheme of a course's final grades; None if it has none."""
    course = course_gradebook(shelf.read, shelf.course_id)
    if course is None or course["grading_standard_id"] is None:
        return None
    standard_id = course["grading_standard_id"]
    return scheme_of(shelf.read, shelf.course_id, standard_id) if standard_id else DEFAULT_SCHEME


def grade_for(score: float | None, scheme: Sequence[tuple[str, float]] | None) -> str | None:
    """The letter of a total, where the course has a scheme."""
    return None if score is None or scheme is None else letter(score, scheme)


def _score(submission: Submission | None) -> float | None:
    if submission is None or submission.workflow_state == "pending_review":
        return None
    return submission.score


def _overrides(shelf: Shelf) -> dict[int, float]:
    rows = shelf.read.execute(
        "SELECT user_id, score FROM final_grade_overrides WHERE course_id = ?"
        " AND workflow_state = 'active'",
        (shelf.course_id,),
    )
    return {row["user_id"]: row["score"] for row in rows}


def _groups(shelf: Shelf) -> dict[int, _Group]:
    rows = shelf.read.execute(
        "SELECT id, group_weight, rules FROM assignment_groups WHERE course_id = ?",
        (shelf.course_id,),
    )
    return {row["id"]: _Group(row["group_weight"], json.loads(row["rules"])) for row in rows}


def _both(
    parts: Mapping[int, list[Part]], groups: Mapping[int, _Group], *, weighted: bool
) -> tuple[float | None, float | None]:
    """Of graded work alone, and with ungraded work as zero."""
    graded = {group: [p for p in own if p.score is not None] for group, own in parts.items()}
    return (
        _percent(graded, groups, weighted=weighted),
        _percent(parts, groups, weighted=weighted),
    )


def _points(parts: Mapping[int, list[Part]]) -> float:
    return round(sum(p.score or 0.0 for own in parts.values() for p in own), 2)


def _percent(
    parts: Mapping[int, list[Part]], groups: Mapping[int, _Group], *, weighted: bool
) -> float | None:
    sums: dict[int, tuple[float, float]] = {}
    for group, own in parts.items():
        rules = groups[group].rules
        left = kept(own, rules) if rules else own
        sums[group] = (sum(p.score or 0.0 for p in left), sum(p.points for p in left))
    if not weighted:
        score, points = (sum(pair[at] for pair in sums.values()) for at in (0, 1))
        return round(score * 100 / points, 2) if points else None
    worth = {group: groups[group].weight for group, pair in sums.items() if pair[1]}
    whole = sum(worth.values())
    if not whole:
        return None
    percent = sum(sums[g][0] * weight / sums[g][1] for g, weight in worth.items())
    return round(percent * 100 / whole if whole < 100 else percent, 2)


def kept(parts: list[Part], rules: Mapping[str, Any]) -> list[Part]:
    """What the rules of a group leave."""
    never = set(map(int, cast(Iterable[Any], rules.get("never_drop", ()))))
    for name, best in (("drop_lowest", True), ("drop_highest", False)):
        spared = [p for p in parts if p.assignment_id in never]
        rest = [p for p in parts if p.assignment_id not in never]
        keep = max(0 if spared else 1, len(rest) - int(rules.get(name) or 0))
        if keep < len(rest):
            parts = spared + _choose(rest, keep, spared, best=best)
    return parts


def _choose(rest: list[Part], keep: int, spared: list[Part], *, best: bool) -> list[Part]:
    """The `keep` parts with which the average is best (or worst): Dinkelbach's iteration."""
    chosen = rest[:keep]
    while True:
        kept = chosen + spared
        points = sum(p.points for p in kept)
        average = sum(p.score or 0.0 for p in kept) / points if points else 0.0
        by_gain = sorted(rest, key=lambda p: (p.score or 0.0) - average * p.points, reverse=best)[
            :keep
        ]
        if {p.assignment_id for p in by_gain} == {p.assignment_id for p in chosen}:
            return chosen
        better = by_gain + spared
        of = sum(p.points for p in better)
        new = sum(p.score or 0.0 for p in better) / of if of else 0.0
        if (new <= average) if best else (new >= average):
            return chosen
        chosen = by_gain
