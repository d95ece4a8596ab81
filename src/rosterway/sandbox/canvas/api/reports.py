"""Starting, following and listing account reports. Facts: Canvas API docs, "Account Reports"."""

import sqlite3
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, parameters
from rosterway.sandbox.canvas.api.answers import INSTANCE, LINE, answer, not_found
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.file_json import file_json
from rosterway.sandbox.canvas.api.places import place
from rosterway.sandbox.canvas.reports.run import WRITTEN, parse, run_report
from rosterway.sandbox.canvas.reports.sheets import REPORTS

_PATH = "/api/v1/accounts/{account_id}/reports"


def routes() -> list[web.RouteDef]:
    """The doors of reports."""
    return [
        web.get(_PATH, available),
        web.post(f"{_PATH}/{{report}}", start),
        web.get(f"{_PATH}/{{report}}", index),
        web.get(f"{_PATH}/{{report}}/{{id:\\d+}}", show),
    ]


def _name(request: web.Request) -> str:
    require(request, "read_reports", "manage_sis")
    place(request, "account")
    name = request.match_info["report"]
    if name not in REPORTS and name not in WRITTEN:
        raise not_found()
    return name


def _report_json(request: web.Request, row: sqlite3.Row) -> dict[str, Any]:
    file = request.app[INSTANCE].office.get_file(row["file_id"])
    attachment = file_json(request, file) if file else None
    return {
        "id": row["id"],
        "report": row["report"],
        "status": row["status"],
        "progress": row["progress"],
        "current_line": None,
        "created_at": row["created_at"],
        "started_at": row["started_at"],
        "ended_at": row["ended_at"],
        "message": row["message"],
        "parameters": parse(row["parameters"]),
        "file_url": attachment["url"] if attachment else None,
        **({"attachment": attachment} if attachment else {}),
    }


def _row(request: web.Request, report_id: int) -> sqlite3.Row:
    office = request.app[INSTANCE].office
    rows = office.rows(
        "SELECT * FROM reports WHERE id = ? AND report = ?",
        (report_id, request.match_info["report"]),
    )
    if not rows:
        raise not_found()
    return rows[0]


async def available(request: web.Request) -> web.Response:
    """The reports this account has."""
    require(request, "read_reports", "manage_sis")
    place(request, "account")
    known = {name: (title, tuple(sheets)) for name, (title, sheets) in REPORTS.items()}
    known |= {name: (title, asked) for name, (title, asked, _) in WRITTEN.items()}
    shapes = [
        {
            "report": name,
            "title": title,
            "parameters": {one: {"required": False, "description": one} for one in asked},
            "last_run": None,
        }
        for name, (title, asked) in known.items()
    ]
    return answer(request, shapes)


async def start(request: web.Request) -> web.Response:
    """Start a report."""
    name = _name(request)
    instance = request.app[INSTANCE]
    given = await parameters.of_request(request)
    report_id = instance.office.add(
        "reports",
        report=name,
        account_id=place(request, "account"),
        status="created",
        parameters="\n".join(f"{key}={value}" for key, value in given.nested("parameters")),
        user_id=require(request, "read_reports", "manage_sis").user_id,
        created_at=instance.now(),
    )
    body = _report_json(request, _row(request, report_id))
    request.app[LINE].beside(lambda: run_report(instance, report_id))
    return answer(request, body)


async def index(request: web.Request) -> web.Response:
    """The runs of a report, newest first."""
    name = _name(request)
    office = request.app[INSTANCE].office

    def fetch(limit: int, offset: int) -> list[dict[str, Any]]:
        rows = office.rows(
            "SELECT * FROM reports WHERE report = ? ORDER BY id DESC LIMIT ? OFFSET ?",
            (name, limit, offset),
        )
        return [_report_json(request, row) for row in rows]

    return pages.numbered(request, fetch)


async def show(request: web.Request) -> web.Response:
    """One run of a report."""
    _name(request)
    return answer(request, _report_json(request, _row(request, int(request.match_info["id"]))))
