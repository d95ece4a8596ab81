"""Creating an import: the file, the options and every way in which they can be wrong.

Facts: canvas-lms `app/controllers/sis_imports_api_controller.rb#create`. Two of the refusals come
after the import exists, which then stays `initializing` for ever: that is Canvas's own.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from aiohttp import BodyPartReader, web

from rosterway.sandbox.canvas.api import parameters
from rosterway.sandbox.canvas.api.answers import INSTANCE, LINE, Refusal, answer, bad_request, crash
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.parameters import Parameters
from rosterway.sandbox.canvas.api.places import find_term, root_account
from rosterway.sandbox.canvas.api.sis_import_json import sis_import_json
from rosterway.sandbox.canvas.instance import Instance
from rosterway.sandbox.canvas.state.office import SisImport
from rosterway.sandbox.canvas.state.options import Options

_EXTENSIONS = {
    "application/zip": "zip",
    "text/csv": "csv",
    "text/plain": "csv",
    "text/xml": "xml",
}
_DROP_STATUSES = ("deleted", "completed", "inactive", "deleted_last_completed")
_REMOVE_STATUSES = ("deleted", "suspended")
_MAX_IDENTIFIER = 128
_CHUNK = 1 << 20


async def create(request: web.Request) -> web.Response:
    """POST /accounts/:account_id/sis_imports."""
    instance = request.app[INSTANCE]
    caller = require(request, "import_sis")
    root_account(request)
    if (request.charset or "utf-8").lower() not in {"utf-8", "utf8"}:
        raise Refusal(400, {"error": "Invalid content type, UTF-8 required"})
    given, upload, name = await _receive(request)
    promised = given.get("pre_attachment[name]")
    if promised and upload:
        upload.unlink()
    try:
        options = _before(given, instance)
    except Refusal:
        if upload:
            upload.unlink(missing_ok=True)
        raise
    import_id = instance.office.new_import(
        now=instance.now(), user_id=caller.user_id, options=options
    )
    if upload and not promised:
        keep_upload(instance, import_id, upload, name)
    options = _after(given, options)
    instance.office.update_import(import_id, now=instance.now(), options=options.as_dict())
    if promised:
        return answer(request, _promise(request, import_id, promised))
    release(request, import_id)
    return answer(request, sis_import_json(request, _stored(instance, import_id)))


def keep_upload(instance: Instance, import_id: int, upload: Path, name: str) -> None:
    """Put an import's file on record; its name decides how it will be read."""
    file_id = instance.office.add_file(
        upload,
        display_name=name,
        content_type="application/octet-stream",
        now=instance.now(),
    )
    instance.office.update_import(import_id, now=instance.now(), file_id=file_id)


def release(request: web.Request, import_id: int) -> None:
    """Let an import that has its file and options queue up."""
    instance = request.app[INSTANCE]
    if instance.faults.strike("initializing-forever"):
        return
    now = instance.now()
    if instance.office.move_import(import_id, now=now, by=("initializing",), to="created"):
        request.app[LINE].poke()


