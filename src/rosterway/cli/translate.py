"""`rosterway translate`: a OneRoster CSV bundle becomes Canvas CSV, and why each cell is what it is."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rosterway.cli import output
from rosterway.cli.filling import filling, require_room
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from rosterway.formats.oneroster.deviations import Tally
    from rosterway.formats.problems import Problem
    from rosterway.rostering.findings import Findings
    from rosterway.rostering.translate.policy import TranslationPolicy
    from rosterway.rostering.translate.translation import Told, Translation
    from rosterway.runs.translate import BundlesRead

#: How many problems of one kind a person is shown; JSON has them all.
_SHOWN = 3


@answers
def translate(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="A OneRoster CSV bundle: a zip or a folder.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The folder to write, empty or new."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="The choices, as TOML; else the defaults."),
    ] = None,
    onto: Annotated[
        list[Path] | None,
        typer.Option(
            "--onto",
            metavar="BUNDLE",
            help="An earlier bundle that a delta changes; several, the oldest first.",
        ),
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(
            "--explain",
            metavar="SOURCEDID",
            help="Write nothing; show which rule made which cell of this record.",
        ),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Translate as if it were this time; UTC if without an offset.",
            show_default="now",
        ),
    ] = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Translate a OneRoster CSV bundle into Canvas CSV, by a policy of your choice.

    What cannot be translated is left out and told. Exit code 1 if there is any error.
    """
    del home  # every command takes it; this one has none
    if out is None and explain is None:
        raise typer.BadParameter("name the folder to write", param_hint="--out")
    from rosterway.formats.oneroster.deviations import Tally
    from rosterway.gateway.calculator import calculator
    from rosterway.gateway.memory import MEMORY, memory_within
    from rosterway.gateway.unpack import unpack
    from rosterway.rostering.findings import Findings
    from rosterway.rostering.translate.policy_document import policy_from
    from rosterway.rostering.translate.problems import problems
    from rosterway.runs.translate import read_bundles, translate_into

    chosen = policy_from(policy_text(policy))
    if out is not None and explain is None:
        require_room(out)
    with tempfile.TemporaryDirectory(prefix="rosterway-") as folder:
        work = Path(folder)
        bundles = [
            unpack([path], work / f"unpacked{number}")
            for number, path in enumerate([*(onto or ()), bundle])
        ]
        canvas = work / "canvas"
        canvas.mkdir()
        with calculator(
            work,
            files=[file.path for unpacked in bundles for file in unpacked.files],
            memory=memory_within(os.environ.get(MEMORY)),
        ) as connection:
            findings, tally = Findings(connection), Tally()
            told = partial(problems, connection, findings)
            read = read_bundles(connection, bundles, work, findings, tally)
            if not read.sources.relations:
                _print(_Done(read, None, {}, findings, tally, told), form)
                raise typer.Exit(output.FAILED)
            translation, rows = translate_into(
                connection, read.sources, chosen, findings, canvas, today=_today(at, chosen)
            )
            done = _Done(read, translation, rows, findings, tally, told)
            if explain is not None:
                _explain(done, explain, form)
                return
            assert out is not None
            with filling(out) as kept:
                for name in rows:
                    shutil.move(canvas / f"{name}.csv", kept / f"{name}.csv")
            _print(done, form)
            if done.errors:
                raise typer.Exit(output.FAILED)


