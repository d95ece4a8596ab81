"""The client against real servers, well-behaved and not."""

import asyncio
import socket

import pytest
import structlog
from aiohttp import web

from canvas_servers import Script, cut, cut_in_the_middle, page, says, status
from rosterway.canvas.client import Call, CanvasClient, Patience, Timeouts
from rosterway.errors import (
    ConfigError,
    CredentialsError,
    GarbledError,
    RejectedError,
    RosterwayError,
    ThrottledError,
    UnreachableError,
)

READING = Call("reading something")
PATH = "/api/v1/things"


OK = says({"fine": True})


# -- what is sent ---------------------------------------------------------------------------


async def test_every_request_carries_token_type_and_name(serve, client_of, token):
    handler = Script(OK)
    async with client_of(await serve(handler)) as client:
        answer = await client.get(PATH, call=READING, params=[("state[]", "a b")])
    (request,) = handler.requests
    assert answer == {"fine": True}
    assert request.headers["Authorization"] == f"Bearer {token}"
    assert request.headers["Accept"] == "application/json+canvas-string-ids"
    assert request.headers["User-Agent"].startswith("Rosterway/")
    assert request.raw_path == PATH + "?state%5B%5D=a+b"


async def test_json_is_put_as_it_is_typed(serve, client_of):
    got = []

    async def take(request):
        got.append((request.method, request.content_type, await request.json()))
        return web.json_response({})

    typed = {"data": {"number": 1, "list": [None, True], "text": "1"}}
    async with client_of(await serve(take)) as client:
        await client.send("PUT", PATH, call=READING, json=typed)
    assert got == [("PUT", "application/json", typed)]


async def test_cookies_are_not_kept(serve, client_of):
    handler = Script(says(1, Set_Cookie="session=1"), OK)
    async with client_of(await serve(handler)) as client:
        await client.get(PATH, call=READING)
        await client.get(PATH, call=READING)
    assert "Cookie" not in handler.requests[1].headers


@pytest.mark.parametrize("token", ["", "  ", "a\nb", "tokén", "a\x00b"])
def test_what_cannot_be_a_token_is_a_wrong_setting(token):
    with pytest.raises(ConfigError, match="token"):
        CanvasClient("https://c.test", token)


def test_a_line_break_after_the_token_is_no_part_of_it():
    CanvasClient("https://c.test", "1234~abc\n")


def test_a_client_does_not_show_its_token():
    assert "abc" not in repr(CanvasClient("https://c.test", "1234~abc"))


# -- trying again ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first",
    [status(500), status(502), status(503), status(429), cut, cut_in_the_middle],
    ids=["500", "502", "503", "429", "cut", "cut in the middle"],
)
async def test_reading_is_tried_again_where_waiting_can_help(serve, client_of, first):
    handler = Script(first, OK)
    async with client_of(await serve(handler)) as client:
        answer = await client.get(PATH, call=READING)
    assert answer == {"fine": True}
    assert len(handler.requests) == 2


async def test_a_throttled_403_is_tried_again_and_a_forbidden_one_is_not(serve, client_of):
    throttled = Script(status(403, "403 Forbidden (Rate Limit Exceeded)"), OK)
    async with client_of(await serve(throttled)) as client:
        await client.get(PATH, call=READING)
    forbidden = Script(status(403, "{}"), OK)
    async with client_of(await serve(forbidden)) as client:
        with pytest.raises(CredentialsError):
            await client.get(PATH, call=READING)
    assert (len(throttled.requests), len(forbidden.requests)) == (2, 1)


async def test_trying_ends_after_so_many_attempts(serve, client_of):
    handler = Script(status(503))
    async with client_of(await serve(handler)) as client:
        with pytest.raises(UnreachableError):
            await client.get(PATH, call=READING)
    assert len(handler.requests) == 3


