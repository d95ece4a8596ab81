"""Sessions of the console and tokens of the API: what is shown once is kept as a hash only.

Both are 256 random bits, so a plain SHA-256 is enough to keep them, and looking one up by its hash
tells nothing by the time it takes.
"""

import hashlib
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Column, ForeignKey, Table

from rosterway.errors import NotFoundError
from rosterway.store import audit, operators
from rosterway.store.columns import METADATA, TEXT, instant, text
from rosterway.store.operators import EVERY_TENANT, Operator
from rosterway.store.store import Store

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("hash", TEXT, primary_key=True),
    Column("operator", TEXT, ForeignKey("operators.name"), nullable=False),
    text("csrf"),
    instant("created_at"),
    instant("expires_at"),
)

TOKENS = Table(
    "tokens",
    METADATA,
    Column("hash", TEXT, primary_key=True),
    Column("operator", TEXT, ForeignKey("operators.name"), nullable=False),
    text("label"),
    text("tenant"),
    instant("created_at"),
    instant("expires_at", null=True),
    text("feed", null=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser; `csrf` must come back with everything that changes something."""

    hash: str = field(repr=False)
    operator: str
    csrf: str = field(repr=False)
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A key with the rights of an operator in its tenant: to send deliveries to one feed.

    Without a feed it is one to ask for grade syncs.
    """

    hash: str = field(repr=False)
    operator: str
    label: str
    tenant: str
    created_at: datetime
    expires_at: datetime | None
    feed: str | None = None


def start(
    store: Store, operator: str, *, now: datetime, lifetime: timedelta
) -> tuple[str, Session]:
    """Begin a session: what goes into the cookie, and the session; expired ones are removed."""
    shown = secrets.token_urlsafe(32)
    begun = Session(
        hash=_hash(shown),
        operator=operator,
        csrf=secrets.token_urlsafe(32),
        created_at=now,
        expires_at=now + lifetime,
    )
    with store.writing() as seen:
        seen.delete(SESSIONS, SESSIONS.c.expires_at < now)
        seen.insert(SESSIONS, **asdict(begun))
    return shown, begun


def find(store: Store, shown: str, *, now: datetime) -> tuple[Session, Operator] | None:
    """The session of this cookie and its operator, if both are still good."""
    with store.reading() as seen:
        valid = (SESSIONS.c.hash == _hash(shown), SESSIONS.c.expires_at >= now)
        session = seen.first(Session, SESSIONS, *valid)
    if session is None:
        return None
    operator = operators.get(store, session.operator)
    return (session, operator) if operator.disabled_at is None else None


def end(store: Store, shown: str) -> None:
    """Sign out."""
    with store.writing() as seen:
        seen.delete(SESSIONS, SESSIONS.c.hash == _hash(shown))


def end_all(store: Store, operator: str) -> int:
    """Sign an operator out everywhere; how many sessions there were."""
    with store.writing() as seen:
        return seen.delete(SESSIONS, SESSIONS.c.operator == operator)


def issue(
    store: Store,
    operator: str,
    *,
    label: str,
    tenant: str = EVERY_TENANT,
    feed: str | None = None,
    expires_at: datetime | None = None,
    by: str,
    now: datetime,
) -> str:
    """Make a token: it is shown now and never again."""
    shown = f"rosterway_{secrets.token_urlsafe(32)}"
    with store.together() as tx, tx.writing() as seen:
        operators.get(tx, operator)
        seen.insert(
            TOKENS,
            hash=_hash(shown),
            operator=operator,
            label=label,
            tenant=tenant,
            created_at=now,
            expires_at=expires_at,
            feed=feed,
        )
        details = {"label": label, "tenant": tenant, "feed": feed}
        audit.append(
            tx.installation, actor=by, act="token.issue", subject=operator, now=now, details=details
        )
    return shown


def bearer(store: Store, shown: str, *, now: datetime) -> tuple[Token, Operator] | None:
    """The token that was shown and its operator, if both are still good."""
    with store.reading() as seen:
        token = seen.first(Token, TOKENS, TOKENS.c.hash == _hash(shown))
    if token is None or (token.expires_at is not None and token.expires_at < now):
        return None
    operator = operators.get(store, token.operator)
    return (token, operator) if operator.disabled_at is None else None


def tokens(store: Store, operator: str) -> list[Token]:
    """An operator's tokens, the oldest first."""
    with store.reading() as seen:
        order = (TOKENS.c.created_at, TOKENS.c.hash)
        return seen.find(Token, TOKENS, TOKENS.c.operator == operator, order=order)


def revoke(store: Store, operator: str, label: str, *, by: str, now: datetime) -> None:
    """Make an operator's tokens of this label worthless; `NotFoundError` if there is none."""
    with store.together() as tx, tx.writing() as seen:
        of_label = (TOKENS.c.operator == operator, TOKENS.c.label == label)
        if not seen.delete(TOKENS, *of_label):
            raise NotFoundError(f'{operator} has no token "{label}"')
        details = {"label": label}
        audit.append(
            tx.installation,
            actor=by,
            act="token.revoke",
            subject=operator,
            now=now,
            details=details,
        )


def _hash(shown: str) -> str:
    return hashlib.sha256(shown.encode()).hexdigest()
