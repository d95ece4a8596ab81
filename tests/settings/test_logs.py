"""Log lines: JSON, bound to tenant and run, without secrets and without people."""

import io
import json
import logging

import pytest
import structlog

from rosterway.errors import DeliveryError
from rosterway.settings.logs import configure_logs, logged_as


@pytest.fixture
def lines():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs(stream)

    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]

    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_a_line_carries_its_fields_and_what_is_bound(lines):
    with logged_as(tenant="lincoln", run="run-1"):
        structlog.get_logger().info("run.held", feed="files", removals=412)

    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "run.held",
        "level": "info",
        "tenant": "lincoln",
        "run": "run-1",
        "feed": "files",
        "removals": 412,
    }


def test_secrets_and_people_are_hidden_at_any_depth(lines):
    structlog.get_logger().info(
        "row.refused",
        user_id="s-1",
        email="ana@school.example",
        canvas_token="7~abc",
        row={"login_id": "ana", "cells": ["Ana"], "line": 3},
        note=["write to ana@school.example", "Authorization: Bearer abcdef123"],
        scores=None,
    )

    (line,) = lines()
    assert line["user_id"] == "s-1"
    assert line["email"] == line["canvas_token"] == "[hidden]"
    assert line["row"] == {"login_id": "[hidden]", "cells": "[hidden]", "line": 3}
    assert line["note"] == ["write to [e-mail]", "Authorization: Bearer [hidden]"]
    assert line["scores"] is None


def test_other_libraries_lines_are_json_and_scrubbed_too(lines):
    logging.getLogger("some.library").warning(
        "GET /files?access_token=%s for postgresql://me:pw@db", "abc"
    )

    (line,) = lines()
    assert line["logger"] == "some.library"
    assert line["event"] == "GET /files?access_token=[hidden] for postgresql://me:[hidden]@db"


def crash():
    try:
        int("Ana Alvarez")
    except ValueError as error:
        raise DeliveryError("users.csv, line 3: no number") from error


@pytest.mark.parametrize("log", [structlog.get_logger(), logging.getLogger("some.library")])
def test_an_exception_says_where_and_not_whom(lines, log):
    try:
        crash()
    except DeliveryError:
        log.exception("run.crashed")

    (line,) = lines()
    ours, theirs = line["exception"]
    assert (ours["type"], ours["says"]) == ("DeliveryError", "users.csv, line 3: no number")
    assert (theirs["type"], theirs["says"]) == (
        "ValueError",
        "invalid literal for int() with base 10: '…'",
    )
    assert ours["at"][-1].endswith(" crash")
    assert "Ana" not in json.dumps(line)


def test_chatty_libraries_are_quiet(lines):
    for name in ("asyncssh", "uvicorn.access", "aiohttp.access"):
        logging.getLogger(name).info("user ana signed in")

    assert lines() == []
