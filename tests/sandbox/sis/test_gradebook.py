"""The gradebook: written whole, read back in either version, and strict as the official schemas."""

import pytest
import pytest_asyncio

from rosterway.sandbox.sis.model.nouns import GRADEBOOK_NOUNS
from sandbox_school import school_of


@pytest_asyncio.fixture
async def school(sis):
    return await school_of(sis)


def minor(body):
    return body["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"]


async def test_it_begins_with_categories_and_a_scale_for_each_class(school):
    sis, key = school.sis, school.klass["sourcedId"]
    titles = [row["title"] for row in await sis.rows("/categories", service="gradebook")]
    assert ["Homework", "Quizzes", "Tests", "Projects"] == titles
    assert "weight" not in (await sis.rows("/categories", version="1.1"))[0]
    (scale,) = await sis.rows(f"/classes/{key}/scoreScales", service="gradebook")
    assert {"itemValueLHS": "A", "itemValueRHS": "90-100"} == scale["scoreScaleValue"][0]
    at = school.klass["school"]["sourcedId"]
    assert scale in await sis.rows(f"/schools/{at}/scoreScales", service="gradebook", limit="999")


async def test_categories_may_belong_to_classes(open_sis):
    async with open_sis(students=60, categories="by-class") as sis:
        first, second = (await sis.ids("/classes", limit="2"))[:2]
        found = await sis.ids(f"/classes/{first}/categories", service="gradebook")
        assert f"category-{first}" in found
        assert "category-1" in found
        assert f"category-{second}" not in found
        assert [f"category-{second}"] == await sis.ids(
            "/categories", service="gradebook", filter=f"metadata.classId='{second}'"
        )


async def test_a_line_item_and_its_result_are_created_replaced_and_read_in_either_version(school):
    sis, key = school.sis, school.klass["sourcedId"]
    assert (201, "") == await school.put("lineItem", school.line())
    assert (201, "") == await school.put("result", school.result())
    assert (201, "") == await school.put("result", school.result(score=19))
    path = f"/classes/{key}/lineItems/li-1/results"
    (newer,) = await sis.rows(path, service="gradebook")
    (older,) = await sis.rows(path, version="1.1")
    assert 19.0 == newer["score"] == older["score"]
    assert "2026-11-23T12:00:00.000Z" == newer["dateLastModified"]
    for inner in (f"/classes/{key}/results", f"/classes/{key}/students/{school.student}/results"):
        assert ["r-1"] == await sis.ids(inner, service="gradebook")
    assert ["li-1"] == await sis.ids(f"/classes/{key}/lineItems", service="gradebook")
    assert "school" not in (await sis.rows("/lineItems", version="1.1"))[0]


async def test_1p1_answers_201_to_what_is_new_and_200_to_what_replaces(school):
    assert 201 == (await school.put("lineItem", school.old_line(), "1.1"))[0]
    assert 200 == (await school.put("lineItem", school.old_line(title="Quiz 1b"), "1.1"))[0]
    (newer,) = await school.sis.rows("/lineItems", service="gradebook")
    assert ("Quiz 1b", school.klass["school"]) == (newer["title"], newer["school"])


