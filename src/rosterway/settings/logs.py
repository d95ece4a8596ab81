"""Structured logs: one JSON object a line on stderr, with run and tenant, without personal data.

Configured once by a door, before anything runs; other modules ask `structlog.get_logger()` and log
lower-case event names with fields. Whatever passes through, the standard library's loggers
included, loses secrets and personal data here. That is the second line of defence: the first is to
log ids.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from rosterway.errors import RosterwayError

HIDDEN = "[hidden]"

#: Fields that hold a secret, whatever stands before these words.
SECRET_ENDINGS = (
    "password",
    "passwd",
    "secret",
    "token",
    "authorization",
    "cookie",
    "api_key",
    "private_key",
    "csrf",
)

#: Fields that describe a person, or quote data somebody sent.
PERSONAL_FIELDS = frozenset(
    {
        *("name", "first_name", "middle_name", "last_name", "full_name", "sortable_name"),
        *("display_name", "preferred_name", "pronouns", "email", "phone", "sms", "birth_date"),
        *("login_id", "username", "grade", "grades", "score", "scores", "comment"),
        *("value", "values", "cell", "cells", "row_text", "row_info", "record", "body", "payload"),
    }
)

_SCRUBS = (
    (re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\b(Bearer|Basic|OAuth)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"(\w://[^\s/:@]+):[^\s/@]+@"), rf"\1:{HIDDEN}@"),
    (
        re.compile(
            r"\b(\w*(?:token|secret|password|signature|api_key)\w*)=[^\s&;,]+", re.IGNORECASE
        ),
        rf"\1={HIDDEN}",
    ),
)
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")

#: Libraries that say more than anybody needs, or that quote what people type.
_QUIETER = {
    "asyncssh": logging.WARNING,
    "aiohttp.access": logging.ERROR,
    "uvicorn.access": logging.ERROR,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
    "dbos": logging.WARNING,
}


def configure_logs(stream: TextIO | None = None, level: str = "INFO") -> None:
    """Send every log line of this process to `stream` (stderr) as JSON; may be called again."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                describe_exception,
                redact,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, quiet in _QUIETER.items():
        logging.getLogger(name).setLevel(quiet)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def logged_as(**fields: str) -> AbstractContextManager[None]:
    """Bind fields (`tenant=`, `run=`, `feed=`) to every line logged inside, in this task."""
    return cast("AbstractContextManager[None]", structlog.contextvars.bound_contextvars(**fields))


def scrub(text: str) -> str:
    """The text without e-mail addresses and without what looks like a credential."""
    for pattern, replacement in _SCRUBS:
        text = pattern.sub(replacement, text)
    return text


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide secret and personal fields at any depth, and scrub all text."""
    return {name: _redacted(name, value) for name, value in event.items()}


def describe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the chain of errors with their places.

    A message of ours is kept; in anyone else's, quoted text goes, since it is often a cell of data.
    """
    info: object = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = cast("tuple[Any, ...]", info)[1] if isinstance(info, tuple) else info
    chain: list[dict[str, Any]] = []
    while isinstance(error, BaseException) and len(chain) < 10:
        chain.append(_described(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return {**event, "exception": chain} if chain else event


def _described(error: BaseException) -> dict[str, Any]:
    ours = isinstance(error, RosterwayError)
    said = str(error)
    return {
        "type": type(error).__name__,
        "says": said if ours else _QUOTED.sub("'…'", said),
        "at": _places(error.__traceback__),
    }


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-12:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _redacted(name: str, value: object) -> object:
    folded = name.lower().replace("-", "_")
    if value is not None and (folded in PERSONAL_FIELDS or folded.endswith(SECRET_ENDINGS)):
        return HIDDEN
    match value:
        case str():
            return scrub(value)
        case Mapping():
            pairs = cast("Mapping[object, object]", value)
            return {str(key): _redacted(str(key), inner) for key, inner in pairs.items()}
        case list() | tuple() | set() | frozenset():
            return [_redacted("", inner) for inner in cast("list[object]", value)]
        case _:
            return value
