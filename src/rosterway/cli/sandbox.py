"""`rosterway sandbox`: a district, a Canvas and a SIS to try things against."""

import asyncio
import errno
import json
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import output
from rosterway.cli.filling import filling
from rosterway.cli.output import Format, FormatOption, HomeOption, PlayHomeOption, answers
from rosterway.errors import UsageError

if TYPE_CHECKING:
    from rosterway.sandbox.district import District

app = typer.Typer(
    help="A district, a Canvas and a SIS to try things against.", no_args_is_help=True
)

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
    ONEROSTER = "oneroster"


class Version(StrEnum):
    """OneRoster's versions."""

    V1P1 = "1.1"
    V1P2 = "1.2"


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
    kind: Annotated[
        Kind, typer.Option("--as", help="Canvas SIS CSV, or OneRoster CSV.")
    ] = Kind.CANVAS,
    version: Annotated[Version, typer.Option("--version", help="Of OneRoster.")] = Version.V1P2,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Write a believable, seeded school district, as it is on a day."""
    del home  # every command takes one
    if dirty and kind is Kind.ONEROSTER:
        raise UsageError("Damage is done to Canvas SIS CSV only.", remedy="Leave --dirty out.")
    from rosterway.sandbox.district import (
        DistrictError,
        make_dirty,
        make_district,
        on_day,
    )

    try:
        with filling(out) as folder:
            made = on_day(make_district(students=students, seed=seed), day, night=night.value)
            rows = _written(made, folder, kind, version)
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


def _written(district: "District", folder: Path, kind: Kind, version: Version) -> dict[str, int]:
    from rosterway.sandbox.district import write_canvas
    from rosterway.sandbox.sis.bundle.packing import write_oneroster

    if kind is Kind.CANVAS:
        return write_canvas(district, folder)
    return write_oneroster(district, folder, version=version.value)


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
        folder = _folder(stack, home, "canvas-")
        if district is not None and not district.is_dir():
            raise UsageError(
                f"There is no folder {district}.",
                remedy="Make one: `rosterway sandbox district --out DIR`.",
            )
        chosen = tuple(name for name in faults.split(",") if name)
        try:
            with _listening_at(port):
                asyncio.run(
                    serve(port=port, home=folder, faults=chosen, district=district, ready=_say)
                )
        except SandboxUsageError as error:
            raise UsageError(str(error)) from error


@app.command("sis")
@answers
def sis(
    port: PortOption = 0,
    students: Annotated[int, typer.Option("--students", help="How many students.")] = 600,
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same district.")] = 1,
    day: Annotated[int, typer.Option("--day", help="1 is the first; later days have changes.")] = 1,
    night: Annotated[
        Night, typer.Option("--night", help="What happens each night.")
    ] = Night.ORDINARY,
    version: Annotated[
        Version, typer.Option("--version", help="Of the addresses told; both are served.")
    ] = Version.V1P2,
    faults: FaultsOption = "",
    form: FormatOption = Format.TEXT,
    home: PlayHomeOption = None,
) -> None:
    """Run a SIS on loopback that speaks OneRoster. The first line on stdout is JSON."""
    from rosterway.sandbox.district import DistrictError
    from rosterway.sandbox.sis.faults import FAULTS
    from rosterway.sandbox.sis.server import serve
    from rosterway.sandbox.sis.trouble import SisUsageError

    if faults == "list":
        named = {name: fault.what for name, fault in FAULTS.items()}
        if form is Format.JSON:
            output.print_json(named)
        else:
            output.print_table([("fault", False), ("what happens", False)], named.items())
        return

    def say(doors: dict[str, str]) -> None:
        chosen = version.value.replace(".", "p")
        gradebook = "gradebook_1p2" if version is Version.V1P2 else "rostering_1p1"
        _say(
            {
                "url": doors["url"],
                "token": doors["bearer"],
                "rostering_url": doors[f"rostering_{chosen}"],
                "gradebook_url": doors[gradebook],
                "token_url": doors["token_url"],
                "client_id": doors["client_id"],
                "client_secret": doors["client_secret"],
                "control": doors["control"],
            }
        )

    with ExitStack() as stack:
        folder = _folder(stack, home, "sis-")
        options: dict[str, Any] = {"students": students, "seed": seed, "day": day}
        options |= {"night": night.value, "home": folder, "port": port}
        chosen = tuple(name for name in faults.split(",") if name)
        try:
            with _listening_at(port):
                asyncio.run(serve(ready=say, faults=chosen, **options))
        except (SisUsageError, DistrictError) as error:
            raise UsageError(str(error)) from error


@app.command("grades")
@answers
def grades(
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="The address a sandbox Canvas has told.")
    ],
    course: Annotated[
        str | None,
        typer.Option("--course", metavar="ID", help="One course, by id or `sis_course_id:X`."),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="ID", help="The courses of an account; all unless said."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed grades alike.")] = 1,
    assignments: Annotated[
        int, typer.Option("--assignments", min=1, max=200, help="How many a course gets.")
    ] = 12,
    today: Annotated[
        datetime | None,
        typer.Option(
            "--today",
            metavar="DAY",
            formats=["%Y-%m-%d"],
            help="What is due before this day is graded; before the day it is, unless said.",
        ),
    ] = None,
    change_mind: Annotated[
        bool,
        typer.Option(
            "--change-mind",
            help="Regrade, clear, excuse, un-excuse, hide, rename and re-date what is there.",
        ),
    ] = False,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Grade classes in a running sandbox Canvas, or let their teachers change their minds."""
    del home  # every command takes one
    if course is not None and account is not None:
        raise UsageError("A course and an account together.", remedy="Name one of them.")
    from rosterway.sandbox.canvas.remote import grade
    from rosterway.sandbox.canvas.trouble import SandboxUsageError

    asked: dict[str, Any] = {"seed": seed, "assignments": assignments, "change_mind": change_mind}
    if today is not None:
        asked["today"] = today.date().isoformat()
    asked |= {"course": course} if course is not None else {"account": account or "1"}
    try:
        counts = grade(url, asked)
    except SandboxUsageError as error:
        raise UsageError(f"{error}.", remedy="Use the url of its first line.") from error
    if form is Format.JSON:
        output.print_json(counts)
        return
    rows = ((name.replace("_", " "), count) for name, count in counts.items())
    output.print_table([("what", False), ("how many", True)], rows)


def _folder(stack: ExitStack, home: Path | None, prefix: str) -> Path:
    """The home that was given, or a folder that goes with the stack."""
    folder = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be a folder: {error.strerror}.") from error
    return folder


@contextmanager
def _listening_at(port: int) -> Generator[None]:
    """Say it in our words when somebody else listens there."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise UsageError(
            f"Something listens at port {port} already.", remedy="Use --port 0 or another."
        ) from error


def _say(doors: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(doors) + "\n")
    sys.stdout.flush()
