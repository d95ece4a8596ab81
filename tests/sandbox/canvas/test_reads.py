"""Reading back: paging, ids, rights, and the reports a gateway compares itself with."""

import csv
import io
import zipfile

import pytest

from canvas_sandbox import COURSES, ENROLLMENTS, SECTIONS, USERS, table


async def test_a_bad_token_is_challenged_and_a_good_one_is_metered(canvas):
    for headers in ({"Authorization": "Bearer nope"}, {"Authorization": ""}):
        async with canvas.session.get("/api/v1/users/self", headers=headers) as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"] == 'Bearer realm="canvas-lms"'
    for path in ("users/self", "courses/999"):
        async with canvas.session.get(f"/api/v1/{path}") as response:
            assert float(response.headers["X-Request-Cost"]) >= 0
            assert float(response.headers["X-Rate-Limit-Remaining"]) > 600
    async with canvas.session.patch("/api/v1/users/self") as response:
        assert response.status == 405


async def test_a_token_in_the_address_works_and_is_never_given_back(canvas):
    path = f"/api/v1/accounts/self/terms?access_token={canvas.sandbox.token}&per_page=1"
    async with canvas.session.get(path, headers={"Authorization": ""}) as response:
        assert response.status == 200
        assert "access_token" not in response.headers["Link"]


async def test_what_a_token_may_do_can_be_asked(canvas):
    made = await canvas.control("POST", "tokens", json={"rights": ["import_sis"]})
    headers = {"Authorization": f"Bearer {made['token']}"}
    path = "accounts/self/permissions?permissions[]=import_sis&permissions[]=manage_sis"
    assert await canvas.get(path, headers=headers) == {"import_sis": True, "manage_sis": False}


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("", 10),
        ("?per_page=3", 3),
        ("?per_page=1000", 100),
        ("?per_page=0", 10),
        ("?per_page=x", 10),
    ],
)
async def test_pages_have_ten_entries_unless_asked_and_a_hundred_at_most(canvas, query, size):
    rows = table(USERS, *(f"U{n:03},user{n},active,User {n}," for n in range(120)))
    await canvas.good({"users.csv": rows})
    assert len(await canvas.get(f"accounts/self/users{query}")) == size


async def test_the_page_maximum_can_be_that_of_stock_canvas(canvas):
    await canvas.control("PUT", "knobs", json={"page_max": 50})
    rows = table(USERS, *(f"U{n:03},user{n},active,User {n}," for n in range(60)))
    await canvas.good({"users.csv": rows})
    assert len(await canvas.get("accounts/self/users?per_page=100")) == 50


@pytest.mark.parametrize(
    "path",
    [
        "accounts/self/users?per_page=7",
        "accounts/self/courses?per_page=4&state[]=all",
        "accounts/self/logins?per_page=11",
        "accounts/self/terms?per_page=1",
        "courses/sis_course_id:C0/enrollments?per_page=5&type[]=StudentEnrollment",
        "courses/sis_course_id:C0/sections?per_page=1",
    ],
)
async def test_following_next_finds_everything_once(canvas, path):
    await canvas.good(
        {
            "terms.csv": table("term_id,name,status", "T1,Fall,active", "T2,Spring,active"),
            "users.csv": table(USERS, *(f"U{n:03},user{n},active,User {n}," for n in range(30))),
            "courses.csv": table(COURSES, *(f"C{n},C{n},Course {n},,T1,active" for n in range(9))),
            "sections.csv": table(SECTIONS, "S1,C0,One,active", "S2,C0,Two,active"),
            "enrollments.csv": table(
                ENROLLMENTS, *(f"C0,S1,U{n:03},student,active" for n in range(23))
            ),
        }
    )
    expected = {"users": 31, "courses?": 9, "logins": 31, "terms": 3, "enroll": 23, "sections": 2}
    count = next(number for part, number in expected.items() if part in path)
    ids = [found["id"] for found in await canvas.everything(path)]
    assert len(ids) == len(set(ids)) == count


async def test_ids_come_as_strings_when_asked(school):
    headers = {"Accept": "application/json+canvas-string-ids"}
    (first, *_) = await school.get("courses/sis_course_id:C1/enrollments", headers=headers)
    assert isinstance(first["id"], str)
    assert isinstance(first["course_section_id"], str)
    assert isinstance(first["user"]["id"], str)
    finished = await school.get("accounts/self/sis_imports/1", headers=headers)
    assert finished["id"] == "1"
    assert finished["progress"] == 100


async def test_sis_ids_in_addresses_may_hold_slashes_and_dots(canvas):
    rows = table(COURSES, "20/21.ALG 1,ALG,Algebra,,,active")
    await canvas.good({"courses.csv": rows})
    found = await canvas.get("courses/sis_course_id:20%2F21.ALG%201")
    assert found["sis_course_id"] == "20/21.ALG 1"


