"""`rosterway operator`: the people who sign in."""

import getpass
import os
import sys
from typing import Annotated, Any

import typer

from rosterway.cli import output
from rosterway.cli.opened import OperatorOption, opened, operator_name
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.errors import UsageError

app = typer.Typer(help="The people who sign in.", no_args_is_help=True)

#: Where a script puts the password of a new operator.
PASSWORD = "ROSTERWAY_OPERATOR_PASSWORD"  # noqa: S105 - the name of a variable


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
    if form is Format.JSON:
        output.print_json({"operator": name, "role": role, "tenant": tenant})
        return
    output.say(f"{name} may sign in as {role}{f' of {tenant}' if tenant else ''}.")


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


def _ask() -> str:
    if not sys.stdin.isatty():
        raise UsageError(
            "There is nobody to ask for a password.", remedy=f"Put it into {PASSWORD}."
        )
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise UsageError("The two passwords differ.", remedy="Try again.")
    return first
