"""`rosterway doctor`: look at a OneRoster provider, and report what its vendor can act on.

`rosterway doctor canvas` looks at the other side (`doctor_canvas`).
"""

import asyncio
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rosterway.cli import connecting, doctor_canvas, output
from rosterway.cli.connecting import SignatureChoice
from rosterway.cli.groups import ITSELF, GroupWithItself, Itself
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.cli.write_test import show, write_to

if TYPE_CHECKING:
    from rosterway.oneroster.asking import Source
    from rosterway.oneroster.examination import Examination

app = typer.Typer(cls=GroupWithItself, no_args_is_help=False)


@app.command(ITSELF, cls=Itself, hidden=True, no_args_is_help=True)
@answers
def doctor(
    rostering_url: connecting.RosteringUrlOption,
    version: connecting.VersionOption,
    auth: connecting.AuthOption,
    gradebook_url: Annotated[
        str | None,
        typer.Option("--gradebook-url", metavar="URL", help="The gradebook's root, if it has one."),
    ] = None,
    write_test: Annotated[
        str | None,
        typer.Option(
            "--write-test",
            metavar="CLASS_ID",
            help="Write a line item and a result to this class, read them back and delete them.",
        ),
    ] = None,
    token_url: connecting.TokenUrlOption = None,
    client_id: connecting.ClientIdOption = None,
    client_secret_env: connecting.ClientSecretOption = None,
    token_env: connecting.TokenOption = None,
    scope: connecting.ScopeOption = None,
    credentials: connecting.CredentialsOption = None,
    signature: connecting.SignatureOption = SignatureChoice.HMAC_SHA256,
    profile: connecting.ProfileOption = "generic",
    header: connecting.HeaderOption = None,
    ca_file: connecting.CaFileOption = None,
    show_error: connecting.ShowErrorOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Look at a OneRoster provider: what it serves, how fast, and where it departs from the standard.

    Nothing is changed there, unless --write-test names a class: in it one line item and one result of
    one of its students are written, read back and deleted, whatever happens in between. Exit code 1: a
    roster cannot be had from it, or grades cannot be written, or something of them is left.

    `doctor canvas` looks at Canvas instead, with the token of a configuration file.
    """
    del home  # every command takes one
    from rosterway.oneroster.asking import asked_of, source_of
    from rosterway.oneroster.doctor import examine
    from rosterway.settings.logs import configure_logs
    from rosterway.settings.secrets import SecretPlaces

    configure_logs(level="WARNING")
    found = connecting.connection(
        rostering_url=rostering_url,
        version=version,
        way=auth,
        token_url=token_url,
        client_id=client_id,
        client_secret_env=client_secret_env,
        token_env=token_env,
        scope=scope,
        credentials=credentials,
        signature=signature,
        concurrency=1,
        profile=profile,
        show_error=show_error,
    )
    asked = asked_of(found)
    source = source_of(
        found,
        SecretPlaces(os.environ, Path()),
        asked=asked,
        headers=connecting.headers_of(header),
        ca_file=ca_file,
    )
    gradebook = _gradebook(source, gradebook_url) if gradebook_url else None
    with tempfile.TemporaryDirectory(prefix="rosterway-") as folder:
        told = asyncio.run(
            examine(source, asked, Path(folder), gradebook=gradebook, on_progress=output.note)
        )
    tried = None
    if write_test is not None and told.authenticated:
        tried = asyncio.run(write_to(source, asked, gradebook_url, write_test))
    if form is Format.JSON:
        extra = {} if tried is None else {"write_test": tried.as_dict()}
        output.print_json({**told.as_dict(), **extra})
    else:
        _print(told)
        if tried is not None:
            show(tried)
    if not told.is_usable or (tried is not None and not tried.is_good):
        raise typer.Exit(output.FAILED)


app.command("canvas")(doctor_canvas.canvas)


def _gradebook(source: "Source", url: str) -> "Source":
    """The same provider's gradebook; where scopes are guessed, with those of reading it."""
    from rosterway.oneroster.address import web_address
    from rosterway.oneroster.auth import OAuth2

    auth = source.auth
    if isinstance(auth, OAuth2) and auth.is_scope_guessed:
        prefix = f"https://purl.imsglobal.org/spec/or/v{source.version.replace('.', 'p')}/scope/"
        auth = replace(auth, scope=f"{prefix}gradebook.readonly")
    return replace(source, root=web_address(url.rstrip("/"), "gradebook_url"), auth=auth)


def _print(told: "Examination") -> None:
    if told.why:
        output.say(f"{told.why}.")
        output.say(f"    {told.remedy}")
    if told.clock_skew is not None and abs(told.clock_skew) >= 2:
        from rosterway.oneroster.failures import told_skew

        output.say(f"Our clock is {told_skew(told.clock_skew)} the provider's.")
    if told.operations:
        output.print_table(
            [
                ("operation", False),
                ("needed", False),
                ("status", False),
                ("records", True),
                ("seconds", True),
                ("", False),
            ],
            [
                (
                    each.operation,
                    "yes" if each.required else "",
                    each.status.value,
                    "" if each.total is None else f"{each.total:,}",
                    f"{each.seconds:.2f}" if each.is_there else "",
                    each.why,
                )
                for each in told.operations
            ],
        )
    if told.sizes:
        output.print_table(
            [("page size", True), ("came", True), ("seconds", True), ("records/s", True)],
            [
                (
                    f"{each.asked:,}",
                    f"{each.came:,}",
                    f"{each.seconds:.3f}",
                    f"{each.per_second:,.0f}",
                )
                for each in told.sizes
            ],
        )
    if told.together is not None:
        output.say(f"Four requests at a time are {told.together:.1f} times as fast as one.")
    if told.throttled:
        output.say("It asked to slow down.")
    for each in told.deviations:
        where = ".".join(filter(None, (each.table, each.field)))
        output.say(f"deviation, {each.count:,} times in {where}: {each.message}")
        if each.example:
            output.say(f"    for example {each.example} ({each.where})")
    if told.estimate is not None:
        seconds = f"about {told.estimate:,.0f} s" if told.estimate >= 1 else "less than a second"
        output.say(f"A full pull takes {seconds}.")
    elif told.operations:
        output.say(
            "It does not say how many records there are, so nobody can tell how long it takes."
        )
    for name, value in told.recommend.items():
        output.say(f"recommended: {name} = {json.dumps(value)}")
    output.say("CAN BE USED" if told.is_usable else "CANNOT BE USED")