@pytest.mark.parametrize(
    "path",
    [
        "users/sis_user_id:U1",
        "users/sis_login_id:ANN",
        "users/self",
        "users/sis_user_id:U1/profile",
        "users/sis_user_id:U1/logins",
        "users/sis_user_id:U1/enrollments",
        "users/sis_user_id:U1/observers",
        "users/sis_user_id:P1/observees",
        "courses/sis_course_id:C1",
        "courses/sis_course_id:C1/sections/sis_section_id:S1",
        "sections/sis_section_id:S1",
        "sections/sis_section_id:S1/enrollments",
        "accounts",
        "accounts/1",
        "accounts/sis_account_id:A",
        "accounts/self/sub_accounts",
        "accounts/self/admins",
        "accounts/self/roles",
        "accounts/sis_account_id:A/roles?show_inherited=true",
        "accounts/self/authentication_providers",
        "accounts/self/terms/sis_term_id:T1",
        "accounts/self/terms/current",
        "accounts/self/reports",
        "accounts/self/groups",
        "manageable_accounts",
    ],
)
async def test_everything_the_gateway_reads_can_be_read(school, path):
    assert await school.get(path) or path.endswith(("observers", "observees", "groups"))


@pytest.mark.parametrize(
    "path",
    [
        "users/sis_user_id:nope",
        "users/nope",
        "courses/sis_nothing_id:C1",
        "courses/999",
        "accounts/self/terms/sis_term_id:nope",
        "accounts/self/reports/nope_csv",
        "accounts/self/sis_imports/nope",
        "progress/999",
        "nothing/at/all",
    ],
)
async def test_what_is_not_there_is_not_found(school, path):
    status, body = await school.call("GET", path)
    assert status == 404
    assert body == {"errors": [{"message": "The specified resource does not exist."}]}


async def test_users_are_searched_by_name_login_and_sis_id(school):
    for term in ("lee", "ann", "u1"):
        names = [
            user["name"] for user in await school.get(f"accounts/self/users?search_term={term}")
        ]
        assert "Ann Lee" in names
        assert "Cat Fox" not in names


async def test_courses_are_filtered_by_term_state_and_account(school):
    async def names(query, account="self"):
        found = await school.get(f"accounts/{account}/courses{query}")
        return [course["name"] for course in found]

    assert await names("?enrollment_term_id=sis_term_id:T1") == ["Algebra", "Biology"]
    assert await names("?enrollment_term_id=default") == []
    assert await names("?state[]=available") == ["Biology"]
    assert await names("?state[]=unpublished") == ["Algebra"]
    assert await names("?search_term=BIO") == ["Biology"]
    assert await names("", "sis_account_id:A") == ["Algebra", "Biology"]
    assert await names("", "sis_account_id:B") == []


async def test_enrollments_are_filtered_and_live_unless_asked(school):
    await school.good({"enrollments.csv": table(ENROLLMENTS, "C2,S3,U3,student,deleted")})
    path = "courses/sis_course_id:C2/enrollments"
    assert len(await school.get(path)) == 1
    assert len(await school.get(f"{path}?state[]=deleted")) == 1
    assert len(await school.get(f"{path}?state[]=active&state[]=deleted")) == 2
    assert await school.get(f"{path}?role[]=TeacherEnrollment") == []
    (mine,) = await school.get(f"{path}?sis_user_id[]=U1")
    shown = {name: mine[name] for name in ("sis_course_id", "sis_section_id", "sis_user_id")}
    assert shown == {"sis_course_id": "C2", "sis_section_id": "S3", "sis_user_id": "U1"}
    assert mine["sis_import_id"] == 1
    assert mine["user"]["login_id"] == "ann"


SIS_EXPORT_COLUMNS = {
    "users": "user_id,integration_id,authentication_provider_id,login_id,password,first_name,"
    "last_name,full_name,sortable_name,short_name,email,status",
    "accounts": "account_id,parent_account_id,name,status",
    "terms": "term_id,name,status,start_date,end_date",
    "courses": "course_id,integration_id,short_name,long_name,account_id,term_id,status,"
    "start_date,end_date,course_format,blueprint_course_id",
    "sections": "section_id,course_id,integration_id,name,status,start_date,end_date",
    "enrollments": "course_id,user_id,role,role_id,section_id,status,associated_user_id,"
    "limit_section_privileges",
    "groups": "group_id,group_category_id,account_id,course_id,name,status",
    "group_membership": "group_id,user_id,status",
    "xlist": "xlist_course_id,section_id,status",
    "user_observers": "observer_id,student_id,status",
    "admins": "user_id,account_id,role_id,role,status",
}


