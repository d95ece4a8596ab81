"""`rosterway config`: the configuration file, checked before it is used."""

import os
from pathlib import Path
from typing import Annotated

import typer

from rosterway.cli import output
from rosterway.cli.output import Format, FormatOption, HomeOption, answers

app = typer.Typer(help="The configuration file.", no_args_is_help=True)


@app.callback()
def config() -> None:
    """The configuration file."""


@app.command("check")
@answers
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file.")] = Path(
        "rosterway.toml"
    ),
    environment: Annotated[
        bool, typer.Option("--environment/--no-environment", help="Check that variables are set.")
    ] = True,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Say everything that is wrong with a configuration file, with its place and a remedy.

    Nothing is changed. Exit code 1 if there is anything that `serve` would refuse.
    """
    del home  # every command takes it; this one has none
    from rosterway.cli.configured import findings, place
    from rosterway.settings import Severity, file_text

    found = findings(file_text(file), os.environ if environment else None, file.absolute().parent)
    errors = sum(1 for one in found if one.severity is Severity.ERROR)
    if form is Format.JSON:
        told = [
            {
                "severity": one.severity.value,
                "path": one.path,
                "line": one.line,
                "column": one.column,
                "problem": one.problem,
                "remedy": one.remedy,
            }
            for one in found
        ]
        output.print_json({"errors": errors, "findings": told})
    else:
        for one in found:
            output.say(f"{place(file, one)}: {one.severity.value}: {one.path}: {one.problem}")
            output.say(f"    {one.remedy}")
        output.say("The file is good." if not errors else f"{errors} to mend.")
    if errors:
        raise typer.Exit(output.FAILED)
