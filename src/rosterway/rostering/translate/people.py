"""People: which records are one person, what they are in Canvas, and which roles they have today.

Makes `tr_users` (every record's values under the names rules know), `tr_people` (record, person,
user_id), `tr_persons` (a person's best record and standing), `tr_roles` (record, role, org; today's).
"""

from rosterway.rostering.translate import user_fields
from rosterway.rostering.translate.sources import view
from rosterway.rostering.translate.work import Work, ids

#: Roles by which somebody belongs to a child and not to the school.
KIN = ("guardian", "parent", "relative")

_NAMES = (
    *("sourcedId", "username", "identifier", "email", "userIds", "userMasterIdentifier"),
    *("givenName", "middleName", "familyName", "preferredGivenName", "preferredFamilyName"),
    *("pronouns", "enabledUser", "status", "dateLastModified", "agentSourcedIds", "metadata"),
)


def make_people(work: Work) -> None:
    """Make the tables."""
    cells = ", ".join(f'{name} AS "user.{name}"' for name in _NAMES)
    work.view(
        "tr_users",
        f'SELECT {cells}, gone AS "user.gone", try_cast(_at AS BIGINT) AS "user.at", '
        "coalesce(enabledUser = 'false', false) AS \"user.disabled\" "
        f"FROM {view('users')} WHERE sourcedId IS NOT NULL",
    )
    _make_groups(work)
    _make_ids(work)
    _make_roles(work)


def _make_groups(work: Work) -> None:
    """Which records are one person: those with one value of the declared key and one name.

    A key that strangers share (0, a family's address) must not make one person of them: records
    that share neither given nor family name stay apart.
    """
    by = work.policy.users.merge_by
    if not by:
        work.view(
            "tr_groups",
            'SELECT "user.sourcedId" AS record, "user.sourcedId" AS person FROM tr_users',
        )
        return
    key = user_fields.read(by)
    key = f"lower({key})" if by in user_fields.FOLDED else key
    work.make(
        "tr_keys",
        f'SELECT "user.sourcedId" AS record, {key} AS key, "user.at" AS nth, '
        'lower("user.givenName") AS given, lower("user.familyName") AS family, '
        '"user.gone" AS gone FROM tr_users',
    )
    work.make(
        "tr_alike",
        "SELECT key, min(record) AS person, count(DISTINCT given) > 1 AND "
        "count(DISTINCT family) > 1 AS are_strangers, min(nth) AS nth, "
        "string_agg(record, ', ' ORDER BY record) AS records FROM tr_keys "
        "WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1",
    )
    work.make(
        "tr_groups",
        "SELECT record, CASE WHEN are_strangers IS FALSE THEN person ELSE record END AS person "
        "FROM tr_keys LEFT JOIN tr_alike USING (key)",
    )
    column = user_fields.source(by).removeprefix("user.")
    work.tell(
        "people-differ",
        "users",
        column,
        "SELECT nth, key AS val, records AS other FROM tr_alike WHERE are_strangers",
    )


def _make_ids(work: Work) -> None:
    """Every person's id in Canvas; one that two people claim belongs to neither of the later."""
    users = work.policy.users
    if users.merge_by:
        _make_merged_persons(work)
    else:
        _make_single_persons(work)
    work.make(
        "tr_people",
        "SELECT g.record, g.person, CASE WHEN p.claim = 1 THEN p.user_id END AS user_id, "
        "p.is_gone FROM tr_groups AS g JOIN tr_persons AS p USING (person)",
    )
    column = user_fields.source(users.user_id).removeprefix("user.")
    missing = work.tell(
        "user-without-id",
        "users",
        column,
        "SELECT nth, NULL AS val, person AS other FROM tr_persons WHERE user_id IS NULL AND NOT is_gone",
    )
    shared = work.tell(
        "user-id-shared",
        "users",
        column,
        "SELECT nth, user_id AS val, person AS other FROM tr_persons "
        "WHERE claim > 1 AND user_id IS NOT NULL AND NOT is_gone",
    )
    if missing:
        work.held.update(("users", "enrollments", "user_observers", "admins"))
    if shared:
        work.held.update(("enrollments", "user_observers", "admins"))


def _make_single_persons(work: Work) -> None:
    """Every record is a person."""
    is_own = work.policy.users.user_id == "sourcedId"
    wanted = '"user.sourcedId"' if is_own else user_fields.read(work.policy.users.user_id)
    claim = (
        "1" if is_own else "row_number() OVER (PARTITION BY user_id ORDER BY is_gone, nth, person)"
    )
    work.make(
        "tr_persons",
        f'SELECT *, {claim} AS claim FROM (SELECT "user.sourcedId" AS person, {wanted} AS user_id, '
        '"user.sourcedId" AS record, "user.gone" AS is_gone, '
        '"user.gone" OR "user.disabled" AS is_disabled, "user.sourcedId" AS records, '
        '"user.at" AS nth FROM tr_users)',
    )


def _make_merged_persons(work: Work) -> None:
    """Records of one person: their cells come from the one in use, then the latest."""
    is_own = work.policy.users.user_id == "sourcedId"
    wanted = "person" if is_own else f"min({user_fields.read(work.policy.users.user_id)})"
    work.make(
        "tr_persons",
        "SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY is_gone, nth, person) AS claim "
        f"FROM (SELECT person, {wanted} AS user_id, "
        'list("user.sourcedId" ORDER BY "user.gone", "user.disabled", '
        '"user.dateLastModified" DESC NULLS LAST, "user.sourcedId")[1] AS record, '
        'bool_and("user.gone") AS is_gone, '
        'bool_and("user.gone" OR "user.disabled") AS is_disabled, '
        'string_agg("user.sourcedId", \', \' ORDER BY "user.sourcedId") AS records, '
        'min("user.at") AS nth '
        'FROM tr_groups JOIN tr_users ON record = "user.sourcedId" GROUP BY person)',
    )


def _make_roles(work: Work) -> None:
    """Today's roles: 1.2's with their dates, or 1.1's one role in each org (oneroster 7.5)."""
    roles, users = view("roles"), view("users")
    begun = f"coalesce(try_cast(beginDate AS DATE) <= {work.day}, true)"
    over = f"coalesce({work.after('endDate')} <= {work.day}, false)"
    work.make(
        "tr_roles",
        "SELECT DISTINCT userSourcedId AS record, role, orgSourcedId AS org "
        f"FROM {roles} WHERE NOT gone AND role IS NOT NULL AND {begun} AND NOT {over} UNION "
        "SELECT sourcedId, role, unnest(coalesce("
        f"{ids('orgSourcedIds')}, [NULL])) FROM {users} WHERE role IS NOT NULL "
        f"AND sourcedId NOT IN (SELECT userSourcedId FROM {roles} WHERE userSourcedId IS NOT NULL)",
    )