async def test_what_is_not_submitted_has_a_filler_score_in_1p1(school):
    await school.put("lineItem", school.line())
    waiting = school.result(scoreStatus="not submitted", missing="true")
    del waiting["score"]
    await school.put("result", waiting)
    assert 0.0 == (await school.sis.rows("/results", version="1.1"))[0]["score"]
    (newer,) = await school.sis.rows("/results", service="gradebook")
    assert "score" not in newer
    assert "true" == newer["missing"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"shoeSize": 9}, "lineItem has no field shoeSize"),
        ({"title": None}, "lineItem.title is no string"),
        ({"status": "inactive"}, "lineItem.status is one of active, tobedeleted"),
        ({"dueDate": "2026-10-01"}, "lineItem.dueDate is a moment"),
        ({"dateLastModified": "yesterday"}, "lineItem.dateLastModified is a moment"),
        ({"resultValueMax": "20"}, "lineItem.resultValueMax is no number"),
        ({"class": {"sourcedId": "x"}}, "lineItem.class.href is required"),
        (
            {"class": {"href": "http://x", "sourcedId": "x", "type": "lineItem"}},
            "lineItem.class.type is class",
        ),
        ({"class": {"href": "x", "sourcedId": "x", "type": "class"}}, "href is no URI"),
        ({"category": "category-1"}, "lineItem.category is no object"),
        ({"learningObjectiveSet": [{"source": "case"}]}, "learningObjectiveIds is required"),
    ],
)
async def test_a_strict_gradebook_refuses_what_the_schema_refuses(school, changes, text):
    status, body = await school.put("lineItem", school.line(**changes))
    assert (422, "invaliddata") == (status, minor(body))
    assert text in body["imsx_description"]
    assert [] == await school.sis.rows("/lineItems", service="gradebook")


@pytest.mark.parametrize("name", ["status", "title", "dueDate", "class", "school", "category"])
async def test_a_strict_gradebook_wants_every_required_field(school, name):
    given = school.line()
    del given[name]
    status, body = await school.put("lineItem", given, at="li-1")
    assert 422 == status
    assert f"lineItem.{name} is required" in body["imsx_description"]


async def test_a_strict_gradebook_knows_the_tokens_and_their_extensions(school):
    await school.put("lineItem", school.line())
    for status, answer in (("fullyGraded", 422), ("ext:late", 201), ("not submitted", 201)):
        assert answer == (await school.put("result", school.result(scoreStatus=status)))[0]
    for date, answer in (("2026-10-02T08:00:00Z", 422), ("2026-13-02", 422), ("2026-10-02", 201)):
        assert answer == (await school.put("result", school.result(scoreDate=date)))[0]


async def test_a_lenient_gradebook_takes_the_lean_form(school):
    await school.sis.knob(strict=False)
    lean = {
        "sourcedId": "li-1",
        "title": "Lean",
        "class": {"sourcedId": school.klass["sourcedId"]},
        "extra": 1,
    }
    assert 201 == (await school.put("lineItem", lean, "1.1"))[0]
    result = {
        "sourcedId": "r-1",
        "lineItem": {"sourcedId": "li-1"},
        "student": {"sourcedId": school.student},
        "score": 300,
        "scoreDate": "2026-10-02T08:00:00Z",
    }
    assert 201 == (await school.put("result", result))[0]
    (told,) = await school.sis.rows("/results", service="gradebook")
    assert (300.0, "active", "fully graded") == (
        told["score"],
        told["status"],
        told["scoreStatus"],
    )


@pytest.mark.parametrize(
    ("noun", "changes"),
    [
        ("lineItem", {"class": "class"}),
        ("lineItem", {"category": "category"}),
        ("result", {"student": "user"}),
        ("result", {"lineItem": "lineItem"}),
    ],
)
async def test_what_is_written_refers_to_what_exists(school, noun, changes):
    await school.put("lineItem", school.line())
    unknown = {name: school.ref(kind, "nobody") for name, kind in changes.items()}
    make = school.line if noun == "lineItem" else school.result
    status, body = await school.put(noun, make(**unknown))
    assert (422, "invaliddata") == (status, minor(body))
    assert "nobody" in body["imsx_description"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"lineItem": {}, "more": 1}, "more than lineItem"),
        ({"lineitem": {}}, "no lineItem"),
        ([], "no lineItem"),
        ({"lineItem": []}, "no object"),
    ],
)
async def test_the_envelope_must_be_right(sis, body, text):
    status, answer = await sis.grade("PUT", "/lineItems/x", body)
    assert 422 == status
    assert text in answer["imsx_description"]


