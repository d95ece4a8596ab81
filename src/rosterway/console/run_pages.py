"""Runs: the list, a run's page, its live line of stages, and the files it made."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from rosterway.console.access import OF_TENANT, Desk, Looking, May, SeeingPeople, desk_again
from rosterway.console.exports_told import files_of
from rosterway.console.grade_words import KINDS
from rosterway.console.live import Fragment, stream
from rosterway.console.pages import page, rendered
from rosterway.console.run_told import answer_of, stage_line
from rosterway.console.told import ToldRun, holds_of, latest_runs, tell, tell_one
from rosterway.console.words import SEALED, TRIGGERS, Tone
from rosterway.errors import NotFoundError
from rosterway.store import audit, deliveries, feeds, grade_courses, runs, stages

router = APIRouter(prefix=OF_TENANT)

#: Runs on a page of the list.
_PAGE = 50
#: A receipt's files in the order a person wants them, and what a link to each says.
_RECEIPTS = {"receipt.txt": "text", "receipt.json": "JSON", "receipt.csv": "CSV"}


@router.get("/runs")
def every_run(request: Request, desk: Looking, feed: str = "", before: str = "") -> Response:
    """Runs, the latest first, of one feed or of all."""
    after = runs.get(desk.handle, before) if before else None
    found = latest_runs(desk, feed=feed or None, before=after, limit=_PAGE + 1)
    return page(
        request,
        "runs.html",
        desk,
        room="Runs",
        runs=found[:_PAGE],
        more=found[_PAGE - 1].run.id if len(found) > _PAGE else "",
        feed=feed,
        feeds=[one.name for one in feeds.every(desk.handle, retired=True)],
        is_first=not before,
    )


@router.get("/runs/{run}")
def one_run(request: Request, desk: Looking, run: str) -> Response:
    """A run."""
    told = _told(desk, run)
    delivery = deliveries.get(desk.handle, told.run.delivery) if told.run.delivery else None
    following = None
    if told.plan is not None and not told.is_approval:
        sent = runs.latest(desk.handle, kind="deliver", delivery=told.run.delivery, limit=20)
        following = next((one for one in sent if one.plan == told.plan.id), None)
    return page(
        request,
        "run.html",
        desk,
        room="Runs",
        **_facts(desk, told),
        delivery=delivery,
        sealed=SEALED.get(delivery.sealed_because, delivery.sealed_because) if delivery else "",
        following=tell(following, told.plan) if following else None,
        trigger=TRIGGERS[told.run.trigger],
        receipts=_receipts(desk, told),
        problems=told.plan.summary.get("problem_counts", {}) if told.plan else {},
        holds=holds_of(told.plan) if told.plan else [],
        called="Grade export" if told.run.export else KINDS.get(told.run.kind, ""),
        exported=files_of(desk, told.run) if told.run.export else (),
        may_take=desk.may(May.PEOPLE),
        why=told.grades.summary.get("why", []) if told.grades else [],
        course=grade_courses.find(desk.handle, told.run.course) if told.run.course else None,
    )


@router.get("/runs/{run}/events")
def run_events(request: Request, desk: Looking, run: str) -> Response:
    """The stages of a run, live."""
    runs.get(desk.handle, run)

    def look() -> Fragment:
        seen = desk_again(request, desk)
        told = _told(seen, run)
        html = rendered("partials/stages.html", seen, **_facts(seen, told))
        return Fragment(html, is_final=told.run.ended_at is not None)

    return stream(request, look)


@router.get("/runs/{run}/files/{name:path}")
def run_file(desk: SeeingPeople, run: str, name: str) -> Response:
    """A file the run made, exactly as it is kept; who took it goes into the audit log."""
    kept = stages.file(desk.handle, run, name)
    path = desk.handle.blobs.local(kept.blob)
    _note(desk, f"{run}/{name}")
    return as_download(path, f"{run}-{name.replace('/', '-')}")


@router.get("/deliveries/{delivery}/files/{name:path}")
def delivered_file(desk: SeeingPeople, delivery: str, name: str) -> Response:
    """A delivered file, as it came."""
    known = deliveries.get(desk.handle, delivery)
    found = next((file for file in known.files if file.name == name), None)
    if found is None:
        raise NotFoundError(f"This delivery has no file {name}.")
    _note(desk, f"{known.id}/{name}")
    return as_download(desk.handle.blobs.local(found.sha256), name.rpartition("/")[2])


def as_download(path: Path, name: str, kind: str = "application/octet-stream") -> Response:
    """A kept file, to be saved and not shown."""
    return FileResponse(path, media_type=kind, filename=name)


def as_stream(lines: Iterator[str], name: str, kind: str) -> Response:
    """Text that is made as it is sent, to be saved."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type=kind, headers=headers)


def _told(desk: Desk, run: str) -> ToldRun:
    return tell_one(desk.handle, runs.get(desk.handle, run))


def _facts(desk: Desk, told: ToldRun) -> dict[str, Any]:
    """What the live part of the page shows."""
    return {
        "told": told,
        "run": told.run,
        "plan": told.plan,
        "stages": stage_line(desk, told),
        "answer": answer_of(desk, told),
        "is_bad": told.said.tone is Tone.BAD,
    }


def _receipts(desk: Desk, told: ToldRun) -> dict[str, str]:
    """The receipt the run wrote, as it was kept with the run: the sender may have removed theirs."""
    written = {file.name for file in stages.files(desk.handle, told.run.id)}
    return {name: words for name, words in _RECEIPTS.items() if name in written}


def _note(desk: Desk, what: str) -> None:
    audit.append(desk.handle, actor=desk.operator, act="file.download", subject=what, now=desk.now)
