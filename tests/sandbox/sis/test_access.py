"""Who may ask: tokens, signatures, bearers, headers, and what a scope opens."""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import parse_qsl, quote, urlencode

import pytest

from rosterway.sandbox.sis.model.operations import scopes_of

PREFIX = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
GRANT = {"grant_type": "client_credentials"}


async def ask(sis, *, basic=True, query="", form=None, secret=None):
    known = sis.sis.provider.credentials
    secret = secret or known.client_secret
    headers, body = {}, dict(GRANT if form is None else form)
    if basic:
        pair = f"{quote(known.client_id)}:{quote(secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        body |= {"client_id": known.client_id, "client_secret": secret}
    url = sis.sis.token_url + query
    async with sis.session.post(url, data=body, headers=headers) as response:
        return response.status, await response.json()


async def token(sis, *scopes):
    form = GRANT | ({"scope": " ".join(PREFIX + scope for scope in scopes)} if scopes else {})
    status, body = await ask(sis, form=form)
    assert status == 200, body
    return body["access_token"]


async def status_of(sis, path="/orgs", **options):
    return (await sis.call(path, **options))[0]


@pytest.mark.parametrize("basic", [True, False])
async def test_a_token_is_given_for_credentials_in_either_place(sis, basic):
    status, body = await ask(sis, basic=basic)
    assert (200, "Bearer", 3600) == (status, body["token_type"], body["expires_in"])
    sis.token = body["access_token"]
    assert 200 == await status_of(sis)


async def test_credentials_may_have_to_stand_in_one_place(sis):
    await sis.knob(client_auth="body")
    assert (401, "invalid_client") == ((await ask(sis))[0], (await ask(sis))[1]["error"])
    assert 200 == (await ask(sis, basic=False))[0]


async def test_a_wrong_secret_and_another_grant_are_refused(sis):
    assert (401, "invalid_client") == (await refused(sis, secret="wrong"))
    assert (400, "unsupported_grant_type") == await refused(sis, form={"grant_type": "password"})


async def refused(sis, **options):
    status, body = await ask(sis, **options)
    return status, body["error"]


async def test_granted_is_what_was_asked_for_and_exists(sis):
    wanted = f"{PREFIX}roster.readonly {PREFIX}made.up"
    _, body = await ask(sis, form=GRANT | {"scope": wanted})
    assert f"{PREFIX}roster.readonly" == body["scope"]
    _, everything = await ask(sis)
    assert set(scopes_of("1.1")) | set(scopes_of("1.2")) == set(everything["scope"].split())
    assert (400, "invalid_scope") == await refused(sis, form=GRANT | {"scope": "made.up"})


async def test_a_scope_may_stand_in_the_address(sis):
    await sis.knob(scope_place="url")
    query = "?" + urlencode({"scope": f"{PREFIX}roster-core.readonly"})
    _, body = await ask(sis, query=query)
    assert f"{PREFIX}roster-core.readonly" == body["scope"]


async def test_the_query_of_the_token_address_must_survive(sis):
    await sis.knob(token_query="appName=district")
    assert (400, "invalid_request") == await refused(sis)
    assert 200 == (await ask(sis, query="?appName=district"))[0]


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        ("roster-core.readonly", "/users", 200),
        ("roster.readonly", "/users", 200),
        ("roster-core.readonly", "/schools/00101/classes", 403),
        ("roster.readonly", "/demographics", 403),
        ("roster-demographics.readonly", "/demographics", 200),
        ("gradebook.readonly", "/users", 403),
    ],
)
async def test_a_scope_opens_what_it_names(sis, scope, path, status):
    sis.token = await token(sis, scope)
    found, _, body = await sis.call(path)
    assert status == found
    if status == 403:
        (field,) = body["imsx_CodeMinor"]["imsx_codeMinorField"]
        assert "forbidden" == field["imsx_codeMinorFieldValue"]


