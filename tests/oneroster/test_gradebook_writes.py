"""What is written ends accepted, refused, not sent or unknown, and nothing is sent twice unasked."""

import asyncio
from itertools import combinations

import pytest
from aiohttp import web

from oneroster_gradebooks import NOW, school_of
from oneroster_provider import Provider, refusal
from oneroster_pulls import oauth1, oauth2
from oneroster_servers import client_of
from rosterway.errors import CredentialsError, RejectedError, ThrottledError, UnreachableError
from rosterway.formats.oneroster.gradebook import Result
from rosterway.formats.oneroster.gradebook_writing import Manner, Shape
from rosterway.oneroster.failures import Call, Shown
from rosterway.oneroster.gradebook_writes import (
    Bulk,
    BulkWay,
    Delete,
    GradebookWriter,
    Outcome,
    Put,
    pairs_in,
)
from rosterway.oneroster.patience import Patience
from rosterway.settings.shape import Version

BOTH = pytest.mark.parametrize("version", Version)
HERE = Call("writing results")
GRADE = Result(
    sourced_id="r-1", line_item_id="li-1", student_id="u-1", score=1.0, score_status="fully graded"
)


def truth(school, collection="results"):
    return {one["sourcedId"]: one for one in school.sis.provider.truth(collection)}


# -- what the official schemas take ------------------------------------------------------------


@pytest.mark.parametrize("shape", Shape)
@BOTH
async def test_what_is_written_is_what_the_sis_has(version, shape):
    async with school_of(version, strict=shape is Shape.STRICT) as school:
        writer = school.writer(shape=shape)
        item, result = school.line_item(), school.result(late=True, comment="Well done")
        written = [await writer.put(item, NOW), await writer.put(result, NOW)]
        again = await writer.put(item, NOW)
        books = school.books
        line, back = await books.line_item("li-1"), await books.result("li-1-u0")

    assert line is not None
    assert back is not None
    assert [Outcome.ACCEPTED] * 2 == [one.outcome for one in written]
    assert (200 if version is Version.V1P1 else 201) == again.status
    assert (item.title, item.due, item.maximum) == (line.title, line.due, line.maximum)
    assert (18.5, "fully graded", "Well done") == (
        back.score,
        back.score_status,
        back.comment,
    )
    assert (None if version is Version.V1P1 else True) == back.late


@pytest.mark.parametrize("status", ["exempt", "not submitted", "submitted"])
@BOTH
async def test_what_is_no_grade_is_taken_by_the_strict_schema_and_read_as_none(version, status):
    async with school_of(version) as school:
        writer = school.writer()
        await writer.put(school.line_item(), NOW)
        written = await writer.put(school.result(score=None, score_status=status), NOW)
        back = await school.books.result("li-1-u0")

    assert written.is_accepted
    assert back is not None
    assert (None, status) == (back.score, back.score_status)


# -- ids -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("placeholder", ["new", "0", ""])
@BOTH
async def test_modified_passback_keeps_the_id_the_sis_gives(version, placeholder):
    async with school_of(version, allocates=True) as school:
        writer = school.writer(placeholder=placeholder, modified=True)
        new = await writer.put(school.line_item(""), NOW)
        update = await writer.put(school.line_item(new.sourced_id, title="Quiz One"), NOW)
        asked = [one for one in school.asked() if one.startswith("PUT")]
        held = truth(school, "lineItems")

    assert new.sourced_id.startswith("lineItem-")
    assert new.sourced_id == update.sourced_id
    assert ["Quiz One"] == [one["title"] for one in held.values()]
    assert f"PUT lineItems/{placeholder}".rstrip("/") == asked[0]


