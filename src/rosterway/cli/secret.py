"""`rosterway secret`: secrets kept sealed in the store, which `{ sealed = "NAME" }` refers to.

A secret is typed or comes on standard input, never as an argument: those stand in shell histories
and in the list of processes. None is ever printed.
"""

import getpass
import re
import sys
from typing import Annotated

import typer

from rosterway.cli import output
from rosterway.cli.opened import OperatorOption, TenantOption, opened, operator_name, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.errors import UsageError

app = typer.Typer(help="Secrets kept sealed in the home.", no_args_is_help=True)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help='What `{ sealed = "NAME" }` refers to.')
]
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_MOST = 65_536


@app.command("seal")
@answers
def seal(
    name: NameArgument,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Keep a secret, in place of the one of that name. It is asked for, or read from stdin."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import secrets

    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of a secret.",
            remedy="Use small letters, digits, dot, dash and underscore.",
        )
    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        value = _asked()
        secrets.seal(handle, name, value, by=operator_name(operator), now=utc_now())
    words = f'Sealed: {{ sealed = "{name}" }} refers to it. A server takes it at its next use.'
    output.answer({"secret": name, "tenant": handle.name}, words, form)


@app.command("list")
@answers
def list_secrets(
    tenant: TenantOption = None, form: FormatOption = Format.TEXT, home: HomeOption = None
) -> None:
    """What is sealed, since when and by whom; never what it is."""
    from rosterway.store import secrets

    with opened(home) as (_, store):
        known = secrets.names(tenant_of(store, tenant))
    if form is Format.JSON:
        output.print_json(
            [
                {"secret": one.name, "sealed_at": one.sealed_at.isoformat(), "by": one.sealed_by}
                for one in known
            ]
        )
        return
    output.print_table(
        [("secret", False), ("sealed (UTC)", False), ("by", False)],
        [(one.name, f"{one.sealed_at:%Y-%m-%d %H:%M}", one.sealed_by) for one in known],
    )


@app.command("forget")
@answers
def forget(
    name: NameArgument,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Remove a secret; what refers to it fails from then on, and says so."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import secrets

    with opened(home) as (_, store):
        secrets.forget(tenant_of(store, tenant), name, by=operator_name(operator), now=utc_now())
    output.answer({"secret": name, "forgotten": True}, f"{name} is forgotten.", form)


def _asked() -> str:
    if sys.stdin.isatty():
        value = getpass.getpass("Secret: ")
    else:
        value = sys.stdin.read(_MOST + 1).removesuffix("\n").removesuffix("\r")
    if not value:
        raise UsageError("There is no secret to seal.", remedy="Type it, or pipe it in.")
    if len(value) > _MOST:
        raise UsageError("That is too long for a secret.", remedy="Pipe the right file in.")
    return value
