"""What a page says when something went wrong: what happened, and what to do."""

from typing import cast
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException

from rosterway.console.access import SignInError
from rosterway.console.headers import add_headers
from rosterway.console.pages import STATIC_PATH, page
from rosterway.errors import (
    AccessError,
    ConfigError,
    ConflictError,
    NotFoundError,
    RosterwayError,
    UnavailableError,
    UsageError,
)

log = structlog.get_logger()

#: The kind of error -> the answer's status and heading, the narrowest first.
_ANSWERS: tuple[tuple[type[RosterwayError], int, str], ...] = (
    (AccessError, 403, "This is not yours to do"),
    (NotFoundError, 404, "There is nothing here"),
    (ConflictError, 409, "Somebody was first, or things have moved on"),
    (UsageError, 400, "That could not be understood"),
    (ConfigError, 409, "A setting is in the way"),
    (UnavailableError, 503, "Not just now"),
    (RosterwayError, 500, "That did not work"),
)

_STATUSES = {
    404: "There is nothing here",
    405: "That cannot be done here",
    413: "That is too large",
}


def answer_errors(app: FastAPI) -> None:
    """Give every error a page of ours, or JSON to who asks for it."""
    app.add_exception_handler(RosterwayError, _ours)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _fault)


def _ours(request: Request, error: Exception) -> Response:
    told = cast("RosterwayError", error)
    if isinstance(told, SignInError):
        return _to_sign_in(request)
    status, heading = next(
        (status, heading) for kind, status, heading in _ANSWERS if isinstance(told, kind)
    )
    return _answer(request, status, heading, told.message, told.remedy, told.code)


def _plain(request: Request, error: Exception) -> Response:
    told = cast("HTTPException", error)
    heading = _STATUSES.get(told.status_code, "That did not work")
    return _answer(request, told.status_code, heading, "", "", f"http.{told.status_code}")


def _unreadable(request: Request, error: Exception) -> Response:
    fields = cast("RequestValidationError", error).errors()
    named = ", ".join(sorted({str(field["loc"][-1]) for field in fields}))
    message = f"This cannot be read: {named}."
    return _answer(request, 400, "That could not be understood", message, "", "usage")


def _fault(request: Request, error: Exception) -> Response:
    reference = f"{request.method} {request.url.path}"
    log.error("console.failed", path=request.url.path, exc_info=error)
    message = f"Rosterway failed at {reference}. Nothing was changed halfway; the log says more."
    answer = _answer(request, 500, "A fault of Rosterway", message, "", "fault")
    # This one is made outside the middleware.
    add_headers(MutableHeaders(raw=answer.raw_headers), request.scope, STATIC_PATH, 500)
    return answer


def _to_sign_in(request: Request) -> Response:
    if request.method != "GET" or not _wants_page(request):
        return JSONResponse({"error": {"code": "access", "message": "Please sign in."}}, 401)
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(path, safe='')}", 303)


def _answer(
    request: Request, status: int, heading: str, message: str, remedy: str, code: str
) -> Response:
    if not _wants_page(request):
        told = {"code": code, "message": message or heading, "remedy": remedy}
        return JSONResponse({"error": told}, status)
    return page(
        request,
        "error.html",
        status=status,
        heading=heading,
        message=message,
        remedy=remedy,
    )


def _wants_page(request: Request) -> bool:
    if getattr(request.state, "speaks_json", False):
        return False
    accepted = request.headers.get("accept", "*/*")
    return "text/html" in accepted or accepted.strip() in {"", "*/*"}
