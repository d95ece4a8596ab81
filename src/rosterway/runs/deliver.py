"""Deliver a plan: its SIS imports in order, one at a time in the Canvas account's lane.

**Rules.** The intent is on record before the request. A request whose answer was lost is looked for
in Canvas before anything is sent again; if that cannot be decided, the run waits and then stops for
a person. Each import is followed to its end and all its messages are read before the next is sent,
and one that fails stops the rest.
"""

import asyncio
import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rosterway.canvas import imports
from rosterway.canvas.client import CanvasClient
from rosterway.canvas.failures import may_have_been_done
from rosterway.canvas.sis_import import STATES, Applied, SisImport
from rosterway.errors import ConflictError, RejectedError, RemoteError
from rosterway.formats.canvas_csv.messages import Effect, classify
from rosterway.runs.jobs import PlanResult, SentPath
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.plan_delivery import INDEX
from rosterway.runs.stages import Stage
from rosterway.store import plans, sis_imports, stages
from rosterway.store.plans import Plan, PlanState
from rosterway.store.runs import Run
from rosterway.store.sis_imports import ImportState
from rosterway.store.sis_imports import SisImport as Sent
from rosterway.store.walls import TenantStore

#: Canvas refuses a zip that unpacks to 100 times its size: beyond this we do not compress.
_MOST_COMPRESSED = 60
#: How often, and with what pauses (seconds), an undecided search is made again.
_SEARCHES, _SEARCH_PAUSE = 60, 5.0
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
    if not office.claim(handle, run):
        raise ConflictError("another worker has this run")
    plans.advance(handle, plan.id, PlanState.DELIVERING, now=office.clock())
    index = index_of(handle, plan)
    files = [file for file in index.sent if file.ordinal == ordinal]
    of = len(ordinals(index.sent))
    note = f"import {ordinal} of {of}"
    stages.enter(handle, run.id, Stage.SENDING, now=office.clock())
    stages.progress(handle, run.id, done=ordinal - 1, of=of, note=note, now=office.clock())
    marker = f"rw-{plan.digest[:12]}-{plan.id.rpartition('-')[2][:8]}-{ordinal:02d}"
    package = _pack(office, handle, run, plan, files, marker)
    now = office.clock()
    sent = sis_imports.intend(
        handle,
        plan=plan.id,
        ordinal=ordinal,
        digest=plan.digest,
        account=office.tenant(handle.name).canvas.key,
        marker=marker,
        sha256=_sha256(package),
        options={},
        now=now,
    )
    passing(Moment.IMPORT_INTENDED)
    async with office.canvas(handle) as client:
        if sent.state is ImportState.INTENDED:
            fresh = sent.intended_at == now
            sent = await _create(office, handle, client, sent, package, fresh=fresh)
        assert sent.canvas_id is not None
        passing(Moment.IMPORT_ACCEPTED)

        async def seen(one: SisImport) -> None:
            _observe(office, handle, sent, one)
            said = f"{note}: SIS import {one.id} is {one.workflow_state}, {one.progress}%"
            stages.progress(handle, run.id, done=ordinal - 1, of=of, note=said, now=office.clock())
            office.claim(handle, run)

        ended = await imports.follow(client, sent.canvas_id, on_progress=seen)
        _observe(office, handle, sent, ended)
        passing(Moment.IMPORT_FOLLOWED)
        messages = await imports.messages(client, sent.canvas_id)
    kept = {
        "complete": messages.complete,
        "messages": [
            [_plan_name(message.file, marker, ordinal), message.row, message.message]
            for message in messages.messages
        ],
    }
    blob = handle.blobs.put_bytes(msgspec.json.encode(kept))
    sis_imports.finished(handle, plan.id, ordinal, messages=blob.digest, now=office.clock())
    stages.leave(handle, run.id, counts=dict(ended.counts), now=office.clock())
    package.unlink(missing_ok=True)
    passing(Moment.IMPORT_FINISHED)


