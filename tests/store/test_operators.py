"""Operators, their sessions and tokens."""

from datetime import timedelta

import pytest

from rosterway.errors import ConflictError, NotFoundError, UsageError
from rosterway.store import audit, operators, sessions
from rosterway.store.operators import OPERATORS, Role
from store.builders import NOON, later

PASSWORD = "correct horse battery"


@pytest.fixture
def ana(store):
    return operators.add(store, "ana", password=PASSWORD, role=Role.ADMIN, by="cli", now=NOON)


def test_the_right_password_and_no_other_lets_in(store, ana):
    assert operators.sign_in(store, "ana", PASSWORD) == ana
    assert operators.sign_in(store, "ana", "wrong") is None
    assert operators.sign_in(store, "nobody", PASSWORD) is None


def test_a_password_is_kept_as_a_hash_and_never_printed(store, ana):
    assert ana.password_hash.startswith("$argon2id$")
    assert "argon2" not in repr(ana)
    assert PASSWORD not in repr(operators.every(store))


def test_a_name_that_does_not_exist_costs_a_hash_too(store, ana):
    operators.sign_in(store, "nobody", PASSWORD)

    assert operators._nobodys_hash().startswith("$argon2id$")


def test_a_hash_of_older_strength_is_renewed_at_the_next_sign_in(store, ana):
    weaker = operators.PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    with store.writing() as seen:
        seen.update(OPERATORS, OPERATORS.c.name == "ana", password_hash=weaker)

    assert operators.sign_in(store, "ana", PASSWORD) is not None
    assert operators.get(store, "ana").password_hash != weaker
    assert operators.sign_in(store, "ana", PASSWORD) is not None


def test_a_short_password_is_refused(store):
    with pytest.raises(UsageError, match="at least 12"):
        operators.add(store, "ben", password="short", role=Role.VIEWER, by="cli", now=NOON)


def test_a_name_is_taken_once(store, ana):
    with pytest.raises(ConflictError, match="already"):
        operators.add(store, "ana", password=PASSWORD, role=Role.VIEWER, by="cli", now=NOON)


def test_a_role_in_one_tenant_goes_before_the_one_in_all(store, ana):
    operators.grant(store, "ana", Role.VIEWER, tenant="monroe", by="cli", now=NOON)

    known = operators.get(store, "ana")
    assert (known.role_in("lincoln"), known.role_in("monroe")) == (Role.ADMIN, Role.VIEWER)
    withdrawn = operators.withdraw(store, "ana", tenant="*", by="cli", now=NOON)
    assert (withdrawn.role_in("lincoln"), withdrawn.role_in("monroe")) == (None, Role.VIEWER)


def test_a_disabled_operator_is_out_at_once_everywhere(store, ana):
    cookie, _ = sessions.start(store, "ana", now=NOON, lifetime=timedelta(hours=8))
    token = sessions.issue(store, "ana", label="ci", by="ana", now=NOON)

    operators.disable(store, "ana", by="cli", now=later(1))

    assert operators.sign_in(store, "ana", PASSWORD) is None
    assert operators.get(store, "ana").role_in("lincoln") is None
    assert sessions.find(store, cookie, now=later(2)) is None
    assert sessions.bearer(store, token, now=later(2)) is None
    operators.enable(store, "ana", by="cli", now=later(3))
    assert sessions.bearer(store, token, now=later(4)) is not None


def test_every_change_of_an_operator_is_in_the_audit_log(store, ana):
    operators.set_password(store, "ana", "another long one", by="ana", now=later(1))
    sessions.issue(store, "ana", label="ci", by="ana", now=later(2))
    sessions.revoke(store, "ana", "ci", by="ben", now=later(3))

    acts = [(entry.act, entry.actor) for entry in audit.entries(store.installation)]
    assert acts == [
        ("token.revoke", "ben"),
        ("token.issue", "ana"),
        ("operator.password", "ana"),
        ("operator.grant", "cli"),
        ("operator.add", "cli"),
    ]
    assert operators.sign_in(store, "ana", "another long one") is not None


def test_a_session_lasts_as_long_as_was_said(store, ana):
    cookie, session = sessions.start(store, "ana", now=NOON, lifetime=timedelta(minutes=10))

    found = sessions.find(store, cookie, now=later(10))
    assert found is not None
    assert found == (session, ana)
    assert sessions.find(store, cookie, now=later(11)) is None
    assert sessions.find(store, cookie + "x", now=NOON) is None


def test_signing_out_ends_one_session_or_all(store, ana):
    first, second, third = (
        sessions.start(store, "ana", now=NOON, lifetime=timedelta(hours=1))[0] for _ in range(3)
    )
    sessions.end(store, first)
    assert sessions.find(store, first, now=NOON) is None
    assert sessions.find(store, second, now=NOON) is not None
    assert sessions.end_all(store, "ana") == 2
    assert sessions.find(store, third, now=NOON) is None


def test_neither_cookie_nor_token_is_in_the_database(store, ana):
    cookie, session = sessions.start(store, "ana", now=NOON, lifetime=timedelta(hours=1))
    shown = sessions.issue(store, "ana", label="ci", tenant="monroe", by="ana", now=NOON)

    (token,) = sessions.tokens(store, "ana")
    assert cookie != session.hash
    assert shown != token.hash
    assert session.hash not in repr(session)
    assert token.tenant == "monroe"


def test_a_token_ends_when_it_expires_or_is_revoked(store, ana):
    shown = sessions.issue(store, "ana", label="a", expires_at=later(5), by="ana", now=NOON)
    other = sessions.issue(store, "ana", label="b", by="ana", now=NOON)

    assert sessions.bearer(store, shown, now=later(5)) is not None
    assert sessions.bearer(store, shown, now=later(6)) is None
    sessions.revoke(store, "ana", "b", by="ana", now=later(1))
    assert sessions.bearer(store, other, now=later(2)) is None
    with pytest.raises(NotFoundError):
        sessions.revoke(store, "ana", "b", by="ana", now=later(3))
    with pytest.raises(NotFoundError):
        sessions.issue(store, "nobody", label="x", by="ana", now=NOON)
