"""`rosterway operator`: the people who sign in."""

import getpass
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import output
from rosterway.cli.opened import OperatorOption, TenantOption, opened, operator_name, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.errors import ConflictError, UsageError

if TYPE_CHECKING:
    from rosterway.store.sessions import Token

app = typer.Typer(help="The people who sign in.", no_args_is_help=True)

#: Where a script puts the password of a new operator.
PASSWORD = "ROSTERWAY_OPERATOR_PASSWORD"  # noqa: S105 - the name of a variable


OperatorArgument = Annotated[str, typer.Argument(metavar="NAME", help="The operator's name.")]


@app.command("add")
@answers
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name to sign in with.")],
    role: Annotated[
        str,
        typer.Option(
            "--role", metavar="ROLE", help="viewer, registrar, approver, teacher or admin."
        ),
    ] = "admin",
    tenant: Annotated[
        str | None,
        typer.Option("--tenant", metavar="NAME", help="Only for this tenant; all if left out."),
    ] = None,
    operator: OperatorOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Add an operator. The password is asked for, or taken from ROSTERWAY_OPERATOR_PASSWORD."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import operators, tenants
    from rosterway.store.operators import Role

    if role not in {one.value for one in Role}:
        raise UsageError(
            f"There is no role {role}.",
            remedy=f"Use one of: {', '.join(one.value for one in Role)}.",
        )
    with opened(home) as (_, store):
        if tenant is not None:
            tenants.get(store, tenant)
        password = os.environ.get(PASSWORD) or _ask()
        operators.add(
            store,
            name,
            password=password,
            role=Role(role),
            tenant=tenant or operators.EVERY_TENANT,
            by=operator_name(operator),
            now=utc_now(),
        )
    words = f"{name} may sign in as {role}{f' of {tenant}' if tenant else ''}."
    output.answer({"operator": name, "role": role, "tenant": tenant}, words, form)


@app.command("password")
@answers
def password(
    name: OperatorArgument,
    operator: OperatorOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Give an operator another password; it is asked for as by `add`. Their sessions go on."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import operators

    with opened(home) as (_, store):
        operators.get(store, name)
        given = os.environ.get(PASSWORD) or _ask()
        operators.set_password(store, name, given, by=operator_name(operator), now=utc_now())
    output.answer({"operator": name}, f"{name} has another password.", form)


@app.command("disable")
@answers
def disable(
    name: OperatorArgument,
    operator: OperatorOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Let an operator in no more; their sessions end at once."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import operators

    with opened(home) as (_, store):
        operators.disable(store, name, by=operator_name(operator), now=utc_now())
    output.answer({"operator": name, "disabled": True}, f"{name} is let in no more.", form)


@app.command("enable")
@answers
def enable(
    name: OperatorArgument,
    operator: OperatorOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Let an operator in again."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import operators

    with opened(home) as (_, store):
        operators.enable(store, name, by=operator_name(operator), now=utc_now())
    output.answer({"operator": name, "disabled": False}, f"{name} may sign in again.", form)


@app.command("token")
@answers
def token(
    name: OperatorArgument,
    feed: Annotated[
        str | None, typer.Option("--feed", metavar="FEED", help="The feed it sends to.")
    ] = None,
    grades: Annotated[
        bool, typer.Option("--grades", help="It asks for grade syncs, instead.")
    ] = False,
    label: Annotated[
        str | None,
        typer.Option("--label", metavar="LABEL", help="What it is called; the feed if left out."),
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=3650, help="It ends after so many.")
    ] = None,
    revoke: Annotated[
        str | None, typer.Option("--revoke", metavar="LABEL", help="Make it worthless instead.")
    ] = None,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Make a token that sends deliveries to one feed over HTTPS. It is printed now and never again.

    With --grades it asks for grade syncs. Without either: the tokens the operator has.
    """
    from datetime import timedelta

    from rosterway.runs.clock import utc_now
    from rosterway.store import feeds, operators, sessions

    by, now = operator_name(operator), utc_now()
    with opened(home) as (_, store):
        operators.get(store, name)
        if revoke is not None:
            sessions.revoke(store, name, revoke, by=by, now=now)
            output.answer({"operator": name, "revoked": revoke}, f"{revoke} is worthless.", form)
            return
        if feed is not None and grades:
            raise UsageError("a token is for a feed or for grades", remedy="make two of them")
        if feed is None and not grades:
            _print_tokens(sessions.tokens(store, name), form)
            return
        handle = tenant_of(store, tenant)
        if feed is not None:
            feeds.get(handle, feed)
        called = label or feed or "grades"
        if called in {one.label for one in sessions.tokens(store, name)}:
            raise ConflictError(
                f"{name} has a token {called} already",
                remedy=f"choose another --label, or --revoke {called} first",
            )
        made = sessions.issue(
            store,
            name,
            label=called,
            tenant=handle.name,
            feed=feed,
            expires_at=now + timedelta(days=days) if days else None,
            by=by,
            now=now,
        )
    told = {"operator": name, "label": called, "tenant": handle.name, "feed": feed, "token": made}
    what = f"sends to {feed}" if feed else "asks for grade syncs"
    words = f"{called} {what} for {name}. The token is shown this once: {made}"
    output.answer(told, words, form)


@app.command("list")
@answers
def list_operators(form: FormatOption = Format.TEXT, home: HomeOption = None) -> None:
    """The operators and their roles."""
    from rosterway.store import operators

    with opened(home) as (_, store):
        known = operators.every(store)
    rows: list[dict[str, Any]] = [
        {
            "operator": one.name,
            "disabled": one.disabled_at is not None,
            "roles": {tenant: role.value for tenant, role in one.roles.items()},
        }
        for one in known
    ]
    if form is Format.JSON:
        output.print_json(rows)
        return
    output.print_table(
        [("operator", False), ("roles", False), ("", False)],
        [
            (
                row["operator"],
                ", ".join(f"{tenant}: {role}" for tenant, role in row["roles"].items()),
                "disabled" if row["disabled"] else "",
            )
            for row in rows
        ],
    )


def _print_tokens(tokens: "list[Token]", form: Format) -> None:
    if form is Format.JSON:
        output.print_json(
            [
                {
                    "label": one.label,
                    "tenant": one.tenant,
                    "feed": one.feed,
                    "created_at": one.created_at.isoformat(),
                    "expires_at": one.expires_at.isoformat() if one.expires_at else None,
                }
                for one in tokens
            ]
        )
        return
    output.print_table(
        [("token", False), ("tenant", False), ("feed", False), ("ends (UTC)", False)],
        [
            (
                one.label,
                one.tenant,
                one.feed,
                f"{one.expires_at:%Y-%m-%d %H:%M}" if one.expires_at else "never",
            )
            for one in tokens
        ],
    )


def _ask() -> str:
    if not sys.stdin.isatty():
        raise UsageError(
            "There is nobody to ask for a password.", remedy=f"Put it into {PASSWORD}."
        )
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise UsageError("The two passwords differ.", remedy="Try again.")
    return first
