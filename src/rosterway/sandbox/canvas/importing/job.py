"""One import, from `created` to its final state.

Guarantees: runs in a thread of its own and leaves the event loop alone; an import that is aborted
or whose server closes keeps the segments it has finished; a crash ends the import, not the line.

Facts: canvas-lms `app/models/sis_batch.rb`, `lib/sis/csv/import_refactored.rb`.
"""

import csv
import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rosterway.sandbox.canvas.importing.batch_mode import CleanupAborted, clean_up, message_of
from rosterway.sandbox.canvas.importing.bundle import Bundle, open_bundle
from rosterway.sandbox.canvas.importing.desk import Desk
from rosterway.sandbox.canvas.importing.detection import FILE_TYPES
from rosterway.sandbox.canvas.importing.diffing import diff
from rosterway.sandbox.canvas.importing.families import IMPORTERS
from rosterway.sandbox.canvas.importing.reading import (
    CsvFile,
    Row,
    read_rows,
    segments,
    without_columns,
)
from rosterway.sandbox.canvas.importing.statistics import statistics
from rosterway.sandbox.canvas.instance import Instance
from rosterway.sandbox.canvas.state.office import Message, SisImport
from rosterway.sandbox.canvas.trouble import Aborted, Crashed, Refused, Stopped

CRASHED = "Error while importing CSV. Please contact support. (Error report {})"

#: Up to so many rows in total run in one job at once.
_INLINE_ROWS = 50
_SECRETS = frozenset({"password", "ssha_password"})
_COUNTS = {file_type.name: file_type.count for file_type in FILE_TYPES}
#: Counts that newer Canvas adds only when there is something to count.
_ONLY_IF_ANY = frozenset(name for name in _COUNTS.values() if "tag" in name)

_log = logging.getLogger(__name__)


def run_import(instance: Instance, import_id: int) -> None:
    """Run an import to its end; Stopped if the server closes first."""
    sis_import = instance.office.get_import(import_id)
    assert sis_import is not None
    with tempfile.TemporaryDirectory(dir=instance.office.folder, prefix="import-") as folder:
        _Job(instance, sis_import, Path(folder)).run()


