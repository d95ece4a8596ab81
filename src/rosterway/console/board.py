"""The board of feeds: how each is, what waits, what comes next, and the one thing to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from rosterway.console.access import Desk, May
from rosterway.console.quantities import of_things
from rosterway.console.strip import Point, Strip, strip_of
from rosterway.console.told import MOST_RUNS, ToldRun, Totals, first_hold, latest_runs
from rosterway.console.words import NEVER, PAUSED, Said, Tone
from rosterway.runs.blackouts import blackout_at, end_of, next_open_moment
from rosterway.settings import GATEWAY
from rosterway.settings import Feed as FeedSettings
from rosterway.store import deliveries, feeds, plans
from rosterway.store.feeds import Feed
from rosterway.store.plans import Plan, PlanState

#: So many deliveries are looked at for those that no run has taken up.
_LOOKED_AT = 20
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing to do about a feed: a link, and whether a person is waited for."""

    label: str
    url: str
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One feed's line of the board."""

    feed: Feed
    said: Said
    strip: Strip
    last: ToldRun | None
    going: ToldRun | None
    waiting: Plan | None
    queued: int
    following: str
    action: Action
    url: str
    week: Totals
    runs: tuple[ToldRun, ...]

    @property
    def is_troubled(self) -> bool:
        """Whether its last run ended badly."""
        return self.last is not None and self.last.said.tone is Tone.BAD


def lines(desk: Desk) -> list[Line]:
    """Every feed that the configuration names, by name."""
    return [line(desk, feed) for feed in feeds.every(desk.handle)]


def line(desk: Desk, feed: Feed) -> Line:
    """One feed's line."""
    told = latest_runs(desk, feed=feed.name, limit=MOST_RUNS)
    ended = [one for one in told if one.run.ended_at is not None]
    last = ended[0] if ended else None
    going = next((one for one in told if one.run.ended_at is None), None)
    found = plans.latest(desk.handle, feed=feed.name, state=PlanState.WAITING, limit=1)
    waiting = found[0] if found else None
    queued = _queued(desk, feed, told)
    url = desk.url("feeds", feed.name)
    return Line(
        feed=feed,
        said=_said(feed, last, going),
        strip=strip_of([_point(desk, one) for one in told], desk.times),
        last=last,
        going=going,
        waiting=waiting,
        queued=queued,
        following=_following(desk, feed, waiting, going, queued),
        action=_action(desk, url, waiting, going, last),
        url=url,
        week=_week(desk, ended),
        runs=tuple(told),
    )


def verdict(found: list[Line], *, may_decide: bool, grades: int = 0, alarms: int = 0) -> str:
    """Whether everything is well, as the overview's heading.

    `grades` are grade plans that wait, `alarms` those that last.
    """
    waiting = sum(1 for one in found if one.waiting) + grades
    troubled = [one for one in found if one.is_troubled]
    parts: list[str] = []
    if waiting:
        waits = "waits" if waiting == 1 else "wait"
        parts.append(
            f"{of_things(waiting, 'plan')} {waits} for {'you' if may_decide else 'a person'}"
        )
    if len(troubled) == 1:
        parts.append(f"{troubled[0].feed.name} needs attention")
    elif troubled:
        parts.append(f"{len(troubled)} feeds need attention")
    if alarms:
        parts.append(f"{of_things(alarms, 'alarm')} {'lasts' if alarms == 1 else 'last'}")
    if parts:
        return ", and ".join(parts)
    if not any(one.last for one in found):
        return "Ready for the first delivery"
    return "All is well"


def happened(desk: Desk, found: list[Line]) -> tuple[int, Totals]:
    """Of the last seven days: how many runs ended, and what they changed in Canvas."""
    since = desk.now - WEEK
    count = sum(1 for one in found for told in one.runs if told.run.ended_at and told.at >= since)
    total = Totals()
    for one in found:
        total += one.week
    return count, total


