"""Proving who we are: OAuth 2 tokens and OAuth 1.0a signatures, against servers that check them."""

import asyncio
from collections import Counter
from dataclasses import replace
from urllib.parse import quote, unquote

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from oneroster_provider import Provider, orgs
from oneroster_pulls import oauth1, oauth2, pulled
from oneroster_servers import client_of
from rosterway.errors import ConfigError, CredentialsError, GarbledError
from rosterway.oneroster.address import address, web_address
from rosterway.oneroster.asking import Asked
from rosterway.oneroster.auth import OAuth2, revealed
from rosterway.oneroster.failures import Call, Shown
from rosterway.oneroster.oauth1 import Signatory, base_string, sign
from rosterway.sandbox.sis.access.signatures import sign as spelt_out
from rosterway.sandbox.sis.server import start_sis
from rosterway.settings import shape
from rosterway.settings.secrets import Secret, SecretPlace, SecretPlaces
from rosterway.settings.shape import Credentials, Signature, Version

ORGS_ONLY = Asked(exclude=("academicSessions", "courses", "classes", "users", "enrollments"))
SECRET = "sh h/+=&%"


class TokenGiver:
    """Gives tokens t-1, t-2 … and answers orgs to whoever shows one that lives."""

    def __init__(self, *, lasts: object = 3600, kind: object = "Bearer", ends_older=False):
        self.answer = {"expires_in": lasts, "token_type": kind}
        self.ends_older = ends_older
        self.given = 0
        self.alive: set[str] = set()
        self.used: Counter[str] = Counter()
        self.forms: list[dict[str, str]] = []
        self.headers: list[str] = []
        self.provider = Provider({"/orgs": orgs(3)})

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/token":
            form = await request.post()
            self.forms.append({name: str(value) for name, value in form.items()})
            self.headers.append(request.headers.get("Authorization", ""))
            self.given += 1
            if self.ends_older:
                self.alive.clear()
            self.alive.add(f"t-{self.given}")
            return web.json_response({"access_token": f"t-{self.given}", **self.answer})
        token = request.headers["Authorization"].removeprefix("Bearer ")
        self.used[token] += 1
        if token not in self.alive:
            return web.json_response({}, status=401)
        return await self.provider(request)


@pytest.mark.parametrize(
    ("codes", "are_shown"), [(None, True), ({"invalid_client"}, True), ({"forbidden"}, False)]
)
async def test_the_words_of_a_refused_token_are_shown_if_they_may_be(serve, codes, are_shown):
    async def refuse(_request):
        said = {"error": "invalid_client", "error_description": "North SIS: unknown client"}
        return web.json_response(said, status=401)

    url = await serve(refuse)
    shown = Shown(None if codes is None else frozenset(codes))
    async with client_of(url, auth=replace(auth_of(url), shown=shown)) as client:
        with pytest.raises(CredentialsError, match="invalid_client") as refused:
            await client.sign_in()
    assert refused.value.message.startswith("North SIS: unknown client") is are_shown


def auth_of(url: str, *, scope="", guessed=False, in_body=False) -> OAuth2:
    return OAuth2(
        token_url=f"{url}/token?appName=north",
        client_id="us & them",
        client_secret=SECRET,
        scope=scope,
        is_scope_guessed=guessed,
        in_body=in_body,
    )


async def read(client):
    return await client.read("/orgs", [("limit", "5")], Call("reading"), lambda answer: answer.body)


# -- tokens ---------------------------------------------------------------------------------


async def test_a_token_is_asked_for_once_and_used_until_shortly_before_its_end(serve):
    giver, now = TokenGiver(), [1000.0]
    url = await serve(giver)
    async with client_of(url, auth=auth_of(url), clock=lambda: now[0]) as client:
        for _ in range(3):
            await read(client)
        now[0] += 3550
        await read(client)
        await read(client)
    assert {"t-1": 3, "t-2": 2} == giver.used


