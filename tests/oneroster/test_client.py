"""What a client does with a provider that is slow, down, forgetful, elsewhere or in disguise."""

import asyncio
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from oneroster_provider import Provider, orgs, refusal
from oneroster_servers import Pauses, client_of
from rosterway.errors import (
    ConfigError,
    CredentialsError,
    GarbledError,
    RejectedError,
    ThrottledError,
    UnreachableError,
)
from rosterway.oneroster.auth import OAuth1
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.failures import Answer, Call
from rosterway.oneroster.patience import Patience, Waiting
from rosterway.oneroster.wire import Wire, Wiring

HERE = Call("reading /orgs")


async def read(client: ProviderClient, path="/orgs", query=(("limit", "5"),)):
    return await client.read(path, query, HERE, lambda answer: answer.body)


def answers(*first):
    """A provider that answers these, then as it should; each is a response or makes one."""

    def spoil(_request, number):
        if number > len(first):
            return None
        given = first[number - 1]
        return given() if callable(given) else given

    return Provider({"/orgs": orgs(3)}, before=spoil)


def told(status, **headers):
    return lambda: web.Response(
        status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


# -- waiting --------------------------------------------------------------------------------


async def test_a_slow_down_is_waited_out_as_told_and_progress_says_so(serve, pauses):
    waits: list[Waiting] = []
    provider = answers(told(429, Retry_After="7"), told(503, Retry_After="11"))
    async with client_of(await serve(provider), pauses=pauses, on_wait=waits.append) as client:
        assert await read(client)
    assert [7.0, 11.0] == pauses
    assert [7.0, 11.0] == [wait.seconds for wait in waits]
    assert "The SIS asked to slow down while reading /orgs (429)" == waits[0].why


async def test_a_date_to_wait_for_is_read_by_the_providers_clock_and_not_ours(serve, pauses):
    theirs = datetime(2001, 1, 1, tzinfo=UTC)
    until = theirs + timedelta(seconds=40)
    answer = told(
        429,
        Date=format_datetime(theirs, usegmt=True),
        Retry_After=format_datetime(until, usegmt=True),
    )
    async with client_of(await serve(answers(answer)), pauses=pauses) as client:
        assert await read(client)
    assert [40.0] == pauses


async def test_nobody_else_begins_while_one_was_asked_to_wait(serve):
    waiting, may_go = asyncio.Event(), asyncio.Event()

    async def pause(_seconds):
        waiting.set()
        await may_go.wait()

    provider = answers(told(429, Retry_After="7"))
    async with client_of(await serve(provider), pauses=pause) as client:
        first = asyncio.create_task(read(client))
        await waiting.wait()
        second = asyncio.create_task(read(client))
        await asyncio.wait([second], timeout=0.05)
        assert 1 == len(provider.requests)
        may_go.set()
        await asyncio.gather(first, second)
    assert 3 == len(provider.requests)


async def test_a_wait_longer_than_anybody_has_is_an_error_that_names_it(serve):
    patience = Patience(longest_wait=60.0)
    provider = answers(told(429, Retry_After="3600"))
    async with client_of(await serve(provider), patience=patience) as client:
        with pytest.raises(ThrottledError) as caught:
            await read(client)
    assert 3600.0 == caught.value.wait


# -- trying again ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
async def test_what_may_pass_is_tried_again_after_growing_pauses(serve, pauses, status):
    provider = answers(told(status), told(status), told(status))
    patience = Patience(attempts=4)
    url = await serve(provider)
    async with client_of(url, pauses=pauses, patience=patience) as client:
        assert await read(client)
    assert [0.5, 1.0, 2.0] == pauses


async def test_a_connection_that_is_cut_is_tried_again(serve):
    def cut(request, number):
        if number == 1:
            request.transport.abort()

    provider = Provider({"/orgs": orgs(3)}, before=cut)
    async with client_of(await serve(provider)) as client:
        assert await read(client)
    assert 2 <= len(provider.requests)


async def test_an_attempt_after_two_failures_is_made_with_nothing_else_under_way(serve):
    seen: list[int] = []
    tries = {"/orgs": 0}

    async def spoil(request, _number):
        if request.path.endswith("/orgs"):
            tries["/orgs"] += 1
            if tries["/orgs"] > 2:
                seen.append(provider.in_flight)
                await asyncio.sleep(0)
                seen.append(provider.in_flight)
            return web.Response(status=500) if tries["/orgs"] < 4 else None
        return None

    provider = Provider({"/orgs": orgs(3), "/courses": []}, before=spoil)
    patience = Patience(attempts=5)
    async with client_of(await serve(provider), patience=patience, max_requests=3) as client:
        others = [read(client, "/courses") for _ in range(20)]
        await asyncio.gather(read(client), *others)
    assert {1} == set(seen)
    assert provider.most_in_flight > 1


async def test_an_attempt_alone_is_not_made_while_somebody_was_asked_to_wait(serve):
    failed, asked = asyncio.Event(), asyncio.Event()
    may_try, may_go = asyncio.Event(), asyncio.Event()

    async def pause(seconds):
        if seconds == 1.0:  # after the second failure
            failed.set()
            await may_try.wait()
        if seconds == 7.0:
            asked.set()
            await may_go.wait()

    def spoil(request, number):
        if request.path.endswith("/courses"):
            return web.Response(status=429, headers={"Retry-After": "7"}) if number == 3 else None
        return web.Response(status=500) if number < 3 else None

    provider = Provider({"/orgs": orgs(3), "/courses": []}, before=spoil)
    async with client_of(await serve(provider), pauses=pause) as client:
        first = asyncio.create_task(read(client))
        await failed.wait()
        second = asyncio.create_task(read(client, "/courses"))
        await asked.wait()
        may_try.set()
        await asyncio.wait([first], timeout=0.05)
        assert 3 == len(provider.requests)
        may_go.set()
        await asyncio.gather(first, second)


async def test_what_does_not_pass_is_told_with_the_providers_words_first(serve):
    provider = answers(*[lambda: refusal(500, "internal_server_error", "Acme SIS: no disk")] * 3)
    async with client_of(await serve(provider)) as client:
        with pytest.raises(UnreachableError) as caught:
            await read(client)
    assert caught.value.message.startswith("Acme SIS: no disk. The SIS failed while reading /orgs")
    assert caught.value.retry


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, RejectedError), (403, CredentialsError), (404, RejectedError), (422, RejectedError)],
)
async def test_a_no_is_not_asked_for_again(serve, status, error):
    provider = answers(told(status), told(status))
    async with client_of(await serve(provider)) as client:
        with pytest.raises(error):
            await read(client)
    assert 1 == len(provider.requests)


