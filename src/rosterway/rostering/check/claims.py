"""Logins and integration ids: one claimed by two rows, or by one row while Canvas has it elsewhere.

Of two rows that claim one thing the later carries the error; what Canvas has given to another stands
before both. Letter case of a login does not count. A row that names no authentication provider claims
the login of every provider (canvas-lms `lib/sis/user_importer.rb`).
"""

from rosterway.rostering import sql
from rosterway.rostering.check.known import Case
from rosterway.rostering.check.row_rules import status_as_read

_PROVIDER = "authentication_provider_id"
#: Tables besides users whose integration ids are each one's own.
_WITH_INTEGRATION_ID = ("accounts", "terms", "courses", "sections")


def check_claims(case: Case, *, frees_vanished: bool) -> None:
    """Find rows that claim another's login or integration id.

    `frees_vanished`: users who are not in the delivery are deleted by this very plan, which gives
    their logins up first (`safety.md`, "Order of sending").
    """
    if case.table.name == "users":
        _claimed_in_canvas(case, frees_vanished=frees_vanished)
        _claimed_twice(case, "login_id", "login-claimed")
    if case.has("integration_id") and (
        case.table.name == "users" or case.table.name in _WITH_INTEGRATION_ID
    ):
        _integration_in_canvas(case)
        _claimed_twice(case, "integration_id", "integration-id-claimed")
    if case.table.name == "users" and case.deletes():
        _person_twice(case)


def _key(case: Case) -> str:
    return case.table.key[0].columns[0]


def _noun(case: Case) -> str:
    return case.table.name.removesuffix("s")


def _claimants(case: Case, column: str, *, deleted: bool = False) -> str:
    """Rows that claim a value, as `claim`, and for logins of which provider.

    Those of `deleted` users name a login too, and Canvas refuses the row if it is another's.
    """
    cell = sql.name(column)
    claim = f"lower({cell})" if column == "login_id" else cell
    provider = _PROVIDER if column == "login_id" and case.has(_PROVIDER) else "NULL::VARCHAR"
    key = sql.name(_key(case))
    rows = (
        f"SELECT *, {claim} AS claim, {provider} AS provider, {key} AS id "
        f"FROM ({case.going}) WHERE {cell} IS NOT NULL"
    )
    if deleted or not case.has("status"):
        return rows
    # One being deleted gives its login up before another takes it (safety.md, order 2).
    return f"{rows} AND {case.status} IS DISTINCT FROM 'deleted'"


def _claimed_twice(case: Case, column: str, code: str) -> None:
    """Two rows of the delivery; for logins only where their providers may be the same."""
    claimants = _claimants(case, column)
    if not case.asks(f"SELECT 1 FROM ({claimants}) HAVING count(*) <> count(DISTINCT hash(claim))"):
        return
    case.make(
        "claimed",
        f"SELECT _file, _row, claim, provider, id, {sql.name(column)} AS val FROM ({claimants}) WHERE claim IN "
        f"(SELECT claim FROM ({claimants}) GROUP BY claim HAVING count(*) > 1)",
    )
    first = case.hits.place("f._file", "f._row")
    case.find(
        code,
        column,
        f"SELECT c._file, c._row, c.val, min_by({sql.text(_noun(case) + ' ')} || f.id || ' (' || {first} || ')', "
        "(f._file, f._row)) AS other FROM claimed c JOIN claimed f ON f.claim = c.claim "
        "AND (f._file, f._row) < (c._file, c._row) AND f.id <> c.id AND (c.provider IS NULL OR f.provider IS NULL "
        "OR c.provider = f.provider) GROUP BY 1, 2, 3",
    )


