"""Preflight and a vendor's gradebook: what is called fine is accepted, and false alarms are known.

The vendors' gradebooks are the sandbox SIS's, which know nothing of our rule packs.
"""

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import count, product
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from yarl import URL

from rosterway.formats.oneroster.gradebook_writing import DateForm, Manner
from rosterway.formats.oneroster.gradebook_writing import Shape as WrittenShape
from rosterway.oneroster.auth import Bearer
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.doors import Doors
from rosterway.oneroster.gradebook import Gradebooks
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
from rosterway.passback.rules import Ends, Rules, Shape
from rosterway.passback.terms import Terms
from rosterway.sandbox.sis.gradebook.vendors import VENDORS
from rosterway.sandbox.sis.server import start_sis
from rosterway.settings.shape import Version

ZONE = ZoneInfo("America/Denver")
NOW = "2026-10-13T12:00:00.000Z"


#: What preflight says of line items and a lenient gradebook takes all the same: code -> why.
LENIENT = {"no-category": "OneRoster demands one, and a test is not to count as homework"}
#: What else it says of line items that the vendor's gradebook here takes: vendor -> code -> why.
KNOWN_ALARMS = {
    "blackbaud": {
        "due-outside-term": "it is held to what is reported of the day of assigning",
        "due-outside-period": "the same",
    },
    "eschoolplus": {"no-grade-yet": "said of its sync, not of its answers"},
    "infinite-campus": {
        "no-grade-yet": "said of its sync, not of its answers",
        "due-outside-term": "the gradebook here holds a due date to the grading period it names",
        "due-outside-period": "the same",
    },
    "powerschool": {"same-name": "the gradebook here tells capital letters from small ones"},
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
#: A day around a begin or an end of a session of the class, by its place among them.
EDGES = st.integers(0, 99).map("edge {}".format)
ASSIGNMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["Essay", "essay", "E" * 30, "E" * 31, "F" * 50, "G" * 51]),
            "points": st.sampled_from([10.0, 7.5, 0.0]),
            "due": st.one_of(st.none(), st.integers(-30, 400), EDGES),
            "made": st.integers(-200, 20),
            "group": st.sampled_from(["Homework", "Tests", "Labs"]),
            "work": st.lists(SUBMISSIONS, min_size=STUDENTS + 1, max_size=STUDENTS + 1),
        }
    ),
    min_size=1,
    max_size=3,
)


def plain(**changes):
    """An assignment that every vendor takes."""
    usual = {"name": "Essay", "points": 10.0, "due": 45, "made": -5, "group": "Homework"}
    return usual | {"work": [7.0, "excused", "missing", 5.0]} | changes


#: One due on each of the days on which a session begins or has ended.
EDGY = [
    plain(name=f"Essay {at}", due=f"edge {3 * at + 1}", made=-200, work=[7.0, None, None, None])
    for at in range(8)
]