async def test_a_provider_that_is_not_there_cannot_be_reached(serve):
    async with client_of("http://127.0.0.1:9", patience=Patience(attempts=2)) as client:
        with pytest.raises(UnreachableError, match="cannot be reached"):
            await read(client)


async def test_an_answer_without_end_is_not_read_to_its_end(serve):
    provider = Provider({"/orgs": orgs(300)})
    wiring = Wiring(largest_answer=1000)
    async with client_of(await serve(provider), wiring=wiring) as client:
        with pytest.raises(GarbledError, match="does not end"):
            await client.read("/orgs", [("limit", "300")], HERE, lambda answer: answer)


# -- who we are -----------------------------------------------------------------------------


async def test_a_fixed_token_that_is_refused_is_tried_once_more_and_then_told(serve):
    provider = answers(told(401), told(401))
    async with client_of(await serve(provider)) as client:
        with pytest.raises(CredentialsError) as caught:
            await read(client)
        assert "t0p-secret" not in f"{caught.value} {caught.value.remedy} {client!r}"
    assert 2 == len(provider.requests)
    assert {"Bearer t0p-secret"} == {each.headers["Authorization"] for each in provider.requests}


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(-840, "14 min behind"), (7200, "120 min ahead of"), (-310, "5 min behind")],
)
async def test_a_clock_that_is_off_is_told_with_its_size(serve, ahead, words):
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    date = format_datetime(now, usegmt=True)
    provider = answers(told(401, Date=date), told(401, Date=date))
    clock = now.timestamp() + ahead
    auth = OAuth1(key="k", secret="s")
    async with client_of(await serve(provider), auth=auth, clock=lambda: clock) as client:
        with pytest.raises(CredentialsError) as caught:
            await read(client)
        assert client.provider_time == now.timestamp()
    assert f"our clock is {words} the SIS's" in caught.value.message
    assert "Set the clock" in caught.value.remedy


