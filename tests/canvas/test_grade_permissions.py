"""What the token may do for grades, right by right."""

import pytest

from canvas_servers import says, status
from rosterway.canvas.grade_permissions import GRADE_RIGHTS, probe_grades

EVERYTHING = {name: True for right in GRADE_RIGHTS for name in right.names}


@pytest.fixture
def probed(serve, client_of):
    """The findings about a Canvas that gives these answers."""

    async def probing(rights, sis_call=None):
        async def canvas(request):
            if request.path == "/api/v1/accounts/1/permissions":
                return rights(request)
            return (sis_call or status(404, "{}"))(request)

        async with client_of(await serve(canvas)) as client:
            course = "sis_course_id:C1" if sis_call else None
            return {one.name: one for one in await probe_grades(client, course)}

    return probing


async def test_each_right_is_told_by_its_own_name(probed):
    found = await probed(says(EVERYTHING))
    assert list(found) == [right.finding for right in GRADE_RIGHTS]
    assert {True} == {finding.ok for finding in found.values()}


@pytest.mark.parametrize("right", GRADE_RIGHTS, ids=lambda right: right.finding)
async def test_a_missing_right_is_a_finding_with_a_remedy(probed, right):
    found = await probed(says(EVERYTHING | dict.fromkeys(right.names, False)))
    assert found[right.finding].ok is (False if right.required else None)
    assert all(name in found[right.finding].remedy for name in right.names)


async def test_one_of_several_rights_is_enough(probed):
    found = await probed(says(EVERYTHING | {"read_sis": False}))
    assert found["right-to-sis-ids"].ok


@pytest.mark.parametrize("answer", [status(404, "{}"), status(401, "{}"), says([])])
async def test_what_canvas_does_not_say_is_not_known(probed, answer):
    assert {None} == {finding.ok for finding in (await probed(answer)).values()}


@pytest.mark.parametrize(
    ("answer", "ok"),
    [
        (says([]), True),
        (status(400, '{"code": "not_enabled", "error": "x"}'), None),
        (status(400, '{"code": "unpublished_course", "error": "x"}'), None),
        (status(401, "{}"), False),
        (status(503), None),
    ],
    ids=["enabled", "not enabled", "unpublished", "no right", "down"],
)
async def test_the_sis_call_is_looked_at_in_a_course(probed, answer, ok):
    found = (await probed(says(EVERYTHING), answer))["sis-assignments-enabled"]
    assert ok is found.ok
    assert found.says