@pytest.mark.parametrize("status", [0, 200, 201, 204])
@BOTH
async def test_another_id_in_the_answer_wins(version, status):
    async with school_of(version, renames=True, put_status=status) as school:
        written = await school.writer().put(school.line_item("ours"), NOW)
        (held,) = truth(school, "lineItems")

    assert written.is_accepted
    assert ("ours" if status == 204 else held) == written.sourced_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "r-1"),
        ('{"result": {"sourcedId": "theirs"}}', "theirs"),
        ('{"sourcedId": "theirs"}', "theirs"),
        ('{"result": {"sourcedId": 7}}', "7"),
        ('{"result": null}', "r-1"),
        ('{"statusInfoSet": []}', "r-1"),
        ("[]", "r-1"),
        ('"ok"', "r-1"),
    ],
)
async def test_whatever_the_body_of_an_accepted_put_it_is_accepted(serve, text, expected):
    provider = Provider(before=lambda request, _: web.Response(text=text))
    async with client_of(await serve(provider)) as client:
        writer = GradebookWriter(client, client.root, Manner(version=Version.V1P1))
        written = await writer.put(GRADE, NOW)

    assert (Outcome.ACCEPTED, expected) == (written.outcome, written.sourced_id)


async def test_a_web_page_is_no_yes(serve):
    provider = Provider(before=lambda request, _: web.Response(text=" <!DOCTYPE html><html>"))
    async with client_of(await serve(provider)) as client:
        writer = GradebookWriter(client, client.root, Manner(version=Version.V1P1))
        found = [await writer.put(GRADE, NOW), await writer.delete(GRADE)]

    assert [Outcome.UNKNOWN] * 2 == [one.outcome for one in found]
    assert "A web page came back while writing to the gradebook" in str(found[0].error)


async def test_ids_are_encoded_in_paths(serve):
    provider = Provider(before=lambda request, _: web.Response(status=204))
    async with client_of(await serve(provider)) as client:
        writer = GradebookWriter(client, client.root, Manner(version=Version.V1P1))
        await writer.delete(Result(sourced_id="a/b c?d", line_item_id="l", student_id="u"))

    assert "/ims/oneroster/v1p1/results/a%2Fb%20c%3Fd" == provider.requests[0].raw_path


# -- refusals ------------------------------------------------------------------------------------


@BOTH
async def test_a_refusal_comes_with_the_provider_s_own_words_and_the_whole_exchange(version):
    async with school_of(version, vendor="powerschool") as school:
        written = await school.writer().put(school.line_item(title="A name " * 8), NOW)

    assert (Outcome.REFUSED, 400) == (written.outcome, written.status)
    assert "Sandbox SIS: Unable to Create Assignment" == written.words
    assert ({"invalid_data"} if version is Version.V1P1 else {"invaliddata"}) == set(written.codes)
    assert isinstance(written.error, RejectedError)
    assert "Unable to Create Assignment. The SIS refuses it" in written.error.message
    assert b"A name A name" in written.exchange.sent
    assert b"Unable to Create Assignment" in written.exchange.body
    assert "A name" not in repr(written)
    assert written.exchange.seconds > 0


async def test_words_are_shown_only_where_they_may_be(serve):
    provider = Provider(before=lambda request, _: refusal(422, "invaliddata", "SIS: Ada failed"))
    async with client_of(await serve(provider)) as client:
        writer = GradebookWriter(
            client, client.root, Manner(version=Version.V1P2), shown=Shown(frozenset())
        )
        written = await writer.put(GRADE, NOW)

    assert ("", ("invaliddata",)) == (written.words, written.codes)
    assert "Ada" not in str(written.error)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((400, RejectedError), (403, CredentialsError), (404, RejectedError)),
        *((405, RejectedError), (409, RejectedError), (412, RejectedError), (422, RejectedError)),
        (501, RejectedError),
    ],
)
async def test_what_is_refused_is_sent_once(serve, status, kind):
    provider = Provider(before=lambda request, _: web.Response(status=status))
    async with client_of(await serve(provider)) as client:
        reply = await client.write("PUT", "/results/r", b"{}", HERE)

    assert isinstance(reply.error, kind)
    assert not reply.is_unknown
    assert 1 == len(provider.requests)


