"""`rosterway pull`: read a OneRoster provider over REST into files, without a server or a home."""

import asyncio
import json
import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import connecting, output
from rosterway.cli.connecting import ServiceChoice, SignatureChoice
from rosterway.cli.filling import filling, require_room
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.cli.translate import policy_text
from rosterway.errors import RosterwayError

if TYPE_CHECKING:
    from rosterway.oneroster.asking import Asked, Source
    from rosterway.oneroster.outcome import Progress
    from rosterway.oneroster.patience import Waiting
    from rosterway.oneroster.pulled import Pulled
    from rosterway.runs.jobs import TranslateJob, TranslateResult

#: Where pages are kept until the pull is whole; one that was interrupted goes on from there.
_COMING = ".rosterway-pull"
#: How many problems of one kind a person is shown; JSON has them all.
_SHOWN = 3
_SECONDS_BETWEEN_NOTES = 2.0

NamesOption = list[str] | None


class Kind(StrEnum):
    """What is written."""

    CANVAS = "canvas"
    ONEROSTER = "oneroster"


@answers
def pull(
    rostering_url: connecting.RosteringUrlOption,
    version: connecting.VersionOption,
    auth: connecting.AuthOption,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The folder to write, empty or new.")
    ],
    kind: Annotated[
        Kind, typer.Option("--as", help="Canvas SIS CSV, or a OneRoster CSV bundle.")
    ] = Kind.CANVAS,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy", metavar="FILE", help="How OneRoster becomes Canvas; else the defaults."
        ),
    ] = None,
    token_url: connecting.TokenUrlOption = None,
    client_id: connecting.ClientIdOption = None,
    client_secret_env: connecting.ClientSecretOption = None,
    token_env: connecting.TokenOption = None,
    scope: connecting.ScopeOption = None,
    credentials: connecting.CredentialsOption = None,
    signature: connecting.SignatureOption = SignatureChoice.HMAC_SHA256,
    header: connecting.HeaderOption = None,
    ca_file: connecting.CaFileOption = None,
    service: Annotated[
        ServiceChoice | None,
        typer.Option(
            "--service",
            help="All at once, or school by school.",
            show_default="the profile's, else bulk",
        ),
    ] = None,
    page_size: Annotated[
        int | None,
        typer.Option(
            "--page-size",
            min=1,
            max=100_000,
            help="Records a page.",
            show_default="the profile's, else 1000",
        ),
    ] = None,
    concurrency: connecting.ConcurrencyOption = None,
    profile: connecting.ProfileOption = "generic",
    include: Annotated[
        NamesOption, typer.Option("--include", metavar="ENDPOINT", help="Read this, too.")
    ] = None,
    exclude: Annotated[
        NamesOption, typer.Option("--exclude", metavar="ENDPOINT", help="Do not read this.")
    ] = None,
    filters: Annotated[
        NamesOption,
        typer.Option(
            "--filter", metavar="ENDPOINT=EXPR", help="Ask for these alone: role='student'."
        ),
    ] = None,
    fields: Annotated[
        NamesOption,
        typer.Option("--fields", metavar="ENDPOINT=A,B", help="Ask for these values alone."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            metavar="TIME",
            help="Only what was changed after this; UTC if without an offset.",
        ),
    ] = None,
    show_error: connecting.ShowErrorOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Read a OneRoster provider over REST; nothing is changed there.

    Exit code 0: every collection is proven complete, 1: at least one is not; what was read is
    written all the same and says so. A pull that is interrupted goes on when it is called again.
    """
    del home  # every command takes one
    from rosterway.formats.oneroster.endpoints import Service
    from rosterway.gateway.memory import MEMORY, memory_within
    from rosterway.oneroster.asking import Asked, asked_of, source_of
    from rosterway.runs.clock import utc_now
    from rosterway.runs.jobs import TranslateJob
    from rosterway.settings.logs import configure_logs
    from rosterway.settings.secrets import SecretPlaces

    configure_logs(level="WARNING")
    found = connecting.connection(
        rostering_url=rostering_url,
        version=version,
        way=auth,
        token_url=token_url,
        client_id=client_id,
        client_secret_env=client_secret_env,
        token_env=token_env,
        scope=scope,
        credentials=credentials,
        signature=signature,
        concurrency=concurrency,
        profile=profile,
        show_error=show_error,
    )
    chosen = connecting.pairs_of(fields, "--fields")
    plain = asked_of(found)  # as the profile has it
    job = Asked(
        service=Service(service.value) if service else plain.service,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        filters=connecting.pairs_of(filters, "--filter"),
        fields={name: tuple(each.split(",")) for name, each in chosen.items()},
        page_size=page_size or plain.page_size,
        since=_in_utc(since),
    )
    asked = asked_of(found, job)
    source = source_of(
        found,
        SecretPlaces(os.environ, Path()),
        asked=asked,
        headers=connecting.headers_of(header),
        ca_file=ca_file,
    )
    chosen_policy = policy_text(policy)

    def job_of(pulled: "Pulled", work: Path) -> "TranslateJob | None":
        if kind is Kind.ONEROSTER:
            return None
        return TranslateJob(
            work=str(work),
            staged=str(pulled.folder),
            policy=chosen_policy,
            is_whole=pulled.may_remove,
            now=utc_now(),
            memory=memory_within(os.environ.get(MEMORY)),
        )

    with _pulled(source, asked, out, job_of) as (pulled, translated):
        _print(pulled, translated, form)
    if not pulled.complete:
        raise typer.Exit(output.FAILED)


@contextmanager
def _pulled(
    source: "Source",
    asked: "Asked",
    out: Path,
    job_of: "Callable[[Pulled, Path], TranslateJob | None]",
) -> Generator[tuple["Pulled", "Translated | None"]]:
    """Pull beside the place, then move there what was made of it; yield the pull while it is there.

    `job_of` says how it becomes Canvas's, in which folder; None leaves it a bundle.

    What a pull that may go on has read stays beside the place; nothing else does.
    """
    from rosterway.gateway.pulled import PULL
    from rosterway.oneroster.bundle import write_bundle
    from rosterway.oneroster.pull import pull as read
    from rosterway.runs.translate import translate_staged

    require_room(out, replaces=_is_of_pull)
    is_new = not out.exists()
    coming = out / _COMING
    keeps = True
    try:
        pulled = asyncio.run(read(source, asked, coming, on_progress=_Told()))
        work = coming / "canvas"
        shutil.rmtree(work, ignore_errors=True)
        job = job_of(pulled, work)
        with filling(out, replaces=_is_of_pull) as folder:
            translated = None
            if job is None:
                write_bundle(pulled, source.version, folder)
            else:
                translated = Translated(translate_staged(job), work / "out")
                for table in translated.result.rows:
                    shutil.move(translated.folder / f"{table}.csv", folder / f"{table}.csv")
            with (folder / PULL).open("w", encoding="utf-8") as target:
                output.write_json_with(
                    target, _summary(pulled, translated), "problems", _problems(pulled, translated)
                )
        keeps = pulled.is_resumable
        yield pulled, translated
    except RosterwayError as error:
        keeps = error.retry
        raise
    finally:
        if not keeps:
            _forget(coming, out, is_new=is_new)


def _forget(coming: Path, out: Path, *, is_new: bool) -> None:
    shutil.rmtree(coming, ignore_errors=True)
    if is_new:
        with suppress(OSError):  # it is not empty: all went well
            out.rmdir()


def _is_of_pull(path: Path) -> bool:
    """Whether this is of an earlier pull: its summary, its manifest or one of its tables."""
    from rosterway.formats.oneroster.tables import TABLES
    from rosterway.gateway.pulled import PULL
    from rosterway.rostering.translate.translation import TABLES as CANVAS_TABLES

    names = {PULL, "manifest.csv", *(table.file for table in TABLES)}
    names |= {f"{table.name}.csv" for table in CANVAS_TABLES}
    return path.is_file() and path.name in names


class _Told:
    """Progress on stderr: waits at once, pages every few seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, told: "Progress | Waiting") -> None:
        from rosterway.oneroster.patience import Waiting

        if isinstance(told, Waiting):
            output.note(f"{told.why}: waiting {told.seconds:.0f} s.")
        elif (now := time.monotonic()) - self._last >= _SECONDS_BETWEEN_NOTES:
            self._last = now
            of = "" if told.total is None else f" of {told.total:,}"
            again = f" (reading {told.reading})" if told.reading > 1 else ""
            output.note(f"{told.path}: {told.records:,}{of}{again}")


