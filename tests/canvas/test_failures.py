"""What a failed request means: a table from answers to errors."""

import inspect
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import client_exceptions
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from rosterway.canvas.failures import (
    Answer,
    Call,
    canvas_said,
    decoded,
    failure,
    lost,
    may_have_been_done,
    redirected,
)
from rosterway.errors import (
    CredentialsError,
    GarbledError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnreachableError,
)

CREATING = Call("creating a SIS import", "import_sis")
HTML = {"Content-Type": "text/html; charset=utf-8"}
BEARER = {"WWW-Authenticate": 'Bearer realm="canvas-lms"'}


def answer(status: int, body: Any = "", headers: dict[str, str] | None = None):
    raw = body.encode() if isinstance(body, str) else msgspec.json.encode(body)
    return Answer(status, CIMultiDict(headers or {}), raw)


REFUSALS = {
    "throttled, as Canvas did it in 2022": (
        answer(403, "403 Forbidden (Rate Limit Exceeded)"),
        ThrottledError,
        "slow down",
        "same token",
    ),
    "throttled, behind a proxy that calls it a web page": (
        answer(403, "403 Forbidden (Rate Limit Exceeded)\n", HTML),
        ThrottledError,
        "slow down",
        "Waiting helps",
    ),
    "throttled, told by the header alone": (
        answer(403, "", {"X-Rate-Limit-Remaining": "0.0"}),
        ThrottledError,
        "slow down",
        "Waiting helps",
    ),
    "throttled, as the newest documents say": (
        answer(429, ""),
        ThrottledError,
        "slow down",
        "Waiting helps",
    ),
    "a bad token": (
        answer(401, {"errors": [{"message": "Invalid access token."}]}, BEARER),
        CredentialsError,
        "does not accept the token",
        "Make a new one",
    ),
    "a developer key without the scope": (
        answer(401, {"errors": [{"message": "Insufficient scopes on access token."}]}, BEARER),
        CredentialsError,
        "lacks a scope",
        "developer key",
    ),
    "no permission": (
        answer(401, {"status": "unauthorized", "errors": [{"message": "not authorized"}]}),
        CredentialsError,
        "no permission",
        "import_sis (“SIS Data - import”)",
    ),
    "forbidden, with points left in the bucket": (
        answer(403, {"errors": ["no"]}, {"X-Rate-Limit-Remaining": "600.0"}),
        CredentialsError,
        "forbids",
        "import_sis",
    ),
    "SIS imports switched off": (
        answer(403, {"errors": ["SIS imports are not enabled for this account"]}),
        RejectedError,
        "SIS imports are not enabled for this account",
        "switch SIS imports on",
    ),
    "not the root account": (
        answer(400, {"errors": ["SIS imports can only be executed on root accounts"]}),
        RejectedError,
        "root accounts",
        "id of the root account",
    ),
    "a term that is not there": (
        answer(
            400,
            {"message": "Batch mode specified, but the given batch_mode_term_id cannot be found."},
        ),
        RejectedError,
        "cannot be found",
        "terms.csv",
    ),
    "nothing there": (
        answer(404, {"errors": [{"message": "The specified resource does not exist."}]}),
        RejectedError,
        "does not exist",
        "Check url and account",
    ),
    "a web page where the API should be": (
        answer(404, "<!DOCTYPE html><html>", HTML),
        GarbledError,
        "web page",
        "Check url",
    ),
    "a firewall": (answer(403, "<html>Access denied", HTML), GarbledError, "web page", "firewall"),
    "too large for the proxy": (answer(413, ""), RejectedError, "413", "smaller parts"),
    "a crash": (answer(500, {"errors": [{}]}), UnreachableError, "500", "Waiting helps"),
    "maintenance": (
        answer(503, "<html><h1>Down for maintenance", HTML),
        UnreachableError,
        "may be under maintenance",
        "Waiting helps",
    ),
    "a proxy that lost patience": (answer(504, ""), UnreachableError, "504", "Waiting helps"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_each_refusal_says_who_must_act(case):
    given, kind, words, remedy = REFUSALS[case]
    error = failure(given, CREATING)
    assert kind is type(error)
    assert words in error.message
    assert "while creating a SIS import" in error.message
    assert remedy in error.remedy
    assert given.status == error.status


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "12"}, 12.0),
        ({"retry-after": "0"}, 0.0),
        ({"Retry-After": "soon"}, None),
        (
            {
                "Retry-After": "Mon, 31 Aug 2026 08:00:30 GMT",
                "Date": "Mon, 31 Aug 2026 08:00:00 GMT",
            },
            30.0,
        ),
        (
            {
                "Retry-After": "Mon, 31 Aug 2026 07:00:00 GMT",
                "Date": "Mon, 31 Aug 2026 08:00:00 GMT",
            },
            0.0,
        ),
        ({"Retry-After": "Mon, 31 Aug 2026 08:00:30 GMT"}, None),
    ],
)
def test_how_long_to_wait_is_taken_from_the_answer_alone(headers, wait):
    error = failure(answer(429, "", headers), CREATING)
    assert isinstance(error, ThrottledError)
    assert wait == error.wait


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><title>Wartung</title>", "web page"),
        (b'{"sis_imports": [{"id": "1"', "cut short"),
        (b"", "cut short"),
        (b"\xff\xfe", "cut short"),
    ],
)
def test_a_good_status_with_anything_but_json_is_garbled(body, words):
    with pytest.raises(GarbledError, match=words) as caught:
        decoded(Answer(200, CIMultiDict(), body), CREATING)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"errors": ["one", "two"]}, "one; two"),
        ({"errors": [{"message": "one"}]}, "one"),
        ({"errors": {"name": [{"message": "is taken"}], "base": ["no"]}}, "is taken; no"),
        ({"errors": {"message": "one"}}, "one"),
        ({"message": " spread\n over  lines "}, "spread over lines"),
        ({"error": "one"}, "one"),
        ("one", "one"),
        ({"errors": []}, ""),
        ({"something": "else"}, ""),
        (7, ""),
    ],
)
def test_canvas_is_quoted_whatever_shape_its_message_has(body, said):
    assert said == canvas_said(msgspec.json.encode(body))


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, {"code": "not_enabled", "error": "It is not enabled"}, "not_enabled"),
        (400, {"error": "too many students"}, "too many students"),
        (403, {"error": "invalid assignment ids requested"}, "invalid assignment ids requested"),
        (404, {"code": "not_found"}, "not_found"),
        (400, {"code": 7, "error": "odd"}, "odd"),
        (400, "no JSON", ""),
    ],
)
def test_a_refusal_keeps_canvas_own_code_or_words_for_its_caller(status, body, said):
    error = failure(answer(status, body), CREATING)
    assert isinstance(error, RejectedError)
    assert said == error.said