def where_from(desk: Desk, feed: Feed) -> str:
    """Where a feed's rosters come from, in a few words."""
    told = settings_of(desk, feed)
    if told is None:
        return "no longer configured"
    if told.source == GATEWAY:
        return f"/{told.folder}" if told.folder else "by hand"
    return f"from {told.source}"


def settings_of(desk: Desk, feed: Feed) -> FeedSettings | None:
    """What the configuration says of a feed, if it still names it."""
    found: Mapping[str, FeedSettings] = desk.office.tenant(desk.tenant.name).feeds
    return found.get(feed.name)


def _said(feed: Feed, last: ToldRun | None, going: ToldRun | None) -> Said:
    if going is not None:
        return going.said
    if feed.paused_at is not None:
        return PAUSED
    return last.said if last else NEVER


def _point(desk: Desk, told: ToldRun) -> Point:
    changed = told.totals.new + told.totals.changed + told.totals.removed
    return Point(
        at=told.run.requested_at, said=told.said, rows=changed, url=desk.url("runs", told.run.id)
    )


def _queued(desk: Desk, feed: Feed, told: list[ToldRun]) -> int:
    taken = {one.run.delivery for one in told}
    arrived = deliveries.of_feed(desk.handle, feed.name, limit=_LOOKED_AT)
    return sum(1 for delivery in arrived if delivery.id not in taken)


def _following(
    desk: Desk, feed: Feed, waiting: Plan | None, going: ToldRun | None, queued: int
) -> str:
    """What happens next, if nobody does anything."""
    behind = f" {of_things(queued, 'delivery', 'deliveries')} behind it." if queued else ""
    if feed.paused_at is not None:
        kept = f"{of_things(queued, 'delivery', 'deliveries')} wait." if queued else ""
        return f"Nothing, until somebody resumes it. {kept}".strip()
    if going is not None:
        return f"{going.effect}.{behind}"
    if waiting is not None:
        return f"{first_hold(waiting)}{behind}"
    told = settings_of(desk, feed)
    tenant = desk.office.tenant(desk.tenant.name)
    if told is not None and (days := blackout_at(tenant, told, desk.now)):
        ends = desk.times.moment(end_of(days, tenant.time_zone))
        return f"Blackout: nothing runs by itself before {ends}."
    if queued:
        return f"{of_things(queued, 'delivery', 'deliveries')} to be planned."
    if told is None:
        return "Waits for the next delivery."
    if schedules := [one for one in (told.schedule, told.delta) if one is not None]:
        ahead = [next_open_moment(one, tenant, told, desk.now) for one in schedules]
        due = min((moment for moment in ahead if moment is not None), default=None)
        return f"Runs next at {desk.times.moment(due)}." if due else "Blackouts leave it no moment."
    if told.source != GATEWAY:
        return f"Reads {told.source} when somebody asks for it."
    if told.folder:
        return f"Waits for files in /{told.folder}."
    return "Waits for the next delivery."


def _action(
    desk: Desk, url: str, waiting: Plan | None, going: ToldRun | None, last: ToldRun | None
) -> Action:
    if waiting is not None:
        decides = desk.may(May.DECIDE)
        return Action(
            "Decide about the plan" if decides else "Look at the plan",
            desk.url("plans", waiting.id),
            urgent=decides,
        )
    if going is not None:
        return Action("Watch the run", desk.url("runs", going.run.id))
    if last is not None and last.said.tone is Tone.BAD:
        return Action("See what went wrong", desk.url("runs", last.run.id))
    if last is not None:
        return Action("Open the last run", desk.url("runs", last.run.id))
    return Action("How to deliver", url)


def _week(desk: Desk, ended: list[ToldRun]) -> Totals:
    """What Canvas took in the last seven days."""
    since = desk.now - WEEK
    total = Totals()
    for told in ended:
        if told.at >= since and told.said.tone is Tone.GOOD:
            total += told.totals
    return total
