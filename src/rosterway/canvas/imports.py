"""SIS imports: create, follow, find again, read every message, stop, take back.

Facts: canvas-lms `sis_imports_api_controller.rb`, `sis_import_errors_api_controller.rb`.
Nothing here decides what a message means (`formats.canvas_csv.messages`) or whether to send again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.import_options import ImportOptions
from rosterway.canvas.sis_import import SisImport, listed, read_import
from rosterway.errors import RejectedError, UnreachableError

Pause = Callable[[float], Awaitable[None]]

_IMPORTS = "sis_imports"
_ERRORS = "sis_import_errors"
#: Canvas's clock and ours may differ by this much when imports are looked for by time.
CLOCKS_DIFFER = timedelta(minutes=5)
#: Seconds between two looks at a running import: quick at first, for small ones.
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.5, 20.0, 1.5
#: Seconds without any change after which an import is given up on (not stopped).
STALLED = 12 * 3600.0
#: How often the list of messages is read again while it is shorter than the counts say.
READINGS = 7


@dataclass(frozen=True, slots=True)
class ImportMessage:
    """One message as Canvas gives it. `row` counts from 1, the header included; None if unknown."""

    import_id: str
    file: str
    message: str
    row: int | None = None
    row_info: str | None = field(default=None, repr=False)  # the row itself: personal data


@dataclass(frozen=True, slots=True)
class ImportMessages:
    """All messages of an import; `expected` is how many its own counts say there are."""

    messages: tuple[ImportMessage, ...]
    expected: int | None

    @property
    def complete(self) -> bool:
        """Whether there are as many as the import counts. If not, nothing is confirmed by it."""
        return self.expected is not None and len(self.messages) >= self.expected


@dataclass(frozen=True, slots=True)
class Search:
    """What a look for an import of ours found.

    `ours` carry the marker. `unnamed` show no file names, so they may be ours: an import shows
    them once it has begun. Exactly one of `ours` is the answer; none of either means that it was
    never created. Anything else is undecided: look again when the unnamed have begun; if it stays
    so (two of ours, or an unnamed one that never begins or was aborted before), a person decides.
    """

    ours: tuple[SisImport, ...]
    unnamed: tuple[SisImport, ...]

    @property
    def decided(self) -> bool:
        """Whether it is certain: there is exactly one, or none."""
        return len(self.ours) == 1 or not (self.ours or self.unnamed)


@dataclass(frozen=True, slots=True)
class Progress:
    """Canvas's Progress of a job, `workflow_state` quoted: queued, running, completed, failed."""

    id: str
    workflow_state: str
    completion: float | None
    message: str | None


def _call(doing: str, right: str = "import_sis") -> Call:
    return Call(doing, right)


async def create(
    client: CanvasClient, file: Path, *, name: str, options: ImportOptions | None = None
) -> SisImport:
    """Send `file` (a zip or a CSV) as `name`; it is sent exactly once.

    When it fails so that Canvas may have taken it nevertheless
    (`failures.may_have_been_done`), look with `find_by_name` before sending again.

    Raises:
        UsageError: the file cannot be read, or the name does not end in .zip or .csv.
        RemoteError: see `failures`.
    """
    answer = await client.upload(
        client.account_path(_IMPORTS),
        call=_call("creating a SIS import"),
        form=(options or ImportOptions()).form(),
        file=file,
        name=name,
    )
    return read_import(answer)


async def show(client: CanvasClient, import_id: str) -> SisImport:
    """One import, as it is now."""
    path = client.account_path(_IMPORTS, import_id)
    return read_import(await client.get(path, call=_call(f"looking at SIS import {import_id}")))


async def listing(
    client: CanvasClient, *, since: datetime | None = None, states: Iterable[str] = ()
) -> list[SisImport]:
    """Every import, newest first; of those created `since`, in one of `states`, if given."""
    params = [("workflow_state[]", state) for state in states]
    if since is not None:
        params.append(("created_since", since.isoformat()))
    pages = client.pages(
        client.account_path(_IMPORTS), call=_call("listing SIS imports"), params=params
    )
    return [read_import(item) async for page in pages for item in listed(page, _IMPORTS)]


async def importing(client: CanvasClient) -> list[SisImport]:
    """The import running now, if any (one at a time in an account)."""
    path = client.account_path(_IMPORTS, "importing")
    answer = await client.get(path, call=_call("asking which SIS import is running"))
    return [read_import(item) for item in listed(answer, _IMPORTS)]


async def find_by_name(client: CanvasClient, marker: str, *, since: datetime) -> Search:
    """Look for an import of ours whose answer was lost.

    Args:
        client: the account it was sent to.
        marker: a text that no other upload has in its file names, such as part of the plan's
            digest, in letters, digits and hyphens. For a zip Canvas shows the files *inside*
            under their own names, so the marker belongs into each of these.
        since: when sending began, by our clock.
    """
    found = await listing(client, since=since - CLOCKS_DIFFER)
    return Search(
        ours=tuple(one for one in found if one.carries(marker)),
        unnamed=tuple(one for one in found if not one.files and not one.carries(marker)),
    )


