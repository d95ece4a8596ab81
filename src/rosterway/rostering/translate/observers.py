"""Who may see a child: people whom the child's record names (or as the policy says), in a role the
policy allows, today, and whom it does not forbid.

Makes `tr_links` (observer, student: user ids; adult, child: records; gone) and tells what was named
and not allowed. A `relative` is not a guardian: who is one is a legal fact, so the policy must say.
"""

from rosterway.rostering import sql
from rosterway.rostering.translate.policy import StatedBy
from rosterway.rostering.translate.sources import view
from rosterway.rostering.translate.work import Work, ids

_STATED = {
    StatedBy.STUDENT: "by_child",
    StatedBy.PARENT: "by_adult",
    StatedBy.EITHER: "by_child OR by_adult",
    StatedBy.BOTH: "by_child AND by_adult",
}


def make_observers(work: Work) -> None:
    """Make the table."""
    observers = work.policy.observers
    work.make(
        "tr_named",
        f"SELECT sourcedId AS one, unnest({ids('agentSourcedIds')}) AS other, gone, "
        f"try_cast(_at AS BIGINT) AS nth FROM {view('users')} WHERE agentSourcedIds IS NOT NULL",
    )
    # A record that is gone has often lost its roles: then the link is told as gone, if anything.
    work.make(
        "tr_standings",
        "SELECT record, bool_or(role = 'student') AS is_child, "
        f"bool_or(role IN {sql.texts((*observers.roles, ''))}) AS may_see, "
        "string_agg(DISTINCT role, ', ' ORDER BY role) AS roles FROM tr_roles GROUP BY record",
    )
    work.make(
        "tr_pairs",
        "SELECT child, adult, bool_or(by_child) AS by_child, bool_or(by_adult) AS by_adult, "
        "min(nth) AS nth FROM ("
        "SELECT n.one AS child, n.other AS adult, true AS by_child, false AS by_adult, nth "
        "FROM tr_named AS n JOIN tr_standings AS s ON s.record = n.one WHERE s.is_child UNION ALL "
        "SELECT n.other, n.one, false, true, nth "
        "FROM tr_named AS n JOIN tr_standings AS s ON s.record = n.other WHERE s.is_child) "
        "WHERE child <> adult GROUP BY ALL",
    )
    never = " OR ".join(
        f"(adult = {sql.text(adult)} AND child IN {sql.texts((*children, ''))})"
        for adult, children in observers.never.items()
    )
    work.make(
        "tr_judged",
        "SELECT p.*, c.user_id AS student, a.user_id AS observer, "
        "coalesce(c.is_gone, false) OR coalesce(a.is_gone, false) AS gone, s.roles, CASE "
        f"WHEN {never or 'false'} THEN 'never' "
        "WHEN a.record IS NULL THEN 'unknown' "
        "WHEN NOT coalesce(s.may_see, false) THEN 'role' "
        f"WHEN NOT ({_STATED[observers.stated_by]}) THEN 'unstated' "
        "WHEN c.person = a.person THEN 'self' END AS refused "
        "FROM tr_pairs AS p JOIN tr_people AS c ON c.record = p.child "
        "LEFT JOIN tr_people AS a ON a.record = p.adult "
        "LEFT JOIN tr_standings AS s ON s.record = p.adult",
    )
    work.make(
        "tr_links",
        "SELECT observer, student, bool_and(gone) AS gone, min(adult) AS adult, min(child) AS child, "
        "any_value(roles) AS roles, bool_or(by_child) AS by_child, bool_or(by_adult) AS by_adult "
        "FROM tr_judged WHERE refused IS NULL AND observer IS NOT NULL AND student IS NOT NULL "
        "GROUP BY observer, student",
    )
    _tell(work)


def _tell(work: Work) -> None:
    live = "FROM tr_judged WHERE NOT gone"
    if work.policy.observers.roles:
        work.tell_together(
            "observer-role",
            "users",
            "agentSourcedIds",
            f"SELECT nth, child AS id, coalesce(roles, 'no role') AS val {live} AND refused = 'role'",
        )
        work.tell_together(
            "observer-unstated",
            "users",
            "agentSourcedIds",
            "SELECT nth, child AS id, CASE WHEN by_child THEN 'student' ELSE 'parent' END AS val "
            f"{live} AND refused = 'unstated'",
        )
        work.tell_together(
            "observer-unknown",
            "users",
            "agentSourcedIds",
            f"SELECT nth, child AS id, adult AS val {live} AND refused = 'unknown'",
        )
