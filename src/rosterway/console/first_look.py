"""A first look: while nobody has a password yet, whoever starts the server is given a link.

The operator it signs in is an admin whose password nobody knows, so the link is the only way in. It
is made when the server starts, works once within an hour, and comes to an end with the first
operator who has a password: then that admin is disabled.
"""

import secrets
from datetime import timedelta

from rosterway.console.one_time import OneTimeLinks
from rosterway.runs.office import Office
from rosterway.store import operators
from rosterway.store.operators import Operator, Role

#: Whom the link signs in, as approvals and the audit log will have it.
FIRST = "first-look"
#: Long enough to read what the server has to say first.
_LIFETIME = timedelta(hours=1)
_BY = "rosterway serve"


def first_look(office: Office, links: OneTimeLinks) -> str | None:
    """The path of a link that signs in once; None where operators with passwords are.

    Hashes a password when it is called for the first time: run it in a worker thread.
    """
    known = {one.name: one for one in operators.every(office.store)}
    first = known.pop(FIRST, None)
    if known:
        _end(office, first)
        return None
    if first is None:
        operators.add(
            office.store,
            FIRST,
            password=secrets.token_urlsafe(32),
            role=Role.ADMIN,
            by=_BY,
            now=office.clock(),
        )
    return links.path_for(FIRST, now=office.clock(), lifetime=_LIFETIME)


def _end(office: Office, first: Operator | None) -> None:
    if first is not None and first.disabled_at is None:
        operators.disable(office.store, FIRST, by=_BY, now=office.clock())
