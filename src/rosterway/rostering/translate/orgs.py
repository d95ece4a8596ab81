"""Orgs: which account each is, and below which other account it stands.

Makes `tr_orgs`: id, name, identifier, gone, nth, account (NULL: Canvas's root account), parent, depth.
"""

from rosterway.rostering import sql
from rosterway.rostering.translate.policy import Accounts, District
from rosterway.rostering.translate.sessions import DEEPEST
from rosterway.rostering.translate.sources import view
from rosterway.rostering.translate.work import Work

#: Types of what stands above schools.
_ABOVE = ("district", "state", "national")


def make_orgs(work: Work) -> None:
    """Make the table."""
    orgs = view("orgs")
    work.make(
        "tr_org_above",
        "WITH RECURSIVE up(id, above, depth) AS (SELECT sourcedId, sourcedId, 0 "
        f"FROM {orgs} WHERE sourcedId IS NOT NULL UNION ALL SELECT up.id, upper.sourcedId, "
        f"depth + 1 FROM up JOIN {orgs} AS lower ON lower.sourcedId = up.above "
        f"JOIN {orgs} AS upper ON upper.sourcedId = lower.parentSourcedId "
        f"WHERE depth < {DEEPEST}) SELECT id, above, min(depth) AS depth FROM up GROUP BY ALL",
    )
    accounts = work.policy.accounts
    is_root = f"type IN {sql.texts(_ABOVE)}" if accounts.district is District.ROOT else "false"
    is_account = {
        Accounts.TREE: "true",
        Accounts.SCHOOLS: "type = 'school' OR sourcedId IN "
        f"(SELECT schoolSourcedId FROM {view('classes')})",
        Accounts.NONE: "false",
    }[accounts.orgs]
    work.make(
        "tr_kinds",
        f"SELECT sourcedId AS id, name, identifier, type, gone, _at AS nth, parentSourcedId, "
        f"coalesce({is_root}, false) AS is_root, NOT coalesce({is_root}, false) AND "
        f"coalesce({is_account}, false) AS is_account FROM {orgs} WHERE sourcedId IS NOT NULL",
    )
    # The account of an org that is none is the next one above it. A loop has no top: its orgs
    # stand below the root.
    work.make(
        "tr_orgs",
        "WITH tops AS (SELECT a.id, max(a.depth) AS depth, "
        f"max(a.depth) >= {DEEPEST} OR bool_or(k.parentSourcedId = a.id) AS is_loop "
        "FROM tr_org_above AS a JOIN tr_kinds AS k ON k.id = a.above GROUP BY a.id), "
        "nearest AS (SELECT a.id, a.above, a.depth FROM tr_org_above AS a JOIN tr_kinds AS k "
        "ON k.id = a.above AND k.is_account), "
        "own AS (SELECT id, arg_min(above, depth) AS account FROM nearest GROUP BY id), "
        "upper AS (SELECT id, arg_min(above, depth) AS parent FROM nearest WHERE depth > 0 "
        "GROUP BY id) "
        "SELECT k.* EXCLUDE (parentSourcedId), k.parentSourcedId AS parent_id, own.account, "
        "CASE WHEN NOT tops.is_loop THEN upper.parent END AS parent, tops.depth, tops.is_loop "
        "FROM tr_kinds AS k JOIN tops USING (id) LEFT JOIN own USING (id) "
        "LEFT JOIN upper USING (id)",
    )
    _tell(work)


def _tell(work: Work) -> None:
    work.tell(
        "org-loop",
        "orgs",
        "parentSourcedId",
        "SELECT nth, parent_id AS val, id AS other FROM tr_orgs WHERE is_loop AND is_account",
    )
    work.tell(
        "org-parent-unknown",
        "orgs",
        "parentSourcedId",
        "SELECT nth, parent_id AS val, id AS other FROM tr_orgs WHERE NOT gone AND parent_id IS NOT "
        "NULL AND parent_id NOT IN (SELECT id FROM tr_kinds)",
    )
    work.tell(
        "districts-several",
        "orgs",
        "type",
        "SELECT min(try_cast(nth AS BIGINT)) AS nth, string_agg(id, ', ' ORDER BY id) AS val, "
        "NULL AS other FROM tr_orgs WHERE is_root AND NOT gone AND type = 'district' "
        "HAVING count(*) > 1",
    )
