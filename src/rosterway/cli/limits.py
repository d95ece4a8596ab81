"""`rosterway limits FEED`: what the feed's old deliveries would have been held for."""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import output
from rosterway.cli.limits_file import limits_in
from rosterway.cli.opened import TenantOption, opened, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers

if TYPE_CHECKING:
    from rosterway.runs.preview import Previewed
    from rosterway.store.walls import TenantStore


@answers
def limits(
    feed: Annotated[str, typer.Argument(metavar="FEED", help="The feed's name.")],
    file: Annotated[
        Path | None,
        typer.Option(
            "--limits",
            metavar="FILE",
            help="The limits to try, as TOML.",
            show_default="the feed's own",
        ),
    ] = None,
    last: Annotated[
        int, typer.Option("--last", metavar="N", min=1, help="So many deliveries, the latest.")
    ] = 10,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Show what a feed's old deliveries would have been held for under other limits.

    Each is planned anew as it was then. Nothing is sent or kept, and no limit is changed.
    """
    from rosterway.store import feeds

    given = limits_in(file) if file else None
    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        tried = feeds.get(handle, feed).config["limits"] if given is None else given
        found = asyncio.run(_previewed(handle, feed, tried, last))
    counts = Counter(guard for one in found for guard in one.guards)
    if form is Format.JSON:
        output.print_json(
            {
                "feed": feed,
                "deliveries": [one.as_dict() for one in found],
                "guards": dict(counts),
                "held": sum(bool(one.guards) for one in found),
            }
        )
        return
    _print(found, counts)


async def _previewed(
    handle: "TenantStore", feed: str, tried: Mapping[str, Any], last: int
) -> "list[Previewed]":
    from rosterway.gateway.memory import MEMORY, memory_within
    from rosterway.runs.preview import preview

    memory = memory_within(os.environ.get(MEMORY))
    return [one async for one in preview(handle, feed, tried, last=last, memory=memory)]


def _print(found: "list[Previewed]", counts: Counter[str]) -> None:
    """A row for each delivery, then each guard's count."""
    if not found:
        output.say("No delivery of this feed has been planned yet.")
        return
    output.print_table(
        [
            ("delivery", False),
            ("planned (UTC)", False),
            ("was held by", False),
            ("would be", False),
        ],
        [
            (
                one.delivery,
                one.planned_at.strftime("%Y-%m-%d %H:%M"),
                ", ".join(one.was) or "-",
                ", ".join(one.guards) or "-",
            )
            for one in found
        ],
    )
    held = sum(bool(one.guards) for one in found)
    output.say(f"{held:,} of {len(found):,} deliveries would be held.")
    for guard, count in counts.most_common():
        output.say(f"  {guard}: {count:,}")
