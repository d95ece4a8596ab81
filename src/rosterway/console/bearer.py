"""Who a script is: the owner of the token it shows, as far as the token opens what is asked for.

A token of another tenant, of another purpose or of an operator without the right is told as much as
one of nobody.
"""

from rosterway.console.access import RIGHTS, May, SignInError
from rosterway.runs.office import Office
from rosterway.store import sessions
from rosterway.store.operators import EVERY_TENANT


def script_of(
    office: Office, tenant: str, authorization: str, *, feed: str | None, may: May
) -> str:
    """The script's name for the audit log: its operator and the token's label.

    Args:
        office: where tokens are kept.
        tenant: the tenant that is asked about.
        authorization: the header, `Bearer …`.
        feed: the feed the token must be for; None: one for grades.
        may: what the token's operator must be allowed there.

    Raises:
        SignInError: it opens nothing here, whatever the reason.
    """
    scheme, _, shown = authorization.partition(" ")
    found = sessions.bearer(office.store, shown.strip(), now=office.clock())
    if scheme.lower() == "bearer" and found is not None:
        token, operator = found
        role = operator.role_in(tenant)
        opens = token.feed == feed and token.tenant in {tenant, EVERY_TENANT}
        if opens and role is not None and may in RIGHTS[role]:
            return f"{operator.name} ({token.label})"
    raise SignInError("This token is not, or no longer, good.")
