"""A try at writing grades: one line item and one result in one class, read back and taken away again.

Guarantees: nothing is written but those two, under a title and ids that say what they are; they are
deleted whatever happens in between, and what cannot be deleted is named. The result is of a student
of the class, who is named, because no SIS takes one of nobody. Of the provider nothing is asked that
this does not take.

Leaves to others: what a provider serves besides (`doctor`).
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from rosterway.errors import RemoteError
from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.formats.oneroster.gradebook_writing import Manner, Shape
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.doors import Doors
from rosterway.oneroster.gradebook import Gradebooks
from rosterway.oneroster.gradebook_writes import GradebookWriter, Outcome, Written
from rosterway.passback.class_gradebook import ClassGradebook, Session

#: What a result can say, in the order it is tried; the last is what stays until it is deleted.
STATUSES = ("exempt", "not submitted", "submitted", "partially graded", "fully graded")
_UNGRADED = frozenset({"exempt", "not submitted", "submitted"})

#: Half of it, so that no bound is in the way.
_MAXIMUM, _SCORE = 10.0, 5.0
_PLACEHOLDER = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was done, and what became of it; `words` are the provider's, else ours."""

    what: str
    outcome: str
    status: int | None = None
    words: str = ""
    seconds: float = 0.0


@dataclass(slots=True, kw_only=True)
class WriteTest:
    """What writing to one class showed.

    `shapes` are those of a line item that were accepted; `endpoints` is `standard` where it was sent
    with our id, `modified` where only without; `keeps_ids` whether ours was kept; `statuses` says
    what each became when it was read back ("" where it was refused); `altered` are fields that came
    back otherwise; `remains` what could not be deleted; `why` what kept it from being done.
    """

    class_id: str
    student: str = ""
    title: str = ""
    steps: list[Step] = field(default_factory=list[Step])
    shapes: list[str] = field(default_factory=list[str])
    endpoints: str = ""
    keeps_ids: bool | None = None
    statuses: dict[str, str] = field(default_factory=dict[str, str])
    altered: list[str] = field(default_factory=list[str])
    deletes: bool | None = None
    remains: list[str] = field(default_factory=list[str])
    why: str = ""

    @property
    def is_good(self) -> bool:
        """Whether grades can be written, and nothing of the try is left."""
        return not self.why and not self.remains

    def as_dict(self) -> dict[str, Any]:
        """The test as the command line's JSON has it."""
        told = asdict(self)
        told["steps"] = [{**step, "seconds": round(step["seconds"], 3)} for step in told["steps"]]
        return {**told, "good": self.is_good}


async def try_writing(
    client: ProviderClient,
    doors: Doors,
    class_id: str,
    *,
    token: str,
    on_progress: Callable[[str], None] = lambda _: None,
) -> WriteTest:
    """Write to a class and take it away again; what goes wrong is in the answer.

    `token` makes title and ids unlike any other's: some letters and digits.
    """
    test = WriteTest(class_id=class_id, title=f"Rosterway test {token}")
    trial = _Trial(client, doors, test, token, on_progress)
    try:
        await trial.run()
    except RemoteError as error:
        test.why = test.why or error.message
    return test


