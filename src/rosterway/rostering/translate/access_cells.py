"""The cells of observers and admins, who see what is not their own, and the rules that fill them."""

from rosterway.rostering import sql
from rosterway.rostering.translate.cells import CanvasTable, Cell, Rule
from rosterway.rostering.translate.policy import Kin, TranslationPolicy

USER_OBSERVERS = CanvasTable(
    name="user_observers",
    comes_from="an agent of a student who may see the student",
    made_of=("users",),
    base='SELECT observer, student, gone, adult AS "adult.sourcedId", child AS "child.sourcedId", '
    'roles AS "adult.roles", by_child AS "named by student", by_adult AS "named by parent" '
    "FROM tr_links",
    key=("observer", "student"),
    records=("adult.sourcedId", "child.sourcedId"),
    needed=lambda policy: bool(policy.observers.roles) and policy.users.kin is not Kin.NONE,
    cells=(
        Cell(
            "observer_id",
            (
                Rule(
                    "may-see",
                    "A person whose role `observers.roles` allows, named as `observers.stated_by` "
                    "wants, and not forbidden by `observers.never`.",
                    "observer",
                    ("adult.sourcedId", "adult.roles", "named by student", "named by parent"),
                ),
            ),
        ),
        Cell(
            "student_id",
            (Rule("child", "The student.", "student", ("child.sourcedId",)),),
        ),
        Cell(
            "status",
            (
                Rule(
                    "link-gone",
                    "One of the two is to be deleted.",
                    "'deleted'",
                    ("adult.sourcedId", "child.sourcedId"),
                    when="gone",
                ),
                Rule(
                    "link", "Both are in use.", "'active'", ("adult.sourcedId", "child.sourcedId")
                ),
            ),
        ),
    ),
)


def _admins(policy: TranslationPolicy) -> str:
    whens = " ".join(
        f"WHEN {sql.text(role)} THEN {sql.text(canvas)}"
        for role, canvas in policy.admins.roles.items()
    )
    role = f"CASE r.role {whens} END" if whens else "NULL"
    return (
        'SELECT * FROM (SELECT p.user_id AS "person.id", min(r.record) AS "user.sourcedId", '
        'o.account AS "account.id", any_value(o.id) AS "org.sourcedId", '
        f'any_value(r.role) AS "user.role", {role} AS role, bool_and(p.is_gone) AS gone '
        "FROM tr_roles AS r JOIN tr_people AS p USING (record) JOIN tr_orgs AS o ON o.id = r.org "
        f"WHERE p.user_id IS NOT NULL GROUP BY p.user_id, o.account, {role}) WHERE role IS NOT NULL"
    )


ADMINS = CanvasTable(
    name="admins",
    comes_from="a user's role in an org",
    made_of=("users", "orgs"),
    base=_admins,
    key=("person.id", "account.id", "role"),
    records=("user.sourcedId",),
    needed=lambda policy: bool(policy.admins.roles),
    cells=(
        Cell(
            "user_id",
            (Rule("id-of-admin", "The id of the person.", '"person.id"', ("user.sourcedId",)),),
        ),
        Cell(
            "account_id",
            (
                Rule(
                    "org-of-role",
                    "The account of the org the role is in; blank: the root account.",
                    '"account.id"',
                    ("org.sourcedId",),
                ),
            ),
        ),
        Cell(
            "role",
            (
                Rule(
                    "admin-role",
                    "What `admins.roles` says of the role.",
                    "role",
                    ("user.role",),
                ),
            ),
        ),
        Cell(
            "status",
            (
                Rule(
                    "admin-gone",
                    "The person is to be deleted.",
                    "'deleted'",
                    ("user.sourcedId",),
                    when="gone",
                ),
                Rule("admin-in-use", "The person is in use.", "'active'", ("user.sourcedId",)),
            ),
        ),
    ),
)
