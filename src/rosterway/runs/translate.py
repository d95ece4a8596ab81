"""Translate: OneRoster bundles, or what a pull staged, become the CSV files of a Canvas roster.

Nothing is sent, and nothing outside the work folder and the folder to be filled is written.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import msgspec

from rosterway.formats.oneroster.deviations import Tally
from rosterway.formats.oneroster.field import Table
from rosterway.formats.oneroster.manifest import Mode
from rosterway.formats.oneroster.tables import USERS
from rosterway.formats.problems import Finding
from rosterway.gateway.bundle import Bundle, read_bundle
from rosterway.gateway.calculator import calculator
from rosterway.gateway.memory import DEFAULT_MEMORY
from rosterway.gateway.unpack import Unpacked
from rosterway.rostering import sql
from rosterway.rostering.findings import Findings
from rosterway.rostering.translate.policy import TranslationPolicy
from rosterway.rostering.translate.policy_document import policy_from
from rosterway.rostering.translate.problems import problems
from rosterway.rostering.translate.sources import (
    READ,
    Sources,
    laid_over,
    layered,
    staged_file,
)
from rosterway.rostering.translate.translation import Translation, translate
from rosterway.runs.artefacts import PROBLEMS
from rosterway.runs.changes import newest, records, undated
from rosterway.runs.jobs import TranslateJob, TranslateResult
from rosterway.settings.shape import Version

_STAGED = "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION lz4_raw, DICTIONARY_SIZE_LIMIT 1000)"


@dataclass(frozen=True, slots=True)
class BundlesRead:
    """Bundles as one roster. `version` None: there was none that could be read."""

    version: Version | None
    sources: Sources
    rows: Mapping[str, int] = field(default_factory=dict[str, int])


def read_bundles(
    connection: duckdb.DuckDBPyConnection,
    bundles: Sequence[Unpacked],
    work: Path,
    findings: Findings,
    tally: Tally,
    *,
    wanted: Sequence[Table] = READ,
) -> BundlesRead:
    """Read the `wanted` tables of bundles, the oldest first, each laid over the one before.

    A bulk file is everything there is of its table; a delta file changes what was there; a table
    that is absent stays as it was (CSV binding 13.2). `work` must be an existing folder that the connection sees.
    """
    layers: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    rows: dict[str, int] = {}
    changes: set[str] = set()
    version, is_whole = None, True
    for number, unpacked in enumerate(bundles):
        room = work / f"bundle{number}"
        room.mkdir()
        bundle = read_bundle(connection, unpacked, room, findings, tally, wanted=wanted)
        if bundle.version is None:
            return BundlesRead(None, Sources({}, is_whole=False))
        version = bundle.version
        is_whole = is_whole and bundle.is_whole
        _lay(bundle, layers, changes)
        names.update(bundle.files)
        rows.update(bundle.rows)
    relations = {
        table.name: _together(connection, table, layers[table.name], work)
        for table in wanted
        if table.name in layers
    }
    for table in sorted(changes):
        findings.add(Finding(code="delta-alone", table=table, file=names[table]))
    return BundlesRead(version, Sources(relations, names, frozenset(changes), is_whole), rows)


def _lay(bundle: Bundle, layers: dict[str, list[str]], changes: set[str]) -> None:
    for table, relation in bundle.relations.items():
        if bundle.modes[table] is Mode.BULK:
            layers[table] = [relation]
            changes.discard(table)
        else:
            if table not in layers:
                changes.add(table)
            layers.setdefault(table, []).append(relation)


def _together(
    connection: duckdb.DuckDBPyConnection, table: Table, relations: Sequence[str], work: Path
) -> str:
    if len(relations) == 1:
        return relations[0]
    return _kept(connection, layered(table, relations), work / f"{table.name}.parquet")


def staged_sources(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    work: Path,
    *,
    is_whole: bool,
    is_delta: bool = False,
) -> Sources:
    """What a pull staged in `folder` (one CSV file a table), for a translation.

    `is_whole`: every collection is proven complete; `is_delta`: only what changed was asked for.
    The connection must see the folder and `work`, where copies are kept that are quick to read.
    """
    relations = {
        name: _kept(connection, relation, work / f"{name}.parquet")
        for name, relation in staged_files(folder).items()
    }
    changes = frozenset(relations) if is_delta else frozenset[str]()
    files = {name: name for name in relations}
    return Sources(relations, files, changes, is_whole)


def staged_files(folder: Path) -> dict[str, str]:
    """SQL of the files that a pull staged, by table."""
    return {
        table.name: staged_file(table, str(folder / table.file))
        for table in READ
        if (folder / table.file).exists()
    }


def overlaid_sources(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    kept: Mapping[str, Path],
    work: Path,
    *,
    is_whole: bool,
) -> Sources:
    """What a delta staged in `folder`, laid over what was `kept` (Parquet by table): a whole roster.

    Nothing that was kept is missing from it, whatever the delta did not bring.
    """
    came = staged_files(folder)
    relations: dict[str, str] = {}
    for table in READ:
        before = kept.get(table.name)
        changed = came.get(table.name)
        target = work / f"{table.name}.parquet"
        if before is None:
            continue  # then the question was another one, and nothing is laid over it
        relation = f"read_parquet({sql.text(str(before))})"
        if changed is not None:
            relation = laid_over(table, relation, changed, users=came.get(USERS.name))
        relations[table.name] = _kept(connection, relation, target)
    return Sources(relations, {name: name for name in relations}, frozenset(), is_whole)


def translate_staged(job: TranslateJob) -> TranslateResult:
    """Do a job: `work`/out, which must not be there yet, gets the tables and `problems.jsonl`."""
    work, staged = Path(job.work), Path(job.staged)
    out = work / "out"
    out.mkdir(parents=True)
    policy = policy_from(job.policy)
    files = [staged / table.file for table in READ if (staged / table.file).exists()]
    kept = {name: Path(path) for name, path in job.kept.tables.items()} if job.kept else {}
    seen = [*files, *kept.values()]
    with calculator(work, files=seen, memory=job.memory or DEFAULT_MEMORY) as connection:
        findings = Findings(connection)
        if job.is_delta:
            sources = overlaid_sources(connection, staged, kept, work, is_whole=job.is_whole)
        else:
            sources = staged_sources(connection, staged, work, is_whole=job.is_whole)
        today = job.now.astimezone(policy.dates.time_zone).date()
        translation, rows = translate_into(connection, sources, policy, findings, out, today=today)
        counts: Counter[str] = Counter()
        with (out / PROBLEMS).open("wb") as target:
            for problem in problems(connection, findings):
                counts[problem.severity.value] += 1
                target.write(msgspec.json.encode(problem.as_dict()) + b"\n")
        is_whole_again = job.kept is not None and not job.is_delta
        return TranslateResult(
            rows=rows,
            held=tuple(sorted(translation.held)),
            problem_counts=dict(counts),
            staged=records(connection, sources.relations),
            came=records(connection, staged_files(staged)),
            newest=newest(connection, sources.relations),
            undated=tuple(
                undated(connection, sources.relations, kept, job.kept.cursor)
                if job.kept and is_whole_again
                else ()
            ),
        )


def _kept(connection: duckdb.DuckDBPyConnection, relation: str, target: Path) -> str:
    connection.execute(f"COPY (SELECT * FROM {relation}) TO {sql.text(str(target))} {_STAGED}")
    return f"read_parquet({sql.text(str(target))})"


def translate_into(
    connection: duckdb.DuckDBPyConnection,
    sources: Sources,
    policy: TranslationPolicy,
    findings: Findings,
    out: Path,
    *,
    today: date,
) -> tuple[Translation, dict[str, int]]:
    """Translate and write the Canvas files into `out`, an existing folder the connection sees.

    Answers the translation and the rows of each table. A table without rows is a file with a header:
    its source was read and is empty.
    """
    translation = translate(connection, sources, policy, findings, today=today)
    rows: dict[str, int] = {}
    for table in translation.tables:
        target = out / f"{table.name}.csv"
        (count,) = connection.execute(
            f"COPY ({table.rows}) TO {sql.text(str(target))} "
            "(FORMAT csv, HEADER, DELIMITER ',', QUOTE '\"', ESCAPE '\"')"
        ).fetchall()[0]
        rows[table.name] = count
    return translation, rows