@dataclass(frozen=True, slots=True)
class _Done:
    """What there is to tell; `translation` None: nothing could be read."""

    read: "BundlesRead"
    translation: "Translation | None"
    rows: Mapping[str, int]
    findings: "Findings"
    tally: "Tally"
    told: "Callable[..., Iterator[Problem]]"

    @property
    def errors(self) -> int:
        """How many errors there are."""
        from rosterway.rostering.translate.problems import errors

        return errors(self.findings)

    @property
    def is_complete(self) -> bool:
        """Whether what is not in it may be taken for gone."""
        return self.translation is not None and self.translation.is_whole

    def problems(self, *, about: str | None = None) -> "Iterator[Problem]":
        """Everything that was noticed, or what was about a record."""
        return self.told(about=about)

    def as_dict(self) -> dict[str, object]:
        """The beginning of the command's JSON: everything but the problems."""
        held = self.translation.held if self.translation else ()
        return {
            "version": self.read.version.value if self.read.version else None,
            "complete": self.is_complete,
            "tables": {name: {"rows": rows} for name, rows in self.rows.items()},
            "held": sorted(held),
            "deviations": [each.as_dict() for each in self.tally.all()],
        }


def policy_text(path: Path | None) -> str:
    """The text of a policy file, which can be used; blank for the defaults.

    Raises UsageError if it cannot be read, ConfigError if it is no policy.
    """
    from rosterway.rostering.translate.policy_document import policy_from

    if path is None:
        return ""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.", remedy="Name the policy file."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", remedy="Save it as UTF-8.") from error
    policy_from(text)
    return text


def _today(at: datetime | None, policy: "TranslationPolicy") -> date:
    from rosterway.runs.clock import utc_now

    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return (at or utc_now()).astimezone(policy.dates.time_zone).date()


def _print(done: _Done, form: Format) -> None:
    if form is Format.JSON:
        problems = (each.as_dict() for each in done.problems())
        output.print_json_with(done.as_dict(), "problems", problems)
        return
    output.print_table([("table", False), ("rows", True)], done.rows.items())
    for each in done.tally.all():
        where = ".".join(filter(None, (each.table, each.field)))
        output.say(f"deviation, {each.count:,} times in {where}: {each.message}")
    say_problems(done.problems())
    if done.translation is not None and not done.is_complete:
        output.say("NOT COMPLETE: apply it as imports, so that nothing is removed by it")


def say_problems(problems: "Iterable[Problem]") -> None:
    """Problems for a person, a few of each kind, with what to do."""
    shown: dict[str, int] = {}
    remedies: dict[str, str] = {}
    for problem in problems:
        shown[problem.code] = shown.get(problem.code, 0) + 1
        if shown[problem.code] <= _SHOWN:
            output.say(f"{problem.severity.value}: {problem.message}")
            remedies[problem.code] = problem.remedy
    for code, count in shown.items():
        if count > _SHOWN:
            output.say(f"    … and {count - _SHOWN:,} more of {code}: --format json has all")
    for code, remedy in remedies.items():
        output.say(f"    {code}: {remedy}")


def _explain(done: _Done, record: str, form: Format) -> None:
    assert done.translation is not None
    rows = list(done.translation.explain(record))
    left_out = done.translation.why_not(record)
    about = list(done.problems(about=record))
    if not (rows or left_out or about):
        raise UsageError(
            f"No row is made of a record {record}.",
            remedy="Name the sourcedId of an org, session, class, user or enrollment.",
        )
    if form is Format.JSON:
        output.print_json(
            {
                "record": record,
                "rows": [
                    {"table": table, "cells": [_cell(cell) for cell in cells]}
                    for table, cells in rows
                ],
                "left_out": left_out,
                "problems": [each.as_dict() for each in about],
            }
        )
        return
    for table, cells in rows:
        output.print_table(
            [(table, False), ("value", False), ("read", False), ("rule", False), ("", False)],
            [(cell.column, cell.value, _read(cell), cell.rule, cell.says) for cell in cells],
        )
        output.say("")
    for why in left_out:
        output.say(f"Left out: {why}")
    say_problems(about)


def _cell(cell: "Told") -> dict[str, object]:
    return {
        "column": cell.column,
        "value": cell.value,
        "rule": cell.rule,
        "says": cell.says,
        "read": dict(cell.read),
    }


def _read(cell: "Told") -> str:
    return ", ".join(f"{name} {'-' if value is None else value}" for name, value in cell.read)
