"""Twins: a class that vanishes while one appears with the same people (`safety.md`, "Limits").

Usually nobody left: the id of the class was changed, and with the old class go its grades and work.
A class appears if the baseline has neither it nor anybody in it; it vanishes if nobody it had is
left in it. What a vanished row becomes does not matter here: where it is left alone, the class is
there twice.
"""

from dataclasses import dataclass

import duckdb

from rosterway.rostering import sql
from rosterway.rostering.compare import Compared
from rosterway.rostering.keys import cell_of
from rosterway.rostering.limits import Limit, exact_share
from rosterway.rostering.places import place_of
from rosterway.rostering.roster import Roster
from rosterway.rostering.tally import Where


@dataclass(frozen=True, slots=True)
class Twin:
    """A class that vanishes, the one that appears, and how many of its people that has."""

    where: Where
    appears: str
    people: int
    shared: int


def find_twins(
    connection: duckdb.DuckDBPyConnection,
    enrollments: Compared | None,
    baseline: Roster,
    limit: Limit,
) -> list[Twin]:
    """Classes of `limit.count` people or more that have a twin, by class.

    Needs `removals` and `additions`. A twin has at least `limit.share` of the people and is in the
    same term; of several the one with the most people, then the first by id.
    """
    if enrollments is None or not baseline.has("enrollments", "status"):
        return []
    appearing = "SELECT DISTINCT class, person, term_id FROM additions WHERE NOT known"
    if connection.execute(f"{appearing} LIMIT 1").fetchone() is None:
        return []
    place = place_of(enrollments.table, enrollments.before, cell_of("b"))
    access = sql.texts(enrollments.table.access_words)
    rows = connection.execute(
        f"WITH appearing AS ({appearing}), "
        f"gone AS (SELECT DISTINCT class, person, account_id, term_id FROM ({_gone(enrollments)})), "
        "touched AS (SELECT DISTINCT gone.class FROM gone JOIN appearing a "
        "ON a.person = gone.person AND a.term_id IS NOT DISTINCT FROM gone.term_id), "
        f"lived AS (SELECT DISTINCT {place.klass} AS class, {place.person} AS person "
        f"FROM {baseline.view('enrollments')} b WHERE b.status IN {access} "
        f"AND {place.klass} IN (SELECT class FROM touched)), "
        "vanished AS (SELECT l.class, count(*) AS people, any_value(g.account_id) AS account_id, "
        "any_value(g.term_id) AS term_id FROM lived l "
        "LEFT JOIN gone g ON g.class = l.class AND g.person = l.person "
        "GROUP BY l.class HAVING count(g.person) = count(*)), "
        "pairs AS (SELECT v.class, v.account_id, v.term_id, a.class AS appears, v.people, "
        "count(*) AS shared FROM vanished v JOIN lived l ON l.class = v.class "
        "JOIN appearing a ON a.person = l.person AND a.term_id IS NOT DISTINCT FROM v.term_id "
        "GROUP BY ALL) "
        "SELECT * FROM pairs WHERE people >= ? QUALIFY row_number() "
        "OVER (PARTITION BY class ORDER BY shared DESC, appears) = 1 ORDER BY class",
        [limit.count],
    ).fetchall()
    return [
        Twin(Where(school=school, term=term, klass=klass), appears, people, shared)
        for klass, school, term, appears, people, shared in rows
        if shared >= exact_share(limit.share, people)
    ]


def _gone(table: Compared) -> str:
    """A query for whoever leaves a class, or would if the feed's policy let them."""
    left = (
        "SELECT class, person, account_id, term_id FROM removals "
        "WHERE tbl = 'enrollments' AND how NOT IN ('unknown', 'elsewhere')"
    )
    if not table.is_joined:
        return left
    place = place_of(table.table, table.before, cell_of("v", "o_"))
    access = sql.texts(table.table.access_words)
    return (
        f"{left} UNION ALL SELECT {place.klass}, {place.person}, s.account_id, s.term_id "
        f"FROM {table.changes} v {place.join} "
        f"WHERE kind = 'vanish' AND spared IN ('policy', 'grace') AND o_status IN {access}"
    )