class _Job:
    def __init__(self, instance: Instance, sis_import: SisImport, folder: Path) -> None:
        self.instance = instance
        self.office = instance.office
        self.sis_import = sis_import
        self.id = sis_import.id
        self.folder = folder
        self.seconds = 0.0
        self.crashes = 0
        self.counts = {name: 0 for name in _COUNTS.values() if name not in _ONLY_IF_ANY}
        self.data: dict[str, Any] = {
            "import_type": sis_import.options.import_type,
            "supplied_batches": [],
            "completed_importers": [],
            "running_immediately": False,
            "downloadable_attachment_ids": {"uploaded": [], "diffed": []},
        }

    def run(self) -> None:
        now = self.instance.now()
        began = self.office.move_import(self.id, now=now, by=("created",), to="importing")
        if not began:
            return  # aborted while it waited
        self.office.update_import(self.id, now=now, started_at=now, progress=0)
        self.seconds = self.instance.pace.seconds()
        try:
            self._step("start")
            self._rows(self._unpack())
            self._clean_up()
            self._step("finish")
        except Aborted:
            self._finish(None)
        except CleanupAborted as aborted:
            self._say([message_of(aborted)])
            self._finish("aborted")
        except Refused as refused:
            self._say([Message(None, str(refused), failure=True)])
            self._finish("failed_with_messages")
        except Stopped:
            raise
        except Crashed as crash:
            _log.info("sandbox.import.crashed import=%s reason=%s", self.id, crash)
            self._finish("failed_with_messages" if self.crashes else "failed")
        except Exception:  # noqa: BLE001 - the job's end, whatever it is, is the import's
            _log.exception("sandbox.import.crashed import=%s", self.id)
            self._say([self._crash(None)])
            self._finish("failed_with_messages")
        else:
            self._finish(self._final_state())

    # -- phases -------------------------------------------------------------------------------

    def _unpack(self) -> Bundle:
        upload = self.office.get_file(self.sis_import.file_id)
        assert upload is not None
        tags = {"institutional_tags"} if self.instance.knobs.institutional_tags else set[str]()
        try:
            bundle = open_bundle(upload.path, upload.display_name, self.folder, frozenset(tags))
        except Crashed as crash:
            self._say([self._crash(None)])
            raise Crashed(f"unreadable upload: {crash}") from crash
        self.data["supplied_batches"] = bundle.types()
        self._offer("uploaded", [file for _, file in bundle.all()])
        diffed = diff(self.sis_import, bundle, self.office, self.folder)
        if diffed.base:
            self.data["diffed_against_sis_batch_id"] = diffed.base.id
            self._offer("diffed", [file for _, file in diffed.bundle.all()])
        self._update(diffing_threshold_exceeded=diffed.exceeded)
        self._say(diffed.bundle.messages)
        return diffed.bundle

    def _rows(self, bundle: Bundle) -> None:
        total = bundle.rows()
        done = 0
        self.data["running_immediately"] = total <= _INLINE_ROWS
        self._update(data=self.data)
        for name, files in bundle.files.items():
            for file in files:
                for segment in self._segments(name, file):
                    self._step(f"segment {file.name}")
                    self.instance.pace.stick(self.id, self._is_aborted)
                    self._segment(name, file, segment)
                    self._advance(done, done + len(segment), total)
                    done += len(segment)
            if files:
                self.data["completed_importers"].append(name)

    def _segments(self, name: str, file: CsvFile) -> Iterator[list[Row]]:
        knobs = self.instance.knobs
        found = segments(read_rows(file), knobs.segment_rows)
        if knobs.segments_backwards and name != "account":
            return iter(list(found)[::-1])
        return found

    def _segment(self, name: str, file: CsvFile, rows: list[Row]) -> None:
        if self.instance.faults.strike("segment-crash"):
            self._say([self._crash(file.name)])
            return
        try:
            with self.instance.roster.work(self.instance.now(), self.id) as work:
                work.options = self.sis_import.options
                desk = Desk(
                    work=work,
                    options=self.sis_import.options,
                    knobs=self.instance.knobs,
                    user_id=self.sis_import.user_id,
                    file=file.name,
                    headers=frozenset(file.headers),
                )
                IMPORTERS[name](rows, desk)
        except Exception:  # noqa: BLE001 - a segment that fails does not keep others from trying
            _log.exception("sandbox.segment.crashed import=%s file=%s", self.id, file.name)
            self._say([self._crash(file.name)])
            return
        count = _COUNTS[name]
        if desk.done or count in self.counts:
            self.counts[count] = self.counts.get(count, 0) + desk.done
        self._say(desk.messages)

    def _clean_up(self) -> None:
        options = self.sis_import.options
        if not options.batch_mode and not options.multi_term_batch_mode:
            return
        now = self.instance.now()
        moved = self.office.move_import(self.id, now=now, by=("importing",), to="cleanup_batch")
        if not moved:
            raise Aborted
        self._update(progress=0)
        self._step("cleanup")
        with self.instance.roster.work(now, self.id) as work:
            gone = clean_up(
                self.sis_import,
                self.data["supplied_batches"],
                work,
                lambda share: self._update(progress=int(share * 100)),
            )
        self.counts.update(gone)

    # -- ending -------------------------------------------------------------------------------

    def _final_state(self) -> str:
        failures, _ = self.office.messages(self.id, failure=True, limit=0)
        warnings, _ = self.office.messages(self.id, failure=False, limit=0)
        if failures:
            return "failed_with_messages"
        return "imported_with_messages" if warnings else "imported"

    def _finish(self, state: str | None) -> None:
        """Write the outcome, then the state; None leaves the state somebody else has set."""
        failures, _ = self.office.messages(self.id, failure=True, limit=0)
        warnings, _ = self.office.messages(self.id, failure=False, limit=0)
        self.data["counts"] = {**self.counts, "error_count": failures, "warning_count": warnings}
        with self.instance.roster.work(self.instance.now()) as work:
            changes = work.run(
                "SELECT kind, previous_state, updated_state, count(*) FROM roll_back"
                " WHERE import_id = ? GROUP BY kind, previous_state, updated_state",
                (self.id,),
            ).fetchall()
        self.data["statistics"] = statistics(changes)
        self._update(data=self.data, ended_at=self.instance.now())
        if state is not None:
            running = ("importing", "cleanup_batch")
            now = self.instance.now()
            if self.office.move_import(self.id, now=now, by=running, to=state):
                self._update(progress=100)
        if failures or warnings:
            self._write_errors_file()

    def _write_errors_file(self) -> None:
        path = self.office.new_path(".csv")
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(("sis_import_id", "file", "message", "row"))
            for row in self.office.rows(
                "SELECT file, message, row FROM messages WHERE import_id = ? ORDER BY id",
                (self.id,),
            ):
                writer.writerow((self.id, row["file"], row["message"], row["row"]))
        file_id = self.office.add_file(
            path,
            display_name=f"sis_errors_attachment_{self.id}.csv",
            content_type="text/csv",
            now=self.instance.now(),
        )
        self._update(errors_file_id=file_id)

    # -- small things -------------------------------------------------------------------------

    def _offer(self, kind: str, files: list[CsvFile]) -> None:
        """Let the files be downloaded, without the columns that are nobody's business."""
        for file in files:
            path = self.office.new_path(".csv")
            if _SECRETS.isdisjoint(file.headers):
                shutil.copyfile(file.path, path)
            else:
                without_columns(file, _SECRETS, path)
            file_id = self.office.add_file(
                path,
                display_name=file.name,
                content_type="text/csv",
                now=self.instance.now(),
            )
            self.data["downloadable_attachment_ids"][kind].append(file_id)
        self._update(data=self.data)

    def _advance(self, before: int, after: int, total: int) -> None:
        """Report progress; an import that takes its time reports every tenth on the way."""
        share = (after - before) / total
        ticks = max(1, round(share * 10)) if self.seconds else 1
        for tick in range(1, ticks + 1):
            self.instance.pace.rest(self.seconds * share / ticks, self._is_aborted)
            part = before + (after - before) * tick / ticks
            self._update(progress=min(99, int(part / total * 100)))

    def _crash(self, file: str | None) -> Message:
        self.crashes += 1
        return Message(file, CRASHED.format(self.id * 1000 + self.crashes), failure=True)

    def _say(self, messages: list[Message]) -> None:
        if messages:
            self.office.add_messages(self.id, messages, now=self.instance.now())

    def _update(self, **changes: Any) -> None:
        self.office.update_import(self.id, now=self.instance.now(), **changes)

    def _step(self, name: str) -> None:
        self.instance.pace.step(self.id, name, self._is_aborted)

    def _is_aborted(self) -> bool:
        state = self.office.rows("SELECT workflow_state FROM imports WHERE id = ?", (self.id,))
        return state[0]["workflow_state"] == "aborted"
