"""The gradebook of one class, read from its provider in few requests.

Guarantees: every list says whether it is proven complete; what a provider does not serve is named
and no failure; ids are percent-encoded; records of other classes that a provider gives along (a
filter it ignores) are left out. What is the same for all classes (sessions, categories that are not
asked for class by class, what the provider can do) is read once for as long as a `Gradebooks` lives:
one run. Reads follow each other, so that one token is enough; several classes may be read at once.

Leaves to others: what is done with it (`passback`), and writing (`gradebook_writes`).
"""

from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import quote

from yarl import URL

from rosterway.formats.oneroster.class_reading import (
    CLASSES,
    ENROLLMENTS,
    SESSIONS,
    STUDENTS,
    ClassTold,
    SessionTold,
)
from rosterway.formats.oneroster.deviations import Deviation
from rosterway.formats.oneroster.gradebook import Category, LineItem, Result, ScoreScale
from rosterway.formats.oneroster.gradebook_reading import (
    CATEGORIES,
    LINE_ITEMS,
    RESULTS,
    SCORE_SCALES,
    GradebookReader,
    Place,
)
from rosterway.formats.oneroster.notes import Notes
from rosterway.oneroster.class_lists import (
    Lists,
    above_of,
    and_below,
    enrolled_id,
    ids_of,
    only,
    own_first,
    student_id,
)
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.doors import CategoryWay, Doors
from rosterway.oneroster.failures import Answer, Call, garbled
from rosterway.oneroster.gathering import MISSING, Gathered, Habits, Sought, gather
from rosterway.oneroster.paging import Reason, proof
from rosterway.passback.class_gradebook import ClassGradebook, Session
from rosterway.settings.shape import Version

_Noun = TypeVar("_Noun")


