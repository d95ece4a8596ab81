"""Preflight and a vendor's gradebook: what is called fine is accepted, or known to be past telling.

The vendors' gradebooks are the sandbox SIS's, which know nothing of our rule packs.
"""

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from yarl import URL

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.formats.oneroster.gradebook_writing import Manner, Shape
from rosterway.oneroster.auth import Bearer
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.gradebook import Doors, Gradebooks
from rosterway.oneroster.gradebook_writes import GradebookWriter
from rosterway.oneroster.profiles import profile
from rosterway.passback.decide import plan_passback
from rosterway.passback.finish import after_assignments
from rosterway.passback.gradebook import (
    Assignment,
    AssignmentGroup,
    Course,
    Gradebook,
    Placement,
    Section,
    Student,
    Submission,
    SubmissionState,
)
from rosterway.passback.identity import Identity
from rosterway.passback.plan import Verdict
from rosterway.passback.terms import Terms
from rosterway.sandbox.sis.gradebook.vendors import VENDORS
from rosterway.sandbox.sis.server import start_sis
from rosterway.settings.shape import Version

ZONE = ZoneInfo("America/Denver")
NOW = "2026-10-13T12:00:00.000Z"


def is_assigned_outside(noun, of_class, items):
    del items
    periods = {one.sourced_id: one for one in of_class.sessions}
    period = isinstance(noun, LineItem) and periods.get(noun.grading_period_id or "")
    return bool(period) and not period.start <= (noun.assigned or "")[:10] < period.end


def is_scored_before_assigned(noun, of_class, items):
    del of_class
    item = isinstance(noun, Result) and items.get(noun.line_item_id)
    return bool(item) and (noun.score_date or "")[:10] < item.assigned[:10]


#: What vendors refuse and no rule of ours foresees: demand -> why, and when it is that.
UNFORESEEN = {
    "assigned-in-period": ("no rule is about the day of assigning", is_assigned_outside),
    "scored-after-assigned": ("no rule is about the day of assigning", is_scored_before_assigned),
}
#: Demands nobody can foresee, and which nothing here provokes: demand -> why.
UNPREVENTABLE = {
    "line-open": "a closed line item is not told as closed",
    "results-open": "a closed line item is not told as closed",
    "not-the-teacher-s": "who entered a result is not told",
}
#: Students of the class that have work; one more is in the section by hand alone.
STUDENTS = 3
NUMBERS = count(1)

SUBMISSIONS = st.one_of(
    st.none(),
    st.sampled_from(["excused", "missing", "submitted", "cleared"]),
    st.sampled_from([0.0, 5.0, 7.25, 10.0, 12.0]),
)
ASSIGNMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["Essay", "essay", "E" * 30, "E" * 31, "F" * 50, "G" * 51]),
            "points": st.sampled_from([10.0, 7.5, 0.0]),
            "due": st.one_of(st.none(), st.integers(-30, 400)),
            "made": st.integers(-200, 20),
            "group": st.sampled_from(["Homework", "Tests", "Labs"]),
            "work": st.lists(SUBMISSIONS, min_size=STUDENTS + 1, max_size=STUDENTS + 1),
        }
    ),
    min_size=1,
    max_size=3,
)


