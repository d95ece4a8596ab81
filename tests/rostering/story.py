"""Two mornings of a school office, told as the files a clerk would recognise, and what is decided.

`yesterday` is what Canvas has, `today` the delivery; both are tables of literal CSV. They go the
way every delivery goes: staged, checked, compared, guarded, written as the files to send.
"""

import csv
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rosterway.formats.problems import Problem
from rosterway.gateway.calculator import calculator
from rosterway.gateway.unpack import unpack
from rosterway.rostering.decide import Apply, Asked
from rosterway.rostering.holds import Hold
from rosterway.rostering.limits import Limits
from rosterway.rostering.plan import Plan
from rosterway.rostering.policy import Policy
from rosterway.rostering.roster import NOTHING, Roster
from rosterway.runs.prepare import Terms, make_plan, read_baseline, read_delivery

#: A Tuesday in the middle of the autumn term of every story.
TUESDAY = datetime(2026, 10, 13, 6, 0, tzinfo=UTC)

Row = dict[str, str]
#: Table, or file name ending in .csv -> its text.
Files = Mapping[str, str | bytes]

#: Headers short enough to read, so that a story need not repeat them.
HEADERS = {
    "accounts": "account_id,parent_account_id,name,status",
    "terms": "term_id,name,status,start_date,end_date",
    "courses": "course_id,short_name,long_name,account_id,term_id,status",
    "sections": "section_id,course_id,name,status",
    "xlists": "xlist_course_id,section_id,status",
    "users": "user_id,login_id,full_name,status",
    "logins": "user_id,login_id,existing_user_id",
    "enrollments": "section_id,user_id,role,status",
    "admins": "user_id,account_id,role,status",
    "group_categories": "group_category_id,category_name,status",
    "groups": "group_id,name,status,group_category_id",
    "groups_membership": "group_id,user_id,status",
    "user_observers": "observer_id,student_id,status",
    "change_sis_id": "old_id,new_id,type",
}


def table(name: str, rows: Iterable[str]) -> str:
    """A file of a table with its usual header; a row without a status word gets the usual one."""
    usual = {"groups": "available", "groups_membership": "accepted"}.get(name, "active")
    lines = [HEADERS[name]]
    at = HEADERS[name].split(",").index("status") if "status" in HEADERS[name] else None
    for row in rows:
        cells = [cell.strip() for cell in row.split(",")]
        if at is not None and len(cells) == at:
            cells.append(usual)
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def district(**rows: Iterable[str] | str) -> dict[str, str]:
    """Files of tables: rows under the usual header, or a whole text as it is."""
    return {
        name: textwrap.dedent(given).lstrip() if isinstance(given, str) else table(name, given)
        for name, given in rows.items()
    }


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was decided: the plan, its exact files, each table's changes and the removals."""

    plan: Plan
    sent: Mapping[str, list[Row]]
    texts: Mapping[str, bytes]
    changes: Mapping[str, list[dict[str, Any]]]
    removed: list[dict[str, Any]]
    problems: list[Problem] = field(default_factory=list[Problem])

    @property
    def decision(self) -> str:
        return self.plan.decision.value

    @property
    def guards(self) -> list[str]:
        return [hold.guard.value for hold in self.plan.holds]

    @property
    def codes(self) -> set[str]:
        return {problem.code for problem in self.problems}

    def hold(self, guard: str) -> Hold:
        (found,) = [hold for hold in self.plan.holds if hold.guard.value == guard]
        return found

    def removals(self, name: str) -> int:
        return self.plan.removals.get(name, 0)

    def counts(self, name: str) -> dict[str, int]:
        return self.plan.tables[name].as_dict()

    def steps(self) -> list[str]:
        """Which import does what, as `01 creates and updates: users`."""
        return [f"{file.name[:2]} {file.step}: {file.table}" for file in self.plan.files]

    def rows(self, name: str, **cells: str) -> list[Row]:
        """Rows that would be sent of a table, in order, that have these cells."""
        return [
            row
            for file in self.plan.files
            if file.table == name
            for row in self.sent[file.name]
            if cells.items() <= row.items()
        ]

    def spared(self, name: str) -> dict[str, str | None]:
        """Vanished rows of a table and why each is left alone."""
        return {
            change["words"]: change["spared"]
            for change in self.changes[name]
            if change["kind"] == "vanish"
        }


def decide(
    yesterday: Files | None,
    today: Files,
    *,
    at: datetime = TUESDAY,
    apply: str = "diffing",
    policy: Policy | None = None,
    limits: Limits | None = None,
    first_load: bool = False,
    after: str | None = None,
    unproven: str | None = None,
    elsewhere: Files | None = None,
    strict: bool = False,
    tenant: str = "lincoln",
    feed: str = "files",
    options: Mapping[str, object] | None = None,
    threads: int | None = None,
    folder: Path | None = None,
) -> Told:
    """Decide about today's files beside yesterday's."""
    with TemporaryDirectory() as temporary:
        work = Path(temporary)
        before = None if yesterday is None else unpack([_written(yesterday, work / "b")], work)
        given = unpack([folder or _written(today, work / "c")], work / "unpacked")
        others = None if elsewhere is None else unpack([_written(elsewhere, work / "e")], work)
        outside = [file.path for file in given.files] if folder else []
        (planned := work / "planned").mkdir()
        with calculator(work, files=outside, threads=threads) as connection:
            known = read_baseline(connection, before, work)
            read = read_delivery(connection, given, work, baseline=known)
            asked = Asked(
                now=at,
                apply=Apply(apply),
                policy=policy or Policy(),
                limits=limits or Limits(),
                first_load_intended=first_load,
                after=after,
                unproven=unproven,
                elsewhere=_elsewhere(connection, others, work) if others else NOTHING,
            )
            terms = Terms(tenant=tenant, feed=feed, options=options or {}, strict=strict)
            plan, decided = make_plan(connection, read, known, asked, terms, planned)
            return Told(
                plan=plan,
                sent={file.name: _read(planned / file.name) for file in plan.files},
                texts={file.name: (planned / file.name).read_bytes() for file in plan.files},
                changes={
                    name: _rows(connection, f"SELECT * FROM {compared.changes} ORDER BY ident")
                    for name, compared in decided.compared.items()
                },
                removed=_rows(connection, "SELECT * FROM removals ORDER BY tbl, ident"),
                problems=list(read.findings.problems()),
            )


def _elsewhere(connection: Any, others: Any, work: Path) -> Roster:
    from rosterway.gateway.stage import stage
    from rosterway.rostering.check import check
    from rosterway.rostering.findings import Findings

    findings = Findings(connection, "others")
    staged = stage(connection, others.files, work, findings, prefix="others")
    return check(connection, staged, findings, prefix="elsewhere").roster


def _written(files: Files, folder: Path) -> Path:
    folder.mkdir()
    for name, text in files.items():
        path = folder / (name if name.endswith(".csv") else f"{name}.csv")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def _rows(connection: Any, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
