"""`rosterway sandbox`: a district, a Canvas and a SIS to try things against."""

import asyncio
import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from rosterway.cli import output
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.errors import UsageError

app = typer.Typer(help="A district, a Canvas and a SIS to try things against.")

PortOption = Annotated[int, typer.Option("--port", help="0 takes any free port.")]
DistrictOption = Annotated[
    Path | None, typer.Option("--district", help="A district's files to begin with.")
]
FaultsOption = Annotated[
    str, typer.Option("--faults", help="Faults to show, comma-separated; `list` names them.")
]


@app.command("district")
@answers
def district(
    students: Annotated[int, typer.Option("--students", help="How many students.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same district.")],
    out: Annotated[Path, typer.Option("--out", help="The folder to write, empty or new.")],
    day: Annotated[int, typer.Option("--day", help="1 is the first; later days have changes.")] = 1,
    dirty: Annotated[
        bool, typer.Option("--dirty", help="With the damage real exports have.")
    ] = False,
    night: Annotated[
        str, typer.Option("--night", help="What happens each night: ordinary or busy.")
    ] = "ordinary",
    kind: Annotated[str, typer.Option("--as", help="canvas: Canvas SIS CSV.")] = "canvas",
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Write a believable, seeded school district, as it is on a day."""
    del home  # every command takes it; this one has none
    from rosterway.sandbox.district import (
        DistrictError,
        make_dirty,
        make_district,
        on_day,
        write_canvas,
    )

    if kind != "canvas":
        raise UsageError(f"--as {kind} is not known.", remedy="Use --as canvas.")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty.", remedy="Name an empty or a new folder.")
    try:
        made = on_day(make_district(students=students, seed=seed), day, night=night)
        rows = write_canvas(made, out)
        damages = make_dirty(out, seed=seed) if dirty else []
    except DistrictError as error:
        raise UsageError(str(error)) from error
    for damage in damages:
        output.note(str(damage))
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
    home: HomeOption = None,
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
        folder.mkdir(parents=True, exist_ok=True)
        chosen = tuple(name for name in faults.split(",") if name)
        try:
            asyncio.run(serve(port=port, home=folder, faults=chosen, district=district, ready=_say))
        except SandboxUsageError as error:
            raise UsageError(str(error)) from error


def _say(doors: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(doors) + "\n")
    sys.stdout.flush()
