"""Two mornings of a school office, told as the files a clerk would recognise, and what is decided.

`yesterday` is what Canvas has, `today` the delivery; both are tables of literal CSV. They go the
way every delivery goes: staged, checked, compared, guarded, written as the files to send.
"""

import csv
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rosterway.formats.canvas_csv.messages import Effect, classify
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.formats.problems import Problem
from rosterway.gateway.calculator import calculator
from rosterway.gateway.unpack import unpack
from rosterway.rostering.advance import Kept, find_gone, next_baseline, pending
from rosterway.rostering.decide import Apply, Asked
from rosterway.rostering.grace import still_missing
from rosterway.rostering.holds import Hold
from rosterway.rostering.limits import Limits
from rosterway.rostering.outcomes import (
    JoinedMessage,
    Message,
    SentFile,
    SentImport,
    judge_imports,
)
from rosterway.rostering.plan import Plan
from rosterway.rostering.policy import Policy
from rosterway.rostering.roster import NOTHING, Roster
from rosterway.rostering.sql import text as literal
from rosterway.runs.artefacts import write_changes, write_removals
from rosterway.runs.prepare import Terms, make_plan, read_delivery

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
        cells += [""] * (HEADERS[name].count(",") + 1 - len(cells))
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def district(**rows: Iterable[str] | str) -> dict[str, str]:
    """Files of tables: rows under the usual header, or a whole text as it is."""
    return {
        name: textwrap.dedent(given).lstrip() if isinstance(given, str) else table(name, given)
        for name, given in rows.items()
    }


#: Everybody in the small town of the stories; none of them ever leaves unless a story says so.
NAMES = (
    "Ann Ben Cal Dee Eve Fay Gus Hal Ida Joe Kim Lee Mia "
    "Ned Oda Pam Quin Ray Sue Tom Una Val Wes Xia Yan Zed"
)

#: The town: two schools, a term that runs, one that is over, one without dates.
TOWN: Mapping[str, list[str]] = {
    "accounts": ["H,,Hill High", "M,,Mill Middle"],
    "terms": [
        "AUTUMN,Autumn 2026,active,2026-08-17,2026-12-18",
        "SPRING,Spring 2026,active,2026-01-05,2026-06-05",
        "YEAR,No dates,active,,",
    ],
    "courses": [
        "C1,BIO,Biology,H,AUTUMN",
        "C2,ART,Art,M,AUTUMN",
        "C0,OLD,History,H,SPRING",
        "CY,YRB,Yearbook,H,YEAR",
    ],
    "sections": ["S1,C1,Bio 1", "S2,C1,Bio 2", "S3,C2,Art", "S0,C0,History", "SY,CY,Yearbook"],
    "users": [f"{name},{name.lower()},{name}" for name in NAMES.split()],
}


def people(names: str | Iterable[str]) -> list[str]:
    """Rows of users."""
    listed = names.split() if isinstance(names, str) else names
    return [f"{name},{name.lower()},{name}" for name in listed]


def numbered(count: int, first: int = 1, letter: str = "U") -> list[str]:
    """U0001, U0002, …"""
    return [f"{letter}{number:04d}" for number in range(first, first + count)]


def roll(sections: Mapping[str, str | Iterable[str]]) -> list[str]:
    """Rows of enrollments: `{"S1": "Ann Ben Tom/teacher Cal:deleted"}`."""
    rows: list[str] = []
    for section, names in sections.items():
        for word in names.split() if isinstance(names, str) else names:
            person, _, status = word.partition(":")
            name, _, role = person.partition("/")
            rows.append(f"{section},{name},{role or 'student'},{status or 'active'}")
    return rows


def town(
    enrolled: Mapping[str, str | Iterable[str]] | None = None, **rows: Iterable[str] | str | None
) -> dict[str, str]:
    """The town's files with these classes; a table given as None is not delivered."""
    tables: dict[str, Iterable[str] | str | None] = {**TOWN, **rows}
    if enrolled is not None:
        tables["enrollments"] = roll(enrolled)
    return district(**{name: given for name, given in tables.items() if given is not None})


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was decided: the plan, its exact files, each table's changes and the removals."""

    plan: Plan
    sent: Mapping[str, list[Row]]
    texts: Mapping[str, bytes]
    changes: Mapping[str, list[dict[str, Any]]]
    removed: list[dict[str, Any]]
    forecast: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    missing: Mapping[str, list[dict[str, Any]]] = field(
        default_factory=dict[str, list[dict[str, Any]]]
    )
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
            for change in self.changes.get(name, ())
            if change["kind"] == "vanish"
        }


