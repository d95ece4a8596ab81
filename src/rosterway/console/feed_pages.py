"""Feeds: the list, and a feed's page with its pause, its runs and its deliveries.

The list has the grade exports as well: what comes by the same door and goes out by it.
"""

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from rosterway.console import board
from rosterway.console.access import OF_TENANT, Looking, May, Steering
from rosterway.console.exports_told import exports
from rosterway.console.forms import Signed
from rosterway.console.pages import page
from rosterway.console.reaching import where_to_upload
from rosterway.console.told import ToldRun, tell_all
from rosterway.console.words import APPLIED, APPROVAL, PHASES
from rosterway.errors import NotFoundError, UsageError
from rosterway.formats.canvas_csv.tables import in_order
from rosterway.rostering.limits import Scope, limits_from
from rosterway.rostering.policy import NOTHING, Phase, Policy, policy_from
from rosterway.runs.conductor import run_again
from rosterway.runs.exports.asked import request_export
from rosterway.settings import Feed as FeedSettings
from rosterway.settings import as_data
from rosterway.store import baselines, deliveries, feeds, runs
from rosterway.store.runs import Trigger

log = structlog.get_logger()
router = APIRouter(prefix=OF_TENANT)

#: Runs and deliveries on a feed's page.
_SHOWN = 15

Reason = Annotated[str, Form(max_length=500)]


@router.get("/feeds")
def every_feed(request: Request, desk: Looking) -> Response:
    """All feeds."""
    found = board.lines(desk)
    where = {one.feed.name: board.where_from(desk, one.feed) for one in found}
    return page(
        request,
        "feeds.html",
        desk,
        room="Feeds",
        lines=found,
        where=where,
        exports=exports(desk),
        may_steer=desk.may(May.STEER),
        may_take=desk.may(May.PEOPLE),
    )


@router.get("/feeds/{feed}")
def one_feed(request: Request, desk: Looking, feed: str) -> Response:
    """A feed."""
    known = feeds.get(desk.handle, feed)
    line = board.line(desk, known)
    settings = board.settings_of(desk, known)
    arrived = deliveries.of_feed(desk.handle, feed, limit=_SHOWN)
    ran = tell_all(
        desk,
        [run for one in arrived for run in runs.latest(desk.handle, delivery=one.id, limit=1)],
        feed,
    )
    by_delivery: dict[str | None, ToldRun] = {one.run.delivery: one for one in ran}
    return page(
        request,
        "feed.html",
        desk,
        room="Feeds",
        feed=known,
        line=line,
        where=board.where_from(desk, known),
        ways=where_to_upload(request, desk, known),
        rules=_rules(settings) if settings else None,
        settings=settings,
        runs=line.runs[:_SHOWN],
        deliveries=arrived,
        ran=by_delivery,
        baseline=baselines.current(desk.handle, feed),
        in_order=in_order,
        may_steer=desk.may(May.STEER),
    )


@router.post("/feeds/{feed}/pause", dependencies=[Signed])
def pause(desk: Steering, feed: str, reason: Reason = "") -> Response:
    """Start no more runs of it."""
    feeds.pause(desk.handle, feed, by=desk.operator, reason=reason.strip(), now=desk.now)
    log.info("feed.paused", tenant=desk.tenant.name, feed=feed, operator=desk.operator)
    return RedirectResponse(desk.url("feeds", feed), 303)


@router.post("/feeds/{feed}/resume", dependencies=[Signed])
def resume(desk: Steering, feed: str) -> Response:
    """Start runs of it again."""
    feeds.resume(desk.handle, feed, by=desk.operator, now=desk.now)
    log.info("feed.resumed", tenant=desk.tenant.name, feed=feed, operator=desk.operator)
    desk.office.poke()
    return RedirectResponse(desk.url("feeds", feed), 303)


@router.post("/feeds/{feed}/run", dependencies=[Signed])
def run_now(desk: Steering, feed: str) -> Response:
    """Plan the latest delivery anew."""
    known = feeds.get(desk.handle, feed)
    if not known.runs:
        raise UsageError(f"{feed} is paused.", remedy="Resume it first.")
    asked = run_again(desk.handle, feed, now=desk.now)
    if asked is None:
        raise NotFoundError(f"{feed} has no delivery yet.", remedy="Upload one first.")
    log.info("feed.run-asked", tenant=desk.tenant.name, feed=feed, run=asked.id)
    desk.office.poke()
    return RedirectResponse(desk.url("runs", asked.id), 303)


@router.post("/grade-exports/{name}/run", dependencies=[Signed])
def export_now(desk: Steering, name: str) -> Response:
    """Ask Canvas for a grade export now."""
    if name not in desk.office.tenant(desk.tenant.name).grade_exports:
        raise NotFoundError(f"There is no grade export {name}.")
    asked = request_export(desk.handle, name, trigger=Trigger.HAND, now=desk.now)
    log.info(
        "export.run-asked",
        tenant=desk.tenant.name,
        export=name,
        run=asked.id,
        operator=desk.operator,
    )
    desk.office.poke()
    return RedirectResponse(desk.url("runs", asked.id), 303)


def _rules(settings: FeedSettings) -> dict[str, Any]:
    """How a feed is applied, in words, with all its numbers."""
    limits = limits_from(as_data(settings.limits))
    policy = policy_from(as_data(settings.vanished))
    return {
        "applied": APPLIED[settings.apply.value],
        "approval": APPROVAL[settings.approve.value],
        "vanished": [(name, _becomes(policy, name)) for name in in_order(policy.vanished)],
        "removals": [(_SCOPES[scope], limits.removals[scope]) for scope in Scope],
        "by_table": [
            (f"{_SCOPES[scope]} of {table}", limit)
            for (table, scope), limit in sorted(limits.by_table.items())
        ]
        + [
            (f"{_SCOPES[scope].split()[-1]} {name}{f' of {table}' if table else ''}", limit)
            for (table, scope, name), limit in limits.named.items()
        ],
        "limits": limits,
        "off": sorted(guard.value for guard in limits.off),
    }


def _becomes(policy: Policy, table: str) -> str:
    """What a vanished row becomes in words, wherever that differs."""

    def told(status: str) -> str:
        return "left alone" if status == NOTHING else status

    words = told(policy.becomes(table))
    others: list[str] = []
    for role in (None, *policy.roles(table)):
        usual = told(policy.becomes(table, role))
        if role is not None:
            others.append(f"role {role}: {usual}")
        others += [
            f"{f'role {role}, ' if role else ''}{PHASES[phase]}: {said}"
            for phase in Phase
            if (said := told(policy.becomes(table, role, phase))) != usual
        ]
    return "; ".join([words, *others])


_SCOPES = {
    Scope.TABLE: "a table",
    Scope.TERM: "a term",
    Scope.ROLE: "a role",
    Scope.SCHOOL: "a school",
    Scope.COMBINED: "a combination of these",
}