async def test_a_body_is_written_to_its_own_address(school):
    status, body = await school.put("lineItem", school.line(), at="other")
    assert 422 == status
    assert "address" in body["imsx_description"]


async def test_deleting_a_line_item_takes_its_results_along(school):
    await school.put("lineItem", school.line())
    await school.put("result", school.result())
    assert 204 == (await school.sis.grade("DELETE", "/lineItems/li-1"))[0]
    assert [] == await school.sis.rows("/results", service="gradebook")
    assert 404 == (await school.sis.grade("GET", "/lineItems/li-1"))[0]
    assert 404 == (await school.sis.grade("DELETE", "/lineItems/li-1"))[0]


async def test_what_is_deleted_may_stay_as_a_tombstone(school):
    await school.sis.knob(grade_tombstones=True)
    await school.put("lineItem", school.line())
    await school.sis.grade("DELETE", "/lineItems/li-1")
    (row,) = await school.sis.rows("/lineItems", service="gradebook")
    assert "tobedeleted" == row["status"]
    assert 201 == (await school.put("lineItem", school.old_line(), "1.1"))[0]


async def test_a_category_in_use_is_not_deleted(school):
    await school.put("lineItem", school.line())
    status, body = await school.sis.grade("DELETE", "/categories/category-1")
    assert (422, "deletefailure") == (status, minor(body))
    assert 204 == (await school.sis.grade("DELETE", "/categories/category-2"))[0]


async def test_posting_gives_ids_of_the_provider_s_and_is_not_idempotent(school):
    key = school.klass["sourcedId"]
    path, body = f"/classes/{key}/lineItems", {"lineItems": [school.line("a"), school.line("b")]}
    status, first = await school.sis.grade("POST", path, body)
    assert 201 == status
    assert ["a", "b"] == [pair["suppliedSourcedId"] for pair in first["sourcedIdPairs"]]
    _, second = await school.sis.grade("POST", path, body)
    own = [
        pair["allocatedSourcedId"] for pair in first["sourcedIdPairs"] + second["sourcedIdPairs"]
    ]
    assert own == await school.sis.ids("/lineItems", service="gradebook")
    results = {"results": [school.result("tmp", own[0])]}
    assert 201 == (await school.sis.grade("POST", f"/lineItems/{own[0]}/results", results))[0]
    status, _ = await school.sis.grade("POST", f"/lineItems/{own[1]}/results", results)
    assert 422 == status
    at = school.klass["school"]["sourcedId"]
    assert 201 == (await school.sis.grade("POST", f"/schools/{at}/lineItems", body))[0]


async def test_results_are_posted_to_a_session_of_their_class(school):
    session = school.klass["terms"][0]
    await school.put("lineItem", school.line(academicSession=session))
    key = school.klass["sourcedId"]
    path = f"/classes/{key}/academicSessions/{session['sourcedId']}/results"
    status, body = await school.sis.grade("POST", path, {"results": [school.result("tmp")]})
    assert 201 == status
    assert "tmp" == body["sourcedIdPairs"][0]["suppliedSourcedId"]


async def test_a_post_with_one_bad_object_is_refused_whole(school):
    path = f"/classes/{school.klass['sourcedId']}/lineItems"
    body = {"lineItems": [school.line("a"), school.line("b", title=1)]}
    assert 422 == (await school.sis.grade("POST", path, body))[0]
    assert [] == await school.sis.rows("/lineItems", service="gradebook")
    assert 404 == (await school.sis.grade("POST", "/classes/none/lineItems", body))[0]


async def test_modified_passback_tells_the_provider_s_own_id(school):
    await school.sis.knob(allocates=True)
    given = school.line()
    del given["sourcedId"]
    await school.sis.knob(strict=False)
    status, body = await school.put("lineItem", given, at="new")
    own = body["lineItem"]["sourcedId"]
    assert (201, True) == (status, own.startswith("lineItem-"))
    _, again = await school.put("lineItem", given, at=own)
    assert own == again["lineItem"]["sourcedId"]
    assert [own] == await school.sis.ids("/lineItems", service="gradebook")