async def messages(
    client: CanvasClient,
    import_id: str,
    *,
    pause: Pause = asyncio.sleep,
    readings: int = READINGS,
) -> ImportMessages:
    """Every message of a finished import, all pages of them, in Canvas's order (newest first).

    The list may lag behind the counts; it is read again, after growing pauses, until both agree
    or `readings` are used up. Look at `complete`.
    """
    found = ImportMessages((), None)
    for reading in range(readings):
        if reading:
            await pause(min(FIRST_PAUSE * 2**reading, LONGEST_PAUSE))
        expected = (await show(client, import_id)).message_count
        found = ImportMessages(await _all_messages(client, import_id), expected)
        if found.complete:
            break
    return found


async def _all_messages(client: CanvasClient, import_id: str) -> tuple[ImportMessage, ...]:
    pages = client.pages(
        client.account_path(_IMPORTS, import_id, "errors"),
        call=_call(f"reading the messages of SIS import {import_id}"),
    )
    return tuple(
        [_message(item, import_id) async for page in pages for item in listed(page, _ERRORS)]
    )


def _message(data: Any, import_id: str) -> ImportMessage:
    told = cast("dict[str, Any]", data) if isinstance(data, dict) else {"message": data}
    row = str(told.get("row"))
    info = told.get("row_info")
    return ImportMessage(
        import_id=str(told.get("sis_import_id") or import_id),
        file=str(told.get("file") or ""),
        message=str(told.get("message") or ""),
        row=int(row) if row.isdecimal() else None,
        row_info=None if info is None else str(info),
    )


async def follow(
    client: CanvasClient,
    import_id: str,
    *,
    pause: Pause = asyncio.sleep,
    on_progress: Callable[[SisImport], Awaitable[None]] | None = None,
    stalled: float = STALLED,
) -> SisImport:
    """Watch an import until its state is final; `on_progress` hears of every change.

    Raises:
        UnreachableError: nothing has changed for `stalled` seconds of pauses. The import is left
            alone; following can be taken up again.
    """
    seen: tuple[str, int] | None = None
    wait, waited = FIRST_PAUSE, 0.0
    while True:
        now = await show(client, import_id)
        if (now.workflow_state, now.progress) != seen:
            seen, waited = (now.workflow_state, now.progress), 0.0
            if on_progress is not None:
                await on_progress(now)
        if now.final:
            return now
        if waited >= stalled:
            raise UnreachableError(
                f"SIS import {import_id} has been {now.workflow_state} at {now.progress}%"
                f" for {waited / 3600:.0f} hours",
                system="canvas",
                remedy="Look at it in Canvas (Admin > SIS Import); abort it there if it is stuck.",
            )
        await pause(wait)
        waited += wait
        wait = min(wait * GROWTH, LONGEST_PAUSE)


async def abort(client: CanvasClient, import_id: str) -> SisImport:
    """Stop an import; rows it has carried out stay. The next in the queue starts 10 minutes later.

    Raises:
        RejectedError: it is finished already (or never was).
    """
    call = _call(f"aborting SIS import {import_id}")
    try:
        path = client.account_path(_IMPORTS, import_id, "abort")
        return read_import(await client.send("PUT", path, call=call))
    except RejectedError as error:
        if error.status != 404:
            raise
        raise RejectedError(
            f"SIS import {import_id} cannot be aborted: it is finished, or there is none",
            system=error.system,
            status=error.status,
            remedy="Look at the import; what it has done can be undone by restoring states.",
        ) from error


async def restore_states(
    client: CanvasClient,
    import_id: str,
    *,
    batch_mode: bool = False,
    undelete_only: bool = False,
    unconclude_only: bool = False,
) -> Progress:
    """Take back what an import did to states (never names, dates, ids or moves), within 30 days.

    What the import created becomes deleted. Follow the answer with `progress`.

    Args:
        client: the account.
        import_id: which import.
        batch_mode: only what batch mode removed.
        undelete_only: only what was deleted comes back.
        unconclude_only: only what was concluded comes back; not together with the one before.
    """
    wishes = {
        "batch_mode": batch_mode,
        "undelete_only": undelete_only,
        "unconclude_only": unconclude_only,
    }
    answer = await client.send(
        "PUT",
        client.account_path(_IMPORTS, import_id, "restore_states"),
        call=_call(f"restoring the states of SIS import {import_id}", "manage_sis"),
        form=[(name, "true") for name, wanted in wishes.items() if wanted],
    )
    return _progress(answer)


async def progress(client: CanvasClient, progress_id: str) -> Progress:
    """How far a job of Canvas's is."""
    path = path_of("api", "v1", "progress", progress_id)
    return _progress(await client.get(path, call=Call("looking at the progress of a job")))


def _progress(data: Any) -> Progress:
    told = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
    completion = told.get("completion")
    return Progress(
        id=str(told.get("id", "")),
        workflow_state=str(told.get("workflow_state", "")),
        completion=float(completion) if isinstance(completion, int | float) else None,
        message=told.get("message"),
    )