async def test_several_sheets_of_a_report_come_as_a_zip_with_exactly_their_columns(school):
    data = {f"parameters[{sheet}]": "1" for sheet in SIS_EXPORT_COLUMNS}
    path = "accounts/self/reports/sis_export_csv"
    _, started = await school.call("POST", path, data=data)
    assert started["status"] == "created"
    await school.idle()
    finished = await school.get(f"{path}/{started['id']}")
    assert (finished["status"], finished["progress"]) == ("complete", 100)
    async with school.session.get(finished["attachment"]["url"]) as response:
        packed = await response.read()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        headers = {
            name.removesuffix(".csv"): archive.read(name).decode().splitlines()[0]
            for name in archive.namelist()
        }
    assert headers == SIS_EXPORT_COLUMNS
    assert [found["id"] for found in await school.get(path)] == [started["id"]]


async def test_an_export_of_users_splits_names_and_hides_passwords(school):
    rows = await school.report("users", "sis_export_csv")
    ann = next(row for row in rows if row["user_id"] == "U1")
    assert (ann["first_name"], ann["last_name"], ann["password"]) == ("Ann", "Lee", "")
    assert "admin" not in {row["login_id"] for row in rows}


async def test_an_export_is_no_loss_less_round_trip(school):
    await school.good(
        {
            "courses.csv": table(COURSES, "C2,BIO,Biology,A,T1,completed"),
            "enrollments.csv": table(ENROLLMENTS, "C1,S1,U1,student,completed"),
        }
    )
    courses = await school.report("courses", "sis_export_csv")
    assert [row["course_id"] for row in courses] == ["C1"]
    enrollments = await school.report("enrollments", "sis_export_csv")
    assert [row["user_id"] for row in enrollments] == ["U2"]
    everything = await school.report("enrollments", "sis_export_csv", include_deleted="true")
    assert "concluded" in {row["status"] for row in everything}
    await school.good({"courses.csv": table(COURSES, "C2,BIO,Biology,A,T1,published")})
    assert {row["status"] for row in await school.report("courses", "sis_export_csv")} == {"active"}
    provisioned = {row["course_id"]: row["status"] for row in await school.report("courses")}
    assert provisioned == {"C1": "unpublished", "C2": "active"}


async def test_provisioning_has_canvas_ids_and_says_what_came_by_sis(school):
    data = {"enrollment[user_id]": "sis_user_id:P1", "enrollment[type]": "TaEnrollment"}
    await school.call("POST", "courses/sis_course_id:C1/enrollments", data=data)
    rows = await school.report("enrollments")
    by_sis = {row["user_id"]: row["created_by_sis"] for row in rows}
    assert by_sis == {"U1": "true", "U2": "true", "U3": "true", "P1": "false"}
    first = rows[0]
    assert (first["canvas_enrollment_id"], first["base_role_type"]) == ("1", "StudentEnrollment")
    only = await school.report("enrollments", created_by_sis="true")
    assert "P1" not in {row["user_id"] for row in only}


async def test_a_report_is_limited_to_a_term_and_to_kinds_of_enrollments(school):
    assert await school.report("courses", enrollment_term_id="1") == []
    assert len(await school.report("courses", enrollment_term_id="sis_term_id:T1")) == 2
    teachers = await school.report("enrollments", enrollment_filter=["TeacherEnrollment"])
    assert [row["user_id"] for row in teachers] == ["U2"]


async def test_cross_listings_are_exported_beside_the_sections_own_courses(school):
    await school.good({"xlists.csv": table("xlist_course_id,section_id,status", "X,S1,active")})
    (listing,) = await school.report("xlist", "sis_export_csv")
    assert (listing["xlist_course_id"], listing["section_id"]) == ("X", "S1")
    sections = {row["section_id"]: row["course_id"] for row in await school.report("sections")}
    assert sections["S1"] == "C1"


async def test_a_section_that_is_not_cross_listed_is_no_cross_listing_even_among_deleted_things(
    school,
):
    assert await school.report("xlist", "sis_export_csv", include_deleted="true") == []


async def test_a_report_without_a_sheet_has_no_file(school):
    path = "accounts/self/reports/provisioning_csv"
    _, started = await school.call("POST", path)
    await school.idle()
    finished = await school.get(f"{path}/{started['id']}")
    assert finished["status"] == "complete"
    assert finished["file_url"] is None


async def test_the_export_of_a_school_can_be_imported_again_without_a_change(school):
    sheets = ("accounts", "terms", "courses", "sections", "users", "enrollments")
    files = {}
    for sheet in sheets:
        rows = await school.report(sheet, "sis_export_csv")
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        files[f"{sheet}.csv"] = text.getvalue()
    again = await school.good(files)
    assert again["data"]["statistics"]["total_state_changes"] == 0
