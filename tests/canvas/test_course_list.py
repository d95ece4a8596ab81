"""Which courses a nightly sync goes through."""

from datetime import UTC, datetime

import pytest
from aiohttp import web

from canvas_gradebooks import paged
from canvas_servers import status
from rosterway.canvas.course_list import CourseToSync, Which, courses_to_sync
from rosterway.errors import CredentialsError

NOW = datetime(2026, 11, 30, tzinfo=UTC)
PAST, TO_COME = "2026-06-01T00:00:00Z", "2026-12-20T00:00:00Z"
NOT_ENABLED = status(400, '{"code": "not_enabled", "error": "x"}')


def course(ident, *, nightly=False, state="available", end=None, term_end=None):
    return {
        "id": str(ident),
        "name": f"Course {ident}",
        "sis_course_id": f"C{ident}",
        "workflow_state": state,
        "grade_passback_setting": "nightly_sync" if nightly else None,
        "end_at": end,
        "term": {"id": "1", "end_at": term_end},
    }


@pytest.fixture
def listing(serve, client_of):
    async def listed(courses, flagged=(), sis_call=None, **how):
        asked = []

        async def canvas(request):
            asked.append(request.path_qs)
            if request.path == "/api/v1/accounts/1/courses":
                return paged(request, courses)
            if request.path == "/api/sis/accounts/1/assignments":
                return sis_call(request) if sis_call else paged(request, list(flagged))
            return web.Response(status=404)

        async with client_of(await serve(canvas)) as client:
            return await courses_to_sync(client, now=NOW, **how), asked

    return listed


async def test_nightly_courses_are_those_with_canvass_flag(listing):
    found, asked = await listing([course(1), course(2, nightly=True)])
    assert found == (CourseToSync(id="2", name="Course 2", sis_id="C2", nightly=True),)
    assert len(asked) == 1


async def test_all_courses_are_those_with_flagged_assignments_counted(listing):
    flagged = [{"id": str(n), "course_id": "2" if n % 3 else "1"} for n in range(120)]
    found, asked = await listing(
        [course(1), course(2, nightly=True), course(3)], flagged, which=Which.ALL
    )
    assert [("1", 40), ("2", 80)] == [(one.id, one.flagged) for one in found]
    assert "ends_after=2026-11-30T00%3A00%3A00Z" in asked[1]


async def test_where_the_sis_call_is_not_enabled_every_course_finds_out_for_itself(listing):
    found, _ = await listing([course(1), course(2)], sis_call=NOT_ENABLED, which=Which.ALL)
    assert [("1", None), ("2", None)] == [(one.id, one.flagged) for one in found]


@pytest.mark.parametrize(
    ("state", "end", "term_end", "is_listed"),
    [
        ("available", None, None, True),
        ("available", None, TO_COME, True),
        ("available", PAST, TO_COME, True),
        ("available", TO_COME, PAST, True),
        ("available", None, PAST, False),
        ("available", PAST, PAST, False),
        ("unpublished", None, None, False),
        ("completed", None, None, False),
    ],
)
async def test_a_course_is_left_out_when_it_has_ended(listing, state, end, term_end, is_listed):
    one = course(1, nightly=True, state=state, end=end, term_end=term_end)
    found, _ = await listing([one])
    assert is_listed == bool(found)


async def test_a_missing_right_is_named(listing):
    with pytest.raises(CredentialsError) as caught:
        await listing([course(1)], sis_call=status(401, "{}"), which=Which.ALL)
    assert "view_all_grades" in caught.value.remedy
