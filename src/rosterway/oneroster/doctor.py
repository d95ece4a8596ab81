"""Doctor: a provider looked at from outside, a page of everything, and what follows from it.

Nothing is changed: every request is a GET, but for the token's. It finds out what is served, which
page sizes are honoured and how fast they come, where the provider departs from the specification,
and how long a full pull would take. A try at writing grades is `write_test`'s.
"""

import asyncio
import csv
import math
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rosterway.errors import CredentialsError, RemoteError, UnreachableError
from rosterway.formats.oneroster.deviations import Tally
from rosterway.formats.oneroster.endpoints import ENDPOINTS, SERVICES, Endpoint, Service
from rosterway.formats.oneroster.reading import tables_of
from rosterway.oneroster.asking import SCHOOL_LISTS, Asked, Source, name_of
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.examination import Examination, Operation, Speed, Status
from rosterway.oneroster.gradebook_reads import READS, Read, is_served
from rosterway.oneroster.pages import Moved, Pages
from rosterway.oneroster.patience import Patience, Surroundings, Waiting
from rosterway.oneroster.pull import schools_in
from rosterway.oneroster.staging import CollectionFiles, folder_name

#: Who is looked at is not waited for as long as who is pulled.
PATIENCE = Patience(attempts=3, garbled=2, first=0.2, longest=2.0, waits=5, longest_wait=60.0)
#: Page sizes that are tried on the largest collection, one after the other.
SIZES = (100, 500, 1000, 2000, 5000)
#: Requests at a time that are tried.
_AT_ONCE = 4


async def examine(
    source: Source,
    asked: Asked,
    folder: Path,
    *,
    gradebook: Source | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
    surroundings: Surroundings | None = None,
) -> Examination:
    """Look at a provider; `folder` is scratch. What is wrong with it is in the answer.

    Raises:
        ConfigError: what is asked cannot be.
        UnavailableError: the disk does not take it.
    """
    asked.check()
    doctor = _Doctor(source, asked, folder, on_progress, surroundings)
    return await doctor.examine(gradebook)