def are_complete(handle: TenantStore, sent: Sent) -> bool:
    """Whether all messages Canvas counts could be read."""
    if sent.messages is None:
        return False
    return bool(msgspec.json.decode(handle.blobs.local(sent.messages).read_bytes())["complete"])


async def _create(
    office: Office,
    handle: TenantStore,
    client: CanvasClient,
    sent: Sent,
    package: Path,
    *,
    fresh: bool,
) -> Sent:
    """Send an import exactly once: if it may have arrived before, find it."""
    if not fresh:
        found = await _look(client, sent)
        if found is not None:
            return _accept(office, handle, sent, found)
    try:
        created = await imports.create(client, package, name=f"{sent.marker}.zip")
    except RemoteError as error:
        if not may_have_been_done(error):
            sis_imports.withdrawn(
                handle, sent.plan, sent.ordinal, reason=error.message, now=office.clock()
            )
            raise
        found = await _look(client, sent)
        if found is None:
            sis_imports.withdrawn(
                handle, sent.plan, sent.ordinal, reason=error.message, now=office.clock()
            )
            raise
        return _accept(office, handle, sent, found)
    passing(Moment.IMPORT_CREATED)
    return _accept(office, handle, sent, created)


async def _look(client: CanvasClient, sent: Sent) -> SisImport | None:
    """The import Canvas has under our marker, None if it certainly has none."""
    for _ in range(_SEARCHES):
        search = await imports.find_by_name(client, sent.marker, since=sent.intended_at)
        if search.decided:
            return search.ours[0] if search.ours else None
        await asyncio.sleep(_SEARCH_PAUSE)
    raise RejectedError(
        f"Nobody can tell whether Canvas has taken the import {sent.marker}.",
        system="canvas",
        remedy="Look in Canvas (Admin > SIS Import) for it, then run the feed again.",
    )


def _accept(office: Office, handle: TenantStore, sent: Sent, found: SisImport) -> Sent:
    return sis_imports.accepted(
        handle, sent.plan, sent.ordinal, canvas_id=found.id, now=office.clock()
    )


def _observe(office: Office, handle: TenantStore, sent: Sent, one: SisImport) -> None:
    sis_imports.observed(
        handle,
        sent.plan,
        sent.ordinal,
        workflow_state=one.workflow_state,
        progress=one.progress,
        counts=dict(one.counts),
        now=office.clock(),
    )


def _pack(
    office: Office,
    handle: TenantStore,
    run: Run,
    plan: Plan,
    files: Sequence[SentPath],
    marker: str,
) -> Path:
    """One zip of the import's exact files, each under a name that carries the marker."""
    package = office.home.work / f"{run.id}-{marker}.zip"
    package.parent.mkdir(parents=True, exist_ok=True)
    _zip(handle, plan.artifacts, files, marker, package, zipfile.ZIP_DEFLATED)
    size = sum(handle.blobs.local(plan.artifacts[file.csv]).stat().st_size for file in files)
    if size > _MOST_COMPRESSED * package.stat().st_size:
        _zip(handle, plan.artifacts, files, marker, package, zipfile.ZIP_STORED)
    return package


def _zip(
    handle: TenantStore,
    blobs: Mapping[str, Any],
    files: Sequence[SentPath],
    marker: str,
    package: Path,
    method: int,
) -> None:
    with zipfile.ZipFile(package, "w", method) as archive:
        for file in files:
            # A fixed date: the same plan is the same bytes.
            info = zipfile.ZipInfo(f"{marker}-{file.table}.csv", (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            with handle.blobs.open(blobs[file.csv]) as source, archive.open(info, "w") as target:
                while chunk := source.read(1 << 20):
                    target.write(chunk)


def _plan_name(file: str, marker: str, ordinal: int) -> str:
    """A member's name back to the plan's: `rw-…-01-users.csv` is `01/users.csv`."""
    name = file.rpartition("/")[2]
    if name.startswith(f"{marker}-"):
        return f"{ordinal:02d}/{name.removeprefix(f'{marker}-')}"
    return file


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
