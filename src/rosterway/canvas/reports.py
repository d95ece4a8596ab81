"""Account reports: what Canvas holds, as CSV.

Facts: canvas-lms `gems/plugins/account_reports`. One table comes as a CSV file, several as a zip.
They are no loss-less round trip of an import: enrollments say `concluded`, dates are missing,
deleted and completed rows come only with `include_deleted`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.imports import FIRST_PAUSE, GROWTH, LONGEST_PAUSE, STALLED, Pause
from rosterway.errors import GarbledError, RejectedError, UnreachableError, UsageError


class ReportName(StrEnum):
    """The reports we read."""

    PROVISIONING = "provisioning_csv"  # with Canvas's own ids and `created_by_sis`
    SIS_EXPORT = "sis_export_csv"
    GRADE_EXPORT = "grade_export_csv"  # its columns are Canvas's, in the account's language


#: Table -> the parameter that asks for it.
PARAMETERS: Mapping[str, str] = {
    "users": "users",
    "accounts": "accounts",
    "terms": "terms",
    "courses": "courses",
    "sections": "sections",
    "enrollments": "enrollments",
    "groups": "groups",
    "groups_membership": "group_membership",
    "group_categories": "group_categories",
    "xlists": "xlist",
    "user_observers": "user_observers",
    "admins": "admins",
}

#: `status` of a report -> whether it is the last.
STATUSES: Mapping[str, bool] = {
    "created": False,
    "running": False,
    "compiling": False,
    "complete": True,
    "error": True,
    "aborted": True,
    "deleted": True,
}


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `url` is where its file is, once it is complete; keep it out of logs."""

    id: str
    name: str
    status: str
    progress: int
    url: str | None = field(default=None, repr=False)
    file: str | None = None

    @property
    def final(self) -> bool:
        """Whether Canvas is done with it, well or not."""
        return STATUSES.get(self.status, self.url is not None)


def _call(doing: str) -> Call:
    return Call(doing, "read_reports")


async def request(
    client: CanvasClient,
    name: ReportName,
    *,
    tables: Iterable[str],
    term_id: str | None = None,
    include_deleted: bool = False,
    created_by_sis: bool = False,
) -> Report:
    """Ask for a report of `tables`; it is made in the background.

    Args:
        client: the account.
        name: which report.
        tables: names of tables, as in `PARAMETERS`.
        term_id: of one term only, by Canvas id or `sis_term_id:X`.
        include_deleted: completed and deleted rows as well.
        created_by_sis: only what came from the SIS.
    """
    wanted = list(tables)
    if not wanted or not PARAMETERS.keys() >= set(wanted):
        raise UsageError(
            "A report needs tables it knows", remedy=f"Known: {', '.join(PARAMETERS)}."
        )
    wishes = {PARAMETERS[table]: "true" for table in wanted}
    if term_id is not None:
        wishes["enrollment_term_id"] = term_id
    if include_deleted:
        wishes["include_deleted"] = "true"
    if created_by_sis:
        wishes["created_by_sis"] = "true"
    return await _request(client, name, wishes)


async def request_grade_export(
    client: CanvasClient,
    *,
    term_id: str | None = None,
    include_deleted: bool = False,
    limiting_period: int | None = None,
) -> Report:
    """Ask for the course grades of every student; `follow` and `download` it, and keep it as it is.

    Args:
        client: the account.
        term_id: of one term only, by Canvas id: a SIS id finds nothing here.
        include_deleted: concluded courses and enrollments, and deleted ones, as well.
        limiting_period: of those only what ended within so many days.

    Raises:
        UsageError: a period without `include_deleted`, which Canvas would pass over.
    """
    if limiting_period is not None and not include_deleted:
        raise UsageError(
            "A limiting period is only heeded with deleted rows", remedy="Ask for deleted rows too."
        )
    wishes: dict[str, str] = {}
    if term_id is not None:
        wishes["enrollment_term_id"] = term_id
    if include_deleted:
        wishes["include_deleted"] = "true"
    if limiting_period is not None:
        wishes["limiting_period"] = str(limiting_period)
    return await _request(client, ReportName.GRADE_EXPORT, wishes)


async def _request(client: CanvasClient, name: ReportName, wishes: Mapping[str, str]) -> Report:
    """Ask for a report, and for no e-mail about it."""
    answer = await client.send(
        "POST",
        client.account_path("reports", name),
        call=_call(f"requesting the report {name}"),
        form=[
            (f"parameters[{key}]", value)
            for key, value in {**wishes, "skip_message": "true"}.items()
        ],
    )
    return _report(answer, name)


async def show(client: CanvasClient, name: str, report_id: str) -> Report:
    """One report, as it is now."""
    path = client.account_path("reports", name, report_id)
    return _report(await client.get(path, call=_call(f"looking at the report {name}")), name)


async def follow(
    client: CanvasClient,
    report: Report,
    *,
    pause: Pause = asyncio.sleep,
    on_progress: Callable[[Report], Awaitable[None]] | None = None,
    stalled: float = STALLED,
) -> Report:
    """Watch a report until it is complete.

    Raises:
        RejectedError: Canvas could not make it.
        UnreachableError: nothing has changed for `stalled` seconds of pauses.
    """
    wait, waited = FIRST_PAUSE, 0.0
    while not report.final:
        if waited >= stalled:
            raise UnreachableError(
                f"The report {report.name} has been {report.status} at {report.progress}%"
                f" for {waited / 3600:.0f} hours",
                system="canvas",
                remedy="Ask for it again.",
            )
        await pause(wait)
        waited, wait = waited + wait, min(wait * GROWTH, LONGEST_PAUSE)
        now = await show(client, report.name, report.id)
        if now != report:
            waited = 0.0
            if on_progress is not None:
                await on_progress(now)
        report = now
    if report.status != "complete":
        raise RejectedError(
            f"Canvas could not make the report {report.name} ({report.status})",
            system="canvas",
            remedy="Ask for it again, or for fewer tables or one term.",
        )
    return report


async def download(client: CanvasClient, report: Report, to: Path) -> int:
    """Fetch the file of a complete report into `to`, whole or not at all; its size in bytes.

    Raises:
        GarbledError: the report has no file.
    """
    if report.url is None:
        raise GarbledError(
            f"The report {report.name} has no file",
            system="canvas",
            remedy="Follow the report to its end; if it is complete, ask for it again.",
        )
    return await client.download(report.url, to, call=_call(f"fetching the report {report.name}"))


def _report(data: Any, name: str) -> Report:
    told = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
    if not told.get("id") or not isinstance(told.get("status"), str):
        raise GarbledError(
            "Canvas showed a report without an id or a status",
            system="canvas",
            remedy="Check that url is the address of Canvas itself.",
        )
    attachment = told.get("attachment")
    file = cast("dict[str, Any]", attachment) if isinstance(attachment, dict) else {}
    progress = told.get("progress")
    return Report(
        id=str(told["id"]),
        name=name,
        status=told["status"],
        progress=int(progress) if isinstance(progress, int | float) else 0,
        url=file.get("url") or None,
        file=file.get("display_name") or file.get("filename"),
    )
