"""Files: downloading what an import or report offers, and the second step of a promised upload.

Facts: Canvas API docs, "Uploading files"; the import starts when its file has come.
"""

from pathlib import Path

from aiohttp import BodyPartReader, web

from rosterway.sandbox.canvas.api.answers import INSTANCE, answer, not_found
from rosterway.sandbox.canvas.api.file_json import file_json
from rosterway.sandbox.canvas.api.sis_import_create import chunks_of, keep_upload, release, save
from rosterway.sandbox.canvas.state.office import StoredFile


def routes() -> list[web.RouteDef]:
    """The doors of files."""
    return [
        web.get("/files/{id:\\d+}/download", download),
        web.get("/api/v1/files/{id:\\d+}", show),
        web.get("/api/v1/files/{id:\\d+}/create_success", show),
        web.post("/files_api/upload", upload),
    ]


def _file(request: web.Request) -> StoredFile:
    file = request.app[INSTANCE].office.get_file(int(request.match_info["id"]))
    if file is None:
        raise not_found()
    return file


async def download(request: web.Request) -> web.StreamResponse:
    """The bytes of a file, for whoever has its verifier."""
    file = _file(request)
    if request.query.get("verifier") != file.uuid:
        raise not_found()
    name = file.display_name.rpartition("/")[2].replace('"', "")
    return web.FileResponse(
        file.path,
        headers={
            "Content-Type": file.content_type,
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


async def show(request: web.Request) -> web.Response:
    """What a file is; also the end of an upload, to which its answer redirects."""
    return answer(request, file_json(request, _file(request)))


async def upload(request: web.Request) -> web.Response:
    """The file of an import that promised one; `file` is the last field."""
    instance = request.app[INSTANCE]
    fields: dict[str, str] = {}
    path: Path | None = None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "file":
            path = instance.office.new_path()
            await save(chunks_of(part), path)
        elif part.name:
            fields[part.name] = await part.text()
    taken = instance.office.take_upload(fields.get("token", "")) if path else None
    if taken is None or path is None:
        raise not_found()
    import_id, name = taken
    keep_upload(instance, import_id, path, name)
    release(request, import_id)
    sis_import = instance.office.get_import(import_id)
    file = instance.office.get_file(sis_import.file_id) if sis_import else None
    assert file is not None
    where = request.url.with_path(f"/api/v1/files/{file.id}/create_success").with_query(
        uuid=file.uuid
    )
    return answer(request, file_json(request, file), status=201, headers={"Location": str(where)})
