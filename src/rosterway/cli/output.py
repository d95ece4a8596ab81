"""How every command speaks: results on stdout, progress and errors on stderr, one exit code each.

`--format json` prints one JSON value on stdout and nothing else there, a failure included. Text is
for people: what a delivery holds is printed without the control characters that may be in it, and
lines are folded to a terminal only, never in a pipe.
"""

import errno
import functools
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec, TextIO, TypeVar

import typer

from rosterway.errors import ConfigError, RosterwayError, UsageError

DONE = 0
FAILED = 1
WRONG_USE = 2
HELD = 10
INTERRUPTED = 130
TERMINATED = 143


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
        metavar="DIR",
        envvar="ROSTERWAY_HOME",
        help="Where database, blobs and keys are kept.",
        show_default="./rosterway-home",
    ),
]
#: Of commands that play: `ROSTERWAY_HOME` is where real work lies, and they leave it alone.
PlayHomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", metavar="DIR", help="Keep it here; a temporary folder if left out.", envvar=None
    ),
]

P = ParamSpec("P")
R = TypeVar("R")

#: Why a disk takes no more.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
#: What may stand in a line of text besides what prints.
_PLAIN = {ord(" "), ord("\n"), ord("\t")}


def begin() -> None:
    """Let stdout and stderr carry any text: UTF-8 in a pipe, and nothing that cannot be written."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def answers(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what goes wrong into words (or JSON) and an exit code. The command has a `form`."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        form = Format(str(kwargs.get("form", Format.TEXT)))
        try:
            answer = command(*args, **kwargs)
            sys.stdout.flush()
        except RosterwayError as error:
            fail(error, form)
        except BrokenPipeError:
            forget_stdout()
            raise typer.Exit(FAILED) from None
        except OSError as error:
            _fail(form, *of_system(error))
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except Exception as error:  # whatever it is, it gets words and a code
            if _is_interruption(error):
                raise KeyboardInterrupt from error
            _fail(form, *_of_fault(error))
        return answer

    return run


def fail(error: RosterwayError, form: Format) -> NoReturn:
    """Print an error the way it was asked for, and leave."""
    wrong_use = isinstance(error, UsageError | ConfigError)
    code = WRONG_USE if wrong_use else FAILED
    _fail(form, error.code, error.message, error.remedy, exit_code=code)


def _fail(
    form: Format, code: str, message: str, remedy: str, *, exit_code: int = FAILED
) -> NoReturn:
    print_failure(form, code, message, remedy)
    raise typer.Exit(exit_code)


def print_failure(form: Format, code: str, message: str, remedy: str) -> None:
    """Say what went wrong: as JSON on stdout, or in words on stderr."""
    try:
        if form is Format.JSON:
            print_json({"error": {"code": code, "message": message, "remedy": remedy}})
            sys.stdout.flush()
            return
    except OSError:
        pass  # stdout is what has failed; the words go to stderr
    note(f"Error: {_ended(message)}")
    if remedy:
        note(_ended(remedy[:1].upper() + remedy[1:]))


def forget_stdout() -> None:
    """The reader (head, less) has seen enough: what is left to print goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def of_system(error: OSError) -> tuple[str, str, str]:
    """What the operating system would not do: code, message, remedy."""
    if error.errno in _FULL:
        place = f" for {error.filename}" if error.filename else ""
        return "system", f"There is no room left{place}.", "Make room, then try again."
    place = f"{error.filename}: " if error.filename else ""
    return "system", f"{place}{error.strerror or error}", "Check the path and its permissions."


def _of_fault(error: Exception) -> tuple[str, str, str]:
    """What is nobody's mistake but ours, or the calculator's limits: code, message, remedy."""
    said = str(error).strip().partition("\n")[0]
    if type(error).__name__ == "OutOfMemoryException":
        return (
            "system",
            "There is too little memory for a delivery of this size.",
            "Give ROSTERWAY_MEMORY more than it has, such as 2GB, or make room on the disk.",
        )
    if any(os.strerror(one) in said for one in _FULL):
        return "system", f"There is no room left: {said}", "Make room, then try again."
    traceback.print_exception(error)
    return (
        "internal",
        f"This is a fault of Rosterway's own: {type(error).__name__}: {said}",
        "Please report it with the lines above, without personal data.",
    )


def _is_interruption(error: Exception) -> bool:
    """Whether this is a signal that came while the calculator was at work."""
    return type(error).__name__ == "InterruptException" or (
        isinstance(error, RuntimeError) and str(error) == "Query interrupted"
    )


def _ended(sentence: str) -> str:
    """The sentence with a stop at its end."""
    return sentence + ("" if sentence.endswith((".", "!", "?", ":")) else ".")


def printable(text: str) -> str:
    """The text with its control characters shown, so that no cell can command a terminal."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or ord(char) in _PLAIN else repr(char)[1:-1] for char in text
    )


def counted(number: int, thing: str) -> str:
    """`1 row`, `2,395 rows`."""
    return f"{number:,} {thing}{'s' * (number != 1)}"


def print_json(value: object) -> None:
    """Print one JSON value on stdout."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def print_json_with(head: Mapping[str, object], name: str, items: Iterable[object]) -> None:
    """Print a JSON object whose last member is a long list on stdout."""
    write_json_with(sys.stdout, head, name, items)


def write_json_with(
    target: TextIO, head: Mapping[str, object], name: str, items: Iterable[object]
) -> None:
    """Write a JSON object whose last member is a long list, without holding the list."""
    text = json.dumps(head, indent=2, ensure_ascii=False, default=str)
    opened = text.removesuffix("}").rstrip()
    target.write(opened + ("," if head else "") + f'\n  "{name}": [')
    separator = "\n    "
    for item in items:
        target.write(separator + json.dumps(item, ensure_ascii=False, default=str))
        separator = ",\n    "
    target.write("\n  ]\n}\n" if separator.startswith(",") else "]\n}\n")


def answer(told: object, words: str, form: Format) -> None:
    """The result of a command that has one sentence to say: as JSON, or in words."""
    if form is Format.JSON:
        print_json(told)
    else:
        say(words)


def say(text: str) -> None:
    """Print a line of a result on stdout."""
    print(printable(text))


def note(text: str) -> None:
    """Say something to the person at the terminal, on stderr."""
    print(printable(text), file=sys.stderr)


def print_table(columns: Iterable[tuple[str, bool]], rows: Iterable[Iterable[object]]) -> None:
    """Print a table on stdout; a column is its title and whether it holds numbers.

    A terminal's width is kept to; in a pipe every row is one line.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title, is_number in columns:
        table.add_column(title, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(cell) for cell in row))
    if sys.stdout.isatty():
        Console(highlight=False).print(table)
        return
    drawn = io.StringIO()
    Console(highlight=False, file=drawn, width=_PIPE, no_color=True).print(table)
    for line in drawn.getvalue().splitlines():
        print(line.rstrip())


#: Columns of a line in a pipe: as many as it takes.
_PIPE = 10_000


def _cell(value: Any) -> str:
    from rich.markup import escape

    if isinstance(value, bool) or not isinstance(value, int):
        return escape("" if value is None else printable(str(value)))
    return f"{value:,}"
