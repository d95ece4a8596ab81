"""Put a grade export's files where they are taken from, and say beside them how it went.

The dated copies and the lists come first, the file itself under its stable name last: whoever waits
for that one finds the others there. The note is what a person, or a script, looks at to see whether
the file is today's: a failure is told there, too, and leaves the files as they were.

What is made for somebody else's server is put there after it lies here, in the same order.
"""

import asyncio
from datetime import date
from pathlib import Path

import msgspec
import structlog

from rosterway.errors import ConfigError, RemoteError
from rosterway.gateway import outgoing
from rosterway.gateway.folders import GRADE_EXPORT
from rosterway.rostering.grade_export import CHECKS
from rosterway.runs.exports.check_grades import list_of
from rosterway.runs.exports.exporting import PLACED, Exporting
from rosterway.runs.stages import Stage
from rosterway.runs.their_server import put_exports, their_server
from rosterway.settings import GATEWAY
from rosterway.store import runs, stages
from rosterway.store.runs import Outcome

log = structlog.get_logger()

#: What is added to a list's line for each check.
_SAYS = {check.code: check.says for check in CHECKS}


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """The files as they lie in the folder, and old copies that were removed."""

    files: tuple[str, ...]
    removed: tuple[str, ...]


async def place_files(run: Exporting) -> None:
    """Put every file in its place."""
    run.enter(Stage.PLACE_FILES)
    placed = await asyncio.to_thread(_place, run)
    if run.export.to != GATEWAY:
        run.say(f"Putting the files on {run.export.to}")
        await _send(run, placed)
    run.leave(Stage.PLACE_FILES, PLACED, placed, {"files": len(placed.files)})


def note_failure(run: Exporting, reason: str) -> None:
    """Say beside the files that there are no new ones, and why."""
    last = runs.latest(run.handle, export=run.export.name, outcome=Outcome.DELIVERED, limit=1)
    lies = (
        f"The file here is the one of {_time(run, last[0])}."
        if last
        else "There has been none before."
    )
    text = "\n".join(
        [
            f"NOT MADE: {_title(run)}, asked for {_time(run, run.run)}",
            "",
            reason,
            lies,
            f"Run {run.run.id} has the details (rosterway run show {run.run.id}).",
            "",
        ]
    )
    outgoing.place_text(text, _folder(run) / _note(run))


async def send_note(run: Exporting) -> None:
    """Put the note on their server as well, as far as that can be had; nothing else is tried."""
    if run.export.to == GATEWAY:
        return
    try:
        there = their_server(run.office, run.handle, run.export.to)
        async with there.files() as remote:
            note = there.path(there.connection.grade_export, _note(run))
            await remote.put(_folder(run) / _note(run), note)
    except (ConfigError, RemoteError) as error:
        log.warning("grade-export.note-not-sent", run=run.run.id, code=error.code)


async def _send(run: Exporting, placed: Placed) -> None:
    names = list(run.export.file_names.values())
    lists = [list_of(name) for name in names]
    run.hold_on()
    await put_exports(
        their_server(run.office, run.handle, run.export.to),
        [(_folder(run) / name, name) for name in placed.files],
        stable=[*names, *lists],
        today=_today(run),
        keep=run.export.keep,
        # one of another day would be taken for today's
        gone=[name for name in lists if name not in placed.files],
    )


def _place(run: Exporting) -> Placed:
    folder, blobs = _folder(run), run.handle.blobs
    kept = {file.name: file.blob for file in stages.files(run.handle, run.run.id)}
    lists = {one.of: one.name for one in run.checked()}
    today = _today(run)
    copies: list[str] = []
    stable: list[str] = []
    removed: list[str] = []
    for one in run.fetched():
        if one.name not in lists:  # one of another day would be taken for today's
            (folder / list_of(one.name)).unlink(missing_ok=True)
        for name in (lists.get(one.name), one.name):
            if name is None:
                continue
            if run.export.keep:
                copies.append(copy := outgoing.dated(name, today))
                outgoing.place_file(blobs.local(kept[name]), folder / copy)
            removed += outgoing.remove_old_copies(folder, name, today=today, keep=run.export.keep)
            stable.append(name)
    run.hold_on()
    for name in stable:
        outgoing.place_file(blobs.local(kept[name]), folder / name)
    outgoing.place_text(_told(run), folder / _note(run))
    return Placed(files=(*copies, *stable, _note(run)), removed=tuple(removed))


def _told(run: Exporting) -> str:
    lists = {one.of: one for one in run.checked()}
    lines = [f"{_title(run)}, asked for {_time(run, run.run)}", ""]
    for one in run.fetched():
        lines.append(f"{one.name}: {one.rows:,} {'row' if one.rows == 1 else 'rows'}")
        if one.name not in lists:
            continue
        found = lists[one.name]
        lines.append(f"{found.name}: {'what to look at' if found.counts else 'nothing to look at'}")
        lines += [f"  {count:>9,}  {code}: {_SAYS[code]}" for code, count in found.counts.items()]
    return "\n".join([*lines, ""])


def _title(run: Exporting) -> str:
    return f"Grade export {run.export.name} of {run.tenant.name}"


def _time(run: Exporting, which: runs.Run) -> str:
    """When a run was asked for, by the tenant's clock."""
    return f"{which.requested_at.astimezone(run.tenant.time_zone):%Y-%m-%d %H:%M %Z}"


def _today(run: Exporting) -> date:
    return run.now().astimezone(run.tenant.time_zone).date()


def _folder(run: Exporting) -> Path:
    return run.office.home.tree(run.handle.name) / GRADE_EXPORT


def _note(run: Exporting) -> str:
    return f"{run.export.file_name.removesuffix('.csv')}.txt"