class _Trial:
    def __init__(
        self,
        client: ProviderClient,
        doors: Doors,
        test: WriteTest,
        token: str,
        on_progress: Callable[[str], None],
    ) -> None:
        self._client = client
        self._doors = doors
        self._test = test
        self._token = token
        self._on_progress = on_progress
        self._books = Gradebooks(client, doors)
        manner = Manner(
            version=doors.version,
            rostering=str(doors.rostering).rstrip("/"),
            gradebook=str(doors.gradebook).rstrip("/"),
        )
        self._writers = {
            (shape, is_modified): GradebookWriter(
                client,
                doors.gradebook,
                replace(manner, shape=shape, modified=is_modified),
                placeholder=_PLACEHOLDER,
                shown=doors.shown,
            )
            for shape in Shape
            for is_modified in (False, True)
        }
        #: What may be there, by what it is: deleted in the end, the last first.
        self._made: dict[str, LineItem | Result] = {}

    async def run(self) -> None:
        """The whole try."""
        book = await self._look()
        if book is None:
            return
        async with self._taken_away():
            found = await self._line_item(book)
            if found is None:
                return
            item, writer = found
            await self._read_back_item(item)
            await self._result(item, writer)

    async def _look(self) -> ClassGradebook | None:
        self._on_progress("reading the class")
        began = self._client.seconds()
        read = await self._books.of_class(self._test.class_id)
        book, test = read.gradebook, self._test
        self._step("read the class", began, "served")
        if "class" in book.unserved or book.line_items is None:
            test.why = (
                f"The provider knows no class {test.class_id}, or does not show its line items"
            )
        elif not book.students:
            test.why = "The provider lists no student of the class, and no result is of nobody"
        if test.why:
            return None
        test.student = min(book.students or ())
        return book

    # -- writing

    async def _line_item(self, book: ClassGradebook) -> tuple[LineItem, GradebookWriter] | None:
        """A line item that was accepted, and by which writer; it is put in every shape."""
        test = self._test
        item = _item_of(book, test.title, self._token, self._today())
        for endpoints, is_modified in (("standard", False), ("modified", True)):
            accepted: GradebookWriter | None = None
            sent = msgspec.structs.replace(item, sourced_id="") if is_modified else item
            for shape in Shape:
                writer = self._writers[shape, is_modified]
                written = await self._put(f"put the line item, {shape.value}", writer, sent)
                if written.outcome is Outcome.UNKNOWN and accepted is None:
                    await self._look_for(item)
                    test.why = "Nobody knows what became of the line item: " + _words(
                        test.steps[-1]
                    )
                    return None
                if written.is_accepted:
                    test.shapes.append(shape.value)
                    accepted = accepted or writer
                    sent = msgspec.structs.replace(item, sourced_id=written.sourced_id)
            if accepted is not None and sent.sourced_id:
                test.endpoints, test.keeps_ids = endpoints, sent.sourced_id == item.sourced_id
                return sent, accepted
            if accepted is not None:
                await self._look_for(item)
                test.why = "The provider chooses the id of a line item and does not say which"
                return None
        test.why = "The provider takes no line item: " + _words(test.steps[-1])
        return None

    async def _result(self, item: LineItem, writer: GradebookWriter) -> None:
        test = self._test
        result = Result(
            sourced_id=f"rosterway-test-{self._token}-result",
            line_item_id=item.sourced_id,
            student_id=test.student,
            class_id=test.class_id,
            score_date=(item.due or "")[:10],
        )
        if test.endpoints == "modified":
            result = msgspec.structs.replace(result, sourced_id="")
        for status in STATUSES:
            score = None if status in _UNGRADED else _SCORE
            told = msgspec.structs.replace(result, score_status=status, score=score)
            written = await self._put(f"put the result, {status}", writer, told)
            if written.outcome is Outcome.UNKNOWN:
                await self._look_for(item)
            test.statuses[status] = ""
            if written.is_accepted and written.sourced_id:
                result = msgspec.structs.replace(result, sourced_id=written.sourced_id)
                test.statuses[status] = await self._status_of(result)
        if not any(test.statuses.values()):
            test.why = "The provider takes no result: " + _words(test.steps[-1])

    async def _put(self, what: str, writer: GradebookWriter, noun: LineItem | Result) -> Written:
        self._on_progress(what)
        began = self._client.seconds()
        kind = "lineItem" if isinstance(noun, LineItem) else "result"
        if noun.sourced_id:  # before it is sent, for nobody may know what became of it
            self._made[f"{kind} {noun.sourced_id}"] = noun
        written = await writer.put(noun, _stamp(self._client.provider_time))
        key = f"{kind} {noun.sourced_id}"
        if written.outcome in {Outcome.REFUSED, Outcome.NOT_SENT} and not self._is_known(noun):
            self._made.pop(key, None)
        if written.is_accepted and written.sourced_id:
            self._made.pop(key, None)
            own = msgspec.structs.replace(noun, sourced_id=written.sourced_id)
            self._made[f"{kind} {own.sourced_id}"] = own
        words = written.words or ("" if written.error is None else written.error.message)
        self._step(what, began, written.outcome.value, written.status, words)
        return written

    def _is_known(self, noun: LineItem | Result) -> bool:
        """Whether it was accepted before, so that a refusal of a change leaves it there."""
        done = self._test.statuses if isinstance(noun, Result) else self._test.shapes
        return any(done.values() if isinstance(done, dict) else done)

    # -- reading back

    async def _read_back_item(self, item: LineItem) -> None:
        began = self._client.seconds()
        found = await self._books.line_item(item.sourced_id)
        self._step("read the line item", began, "there" if found else "not there")
        if found is not None:
            pairs: Mapping[str, tuple[object, object]] = {
                "title": (item.title, found.title),
                "dueDate": ((item.due or "")[:10], (found.due or "")[:10]),
                "class": (item.class_id, found.class_id),
                "category": (item.category_id, found.category_id),
                "resultValueMax": (item.maximum, found.maximum),
            }
            self._test.altered += [
                f"{name}: {sent} became {came}"
                for name, (sent, came) in pairs.items()
                if sent != came
            ]

    async def _status_of(self, result: Result) -> str:
        """What a result that was accepted says when it is read back."""
        began = self._client.seconds()
        found = await self._books.result(result.sourced_id)
        self._step("read the result", began, "there" if found else "not there")
        if found is None:
            return "not there"
        return found.score_status or "without a status"

    async def _look_for(self, item: LineItem) -> None:
        """What nobody knows of: whatever bears our title, and every result of it, is ours."""
        listed = await self._books.line_items(self._test.class_id)
        for one in listed.nouns:
            if one.title == item.title and not one.is_deleted:
                self._made[f"lineItem {one.sourced_id}"] = one
                results = await self._books.results(self._test.class_id, line_item=one.sourced_id)
                for each in results.nouns:
                    if not each.is_deleted:
                        self._made[f"result {each.sourced_id}"] = each

    # -- taking it away

    @asynccontextmanager
    async def _taken_away(self) -> AsyncGenerator[None]:
        try:
            yield
        except RemoteError as error:
            self._test.why = self._test.why or error.message
        finally:
            for what, noun in reversed(_results_last(self._made)):
                await self._delete(what, noun)

    async def _delete(self, what: str, noun: LineItem | Result) -> None:
        self._on_progress(f"deleting the {what}")
        began = self._client.seconds()
        writer = self._writers[Shape.STRICT, False]
        written = await writer.delete(noun)
        words = written.words or ("" if written.error is None else written.error.message)
        self._step(f"delete the {what}", began, written.outcome.value, written.status, words)
        try:
            is_there = await self._is_there(noun)
        except RemoteError as error:
            self._test.remains.append(f"{what} (it cannot be read: {error.message})")
            return
        self._test.deletes = self._test.deletes is not False and not is_there
        if is_there:
            self._test.remains.append(what)

    async def _is_there(self, noun: LineItem | Result) -> bool:
        read = self._books.line_item if isinstance(noun, LineItem) else self._books.result
        return await read(noun.sourced_id) is not None

    def _today(self) -> date:
        return datetime.fromtimestamp(self._client.provider_time, UTC).date()

    def _step(
        self, what: str, began: float, outcome: str, status: int | None = None, words: str = ""
    ) -> None:
        seconds = self._client.seconds() - began
        self._test.steps.append(
            Step(what=what, outcome=outcome, status=status, words=words, seconds=seconds)
        )


