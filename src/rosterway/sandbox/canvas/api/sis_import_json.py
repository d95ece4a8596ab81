"""An import as the API shows it. Facts: canvas-lms `SisBatch#as_json`, `lib/api/v1/sis_import.rb`."""

from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api.answers import INSTANCE
from rosterway.sandbox.canvas.api.file_json import file_json, user_of
from rosterway.sandbox.canvas.state.office import SisImport

#: Messages of each severity that are part of an import's own answer.
INLINE_MESSAGES = 24


def sis_import_json(
    request: web.Request, sis_import: SisImport, *, upload: dict[str, Any] | None = None
) -> dict[str, Any]:
    """All there is to see of an import; `upload` is where a promised file must be sent."""
    instance = request.app[INSTANCE]
    options = sis_import.options
    answer: dict[str, Any] = {
        "id": sis_import.id,
        "created_at": sis_import.created_at,
        "started_at": sis_import.started_at,
        "ended_at": sis_import.ended_at,
        "updated_at": sis_import.updated_at,
        "progress": sis_import.progress,
        "workflow_state": sis_import.workflow_state,
        "data": sis_import.data or {"import_type": options.import_type},
        "batch_mode": options.batch_mode,
        "batch_mode_term_id": options.batch_mode_term_id,
        "multi_term_batch_mode": options.multi_term_batch_mode,
        "override_sis_stickiness": options.override_sis_stickiness,
        "add_sis_stickiness": options.add_sis_stickiness,
        "clear_sis_stickiness": options.clear_sis_stickiness,
        "update_sis_id_if_login_claimed": options.update_sis_id_if_login_claimed,
        "diffing_data_set_identifier": options.diffing_data_set_identifier,
        "diffing_remaster": options.diffing_remaster,
        # Canvas reads this from the wrong place, so it is always null
        "diffed_against_import_id": None,
        "diffing_drop_status": options.diffing_drop_status,
        "diffing_user_remove_status": options.diffing_user_remove_status,
        "skip_deletes": options.skip_deletes,
        "change_threshold": options.change_threshold,
        "diff_row_count_threshold": options.diff_row_count_threshold,
    }
    if options.diffing_data_set_identifier:
        answer["diffing_threshold_exceeded"] = sis_import.diffing_threshold_exceeded
    answer["user"] = user_of(instance.roster.read, sis_import.user_id)
    answer |= _messages(request, sis_import)
    ids: dict[str, list[int]] = sis_import.data.get("downloadable_attachment_ids", {})
    for kind, key in (("uploaded", "csv_attachments"), ("diffed", "diffed_csv_attachments")):
        if files := _files(request, ids.get(kind, [])):
            answer[key] = files
    errors_file = instance.office.get_file(sis_import.errors_file_id)
    if errors_file and not is_lagging(request, sis_import):
        answer["errors_attachment"] = file_json(request, errors_file)
    if upload:
        answer["pre_attachment"] = upload
    return answer


def is_lagging(request: web.Request, sis_import: SisImport) -> bool:
    """Whether the later jobs of an import are made to look unfinished."""
    instance = request.app[INSTANCE]
    answered = instance.lagged.get(sis_import.id, 0)
    return instance.faults.on("errors-lag") and answered < instance.knobs.lagging_answers


def _messages(request: web.Request, sis_import: SisImport) -> dict[str, Any]:
    """The first messages of each severity as pairs of file and message."""
    office = request.app[INSTANCE].office
    result: dict[str, Any] = {}
    for key, word, failure in (
        ("processing_errors", "errors", True),
        ("processing_warnings", "warnings", False),
    ):
        count, rows = office.messages(sis_import.id, failure=failure, limit=INLINE_MESSAGES)
        if not count:
            continue
        pairs = [[row["file"], row["message"]] for row in rows]
        if count > INLINE_MESSAGES:
            more = f"and {count - INLINE_MESSAGES} more {word} that were not included"
            pairs.append([more, f"Download the error file to see all {word}."])
        result[key] = pairs
    return result


def _files(request: web.Request, ids: list[int]) -> list[dict[str, Any]]:
    files = (request.app[INSTANCE].office.get_file(file_id) for file_id in ids)
    return [file_json(request, file) for file in files if file]