# -- what nobody knows -------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["write-500", "write-cut", "write-hangs"])
@pytest.mark.parametrize("was_known", [False, True])
@BOTH
async def test_a_write_whose_outcome_nobody_knows_is_not_sent_again(version, was_known, fault):
    async with school_of(version, silence=0.3) as school:
        writer = school.writer()
        await writer.put(school.line_item(), NOW)
        if was_known:  # a kept connection, over which aiohttp would send once more
            await writer.put(school.result(), NOW)
        school.sis.provider.faults.put([f"{fault}:1"])
        school.asked()
        written = await writer.put(school.result(score=3.0), NOW)
        asked = school.asked()
        school.sis.provider.faults.put([])
        back = await school.books.result("li-1-u0")

    assert Outcome.UNKNOWN == written.outcome
    assert isinstance(written.error, UnreachableError)
    assert ["PUT results/li-1-u0"] == asked
    assert back is not None
    assert back.score == 3.0  # it was done, which only reading it back can tell
    assert written.status == (500 if fault == "write-500" else None)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 520])
async def test_a_failure_of_the_server_may_have_come_after_the_deed(serve, status):
    provider = Provider(before=lambda request, _: web.Response(status=status))
    async with client_of(await serve(provider)) as client:
        reply = await client.write("POST", "/lineItems/l/results", b"{}", HERE)

    assert reply.is_unknown
    assert 1 == len(provider.requests)


async def test_what_was_never_sent_is_tried_again_and_is_not_unknown(pauses):
    async with client_of("http://127.0.0.1:1", pauses=pauses) as client:
        writer = GradebookWriter(client, client.root, Manner(version=Version.V1P1))
        written = await writer.put(GRADE, NOW)

    assert Outcome.NOT_SENT == written.outcome
    assert isinstance(written.error, UnreachableError)
    assert 2 == len(pauses)


# -- waiting, and who we are -------------------------------------------------------------------


@BOTH
async def test_a_wait_that_is_asked_for_is_waited_out_by_all(version):
    async with school_of(version, retry_seconds=7) as school:
        writer = school.writer()
        await writer.put(school.line_item(), NOW)
        school.sis.provider.faults.put(["write-429"])
        puts = [Put(school.result(n % 5, sourced_id=f"r-{n}")) for n in range(12)]
        found = [one async for _, one in writer.write_all(puts, NOW)]

    assert [Outcome.ACCEPTED] * 12 == [one.outcome for one in found]
    assert set(school.pauses) == {7.0}
    assert 12 == len(truth(school))


async def test_a_provider_that_never_lets_us_is_told_as_not_sent(serve, pauses):
    busy = web.Response
    provider = Provider(before=lambda request, _: busy(status=429, headers={"Retry-After": "5"}))
    async with client_of(
        await serve(provider), patience=Patience(waits=2), pauses=pauses
    ) as client:
        reply = await client.write("PUT", "/results/r", b"{}", HERE)

    assert isinstance(reply.error, ThrottledError)
    assert (5.0, False) == (reply.wait, reply.is_unknown)
    assert [5.0, 5.0] == list(pauses)


async def test_a_token_that_has_ended_is_renewed_once(serve):
    async with school_of(auth=oauth2) as school:
        writer = school.writer()
        await writer.put(school.line_item(), NOW)
        school.sis.provider.tokens.revoke_all()
        written = await writer.put(school.result(), NOW)
        school.sis.provider.faults.put(["401"], every=1)
        refused = await writer.put(school.result(), NOW)

    assert written.is_accepted
    assert (Outcome.REFUSED, 401) == (refused.outcome, refused.status)
    assert isinstance(refused.error, CredentialsError)


async def test_a_signature_covers_the_address_that_is_written_to():
    async with school_of(Version.V1P1, auth=oauth1) as school:
        school.sis.provider.knobs.auth = "oauth1"
        item = school.line_item("li/1 ü")
        written = await school.writer().put(item, NOW)

    assert written.is_accepted, written.error
    assert ["li/1 ü"] == list(truth(school, "lineItems"))