async def test_a_signature_is_new_for_every_attempt(serve):
    provider = answers(told(500), told(401))
    auth = OAuth1(key="k", secret="s")
    async with client_of(await serve(provider), auth=auth) as client:
        assert await read(client)
    headers = [each.headers["Authorization"] for each in provider.requests]
    assert 3 == len(headers) == len(set(headers))


# -- wiring ---------------------------------------------------------------------------------


async def test_extra_headers_are_sent_and_cookies_are_kept(serve):
    def cookie(_request, number):
        if number == 1:
            answer = web.json_response({"orgs": []})
            answer.set_cookie("node", "7")
            return answer
        return None

    provider = Provider({"/orgs": orgs(3)}, before=cookie)
    wiring = Wiring(headers={"x-vendor-authorization": "key:secret"})
    async with client_of(await serve(provider), wiring=wiring) as client:
        await read(client)
        await read(client)
    assert "key:secret" == provider.requests[0].headers["x-vendor-authorization"]
    assert "7" == provider.requests[1].cookies["node"]
    assert "key:secret" not in repr(wiring)


async def test_cookies_are_not_kept_where_they_are_not_wanted(serve):
    def cookie(_request, _number):
        answer = web.json_response({"orgs": []})
        answer.set_cookie("node", "7")
        return answer

    provider = Provider({"/orgs": orgs(3)}, before=cookie)
    async with client_of(await serve(provider), wiring=Wiring(cookies=False)) as client:
        await read(client)
        await read(client)
    assert "node" not in provider.requests[1].cookies


async def test_a_redirect_within_the_provider_is_followed(serve):
    provider = Provider({"/orgs": orgs(3)})

    def lead(request, number):
        if number == 1:
            raise web.HTTPFound(str(request.rel_url.with_query("limit=2")))

    provider.before = lead
    async with client_of(await serve(provider)) as client:
        assert await read(client)
    assert "2" == provider.requests[1].query["limit"]


async def test_a_redirect_to_another_host_is_refused_and_gets_no_credentials(serve):
    def lead(_request, _number):
        raise web.HTTPFound("https://elsewhere.invalid/orgs")

    provider = Provider({"/orgs": orgs(3)}, before=lead)
    async with client_of(await serve(provider)) as client:
        with pytest.raises(GarbledError, match=r"another host \(elsewhere.invalid\)"):
            await read(client)


async def test_a_provider_behind_a_private_ca_is_reached_with_it_and_not_without(tmp_path):
    certificate, context = _self_signed(tmp_path)

    async def handle(_request):
        return web.json_response({"orgs": []})

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with client_of(url, wiring=Wiring(ca_file=certificate)) as client:
            assert await read(client)
        async with client_of(url, pauses=Pauses()) as client:
            with pytest.raises(UnreachableError, match="No secure connection") as caught:
                await read(client)
        assert "private CA" in caught.value.remedy
    finally:
        await runner.cleanup()


def test_a_ca_file_that_holds_no_certificates_is_told(tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(ConfigError, match="cannot be read"):
        Wire(Wiring(ca_file=tmp_path / "ca.pem"))


def _self_signed(folder):
    """A certificate of 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "ca.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    return certificate, context


def test_an_answer_says_its_charset_or_is_utf_8():
    assert "utf-8" == Answer(200, {}).charset
    assert "latin-1" == Answer(200, {"Content-Type": 'text/html; charset="latin-1"; x'}).charset
