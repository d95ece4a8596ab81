"""`rosterway check`: what is wrong with a delivery, before Canvas sees it."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rosterway.cli import output
from rosterway.cli.output import Format, FormatOption, HomeOption, answers

if TYPE_CHECKING:
    from rosterway.runs.prepare import Read

#: How many problems of one kind a person is shown; JSON has them all.
_SHOWN = 3

PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Folders, zips or CSV files: one delivery."),
]
EncodingOption = Annotated[
    str,
    typer.Option(
        "--encoding", metavar="NAME", help="The encoding of the files, if it is not UTF-8."
    ),
]


@answers
def check(
    paths: PathsArgument = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline",
            metavar="PREVIOUS",
            help="What Canvas has: the delivery before, a folder, a zip or a file.",
        ),
    ] = None,
    encoding: EncodingOption = "utf-8",
    codes: Annotated[
        bool, typer.Option("--codes", help="List every problem code with its rule.")
    ] = False,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Validate a delivery: a folder, a zip or files, as Canvas CSV or as a OneRoster CSV bundle.

    Nothing is written and nothing is sent. Exit code 1 if there is any error. With --baseline, what
    was delivered before counts as there: references resolve to it, and claims meet it.
    """
    del home  # every command takes it; this one has none
    if codes:
        _print_codes(form)
        return
    if not paths:
        raise typer.BadParameter("name a folder, a zip or a file", param_hint="PATH")
    from rosterway.cli.check_bundle import check_bundle
    from rosterway.gateway.bundle import is_bundle
    from rosterway.gateway.calculator import calculator
    from rosterway.gateway.encoding import is_utf8
    from rosterway.gateway.memory import MEMORY, memory_within
    from rosterway.gateway.unpack import unpack
    from rosterway.runs.prepare import read_baseline, read_delivery

    is_utf8(encoding)  # a name nobody knows is refused, whatever the files are
    with tempfile.TemporaryDirectory(prefix="rosterway-") as folder:
        work = Path(folder)
        unpacked = unpack(paths, work / "unpacked")
        before = unpack([baseline], work / "before") if baseline else None
        sources = [*unpacked.files, *(before.files if before else ())]
        with calculator(
            work,
            files=[file.path for file in sources],
            memory=memory_within(os.environ.get(MEMORY)),
        ) as connection:
            if is_bundle(unpacked):
                errors = check_bundle(connection, unpacked, work, form)
            else:
                known = read_baseline(connection, before, work, encoding=encoding)
                read = read_delivery(connection, unpacked, work, mirror=known, encoding=encoding)
                errors = _print(read, form)
    if errors:
        raise typer.Exit(output.FAILED)


def summary(read: "Read") -> dict[str, object]:
    """The beginning of `check`'s JSON: everything but the problems."""
    tables = read.checked.staged.tables
    return {
        "kind": "canvas-csv" if tables else None,
        "tables": {
            name: {"files": [file.name for file in table.files], "rows": table.rows}
            for name, table in tables.items()
        },
        "counts": read.findings.counts(),
    }


def _print(read: "Read", form: Format) -> int:
    head = summary(read)
    counts = read.findings.counts()
    if form is Format.JSON:
        problems = (problem.as_dict() for problem in read.findings.problems())
        output.print_json_with(head, "problems", problems)
        return counts["error"]
    output.print_table(
        [("table", False), ("rows", True), ("files", False)],
        [
            (name, table.rows, ", ".join(file.name for file in table.files))
            for name, table in read.checked.staged.tables.items()
        ],
    )
    print_problems(read)
    return counts["error"]


def print_problems(read: "Read") -> None:
    """The problems for a person: by kind, errors first, a few of each, then how to see all."""
    from rosterway.formats.catalogue import RULES

    counts = read.findings.counts()
    severities = list(counts)
    kinds = sorted(
        read.findings.by_code(), key=lambda kind: severities.index(RULES[kind[0]].severity.value)
    )
    for code, count in kinds:
        shown = list(read.findings.problems(code=code, limit=_SHOWN))
        for problem in shown:
            output.say(f"{problem.severity.value}: {problem.message}")
        if count > _SHOWN:
            output.say(f"    … and {count - _SHOWN:,} more of {code}")
        output.say(f"    {shown[0].remedy}")
        if in_canvas := RULES[code].canvas_words:
            output.say(f"    Sent as it came: {in_canvas}.")
    if not kinds:
        output.say("No problems found.")
        return
    words = ", ".join(output.counted(count, name) for name, count in counts.items())
    output.say(f"\n{words}. All of them: --format json")


def _print_codes(form: Format) -> None:
    from rosterway.formats.catalogue import RULES

    if form is Format.JSON:
        output.print_json(
            [
                {
                    "code": rule.code,
                    "severity": rule.severity.value,
                    "consequence": rule.consequence.value,
                    "message": rule.message,
                    "remedy": rule.remedy,
                    "source": rule.source,
                    "canvas": rule.canvas.value if rule.canvas else None,
                    "silent": rule.silent,
                }
                for rule in RULES.values()
            ]
        )
        return
    output.print_table(
        [
            ("code", False),
            ("severity", False),
            ("consequence", False),
            ("in Canvas", False),
            ("rule", False),
        ],
        [
            (
                rule.code,
                rule.severity.value,
                rule.consequence.value,
                rule.canvas_words,
                rule.message,
            )
            for rule in RULES.values()
        ],
    )
