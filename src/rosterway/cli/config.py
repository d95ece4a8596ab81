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
    file: Annotated[Path, typer.Argument(help="The file.")] = Path("rosterway.toml"),
    environment: Annotated[
        bool, typer.Option("--environment/--no-environment", help="Check that variables are set.")
    ] = True,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Say everything that is wrong with a configuration file, with its line and a remedy."""
    del home  # every command takes it; this one has none
    from rosterway.errors import ConfigError
    from rosterway.rostering.limits import limits_from
    from rosterway.rostering.policy import policy_from
    from rosterway.settings import Severity, as_data, check, parse
    from rosterway.settings.reading import file_text

    text = file_text(file)
    found = [
        {
            "severity": finding.severity.value,
            "path": finding.path,
            "line": finding.line,
            "problem": finding.problem,
            "remedy": finding.remedy,
        }
        for finding in check(text, os.environ if environment else None)
    ]
    if not any(one["severity"] == Severity.ERROR.value for one in found):
        settings = parse(text)
        for tenant in settings.tenants.values():
            for feed in tenant.feeds.values():
                path = f"tenant.{tenant.key}.feed.{feed.name}"
                for read in (
                    lambda feed=feed: policy_from(feed.vanished),
                    lambda feed=feed: limits_from(as_data(feed.limits)),
                ):
                    try:
                        read()
                    except ConfigError as error:
                        found.append(
                            {
                                "severity": Severity.ERROR.value,
                                "path": path,
                                "line": None,
                                "problem": error.message,
                                "remedy": error.remedy,
                            }
                        )
    errors = sum(1 for one in found if one["severity"] == Severity.ERROR.value)
    if form is Format.JSON:
        output.print_json({"errors": errors, "findings": found})
    else:
        for one in found:
            place = f"line {one['line']}: " if one["line"] else ""
            print(f"{one['severity']}: {place}{one['path']}: {one['problem']}")
            print(f"    {one['remedy']}")
        print("The file is good." if not errors else f"{errors} to mend.")
    if errors:
        raise typer.Exit(output.FAILED)
