"""Undoing an import: the states it changed go back to what they were.

States only: a name, a date, an id or a move stays as the import left it. What it created is
deleted.

Facts: canvas-lms `SisBatch#restore_states_for_batch`, `app/models/sis_batch_roll_back_data.rb`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rosterway.sandbox.canvas.state.records import KINDS, Record
from rosterway.sandbox.canvas.state.work import NON_EXISTENT, Work

_KINDS = {kind.KIND: kind for kind in KINDS if kind.KIND}
_CONCLUDED = "completed"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which changes to undo; all of them unless something is chosen."""

    batch_mode: bool = False
    undelete_only: bool = False
    unconclude_only: bool = False

    @property
    def whole(self) -> bool:
        """Whether everything the import did is undone."""
        return not (self.batch_mode or self.undelete_only or self.unconclude_only)

    def covers(self, updated_state: str, previous_state: str, *, batch_mode: bool) -> bool:
        """Whether a change is among those to undo."""
        if self.batch_mode and not batch_mode:
            return False
        if self.undelete_only:
            return updated_state == "deleted" and previous_state != NON_EXISTENT
        if self.unconclude_only:
            return updated_state == _CONCLUDED and previous_state != NON_EXISTENT
        return True


def restore_states(
    import_id: int, scope: Scope, work: Work, report: Callable[[float], None]
) -> None:
    """Undo in reverse, so that the state before the import's first change is what remains."""
    changes = work.run(
        "SELECT kind, context_id, previous_state, updated_state, batch_mode_delete FROM roll_back"
        " WHERE import_id = ? ORDER BY id DESC",
        (import_id,),
    ).fetchall()
    by_kind: dict[type[Record], list[tuple[int, str]]] = {}
    for kind, record_id, previous, updated, batch_mode in changes:
        if scope.covers(updated, previous, batch_mode=bool(batch_mode)):
            state = "deleted" if previous == NON_EXISTENT else previous
            by_kind.setdefault(_KINDS[kind], []).append((record_id, state))
    for at, (kind, states) in enumerate(by_kind.items()):
        work.prefetch_ids(kind, (record_id for record_id, _ in states))
        for record_id, state in states:
            work.set(work.there(kind, record_id), workflow_state=state)
        report((at + 1) / len(by_kind))