@pytest.mark.parametrize("code", [400, 401, 404])
async def test_a_refusal_is_not_asked_twice(serve, client_of, code):
    handler = Script(status(code, "{}"), OK)
    async with client_of(await serve(handler)) as client:
        with pytest.raises((RejectedError, CredentialsError)):
            await client.get(PATH, call=READING)
    assert len(handler.requests) == 1


async def test_a_wait_longer_than_our_patience_is_handed_up(serve, client_of):
    handler = Script(status(429, Retry_After="600"))
    async with client_of(await serve(handler)) as client:
        with pytest.raises(ThrottledError) as caught:
            await client.get(PATH, call=READING)
    assert caught.value.wait == 600
    assert len(handler.requests) == 1


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (ThrottledError("", system="canvas", wait=7), 7.0),
        (ThrottledError("", system="canvas", wait=0), 0.0),
        (ThrottledError("", system="canvas", wait=31), False),
        (ThrottledError("", system="canvas"), True),
        (UnreachableError("", system="canvas"), True),
        (GarbledError("", system="canvas"), False),
        (ValueError(), False),
    ],
    ids=repr,
)
def test_patience_knows_when_and_how_long(error, pause):
    found = Patience(longest=30).before_retry(error)
    assert (type(pause), pause) == (type(found), found)


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("first", [status(500), status(429), cut], ids=["500", "429", "cut"])
async def test_writing_is_never_repeated(serve, client_of, method, first):
    handler = Script(OK, first, OK)
    async with client_of(await serve(handler)) as client:
        await client.send(method, PATH, call=READING)  # leaves a connection that could be kept
        with pytest.raises(RosterwayError):
            await client.send(method, PATH, call=READING)
    assert len(handler.requests) == 2


# -- answers that are none ------------------------------------------------------------------


async def test_nobody_there(client_of):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with client_of(url) as client:
            with pytest.raises(UnreachableError, match="cannot be reached"):
                await client.get(PATH, call=READING)


async def test_silence_ends_in_an_error(serve, client_of):
    over = asyncio.Event()

    async def silent(_request):
        await over.wait()
        return web.Response()

    url = await serve(silent)
    impatient = Timeouts(connect=5, silence=0.05)
    async with client_of(url, timeouts=impatient, patience=Patience(attempts=1)) as client:
        with pytest.raises(UnreachableError, match="in time"):
            await client.get(PATH, call=READING)
    over.set()


@pytest.mark.parametrize(
    "answer",
    [
        page(),
        status(200, '{"sis_imports": [{'),
    ],
    ids=["a web page", "half of it"],
)
async def test_what_is_no_json_is_garbled_and_not_asked_twice(serve, client_of, answer):
    handler = Script(answer)
    async with client_of(await serve(handler)) as client:
        with pytest.raises(GarbledError) as caught:
            await client.get(PATH, call=READING)
    assert caught.value.remedy
    assert len(handler.requests) == 1