@pytest.mark.parametrize("lasts", [None, "soon", -5])
async def test_a_token_that_does_not_say_how_long_it_lasts_is_used_until_it_is_refused(
    serve, lasts
):
    giver = TokenGiver(lasts=lasts, kind="bearer")
    url = await serve(giver)
    async with client_of(url, auth=auth_of(url)) as client:
        await read(client)
        giver.alive.clear()
        await read(client)
    assert {"t-1": 2, "t-2": 1} == giver.used


async def test_a_token_that_is_refused_always_is_renewed_once(serve):
    giver = TokenGiver()
    url = await serve(giver)
    giver.alive = _Nobody()
    async with client_of(url, auth=auth_of(url)) as client:
        with pytest.raises(CredentialsError):
            await read(client)
    assert 2 == giver.given


class _Nobody(set[str]):
    def add(self, element: str) -> None:
        """Nobody's token lives."""


async def test_every_worker_has_a_token_of_its_own(serve):
    giver = TokenGiver()
    url = await serve(giver)
    there = asyncio.Event()

    async def meet(_request, _number):
        if giver.provider.in_flight == 3:
            there.set()
        await asyncio.wait_for(there.wait(), 5)

    giver.provider.before = meet
    async with client_of(url, auth=auth_of(url), max_requests=3) as client:
        await asyncio.gather(*(read(client) for _ in range(3)))
    assert {"t-1": 1, "t-2": 1, "t-3": 1} == giver.used


async def test_where_a_new_token_ends_the_older_ones_all_share_the_newest(serve):
    giver = TokenGiver(ends_older=True)
    url = await serve(giver)
    async with client_of(url, auth=auth_of(url), max_requests=4) as client:
        await asyncio.gather(*(read(client) for _ in range(12)))
        before = giver.given
        await asyncio.gather(*(read(client) for _ in range(12)))
    assert before == giver.given <= 5


async def test_credentials_go_into_the_header_encoded_or_into_the_body_and_the_query_stays(serve):
    giver = TokenGiver()
    url = await serve(giver)
    async with client_of(url, auth=auth_of(url, scope="a b")) as client:
        await read(client)
    async with client_of(url, auth=auth_of(url, in_body=True)) as client:
        await read(client)
    first, second = giver.forms
    assert {"grant_type": "client_credentials", "scope": "a b"} == first
    assert giver.headers[0].startswith("Basic ")
    assert SECRET == second["client_secret"]
    assert "" == giver.headers[1]
    assert "scope" not in second


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (web.json_response({"token": "x"}), "holds no access_token"),
        (web.Response(text="<html>"), "holds no access_token"),
        (web.json_response({"access_token": "x", "token_type": "mac"}), "no bearer token"),
    ],
)
async def test_an_answer_without_a_token_is_told(serve, answer, words):
    async def handle(_request):
        return web.Response(body=answer.body, status=200, content_type="application/json")

    url = await serve(handle)
    async with client_of(url, auth=auth_of(url)) as client:
        with pytest.raises(GarbledError, match=words):
            await client.sign_in()


async def test_wrong_credentials_are_told_in_the_providers_words_with_what_to_do(tmp_path):
    async with start_sis(students=1) as sis:
        wrong = OAuth2(token_url=sis.token_url, client_id="me", client_secret=SECRET)
        with pytest.raises(CredentialsError) as caught:
            await pulled(sis, tmp_path, auth=wrong)
    assert caught.value.message.startswith("client unknown, or its secret is wrong")
    assert "Check client id and secret" in caught.value.remedy
    assert SECRET not in f"{caught.value!r} {caught.value.message} {wrong!r}"


@pytest.mark.parametrize(
    ("knobs", "in_body"), [({"client_auth": "basic"}, False), ({"client_auth": "body"}, True)]
)
async def test_a_provider_that_knows_one_place_for_credentials_gets_them_there(
    tmp_path, knobs, in_body
):
    async with start_sis(students=1, knobs=knobs) as sis:
        found = await pulled(sis, tmp_path, auth=oauth2(sis, in_body=in_body), asked=ORGS_ONLY)
        assert found.complete
        with pytest.raises(CredentialsError):
            await pulled(sis, tmp_path, auth=oauth2(sis, in_body=not in_body), asked=ORGS_ONLY)


