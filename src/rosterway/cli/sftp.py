"""`rosterway sftp`: who may upload by the hosted SFTP, and the key the server is known by.

A running server takes every change up by itself. A password is made here and printed once; none can
be chosen, so none is one that somebody uses elsewhere.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import output, sftp_host_key
from rosterway.cli.opened import OperatorOption, TenantOption, opened, operator_name, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.errors import UsageError

if TYPE_CHECKING:
    from rosterway.store.sftp_accounts import SftpAccount

app = typer.Typer(help="Accounts of the hosted SFTP, and its host key.", no_args_is_help=True)
key_app = typer.Typer(help="Keys that may sign in.", no_args_is_help=True)
app.add_typer(key_app, name="key")
app.add_typer(sftp_host_key.app, name="host-key")

LoginArgument = Annotated[str, typer.Argument(metavar="LOGIN", help="The account's login.")]
KeyOption = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="KEY", help="A public key: a .pub file, or the line in it."),
]


@app.command("list")
@answers
def list_accounts(
    tenant: TenantOption = None, form: FormatOption = Format.TEXT, home: HomeOption = None
) -> None:
    """The accounts: those of the configuration file, and those that operators have made."""
    from rosterway.store import sftp_accounts

    with opened(home) as (_, store):
        known = sftp_accounts.every(tenant_of(store, tenant))
    if form is Format.JSON:
        output.print_json([_told(one) for one in known])
        return
    output.print_table(
        [("login", False), ("from", False), ("may come from", False), ("signs in with", False)],
        [
            (one.login, one.origin.value, ", ".join(one.allow) or "anywhere", way)
            for one in known
            for way in (_ways(one) or ["nothing yet"])
        ],
    )


@app.command("add")
@answers
def add(
    login: LoginArgument,
    key: KeyOption = None,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="NETWORK", help="It may come from there alone."),
    ] = None,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Add an account: with public keys, or without any, and then with a password made for it."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import sftp_accounts

    lines = [_line(one) for one in key or ()]
    by, now = operator_name(operator), utc_now()
    with opened(home) as (_, store), tenant_of(store, tenant).together() as handle:
        made = sftp_accounts.add(handle, login, keys=lines, allow=allow or (), by=by, now=now)
        password = None if lines else sftp_accounts.make_password(handle, login, by=by, now=now)
    words = f"{login} may upload for {made.tenant}, at once."
    output.answer(
        _told(made) | {"password": password},
        f"{words}\n{_shown_once(password)}" if password else words,
        form,
    )


@app.command("remove")
@answers
def remove(
    login: LoginArgument,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Let an account in no more; who is inside is shown out. What it has sent stays."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import sftp_accounts

    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        sftp_accounts.remove(handle, login, by=operator_name(operator), now=utc_now())
    output.answer({"login": login, "removed": True}, f"{login} is let in no more.", form)


@app.command("password")
@answers
def password(
    login: LoginArgument,
    drop: Annotated[bool, typer.Option("--drop", help="Let no password sign in any more.")] = False,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Make another password, in place of the one there was. It is printed now and never again."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import sftp_accounts

    by, now = operator_name(operator), utc_now()
    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        if drop:
            sftp_accounts.drop_password(handle, login, by=by, now=now)
            made, words = None, f"No password lets {login} in."
        else:
            made = sftp_accounts.make_password(handle, login, by=by, now=now)
            words = _shown_once(made)
    output.answer({"login": login, "password": made}, words, form)


@app.command("allow")
@answers
def allow(
    login: LoginArgument,
    networks: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NETWORK]…", help="Such as 10.0.0.0/8; none: from anywhere."),
    ] = None,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Let an account come from these networks alone, in place of those there were."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import sftp_accounts

    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        told = sftp_accounts.allow(
            handle, login, networks or (), by=operator_name(operator), now=utc_now()
        )
    where = ", ".join(told) or "anywhere"
    output.answer({"login": login, "allow": told}, f"{login} may come from {where}.", form)


@key_app.command("add")
@answers
def add_key(
    login: LoginArgument,
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="A public key: a .pub file, or the line in it.")
    ],
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Let a key sign in as well."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import sftp_accounts

    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        shown = sftp_accounts.add_key(
            handle, login, _line(key), by=operator_name(operator), now=utc_now()
        )
    output.answer({"login": login, "key": shown}, f"{login} may sign in with {shown}.", form)


@key_app.command("remove")
@answers
def remove_key(
    login: LoginArgument,
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="The key's fingerprint (SHA256:…) or comment.")
    ],
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Let a key sign in no more; who is inside with it is shown out."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import sftp_accounts

    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        shown = sftp_accounts.remove_key(
            handle, login, key, by=operator_name(operator), now=utc_now()
        )
    output.answer({"login": login, "key": shown}, f"{shown} lets {login} in no more.", form)


def _line(given: str) -> str:
    """A key's line, as it is or from the file that is named."""
    if " " in given.strip():
        return given
    try:
        return Path(given).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{given} is neither a public key nor a file with one.",
            remedy="Give the .pub file, or its line in quotes.",
        ) from error


def _shown_once(made: str) -> str:
    return f"Its password, which is shown this once: {made}"


def _told(account: "SftpAccount") -> dict[str, Any]:
    from rosterway.store.sftp_accounts import comment, fingerprint

    return {
        "login": account.login,
        "tenant": account.tenant,
        "from": account.origin.value,
        "keys": [{"fingerprint": fingerprint(k), "comment": comment(k)} for k in account.keys],
        "has_password": account.password is not None,
        "allow": account.allow,
    }


def _ways(account: "SftpAccount") -> list[str]:
    from rosterway.store.sftp_accounts import comment, fingerprint

    keys = [f"{fingerprint(one)} {comment(one)}".rstrip() for one in account.keys]
    return [*keys, *(["a password"] if account.password else [])]
