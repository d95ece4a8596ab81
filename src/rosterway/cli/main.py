"""`rosterway`: every command by name.

Modules of commands import what they need when they are called, so that `--help` answers at once.
"""

import sys

import typer

from rosterway import __version__
from rosterway.cli import check, config, demo, feed, operator, output, plan, run, sandbox, serve

app = typer.Typer(
    name="rosterway",
    help="The gateway between a Student Information System and Canvas.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("check")(check.check)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.add_typer(feed.app, name="feed")
app.add_typer(run.app, name="run")
app.add_typer(config.app, name="config")
app.add_typer(operator.app, name="operator")
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(plan.app, name="plan", help="Show what a delivery would change; handle kept plans.")


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version and leave."),
) -> None:
    """The gateway between a Student Information System and Canvas."""
    if version:
        print(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line; the exit code says how it went."""
    try:
        app(prog_name="rosterway")
    except KeyboardInterrupt:
        sys.exit(output.INTERRUPTED)