def decide(
    yesterday: Mapping[str, str] | Path | None,
    today: Files | Path,
    *,
    at: datetime = TUESDAY,
    apply: str = "diffing",
    policy: Policy | None = None,
    limits: Limits | None = None,
    first_load: bool = False,
    after: str | None = None,
    unproven: str | None = None,
    elsewhere: Mapping[str, str] | None = None,
    pending: Mapping[str, list[Row]] | None = None,
    strict: bool = False,
    tenant: str = "lincoln",
    feed: str = "files",
    options: Mapping[str, object] | None = None,
    threads: int | None = 1,
    rows: bool = True,
    headers: Mapping[str, tuple[str, ...]] | None = None,
    missing: Mapping[str, list[dict[str, Any]]] | None = None,
) -> Told:
    """Decide about today's files beside yesterday's; a path is a folder of them.

    Without `rows` only the plan itself is told, which is quicker for a whole district.
    """
    with TemporaryDirectory() as temporary:
        work = Path(temporary)
        given = unpack([_written(today, work / "c")], work / "unpacked")
        folders = [folder for folder in (yesterday, today) if isinstance(folder, Path)]
        outside = [path for folder in folders for path in folder.iterdir()]
        (planned := work / "planned").mkdir()
        with calculator(work, files=outside, threads=threads) as connection:
            known = held(connection, "baseline", yesterday)
            frees = (policy or Policy()).becomes("users") == "deleted"
            read = read_delivery(connection, given, work, mirror=known, frees_vanished=frees)
            asked = Asked(
                now=at,
                apply=Apply(apply),
                policy=policy or Policy(),
                limits=limits or Limits(),
                first_load_intended=first_load,
                after=after,
                unproven=unproven,
                elsewhere=held(connection, "elsewhere", elsewhere),
                pending=_waiting(connection, pending or {}),
                headers=headers,
                missing=_waiting(connection, missing or {}, "missing"),
            )
            terms = Terms(tenant=tenant, feed=feed, options=options or {}, strict=strict)
            plan, decided = make_plan(connection, read, known, asked, terms, planned)
            if not rows:
                return Told(plan=plan, sent={}, texts={}, changes={}, removed=[])
            return Told(
                plan=plan,
                sent={file.name: _read(planned / file.name) for file in plan.files},
                texts={file.name: (planned / file.name).read_bytes() for file in plan.files},
                changes={
                    name: _rows(connection, f"SELECT * FROM {compared.changes} ORDER BY ident")
                    for name, compared in decided.compared.items()
                    if compared.created or compared.updated or compared.vanished
                },
                removed=_rows(connection, "SELECT * FROM removals ORDER BY tbl, ident"),
                forecast=_rows(connection, "SELECT * FROM forecast ORDER BY lost, tbl, words"),
                missing={
                    name: _rows(connection, query)
                    for name, query in still_missing(
                        decided.compared, asked.policy, now=at, missing=asked.missing
                    ).items()
                },
                problems=list(read.findings.problems()),
            )


def held(connection: Any, prefix: str, files: Mapping[str, str] | Path | None) -> Roster:
    """What Canvas has: the rows as they stand, cells trimmed, blank as NULL."""
    if files is None:
        return NOTHING
    tables: dict[str, tuple[str, ...]] = {}
    roster = Roster(prefix, tables)
    if isinstance(files, Path):
        for path in sorted(files.iterdir()):
            made = f"CREATE TEMP TABLE {roster.view(path.stem)} AS SELECT * FROM "
            read = f"read_csv({literal(str(path))}, header = true, all_varchar = true)"
            connection.execute(made + read)
            found = connection.execute(f"DESCRIBE {roster.view(path.stem)}").fetchall()
            tables[path.stem] = tuple(name for name, *_ in found)
        return roster
    for name, text in files.items():
        header, *rows = csv.reader(text.splitlines())
        tables[name] = tuple(header)
        cells = [", ".join(_literal(cell) for cell in row) for row in rows if row]
        columns = ", ".join(f'"{column}"' for column in header)
        blank = ", ".join("NULL::VARCHAR" for _ in header)
        values = "), (".join([blank, *cells])
        connection.execute(
            f"CREATE TEMP TABLE {roster.view(name)} AS SELECT * FROM "
            f"(VALUES ({values})) t({columns}) OFFSET 1"
        )
    return roster


def _waiting(
    connection: Any, tables: Mapping[str, list[dict[str, Any]]], prefix: str = "pending"
) -> Roster:
    """Rows that wait, with what is said of them, as `advance.pending` or `grace` told them."""
    roster = Roster(prefix, {name: tuple(rows[0]) for name, rows in tables.items() if rows})
    tables = {name: rows for name, rows in tables.items() if rows}
    for name, rows in tables.items():
        marks = ", ".join(f"? AS {column}" for column in rows[0])
        connection.execute(
            f"CREATE TEMP TABLE {roster.view(name)} AS "
            + " UNION ALL ".join([f"SELECT {marks}"] * len(rows)),
            [cell for row in rows for cell in row.values()],
        )
    return roster