async def test_what_is_no_http_is_an_error_of_ours_without_the_token(client_of, token):
    async def babble(_reader, writer):
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with (
        server,
        client_of(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as client,
    ):
        with pytest.raises(GarbledError, match="not HTTP") as caught:
            await client.get(PATH, call=READING)
    error: BaseException | None = caught.value
    while error is not None:
        assert token not in repr(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


# -- redirects ------------------------------------------------------------------------------


def elsewhere(url):
    """The same machine under another name."""
    return url.replace("127.0.0.1", "localhost")


async def test_a_redirect_on_the_same_host_is_followed(serve, client_of):
    handler = Script(status(302, Location="/api/v1/other"), OK)
    async with client_of(await serve(handler)) as client:
        assert await client.get(PATH, call=READING) == {"fine": True}
    assert handler.requests[1].path == "/api/v1/other"


async def test_a_redirect_to_another_host_is_refused_before_anything_goes_there(serve, client_of):
    other = Script(OK)
    target = elsewhere(await serve(other))
    async with client_of(await serve(Script(status(302, Location=target)))) as client:
        with pytest.raises(GarbledError, match="another host") as caught:
            await client.get(PATH, call=READING)
    assert "localhost" in caught.value.remedy
    assert other.requests == []


@pytest.mark.parametrize("target", [PATH, "http://[", ""])
async def test_a_redirect_to_nowhere_ends(serve, client_of, target):
    handler = Script(status(302, Location=target))
    async with client_of(await serve(handler)) as client:
        with pytest.raises(GarbledError, match="redirects"):
            await client.get(PATH, call=READING)
    assert len(handler.requests) <= 5


async def test_writing_follows_no_redirect_at_all(serve, client_of):
    handler = Script(status(307, Location="/api/v1/other"))
    async with client_of(await serve(handler)) as client:
        with pytest.raises(GarbledError, match="redirects"):
            await client.send("POST", PATH, call=READING, form=[("a", "b")])
    assert len(handler.requests) == 1


# -- lists ----------------------------------------------------------------------------------


def linked(data, following):
    def answer(request):
        link = f'<{following.format(origin=request.url.origin())}>; rel="next"'
        return web.json_response(data, headers={"Link": link})

    return answer


async def test_pages_are_followed_until_next_is_absent(serve, client_of):
    handler = Script(
        linked([1], "{origin}/api/v1/things?page=bookmark:Wz&x[]=%2F"),
        linked([2], "/api/v1/things?page=3"),
        says([3], Link='</x?page=9>; rel="last"'),
    )
    async with client_of(await serve(handler)) as client:
        pages = [page async for page in client.pages(PATH, call=READING, params=[("a", "b")])]
    assert pages == [[1], [2], [3]]
    assert [request.raw_path for request in handler.requests] == [
        PATH + "?a=b&per_page=100",
        PATH + "?page=bookmark:Wz&x[]=%2F",  # byte for byte: pages are opaque
        PATH + "?page=3",
    ]


async def test_a_page_that_fails_is_tried_again_alone(serve, client_of):
    handler = Script(linked([1], "/api/v1/things?page=2"), status(500), OK)
    async with client_of(await serve(handler)) as client:
        pages = [page async for page in client.pages(PATH, call=READING)]
    assert len(pages) == 2
    assert [request.query.get("page") for request in handler.requests] == [None, "2", "2"]


async def test_a_list_that_continues_on_another_host_is_refused(serve, client_of):
    other = Script(OK)
    target = elsewhere(await serve(other))
    async with client_of(await serve(Script(linked([1], target)))) as client:
        with pytest.raises(GarbledError, match="another host"):
            [page async for page in client.pages(PATH, call=READING)]
    assert other.requests == []


async def test_a_list_that_leads_in_a_circle_ends(serve, client_of):
    handler = Script(linked([1], "/api/v1/things?page=2"))
    async with client_of(await serve(handler)) as client:
        with pytest.raises(GarbledError, match="circle"):
            [page async for page in client.pages(PATH, call=READING)]
    assert len(handler.requests) == 2


async def test_long_link_headers_are_read(serve, client_of):
    long = f'</x?{"y" * 20_000}>; rel="first", </api/v1/things?page=2>; rel="next"'
    handler = Script(says([], Link=long), OK)
    async with client_of(await serve(handler)) as client:
        pages = [page async for page in client.pages(PATH, call=READING)]
    assert len(pages) == 2


# -- what is said ---------------------------------------------------------------------------


async def test_log_lines_hold_neither_token_nor_query_nor_body(serve, client_of, token):
    handler = Script(says({"name": "Ann Doe"}))
    with structlog.testing.capture_logs() as lines:
        async with client_of(await serve(handler)) as client:
            await client.get(PATH, call=READING, params=[("search", "Ann")])
    (line,) = lines
    assert line["event"] == "canvas.answered"
    assert (line["path"], line["status"]) == (PATH, 200)
    assert not any(word in repr(line) for word in (token, "Ann"))


async def test_a_client_that_was_not_entered_says_so():
    client = CanvasClient("http://127.0.0.1:9", "t")
    with pytest.raises(AssertionError, match="async with"):
        await client.get(PATH, call=READING)