async def test_a_scope_of_one_version_does_not_open_the_other(sis):
    sis.token = await token(sis, "roster.readonly")
    assert 403 == await status_of(sis, version="1.1")
    await sis.knob(scopes_matter=False)
    assert 200 == await status_of(sis, version="1.1")


async def test_a_token_ends_with_its_time(sis):
    sis.token = await token(sis)
    sis.watch.wait(seconds=3599)
    assert 200 == await status_of(sis)
    sis.watch.wait(seconds=1)
    status, headers, _ = await sis.call("/orgs")
    assert 401 == status
    assert headers["WWW-Authenticate"].startswith("Bearer")


async def test_older_tokens_live_on_beside_new_ones(sis):
    first, second = await token(sis), await token(sis)
    for known in (first, second):
        sis.token = known
        assert 200 == await status_of(sis)


async def test_tokens_can_be_ended_by_hand(sis):
    sis.token = await token(sis)
    await sis.control("DELETE", "tokens")
    assert 401 == await status_of(sis)


async def test_nobody_is_let_in_unknown(sis):
    assert 401 == await status_of(sis, headers={"Authorization": ""})
    assert 401 == await status_of(sis, headers={"Authorization": "Bearer guessed"})
    await sis.knob(auth="none")
    assert 200 == await status_of(sis, headers={"Authorization": ""})


async def test_extra_headers_may_be_wanted_everywhere_or_by_the_gradebook(sis):
    await sis.knob(gradebook_headers={"x-vendor-authorization": "k:s"})
    assert 200 == await status_of(sis)
    assert 401 == await status_of(sis, path="/categories", service="gradebook")
    extra = {"X-Vendor-Authorization": "k:s"}
    assert 200 == await status_of(sis, path="/categories", service="gradebook", headers=extra)
    await sis.knob(headers={"x-district": "9"})
    assert 401 == await status_of(sis)


def signed(sis, url, *, method="HMAC-SHA256", nonce=None, skew=0, query=None):
    """An Authorization header as RFC 5849 has it, made independently of the server's."""
    known = sis.sis.provider.credentials
    address, _, raw = url.partition("?")
    given = {
        "oauth_consumer_key": known.client_id,
        "oauth_nonce": nonce or secrets.token_hex(8),
        "oauth_signature_method": method,
        "oauth_timestamp": str(int(sis.watch.now.timestamp()) + skew),
        "oauth_version": "1.0",
    }
    pairs = list(given.items()) + parse_qsl(raw if query is None else query, keep_blank_values=True)

    def enc(text):
        return quote(text, safe="-._~")

    joined = "&".join(f"{k}={v}" for k, v in sorted((enc(k), enc(v)) for k, v in pairs))
    base = f"GET&{enc(address)}&{enc(joined)}"
    digest = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}[method]
    mac = hmac.new(f"{enc(known.client_secret)}&".encode(), base.encode(), digest).digest()
    given["oauth_signature"] = base64.b64encode(mac).decode()
    return "OAuth " + ", ".join(f'{name}="{enc(value)}"' for name, value in given.items())


async def send(sis, url, header):
    from yarl import URL

    headers = {"Authorization": header}
    async with sis.session.get(URL(url, encoded=True), headers=headers) as response:
        return response.status, await response.text()


FILTER = "filter=familyName%3E%27m%20n%27&limit=5"


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256"])
@pytest.mark.parametrize("query", ["", "?limit=5", f"?{FILTER}"])
async def test_a_signature_over_what_is_sent_is_good(sis, method, query):
    url = sis.url("/users", "1.1") + query
    assert 200 == (await send(sis, url, signed(sis, url, method=method)))[0]


async def test_a_signature_over_another_query_is_not(sis):
    url = sis.url("/users", "1.1") + "?" + FILTER
    status, text = await send(sis, url, signed(sis, url, query="limit=5"))
    assert 401 == status
    assert "signature does not fit" in text


