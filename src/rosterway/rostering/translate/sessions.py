"""Academic sessions: which year and term each belongs to, and which session a class is in.

Makes `tr_sessions` (id, title, first, after, parent, year, gone, nth), `tr_above` (a session and those
above it), `tr_years` (year, is_in), `tr_term_of` (session, term) and `tr_lists` (the sessions a
class lists, the one it is in).
"""

from rosterway.rostering import sql
from rosterway.rostering.translate.policy import GradingPeriods, Merge, SchoolYears
from rosterway.rostering.translate.sources import view
from rosterway.rostering.translate.user_fields import pointer
from rosterway.rostering.translate.work import Work, ids, listed

#: Nobody stacks sessions or orgs deeper; a loop ends here.
DEEPEST = 20


def make_sessions(work: Work) -> None:
    """Make the tables."""
    work.make(
        "tr_own",
        "SELECT sourcedId AS id, title, type, try_cast(startDate AS DATE) AS first, "
        f"{work.after('endDate')} AS after, parentSourcedId AS parent, schoolYear AS own_year, "
        f"gone, metadata, _at AS nth FROM {view('academicSessions')} WHERE sourcedId IS NOT NULL",
    )
    work.make(
        "tr_above",
        "WITH RECURSIVE up(id, above, depth) AS (SELECT id, id, 0 FROM tr_own UNION ALL "
        "SELECT up.id, upper.id, depth + 1 FROM up JOIN tr_own AS lower ON lower.id = up.above "
        f"JOIN tr_own AS upper ON upper.id = lower.parent WHERE depth < {DEEPEST}) "
        "SELECT id, above, min(depth) AS depth FROM up GROUP BY ALL",
    )
    work.make(
        "tr_sessions",
        "SELECT own.* EXCLUDE (own_year), year FROM tr_own AS own LEFT JOIN ("
        "SELECT a.id, arg_min(o.own_year, a.depth) AS year FROM tr_above AS a "
        "JOIN tr_own AS o ON o.id = a.above WHERE o.own_year IS NOT NULL GROUP BY a.id) USING (id)",
    )
    _make_years(work)
    _make_terms(work)
    _make_lists(work)
    work.tell(
        "session-dates",
        "academicSessions",
        "endDate",
        "SELECT nth, id AS other, coalesce(first::VARCHAR, '') || ' to ' || "
        "coalesce(after::VARCHAR, '') AS val FROM tr_sessions "
        "WHERE NOT gone AND (first IS NULL OR after IS NULL OR after <= first)",
    )


def _make_years(work: Work) -> None:
    """Which school years are in the window (S9; section 9: the current school year)."""
    years = work.policy.years
    if years.only:
        is_in = f"list_contains({listed(years.only)}, year)"
    elif years.take is SchoolYears.ALL:
        is_in = "true"
    else:
        # A year stays until the next has begun, so that nothing goes in the summer between.
        is_in = (
            "(has_begun AND (coalesce(after, DATE '9999-12-31') > " + work.day + " OR "
            "year = max(year) FILTER (has_begun) OVER ())) OR "
            "(NOT bool_or(has_begun) OVER () AND year = min(year) OVER ())"
        )
    work.make(
        "tr_years",
        f"SELECT year, {is_in} AS is_in FROM (SELECT year, max(after) AS after, "
        f"coalesce(min(first) - {years.ahead_days} <= {work.day}, true) AS has_begun "
        "FROM tr_sessions WHERE NOT gone AND year IS NOT NULL GROUP BY year)",
    )


def _make_terms(work: Work) -> None:
    """Which term each session is (S9: its own, a common id's, or its year's)."""
    terms = work.policy.terms
    if terms.merge is Merge.NONE:
        work.make("tr_term_of", "SELECT id AS session, id AS term FROM tr_sessions")
        return
    if terms.merge is Merge.SCHOOL_YEAR:
        work.make("tr_term_of", "SELECT id AS session, coalesce(year, id) AS term FROM tr_sessions")
        return
    if terms.common_id_metadata:
        place = sql.text(pointer(terms.common_id_metadata))
        common = f"coalesce(nullif(json_extract_string(metadata, {place}), ''), id)"
    else:
        mark = sql.text(terms.common_id_after)
        common = f"coalesce(nullif(list_last(string_split(id, {mark})), ''), id)"
    # Years that share an id stay apart: the earliest has it alone, the others with their year.
    work.make(
        "tr_term_of",
        "SELECT id AS session, CASE WHEN year IS NOT DISTINCT FROM earliest THEN common "
        "ELSE coalesce(year, 'none') || '-' || common END AS term, common, year FROM ("
        f"SELECT id, year, {common} AS common, min(year) OVER (PARTITION BY {common}) AS earliest "
        "FROM tr_sessions)",
    )
    work.tell(
        "common-id-reused",
        "academicSessions",
        "sourcedId",
        "SELECT min(try_cast(nth AS BIGINT)) AS nth, string_agg(DISTINCT s.year, ', ' ORDER BY s.year) "
        "AS val, common AS other FROM tr_term_of JOIN tr_sessions AS s ON s.id = session "
        "WHERE NOT gone GROUP BY common HAVING count(DISTINCT s.year) > 1",
    )


def _make_lists(work: Work) -> None:
    """The session of a class that lists several: the smallest above all of them."""
    is_period = work.policy.terms.grading_periods is GradingPeriods.PARENT
    upper = (
        "CASE WHEN s.type = 'gradingPeriod' THEN coalesce(p.id, s.id) ELSE s.id END"
        if is_period
        else "s.id"
    )
    work.make(
        "tr_listed",
        f"SELECT DISTINCT list, {upper} AS session FROM (SELECT list, unnest({ids('list')}) AS id "
        f"FROM (SELECT DISTINCT termSourcedIds AS list FROM {view('classes')} "
        "WHERE termSourcedIds IS NOT NULL)) AS l JOIN tr_sessions AS s ON s.id = l.id "
        "LEFT JOIN tr_sessions AS p ON p.id = s.parent",
    )
    work.make(
        "tr_lists",
        "WITH sizes AS (SELECT list, count(*) AS size FROM tr_listed GROUP BY list), "
        "shared AS (SELECT l.list, a.above, max(a.depth) AS depth FROM tr_listed AS l "
        "JOIN tr_above AS a ON a.id = l.session JOIN sizes USING (list) GROUP BY l.list, a.above "
        "HAVING count(DISTINCT l.session) = any_value(size)), "
        "nearest AS (SELECT list, above FROM shared JOIN tr_sessions AS s ON s.id = above QUALIFY "
        "row_number() OVER (PARTITION BY list ORDER BY depth, after - first, above) = 1), "
        "latest AS (SELECT list, session FROM tr_listed JOIN tr_sessions AS s ON s.id = session "
        "QUALIFY row_number() OVER (PARTITION BY list "
        "ORDER BY after DESC NULLS LAST, first NULLS LAST, session) = 1) "
        "SELECT list, coalesce(nearest.above, latest.session) AS session, "
        "nearest.above IS NULL AS is_apart FROM latest LEFT JOIN nearest USING (list)",
    )
