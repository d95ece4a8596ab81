"""`rosterway connection`: the ways to other people's systems, whether they work, whom they trust."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import output
from rosterway.cli.grades_asking import CONFIG, office_of
from rosterway.cli.opened import OperatorOption, TenantOption, opened, operator_name, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from rosterway.gateway.sftp_client_key import HostKey
    from rosterway.runs.connection_steps import Tried
    from rosterway.runs.office import Office
    from rosterway.settings import SftpConnection
    from rosterway.store.walls import TenantStore

app = typer.Typer(
    help="The ways to other people's systems, and whom they trust.", no_args_is_help=True
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The connection's name.")]
ConfigOption = Annotated[
    Path, typer.Option("--config", metavar="FILE", help="The configuration file that names them.")
]


@app.command("list")
@answers
def list_connections(
    config: ConfigOption = CONFIG,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Connections with what uses them, and the host keys that are trusted."""
    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        told = _listed(office_of(found, store, config), handle)
    if form is Format.JSON:
        output.print_json(told)
        return
    output.print_table(
        [
            ("connection", False),
            ("kind", False),
            ("address", False),
            ("feeds", False),
            ("host key", False),
        ],
        [
            (
                one["connection"],
                one["kind"],
                one["address"],
                ", ".join(one["feeds"]),
                one["host_key"] or ("" if one["kind"] == "oneroster" else "not trusted yet"),
            )
            for one in told
        ],
    )


@app.command("test")
@answers
def try_connection(
    name: NameArgument,
    config: ConfigOption = CONFIG,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Try an SFTP connection step by step; a small file is written where we are to write."""
    from rosterway.runs.connection_steps import connection_steps

    async def tried(office: "Office", handle: "TenantStore") -> "list[Tried]":
        made: list[Tried] = []
        async for one in connection_steps(office, handle, name):
            made.append(one)
            if form is Format.TEXT:
                output.say(f"{'ok    ' if one.is_good else 'FAILED'}  {one.step}: {one.said}")
                if one.remedy:
                    output.say(f"        {one.remedy}")
        return made

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        office = office_of(found, store, config)
        _of_sftp(office, handle, name)
        steps = asyncio.run(tried(office, handle))
    is_good = all(one.is_good for one in steps)
    if form is Format.JSON:
        output.print_json(
            {
                "connection": name,
                "works": is_good,
                "steps": [
                    {"step": one.step, "ok": one.is_good, "said": one.said, "remedy": one.remedy}
                    for one in steps
                ],
            }
        )
    raise typer.Exit(output.DONE if is_good else output.FAILED)


@app.command("trust")
@answers
def trust(
    name: NameArgument,
    fingerprint: Annotated[
        str | None,
        typer.Option(
            "--fingerprint",
            metavar="SHA256:…",
            help="The one its keeper has told you: only a key that has it is trusted.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Trust it without asking again.")] = False,
    config: ConfigOption = CONFIG,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Show the host key of an SFTP server, and trust it; without a yes it is only shown."""
    from rosterway.gateway.sftp_client import access_to, offered_key
    from rosterway.gateway.sftp_client_key import HostKey
    from rosterway.runs.clock import utc_now
    from rosterway.store import host_keys

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        office = office_of(found, store, config)
        connection = _of_sftp(office, handle, name)
        known = host_keys.find(handle, name, connection.address)
        before = HostKey(known.key) if known else None
        shown = asyncio.run(offered_key(access_to(connection), like=before))
        is_trusted = shown == before
        if not is_trusted:
            note = output.note if form is Format.JSON else output.say
            if before:
                note(f"Trusted until now:  {before.shown(connection.host)}")
            note(f"{connection.address} shows:  {shown.shown(connection.host)}")
            is_trusted = _said_yes(shown, fingerprint, yes=yes)
            if is_trusted:
                host_keys.trust(
                    handle,
                    name,
                    address=connection.address,
                    key=shown.line,
                    fingerprint=shown.fingerprint,
                    by=operator_name(operator),
                    now=utc_now(),
                )
    told = {
        "connection": name,
        "address": connection.address,
        "key": shown.line,
        "fingerprint": shown.fingerprint,
        "before": before.fingerprint if before else None,
        "trusted": is_trusted,
    }
    words = (
        f"{connection.address} is trusted by {shown.fingerprint}."
        if is_trusted
        else "Nothing is trusted yet. Compare the line with what the server's keeper tells you,"
        f" then run `rosterway connection trust {name} --fingerprint {shown.fingerprint}`."
    )
    output.answer(told, words, form)
    raise typer.Exit(output.DONE if is_trusted else output.HELD)


def _said_yes(shown: "HostKey", fingerprint: str | None, *, yes: bool) -> bool:
    if fingerprint is not None:
        if fingerprint != shown.fingerprint:
            raise UsageError(
                f"The server shows {shown.fingerprint}, and that is not {fingerprint}.",
                remedy="Do not trust it before its keeper has explained this.",
            )
        return True
    if yes or not sys.stdin.isatty():
        return yes
    return typer.confirm("Is that what its keeper has told you?", default=False, err=True)


def _of_sftp(office: "Office", handle: "TenantStore", name: str) -> "SftpConnection":
    """The settings of an SFTP connection; NotFoundError if there is none of that name."""
    tenant = office.tenant(handle.name)
    if name in tenant.connections:
        raise UsageError(
            f"{name} is a connection over OneRoster, which has no host key.",
            remedy="`rosterway doctor` tries one of those.",
        )
    if name not in tenant.sftp_connections:
        raise NotFoundError(
            f"There is no connection {name}.", remedy="Look at `rosterway connection list`."
        )
    return tenant.sftp_connections[name]


def _listed(office: "Office", handle: "TenantStore") -> list[dict[str, Any]]:
    from rosterway.gateway.sftp_client_key import HostKey
    from rosterway.store import host_keys

    tenant = office.tenant(handle.name)
    places = {name: one.rostering_url for name, one in tenant.connections.items()}
    places |= {name: one.address for name, one in tenant.sftp_connections.items()}
    told: list[dict[str, Any]] = []
    for name, place in sorted(places.items()):
        is_sftp = name in tenant.sftp_connections
        known = host_keys.find(handle, name, place) if is_sftp else None
        told.append(
            {
                "connection": name,
                "kind": "sftp" if is_sftp else "oneroster",
                "address": place,
                "feeds": [feed.name for feed in tenant.feeds.values() if feed.source == name],
                "host_key": HostKey(known.key).fingerprint if known else None,
                "trusted_by": known.trusted_by if known else None,
                "trusted_at": known.trusted_at.isoformat() if known else None,
            }
        )
    return told
