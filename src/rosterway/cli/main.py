"""`rosterway`: every command by name.

Modules of commands import what they need when they are called, so that `--help` answers at once.
"""

import signal
import sys
from itertools import pairwise
from typing import NoReturn

import typer
import typer.main

from rosterway import __version__
from rosterway.cli import (
    category,
    check,
    config,
    connection,
    demo,
    doctor,
    feed,
    grade_export,
    grades,
    limits,
    operator,
    output,
    plan,
    pull,
    run,
    sandbox,
    secret,
    serve,
    sftp,
    translate,
)
from rosterway.cli.groups import InOrder
from rosterway.cli.output import Format

app = typer.Typer(
    name="rosterway",
    cls=InOrder,
    help="The gateway between a Student Information System and Canvas.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("check", short_help="Say what is wrong with a delivery.")(check.check)
app.command("pull", short_help="Read a OneRoster provider into files.")(pull.pull)
app.command("translate", short_help="Turn a OneRoster bundle into Canvas CSV.")(translate.translate)
app.command("limits", short_help="Try limits on old deliveries.")(limits.limits)
app.command("serve", short_help="Serve SFTP, console and API.")(serve.serve)
app.command("demo", short_help="Play the whole story on this machine.")(demo.demo)
app.add_typer(feed.app, name="feed")
app.add_typer(run.app, name="run")
app.add_typer(grades.app, name="grades")
app.add_typer(grade_export.app, name="grade-export")
app.add_typer(category.app, name="category")
app.add_typer(config.app, name="config")
app.add_typer(connection.app, name="connection")
app.add_typer(sftp.app, name="sftp")
app.add_typer(operator.app, name="operator")
app.add_typer(secret.app, name="secret")
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(doctor.app, name="doctor", help="Look at a OneRoster provider, or at Canvas.")
app.add_typer(plan.app, name="plan", help="Show what a delivery would change; decide kept plans.")


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version and leave."),
) -> None:
    """The gateway between a Student Information System and Canvas."""
    if version:
        print(__version__)
        raise typer.Exit


def main() -> NoReturn:
    """Run the command line; the exit code says how it went."""
    output.begin()
    signal.signal(signal.SIGTERM, _end)
    try:
        code = typer.main.get_command(app).main(prog_name="rosterway", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        code = _wrong_use(error)
    except BrokenPipeError:
        output.forget_stdout()
        code = output.FAILED
    except OSError as error:  # help that cannot be printed
        output.print_failure(Format.TEXT, *output.of_system(error))
        output.forget_stdout()
        code = output.FAILED
    except (KeyboardInterrupt, typer.Abort):
        code = output.INTERRUPTED
    if _terminated and code == output.INTERRUPTED:
        code = output.TERMINATED
    sys.exit(code if isinstance(code, int) else output.DONE)


def _wrong_use(error: typer.TyperException) -> int:
    """Say what is wrong with the words given, the way the output was asked for."""
    error.message = error.message.removeprefix("Value error, ")
    message = error.format_message()
    if message.startswith("Usage:"):  # no arguments at all: the whole help
        output.note(message)
        return output.WRONG_USE
    context = getattr(error, "ctx", None)
    form = Format.JSON if _wants_json(sys.argv[1:]) else Format.TEXT
    if context and form is Format.TEXT:
        output.note(context.get_usage())
    command = context.command_path if context else "rosterway"
    output.print_failure(form, "usage", message, f"`{command} --help` says what there is.")
    return output.WRONG_USE


def _wants_json(arguments: list[str]) -> bool:
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


_terminated: list[int] = []


def _end(number: int, _frame: object) -> NoReturn:
    """SIGTERM ends a command as Ctrl-C does: what is temporary is tidied up."""
    _terminated.append(number)
    raise KeyboardInterrupt
