"""What a plan comes to, in words: its balance sheet, and the imports that would be sent."""

from collections.abc import Mapping

from rosterway.cli import output


def say_import(name: str, table: str, rows: int, step: str) -> None:
    """Say which rows an import sends, and at which step."""
    from rosterway.formats.canvas_csv.called import called

    output.say(f"Import {name[:2]}: {called(table)}, {output.counted(rows, 'row')} ({step})")


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
