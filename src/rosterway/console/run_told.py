"""A run's story for its page: stages with times and counts, SIS imports, files, Canvas's messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from rosterway.console.access import Desk
from rosterway.console.grade_words import DIFFERENCES
from rosterway.console.quantities import length
from rosterway.console.told import ToldRun
from rosterway.errors import NotFoundError
from rosterway.runs.confirm import ANSWER
from rosterway.runs.stages import ROADS, WORDS, Stage
from rosterway.store import sis_imports, stages
from rosterway.store.plans import Plan
from rosterway.store.sis_imports import ImportState, SisImport
from rosterway.store.stages import RunFile

#: What a stage of a roster's run counted -> how it is said; what is not named here is not shown.
_COUNTS: Mapping[str, str] = {
    "error": "errors",
    "warning": "warnings",
    "repair": "repairs",
    "applied": "rows confirmed",
    "partly": "confirmed in part",
    "refused": "refused",
    "unconfirmed": "unconfirmed",
    "unsent": "not sent",
}

#: Stages whose last word stays of interest: what was read, what could not be moved.
_NOTED = {Stage.PULLING, Stage.COLLECTING}

#: What a step of a grade sync, or of collecting, counted -> how one is said, and how many.
_GRADE_COUNTS: Mapping[Stage, Mapping[str, tuple[str, str]]] = {
    Stage.FETCH_SNAPSHOT: {
        "assignments": ("assignment", "assignments"),
        "students": ("student", "students"),
        "submissions": ("submission", "submissions"),
    },
    Stage.TRANSFORM_SNAPSHOT: {"assignments": ("assignment", "assignments")},
    Stage.GET_ASSIGNMENTS: {
        "classes": ("class", "classes"),
        "line_items": ("line item", "line items"),
        "requests": ("request", "requests"),
    },
    Stage.TRANSFORM_ASSIGNMENTS: {
        "new_line_items": ("new line item", "new line items"),
        "line_items": ("line item to send", "line items to send"),
        "results": ("grade to send", "grades to send"),
        "deletions": ("grade to take back", "grades to take back"),
        "will_fail": ("will fail", "will fail"),
        "withheld": ("withheld", "withheld"),
    },
    Stage.POST_ASSIGNMENTS: {
        "sent": ("line item sent", "line items sent"),
        "refused": ("refused", "refused"),
    },
    Stage.GET_SUBMISSIONS: {"results": ("result read", "results read")},
    Stage.TRANSFORM_SUBMISSIONS: {
        "results": ("grade to send", "grades to send"),
        "deletions": ("grade to take back", "grades to take back"),
        "unchanged": ("there already", "there already"),
        "withheld": ("withheld", "withheld"),
    },
    Stage.POST_SUBMISSIONS: {
        "accepted": ("accepted", "accepted"),
        "verified": ("verified", "verified"),
        "written": ("delivered by file", "delivered by file"),
        "failed": ("failed", "failed"),
        "withheld": ("withheld", "withheld"),
    },
    Stage.UPDATE_SYNC_TIME: {
        "written": ("mark written in Canvas", "marks written in Canvas"),
        "refused": ("mark refused by Canvas", "marks refused by Canvas"),
    },
    Stage.RECONCILE: {
        kind.value: (said.word.lower(), said.word.lower()) for kind, said in DIFFERENCES.items()
    },
    Stage.LIST_COURSES: {"courses": ("course", "courses")},
    Stage.COLLECTING: {"files": ("file", "files")},
}

#: Larger answers of Canvas's are only offered as a file.
_MOST_ANSWER = 20_000_000
_MOST_MESSAGES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldImport:
    """One SIS import: what it carries, and Canvas's own words about it."""

    ordinal: int
    files: Sequence[Mapping[str, Any]]
    sent: SisImport | None

    @property
    def step(self) -> str:
        """What this import is for."""
        return str(self.files[0]["step"])

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(file["rows"] for file in self.files)

    @property
    def is_going(self) -> bool:
        """Whether Canvas has it and is not done."""
        return self.sent is not None and self.sent.state in {
            ImportState.INTENDED,
            ImportState.ACCEPTED,
        }

    def doing(self, now: datetime) -> str:
        """`Canvas is importing, 46% (SIS import 1234, 2 min)`."""
        if self.sent is None or self.sent.canvas_id is None:
            return "Handing the files to Canvas"
        since = length(now - (self.sent.accepted_at or self.sent.intended_at))
        percent = "" if self.sent.progress is None else f", {self.sent.progress}%"
        return f"Canvas is importing{percent} (SIS import {self.sent.canvas_id}, {since})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStage:
    """One stage of the line: `state` is done, doing, stopped (cut off, or the run's end) or ahead."""

    stage: Stage
    state: str
    words: str
    note: str = ""
    began: datetime | None = None
    took: timedelta | None = None
    attempt: int = 1
    counts: Sequence[tuple[int, str]] = ()
    files: Sequence[RunFile] = ()
    imports: Sequence[ToldImport] = ()


