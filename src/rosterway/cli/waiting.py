"""Waiting for a run that was asked for: its stages are told meanwhile, and a server must be at work."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from rosterway.cli import output
from rosterway.errors import UnavailableError

if TYPE_CHECKING:
    from rosterway.store.home import Home
    from rosterway.store.runs import Run
    from rosterway.store.walls import TenantStore

WaitOption = Annotated[bool, typer.Option("--wait", help="Wait until the run has ended.")]

#: Seconds between looks while waiting for a run.
_LOOK = 0.3
#: Looks in a row that find no server before waiting ends: enough to start one anew.
_LOOKS_WITHOUT_SERVER = 20


def without_server(kept: str, *, wait: bool, later: str) -> None:
    """Say that nobody is at work here; whoever would wait for it is not left waiting.

    `kept` says what becomes of what was asked for, `later` is the command that tells its end.
    """
    if wait:
        raise UnavailableError(
            f"No server runs in this home, so there is nothing to wait for. {kept}",
            remedy=f"Start `rosterway serve`; `{later}` then tells what came of it.",
        )
    output.note(f"No server runs in this home. {kept}")


def wait_for(
    home: "Home",
    handle: "TenantStore",
    look: "Callable[[], list[Run]]",
    *,
    before: Callable[[], str] = lambda: "waiting",
    later: str,
) -> "Run":
    """Wait until the run that `look` finds has ended, telling its stages meanwhile.

    `before` says why nothing is to be seen yet. `UnavailableError` once the server has been gone for
    a while: it may be an upgrade.
    """
    from rosterway.store import stages

    async def until_ended() -> "Run":
        told, alone = [""], 0
        while True:
            alone = 0 if home.running() else alone + 1
            if alone > _LOOKS_WITHOUT_SERVER:
                kept = "What was asked for is kept: the next one goes on with it."
                without_server(kept, wait=True, later=later)
            found = look()
            steps = stages.of_run(handle, found[0].id) if found else []
            if not steps:
                _tell(told, 0, before())
            # A stage that began and ended between two looks is told, too.
            for place, step in list(enumerate(steps, start=1))[max(0, len(told) - 2) :]:
                _tell(told, place, f"{step.stage} {step.note}".strip())
            if found and found[0].ended_at is not None:
                return found[0]
            await asyncio.sleep(_LOOK)

    return asyncio.run(until_ended())


def exit_code(run: "Run") -> int:
    """The exit code of a command that waited for this run."""
    return _EXIT.get(run.outcome.value, output.FAILED) if run.outcome else output.DONE


def _tell(told: list[str], place: int, words: str) -> None:
    """Say what is new at this place; `told` has the last words of each."""
    told.extend("" for _ in range(place + 1 - len(told)))
    if told[place] != words:
        output.note(words)
        told[place] = words


#: A run's outcome -> the exit code; any other is a failure.
_EXIT = {
    "delivered": output.DONE,
    "nothing": output.DONE,
    "held": output.HELD,
    "superseded": output.DONE,
    "discarded": output.DONE,
}
