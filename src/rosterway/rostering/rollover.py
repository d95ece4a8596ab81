"""Rollover: the first load of a new school year, when nearly everything is meant to change."""

import duckdb

from rosterway.rostering.roster import Roster

#: A delivery of which so many courses are in terms the baseline lacks begins a new year.
_SHARE = 1 / 3


def is_rollover(connection: duckdb.DuckDBPyConnection, baseline: Roster, current: Roster) -> bool:
    """Whether a third of the delivery's courses are in terms that the baseline does not have."""
    if not (
        baseline.has("terms", "term_id")
        and current.has("terms", "term_id")
        and current.has("courses", "course_id", "term_id")
    ):
        return False
    (courses, new) = connection.execute(
        "SELECT count(*), count(*) FILTER (c.term_id IN "
        f"(SELECT term_id FROM {current.view('terms')}) AND c.term_id NOT IN "
        f"(SELECT term_id FROM {baseline.view('terms')})) FROM {current.view('courses')} c"
    ).fetchall()[0]
    return courses > 0 and new >= _SHARE * courses