class Trial:
    """One vendor's gradebook in one version, and the rules we hold of it."""

    def __init__(self, sis, client, vendor, version, first, *, strict):
        self.provider, self.vendor, self.strict = sis.provider, vendor, strict
        self.provider.turn({"vendor": vendor, "strict": strict})
        self.first, self.accepted, self.alarms = first, 0, set()
        self.version = version
        self.rules = msgspec.structs.replace(
            profile(vendor).passback.pack(),
            shape=Shape.STRICT if strict else Shape.LEAN,
            # The sandbox keeps to OneRoster; of which mind a vendor is is not known.
            ends=Ends.EXCLUSIVE,
        )
        rostering = URL(sis.root(version))
        service = "gradebook" if version is Version.V1P2 else "rostering"
        gradebook = URL(sis.root(version, service))
        doors = Doors(rostering=rostering, gradebook=gradebook, version=version)
        self.doors, self.client = doors, client
        manner = Manner(
            version=version,
            rostering=str(rostering),
            gradebook=str(gradebook),
            shape=WrittenShape(self.rules.shape),
            grading_period=self.rules.grading_period,
            score_date=DateForm.DAY,
            due_date=DateForm.MOMENT,
            flags=self.rules.flags,
        )
        self.writer = GradebookWriter(client, gradebook, manner)
        self.classes = self.a_class_of_each_span()

    def a_class_of_each_span(self):
        """A year's, a semester's and a quarter's class, as far as there are such, with students."""
        records = self.provider.held.records
        enrolled = [one for one in records["enrollment"].values() if one["role"] == "student"]
        found = {}
        for one in enrolled:
            terms = records["class"][one["class"]]["terms"]
            kinds = tuple(records["academicSession"][term]["type"] for term in terms)
            found.setdefault(kinds, one["class"])
        return [
            (ident, [one["user"] for one in enrolled if one["class"] == ident])
            for ident in found.values()
        ]

    def empty(self):
        """Take out of the gradebook what an earlier example left."""
        for noun in ("result", "lineItem"):
            for key in list(self.provider.shelf.records[noun]):
                self.provider.shelf.remove(noun, key)
                self.provider.shelf.records[noun].pop(key, None)

    def gradebook(self, class_id, students, made, sessions):
        """The course as Canvas has it; days count from the first of the class's sessions."""
        first = min(date.fromisoformat(one.start) for one in sessions)
        numbers = [str(next(NUMBERS)) for _ in made]
        groups = {one: str(at) for at, one in enumerate(("Homework", "Tests", "Labs"))}
        return Gradebook(
            course=Course(id="1", name="Biology"),
            taken_at=at_noon(first),
            sections=(Section(id="1", name="Period 1", class_id=class_id),),
            students=tuple(
                Student(id=f"u{at}", sourced_id=one, sections=("1",))
                for at, one in enumerate(students)
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
                    placements=(Placement(section="1", due_at=due(sessions, one["due"])),),
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

    async def refused(self, made, number):
        """What the vendor refuses of what preflight lets go: the words, and of what."""
        self.empty()
        class_id, students = self.classes[number % len(self.classes)]
        read = await Gradebooks(self.client, self.doors).of_class(class_id)
        stranger = next(one for _, others in self.classes for one in others if one not in students)
        book = self.gradebook(
            class_id, [*students[:STUDENTS], stranger], made, read.gradebook.sessions
        )
        classes = {class_id: read.gradebook}
        plan = self.plan(book, classes, self.rules)
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
        failing = {
            one.assignment: {reason.code for reason in one.reasons}
            for one in plan.judgements
            if one.verdict is Verdict.WILL_FAIL
        }
        assert failing.keys().isdisjoint(one.assignment for one in plan.line_items)
        for put in self.plan(book, classes, FORBIDS_NOTHING).line_items:
            if put.assignment in failing:
                written = await self.writer.put(put.line_item, NOW)
                if written.is_accepted:
                    self.alarms |= failing[put.assignment]
        return refused

    def plan(self, book, classes, rules):
        terms = Terms(
            identity=Identity("canvas.example.edu:1"), zone=ZONE, rules=rules, version=self.version
        )
        return plan_passback(book, classes, {}, (), terms, now=book.taken_at)


#: What would be sent if no rule stood in its way.
FORBIDS_NOTHING = Rules(shape=Shape.LEAN, ends=Ends.EXCLUSIVE, needs_category=False, deletes=False)


def at_noon(day):
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


def moment(first, days):
    """The last minute of a day in the school's zone."""
    if days is None:
        return None
    day = first + timedelta(days=days)
    return datetime(day.year, day.month, day.day, 23, 59, tzinfo=ZONE).astimezone(UTC)


def due(sessions, days):
    """A day so many after the sessions begin, or one at the edge of a session."""
    if isinstance(days, str):
        edges = sorted(
            {date.fromisoformat(day) for one in sessions for day in (one.start, one.end)}
        )
        at, by = divmod(int(days.removeprefix("edge ")), 3)
        return moment(edges[at % len(edges)], by - 1)
    return moment(min(date.fromisoformat(one.start) for one in sessions), days)


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
    """The false alarms there were, where nothing was refused that preflight had called fine."""
    alarms = set()
    async with start_sis(students=40) as sis:
        auth = Bearer(token=sis.provider.credentials.bearer)
        async with ProviderClient(URL(sis.root("1.1")), auth) as client:
            for first, (version, strict) in enumerate(product(Version, (True, False))):
                trial = Trial(sis, client, vendor, version, first, strict=strict)
                await asyncio.to_thread(explore, trial, asyncio.get_running_loop(), examples)
                assert trial.accepted
                alarms |= trial.alarms
    return alarms


def explore(trial, loop, examples):
    """Try courses of every kind; the trial runs in the loop, Hypothesis in this thread."""

    @settings(
        max_examples=examples,
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
    )
    @given(ASSIGNMENTS, st.integers(0, 5))
    @example(EDGY, trial.first)
    def tried(made, number):
        told = asyncio.run_coroutine_threadsafe(trial.refused(made, number), loop)
        assert told.result(60) == []

    tried()


def test_what_is_past_preventing_is_something_a_vendor_demands():
    demands = {name for vendor in VENDORS.values() for name in vendor.refuses}
    assert UNPREVENTABLE.keys() <= demands


@pytest.mark.parametrize("vendor", VENDORS)
async def test_what_preflight_calls_fine_is_accepted(vendor):
    alarms = await explored(vendor, 1)
    assert alarms <= LENIENT.keys() | KNOWN_ALARMS.get(vendor, {}).keys()


@pytest.mark.soak
@pytest.mark.parametrize("vendor", VENDORS)
async def test_what_preflight_calls_fine_is_accepted_however_odd(vendor):
    alarms = await explored(vendor, 100)
    assert alarms <= LENIENT.keys() | KNOWN_ALARMS.get(vendor, {}).keys()
