"""`rosterway serve`: SFTP, console, API and worker in one process."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from rosterway.cli import output
from rosterway.cli.output import Format, FormatOption, HomeOption, answers

ConfigOption = Annotated[
    Path, typer.Option("--config", metavar="FILE", help="The configuration file.")
]


@answers
def serve(
    config: ConfigOption = Path("rosterway.toml"),
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Serve SFTP, console and API, and do the work, until SIGTERM (0) or Ctrl-C (130).

    The first line on stdout is JSON and says where the doors are; logs go to stderr. Until there is
    an operator with a password, `sign_in` in that line is a link to the console that works once.
    """
    del form  # the first line is JSON either way
    import uvloop

    from rosterway.cli.configured import load
    from rosterway.cli.serving import serve_home
    from rosterway.settings import home_folder
    from rosterway.settings.logs import configure_logs
    from rosterway.store.home import Home, Running

    settings = load(config, os.environ)
    configure_logs()
    folder = Home.create(home_folder(home, os.environ))

    def ready(running: Running, sign_in: str | None) -> None:
        line = {"ready": True, "console": running.console, "sftp": running.sftp}
        if sign_in:
            line["sign_in"] = sign_in
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    given: list[signal.Signals] = []

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def end(one: signal.Signals) -> None:
            given.append(one)
            stop.set()

        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, end, one)
        await serve_home(folder, settings, config.absolute().parent, ready=ready, stop=stop)

    uvloop.run(main())
    if signal.SIGINT in given:
        raise typer.Exit(output.INTERRUPTED)