class _Doctor:
    def __init__(
        self,
        source: Source,
        asked: Asked,
        folder: Path,
        on_progress: Callable[[str], None],
        surroundings: Surroundings | None,
    ) -> None:
        self._source = source
        self._asked = asked
        self._folder = folder
        self._on_progress = on_progress
        self._world = surroundings
        self._tally = Tally()
        self._errors: list[RemoteError] = []
        self._throttled = False
        self._pages: dict[str, Pages] = {}

    def _client(self, source: Source) -> ProviderClient:
        return ProviderClient(
            source.root,
            source.auth,
            wiring=source.wiring,
            patience=PATIENCE,
            max_requests=_AT_ONCE,
            surroundings=self._world,
            on_wait=self._waits,
        )

    def _waits(self, waiting: Waiting) -> None:
        self._throttled = self._throttled or "slow down" in waiting.why
        self._on_progress(f"{waiting.why}: waiting {waiting.seconds:.0f} s")

    async def examine(self, gradebook: Source | None) -> Examination:
        async with self._client(self._source) as client:
            try:
                await client.sign_in()
            except RemoteError as error:
                return _shut_out(error, client.skew)
            operations = [each async for each in self._rostering(client)]
            if stopped := self._stopped(operations):
                return _shut_out(stopped, client.skew)
            sizes, together = await self._measure(client, operations)
            skew = client.skew
        if gradebook is not None:
            async with self._client(gradebook) as client:
                operations += [each async for each in self._gradebook(client, gradebook)]
        recommend = self._recommend(operations, sizes, together)
        found = Examination(
            reachable=True,
            authenticated=True,
            clock_skew=skew,
            operations=tuple(operations),
            deviations=self._tally.all(),
            sizes=tuple(sizes),
            together=together,
            throttled=self._throttled,
            estimate=self._estimate(operations, sizes, recommend),
            recommend=recommend,
        )
        if not found.lacking:
            return found
        lacking = ", ".join(found.lacking)
        return replace(
            found,
            why=f"The provider serves no {lacking}",
            remedy="Ask it to; a roster cannot be made without.",
        )

    # -- what is served

    async def _rostering(self, client: ProviderClient) -> AsyncGenerator[Operation]:
        school = None
        names = dict.fromkeys([*SERVICES[Service.BULK], *SERVICES[Service.SCHOOL]])
        for endpoint in (ENDPOINTS[name] for name in names):
            if endpoint.is_per_school and school is None:
                school = self._school()
                if school is None:
                    return
            yield await self._look_at(client, endpoint, school if endpoint.is_per_school else None)

    async def _look_at(
        self, client: ProviderClient, endpoint: Endpoint, school: str | None
    ) -> Operation:
        self._on_progress(endpoint.name)
        wanted = self._asked.wanted(endpoint, self._source.version, school)
        files = CollectionFiles(
            self._folder / folder_name(endpoint.name, school), tables_of(endpoint.noun)
        )
        pages = Pages(client, wanted, files, None)
        about = Operation(
            operation=endpoint.name, path=endpoint.path, required=not endpoint.demographics
        )
        began = client.seconds()
        try:
            pages.resume()
            leaf = await pages.fetch(0)
            seconds = (client.seconds() - began) / max(1, pages.requests)
            if leaf.records > 1 and (leaf.total is None or leaf.total > leaf.records):
                await self._look_further(pages, leaf.end - 1, leaf.last)
        except RemoteError as error:
            self._errors.append(error)
            return _refused(about, error)
        finally:
            files.close()
            self._tally.take(pages.tally.all())
        self._pages[endpoint.name] = pages
        total = leaf.total
        if total is None and leaf.records < pages.size:
            total = leaf.records
        return replace(
            about,
            status=Status.SERVED if leaf.records else Status.EMPTY,
            records=leaf.records,
            total=total,
            page_size=pages.size,
            seconds=seconds,
        )

    async def _look_further(self, pages: Pages, at: int, after: str | None) -> None:
        """Whether a second page joins the first where it should."""
        try:
            await pages.fetch(at, after=after)
        except Moved:
            pages.notes.deviates("offset-by-page", "", "", "")
            pages.tally.take(pages.notes.tally.all())
            pages.notes.tally = Tally()

    def _school(self) -> str | None:
        for name in SCHOOL_LISTS:
            file = self._folder / folder_name(name, None) / "orgs.csv"
            if file.exists():
                with file.open(newline="", encoding="utf-8") as rows:
                    return next(schools_in(rows, ENDPOINTS[name]), None)
        return None

    def _class(self) -> str | None:
        file = self._folder / folder_name("getAllClasses", None) / "classes.csv"
        if not file.exists():
            return None
        with file.open(newline="", encoding="utf-8") as rows:
            return next((row["sourcedId"] for row in csv.DictReader(rows)), None)

    async def _gradebook(self, client: ProviderClient, source: Source) -> AsyncGenerator[Operation]:
        class_id = self._class()
        for read in READS:
            if source.version not in read.versions or (read.is_per_class and class_id is None):
                continue
            self._on_progress(read.operation)
            yield await self._look_at_gradebook(client, read, class_id or "")

    async def _look_at_gradebook(
        self, client: ProviderClient, read: Read, class_id: str
    ) -> Operation:
        about = Operation(operation=read.operation, path=read.path, required=read.required)
        began = client.seconds()
        try:
            records = await is_served(client, read, class_id, self._asked.shown)
        except RemoteError as error:
            return _refused(about, error)
        return replace(
            about,
            status=Status.SERVED if records else Status.EMPTY,
            records=records,
            seconds=client.seconds() - began,
        )

    def _stopped(self, operations: list[Operation]) -> RemoteError | None:
        """The error that stands for all, if nothing at all was answered."""
        if any(each.is_there for each in operations) or not self._errors:
            return None
        first = self._errors[0]
        are_alike = all(type(each) is type(first) for each in self._errors)
        is_shut = isinstance(first, (CredentialsError, UnreachableError))
        return first if are_alike and is_shut else None

    # -- how fast

    async def _measure(
        self, client: ProviderClient, operations: list[Operation]
    ) -> tuple[list[Speed], float | None]:
        largest = max(
            (each for each in operations if each.operation in self._pages and "{" not in each.path),
            key=lambda each: each.total or each.records,
            default=None,
        )
        if largest is None or not largest.records:
            return [], None
        pages = self._pages[largest.operation]
        most = largest.total or largest.records
        speeds: list[Speed] = []
        for size in SIZES:
            if speeds and (size > most * 2 or speeds[-1].came < speeds[-1].asked):
                break
            self._on_progress(f"{largest.path}: pages of {size}")
            began = client.seconds()
            try:
                page = await pages.peek(0, size)
            except RemoteError:
                break
            speeds.append(Speed(asked=size, came=page.records, seconds=client.seconds() - began))
        together = await self._together(client, pages, speeds) if speeds else None
        return speeds, together

    async def _together(
        self, client: ProviderClient, pages: Pages, speeds: list[Speed]
    ) -> float | None:
        """How many times as fast several requests are at the same time as one after the other."""
        size = max(1, speeds[0].came)
        alone = client.seconds()
        try:
            for _ in range(_AT_ONCE):
                await pages.peek(0, size)
            began = client.seconds()
            await asyncio.gather(*(pages.peek(0, size) for _ in range(_AT_ONCE)))
        except RemoteError:
            self._throttled = True
            return None
        took = client.seconds() - began
        return (began - alone) / took if took else None

    # -- what follows

    def _recommend(
        self, operations: list[Operation], sizes: list[Speed], together: float | None
    ) -> dict[str, Any]:
        honoured = [each for each in sizes if each.came == each.asked] or sizes[:1]
        best = max(honoured, key=lambda each: each.per_second, default=None)
        is_parallel = together is not None and together > 1.5 and not self._throttled
        there = {each.operation for each in operations if each.is_there}
        whole = [each.name for each in self._asked.endpoints()]
        found: dict[str, Any] = {
            "page_size": min(1000, best.came) if best and best.came else 1000,
            "concurrency": _AT_ONCE if is_parallel else 1,
            "service": _service(there),
        }
        missing = [name for name in whole if name not in there]
        if missing and found["service"] == Service.BULK.value:
            found["exclude"] = [name_of(ENDPOINTS[name]) for name in missing]
        return found

    def _estimate(
        self, operations: list[Operation], sizes: list[Speed], recommend: Mapping[str, Any]
    ) -> float | None:
        """Seconds that a full pull takes; None if the provider does not say how much there is."""
        known = {each.operation: each for each in operations}
        size, spent = recommend["page_size"], 0.0
        measured = {each.asked: each for each in sizes}
        pace = measured.get(size) or (sizes[-1] if sizes else None)
        for endpoint in self._asked.endpoints():
            each = known.get(endpoint.name)
            if each is None or not each.is_there:
                continue
            if each.total is None:
                return None
            # One page more shows the end; pages overlap by one record.
            count = math.ceil(each.total / max(1, size - 1)) + 1
            spent += count * (pace.seconds if pace and each.total > size else each.seconds)
        return spent / recommend["concurrency"]


def _service(there: set[str]) -> str:
    bulk = {"getAllCourses", "getAllUsers", "getAllEnrollments"}
    school = {"getCoursesForSchool", "getStudentsForSchool", "getEnrollmentsForSchool"}
    only_school = not bulk <= there and school <= there
    return Service.SCHOOL.value if only_school else Service.BULK.value


def _refused(about: Operation, error: RemoteError) -> Operation:
    is_missing = error.status in {404, 405, 501}
    return replace(
        about,
        status=Status.MISSING if is_missing else Status.REFUSED,
        why=error.message,
        http_status=error.status,
    )


def _shut_out(error: RemoteError, skew: float | None) -> Examination:
    """Nothing could be looked at: why, and what to do."""
    is_silent = isinstance(error, UnreachableError) and error.status is None
    return Examination(
        reachable=not is_silent,
        authenticated=False,
        why=error.message,
        remedy=error.remedy,
        clock_skew=skew,
    )
