"""`rosterway sftp host-key`: the key the server is known by, and its change without a surprise."""

from typing import TYPE_CHECKING, Annotated

import typer

from rosterway.cli import output
from rosterway.cli.opened import OperatorOption, opened, operator_name
from rosterway.cli.output import Format, FormatOption, HomeOption, answers

if TYPE_CHECKING:
    from rosterway.store.home import Home

app = typer.Typer(help="The key the server is known by.", no_args_is_help=True)


@app.command("list")
@answers
def list_keys(form: FormatOption = Format.TEXT, home: HomeOption = None) -> None:
    """The key in use, and the next one while it is being changed."""
    with opened(home) as (found, _):
        known = _known(found)
    if form is Format.JSON:
        output.print_json([{"fingerprint": shown, "use": use} for shown, use in known])
        return
    output.print_table([("host key", False), ("", False)], known)


@app.command("rotate")
@answers
def rotate(
    operator: OperatorOption = None, form: FormatOption = Format.TEXT, home: HomeOption = None
) -> None:
    """Make the next key. It is announced to clients; the one in use stays until it is retired."""
    from rosterway.runs.clock import utc_now
    from rosterway.sftp_server import host_key
    from rosterway.store import audit

    with opened(home) as (found, store):
        in_use = _known(found)[0][0]
        made = host_key.rotate(found.host_key).get_fingerprint()
        audit.append(
            store.installation,
            actor=operator_name(operator),
            act="host-key.rotate",
            subject=made,
            now=utc_now(),
            details={"in_use": in_use},
        )
    words = (
        f"The next host key is {made}: give this fingerprint to whoever uploads.\n"
        f"{in_use} stays in use until `rosterway sftp host-key retire {in_use}`."
    )
    output.answer({"next": made, "in_use": in_use}, words, form)


@app.command("retire")
@answers
def retire(
    fingerprint: Annotated[
        str, typer.Argument(metavar="FINGERPRINT", help="Of the key to forget: SHA256:…")
    ],
    operator: OperatorOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Forget the key in use, and use the next; or forget the next, and leave all as it was."""
    from rosterway.runs.clock import utc_now
    from rosterway.sftp_server import host_key
    from rosterway.store import audit

    with opened(home) as (found, store):
        stays = host_key.retire(found.host_key, fingerprint).get_fingerprint()
        audit.append(
            store.installation,
            actor=operator_name(operator),
            act="host-key.retire",
            subject=fingerprint,
            now=utc_now(),
            details={"in_use": stays},
        )
    words = f"The server is known by {stays} alone; a running one within ten seconds."
    output.answer({"retired": fingerprint, "in_use": stays}, words, form)


def _known(home: "Home") -> list[tuple[str, str]]:
    from rosterway.sftp_server.host_key import host_keys

    uses = ("in use", "next, announced to clients")
    shown = [key.get_fingerprint() for key in host_keys(home.host_key)]
    return list(zip(shown, uses, strict=False))
