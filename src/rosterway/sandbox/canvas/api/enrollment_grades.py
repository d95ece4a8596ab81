"""The grades of enrollments: current, final, unposted, overridden.

Facts: canvas-lms `lib/api/v1/user.rb`; Canvas API docs, "Enrollments".
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, not_found
from rosterway.sandbox.canvas.api.callers import CALLER
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.gradebook.totals import Totals, course_scheme, grade_for, totals

_READERS = frozenset({"manage_grades", "view_all_grades"})


def grades_of(request: web.Request, rows: Sequence[sqlite3.Row]) -> dict[int, dict[str, Any]]:
    """The grades of student enrollments, by enrollment; none for who may not see them."""
    students = [row for row in rows if row["type"] == "StudentEnrollment"]
    if not students or request[CALLER].rights.isdisjoint(_READERS):
        return {}
    tree = trees.tree_of_query(request)
    instance = request.app[INSTANCE]
    by_course: dict[int, list[sqlite3.Row]] = {}
    for row in students:
        by_course.setdefault(row["course_id"], []).append(row)
    found: dict[int, dict[str, Any]] = {}
    host = f"{request.scheme}://{request.host}"
    for course_id, own in by_course.items():
        shelf = Shelf(instance.roster.read, course_id, instance.now())
        users = {row["user_id"] for row in own}
        sums = totals(shelf, users, _period(shelf, tree))
        for row in own:
            url = f"{host}/courses/{course_id}/grades/{row['user_id']}"
            shape = _grades(shelf, sums.get(row["user_id"]) or Totals(), tree)
            found[row["id"]] = {"html_url": url, **shape}
    return found


def _period(shelf: Shelf, tree: Tree) -> int | None:
    spelled = trees.text(tree, "grading_period_id")
    if spelled is None:
        return None
    known = [row["id"] for row in shelf.periods if str(row["id"]) == spelled]
    if not known:
        raise not_found()
    return known[0]


def _grades(shelf: Shelf, sums: Totals, tree: Tree) -> dict[str, Any]:
    scheme = course_scheme(shelf)
    shape: dict[str, Any] = {}
    for name in ("current", "final", "unposted_current", "unposted_final"):
        score: float | None = getattr(sums, f"{name}_score")
        shape[f"{name}_grade"] = grade_for(score, scheme)
        shape[f"{name}_score"] = score
    if sums.override_score is not None:
        shape["override_grade"] = grade_for(sums.override_score, scheme)
        shape["override_score"] = sums.override_score
    if "current_points" in trees.listed(tree, "include"):
        shape["current_points"] = sums.current_points
        shape["unposted_current_points"] = sums.unposted_current_points
    return shape
