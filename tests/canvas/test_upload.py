"""Files to Canvas: as they lie on the disk, streamed, and sent once."""

import tracemalloc

import pytest
from aiohttp import web

from canvas_servers import Script, cut, says
from rosterway.canvas.client import Call
from rosterway.errors import UnreachableError, UsageError

SENDING = Call("sending something")
PATH = "/api/v1/things"
OK = says({"id": "1"})


async def test_an_upload_arrives_as_it_lies_on_the_disk(serve, client_of, tmp_path):
    file = tmp_path / "blob"
    file.write_bytes(bytes(range(256)) * 20_000)
    arrived = {}

    async def take(request):
        async for part in await request.multipart():
            arrived[part.name] = (
                part.filename,
                part.headers.get("Content-Type"),
                await part.read(),
            )
        return web.json_response({"id": "1"})

    async with client_of(await serve(take)) as client:
        await client.upload(
            PATH, call=SENDING, form=[("skip_deletes", "true")], file=file, name="ab12.zip"
        )
    assert bytes(arrived["skip_deletes"][2]) == b"true"
    assert arrived["attachment"] == ("ab12.zip", "application/zip", file.read_bytes())


async def test_an_upload_is_never_whole_in_memory(serve, client_of, tmp_path):
    file = tmp_path / "blob"
    with file.open("wb") as sparse:
        sparse.truncate(32 * 2**20)
    arrived = []

    async def take(request):
        arrived.extend([len(chunk) async for chunk in request.content.iter_any()])
        return web.json_response({"id": "1"})

    async with client_of(await serve(take)) as client:
        tracemalloc.start()
        await client.upload(PATH, call=SENDING, form=[], file=file, name="a.csv")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert sum(arrived) > 32 * 2**20
    assert peak < 8 * 2**20


async def test_an_upload_cut_in_the_middle_is_unreachable_and_not_repeated(
    serve, client_of, tmp_path
):
    file = tmp_path / "blob"
    file.write_bytes(b"x" * 2**22)
    handler = Script(cut)
    async with client_of(await serve(handler)) as client:
        with pytest.raises(UnreachableError):
            await client.upload(PATH, call=SENDING, form=[], file=file, name="a.csv")
    assert len(handler.requests) == 1


@pytest.mark.parametrize("name", ["a.txt", "a", "zip", "a.tar.gz", "ä.zip", "a\r\nb.zip"])
async def test_a_name_canvas_would_pass_over_is_not_sent(serve, client_of, tmp_path, name):
    handler = Script(OK)
    async with client_of(await serve(handler)) as client:
        with pytest.raises(UsageError, match=r"\*\.zip or \*\.csv"):
            await client.upload(PATH, call=SENDING, form=[], file=tmp_path / "x", name=name)
    assert handler.requests == []


async def test_a_file_that_is_not_there_is_not_sent(serve, client_of, tmp_path):
    async with client_of(await serve(Script(OK))) as client:
        with pytest.raises(UsageError, match="cannot be read"):
            await client.upload(PATH, call=SENDING, form=[], file=tmp_path / "x", name="a.csv")
