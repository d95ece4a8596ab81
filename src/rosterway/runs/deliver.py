"""Deliver a plan: its SIS imports in order, one at a time in the Canvas account's lane.

**Rules.** The intent is on record before the request. A request whose answer was lost is looked for
in Canvas before anything is sent again; if that cannot be decided, the run waits and then stops for
a person. Each import is followed to its end and all its messages are read before the next is sent,
and one that fails stops the rest.
"""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from rosterway.canvas import imports
from rosterway.canvas.client import CanvasClient
from rosterway.canvas.failures import may_have_been_done
from rosterway.canvas.import_options import ImportOptions
from rosterway.canvas.sis_import import STATES, Applied, SisImport
from rosterway.errors import (
    ConflictError,
    GarbledError,
    RejectedError,
    RemoteError,
    UnavailableError,
    UnreachableError,
)
from rosterway.formats.canvas_csv.messages import Effect, classify
from rosterway.runs.jobs import PlanResult, SentPath
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.package import pack, plan_name
from rosterway.runs.plan_delivery import INDEX
from rosterway.runs.stages import Stage
from rosterway.store import plans, sis_imports, stages
from rosterway.store.plans import Plan, PlanState
from rosterway.store.runs import Run
from rosterway.store.sis_imports import ImportState
from rosterway.store.sis_imports import SisImport as Sent
from rosterway.store.walls import TenantStore

#: The import of id changes: rows after it use the new ids, so a refused one stops the rest.
_ID_CHANGES = "id changes"


def index_of(handle: TenantStore, plan: Plan) -> PlanResult:
    """How a plan's artefacts belong together."""
    content = handle.blobs.local(plan.artifacts[INDEX]).read_bytes()
    return msgspec.json.decode(content, type=PlanResult)


def ordinals(files: Sequence[SentPath]) -> list[int]:
    """The plan's imports, in order."""
    return sorted({file.ordinal for file in files})


def next_import(handle: TenantStore, plan: Plan, files: Sequence[SentPath]) -> int | None:
    """The first import that is not finished, or None when all are or one stops the rest."""
    known = {sent.ordinal: sent for sent in sis_imports.of_plan(handle, plan.id)}
    for ordinal in ordinals(files):
        sent = known.get(ordinal)
        if sent is None or sent.state in {
            ImportState.INTENDED,
            ImportState.ACCEPTED,
            ImportState.WITHDRAWN,
        }:
            return ordinal
        if stopped_by(handle, plan, sent) is not None:
            return None
    return None


def stopped_by(handle: TenantStore, plan: Plan, sent: Sent) -> str | None:
    """Why an import that is settled stops the rest, or None."""
    if sent.state is ImportState.LOST:
        return sent.reason
    if sent.workflow_state not in {"imported", "imported_with_messages"}:
        return f"SIS import {sent.canvas_id} ended as {sent.workflow_state}"
    steps = {int(one["file"][:2]): one["step"] for one in plan.summary["imports"]}
    if steps[sent.ordinal] == _ID_CHANGES:
        for _, _, text in read_messages(handle, sent):
            if classify(text, table="change_sis_id").effect is Effect.REFUSED:
                return f"an id change was refused: {text}"
    return None


def is_finished(workflow_state: str | None) -> bool:
    """Whether Canvas went through all rows, so that silence about one means success.

    One refused file makes an import `failed_with_messages`; the others were applied all the same.
    """
    state = STATES.get(workflow_state or "")
    applied = state is not None and state.applied is Applied.BUT_FOR_MESSAGES
    return applied or workflow_state == "failed_with_messages"


def read_messages(handle: TenantStore, sent: Sent) -> list[tuple[str, int | None, str]]:
    """An import's messages as they were kept: (file as in the plan, row, text)."""
    if sent.messages is None:
        return []
    kept = msgspec.json.decode(handle.blobs.local(sent.messages).read_bytes())
    return [(file, row, text) for file, row, text in kept["messages"]]


