"""`rosterway feed`: the recurring rosters, their pauses, a delivery by hand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from rosterway.cli import output
from rosterway.cli.opened import OperatorOption, TenantOption, opened, operator_name, tenant_of
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.cli.waiting import WaitOption, exit_code, wait_for, without_server
from rosterway.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import date

    from rosterway.store.feeds import Feed
    from rosterway.store.runs import Run
    from rosterway.store.walls import TenantStore

app = typer.Typer(help="The recurring rosters.", no_args_is_help=True)

FeedArgument = Annotated[str, typer.Argument(metavar="FEED", help="The feed's name.")]
#: What tells later how a run went that nobody waited for.
_LATER = "rosterway feed list"


@app.command("list")
@answers
def list_feeds(
    tenant: TenantOption = None, form: FormatOption = Format.TEXT, home: HomeOption = None
) -> None:
    """Feeds with what they last did, whether they are paused or rest, and their alarms."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import alarms, deliveries, feeds, plans, runs, tenants
    from rosterway.store.plans import PlanState

    told: list[dict[str, Any]] = []
    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        zone = ZoneInfo(tenants.get(store, handle.name).time_zone)
        today = utc_now().astimezone(zone).date()
        for feed in feeds.every(handle):
            last = next(iter(runs.latest(handle, feed=feed.name, limit=1)), None)
            delivery = next(iter(deliveries.of_feed(handle, feed.name, limit=1)), None)
            if delivery and runs.latest(handle, delivery=delivery.id, limit=1):
                delivery = None
            waiting = plans.latest(handle, feed=feed.name, state=PlanState.WAITING, limit=1)
            told.append(
                {
                    "feed": feed.name,
                    "folder": feed.config.get("folder"),
                    "apply": feed.config.get("apply"),
                    "paused": feed.paused_at is not None,
                    "last_run": last.id if last else None,
                    "last_outcome": last.outcome.value if last and last.outcome else None,
                    "last_at": last.requested_at.isoformat() if last else None,
                    "waiting": waiting[0].digest if waiting else None,
                    "to_begin": delivery.id if delivery else None,
                    "blackout": _next_blackout(feed, today),
                    "alarms": [
                        {
                            "kind": one.kind.value,
                            "table": one.about or None,
                            "reason": one.reason,
                            "remedy": one.remedy,
                            "since": one.raised_at.isoformat(),
                        }
                        for one in alarms.lasting(handle, feed.name)
                    ],
                }
            )
    if form is Format.JSON:
        output.print_json(told)
        return
    output.print_table(
        [
            ("feed", False),
            ("folder", False),
            ("last", False),
            ("at (UTC)", False),
            ("waits", False),
            ("blackout", False),
        ],
        [
            (
                one["feed"] + (" (paused)" if one["paused"] else ""),
                one["folder"] or "",
                one["last_outcome"] or ("going on" if one["last_run"] else "never"),
                (one["last_at"] or "")[:16].replace("T", " "),
                (one["waiting"] or "")[:16] or (one["to_begin"] and "a delivery") or "",
                one["blackout"] or "",
            )
            for one in told
        ],
    )
    for one in told:
        for alarm in one["alarms"]:
            output.say(f"Alarm: {alarm['reason']} {alarm['remedy']}")


@app.command("deliver")
@answers
def deliver(
    feed: FeedArgument,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files, a folder or a zip.")],
    wait: WaitOption = False,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Hand files to a feed, as if they had come by SFTP; a running server takes them up."""
    from rosterway.runs.clock import utc_now
    from rosterway.runs.receive import deliver_paths
    from rosterway.store import runs

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        sealed = deliver_paths(
            store, handle.name, feed, paths, sender=operator_name(operator), now=utc_now()
        )
        if found.running() is None:
            kept = f"The delivery is kept as {sealed.id}: the next one takes it up."
            without_server(kept, wait=wait, later=_LATER)
        run = None
        if wait:
            run = wait_for(
                found,
                handle,
                lambda: runs.latest(handle, delivery=sealed.id, limit=1),
                before=lambda: _before_it_begins(handle, feed),
                later=_LATER,
            )
    told = {
        "delivery": sealed.id,
        "feed": sealed.feed,
        "files": [{"name": file.name, "sha256": file.sha256} for file in sealed.files],
        "run": run.id if run else None,
        "outcome": run.outcome.value if run and run.outcome else None,
    }
    _answer(told, run, form, f"Delivered as {sealed.id}.")


@app.command("run")
@answers
def run_now(
    feed: FeedArgument,
    wait: WaitOption = False,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Fetch what a feed is from, or plan its latest delivery anew, and send it if it may go."""
    from rosterway.runs.clock import utc_now
    from rosterway.runs.conductor import run_again
    from rosterway.store import runs

    with opened(home) as (found, store):
        handle = tenant_of(store, tenant)
        asked = run_again(handle, feed, now=utc_now())
        if asked is None:
            raise NotFoundError(
                f"Feed {feed} has no delivery yet.",
                remedy="Upload one by SFTP, or `rosterway feed deliver`.",
            )
        if found.running() is None:
            kept = f"Run {asked.id} is asked for: the next one does it."
            without_server(kept, wait=wait, later=_LATER)
        run = asked
        if wait:
            run = wait_for(
                found,
                handle,
                lambda: [runs.get(handle, asked.id)],
                before=lambda: _before_it_begins(handle, feed),
                later=_LATER,
            )
    told = {"run": run.id, "outcome": run.outcome.value if run.outcome else None}
    _answer(told, run if wait else None, form, f"Run {run.id} is asked for.")


@app.command("pause")
@answers
def pause(
    feed: FeedArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; others read it.")] = "",
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Start no more runs of a feed; deliveries wait."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import feeds

    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        feeds.pause(handle, feed, by=operator_name(operator), reason=reason, now=utc_now())
    _answer({"feed": feed, "paused": True}, None, form, f"{feed} is paused.")


@app.command("resume")
@answers
def resume(
    feed: FeedArgument,
    operator: OperatorOption = None,
    tenant: TenantOption = None,
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Start runs of a feed again; the first one that would remove anything is held."""
    from rosterway.runs.clock import utc_now
    from rosterway.store import feeds

    with opened(home) as (_, store):
        handle = tenant_of(store, tenant)
        feeds.resume(handle, feed, by=operator_name(operator), now=utc_now())
    _answer({"feed": feed, "paused": False}, None, form, f"{feed} runs again.")


def _next_blackout(feed: "Feed", today: "date") -> str | None:
    """The days of blackout that are now, or come next."""
    from rosterway.runs.blackouts import next_of
    from rosterway.settings import Days

    found = next_of((Days.of(one) for one in feed.config.get("blackout", ())), today)
    return str(found) if found else None


def _before_it_begins(handle: "TenantStore", feed: str) -> str:
    """Why nothing is to be seen yet."""
    from rosterway.store import feeds

    if feeds.get(handle, feed).paused_at is not None:
        return f"waiting: {feed} is paused (`rosterway feed resume {feed}` lets it run)"
    return "waiting"


def _answer(told: dict[str, Any], run: "Run | None", form: Format, words: str) -> None:
    output.answer(told, words, form)
    if run is not None and form is Format.TEXT:
        outcome = run.outcome.value if run.outcome else ""
        output.say(f"Run {run.id} ended: {outcome}. {run.reason}".rstrip())
    if run is not None and run.outcome is not None:
        raise typer.Exit(exit_code(run))
