"""A class's gradebook is read whole, or is said not to be: one suite for 1.1 and 1.2."""

import pytest
from aiohttp import web

from oneroster_gradebooks import NOW, school_of
from oneroster_provider import Provider
from oneroster_pulls import oauth2
from oneroster_servers import client_of
from rosterway.errors import CredentialsError, UnreachableError
from rosterway.oneroster.doors import CategoryWay, Doors
from rosterway.oneroster.gradebook import Gradebooks
from rosterway.oneroster.gradebook_writes import Put
from rosterway.settings.shape import Version

BOTH = pytest.mark.parametrize("version", Version)


async def filled(school, items=3):
    """Some line items with a result each for the first students; returns their ids."""
    writer = school.writer()
    puts = [Put(school.line_item(f"li-{n}", title=f"Quiz {n}")) for n in range(items)]
    results = [Put(school.result(n % 3, f"li-{n}")) for n in range(items)]
    for writes in (puts, results):
        async for _, one in writer.write_all(writes, NOW):
            assert one.is_accepted, one.words
    school.asked()
    return [put.noun.sourced_id for put in puts]


@BOTH
async def test_everything_of_a_class_is_read(version):
    async with school_of(version) as school:
        ids = await filled(school)
        found = await school.books.of_class(school.class_id, with_results=True, with_scales=True)
    book = found.gradebook

    assert {} == found.why
    assert ids == [one.sourced_id for one in book.line_items or ()]
    assert {school.class_id} == {one.class_id for one in book.results or ()}
    assert [18.5] * 3 == [one.score for one in book.results or ()]
    assert ["Homework", "Quizzes", "Tests", "Projects"] == [
        one.title for one in book.categories or ()
    ]
    assert set(school.students) == set(book.students or ())
    assert {"gradingPeriod", "semester", "schoolYear"} == {one.kind for one in book.sessions}
    assert school.line_item().school_id == book.school_id
    assert (version is Version.V1P1) == (book.unserved == ("score_scales",))
    assert version is Version.V1P1 or book.score_scales


@BOTH
async def test_a_class_with_nothing_changed_costs_eight_requests_at_most_and_others_fewer(version):
    async with school_of(version, auth=oauth2) as school:
        await filled(school, 40)
        books = school.books
        # The token of the puts has not ended; a sync begins with one of its own.
        school.sis.provider.tokens.revoke_all()
        first = await books.of_class(school.class_id)
        asked = school.asked()
        again = await books.of_class(school.class_id)

    assert {} == first.why == again.why
    assert 40 == len(first.gradebook.line_items or ())
    assert len(asked) <= 8 + 1, asked  # one of them was answered 401, for the test ended the token
    assert 3 == len(school.asked())


@BOTH
async def test_results_are_read_of_a_line_item_and_of_a_student(version):
    async with school_of(version) as school:
        await filled(school)
        books, student = school.books, school.students[1]
        of_line = await books.results(school.class_id, line_item="li-2")
        of_student = await books.results(school.class_id, student=student)

    assert ["li-2"] == [one.line_item_id for one in of_line.nouns]
    assert [student] == [one.student_id for one in of_student.nouns]
    assert of_line.is_proven
    assert of_student.is_proven


@BOTH
async def test_pages_are_joined(version):
    async with school_of(version, page_size=7) as school:
        ids = await filled(school, 30)
        found = await school.books.line_items(school.class_id)

    assert ids == [one.sourced_id for one in found.nouns]
    assert found.is_proven


@pytest.mark.parametrize(
    "fault",
    [
        *("no-totals", "no-links", "x-count", "totals-in-body", "relative-links"),
        *("204-for-empty", "500:2", "502:2", "429-seconds:2", "truncated-json:2", "no-envelope:2"),
        *("cut:2", "cut-midway:2", "bare-refs", "lean-refs", "null-fields", "no-status"),
        *("inactive-status", "extra-fields", "sort-refused", "text-html-json", "duplicate-rows"),
        *("large-limit-400", "large-limit-500", "totals-too-low", "garbled-totals"),
        *("internal-links", "real-booleans", "typed-refs", "path-envelopes"),
    ],
)
@BOTH
async def test_what_arrives_under_a_fault_is_what_the_sis_has_or_is_not_proven(version, fault):
    size = 100 if fault.startswith("large") else 20
    async with school_of(version, page_size=size, clamp=60) as school:
        ids = await filled(school, 30)
        school.sis.provider.faults.put([fault])
        found = await school.books.of_class(school.class_id, with_results=True)
    book = found.gradebook

    if "line_items" not in found.why:
        assert set(ids) == {one.sourced_id for one in book.line_items or ()}
    if "students" not in found.why:
        assert set(school.students) == set(book.students or ())
    if "results" not in found.why:
        assert {f"{one}-u{n % 3}" for n, one in enumerate(ids)} == {
            one.sourced_id for one in book.results or ()
        }
    assert fault == "duplicate-rows" or {} == found.why


@pytest.mark.parametrize(
    "fault", ["totals-too-high", "ignored-offset", "repeated-page", "endless-links"]
)
@BOTH
async def test_a_list_that_cannot_be_shown_to_be_whole_says_so(version, fault):
    async with school_of(version, fault, page_size=10) as school:
        school.sis.provider.faults.put([])
        await filled(school, 25)
        school.sis.provider.faults.put([fault])
        found = await school.books.line_items(school.class_id)

    is_whole = len(found.nouns) == 25
    assert is_whole or not found.is_proven


