"""How every command speaks: results on stdout, progress and errors on stderr, one exit code each.

`--format json` prints one JSON value on stdout and nothing else there.
"""

import functools
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import typer

from rosterway.errors import ConfigError, RosterwayError, UsageError

DONE = 0
FAILED = 1
WRONG_USE = 2
HELD = 10
INTERRUPTED = 130


class Format(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[
    Format, typer.Option("--format", help="text for people, json for scripts.")
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="ROSTERWAY_HOME",
        help="Where database, blobs and keys are kept.",
        show_default="./rosterway-home",
    ),
]

P = ParamSpec("P")
R = TypeVar("R")


def answers(command: Callable[P, R]) -> Callable[P, R]:
    """Turn errors of ours into words (or JSON) and an exit code. The command has a `form`."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except RosterwayError as error:
            fail(error, Format(str(kwargs.get("form", Format.TEXT))))
        except BrokenPipeError:
            # The reader (head, less) has seen enough.
            sys.stderr.close()
            raise typer.Exit(FAILED) from None

    return run


def fail(error: RosterwayError, form: Format) -> NoReturn:
    """Print an error the way it was asked for, and leave."""
    if form is Format.JSON:
        print_json(
            {"error": {"code": error.code, "message": error.message, "remedy": error.remedy}}
        )
    else:
        note(f"Error: {error.message}")
        if error.remedy:
            note(error.remedy)
    wrong_use = isinstance(error, UsageError | ConfigError)
    raise typer.Exit(WRONG_USE if wrong_use else FAILED)


def print_json(value: object) -> None:
    """Print one JSON value on stdout."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def print_json_with(head: Mapping[str, object], name: str, items: Iterable[object]) -> None:
    """Print a JSON object whose last member is a long list, without holding the list."""
    text = json.dumps(head, indent=2, ensure_ascii=False, default=str)
    opened = text.removesuffix("}").rstrip()
    sys.stdout.write(opened + ("," if head else "") + f'\n  "{name}": [')
    separator = "\n    "
    for item in items:
        sys.stdout.write(separator + json.dumps(item, ensure_ascii=False, default=str))
        separator = ",\n    "
    sys.stdout.write("\n  ]\n}\n" if separator.startswith(",") else "]\n}\n")


def note(text: str) -> None:
    """Say something to the person at the terminal, on stderr."""
    print(text, file=sys.stderr)


def print_table(columns: Iterable[tuple[str, bool]], rows: Iterable[Iterable[object]]) -> None:
    """Print a table on stdout; a column is its title and whether it holds numbers."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title, is_number in columns:
        table.add_column(title, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(cell) for cell in row))
    Console(highlight=False).print(table)


def _cell(value: Any) -> str:
    from rich.markup import escape

    if isinstance(value, bool) or not isinstance(value, int):
        return escape("" if value is None else str(value))
    return f"{value:,}"
