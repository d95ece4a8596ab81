"""Rollover: the first load of a new school year, when nearly everything is meant to change."""

import duckdb

from rosterway.rostering.roster import Roster

#: A delivery of which so many courses are in terms the baseline lacks begins a new year.
_SHARE = 1 / 3


def is_rollover(connection: duckdb.DuckDBPyConnection, baseline: Roster, current: Roster) -> bool:
    """Whether a third of the delivery's courses are in terms that the baseline does not have.

    A baseline has the terms of its table and those its courses name; terms may be made in Canvas.
    """
    if not (baseline.has("courses") and current.has("courses", "course_id", "term_id")):
        return False
    known = [
        f"SELECT term_id FROM {baseline.view(name)} WHERE term_id IS NOT NULL"
        for name in ("terms", "courses")
        if baseline.has(name, "term_id")
    ]
    if not known:
        return False
    (courses, new) = connection.execute(
        "SELECT count(*), count(*) FILTER (c.term_id IS NOT NULL "
        f"AND c.term_id NOT IN ({' UNION '.join(known)})) FROM {current.view('courses')} c"
    ).fetchall()[0]
    return courses > 0 and new >= _SHARE * courses