@pytest.mark.parametrize(("status", "is_followed"), [(307, True), (308, True), (301, False)])
async def test_only_redirects_that_keep_the_method_are_followed(serve, status, is_followed):
    def send_on(request, number):
        headers = {"Location": "/elsewhere"}
        return web.Response(status=status, headers=headers) if number == 1 else web.Response()

    provider = Provider(before=send_on)
    async with client_of(await serve(provider)) as client:
        reply = await client.write("PUT", "/results/r", b"{}", HERE)

    assert is_followed == reply.is_accepted
    assert ["PUT"] * (2 if is_followed else 1) == [one.method for one in provider.requests]


# -- deleting ------------------------------------------------------------------------------------


@pytest.mark.parametrize("tombstones", [False, True])
@BOTH
async def test_what_is_deleted_is_gone_and_deleting_it_again_is_no_failure(version, tombstones):
    async with school_of(version, grade_tombstones=tombstones) as school:
        writer = school.writer()
        await writer.put(school.line_item(), NOW)
        await writer.put(school.result(), NOW)
        found = [await writer.write(Delete(school.result()), NOW) for _ in range(2)]
        back = await school.books.result("li-1-u0")

    assert [Outcome.ACCEPTED] * 2 == [one.outcome for one in found]
    assert None is back


async def test_a_404_that_speaks_of_no_object_may_mean_that_there_is_no_deleting(serve):
    provider = Provider(before=lambda request, _: web.Response(status=404, text="<html>"))
    async with client_of(await serve(provider)) as client:
        writer = GradebookWriter(client, client.root, Manner(version=Version.V1P1))
        found = await writer.delete(GRADE)

    assert (Outcome.UNKNOWN, "r-1") == (found.outcome, found.sourced_id)


async def test_a_provider_without_delete_refuses_it():
    async with school_of(vendor="aeries") as school:
        writer = school.writer()
        await writer.put(school.line_item(), NOW)
        found = await writer.delete(school.line_item())

    assert (Outcome.REFUSED, 405) == (found.outcome, found.status)


# -- many ----------------------------------------------------------------------------------------


async def test_outcomes_come_as_they_are_known_and_no_more_at_a_time_than_may(serve):
    gates = {"r-0": asyncio.Event()}
    provider = Provider()

    async def slowly(request, _):
        key = request.path.rpartition("/")[2]
        if key in gates:
            await gates[key].wait()
        return web.Response(status=201)

    provider.before = slowly
    seen = []
    async with client_of(await serve(provider), max_requests=3) as client:
        writer = GradebookWriter(client, client.root, Manner(version=Version.V1P1))
        nouns = [
            Result(sourced_id=f"r-{n}", line_item_id="l", student_id=f"u{n}") for n in range(9)
        ]
        async for put, written in writer.write_all(map(Put, nouns), NOW):
            seen.append(put.noun.sourced_id)
            assert written.is_accepted
            if len(seen) == 8:
                gates["r-0"].set()

    assert "r-0" == seen[-1]
    assert {f"r-{n}" for n in range(9)} == set(seen)
    assert 2 <= provider.most_in_flight <= 3


TROUBLES = (
    *("write-500", "write-cut", "write-429", "write-blank", "cut", "cut-midway", "500", "502"),
    *("503", "429-date", "401", "blank-body", "html-200"),
)


@pytest.mark.parametrize("faults", list(combinations(TROUBLES, 2)), ids="+".join)
async def test_under_any_two_faults_each_outcome_is_true_of_what_the_sis_has(faults):
    async with school_of(retry_seconds=0) as school:
        writer = school.writer()
        await writer.put(school.line_item(), NOW)
        school.sis.provider.faults.put(faults)
        results = [school.result(n % 5, sourced_id=f"r-{n}", score=float(n)) for n in range(12)]
        written_all = writer.write_all(map(Put, results), NOW)
        outcomes = {put.noun.sourced_id: one async for put, one in written_all}
        school.sis.provider.faults.put([])
        held = truth(school)
        sent = school.asked()

    assert 12 == len(outcomes)
    for noun in results:
        written, there = outcomes[noun.sourced_id], held.get(noun.sourced_id)
        if written.is_accepted:
            assert there is not None
            assert noun.score == there["score"]
        if written.outcome in {Outcome.REFUSED, Outcome.NOT_SENT}:
            assert there is None, written
        times = sent.count(f"PUT results/{noun.sourced_id}")
        assert times == 1 or RENEWED & set(faults)


