"""How fast imports go: instantly, spread over time, step by step on request, or not at all.

Guarantees: an import that waits here goes on, is aborted or is stopped by the closing server, the
moment that happens; nothing waits while a unit of work is open.
"""

from collections.abc import Callable

from rosterway.sandbox.canvas.faults import Faults
from rosterway.sandbox.canvas.knobs import Knobs
from rosterway.sandbox.canvas.trouble import Aborted, Stopped

_SLOW_SECONDS = 5.0


class Pace:
    """Asked by the import line before each step; told by the control doors."""

    def __init__(self, knobs: Knobs, faults: Faults) -> None:
        self._knobs = knobs
        self._faults = faults
        self._changed = faults.changed
        self._granted = 0
        self._stopping = False
        #: The step an import is waiting before, as {"import": id, "step": name}.
        self.waiting: dict[str, object] | None = None

    def seconds(self) -> float:
        """How long the import that now begins should take."""
        slow = _SLOW_SECONDS if self._faults.strike("slow") else 0.0
        return max(slow, self._knobs.import_seconds)

    def step(self, import_id: int, name: str, aborted: Callable[[], bool]) -> None:
        """Wait until the import may take this step."""
        with self._changed:
            if self._knobs.stepped:
                self._stand(import_id, name, self._may_go, aborted)
                self._granted = max(0, self._granted - 1)
        self.check(aborted)

    def stick(self, import_id: int, aborted: Callable[[], bool]) -> None:
        """Stay here if the fault says so, until faults are put anew."""
        if not self._faults.strike("stuck"):
            return
        with self._changed:
            generation = self._faults.generation
            self._stand(import_id, "stuck", lambda: self._faults.generation != generation, aborted)

    def rest(self, seconds: float, aborted: Callable[[], bool]) -> None:
        """Let time pass."""
        if seconds <= 0:
            return
        with self._changed:
            self._wait(lambda: False, aborted, seconds)

    def check(self, aborted: Callable[[], bool]) -> None:
        """Leave the import if it was aborted or the server is closing."""
        if self._stopping:
            raise Stopped
        if aborted():
            raise Aborted

    def grant(self, steps: int) -> None:
        """Let imports take so many steps more."""
        with self._changed:
            self._granted += steps
            self._changed.notify_all()

    def wait_for_step(self, seconds: float) -> dict[str, object] | None:
        """The step an import waits before; waits for one to come so far."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopping or (self.waiting is not None and not self._granted), seconds
            )
            return None if self._granted else self.waiting

    def wake(self) -> None:
        """Something changed that an import may be waiting for."""
        with self._changed:
            self._changed.notify_all()

    def stop(self) -> None:
        """Let go of everything that waits; the server is closing."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def _may_go(self) -> bool:
        return self._granted > 0 or not self._knobs.stepped

    def _stand(
        self, import_id: int, name: str, until: Callable[[], bool], aborted: Callable[[], bool]
    ) -> None:
        """Wait where others can see it."""
        self.waiting = {"import": import_id, "step": name}
        self._changed.notify_all()
        try:
            self._wait(until, aborted)
        finally:
            self.waiting = None

    def _wait(
        self,
        until: Callable[[], bool],
        aborted: Callable[[], bool],
        seconds: float | None = None,
    ) -> None:
        self._changed.wait_for(lambda: until() or self._stopping or aborted(), seconds)
        self.check(aborted)
