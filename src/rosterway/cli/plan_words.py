"""What a plan comes to, in words: its balance sheet, and the imports that would be sent."""

from collections.abc import Mapping
from typing import Any

from rosterway.cli import output


def say_import(name: str, table: str, rows: int, step: str) -> None:
    """Say which rows an import sends, and at which step."""
    from rosterway.formats.canvas_csv.called import called

    output.say(f"Import {name[:2]}: {called(table)}, {output.counted(rows, 'row')} ({step})")


#: When access is lost, as it is told.
_WHEN = {
    "now": "now",
    "grace": "at the end of a grace",
    "end-date": "on a day to come",
    "term-end": "with their term",
}


def say_forecast(forecast: Mapping[str, int]) -> None:
    """Say how many rows lose access when."""
    told = [f"{count:,} {_WHEN[when]}" for when, count in forecast.items()]
    if told:
        output.say(f"Access is lost: {', '.join(told)}")


def say_waits(waits: Mapping[str, Mapping[str, Any]]) -> None:
    """Say which vanished rows wait, and for how long."""
    from rosterway.formats.canvas_csv.called import counted_rows

    for name, waiting in waits.items():
        first = output.counted(waiting["first"], waiting["unit"].removesuffix("s"))
        rows = counted_rows(waiting["rows"], name)
        output.say(f"Missing and left alone for now: {rows}; the first waits {first} more.")


def print_tables(tables: Mapping[str, Mapping[str, int]], removals: Mapping[str, int]) -> None:
    """The balance sheet."""
    from rosterway.formats.canvas_csv.called import called

    output.print_table(
        [
            ("table", False),
            ("kept", True),
            ("new", True),
            ("changed", True),
            ("removed", True),
            ("vanished", True),
        ],
        [
            (
                called(name),
                counts["unchanged"],
                counts["create"],
                counts["update"],
                removals.get(name, 0),
                counts["vanished"],
            )
            for name, counts in tables.items()
        ],
    )
