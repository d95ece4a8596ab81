"""The receipt: what we tell the sender of a delivery, as text, JSON and CSV.

The JSON is the contract (`command-line.md`); the text is for the person who looks into `results/`,
the CSV for their spreadsheet. All three say the same.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from rosterway.formats.canvas_csv.called import called
from rosterway.formats.canvas_csv.tables import in_order
from rosterway.formats.problems import IN_CANVAS_WORDS, InCanvas, Severity

#: Columns of `receipt.csv`.
COLUMNS = (
    "source",
    "severity",
    "code",
    "table",
    "file",
    "row",
    "column",
    "value",
    "message",
    "remedy",
    "canvas",
    "silent",
)

#: How many problems of one kind the text shows.
_SHOWN = 5

#: What a cell of a delivery must not bring into the text: a line of its own, a terminal's commands.
_ONE_LINE = dict.fromkeys((*range(32), 127, *range(128, 160), 8232, 8233), " ")

#: A spreadsheet takes a cell that begins so for a formula, or looks behind the blank for one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

#: An outcome, in words.
_OUTCOMES: Mapping[str, str] = {
    "delivered": "Delivered: Canvas confirmed every row that was sent.",
    "partly": "Delivered in part: Canvas refused or did not confirm some rows, listed below.",
    "nothing": "Nothing to send: Canvas already has every row of this that could be used.",
    "held": "Held: a person must look at the plan before anything is sent.",
    "refused": "Refused: nothing of this delivery could be used. Nothing was changed in Canvas.",
    "superseded": "Superseded: a newer delivery took its place. Nothing of this one was sent.",
    "discarded": "Discarded by a person. Nothing of it was sent.",
    "failed": "Failed: Canvas could not be reached or said no. What was not sent is not lost.",
    "crashed": "Stopped by a fault of Rosterway's own. The delivery is kept.",
}


#: The same where a feed has it that one error stops the whole delivery.
_STOPPED = (
    "Refused: some of its rows have errors, listed below, and this feed then sends nothing of a "
    "delivery. Nothing was changed in Canvas."
)


class Writer(Protocol):
    """What text is written to."""

    def write(self, text: str, /) -> object:
        """Take more text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Who let a plan that waited go, when, and why if they said so."""

    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Everything a receipt says but the problems, which may be many and are streamed."""

    delivery: str
    feed: str
    received_at: datetime
    files: tuple[Mapping[str, Any], ...]
    outcome: str
    reason: str = ""
    plan: Mapping[str, Any] = field(default_factory=dict[str, Any])
    approved: Approved | None = None
    imports: tuple[Mapping[str, Any], ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict[str, int])
    messages: tuple[Mapping[str, Any], ...] = ()


def write_json(receipt: Receipt, problems: Iterable[Mapping[str, Any]], out: Writer) -> None:
    """The receipt as JSON; the problems are written as they come."""
    head = {
        "delivery": receipt.delivery,
        "feed": receipt.feed,
        "received_at": receipt.received_at.isoformat(),
        "files": [dict(file) for file in receipt.files],
        "outcome": receipt.outcome,
        "reason": receipt.reason,
        "plan": dict(receipt.plan),
        "approved": _approval(receipt.approved),
        "imports": [dict(one) for one in receipt.imports],
        "rows": dict(receipt.rows),
        "messages": [dict(one) for one in receipt.messages],
    }
    out.write(json.dumps(head, ensure_ascii=False, indent=2, default=str)[:-2])
    out.write(',\n  "problems": [')
    separator = "\n    "
    for problem in problems:
        out.write(separator + json.dumps(dict(problem), ensure_ascii=False))
        separator = ",\n    "
    out.write("]\n}\n" if separator == "\n    " else "\n  ]\n}\n")