def _claimed_in_canvas(case: Case, *, frees_vanished: bool) -> None:
    """Logins that Canvas has given to another: claimed, exchanged, or soon free.

    Only rows that are new or change their login are looked at.
    """
    mirror = case.mirror
    if not mirror.has("users", "user_id", "login_id"):
        return
    view = mirror.view("users")
    live = "status IS DISTINCT FROM 'deleted'" if mirror.has("users", "status") else "true"
    own = f"SELECT user_id AS id, lower(login_id) AS claim FROM {view}"
    new = [
        f"SELECT * FROM ({_claimants(case, 'login_id')}) ANTI JOIN ({own} WHERE {live}) USING (id, claim)"
    ]
    if case.deletes():
        claimants = _claimants(case, "login_id", deleted=True)
        gives_up = f"SELECT * FROM ({claimants}) WHERE {case.status} = 'deleted'"
        new.append(f"SELECT * FROM ({gives_up}) ANTI JOIN ({own}) USING (id, claim)")
    if not case.make(
        "claiming",
        f"SELECT _file, _row, id, claim, provider, login_id AS val FROM ({' UNION ALL '.join(new)})",
    ):
        return
    provider = _PROVIDER if mirror.has("users", _PROVIDER) else "NULL::VARCHAR"
    owners = (
        f"SELECT user_id AS owner, lower(login_id) AS claim, {provider} AS provider "
        f"FROM {view} WHERE {live}"
    )
    sent = f"SELECT user_id FROM {sql.name(case.hits.staged.view('users'))}"
    gone = f"d.user_id IS NULL AND o.owner NOT IN ({sent} WHERE user_id IS NOT NULL)"
    free = f"({gone})" if frees_vanished else "false"
    if not case.make(
        "owned",
        f"SELECT c._file, c._row, c.id, c.val, min(o.owner) AS owner, "
        "bool_or(d.user_id IS NOT NULL AND lower(d.login_id) <> c.claim) AS moves "
        f"FROM claiming c JOIN ({owners}) o ON o.claim = c.claim AND o.owner <> c.id "
        f"AND (c.provider IS NULL OR o.provider = c.provider) "
        f"LEFT JOIN ({case.going}) d ON d.user_id = o.owner "
        f"WHERE NOT coalesce({status_as_read(case.table, 'd.status')} = 'deleted', false) "
        f"AND NOT {free} GROUP BY 1, 2, 3, 4",
    ):
        return
    # Few: only users who take over a login from one who takes another.
    rows = case.hits.connection.execute("SELECT id, owner FROM owned WHERE moves").fetchall()
    cycles = [(user,) for user in _in_cycles(dict(rows))]
    case.hits.connection.execute("CREATE OR REPLACE TEMP TABLE cycles (id VARCHAR)")
    if cycles:
        case.hits.connection.executemany("INSERT INTO cycles VALUES (?)", cycles)
    for code, condition in (
        ("login-claimed", "NOT moves"),
        ("login-cycle", "moves AND id IN (SELECT id FROM cycles)"),
        ("login-swapped", "moves AND id NOT IN (SELECT id FROM cycles)"),
    ):
        case.find(
            code,
            "login_id",
            f"SELECT _file, _row, val, 'user ' || owner || ', in Canvas' AS other FROM owned WHERE {condition}",
        )


def _in_cycles(owners: dict[str, str]) -> set[str]:
    """The users from whom the chain of owners leads back to themselves."""
    found: set[str] = set()
    seen: set[str] = set()
    for start in owners:
        path: list[str] = []
        user = start
        while user in owners and user not in seen:
            seen.add(user)
            path.append(user)
            user = owners[user]
        if user in path:
            found |= {*path[path.index(user) :]}
    return found