async def test_a_provider_that_counts_its_pages_is_found_out():
    async with school_of(Version.V1P2) as school:
        ids = await filled(school, 30)
        school.sis.provider.turn({"page_max": 20})
        school.sis.provider.faults.put(["totals-too-low"])
        found = await school.books.line_items(school.class_id)

    assert ids == [one.sourced_id for one in found.nouns]
    assert found.is_proven


async def test_an_empty_list_is_believed_when_it_is_said_twice():
    async with school_of(Version.V1P2, "no-totals") as school:
        found = await school.books.line_items(school.class_id)
        school.sis.provider.faults.put(["empty-answer:1"])
        students = await school.books.students(school.class_id)

    assert ((), True) == (found.nouns, found.is_proven)
    assert ((), False) == (students.nouns, students.is_proven)


# -- categories -----------------------------------------------------------------------------


def ways(school, way):
    doors = Doors(
        rostering=school.doors.rostering,
        gradebook=school.doors.gradebook,
        version=school.doors.version,
        categories=way,
    )
    return Gradebooks(school.client, doors)


@pytest.mark.parametrize(
    ("way", "spelling", "own"),
    [
        (CategoryWay.AUTO, "quoted", 5),
        (CategoryWay.ALL, "quoted", 5),
        (CategoryWay.CLASS, "quoted", 5),
        (CategoryWay.FILTER, "quoted", 1),
        (CategoryWay.BARE_FILTER, "bare", 1),
    ],
)
async def test_categories_are_asked_for_in_the_way_that_is_configured(way, spelling, own):
    async with school_of(categories="by-class", category_filter=spelling) as school:
        found = await ways(school, way).categories(school.class_id)

    assert own == len(found.nouns)
    assert school.class_id == found.nouns[0].class_id or way is CategoryWay.CLASS
    assert found.is_proven


@pytest.mark.parametrize("spelling", ["quoted", "bare", "any"])
@BOTH
async def test_where_categories_are_not_listed_whole_the_way_is_found_out_once(version, spelling):
    async with school_of(
        version, "categories-refused", categories="by-class", category_filter=spelling
    ) as school:
        books = school.books
        found = await books.categories(school.class_id)
        school.asked()
        again = await books.categories(school.class_id)

        assert (
            [school.class_id]
            == [one.class_id for one in found.nouns]
            == [one.class_id for one in again.nouns]
        )
        assert len(school.asked()) <= 2


async def test_a_provider_that_lists_no_categories_without_a_filter_is_asked_with_one(serve):
    def narrowly(request, _):
        if request.path.endswith("/categories"):
            own = [{"sourcedId": "k-1", "title": "Homework", "metadata": {"classId": "c-1"}}]
            is_own = request.query.get("filter") == "metadata.classId=c-1"
            return web.json_response({"categories": own if is_own else []})
        return None

    async with client_of(await serve(Provider(before=narrowly))) as client:
        doors = Doors(rostering=client.root, gradebook=client.root, version=Version.V1P1)
        found = await Gradebooks(client, doors).categories("c-1")

    assert ["k-1"] == [one.sourced_id for one in found.nouns]


async def test_a_provider_without_categories_says_that_it_has_none():
    lacking = "getAllCategories getCategoriesForClass"
    async with school_of(unsupported=lacking) as school:
        found = await school.books.of_class(school.class_id)

    assert ("categories",) == found.gradebook.unserved
    assert None is found.gradebook.categories


async def test_a_filter_that_is_ignored_is_done_here():
    async with school_of(categories="by-class") as school:
        school.sis.provider.faults.put(["filter-ignored"])
        found = await ways(school, CategoryWay.FILTER).categories(school.class_id)

    assert {None, school.class_id} == {one.class_id for one in found.nouns}


# -- the roster -----------------------------------------------------------------------------


@BOTH
async def test_students_are_found_in_enrollments_where_a_class_does_not_list_them(version):
    async with school_of(version, unsupported="getStudentsForClass") as school:
        found = await school.books.students(school.class_id)

    assert set(school.students) == set(found.nouns)
    assert found.is_proven


async def test_a_class_that_is_not_there_is_named():
    async with school_of() as school:
        found = await school.books.of_class("no/such class")

    assert {"class", "line_items", "students"} <= {*found.gradebook.unserved, *found.why}
    assert "no%2Fsuch%20class" in " ".join(school.asked())


async def test_what_waiting_may_help_is_raised_and_what_it_cannot_help_is_told():
    async with school_of() as school:
        school.sis.provider.faults.put(["500"])
        school.sis.provider.faults.put(["500"], every=1)
        with pytest.raises(UnreachableError):
            await school.books.line_items(school.class_id)
        school.sis.provider.faults.put([])
        school.sis.provider.knobs.headers = {"X-Key": "secret"}
        found = await school.books.line_items(school.class_id)

    assert not found.is_proven
    assert isinstance(found.error, CredentialsError)


@BOTH
async def test_one_is_read_back_and_a_tombstone_is_nothing(version):
    async with school_of(version, grade_tombstones=True) as school:
        await filled(school, 1)
        books, writer = school.books, school.writer()
        there = await books.line_item("li-0"), await books.result("li-0-u0")
        await writer.delete(school.line_item("li-0"))
        gone = await books.line_item("li-0"), await books.result("li-0-u0")
        never = await books.line_item("li-9"), await books.result("li-9")

    assert ["li-0", "li-0-u0"] == [one.sourced_id for one in there if one]
    assert (None, None) == gone == never