#: What `auto` tries, until one is served.
_WAYS = (CategoryWay.ALL, CategoryWay.FILTER, CategoryWay.BARE_FILTER, CategoryWay.CLASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRead:
    """A class's gradebook as it was read, and what reading it told.

    `why` names for each list that is not proven complete the reason, in words.
    """

    gradebook: ClassGradebook
    why: dict[str, str]
    deviations: tuple[Deviation, ...] = ()
    requests: int = 0


class Gradebooks:
    """Reads gradebooks from one provider. What holds for all classes is remembered."""

    def __init__(self, client: ProviderClient, doors: Doors) -> None:
        self._client = client
        self._doors = doors
        self._habits = Habits()
        self._way = doors.categories
        self._all_categories: Gathered[Category] | None = None
        self._sessions: Gathered[SessionTold] | None = None
        self._lists_students = True

    async def of_class(
        self, class_id: str, *, with_results: bool = False, with_scales: bool = False
    ) -> ClassRead:
        """Everything a sync is matched with; results and scales only if they are asked for.

        Raises:
            RemoteError: waiting may help; or the class itself cannot be read, for another reason
                than that the provider serves no single classes.
        """
        began = self._client.requests
        lists = Lists()
        told = await self._class(class_id)
        if told is None:
            lists.unserved.append("class")
        sessions = await self._sessions_of(told, lists)
        categories = lists.add("categories", await self.categories(class_id))
        items = lists.add("line_items", await self.line_items(class_id))
        students = lists.add("students", await self.students(class_id))
        results = lists.add("results", await self.results(class_id)) if with_results else None
        scales = lists.add("score_scales", await self.scales(class_id)) if with_scales else None
        gradebook = ClassGradebook(
            class_id=class_id,
            school_id=None if told is None else told.school_id,
            sessions=sessions,
            students=students,
            categories=categories,
            line_items=items,
            results=results,
            score_scales=scales,
            incomplete=tuple(lists.why),
            unserved=tuple(lists.unserved),
            is_deleted=told is not None and told.is_deleted,
        )
        return ClassRead(
            gradebook=gradebook,
            why=lists.why,
            deviations=lists.tally.all(),
            requests=self._client.requests - began,
        )

    # -- the gradebook's lists

    async def categories(self, class_id: str) -> Gathered[Category]:
        """The class's own categories, then those of all classes."""
        found: Gathered[Category] | None = None
        for way in self._ways():
            gathered = await self._categories_by(way, class_id)
            if gathered.nouns:  # an empty list may be how a provider says that it has it elsewhere
                self._way, found = way, gathered
                break
            if found is None or found.error is not None:
                found = gathered
        assert found is not None
        return only(found, lambda one: one.class_id in {None, class_id}, own_first)

    def _ways(self) -> tuple[CategoryWay, ...]:
        """The ways to try; one that has once given categories stays the way."""
        if self._way is not CategoryWay.AUTO:
            return (self._way,)
        has_class_list = self._doors.version is Version.V1P2  # oneroster 8
        return _WAYS if has_class_list else _WAYS[:-1]

    async def _categories_by(self, way: CategoryWay, class_id: str) -> Gathered[Category]:
        read = partial(self._gather, "categories", CATEGORIES)
        match way:
            case CategoryWay.CLASS:
                path = f"/classes/{_encoded(class_id)}/categories"
                return await read(path, Place(class_id=None))
            case CategoryWay.FILTER | CategoryWay.BARE_FILTER if "'" not in class_id:
                quoted = f"'{class_id}'" if way is CategoryWay.FILTER else class_id
                return await read("/categories", filter_=f"metadata.classId={quoted}")
            case _:
                if self._all_categories is None or not self._all_categories.is_proven:
                    self._all_categories = await read("/categories")
                return self._all_categories

    async def line_items(self, class_id: str) -> Gathered[LineItem]:
        """The line items of a class."""
        found = await self._gather(
            "lineItems",
            LINE_ITEMS,
            f"/classes/{_encoded(class_id)}/lineItems",
            Place(class_id=class_id),
        )
        return only(found, lambda one: one.class_id == class_id)

    async def results(
        self, class_id: str, *, line_item: str | None = None, student: str | None = None
    ) -> Gathered[Result]:
        """The results of a class; of one line item, or of one student, if one is named."""
        path = f"/classes/{_encoded(class_id)}"
        if line_item is not None:
            path += f"/lineItems/{_encoded(line_item)}"
        elif student is not None:
            path += f"/students/{_encoded(student)}"
        place = Place(class_id=class_id, line_item_id=line_item, student_id=student)
        found = await self._gather("results", RESULTS, f"{path}/results", place)
        return only(
            found,
            lambda one: (
                one.class_id == class_id
                and line_item in {None, one.line_item_id}
                and student in {None, one.student_id}
            ),
        )

    async def scales(self, class_id: str) -> Gathered[ScoreScale]:
        """The score scales of a class, which 1.2 has."""
        if self._doors.version is Version.V1P1:
            return Gathered(proof=proof(Reason.FAILED), is_served=False)
        path = f"/classes/{_encoded(class_id)}/scoreScales"
        return await self._gather("scoreScales", SCORE_SCALES, path, Place(class_id=class_id))

    # -- single ones, for reading back

    async def line_item(self, sourced_id: str) -> LineItem | None:
        """A line item; None: there is none, or it is deleted.

        Raises:
            RemoteError: it cannot be read.
        """
        path = f"/lineItems/{_encoded(sourced_id)}"
        found = await self._one(LINE_ITEMS, path, self._doors.gradebook)
        return None if found is None or found.is_deleted else found

    async def result(self, sourced_id: str) -> Result | None:
        """A result; None: there is none, or it is deleted.

        Raises:
            RemoteError: it cannot be read.
        """
        found = await self._one(RESULTS, f"/results/{_encoded(sourced_id)}", self._doors.gradebook)
        return None if found is None or found.is_deleted else found

    # -- the roster

    async def students(self, class_id: str) -> Gathered[str]:
        """The sourcedIds of a class's students: from its list, else from its enrollments."""
        if self._lists_students:
            path = f"/classes/{_encoded(class_id)}/students"
            listed = await self._gather(
                "users", STUDENTS, path, root=self._doors.rostering, may_be_empty=False
            )
            if listed.is_served:
                return ids_of(listed, student_id)
            self._lists_students = False
        filter_ = f"class.sourcedId='{class_id}'" if "'" not in class_id else ""
        enrolled = await self._gather(
            "enrollments",
            ENROLLMENTS,
            "/enrollments",
            root=self._doors.rostering,
            filter_=filter_,
            may_be_empty=False,
        )
        return ids_of(enrolled, partial(enrolled_id, class_id))

    async def _class(self, class_id: str) -> ClassTold | None:
        return await self._one(CLASSES, f"/classes/{_encoded(class_id)}", self._doors.rostering)

    async def _sessions_of(self, told: ClassTold | None, lists: Lists) -> tuple[Session, ...]:
        """The class's sessions with all above and below them, so its grading periods too."""
        if not self._doors.reads_sessions:
            return ()
        if self._sessions is None or not self._sessions.is_proven:
            self._sessions = await self._gather(
                "academicSessions", SESSIONS, "/academicSessions", root=self._doors.rostering
            )
        known = lists.add("sessions", self._sessions)
        by_id = {one.sourced_id: one for one in known or () if not one.is_deleted}
        own = and_below(by_id, () if told is None else told.term_ids)
        above = above_of(by_id, own)
        return tuple(
            Session(
                sourced_id=one.sourced_id,
                title=one.title,
                kind=one.kind,
                start=one.start,
                end=one.end,
                parent=one.parent,
                is_above=one.sourced_id in above,
            )
            for one in by_id.values()
            if one.sourced_id in own | above
        )

    # -- reading

    async def _gather(
        self,
        name: str,
        reader: GradebookReader[_Noun],
        path: str,
        place: Place | None = None,
        *,
        root: URL | None = None,
        filter_: str = "",
        may_be_empty: bool = True,
    ) -> Gathered[_Noun]:
        version = self._doors.version

        def read(body: bytes, notes: Notes, *, charset: str):  # noqa: ANN202 - the reader's
            return reader.read(body, version, notes, place, charset=charset)

        sought = Sought(
            name=name,
            root=root or self._doors.gradebook,
            path=path,
            read=read,
            key=lambda noun: getattr(noun, "sourced_id", ""),
            filter=filter_,
            page_size=self._doors.page_size,
            may_be_empty=may_be_empty,
            shown=self._doors.shown,
        )
        return await gather(self._client, sought, self._habits)

    async def _one(self, reader: GradebookReader[_Noun], path: str, root: URL) -> _Noun | None:
        call = Call(f"reading {path}", self._doors.shown)
        version = self._doors.version

        def take(answer: Answer) -> _Noun | None:
            if answer.status in MISSING or answer.status == 204:
                return None
            notes = Notes(reader.envelope.plural, path)
            found = reader.read_one(answer.body, version, notes, charset=answer.charset)
            if found is None:
                raise garbled(
                    f"The answer holds no {reader.envelope.singular}", call, answer.status
                )
            return found

        return await self._client.read(path, (), call, take, accept=MISSING, root=root)


def _encoded(sourced_id: str) -> str:
    return quote(sourced_id, safe="")
