"""Files of Canvas's: whole, or not at all, and the token stays at home."""

import pytest
from aiohttp import web

from canvas_servers import Script, cut, hang_up, page, status
from rosterway.canvas.client import Call
from rosterway.errors import GarbledError, RejectedError, UnavailableError, UnreachableError

FETCHING = Call("fetching a report")
ROWS = b"user_id,status\nU1,active\n" * 50_000


@pytest.fixture
def csv():
    return Script(lambda _request: web.Response(body=ROWS, content_type="text/csv"))


async def test_a_file_arrives_whole(serve, csv, client_of, tmp_path, token):
    url = await serve(csv)
    async with client_of(url) as client:
        size = await client.download(f"{url}/files/1?verifier=x%2Fy", tmp_path / "r", call=FETCHING)
    assert len(ROWS) == size
    assert (tmp_path / "r").read_bytes() == ROWS
    assert csv.requests[0].raw_path == "/files/1?verifier=x%2Fy"
    assert csv.requests[0].headers["Authorization"] == f"Bearer {token}"
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


async def test_a_file_that_lies_elsewhere_is_fetched_without_the_token(
    serve, csv, client_of, tmp_path
):
    away = (await serve(csv)).replace("127.0.0.1", "localhost") + "/bucket/1?signature=s"

    url = await serve(Script(status(302, Location=away)))
    async with client_of(url) as client:
        await client.download(f"{url}/files/1", tmp_path / "r", call=FETCHING)
    (request,) = csv.requests
    assert "Authorization" not in request.headers
    assert request.query_string == "signature=s"


async def test_a_file_cut_short_leaves_what_was_there(serve, client_of, tmp_path):
    async def half(request):
        response = web.StreamResponse(headers={"Content-Length": str(len(ROWS))})
        await response.prepare(request)
        await response.write(ROWS[:1000])
        hang_up(request)
        return response

    (tmp_path / "r").write_text("before")
    url = await serve(half)
    async with client_of(url) as client:
        with pytest.raises(UnreachableError):
            await client.download(f"{url}/files/1", tmp_path / "r", call=FETCHING)
    assert (tmp_path / "r").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


async def test_a_file_cut_short_once_is_fetched_again(serve, client_of, tmp_path):
    url = await serve(Script(cut, lambda _request: web.Response(body=ROWS)))
    async with client_of(url) as client:
        await client.download("/files/1", tmp_path / "r", call=FETCHING)
    assert (tmp_path / "r").read_bytes() == ROWS


async def test_a_web_page_is_no_file(serve, client_of, tmp_path):
    url = await serve(Script(page()))
    async with client_of(url) as client:
        with pytest.raises(GarbledError, match="instead of a file"):
            await client.download(f"{url}/files/1", tmp_path / "r", call=FETCHING)
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_gone_is_a_refusal(serve, client_of, tmp_path):
    url = await serve(Script(status(404, '{"errors": [{"message": "gone"}]}')))
    async with client_of(url) as client:
        with pytest.raises(RejectedError):
            await client.download(f"{url}/files/1", tmp_path / "r", call=FETCHING)


async def test_a_disk_that_does_not_take_it_is_our_own_failure(serve, csv, client_of, tmp_path):
    url = await serve(csv)
    async with client_of(url) as client:
        with pytest.raises(UnavailableError, match="disk"):
            await client.download(f"{url}/files/1", tmp_path / "none" / "r", call=FETCHING)
    assert len(csv.requests) == 1
