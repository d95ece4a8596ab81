"""What the token may do, named one by one."""

import socket

import pytest

from canvas_servers import page, says, status
from rosterway.canvas.permissions import probe

WHO = says({"id": "42", "name": "Ann Doe"})
LIST = says({"sis_imports": []})
BAD_TOKEN = status(401, "{}", WWW_Authenticate='Bearer realm="canvas-lms"')
NO_RIGHT = status(401, '{"status": "unauthorized"}')
NO_ROOT = status(400, '{"errors": ["SIS imports can only be executed on root accounts"]}')
SWITCHED_OFF = status(403, '{"errors": ["SIS imports are not enabled for this account"]}')
NOT_THERE = status(404, "{}")

ACCOUNT = ("root-account", "sis-imports-enabled", "right-to-sis-imports")


@pytest.fixture
def probed(serve, client_of):
    """The findings about a Canvas that gives these answers to "who" and "list"."""

    async def probing(who, listing):
        async def canvas(request):
            return (who if request.path == "/api/v1/users/self" else listing)(request)

        async with client_of(await serve(canvas)) as client:
            return {finding.name: finding for finding in await probe(client)}

    return probing


@pytest.mark.parametrize(
    ("who", "listing", "verdicts"),
    [
        (WHO, LIST, (True, True, True, True)),
        (WHO, NO_ROOT, (True, False, None, None)),
        (WHO, SWITCHED_OFF, (True, True, False, None)),
        (WHO, NO_RIGHT, (True, None, None, False)),
        (WHO, NOT_THERE, (True, False, None, None)),
        (WHO, status(503), (True, None, None, None)),
        (NOT_THERE, LIST, (True, True, True, True)),
        (NOT_THERE, NO_RIGHT, (None, None, None, False)),
        (status(403, "{}"), LIST, (True, True, True, True)),
    ],
    ids=[
        "all well",
        "not the root account",
        "switched off",
        "no right",
        "no such account",
        "down in between",
        "who is not told",
        "who is not told and no right",
        "a scope leaves who out",
    ],
)
async def test_each_thing_is_told_apart(probed, who, listing, verdicts):
    found = await probed(who, listing)
    assert found["reachable"].ok
    assert verdicts == tuple(found[name].ok for name in ("token", *ACCOUNT))
    for finding in found.values():
        assert finding.says
        assert finding.remedy or finding.ok is not False


async def test_a_bad_token_ends_the_looking(probed):
    found = await probed(BAD_TOKEN, BAD_TOKEN)
    assert found["token"].ok is False
    assert "Make a new one" in found["token"].remedy
    assert not set(ACCOUNT) & found.keys()


@pytest.mark.parametrize("answer", [page(), status(503)], ids=["a web page", "down"])
async def test_what_is_not_reached_is_not_judged(probed, answer):
    found = await probed(answer, answer)
    assert found["reachable"].ok is False
    assert found["reachable"].remedy
    assert "token" not in found


async def test_whose_token_it_is_is_told_by_id_not_by_name(probed):
    found = await probed(WHO, LIST)
    assert "42" in found["token"].says
    assert "Ann" not in repr(found)


async def test_reading_the_list_does_not_claim_the_right_to_import(probed):
    found = await probed(WHO, LIST)
    assert "import_sis or manage_sis" in found["right-to-sis-imports"].says


async def test_a_connection_in_the_clear_is_a_finding(probed):
    found = await probed(WHO, LIST)
    assert found["encryption"].ok is False


async def test_a_host_that_is_not_there_is_a_finding_and_no_exception(client_of):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with client_of(f"https://127.0.0.1:{taken.getsockname()[1]}") as client:
            found = {finding.name: finding for finding in await probe(client)}
    assert found["encryption"].ok
    assert found["reachable"].ok is False
