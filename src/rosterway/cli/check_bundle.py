"""`rosterway check` of a OneRoster CSV bundle: its files to the letter, and what they mean together.

What they mean is seen by translating them by the default policy, of which nothing is kept: so
references, terms and people are judged as they would be on their way to Canvas.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from rosterway.cli import output
from rosterway.cli.output import Format
from rosterway.cli.translate import say_problems

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from rosterway.gateway.unpack import Unpacked


def check_bundle(
    connection: "DuckDBPyConnection", unpacked: "Unpacked", work: Path, form: Format
) -> int:
    """Check a bundle and tell what was found; how many errors there are."""
    from rosterway.formats.oneroster.deviations import Tally
    from rosterway.formats.oneroster.tables import TABLES
    from rosterway.rostering.findings import Findings
    from rosterway.rostering.translate.policy import TranslationPolicy
    from rosterway.rostering.translate.problems import counts, problems
    from rosterway.rostering.translate.translation import translate
    from rosterway.runs.clock import utc_now
    from rosterway.runs.translate import read_bundles

    findings, tally = Findings(connection), Tally()
    read = read_bundles(connection, [unpacked], work, findings, tally, wanted=TABLES)
    if read.sources.relations:
        policy = TranslationPolicy()
        today = utc_now().astimezone(policy.dates.time_zone).date()
        translate(connection, read.sources, policy, findings, today=today)
    found = counts(findings)
    tables = {
        name: {"files": [read.sources.file(name)], "rows": rows} for name, rows in read.rows.items()
    }
    if form is Format.JSON:
        head = {
            "kind": "oneroster-csv",
            "tables": tables,
            "counts": found,
            "deviations": [each.as_dict() for each in tally.all()],
        }
        told = (each.as_dict() for each in problems(connection, findings))
        output.print_json_with(head, "problems", told)
        return found["error"]
    output.print_table(
        [("table", False), ("rows", True), ("files", False)],
        [(name, rows, read.sources.file(name)) for name, rows in read.rows.items()],
    )
    for each in tally.all():
        where = ".".join(filter(None, (each.table, each.field)))
        output.say(f"deviation, {each.count:,} times in {where}: {each.message}")
    say_problems(problems(connection, findings))
    words = ", ".join(output.counted(count, name) for name, count in found.items())
    output.say(f"\n{words}." if any(found.values()) else "No problems found.")
    return found["error"]
