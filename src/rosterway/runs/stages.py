"""The stages of a run, as people see them, and the order in which a run goes through them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from rosterway.runs.clock import Clock
from rosterway.store import stages
from rosterway.store.walls import TenantStore


class Stage(StrEnum):
    """Where a run is."""

    PULLING = "pulling"
    TRANSLATING = "translating"
    READING = "reading"
    COMPARING = "comparing"
    KEEPING = "keeping"
    SENDING = "sending"
    CONFIRMING = "confirming"
    REPORTING = "reporting"


@dataclass(frozen=True, slots=True)
class Words:
    """A stage in words: while it goes on, and once it is over."""

    doing: str
    done: str


WORDS: dict[Stage, Words] = {
    Stage.PULLING: Words("Reading the SIS", "Read the SIS"),
    Stage.TRANSLATING: Words("Making a Canvas roster of it", "Translated"),
    Stage.READING: Words("Reading and checking the delivery", "Read and checked"),
    Stage.COMPARING: Words("Comparing with what Canvas has", "Compared"),
    Stage.KEEPING: Words("Keeping the plan", "Planned"),
    Stage.SENDING: Words("Canvas is importing", "Sent"),
    Stage.CONFIRMING: Words("Reading Canvas's answers", "Confirmed"),
    Stage.REPORTING: Words("Writing the receipt", "Reported"),
}


def entering(handle: TenantStore, run: str, clock: Clock) -> Callable[[str], Awaitable[None]]:
    """What enters the stages that one calculating process goes through, told of each as it begins.

    Each follows the one before; only what another process left open before the first was cut off.
    """
    begun: list[str] = []

    async def heard(part: str) -> None:
        stages.enter(handle, run, Stage(part), follows=bool(begun), now=clock())
        begun.append(part)

    return heard
