"""`rosterway sandbox`: a district and a Canvas to try things against."""

import asyncio
import errno
import json
import sys
import tempfile
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rosterway.cli import output
from rosterway.cli.filling import filling
from rosterway.cli.output import Format, FormatOption, HomeOption, PlayHomeOption, answers
from rosterway.errors import UsageError

app = typer.Typer(help="A district and a Canvas to try things against.", no_args_is_help=True)

PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any free port.")]
DistrictOption = Annotated[
    Path | None,
    typer.Option("--district", metavar="DIR", help="A district's files to begin with."),
]
FaultsOption = Annotated[
    str,
    typer.Option(
        "--faults", metavar="A,B", help="Faults to show, comma-separated; `list` names them."
    ),
]


class Night(StrEnum):
    """What happens in a district from day to day."""

    ORDINARY = "ordinary"
    BUSY = "busy"


class Kind(StrEnum):
    """What a district's files are."""

    CANVAS = "canvas"


@app.command("district")
@answers
def district(
    students: Annotated[int, typer.Option("--students", help="How many students.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same district.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The folder to write, empty or new.")
    ],
    day: Annotated[int, typer.Option("--day", help="1 is the first; later days have changes.")] = 1,
    dirty: Annotated[
        bool, typer.Option("--dirty", help="With the damage real exports have.")
    ] = False,
    night: Annotated[
        Night, typer.Option("--night", help="What happens each night.")
    ] = Night.ORDINARY,
    kind: Annotated[Kind, typer.Option("--as", help="canvas: Canvas SIS CSV.")] = Kind.CANVAS,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Write a believable, seeded school district, as it is on a day."""
    del home, kind  # every command takes a home; there is one kind yet
    from rosterway.sandbox.district import (
        DistrictError,
        make_dirty,
        make_district,
        on_day,
        write_canvas,
    )

    try:
        with filling(out) as folder:
            made = on_day(make_district(students=students, seed=seed), day, night=night.value)
            rows = write_canvas(made, folder)
            damages = make_dirty(folder, seed=seed) if dirty else []
    except DistrictError as error:
        raise UsageError(str(error)) from error
    for damage in damages:
        where = damage.file if damage.line is None else f"{damage.file}:{damage.line}"
        output.note(f"{where}: {damage.kind}" + (f" in {damage.columns}" * bool(damage.columns)))
    if form is Format.JSON:
        output.print_json({"files": rows, "damages": len(damages)})
        return
    output.print_table([("file", False), ("rows", True)], rows.items())


@app.command("canvas")
@answers
def canvas(
    port: PortOption = 0,
    district: DistrictOption = None,
    faults: FaultsOption = "",
    form: FormatOption = Format.TEXT,
    home: PlayHomeOption = None,
) -> None:
    """Run a Canvas on loopback. The first line on stdout is JSON: url and token."""
    from rosterway.sandbox.canvas.faults import FAULTS
    from rosterway.sandbox.canvas.server import serve
    from rosterway.sandbox.canvas.trouble import SandboxUsageError

    if faults == "list":
        if form is Format.JSON:
            output.print_json(FAULTS)
        else:
            output.print_table([("fault", False), ("what happens", False)], FAULTS.items())
        return
    with ExitStack() as stack:
        folder = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="canvas-")))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} cannot be a folder: {error.strerror}.") from error
        if district is not None and not district.is_dir():
            raise UsageError(
                f"There is no folder {district}.",
                remedy="Make one: `rosterway sandbox district --out DIR`.",
            )
        chosen = tuple(name for name in faults.split(",") if name)
        try:
            asyncio.run(serve(port=port, home=folder, faults=chosen, district=district, ready=_say))
        except SandboxUsageError as error:
            raise UsageError(str(error)) from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise UsageError(
                f"Something listens at port {port} already.", remedy="Use --port 0 or another."
            ) from error


def _say(doors: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(doors) + "\n")
    sys.stdout.flush()