@pytest.mark.parametrize(
    ("noun", "changes", "text"),
    [
        ("lineItem", {"title": "A title of far more than thirty characters"}, "longer than 30"),
        ("lineItem", {"assignDate": "2027-09-24T00:00:00.000Z"}, "outside the grading period"),
        ("result", {"score": 20.5}, "out of bounds"),
        ("result", {"scoreDate": "2026-09-01"}, "before assignDate"),
        ("result", {"student": "stranger"}, "not in the class"),
    ],
)
async def test_picky_gradebooks_refuse_more(school, noun, changes, text):
    await school.sis.knob(picky=True)
    session = school.klass["terms"][0]
    line = school.line(gradingPeriod=session)
    assert 201 == (await school.put("lineItem", line))[0]
    if "student" in changes:
        changes = {"student": school.ref("user", school.stranger)}
    given = line | changes if noun == "lineItem" else school.result(**changes)
    status, body = await school.put(noun, given)
    assert 422 == status
    assert text in body["imsx_description"]


async def test_some_writes_may_not_exist(school):
    await school.sis.knob(unsupported="putCategory deleteLineItem")
    status, body = await school.sis.grade("PUT", "/categories/x", {"category": {}})
    assert (405, "unsupported") == (status, body["imsx_codeMajor"])


async def test_scales_and_assessments_are_kept_too(school):
    klass = school.ref("class", school.klass["sourcedId"])
    head = {"status": "active", "dateLastModified": "2026-10-01T12:00:00.000Z"}
    scale = head | {
        "sourcedId": "s",
        "title": "Pass",
        "type": "pass",
        "class": klass,
        "scoreScaleValue": [{"itemValueLHS": "P", "itemValueRHS": "50"}],
    }
    assert 201 == (await school.sis.grade("PUT", "/scoreScales/s", {"scoreScale": scale}))[0]
    item = head | {"sourcedId": "a", "title": "State test", "class": klass}
    path = "/assessmentLineItems/a"
    assert 201 == (await school.sis.grade("PUT", path, {"assessmentLineItem": item}))[0]
    result = head | {
        "sourcedId": "ar",
        "assessmentLineItem": school.ref("assessmentLineItem", "a"),
        "student": school.ref("user", school.student),
        "scoreStatus": "fully graded",
        "scoreDate": "2026-10-02",
        "scorePercentile": 77,
        "learningObjectiveSet": [
            {
                "source": "case",
                "learningObjectiveResults": [{"learningObjectiveId": "lo", "score": 3}],
            }
        ],
    }
    path = "/assessmentResults/ar"
    assert 201 == (await school.sis.grade("PUT", path, {"assessmentResult": result}))[0]
    (told,) = await school.sis.rows("/assessmentResults", service="gradebook")
    assert 77.0 == told["scorePercentile"]
    assert 3.0 == told["learningObjectiveSet"][0]["learningObjectiveResults"][0]["score"]
    assert 204 == (await school.sis.grade("DELETE", "/assessmentLineItems/a"))[0]
    assert [] == await school.sis.rows("/assessmentResults", service="gradebook")


async def test_a_gradebook_in_a_folder_is_there_the_next_time(open_sis, tmp_path):
    async with open_sis(students=60, home=tmp_path) as sis:
        await (school := await school_of(sis)).put("lineItem", school.line())
        before = {noun: len(sis.sis.provider.shelf.records[noun]) for noun in GRADEBOOK_NOUNS}
    async with open_sis(students=60, home=tmp_path) as sis:
        assert before == {
            noun: len(sis.sis.provider.shelf.records[noun]) for noun in GRADEBOOK_NOUNS
        }
        assert ["li-1"] == await sis.ids("/lineItems", service="gradebook")