def stage_line(desk: Desk, told: ToldRun) -> list[ToldStage]:
    """The stages of a run: those it went through, and while it goes on those ahead."""
    seen = stages.of_run(desk.handle, told.run.id)
    files = stages.files(desk.handle, told.run.id)
    imports = told_imports(desk, told.plan) if told.plan else []
    found: list[ToldStage] = []
    for name in ROADS.get(told.run.kind, tuple(Stage)):
        attempts = [one for one in seen if one.stage == name]
        if not attempts:
            if told.run.ended_at is None:
                found.append(ToldStage(stage=name, state="ahead", words=WORDS[name].doing))
            continue
        last = attempts[-1]
        is_open = last.ended_at is None
        state = "doing" if is_open else "stopped" if last.interrupted else "done"
        found.append(
            ToldStage(
                stage=name,
                state=state,
                words=WORDS[name].doing if is_open else WORDS[name].done,
                note=last.note if is_open or name in _NOTED else "",
                began=attempts[0].started_at,
                took=(last.ended_at or desk.now) - attempts[0].started_at,
                attempt=1 if name is Stage.SENDING else last.attempt,
                counts=[] if name is Stage.SENDING else _counts(name, last.counts),
                files=[file for file in files if file.stage == name],
                imports=imports if name is Stage.SENDING else (),
            )
        )
    return found


def told_imports(desk: Desk, plan: Plan) -> list[ToldImport]:
    """A plan's SIS imports in order, sent or not."""
    known = {sent.ordinal: sent for sent in sis_imports.of_plan(desk.handle, plan.id)}
    files: dict[int, list[Mapping[str, Any]]] = {}
    for one in plan.summary.get("imports", ()):
        files.setdefault(int(one["file"][:2]), []).append(one)
    return [
        ToldImport(ordinal=ordinal, files=files[ordinal], sent=known.get(ordinal))
        for ordinal in sorted(files)
    ]


class _Answer(msgspec.Struct):
    """The part of `ConfirmResult` that is for people."""

    rows: dict[str, int]
    messages: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What Canvas answered: rows by outcome, and its first messages joined to rows."""

    rows: Mapping[str, int]
    messages: Sequence[Mapping[str, Any]]
    count: int
    is_too_large: bool = False


def answer_of(desk: Desk, told: ToldRun) -> Answer | None:
    """What Canvas answered to the run's plan, once that is joined to rows."""
    try:
        kept = stages.file(desk.handle, told.run.id, ANSWER)
    except NotFoundError:
        return None
    if kept.size > _MOST_ANSWER:
        return Answer(rows={}, messages=(), count=0, is_too_large=True)
    found = msgspec.json.decode(desk.handle.blobs.local(kept.blob).read_bytes(), type=_Answer)
    return Answer(
        rows=found.rows, messages=found.messages[:_MOST_MESSAGES], count=len(found.messages)
    )


def _counts(stage: Stage, counts: Mapping[str, Any]) -> list[tuple[int, str]]:
    of_grades = _GRADE_COUNTS.get(stage)
    if of_grades is None:
        return [(counts[name], words) for name, words in _COUNTS.items() if counts.get(name)]
    return [
        (counts[name], one if counts[name] == 1 else many)
        for name, (one, many) in of_grades.items()
        if counts.get(name)
    ]