def test_a_scope_inside_the_address_is_left_there(tmp_path):
    configured = shape.OAuth2(
        token_url="https://sis.example/token?scope=all",
        client_id="me",
        client_secret=Secret(SecretPlace.ENV, "S"),
        scope=None,
        credentials=Credentials.BASIC,
    )
    found = revealed(configured, SecretPlaces({"S": "s"}, folder=tmp_path), ["x", "y"])
    assert isinstance(found, OAuth2)
    assert ("", False) == (found.scope, found.is_scope_guessed)


def test_a_token_url_that_is_no_address_is_told():
    with pytest.raises(ConfigError, match="token_url must begin with https"):
        web_address("sis.example/token", "token_url")


# -- signatures -----------------------------------------------------------------------------


def test_a_signature_is_that_of_the_published_example():
    """OAuth Core 1.0, appendix A.5: photos.example.net."""
    base = base_string(
        "GET",
        URL("http://photos.example.net/photos?file=vacation.jpg&size=original", encoded=True),
        [
            ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
            ("oauth_token", "nnch734d00sl2jdk"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "1191242096"),
            ("oauth_nonce", "kllo9940pd9333jh"),
            ("oauth_version", "1.0"),
        ],
    )
    made = sign(
        base,
        "kd94hf93k423kf44",
        token_secret="pfkkdhi9sl3r4s00",
        signature=Signature.HMAC_SHA1,
    )
    assert "tR3+Ty81lMeYAr/Fid0kMTYa/WM=" == made


@given(
    st.sampled_from(["GET", "PUT", "DELETE"]),
    st.text(max_size=20),
    st.lists(st.tuples(st.text(min_size=1, max_size=6), st.text(max_size=9)), max_size=3),
    st.text(max_size=12),
    st.sampled_from(Signature),
    st.text(max_size=6),
)
def test_a_signature_is_the_one_that_rfc_5849_spelt_out_gives(
    method, sourced_id, query, secret, signature, word
):
    path = f"/results/{quote(sourced_id.encode(errors='replace'), safe='')}"
    url = address(URL("https://sis.test:8443/ims/oneroster/v1p1"), path, _encodable(query))
    signatory = Signatory(f"me{_plain(word)}", _plain(secret), signature)
    header = signatory.authorization(method, url, timestamp=1, nonce=f"once{_plain(word)}")
    told = dict(part.split("=", 1) for part in header.removeprefix("OAuth ").split(", "))
    given_ = {name: unquote(value.strip('"')) for name, value in told.items()}
    place = f"{url.scheme}://{url.host}:{url.port}{url.raw_path}"
    expected = spelt_out(
        given_["oauth_signature_method"],
        method,
        place,
        url.raw_query_string,
        given_,
        secret=_plain(secret),
    )
    assert expected == given_["oauth_signature"]


def _plain(text):
    return text.encode(errors="replace").decode()


def _encodable(pairs):
    return [(_plain(name), _plain(value)) for name, value in pairs]


@pytest.mark.parametrize("signature", Signature)
async def test_signatures_cover_exactly_the_query_that_is_sent(tmp_path, signature):
    asked = Asked(
        exclude=ORGS_ONLY.exclude[:-1],
        filters={"orgs": "name!='A & B / ü = 100%+1'", "enrollments": "role='student'"},
        fields={"orgs": ("sourcedId", "name", "type", "status", "dateLastModified")},
        page_size=20,
    )
    async with start_sis(students=5, knobs={"auth": "oauth1"}) as sis:
        found = await pulled(sis, tmp_path, auth=oauth1(sis, signature), asked=asked)
        assert found.complete, found.why
        assert any("filter=role%3D%27student%27" in each.query for each in sis.provider.requests)


async def test_a_provider_whose_clock_is_off_refuses_signatures_and_we_say_by_how_much(tmp_path):
    async with start_sis(students=1, faults=["skewed-clock"]) as sis:
        with pytest.raises(CredentialsError) as caught:
            await pulled(sis, tmp_path, auth=oauth1(sis), version=Version.V1P1)
    assert "our clock is 15 min behind the SIS's" in caught.value.message