def _item_of(book: ClassGradebook, title: str, token: str, today: date) -> LineItem:
    """A line item that all demands known of are met by: short, whole, dated inside a period."""
    period = _period_of(book.sessions, today)
    day = _day_in(period, today)
    category = next((one for one in book.categories or () if not one.is_deleted), None)
    moment = f"{day.isoformat()}T12:00:00.000Z"
    return LineItem(
        sourced_id=f"rosterway-test-{token}",
        title=title,
        class_id=book.class_id,
        category_id=None if category is None else category.sourced_id,
        school_id=book.school_id,
        grading_period_id=None if period is None else period.sourced_id,
        assigned=moment,
        due=moment,
        minimum=0.0,
        maximum=_MAXIMUM,
    )


def _period_of(sessions: Sequence[Session], today: date) -> Session | None:
    """The grading period that runs today, else the one nearest to it, else any session like that."""
    dated = [one for one in sessions if one.start and one.end]
    return min(
        dated,
        key=lambda one: (_distance(one, today), one.kind != "gradingPeriod", one.sourced_id),
        default=None,
    )


def _distance(session: Session, today: date) -> int:
    """How many days from today it is: 0 if it runs."""
    return abs((_day_in(session, today) - today).days)


def _day_in(session: Session | None, today: date) -> date:
    if session is None or session.start is None or session.end is None:
        return today
    first = date.fromisoformat(session.start)
    last = date.fromisoformat(session.end) - timedelta(days=1)
    return max(first, min(today, last))


def _results_last(made: Mapping[str, LineItem | Result]) -> list[tuple[str, LineItem | Result]]:
    return sorted(made.items(), key=lambda pair: isinstance(pair[1], Result))


def _words(step: Step) -> str:
    return step.words or f"it answered {step.status}"


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