def _literal(cell: str) -> str:
    return literal(cell.strip()) if cell.strip() else "NULL"


def _written(files: Files | Path, folder: Path) -> Path:
    if isinstance(files, Path):
        return files
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


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What became of a plan: each row's outcome, the next baseline, what is pending, the messages."""

    outcomes: Mapping[str, Mapping[str, str]]
    baseline: Mapping[str, list[Row]]
    pending: Mapping[str, list[Row]]
    messages: list[JoinedMessage]

    def people(self, section: str) -> list[str]:
        """Who has access in a section, as the next baseline knows it."""
        return [
            row["user_id"]
            for row in self.baseline["enrollments"]
            if row["section_id"] == section and row["status"] == "active"
        ]


#: What Canvas says of an import's file: (row or None, text).
Says = Mapping[str, Iterable[tuple[int | None, str]]]


def confirm(
    yesterday: Mapping[str, str] | None,
    today: Files,
    *,
    says: Says | None = None,
    lost: Mapping[str, int] | None = None,
    imports: Mapping[int, Mapping[str, Any]] | None = None,
    resent: Iterable[tuple[str, str]] = (),
    apply: str = "diffing",
    policy: Policy | None = None,
    at: datetime = TUESDAY,
) -> Confirmed:
    """Send a plan to a Canvas that answers so, and advance the baseline.

    Every import is finished and every row counted but those refused in a message; `lost` are rows
    of a file that are not counted either and of which nothing is said. `imports` changes what is
    known of an import by its number (`SentImport`).
    """
    with TemporaryDirectory() as temporary:
        work = Path(temporary)
        given = unpack([_written(today, work / "c")], work / "unpacked")
        for name in ("planned", "sent", "kept"):
            (work / name).mkdir()
        with calculator(work, threads=1) as connection:
            known = held(connection, "baseline", yesterday)
            frees = (policy or Policy()).becomes("users") == "deleted"
            read = read_delivery(connection, given, work, mirror=known, frees_vanished=frees)
            asked = Asked(now=at, apply=Apply(apply), policy=policy or Policy())
            plan, decided = make_plan(
                connection, read, known, asked, Terms(), work / "planned", manifests=work / "sent"
            )
            changes = write_changes(connection, decided.compared, read.checked, work / "kept")
            write_removals(connection, work / "kept")
            files = [
                SentFile(
                    file.name,
                    file.table,
                    file.rows,
                    str(work / "sent" / file.name)[:-3] + "parquet",
                )
                for file in plan.files
            ]
            columns = {name: compared.columns for name, compared in decided.compared.items()}
            orders = {file.table: file.manifest for file in files if file.table not in columns}
            columns |= {name: read.checked.roster.columns(name) for name in orders}
            sent = _answered(files, says or {}, lost or {}, imports or {})
            again = set(resent)
            messages = judge_imports(connection, sent, resent=lambda *row: row in again)
            paths = {name: str(work / "kept" / path) for name, path in changes.items()}
            kept = Kept(paths, orders, columns, str(work / "kept" / "removals.parquet"))
            find_gone(connection, kept)
            found = connection.execute("SELECT tbl, ident, outcome FROM outcomes").fetchall()
            outcomes: dict[str, dict[str, str]] = {}
            for name, ident, outcome in found:
                outcomes.setdefault(name, {})[ident.replace(chr(30), " ").strip()] = outcome
            return Confirmed(
                outcomes=outcomes,
                baseline={
                    name: _rows(connection, rows.query)
                    for name, rows in next_baseline(known, kept).items()
                },
                pending={
                    name: found
                    for name, rows in pending(kept).items()
                    if (found := _rows(connection, rows.query))
                },
                messages=messages,
            )


def _answered(
    files: Iterable[SentFile],
    says: Says,
    lost: Mapping[str, int],
    imports: Mapping[int, Mapping[str, Any]],
) -> list[SentImport]:
    numbered: dict[int, list[SentFile]] = {}
    for file in files:
        numbered.setdefault(int(file.name[:2]), []).append(file)
    answers: list[SentImport] = []
    for number, theirs in numbered.items():
        told = [(name, row, text) for name in says for row, text in says[name]]
        messages = [Message(*one) for one in told if int(one[0][:2]) == number]
        counts = {
            BY_NAME[file.table].count: file.rows
            - lost.get(file.name, 0)
            - sum(
                classify(text, table=file.table).effect in {Effect.REFUSED, Effect.ALREADY_GONE}
                for name, _, text in told
                if name == file.name
            )
            for file in theirs
        }
        answer = SentImport(ordinal=number, files=theirs, counts=counts, messages=messages)
        answers.append(replace(answer, **imports.get(number, {})))
    return answers
