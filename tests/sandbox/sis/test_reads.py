"""Reading by the letter: envelopes, pages, filters, order, fields, and how each version refuses."""

from urllib.parse import quote, urlsplit

import pytest

from rosterway.sandbox.sis.model.operations import OPERATIONS

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def minors(sis, path, version, **params):
    """The status and the codeMinor of a refusal, as each version prints it."""
    status, _, body = await sis.call(path, version=version, params=params)
    if version == "1.1":
        return status, body["statusInfoSet"][0]["imsx_codeMinor"]
    (field,) = body["imsx_CodeMinor"]["imsx_codeMinorField"]
    assert "TargetEndSystem" == field["imsx_codeMinorFieldName"]
    return status, field["imsx_codeMinorFieldValue"]


@pytest.mark.parametrize(
    "operation",
    [op for op in OPERATIONS if op.method == "GET" and "{" not in op.path],
    ids=lambda op: f"{op.id}-{op.version}",
)
async def test_every_collection_answers_in_its_envelope(shared, operation):
    body = await shared.get(
        operation.path, version=operation.version, service=operation.service, limit="3"
    )
    assert [operation.envelope] == list(body)
    assert len(body[operation.envelope]) <= 3


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("academicSessions", "academicSession"),
        ("terms", "academicSession"),
        ("gradingPeriods", "academicSession"),
        ("orgs", "org"),
        ("schools", "org"),
        ("courses", "course"),
        ("classes", "class"),
        ("users", "user"),
        ("students", "user"),
        ("teachers", "user"),
        ("enrollments", "enrollment"),
        ("demographics", "demographics"),
    ],
)
async def test_every_object_is_found_by_its_id_in_the_envelope_of_its_kind(
    shared, version, path, key
):
    (row,) = await shared.rows(f"/{path}", version=version, limit="1")
    body = await shared.get(f"/{path}/{quote(row['sourcedId'], safe='')}", version=version)
    assert {key: row} == body


@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_pages_follow_each_other_to_the_total(shared, version):
    url, seen, totals = shared.url("/enrollments?limit=200", version), [], set()
    while url:
        _, headers, body = await shared.call(url)
        seen += [row["sourcedId"] for row in body["enrollments"]]
        totals.add(headers["X-Total-Count"])
        links = links_of(headers)
        assert {"first", "last"} <= links.keys()
        url = links.get("next")
    assert {str(len(seen))} == totals
    assert seen == [row["sourcedId"] for row in await shared.truth("enrollments", version)]


def links_of(headers):
    """The addresses of a Link header by their relation."""
    found = {}
    for part in headers["Link"].split(", "):
        url, _, relation = part.partition("; ")
        found[relation.removeprefix("rel=").strip('"')] = url.strip("<>")
    return found


async def test_a_page_is_a_hundred_rows_unless_asked_otherwise(shared):
    assert 100 == len(await shared.rows("/enrollments"))
    assert [] == await shared.rows("/enrollments", offset="1000000")


async def test_links_keep_the_query(shared):
    _, headers, _ = await shared.call(
        "/users", params={"filter": "givenName!='x'", "limit": "10", "sort": "familyName"}
    )
    query = urlsplit(links_of(headers)["next"]).query
    assert "filter=givenName%21%3D%27x%27&limit=10&sort=familyName&offset=10" == query


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("role='student'", "role == 'student'"),
        ("role='STUDENT'", "role == 'student'"),
        ("role!='student'", "role != 'student'"),
        ("familyName~'an'", "'an' in familyName.lower()"),
        ("familyName>='m'", "familyName.casefold() >= 'm'"),
        ("role='student' AND grades='KG'", "role == 'student' and grades == ['KG']"),
        ("role='teacher' OR role='aide'", "role in ('teacher', 'aide')"),
        ("userIds.type='SIS'", "True"),
        ("metadata.ext='1'", "False"),
        ("givenName='O''Brien'", 'givenName == "O\'Brien"'),
    ],
)
async def test_a_filter_keeps_what_it_says(shared, text, kept):
    everybody = await shared.truth("users", "1.1")
    expected = {row["sourcedId"] for row in everybody if eval(kept, {"grades": None, **row})}
    found = await shared.ids("/users", version="1.1", filter=text, limit="1000")
    assert expected == set(found)


