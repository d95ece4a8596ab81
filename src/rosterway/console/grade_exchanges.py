"""What was said over the line between Rosterway and the SIS, with nobody named: for a vendor's ticket."""

from dataclasses import dataclass

import msgspec

from rosterway.console.access import Desk
from rosterway.console.grade_sides import Sides
from rosterway.passback.ledger import Key
from rosterway.passback.redact import Exchange, redact
from rosterway.runs.grades.pieces import Raw
from rosterway.store import stages
from rosterway.store.stages import RunFile

_EXCHANGES = "exchanges/"
#: A run may keep many; the latest are looked through.
_MOST = 50
_READER = msgspec.json.Decoder(list[Raw])


@dataclass(frozen=True, slots=True)
class Kept:
    """One exchange without people, and the run that had it. `seconds` is how long it took."""

    run: str
    exchange: Exchange
    seconds: float


def exchanges_of(desk: Desk, sides: Sides, key: Key) -> list[Kept]:
    """The exchanges about one place that went wrong in the latest sync, the last first."""
    run = sides.posted_by
    if run is None:
        return []
    people = [one.name for one in sides.gradebook.students] if sides.gradebook else []
    return [
        Kept(run.id, redact(_plain(one), people), one.seconds)
        for file in _files(desk, run.id)
        for one in _READER.decode(desk.handle.blobs.local(file.blob).read_bytes())
        if (one.class_id, one.assignment, one.user) == key
    ]


def places_with(desk: Desk, sides: Sides) -> frozenset[Key]:
    """The places about which an exchange is kept."""
    run = sides.posted_by
    files = _files(desk, run.id) if run is not None else []
    return frozenset(
        (one.class_id, one.assignment, one.user)
        for file in files
        for one in _READER.decode(desk.handle.blobs.local(file.blob).read_bytes())
    )


def _files(desk: Desk, run: str) -> list[RunFile]:
    found = [one for one in stages.files(desk.handle, run) if one.name.startswith(_EXCHANGES)]
    return sorted(found, key=lambda one: one.name, reverse=True)[:_MOST]


def _plain(raw: Raw) -> Exchange:
    return Exchange(
        method=raw.method,
        path=raw.url,
        status=raw.status,
        request=raw.sent,
        response=raw.answered,
    )