async def test_a_signature_is_good_once_and_for_its_time(sis):
    url = sis.url("/orgs", "1.1")
    header = signed(sis, url)
    assert [200, 401] == [(await send(sis, url, header))[0] for _ in range(2)]
    for skew, status in ((-590, 200), (-610, 401), (290, 200), (310, 401)):
        assert status == (await send(sis, url, signed(sis, url, skew=skew)))[0]


async def test_signatures_are_of_1p1_alone_and_of_methods_that_are_accepted(sis):
    newer = sis.url("/orgs", "1.2")
    assert 401 == (await send(sis, newer, signed(sis, newer)))[0]
    older = sis.url("/orgs", "1.1")
    await sis.knob(signatures="HMAC-SHA256")
    assert 401 == (await send(sis, older, signed(sis, older, method="HMAC-SHA1")))[0]
    await sis.knob(auth="oauth2 bearer")
    assert 401 == (await send(sis, older, signed(sis, older)))[0]


async def test_a_skewed_clock_shows_in_the_date_and_refuses_good_signatures(sis):
    await sis.fault("skewed-clock")
    url = sis.url("/orgs", "1.1")
    status, text = await send(sis, url, signed(sis, url))
    assert 401 == status
    assert "900 seconds from the time here" in text
    _, headers, _ = await sis.call("/orgs")
    assert "Mon, 23 Nov 2026 12:15:00 GMT" == headers["Date"]
    assert 200 == (await send(sis, url, signed(sis, url, skew=900)))[0]


async def test_expiring_tokens_serve_so_many_requests(sis):
    await sis.fault("expiring-tokens")
    sis.token = await token(sis)
    assert [200, 200, 200, 401, 401] == [await status_of(sis) for _ in range(5)]


async def test_one_token_at_a_time_ends_those_before(sis):
    await sis.fault("one-token")
    first = await token(sis)
    second = await token(sis)
    sis.token = first
    assert 401 == await status_of(sis)
    sis.token = second
    assert 200 == await status_of(sis)


@pytest.mark.parametrize(
    ("fault", "scope", "answer"),
    [
        ("scope-refused", f"{PREFIX}roster.readonly", (400, "invalid_scope")),
        ("missing-scope-refused", None, (400, "invalid_scope")),
        ("unknown-scope-refused", f"{PREFIX}roster.readonly x", (400, "invalid_scope")),
        ("token-500", None, (500, "server_error")),
    ],
)
async def test_token_requests_are_refused_as_some_providers_do(sis, fault, scope, answer):
    await sis.fault(fault, times=1)
    form = GRANT | ({"scope": scope} if scope else {})
    assert answer == await refused(sis, form=form)


@pytest.mark.parametrize(
    ("fault", "field", "value"),
    [
        ("lifetime-string", "expires_in", "3600"),
        ("no-lifetime", "expires_in", None),
        ("lower-token-type", "token_type", "bearer"),
    ],
)
async def test_token_answers_differ_as_some_providers_have_them(sis, fault, field, value):
    await sis.fault(fault)
    assert value == (await ask(sis))[1].get(field)


async def test_the_core_scope_is_not_enough_for_enrollments_at_one_provider(sis):
    await sis.fault("core-not-enough")
    sis.token = await token(sis, "roster-core.readonly")
    assert [200, 403] == [await status_of(sis), await status_of(sis, "/enrollments")]


async def test_a_good_token_may_be_refused_by_mistake(sis):
    await sis.fault("401:1")
    assert [401, 200] == [await status_of(sis) for _ in range(2)]


async def test_pages_after_the_first_may_need_its_cookie(sis):
    await sis.fault("cookies")
    status, headers, _ = await sis.call("/users?limit=10")
    assert 200 == status
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert 401 == await status_of(sis, "/users?limit=10&offset=10")
    assert 200 == await status_of(sis, "/users?limit=10&offset=10", headers={"Cookie": cookie})
