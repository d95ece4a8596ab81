"""The demo's last chapter: a course's grades go back to the SIS, and a changed mind after them.

What a teacher sees: a preview, in which one kind of work has no category in the SIS; the answer which
one it is; a yes; and after that only what has changed. Each time both gradebooks are then read and
compared by themselves (`grades_readback`), without what the sync believes.
"""

import csv
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rosterway.canvas.client import CanvasClient
from rosterway.cli.grades_readback import read_grades_back
from rosterway.cli.output import counted

#: What is said of an assignment before the yes.
_BEFORE = {
    "sent": "to be sent",
    "altered": "to be sent, not quite as Canvas has it",
    "unchanged": "unchanged",
    "will-fail": "would fail",
}
#: What a teacher says a group without a category is.
_CATEGORY = "Projects"
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class GradesBack:
    """One telling.

    `canvas` and `sis` are the first words of those two, `day` the files Canvas holds by now. What is
    due before `today`, the district's own day, is graded: the story is the same whenever it is told.
    `ours` runs a command of an installation and `plain` one without a home; both give its JSON.
    """

    canvas: dict[str, str]
    sis: dict[str, str]
    day: Path
    today: date
    configuration: Path
    say: Callable[[str], None]
    ours: Callable[..., Awaitable[Any]]
    plain: Callable[..., Awaitable[Any]]

    async def play(self) -> dict[str, Any]:
        """Play it; what happened. `equal`: each time the SIS held what Canvas has."""
        course, title = _largest_course(self.day)
        named = f"sis_course_id:{course}"
        graded = await self._teach(named, "--today", self.today.isoformat())
        self.say(f"  {title}: {graded['assignments']} assignments, {graded['grades']:,} grades")
        seen = await self._preview(named)
        if await self._associate(named):
            seen = await self._preview(named)
        self.say("A person looks, and says yes to exactly this:")
        self.say(f"  $ rosterway grades approve {seen['digest'][:12]}")
        first = await self.ours("grades", "approve", seen["digest"], "--wait", *_BY)
        is_equal = await self._compare(named, first)

        self.say("")
        self.say("The teacher changes her mind, and only that is sent:")
        minds = await self._teach(named, "--change-mind", "--seed", "2")
        told = [f"{what} {count}" for what, count in minds.items() if count and what != "courses"]
        self.say(f"  {', '.join(told)}")
        second = await self._sync(named)
        is_still_equal = await self._compare(named, second)
        return {
            "course": course,
            "first": first["results"],
            "second": second["results"],
            "equal": is_equal and is_still_equal,
        }

    async def _teach(self, course: str, *how: str) -> dict[str, int]:
        return await self.plain(
            "sandbox", "grades", "--url", self.canvas["url"], "--course", course, *how
        )

    async def _preview(self, course: str) -> dict[str, Any]:
        self.say(f"  $ rosterway grades preview {course}")
        seen = await self._grades("preview", course)
        outcomes = Counter(one["outcome"] for one in seen["assignments"])
        for outcome, said in _BEFORE.items():
            if outcomes[outcome]:
                self.say(f"  {counted(outcomes[outcome], 'assignment')} {said}")
        reasons = Counter(one["reason"] for one in seen["assignments"] if one["reason"])
        for reason, _ in reasons.most_common(_SHOWN):
            self.say(f"    {reason}")
        self.say(f"  {counted(seen['results']['sent'], 'grade')} to be sent")
        for why in seen["waits"]:
            self.say(f"  It waits: {why}")
        return seen

    async def _associate(self, course: str) -> bool:
        """Say of each group the SIS has no category for which one it is; whether there was any."""
        told = await self._category("list", course)
        without = {one["group"]: one["name"] for one in told["groups"] if one["category"] is None}
        for group, name in without.items():
            self.say(f"The teacher says what {name} is in the SIS, once and for all:")
            self.say(f"  $ rosterway category associate … --group {group} --category {_CATEGORY}")
            await self._category(
                "associate", course, "--group", group, "--category", _CATEGORY, *_BY
            )
        return bool(without)

    async def _sync(self, course: str) -> dict[str, Any]:
        """Sync, and say yes if it waits."""
        self.say(f"  $ rosterway grades sync {course} --wait")
        told = await self._grades("sync", course, "--wait")
        if told["digest"] is None:
            return told
        for why in told["waits"]:
            self.say(f"  It waits: {why}")
        self.say(f"  $ rosterway grades approve {told['digest'][:12]}")
        return await self.ours("grades", "approve", told["digest"], "--wait", *_BY)

    async def _compare(self, course: str, synced: dict[str, Any]) -> bool:
        """Say what went, and whether the SIS now holds what Canvas has."""
        counts = synced["results"]
        self.say(
            f"  {counted(counts['accepted'], 'grade')} sent and accepted, {counts['failed']:,} failed;"
            f" {counts['unchanged']:,} were there already"
        )
        async with CanvasClient(self.canvas["url"], self.canvas["token"]) as client:
            read = await read_grades_back(client, course, self.sis["control"])
        self.say(
            f"Read back from the SIS: {read.agreed:,} grades in {read.line_items} line items are as"
            " they are in Canvas."
            if read.is_equal
            else f"Read back from the SIS: it does NOT hold what Canvas has ({read.agreed:,} agree)."
        )
        for side, grades in (("Canvas", read.only_canvas), ("the SIS", read.only_sis)):
            for grade in grades[:_SHOWN]:
                self.say(f"  only in {side}: {grade}")
        return read.is_equal

    async def _grades(self, what: str, course: str, *how: str) -> dict[str, Any]:
        return await self.ours("grades", what, course, *how, *self._asking())

    async def _category(self, what: str, course: str, *how: str) -> dict[str, Any]:
        return await self.ours("category", what, course, *how, *self._asking())

    def _asking(self) -> tuple[str, ...]:
        """Where Canvas may have to be asked which course it is."""
        return ("--config", str(self.configuration))


_BY = ("--operator", "demo")


def _largest_course(day: Path) -> tuple[str, str]:
    """The id and title of the course with most students, of those that go on."""
    course_of = {
        row["section_id"]: row["course_id"]
        for row in _rows(day / "sections.csv")
        if row["status"] == "active"
    }
    titles = {
        row["course_id"]: row["long_name"]
        for row in _rows(day / "courses.csv")
        if row["status"] == "active"
    }
    students = Counter(
        course_of.get(row["section_id"], "")
        for row in _rows(day / "enrollments.csv")
        if row["role"] == "student" and row["status"] == "active"
    )
    course = max(titles, key=lambda one: (students[one], one))
    return course, titles[course]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