def test_a_quote_is_short_and_names_nobodys_address():
    told = canvas_said(msgspec.json.encode({"message": "ann.doe@school.test " + "x" * 1000}))
    assert "school.test" not in told
    assert len(told) <= 300


def test_a_body_that_is_not_canvas_own_message_is_never_quoted():
    error = failure(answer(400, "Ann Doe, ann.doe@school.test, born 2012"), CREATING)
    assert "Ann" not in error.message


# -- no answer ------------------------------------------------------------------------------

REQUEST = aiohttp.RequestInfo(
    URL("https://canvas.test"),
    "GET",
    CIMultiDictProxy(CIMultiDict({"Authorization": "Bearer hush"})),
)


def raised(kind):
    """An instance of an aiohttp error, whatever its constructor wants."""
    error = kind.__new__(kind)
    if isinstance(error, aiohttp.ClientResponseError):
        aiohttp.ClientResponseError.__init__(error, REQUEST, (), status=502)
    return error


CLIENT_ERRORS = [
    kind
    for _, kind in inspect.getmembers(client_exceptions, inspect.isclass)
    if issubclass(kind, aiohttp.ClientError)
]


@pytest.mark.parametrize("kind", CLIENT_ERRORS, ids=lambda kind: str(kind.__name__))
def test_every_error_aiohttp_knows_becomes_one_of_ours(kind):
    error = lost(raised(kind), CREATING)
    assert isinstance(error, RemoteError)
    assert "hush" not in repr(error)
    assert error.remedy


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (aiohttp.ClientConnectorDNSError, "cannot be resolved"),
        (aiohttp.ClientConnectorCertificateError, "secure connection"),
        (aiohttp.ClientConnectorError, "cannot be reached"),
        (aiohttp.ConnectionTimeoutError, "cannot be reached"),
        (aiohttp.SocketTimeoutError, "in time"),
        (TimeoutError, "in time"),
        (aiohttp.ServerDisconnectedError, "was cut"),
        (aiohttp.ClientPayloadError, "was cut"),
        (ConnectionResetError, "was cut"),
    ],
)
def test_silence_is_told_apart_and_worth_waiting_for(kind, words):
    error = lost(raised(kind), CREATING)
    assert isinstance(error, UnreachableError)
    assert words in error.message
    assert error.retry


@pytest.mark.parametrize(
    ("error", "may"),
    [
        (failure(answer(400), CREATING), False),
        (failure(answer(401), CREATING), False),
        (failure(answer(403), CREATING), False),
        (failure(answer(429), CREATING), False),
        (failure(answer(408), CREATING), True),
        (failure(answer(500), CREATING), True),
        (failure(answer(504), CREATING), True),
        (lost(aiohttp.ServerDisconnectedError(), CREATING), True),
        (lost(TimeoutError(), CREATING), True),
        (redirected(None, 302, CREATING), True),
        (GarbledError("cut short", system="canvas", status=200), True),
    ],
    ids=lambda value: getattr(value, "message", str(value)),
)
def test_only_a_refusal_proves_that_nothing_was_done(error, may):
    assert may is may_have_been_done(error)