async def send_import(
    office: Office, handle: TenantStore, run: Run, plan: Plan, ordinal: int
) -> None:
    """Bring one import from wherever it is to its end."""
    plans.advance(handle, plan.id, PlanState.DELIVERING, now=office.clock())
    index = index_of(handle, plan)
    files = [file for file in index.sent if file.ordinal == ordinal]
    of = len(ordinals(index.sent))
    sending = _Sending(
        office=office,
        handle=handle,
        run=run,
        plan=plan,
        ordinal=ordinal,
        of=of,
        marker=f"rw-{plan.digest[:12]}-{plan.id.rpartition('-')[2][:8]}-{ordinal:02d}",
    )
    stages.enter(handle, run.id, Stage.SENDING, now=office.clock())
    sending.tell(f"import {ordinal} of {of}")
    async with office.canvas(handle) as client:
        sent = _known(handle, plan, ordinal)
        if sent is None or sent.state is not ImportState.ACCEPTED:
            sent = await _create(sending, client, files)
        assert sent.canvas_id is not None
        passing(Moment.IMPORT_ACCEPTED)
        with _pages_are_maintenance():
            ended = await _follow(sending, client, sent.canvas_id)
            passing(Moment.IMPORT_FOLLOWED)
            messages = await imports.messages(client, sent.canvas_id, pause=office.patience.rest)
    kept = {
        "complete": messages.complete,
        "messages": [
            [plan_name(message.file, sending.marker, ordinal), message.row, message.message]
            for message in messages.messages
        ],
    }
    blob = await asyncio.to_thread(handle.blobs.put_bytes, msgspec.json.encode(kept))
    sis_imports.finished(handle, plan.id, ordinal, messages=blob.digest, now=office.clock())
    stages.leave(handle, run.id, counts=dict(ended.counts), now=office.clock())
    passing(Moment.IMPORT_FINISHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sending:
    """One import on its way: number `ordinal` of the plan's `of`."""

    office: Office
    handle: TenantStore
    run: Run
    plan: Plan
    ordinal: int
    of: int
    marker: str

    def tell(self, note: str) -> None:
        """Let people see how far it is."""
        done, now = self.ordinal - 1, self.office.clock()
        stages.progress(self.handle, self.run.id, done=done, of=self.of, note=note, now=now)

    def hold_on(self) -> None:
        """Prolong the lease; ConflictError if it is lost."""
        if not self.office.claim(self.handle, self.run):
            raise ConflictError(f"another worker has the run {self.run.id}")


@contextmanager
def _pages_are_maintenance() -> Generator[None]:
    """What has answered as Canvas before and now shows a page, or half an answer, will be back."""
    try:
        yield
    except GarbledError as error:
        raise UnreachableError(
            error.message, system=error.system, status=error.status, remedy=error.remedy
        ) from error


def are_complete(handle: TenantStore, sent: Sent) -> bool:
    """Whether all messages Canvas counts could be read."""
    if sent.messages is None:
        return False
    return bool(msgspec.json.decode(handle.blobs.local(sent.messages).read_bytes())["complete"])


def _known(handle: TenantStore, plan: Plan, ordinal: int) -> Sent | None:
    return next((s for s in sis_imports.of_plan(handle, plan.id) if s.ordinal == ordinal), None)


async def _create(sending: _Sending, client: CanvasClient, files: Sequence[SentPath]) -> Sent:
    """Have Canvas take the import, exactly once."""
    office, plan = sending.office, sending.plan
    # Is this Canvas, and may we? A wrong address or token is found before an intent is on record.
    with _pages_are_maintenance() if plan.baseline_generation else nullcontext():
        await imports.importing(client)
    package = office.home.work / f"{sending.run.id}-{sending.marker}.zip"
    try:
        sha256 = await asyncio.to_thread(
            pack, sending.handle.blobs, plan.artifacts, files, sending.marker, package
        )
        sending.hold_on()
        now = office.clock()
        sent = _intend(sending, sha256, now)
        passing(Moment.IMPORT_INTENDED)
        with _pages_are_maintenance():
            return await _once(sending, client, sent, package, fresh=sent.intended_at == now)
    finally:
        package.unlink(missing_ok=True)


def _asked(plan: Plan) -> dict[str, bool]:
    """The options of a SIS import that the plan was made, and approved, with."""
    return dict(plan.summary.get("sis_import", {}))


def _intend(sending: _Sending, sha256: str, now: datetime) -> Sent:
    try:
        return sis_imports.intend(
            sending.handle,
            plan=sending.plan.id,
            ordinal=sending.ordinal,
            digest=sending.plan.digest,
            account=sending.office.tenant(sending.handle.name).canvas.key,
            marker=sending.marker,
            sha256=sha256,
            options=_asked(sending.plan),
            now=now,
        )
    except ConflictError as error:
        # The engine keeps the lane to one run; an import that outlived its run may still be in it.
        raise UnavailableError(error.message, remedy=error.remedy) from error


async def _once(
    sending: _Sending, client: CanvasClient, sent: Sent, package: Path, *, fresh: bool
) -> Sent:
    """Send an import exactly once: if it may have arrived before, find it."""
    if not fresh:
        found = await _look(sending, client, sent)
        if found is not None:
            return _accept(sending, found)
    try:
        options = msgspec.convert(_asked(sending.plan), ImportOptions)
        created = await imports.create(client, package, name=f"{sent.marker}.zip", options=options)
    except RemoteError as error:
        if may_have_been_done(error):
            if (found := await _look_twice(sending, client, sent)) is not None:
                return _accept(sending, found)
            # It stays intended: Canvas may still be at it, so we look again before we send again.
            raise
        sis_imports.withdrawn(
            sending.handle,
            sent.plan,
            sent.ordinal,
            reason=error.message,
            now=sending.office.clock(),
        )
        raise
    passing(Moment.IMPORT_CREATED)
    return _accept(sending, created)


async def _look_twice(sending: _Sending, client: CanvasClient, sent: Sent) -> SisImport | None:
    """Canvas may still be busy with a request whose answer was lost: none is none after a pause."""
    found = await _look(sending, client, sent)
    if found is None:
        await sending.office.patience.rest(sending.office.patience.search_pause)
        found = await _look(sending, client, sent)
    return found


async def _look(sending: _Sending, client: CanvasClient, sent: Sent) -> SisImport | None:
    """The import Canvas has under our marker, None if it certainly has none."""
    patience = sending.office.patience
    for _ in range(patience.searches):
        search = await imports.find_by_name(client, sent.marker, since=sent.intended_at)
        if search.decided:
            return search.ours[0] if search.ours else None
        await patience.rest(patience.search_pause)
    raise RejectedError(
        f"Nobody can tell whether Canvas has taken the import {sent.marker}.",
        system="canvas",
        remedy="Look in Canvas (Admin > SIS Import) for it, then run the feed again.",
    )


def _accept(sending: _Sending, found: SisImport) -> Sent:
    return sis_imports.accepted(
        sending.handle,
        sending.plan.id,
        sending.ordinal,
        canvas_id=found.id,
        now=sending.office.clock(),
    )


async def _follow(sending: _Sending, client: CanvasClient, canvas_id: str) -> SisImport:
    """Watch the import until it has ended; RejectedError if it does not move for too long."""
    patience, still = sending.office.patience, 0.0

    async def rest(seconds: float) -> None:
        nonlocal still
        still += seconds
        await patience.rest(seconds)

    async def seen(one: SisImport) -> None:
        nonlocal still
        still = 0.0
        sending.hold_on()
        _observe(sending, one)
        state = f"SIS import {one.id} is {one.workflow_state}, {one.progress}%"
        sending.tell(f"import {sending.ordinal} of {sending.of}: {state}")

    try:
        ended = await imports.follow(
            client, canvas_id, pause=rest, on_progress=seen, stalled=patience.stalled
        )
    except UnreachableError as error:
        if still < patience.stalled:
            raise
        # It can be reached, and waiting has been tried
        raise RejectedError(error.message, system=error.system, remedy=error.remedy) from error
    _observe(sending, ended)
    return ended


def _observe(sending: _Sending, one: SisImport) -> None:
    sis_imports.observed(
        sending.handle,
        sending.plan.id,
        sending.ordinal,
        workflow_state=one.workflow_state,
        progress=one.progress,
        counts=dict(one.counts),
        now=sending.office.clock(),
    )
