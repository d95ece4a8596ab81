"""What a Canvas has before anyone imports anything.

Root account 1, its default term 1 (no SIS id), the built-in roles, Canvas's own authentication
provider and one administrator with the login `admin`, to whom the home's token belongs.
"""

from rosterway.sandbox.canvas.state.records import (
    Account,
    Admin,
    Channel,
    Login,
    Provider,
    Role,
    Term,
    User,
)
from rosterway.sandbox.canvas.state.roster import Roster

ROOT_ACCOUNT_ID = 1
DEFAULT_TERM_ID = 1

ACCOUNT_ROLE = "AccountMembership"

#: Built-in roles: label -> base role type, in the order of their ids.
BUILT_IN_ROLES = {
    "AccountAdmin": ACCOUNT_ROLE,
    "StudentEnrollment": "StudentEnrollment",
    "TeacherEnrollment": "TeacherEnrollment",
    "TaEnrollment": "TaEnrollment",
    "DesignerEnrollment": "DesignerEnrollment",
    "ObserverEnrollment": "ObserverEnrollment",
}


def seed(roster: Roster, now: str) -> None:
    """Fill an empty roster; one that has a root account is left alone."""
    with roster.work(now) as work:
        if work.get(Account, ROOT_ACCOUNT_ID):
            return
        root = work.add(Account(workflow_state="active", name="Sandbox Canvas"))
        work.add(Term(workflow_state="active", name="Default Term"))
        for name, base in BUILT_IN_ROLES.items():
            work.add(
                Role(
                    workflow_state="active",
                    name=name,
                    base_role_type=base,
                    account_id=root.id,
                    built_in=True,
                )
            )
        work.add(Provider(workflow_state="active", auth_type="canvas"))
        user = work.add(
            User(
                workflow_state="registered",
                name="Sandbox Administrator",
                sortable_name="Administrator, Sandbox",
                short_name="Sandbox Administrator",
            )
        )
        work.add(
            Login(workflow_state="active", user_id=user.id, unique_id="admin", login_key="admin")
        )
        work.add(Channel(workflow_state="active", user_id=user.id, path="admin@sandbox.invalid"))
        work.add(Admin(workflow_state="active", account_id=root.id, user_id=user.id, role_id=1))