class Trial:
    """One vendor's gradebook, and the rules we hold of it."""

    def __init__(self, sis, client, vendor):
        self.provider, self.vendor = sis.provider, vendor
        self.accepted = 0
        known = profile(vendor)
        self.version = Version(known.versions[0])
        self.rules = known.passback.pack()
        version = str(self.version)
        rostering = URL(sis.root(version))
        service = "gradebook" if version == "1.2" else "rostering"
        gradebook = URL(sis.root(version, service))
        doors = Doors(rostering=rostering, gradebook=gradebook, version=self.version)
        self.doors, self.client = doors, client
        manner = Manner(
            version=self.version,
            rostering=str(rostering),
            gradebook=str(gradebook),
            shape=Shape(self.rules.shape),
            grading_period=self.rules.grading_period,
            flags=self.rules.flags,
        )
        self.writer = GradebookWriter(client, gradebook, manner)
        enrolled = [
            one
            for one in self.provider.held.records["enrollment"].values()
            if one["role"] == "student"
        ]
        self.class_id = enrolled[0]["class"]
        own = [one["user"] for one in enrolled if one["class"] == self.class_id]
        stranger = next(one["user"] for one in enrolled if one["user"] not in own)
        self.students = [*own[:STUDENTS], stranger]

    def empty(self):
        """Take out of the gradebook what an earlier example left."""
        for noun in ("result", "lineItem"):
            for key in list(self.provider.shelf.records[noun]):
                self.provider.shelf.remove(noun, key)
                self.provider.shelf.records[noun].pop(key, None)

    def gradebook(self, made, first):
        """The course as Canvas has it; days count from the `first` of the class's sessions."""
        numbers = [str(next(NUMBERS)) for _ in made]
        groups = {one: str(at) for at, one in enumerate(("Homework", "Tests", "Labs"))}
        return Gradebook(
            course=Course(id="1", name="Biology"),
            taken_at=at_noon(first),
            sections=(Section(id="1", name="Period 1", class_id=self.class_id),),
            students=tuple(
                Student(id=f"u{at}", sourced_id=one, sections=("1",))
                for at, one in enumerate(self.students)
            ),
            groups=tuple(
                AssignmentGroup(id=at, name=name, sis_source_id=f"sis-{at}")
                for name, at in groups.items()
            ),
            assignments=tuple(
                Assignment(
                    id=number,
                    name=one["name"],
                    group=groups[one["group"]],
                    points_possible=one["points"],
                    placements=(Placement(section="1", due_at=moment(first, one["due"])),),
                    created_at=moment(first, one["made"]),
                )
                for number, one in zip(numbers, made, strict=True)
            ),
            submissions=tuple(
                submission(number, f"u{at}", work, moment(first, 10))
                for number, one in zip(numbers, made, strict=True)
                for at, work in enumerate(one["work"])
                if work is not None
            ),
        )

    async def refused(self, made):
        """What the vendor refuses of what preflight lets go: the words, and of what."""
        self.empty()
        read = await Gradebooks(self.client, self.doors).of_class(self.class_id)
        classes = {self.class_id: read.gradebook}
        first = min(date.fromisoformat(one.start) for one in read.gradebook.sessions if one.start)
        gradebook = self.gradebook(made, first)
        terms = Terms(
            identity=Identity("canvas.example.edu:1"),
            zone=ZONE,
            rules=self.rules,
            version=self.version,
        )
        plan = plan_passback(gradebook, classes, {}, (), terms, now=at_noon(first))
        refused, outcomes = [], {}
        for put in plan.line_items:
            written = await self.writer.put(put.line_item, NOW)
            if written.is_accepted:
                outcomes[put.class_id, put.assignment] = written.sourced_id
            else:
                refused.append((written.words, put.line_item))
        for put in after_assignments(plan, outcomes, classes, {}).puts:
            written = await self.writer.put(put.result, NOW)
            if not written.is_accepted:
                refused.append((written.words, put.result))
        self.accepted += len(outcomes)
        failing = {one.assignment for one in plan.judgements if one.verdict is Verdict.WILL_FAIL}
        assert failing.isdisjoint(one.assignment for one in plan.line_items)
        items = {put.line_item.sourced_id: put.line_item for put in plan.line_items}
        of_vendor = VENDORS[self.vendor].refuses
        known = [is_it for name, (_, is_it) in UNFORESEEN.items() if name in of_vendor]
        return [
            (words, noun)
            for words, noun in refused
            if not any(is_it(noun, read.gradebook, items) for is_it in known)
        ]


def at_noon(day):
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


def moment(first, days):
    """The last minute of a day in the school's zone."""
    if days is None:
        return None
    day = first + timedelta(days=days)
    return datetime(day.year, day.month, day.day, 23, 59, tzinfo=ZONE).astimezone(UTC)


def submission(assignment, user, work, when):
    told = {"assignment": assignment, "user": user, "posted_at": when}
    match work:
        case "excused":
            return Submission(**told, excused=True, graded_at=when)
        case "missing":
            return Submission(**told, missing=True)
        case "submitted":
            return Submission(**told, state=SubmissionState.SUBMITTED, submitted_at=when)
        case "cleared":
            return Submission(**told, graded_at=when)
        case score:
            grade = f"{score:g}"
            state = SubmissionState.GRADED
            return Submission(**told, state=state, score=score, grade=grade, graded_at=when)


async def explored(vendor, examples):
    # The packs are of what a vendor demands beyond the schema, which sandboxes can be held to, too.
    async with start_sis(students=80, knobs={"vendor": vendor, "strict": False}) as sis:
        auth = Bearer(token=sis.provider.credentials.bearer)
        async with ProviderClient(URL(sis.root("1.1")), auth) as client:
            trial = Trial(sis, client, vendor)
            loop = asyncio.get_running_loop()

            @settings(
                max_examples=examples,
                phases=[Phase.explicit, Phase.generate],
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
                database=None,
            )
            @given(ASSIGNMENTS)
            def explore(made):
                told = asyncio.run_coroutine_threadsafe(trial.refused(made), loop).result(60)
                assert told == []

            await asyncio.to_thread(explore)
            assert trial.accepted


def test_what_is_not_foreseen_is_something_a_vendor_demands():
    demands = {name for vendor in VENDORS.values() for name in vendor.refuses}
    assert UNFORESEEN.keys() | UNPREVENTABLE.keys() <= demands


@pytest.mark.parametrize("vendor", VENDORS)
async def test_what_preflight_calls_fine_is_accepted(vendor):
    await explored(vendor, 8)


@pytest.mark.soak
@pytest.mark.parametrize("vendor", VENDORS)
async def test_what_preflight_calls_fine_is_accepted_however_odd(vendor):
    await explored(vendor, 400)
