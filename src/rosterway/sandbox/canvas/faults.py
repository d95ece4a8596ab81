"""Faults on request: what can go wrong between a client and Canvas, by name.

Guarantees: a fault is on only while it is asked for, strikes at most as often as asked, and none
touches what Canvas holds except through a step that real Canvas also has. Where a fault strikes is
left to the doors (`api.middleware`) and to the import line (`importing.pace`).
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rosterway.sandbox.canvas.trouble import SandboxUsageError

#: Every fault by name, and what it does. `every` matters to those that say so.
FAULTS: dict[str, str] = {
    "slow": "imports take five seconds at least, with progress on the way",
    "500": "every third request (or every nth, `every`) is answered 500",
    "401": "the token is answered as invalid, 401 with WWW-Authenticate",
    "throttled-403": "throttled, with 403 and the text `403 Forbidden (Rate Limit Exceeded)`",
    "throttled-429": "throttled, with 429 and the same text for 429",
    "dropped-connection": "the connection is cut before the request is looked at",
    "dropped-upload": "an import's upload is cut, and Canvas never has it",
    "accepted-then-dropped": "an import is accepted and stored, and the connection cut unanswered",
    "changed-then-dropped": "a change is made and the connection cut unanswered (not of imports)",
    "html": "answers an HTML maintenance page, with 200 and 502 in turn",
    "html-200": "answers an HTML maintenance page with 200",
    "html-502": "answers an HTML maintenance page with 502",
    "garbled-json": "the JSON of an answer ends in the middle",
    "stuck": "an import stays importing until it is aborted or the fault is taken away",
    "initializing-forever": "a new import stays initializing; the queue passes it by",
    "segment-crash": "the rows of a segment end in `Error while importing CSV`, none of them applied",
    "assignments-not-enabled": "SIS assignments are answered as not enabled for this account",
    "grading-refused": "grades are read and not written: the caller may not, 401",
    "errors-lag": "an import's errors are incomplete the first times they are read after its end",
    "report-fails": "a report ends in error, and has no file",
    "report-cut": "a report's file lacks its last bytes, and nothing says so",
}

_EVERY = {"500": 3}


@dataclass(slots=True)
class _Active:
    left: int | None
    every: int
    seen: int = 0


class Faults:
    """The faults that are on; safe to ask from any thread."""

    def __init__(self) -> None:
        self._active: dict[str, _Active] = {}
        #: Notified whenever faults change; what waits for a fault to end waits on this.
        self.changed = threading.Condition()
        #: Grows with every `put`: what a fault holds up goes on when it has grown.
        self.generation = 0

    def put(
        self, names: Iterable[str], *, times: int | None = None, every: int | None = None
    ) -> None:
        """Have these faults on and no others. `name:3` strikes three times."""
        active: dict[str, _Active] = {}
        for spelled in names:
            name, _, own_times = spelled.partition(":")
            if name not in FAULTS:
                raise SandboxUsageError(f"no fault {name!r}; there are {', '.join(FAULTS)}")
            if own_times and not own_times.isdigit():
                raise SandboxUsageError(f"{spelled!r} should end in a number, as in {name}:3")
            left = int(own_times) if own_times else times
            active[name] = _Active(left, every or _EVERY.get(name, 1))
        with self.changed:
            self._active = active
            self.generation += 1
            self.changed.notify_all()

    def on(self, name: str) -> bool:
        """Whether a fault is on, without using it up."""
        return name in self._active

    def strike(self, name: str) -> bool:
        """Whether a fault happens now; uses up one of its times."""
        with self.changed:
            active = self._active.get(name)
            if active is None:
                return False
            active.seen += 1
            if active.seen % active.every:
                return False
            if active.left is not None:
                active.left -= 1
                if active.left <= 0:
                    del self._active[name]
                    self.changed.notify_all()
            return True

    def as_dict(self) -> dict[str, Any]:
        """The faults that are on, with how often they may still strike."""
        with self.changed:
            return {
                name: {"times": active.left, "every": active.every}
                for name, active in self._active.items()
            }