async def test_a_filter_reaches_into_references_and_lists(shared):
    everything = await shared.truth("classes")
    school = everything[0]["school"]["sourcedId"]
    expected = [row["sourcedId"] for row in everything if row["school"]["sourcedId"] == school]
    assert expected == await shared.ids(
        "/classes", filter=f"school.sourcedId='{school}'", limit="1000"
    )
    both = next(row for row in everything if len(row["terms"]) == 2)
    first, second = (term["sourcedId"] for term in both["terms"])
    whole = await shared.ids("/classes", filter=f"terms.sourcedId='{first},{second}'", limit="999")
    assert whole
    assert set(whole) <= set(
        await shared.ids("/classes", filter=f"terms.sourcedId~'{first},x'", limit="999")
    )


async def test_dates_are_compared_as_moments_whatever_their_form(shared):
    rows = await shared.truth("users")
    middle = sorted(row["dateLastModified"] for row in rows)[len(rows) // 2]
    expected = {row["sourcedId"] for row in rows if row["dateLastModified"] > middle}
    for moment in (middle, middle.replace("Z", "+00:00"), middle.removesuffix("Z")):
        text = f"dateLastModified>'{moment}'"
        assert expected == set(await shared.ids("/users", filter=text, limit="1000"))


async def test_order_is_as_asked(shared):
    names = [
        row["familyName"] for row in await shared.rows("/users", sort="familyName", limit="999")
    ]
    assert sorted(names, key=str.casefold) == names
    keys = await shared.ids("/users", sort="sourcedId", orderBy="desc", limit="999")
    assert sorted(keys, reverse=True, key=str.casefold) == keys


async def test_only_the_fields_asked_for_are_told(shared):
    rows = await shared.rows("/users", fields="sourcedId,givenName", limit="5")
    assert all(list(row) == ["sourcedId", "givenName"] for row in rows)
    key = rows[0]["sourcedId"]
    assert {"user": {"givenName": rows[0]["givenName"]}} == await shared.get(
        f"/users/{key}", fields="givenName"
    )


@pytest.mark.parametrize(
    ("params", "of_1p1", "of_1p2"),
    [
        (
            {"filter": "shoeSize='9'"},
            (400, "invalid_filter_field"),
            (400, "invalid_filter_field"),
        ),
        (
            {"filter": "status='a' AND status='b' AND status='c'"},
            (400, "invalid_filter_field"),
            (400, "invalid_filter_field"),
        ),
        ({"filter": "status=active"}, (400, "invalid_filter_field"), (400, "invalid_filter_field")),
        (
            {"fields": ""},
            (400, "invalid_blank_selection_field"),
            (400, "invalid_selection_field"),
        ),
        ({"limit": "0"}, (400, "invalid data"), (422, "invaliddata")),
        ({"offset": "-1"}, (400, "invalid data"), (422, "invaliddata")),
        ({"orderBy": "up"}, (400, "invalid data"), (422, "invaliddata")),
    ],
)
async def test_what_is_wrong_is_refused_in_the_version_s_words(shared, params, of_1p1, of_1p2):
    assert of_1p1 == await minors(shared, "/orgs", "1.1", **params)
    assert of_1p2 == await minors(shared, "/orgs", "1.2", **params)


async def test_an_unknown_field_is_a_warning_in_1p1_and_a_refusal_in_1p2(shared):
    body = await shared.get("/orgs", version="1.1", fields="name,shoeSize")
    (info,) = body["statusInfoSet"]
    assert ("success", "warning", "invalid_selection_field") == (
        info["imsx_codeMajor"],
        info["imsx_severity"],
        info["imsx_codeMinor"],
    )
    assert "type" in body["orgs"][0]
    assert (400, "invalid_selection_field") == await minors(
        shared, "/orgs", "1.2", fields="name,shoeSize"
    )


async def test_an_unknown_sort_leaves_the_order_and_warns_in_1p1(shared):
    body = await shared.get("/orgs", version="1.1", sort="shoeSize")
    assert "invalid_sort_field" == body["statusInfoSet"][0]["imsx_codeMinor"]
    plain = await shared.rows("/orgs", version="1.1")
    assert plain == body["orgs"]


async def test_role_is_filtered_by_in_1p1_and_unknown_to_1p2(shared):
    assert (400, "invalid_filter_field") == await minors(
        shared, "/users", "1.2", filter="role='student'"
    )
    found = await shared.ids("/users", filter="roles.role='student'", limit="999")
    assert found == await shared.ids("/students", limit="999")


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize(
    "path",
    [
        "/users/nobody",
        "/classes/none/students",
        "/schools/none/classes",
        "/schools/{district}",
        "/students/{teacher}",
        "/terms/{year}/classes/none",
    ],
)
async def test_what_is_not_there_is_unknown(shared, version, path):
    district = next(
        row["sourcedId"] for row in await shared.rows("/orgs") if row["type"] == "district"
    )
    (teacher,) = await shared.ids("/teachers", limit="1")
    path = path.format(district=district, teacher=teacher, year="none")
    minor = "unknown object" if version == "1.1" else "unknownobject"
    assert (404, minor) == await minors(shared, path, version)


async def test_what_belongs_to_something_is_what_the_roster_says(shared):
    classes = {row["sourcedId"]: row for row in await shared.truth("classes")}
    enrollments = [row for row in await shared.truth("enrollments") if row["status"] == "active"]
    at = next(row["class"]["sourcedId"] for row in enrollments if row["role"] == "student")
    school = classes[at]["school"]["sourcedId"]
    term = classes[at]["terms"][0]["sourcedId"]

    def people(role):
        return {
            row["user"]["sourcedId"]
            for row in enrollments
            if row["class"]["sourcedId"] == at and row["role"] == role
        }

    async def found(path):
        return set(await shared.ids(path, limit="9999"))

    assert people("student") == await found(f"/classes/{at}/students")
    assert people("teacher") == await found(f"/classes/{at}/teachers")
    assert people("student") == await found(f"/schools/{school}/classes/{at}/students")
    assert people("teacher") == await found(f"/schools/{school}/classes/{at}/teachers")
    student = min(people("student"))
    assert {
        row["class"]["sourcedId"] for row in enrollments if row["user"]["sourcedId"] == student
    } == await found(f"/students/{student}/classes")
    assert await found(f"/students/{student}/classes") == await found(f"/users/{student}/classes")
    assert at in await found(f"/teachers/{min(people('teacher'))}/classes")
    assert at in await found(f"/courses/{classes[at]['course']['sourcedId']}/classes")
    assert at in await found(f"/terms/{term}/classes")
    assert at in await found(f"/schools/{school}/classes")
    assert classes[at]["course"]["sourcedId"] in await found(f"/schools/{school}/courses")
    assert student in await found(f"/schools/{school}/students")
    assert min(people("teacher")) in await found(f"/schools/{school}/teachers")
    whole = {row["sourcedId"] for row in await shared.truth("enrollments")}
    assert await found(f"/schools/{school}/enrollments") <= whole
    inside = await found(f"/schools/{school}/classes/{at}/enrollments")
    assert inside <= await found(f"/schools/{school}/enrollments")


async def test_terms_and_grading_periods_are_sessions_of_their_kind(shared):
    assert {"term", "semester"} == {row["type"] for row in await shared.rows("/terms")}
    periods = await shared.rows("/gradingPeriods")
    assert {"gradingPeriod"} == {row["type"] for row in periods}
    semester = periods[0]["parent"]["sourcedId"]
    assert [
        row["sourcedId"] for row in periods if row["parent"]["sourcedId"] == semester
    ] == await shared.ids(f"/terms/{semester}/gradingPeriods")


async def test_a_slash_in_an_id_survives(open_sis):
    from rosterway.sandbox.sis.provider import Told

    org = {"sourcedId": "a/b 1%", "name": "Slash", "type": "school", "identifier": "1"}
    async with open_sis(source=Told(({"orgs": [org]},))) as sis:
        (row,) = await sis.rows("/orgs")
        status, _, body = await sis.call(f"/orgs/{quote(row['sourcedId'], safe='')}")
        assert (200, row) == (status, body["org"])
        assert [] == await sis.ids(f"/schools/{quote(row['sourcedId'], safe='')}/classes")


async def test_an_unknown_address_and_verb_are_refused_in_form(shared):
    assert (404, "unknownobject") == await minors(shared, "/classes/x/enrollments", "1.2")
    assert (404, "unknown object") == await minors(shared, "/orgs/x/users", "1.1")
    status, _, body = await shared.call("/users", method="DELETE")
    assert (405, "unsupported") == (status, body["imsx_codeMajor"])
    assert body["imsx_description"].startswith("Sandbox SIS: ")
