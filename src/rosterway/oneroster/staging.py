"""Where the pages of a pull are put as they arrive, so that it may be stopped at any moment.

One folder a pull, one folder a collection in it: for each staged table one CSV file that pages are
appended to, `problems.ndjson`, and `pages.ndjson`, the journal. A page is in the journal once its
rows are in the files; `resume` cuts the files back to the last page that is whole in all of them
(lengths and checksums say so), so neither a kill nor a power cut leaves half a page or two of one.

A staged file has a header of `Table.staged`; a blank cell is none; lists are JSON arrays in their
cells; `_at` is the record's place in its collection (the first is 1). Rows are in order of arrival.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from rosterway.formats.oneroster.deviations import Deviation, Tally
from rosterway.formats.oneroster.field import Table
from rosterway.formats.oneroster.reading import Page
from rosterway.formats.problems import Finding
from rosterway.oneroster.disk import on_disk
from rosterway.oneroster.paging import Leaf, Mode

JOURNAL = "pages.ndjson"
PROBLEMS = "problems.ndjson"
OUTCOME = "outcome.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a reading of a collection is made; pages of another plan are not mixed in."""

    reading: int
    mode: Mode
    query: tuple[tuple[str, str], ...]


class CollectionFiles:
    """The files of one collection. Only one may write at a time."""

    def __init__(self, folder: Path, tables: Sequence[Table]) -> None:
        self.folder = folder
        self._tables = tables
        self._names = (*(table.file for table in tables), PROBLEMS)
        self._files: dict[str, BinaryIO] = {}
        self._journal: BinaryIO | None = None

    def csv(self, table: str) -> Path:
        """The staged file of a table."""
        return self.folder / f"{table}.csv"

    def resume(self) -> tuple[Plan | None, list[Leaf], Tally]:
        """Open what an earlier, interrupted reading left; its plan, its whole pages, its notes."""
        tally = Tally()
        entries = _journal_entries(self.folder / JOURNAL)
        if not entries or "query" not in entries[0]:
            return None, [], tally
        head = entries[0]
        if any(_length(self.folder / name) < head["ends"][name] for name in self._names):
            return None, [], tally
        plan = Plan(head["reading"], Mode(head["mode"]), tuple((k, v) for k, v in head["query"]))
        whole = self._whole(entries[1:])
        leaves = [Leaf(**entry["leaf"]) for entry in whole]
        for entry in whole:
            tally.take(Deviation(**told) for told in entry["deviations"])
        ends = cast("dict[str, int]", whole[-1]["ends"] if whole else head["ends"])
        self._open(ends)
        self._write_journal([head, *whole])
        return plan, leaves, tally

    def restart(self, plan: Plan) -> None:
        """Begin a reading with empty files."""
        self.close()
        ends: dict[str, int] = {}
        with on_disk("the pull"):
            self.folder.mkdir(parents=True, exist_ok=True)
            for table in self._tables:
                header = (",".join(table.staged) + "\n").encode()
                (self.folder / table.file).write_bytes(header)
                ends[table.file] = len(header)
            (self.folder / PROBLEMS).write_bytes(b"")
            ends[PROBLEMS] = 0
            (self.folder / OUTCOME).unlink(missing_ok=True)
            self._open(ends)
            self._write_journal([{**asdict(plan), "mode": plan.mode.value, "ends": ends}])

    def put(
        self, leaf: Leaf, page: Page, findings: Iterable[Finding], deviations: Iterable[Deviation]
    ) -> None:
        """Add a page. After this returns it survives a kill of the process.

        Raises:
            UnavailableError: the disk does not take it.
        """
        parts = {table.file: page.lines.get(table.name, b"") for table in self._tables}
        parts[PROBLEMS] = b"".join(_line(asdict(finding)) for finding in findings)
        sums: dict[str, int] = {}
        ends: dict[str, int] = {}
        assert self._journal is not None
        with on_disk("a page of the pull"):
            for name, part in parts.items():
                file = self._files[name]
                if part:
                    file.write(part)
                    file.flush()
                sums[name] = zlib.crc32(part)
                ends[name] = file.tell()
            told = [asdict(deviation) for deviation in deviations]
            entry = {"leaf": asdict(leaf), "ends": ends, "sums": sums, "deviations": told}
            self._journal.write(_line(entry))
            self._journal.flush()

    def add_problems(self, findings: Iterable[Finding]) -> None:
        """Add problems of the collection as a whole, before it is finished."""
        with on_disk("the problems of the pull"):
            self._files[PROBLEMS].write(b"".join(_line(asdict(finding)) for finding in findings))
            self._files[PROBLEMS].flush()

    def finish(self, outcome: Mapping[str, Any]) -> None:
        """Say how the collection ended; it is not read again by a pull that resumes."""
        self.close()
        draft = self.folder / f"{OUTCOME}.draft"
        with on_disk("the outcome of a collection"):
            draft.write_text(json.dumps(outcome, ensure_ascii=False), encoding="utf-8")
            draft.replace(self.folder / OUTCOME)

    def finished(self) -> dict[str, Any] | None:
        """How it ended, if it did."""
        try:
            return json.loads((self.folder / OUTCOME).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def close(self) -> None:
        """Close the files."""
        while self._files:
            self._files.popitem()[1].close()
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _open(self, ends: Mapping[str, int]) -> None:
        for name in self._names:
            file = (self.folder / name).open("r+b")
            file.truncate(ends[name])
            file.seek(ends[name])
            self._files[name] = file

    def _write_journal(self, entries: Iterable[Mapping[str, Any]]) -> None:
        draft = self.folder / f"{JOURNAL}.draft"
        draft.write_bytes(b"".join(map(_line, entries)))
        draft.replace(self.folder / JOURNAL)
        self._journal = (self.folder / JOURNAL).open("ab")

    def _whole(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The pages whose rows are in every file, as far as they go without a gap."""
        lengths = {name: _length(self.folder / name) for name in self._names}
        while entries and any(entries[-1]["ends"][name] > lengths[name] for name in self._names):
            entries.pop()
        while entries and not self._is_intact(entries):
            entries.pop()
        return entries

    def _is_intact(self, entries: list[dict[str, Any]]) -> bool:
        """Whether the last page's rows are what was written."""
        last, before = entries[-1], entries[-2] if len(entries) > 1 else None
        for name in self._names:
            begin = before["ends"][name] if before else self._header_length(name)
            with (self.folder / name).open("rb") as file:
                file.seek(begin)
                part = file.read(last["ends"][name] - begin)
            if zlib.crc32(part) != last["sums"][name]:
                return False
        return True

    def _header_length(self, name: str) -> int:
        header = next((table.staged for table in self._tables if table.file == name), None)
        return 0 if header is None else len(",".join(header)) + 1


def folder_name(endpoint: str, school: str | None) -> str:
    """A collection's folder; a school's id may be anything, so its digest stands for it."""
    if school is None:
        return endpoint
    return f"{endpoint}-{hashlib.sha256(school.encode()).hexdigest()[:20]}"


def _journal_entries(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return entries
    for line in lines[:-1]:
        try:
            entries.append(json.loads(line))
        except ValueError:
            break
    return entries


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"