def _in_utc(since: datetime | None) -> datetime | None:
    if since is None or since.tzinfo is not None:
        return since
    return since.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Translated:
    """What was made of a pull for Canvas, and the folder where its problems are."""

    result: "TranslateResult"
    folder: Path


def _summary(pulled: "Pulled", translated: Translated | None) -> dict[str, Any]:
    """Everything but the problems."""
    if translated is None:
        return pulled.as_dict()
    result = translated.result
    tables = {name: {"rows": rows} for name, rows in result.rows.items()}
    return {**pulled.as_dict(), "tables": tables, "held": list(result.held)}


def _problems(pulled: "Pulled", translated: Translated | None) -> Iterator[dict[str, Any]]:
    from rosterway.formats.oneroster.rules import problem
    from rosterway.runs.artefacts import PROBLEMS

    for finding in pulled.findings():
        yield problem(finding).as_dict()
    if translated is not None:
        with (translated.folder / PROBLEMS).open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _print(pulled: "Pulled", translated: Translated | None, form: Format) -> None:
    if form is Format.JSON:
        output.print_json_with(
            _summary(pulled, translated), "problems", _problems(pulled, translated)
        )
        return
    output.print_table(
        [
            ("collection", False),
            ("records", True),
            ("pages", True),
            ("requests", True),
            ("complete", False),
        ],
        [
            (name, each.records, each.pages, each.requests, "yes" if each.complete else "NO")
            for name, each in pulled.collections.items()
        ],
    )
    if translated is not None:
        output.print_table([("table", False), ("rows", True)], translated.result.rows.items())
    for each in pulled.deviations:
        where = ".".join(filter(None, (each.table, each.field)))
        output.say(f"deviation, {each.count:,} times in {where}: {each.message}")
    shown: dict[str, int] = {}
    for problem in _problems(pulled, translated):
        code = problem["code"]
        shown[code] = shown.get(code, 0) + 1
        if shown[code] <= _SHOWN:
            output.say(f"{problem['severity']}: {problem['message']}")
    for code, count in shown.items():
        if count > _SHOWN:
            output.say(f"    … and {count - _SHOWN:,} more of {code}")
    for why in pulled.why:
        output.say(f"Not proven complete: {why}")
    if pulled.is_resumable:
        output.say("Call the same again to go on with what was lost on the way.")
    if translated is not None and translated.result.held:
        names = ", ".join(translated.result.held)
        output.say(f"Rows are held back in {names}: apply it as imports, which removes nothing.")
    output.say("COMPLETE" if pulled.complete else "NOT PROVEN COMPLETE: nothing is removed by it")