def write_csv(receipt: Receipt, problems: Iterable[Mapping[str, Any]], out: Writer) -> None:
    """Every problem of ours and every message of Canvas's, a row each."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for problem in problems:
        writer.writerow(["rosterway", *(_cell(problem.get(name)) for name in COLUMNS[1:])])
    for message in receipt.messages:
        facts = {
            "severity": message.get("effect"),
            "table": message.get("table"),
            "file": message.get("file"),
            "row": message.get("row"),
            "message": message.get("message"),
            "remedy": message.get("remedy"),
        }
        writer.writerow(["canvas", *(_cell(facts.get(name)) for name in COLUMNS[1:])])


def write_text(
    receipt: Receipt, problems: Iterable[Mapping[str, Any]], out: Writer, zone: ZoneInfo
) -> None:
    """The receipt for a person: outcome, counts, reasons to wait, problems by kind, messages."""
    for line in _lines(receipt, problems, zone):
        out.write(f"{line.translate(_ONE_LINE)}\n")


def _lines(
    receipt: Receipt, problems: Iterable[Mapping[str, Any]], zone: ZoneInfo
) -> Iterator[str]:
    received = receipt.received_at.astimezone(zone)
    yield f"Delivery {receipt.delivery} of feed {receipt.feed}"
    yield f"Received {received:%Y-%m-%d %H:%M:%S %Z}"
    yield ""
    is_stopped = receipt.outcome == "refused" and receipt.plan.get("stops_on_error")
    yield _STOPPED if is_stopped else _OUTCOMES.get(receipt.outcome, receipt.outcome)
    if receipt.reason:
        yield receipt.reason
    yield ""
    for file in receipt.files:
        rows = file.get("rows")
        counted = "" if rows is None else f", {rows:,} rows"
        yield f"  {file['name']}{counted}"
    tables: Mapping[str, Mapping[str, int]] = receipt.plan.get("tables", {})
    if tables:
        yield ""
        width = max(24, *(len(called(name)) + 1 for name in tables))
        yield f"  {'table':<{width}}{'kept':>12}{'new':>10}{'changed':>10}{'removed':>10}"
        removals: Mapping[str, int] = receipt.plan.get("removals", {})
        for name in in_order(tables):
            counts = tables[name]
            yield (
                f"  {called(name):<{width}}{counts['unchanged']:>12,}{counts['create']:>10,}"
                f"{counts['update']:>10,}{removals.get(name, 0):>10,}"
            )
    was = "Was held" if receipt.approved else "Held"
    for hold in receipt.plan.get("holds", ()):
        yield ""
        yield f"{was} by {hold['guard']}: {hold['message']}"
    if receipt.approved:
        yield ""
        yield _approved(receipt.approved, zone)
    if receipt.imports:
        yield ""
    for one in receipt.imports:
        yield f"SIS import {one['id']}: {one['workflow_state']}"
    if receipt.rows:
        yield "Rows: " + ", ".join(f"{count:,} {name}" for name, count in receipt.rows.items())
    yield from _problem_lines(problems)
    yield from _message_lines(receipt)


def _approval(approved: Approved | None) -> dict[str, Any] | None:
    if approved is None:
        return None
    return {"by": approved.by, "at": approved.at.isoformat(), "reason": approved.reason}


def _approved(approved: Approved, zone: ZoneInfo) -> str:
    why = f": {approved.reason}" if approved.reason else "."
    return f"Approved by {approved.by}, {approved.at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}{why}"


def _problem_lines(problems: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    shown: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for problem in problems:
        kind = (str(problem["severity"]), str(problem["code"]))
        counts[kind] += 1
        examples = shown.setdefault(kind, [])
        if len(examples) < _SHOWN:
            examples.append(problem)
    order = [severity.value for severity in Severity]
    for kind in sorted(shown, key=lambda kind: (order.index(kind[0]), -counts[kind], kind[1])):
        yield ""
        for problem in shown[kind]:
            yield f"{kind[0]}: {problem['message']}"
        if counts[kind] > _SHOWN:
            yield f"  … and {counts[kind] - _SHOWN:,} more alike (all in receipt.csv)"
        yield f"  {shown[kind][0]['remedy']}"
        if in_canvas := _in_canvas(shown[kind][0]):
            yield f"  {in_canvas}"


def _in_canvas(problem: Mapping[str, Any]) -> str:
    """What Canvas itself would have done; blank for problems it never sees."""
    if not problem.get("canvas"):
        return ""
    words = IN_CANVAS_WORDS[InCanvas(problem["canvas"])]
    return f"Sent as it came: {words}{', without a message' if problem.get('silent') else ''}."


def _message_lines(receipt: Receipt) -> Iterator[str]:
    if not receipt.messages:
        return
    yield ""
    yield "What Canvas said:"
    for message in receipt.messages[: _SHOWN * 4]:
        place = f"{message['file']} row {message['row']}: " if message.get("row") else ""
        yield f"  {place}{message['message']}"
        yield f"    {message.get('means', '')} {message.get('remedy', '')}".rstrip()
    if len(receipt.messages) > _SHOWN * 4:
        yield f"  … and {len(receipt.messages) - _SHOWN * 4:,} more (all in receipt.csv)"


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula, nor a lone CR in it for a row's end."""
    if not isinstance(value, str):
        return "" if value is None else value
    guarded = "'" + value if value.lstrip(" ").startswith(_FORMULA) else value
    return guarded.replace("\r\n", "\n").replace("\r", "\n")