async def save(chunks: AsyncIterator[bytes], path: Path) -> None:
    """Write an uploaded file as it comes; one that breaks off leaves nothing."""
    try:
        with path.open("wb") as out:
            async for chunk in chunks:
                out.write(chunk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def chunks_of(part: BodyPartReader) -> AsyncIterator[bytes]:
    """The bytes of a part of a form."""
    while chunk := await part.read_chunk(_CHUNK):
        yield part.decode(chunk)


def _stored(instance: Instance, import_id: int) -> SisImport:
    sis_import = instance.office.get_import(import_id)
    assert sis_import is not None
    return sis_import


# -- the file -----------------------------------------------------------------------------------


async def _receive(request: web.Request) -> tuple[Parameters, Path | None, str]:
    """Parameters, the file as it was stored, and the name that says what it is."""
    if request.content_type == "multipart/form-data":
        return await _receive_multipart(request)
    query = parameters.of_query(request)
    if request.content_type == "application/json":
        body = parameters.flatten(await parameters.read_json(request))
        return Parameters([*request.query.items(), *body]), None, ""
    if query.get("pre_attachment[name]"):
        return query, None, ""
    extension = query.get("extension") or _EXTENSIONS.get(request.content_type, "zip")
    path = request.app[INSTANCE].office.new_path()
    await save(request.content.iter_chunked(_CHUNK), path)
    return query, path, f"sis_import.{extension.lstrip('.').lower()}"


async def _receive_multipart(request: web.Request) -> tuple[Parameters, Path | None, str]:
    pairs = list(request.query.items())
    path: Path | None = None
    name = ""
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "attachment":
            path = request.app[INSTANCE].office.new_path()
            name = PurePosixPath((part.filename or "").replace("\\", "/")).name
            await save(chunks_of(part), path)
        elif part.name and not part.name.startswith("pre_attachment"):
            pairs.append((part.name, await part.text()))
    return Parameters(pairs), path, name


def _promise(request: web.Request, import_id: int, name: str) -> dict[str, object]:
    instance = request.app[INSTANCE]
    token = instance.office.promise_upload(import_id, name)
    url = request.url.origin().join(request.url.with_path("/files_api/upload").with_query(None))
    upload = {
        "file_param": "file",
        "upload_url": str(url),
        "upload_params": {"token": token, "filename": name},
    }
    return sis_import_json(request, _stored(instance, import_id), upload=upload)


# -- the options --------------------------------------------------------------------------------


def _before(given: Parameters, instance: Instance) -> Options:
    """What is settled before the import exists."""
    import_type = given.get("import_type") or "instructure_csv"
    if import_type != "instructure_csv":
        raise crash(1)
    batch_mode, term_id = given.true("batch_mode"), None
    if batch_mode:
        spelled = given.get("batch_mode_term_id")
        read = instance.roster.read
        term_id = find_term(read, spelled, instance.now()) if spelled else None
        if term_id is None:
            raise bad_request(
                "Batch mode specified, but the given batch_mode_term_id cannot be found."
            )
    override = given.true("override_sis_stickiness")
    clear = override and given.true("clear_sis_stickiness")
    add = override and not clear and given.true("add_sis_stickiness")
    identifier = given.get("diffing_data_set_identifier")
    if identifier and len(identifier) > _MAX_IDENTIFIER:
        raise crash(1)
    if batch_mode or given.has("multi_term_batch_mode"):
        identifier = None
    return Options(
        import_type=import_type,
        batch_mode=batch_mode or None,
        batch_mode_term_id=term_id,
        skip_deletes=given.true("skip_deletes"),
        override_sis_stickiness=override or None,
        add_sis_stickiness=add or None,
        clear_sis_stickiness=clear or None,
        update_sis_id_if_login_claimed=given.true("update_sis_id_if_login_claimed"),
        diffing_data_set_identifier=identifier,
        diffing_remaster=(identifier and given.true("diffing_remaster_data_set")) or None,
        change_threshold=given.number("change_threshold"),
        diff_row_count_threshold=_positive(given.number("diff_row_count_threshold")),
    )


def _after(given: Parameters, options: Options) -> Options:
    """What is refused only when the import exists."""
    multi_term = given.has("multi_term_batch_mode")
    if multi_term and options.change_threshold is None:
        raise bad_request("change_threshold is required to use multi term_batch mode.")
    return replace(
        options,
        batch_mode=options.batch_mode or multi_term or None,
        multi_term_batch_mode=multi_term or None,
        diffing_drop_status=_one_of(given, "diffing_drop_status", _DROP_STATUSES),
        diffing_user_remove_status=_one_of(given, "diffing_user_remove_status", _REMOVE_STATUSES),
        batch_mode_enrollment_drop_status=_one_of(
            given, "batch_mode_enrollment_drop_status", _DROP_STATUSES
        ),
    )


def _one_of(given: Parameters, name: str, allowed: Iterable[str]) -> str | None:
    value = given.get(name)
    if value is not None and value not in allowed:
        raise bad_request(f"Invalid {name}")
    return value


def _positive(number: int | None) -> int | None:
    return number if number is not None and number > 0 else None