#: What nothing can have been done under, so that it is sent again.
RENEWED = {"write-429", "429-date", "503", "401"}


async def test_what_is_under_way_when_it_is_left_is_cancelled(serve):
    arrived = asyncio.Semaphore(0)

    async def never(*_):
        arrived.release()
        await asyncio.Event().wait()

    async with client_of(await serve(Provider(before=never))) as client:
        writer = GradebookWriter(client, client.root, Manner(version=Version.V1P1))
        outcomes = writer.write_all([Put(GRADE)] * 3, NOW)
        waiting = asyncio.ensure_future(anext(outcomes))
        for _ in range(3):
            await arrived.acquire()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await outcomes.aclose()

    assert arrived.locked()


@pytest.mark.parametrize("way", [BulkWay.LINE_ITEM, BulkWay.SESSION, BulkWay.URL])
@pytest.mark.parametrize("fault", ["", "pairs-reversed", "pairs-short", "pairs-object"])
async def test_many_results_are_posted_at_once_and_matched_by_what_was_supplied(way, fault):
    async with school_of() as school:
        writer = school.writer()
        # a result posted to a session belongs to the line item that is its own
        await writer.put(school.line_item(academic_session_id="2026-27-Q1"), NOW)
        if fault:
            school.sis.provider.faults.put([fault])
        results = [school.result(n) for n in range(5)]
        bulk = Bulk(
            way=way,
            class_id=school.class_id,
            session_id="2026-27-Q1",
            line_item_id="li-1",
            path="/lineItems/{lineItem}/results" if way is BulkWay.URL else "",
        )
        found = await writer.post_many(results, bulk, NOW)
        held = truth(school)

    named = {"pairs-short": 3, "pairs-object": 1}.get(fault, 5)
    assert 5 == len(found) == len(held)
    assert named == sum(one.is_accepted for one in found)
    for result, written in zip(results, found, strict=True):
        if written.is_accepted:
            told = held[written.sourced_id]["student"]["sourcedId"]
            assert result.student_id == told
        else:
            assert (Outcome.UNKNOWN, "") == (written.outcome, written.sourced_id)


async def test_line_items_are_posted_to_their_class():
    async with school_of() as school:
        writer = school.writer()
        items = [school.line_item(f"ours-{n}", title=f"Quiz {n}") for n in range(3)]
        bulk = Bulk(way=BulkWay.CLASS, class_id=school.class_id)
        found = await writer.post_many(items, bulk, NOW)
        none = await writer.post_many([], bulk, NOW)
        held = truth(school, "lineItems")

    assert {one.sourced_id for one in found} == set(held)
    assert [] == none


async def test_a_post_that_is_refused_or_lost_is_so_for_all_of_it():
    async with school_of() as school:
        writer = school.writer()
        items = [school.line_item("a"), school.line_item("b", category_id="nothing")]
        bulk = Bulk(way=BulkWay.CLASS, class_id=school.class_id)
        refused = await writer.post_many(items, bulk, NOW)
        school.sis.provider.faults.put(["write-500:1"])
        lost = await writer.post_many(items[:1] * 2, bulk, NOW)

    assert [Outcome.REFUSED] * 2 == [one.outcome for one in refused]
    assert [Outcome.UNKNOWN] * 2 == [one.outcome for one in lost]


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b'{"sourcedIdPairs": [1, null, {"suppliedSourcedId": "a"}]}']
)
def test_pairs_that_say_nothing_are_none(text):
    assert {} == pairs_in(text)