def _integration_in_canvas(case: Case) -> None:
    """Integration ids that Canvas has given to another. A deleted user keeps theirs, others do not."""
    name, key = case.table.name, _key(case)
    if not case.mirror.has(name, key, "integration_id"):
        return
    view = case.mirror.view(name)
    live = (
        "status IS DISTINCT FROM 'deleted'"
        if case.mirror.has(name, "status") and name != "users"
        else "true"
    )
    own = f"SELECT {key} AS id, integration_id AS claim FROM {view}"
    claimants = _claimants(case, "integration_id", deleted=name == "users")
    if not case.make(
        "claiming",
        f"SELECT _file, _row, id, claim FROM ({claimants}) ANTI JOIN ({own}) USING (id, claim)",
    ):
        return
    # An owner who is to have another one, or none, makes room in this very import.
    still = (
        "d.integration_id = c.claim"
        if name != "users"
        else "coalesce(d.integration_id, c.claim) = c.claim"
    )
    deleted = (
        f"{status_as_read(case.table, 'd.status')} = 'deleted'" if case.has("status") else "false"
    )
    case.find(
        "integration-id-claimed",
        "integration_id",
        f"SELECT c._file, c._row, c.claim AS val, "
        f"{sql.text(_noun(case) + ' ')} || min(o.{key}) || ', in Canvas' AS other FROM claiming c "
        f"JOIN (SELECT * FROM {view} WHERE {live}) o ON o.integration_id = c.claim "
        f"AND o.{key} <> c.id LEFT JOIN ({case.going}) d ON d.{key} = o.{key} "
        f"WHERE (d.{key} IS NULL OR {still}) AND NOT coalesce({deleted}, false) GROUP BY 1, 2, 3",
    )


def _person_twice(case: Case) -> None:
    """A user takes what another has who is deleted in the same delivery."""
    place = case.hits.place("d._file", "d._row")
    deleted = f"(SELECT * FROM ({case.going}) WHERE {case.status} = 'deleted') d"
    same_login = "lower(d.login_id) = lower(c.login_id)"
    ways = [("login_id", same_login)]
    if case.has("integration_id"):
        same = f"d.integration_id = c.integration_id AND NOT coalesce({same_login}, false)"
        ways.append(("integration_id", same))
    for column, same in ways:
        case.find(
            "person-twice",
            column,
            f"SELECT c._file, c._row, c.{column} AS val, min_by({place}, (d._file, d._row)) AS other "
            f"FROM ({_claimants(case, column)}) c JOIN {deleted} ON {same} AND d.user_id <> c.id "
            "GROUP BY 1, 2, 3",
        )


def check_logins(case: Case) -> None:
    """Further logins: new, claimed by nobody else, and of one user whom all identifiers mean."""
    taken = [
        ("login_id", 'lower("login_id")', "lower(u.login_id)"),
        ("user_id", '"user_id"', "u.user_id"),
    ]
    if case.has("integration_id") and case.knows("users", "user_id", "integration_id"):
        taken.append(("integration_id", '"integration_id"', "u.integration_id"))
    if case.knows("users", "user_id", "login_id"):
        more = [column for column, _, _ in taken if column != "user_id"]
        case.make("holders", case.then("users", *more))
        for column, claim, held in taken:
            # A login that is deleted is free again; the id of a deleted user is not.
            live = "" if column == "user_id" else "AND coalesce(u.status, '') <> 'deleted'"
            case.find(
                "login-exists",
                column,
                f"SELECT l._file, l._row, l.{column} AS val, 'user ' || min(u.user_id) AS other "
                f"FROM (SELECT *, {claim} AS claim FROM ({case.going})) l "
                f"JOIN holders u ON {held} = l.claim {live} GROUP BY 1, 2, 3",
            )
    _claimed_twice(case, "login_id", "login-claimed")
    if case.has("integration_id"):
        _claimed_twice(case, "integration_id", "integration-id-claimed")
    if case.has("existing_user_id", "existing_integration_id") and case.knows(
        "users", "user_id", "integration_id"
    ):
        case.make("holders", case.then("users", "integration_id"))
        case.find(
            "identifiers-disagree",
            "existing_integration_id",
            "SELECT l._file, l._row, l.existing_integration_id AS val, "
            f"'that of user ' || min(u.user_id) AS other FROM ({case.going}) l "
            "JOIN holders u ON u.integration_id = l.existing_integration_id "
            "AND u.user_id <> l.existing_user_id GROUP BY 1, 2, 3",
        )
