"""How a file is read: what is refused whole, what is passed over, what a header makes of it."""

import pytest

from canvas_sandbox import COURSES, ENROLLMENTS, SECTIONS, USERS, table
from rosterway.sandbox.canvas.importing.dates import lenient
from rosterway.sandbox.canvas.importing.detection import FILE_TYPES, detect

GOOD = table(USERS, "U1,ann,active,Ann,", "U2,bob,active,Bob,")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(GOOD.encode() + b"U3,cat\xff,active,C,\n", "Invalid UTF-8", id="stray-byte"),
        pytest.param(GOOD.encode("utf-16"), "Invalid UTF-8", id="utf-16"),
        pytest.param(GOOD + 'U3,c"at,active,Cat,\n', "Malformed CSV", id="quote-inside"),
        pytest.param(GOOD + 'U3,"cat"x,active,Cat,\n', "Malformed CSV", id="text-after-quote"),
        pytest.param(GOOD + 'U3, "cat",active,Cat,\n', "Malformed CSV", id="space-before-quote"),
        pytest.param(GOOD + 'U3,"cat,active,Cat,\n', "Malformed CSV", id="never-closed"),
        pytest.param(
            table("id,login", "1,x"), "Couldn't find Canvas CSV import headers", id="header"
        ),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_whole_and_the_others_are_not(
    canvas, content, message
):
    files = {"bad.csv": content, "users.csv": table(USERS, "Z,zed,active,Zed,")}
    finished = await canvas.send(files)
    assert finished["workflow_state"] == "failed_with_messages"
    assert finished["processing_errors"] == [["bad.csv", message]]
    assert finished["data"]["counts"]["users"] == 1
    assert finished["data"]["counts"]["error_count"] == 1


async def test_a_refused_file_does_not_count_as_supplied(canvas):
    finished = await canvas.send({"users.csv": GOOD + '"'})
    assert finished["data"]["supplied_batches"] == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + GOOD.encode(), id="byte-order-mark"),
        pytest.param(GOOD.replace("\n", "\r\n"), id="crlf"),
        pytest.param(GOOD.replace("user_id", "USER_ID"), id="upper-case-header"),
        pytest.param(GOOD.replace("bob", '" bob\t"'), id="blanks-inside-quotes"),
        pytest.param(GOOD.replace("Bob,", '"Bob ""B"" Ray\nJr",'), id="quotes-and-line-break"),
        pytest.param(GOOD.replace("Bob,", "Bob,,extra,cells"), id="extra-cells"),
        pytest.param(GOOD + "\n,,,,\n  ,\t\n", id="blank-rows"),
        pytest.param(GOOD.replace("email\n", "email,,shoe_size\n"), id="unknown-columns"),
        pytest.param("\n\n" + GOOD, id="blank-lines-before-the-header"),
    ],
)
async def test_what_does_not_matter_is_read_like_a_plain_file(canvas, content):
    finished = await canvas.good({"users.csv": content})
    assert finished["data"]["counts"]["users"] == 2
    assert (await canvas.get("users/sis_user_id:U2"))["login_id"] == "bob"


async def test_a_header_with_a_space_is_recognised_and_then_not_read(canvas):
    messages = await canvas.said(
        {"users.csv": GOOD.replace("user_id,login_id", "user_id, login_id")}
    )
    assert messages == ["No login_id given for user U1", "No login_id given for user U2"]


async def test_a_file_of_no_bytes_is_passed_over_and_one_of_a_header_is_imported(canvas):
    finished = await canvas.good({"empty.csv": "", "users.csv": USERS + "\n"})
    assert finished["data"]["supplied_batches"] == ["user"]


@pytest.mark.parametrize(
    ("header", "is_really"),
    [
        pytest.param(SECTIONS + ",term_id", "term", id="sections-with-a-term"),
        pytest.param(COURSES + ",name", "term", id="courses-with-a-name-and-a-term"),
        pytest.param(ENROLLMENTS + ",name", "section", id="enrollments-with-a-name"),
        pytest.param("group_id,name,account_id,parent_account_id", "account", id="groups"),
        pytest.param("user_id,login_id,existing_user_id", "login", id="logins-are-no-users"),
        pytest.param("abstract_course_id,short_name,course_id", "course", id="abstract-and-course"),
        pytest.param("old_id,new_id,type,user_id,login_id", "change_sis_id", id="changes-first"),
        pytest.param("category_id,name", None, id="tags-behind-their-flag"),
    ],
)
def test_the_first_type_whose_columns_are_there_wins(header, is_really):
    found = detect(header.split(","))
    assert (found.name if found else None) == is_really


def test_every_type_is_recognised_by_its_own_columns():
    on = frozenset({"institutional_tags"})
    for file_type in FILE_TYPES:
        for columns in file_type.recognised:
            assert detect(columns, on) is file_type


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-08-01", "2026-08-01T00:00:00Z"),
        ("2026-08-01T07:30:00Z", "2026-08-01T07:30:00Z"),
        ("2026-08-01 07:30", "2026-08-01T07:30:00Z"),
        ("2026-08-01T07:30:00-06:00", "2026-08-01T13:30:00Z"),
        ("2026-08-01T07:30:00.123+0200", "2026-08-01T05:30:00Z"),
        ("20260801", "2026-08-01T00:00:00Z"),
        ("20260801T073000Z", "2026-08-01T07:30:00Z"),
        ("Aug 1, 2026 5pm", "2026-08-01T17:00:00Z"),
        ("1 August 2026 12:15 am", "2026-08-01T00:15:00Z"),
        ("8/1/2026", "2026-01-08T00:00:00Z"),
        ("1.8.2026", "2026-08-01T00:00:00Z"),
        ("2026/08/01", "2026-08-01T00:00:00Z"),
        ("2026-12-31T24:00:00Z", "2027-01-01T00:00:00Z"),
        ("next fall", None),
        ("TBD", None),
    ],
)
def test_dates_are_read_leniently_in_utc(text, moment):
    assert lenient(text) == (moment, True)


@pytest.mark.parametrize("text", ["2026-02-30", "12/31/2026", "2026-08-01 25:00", "2026-13-01"])
def test_an_impossible_date_is_told_from_no_date(text):
    assert lenient(text) == (None, False)


async def test_nested_folders_are_walked_and_what_is_no_csv_is_named(canvas):
    files = {
        "deep/down/users.csv": GOOD,
        "__MACOSX/deep/users.csv": "junk",
        "deep/.hidden.csv": "junk",
        "desktop.ini": "junk",
        "Thumbs.db": "junk",
        "../notes.txt": "junk",
        "inner.zip": b"PK",
    }
    finished = await canvas.send(files)
    assert finished["data"]["counts"]["users"] == 2
    assert finished["workflow_state"] == "imported_with_messages"
    assert finished["processing_warnings"] == [
        ["../notes.txt", "Skipping unknown file type"],
        ["inner.zip", "Skipping unknown file type"],
    ]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(b"this is no zip", "delivery.zip", id="no-zip"),
        pytest.param({"users.csv": USERS + "\n" + "," * 500_000}, "delivery.zip", id="a-bomb"),
    ],
)
async def test_a_zip_that_cannot_be_unpacked_fails_the_import(canvas, content, name):
    finished = await canvas.send(content, name)
    assert finished["workflow_state"] == "failed_with_messages"
    ((_, message),) = finished["processing_errors"]
    assert message.startswith("Error while importing CSV. Please contact support. (Error report ")


async def test_a_tar_is_passed_over_in_silence(canvas):
    finished = await canvas.send(b"anything", "delivery.tar.gz")
    assert finished["workflow_state"] == "imported"
    assert finished["data"]["supplied_batches"] == []


async def test_several_files_of_one_type_are_all_imported(canvas):
    files = {
        "a.csv": table(USERS, "U1,ann,active,Ann,"),
        "b.csv": table(USERS, "U2,bob,active,Bob,"),
    }
    assert (await canvas.good(files))["data"]["counts"]["users"] == 2


async def test_files_are_imported_in_the_order_of_their_types_whatever_their_names(canvas):
    files = {
        "1.csv": table(ENROLLMENTS, "C,S,U,student,active"),
        "2.csv": table(USERS, "U,ann,active,Ann,"),
        "3.csv": table(SECTIONS, "S,C,Section,active"),
        "4.csv": table(COURSES, "C,C,Course,A,T,active"),
        "5.csv": table("term_id,name,status", "T,Term,active"),
        "6.csv": table("account_id,parent_account_id,name,status", "A,,Account,active"),
        "7.csv": table("observer_id,student_id,status", "P,U,active"),
        "8.csv": table(USERS, "P,pat,active,Pat,"),
    }
    finished = await canvas.good(files)
    order = ["account", "term", "course", "section", "user", "enrollment", "user_observer"]
    assert finished["data"]["completed_importers"] == order


async def test_ids_change_before_anything_else_so_other_files_must_use_the_new_ones(school):
    files = {
        "change_sis_id.csv": table("old_id,new_id,type", "U1,N1,user"),
        "enrollments.csv": table(ENROLLMENTS, "C1,S2,N1,student,active", "C1,S2,U1,student,active"),
    }
    finished = await school.send(files)
    assert finished["data"]["counts"]["enrollments"] == 1
    assert finished["processing_warnings"] == [
        [
            "enrollments.csv",
            "User not found for enrollment (User ID: U1, Course ID: C1, Section ID: S2)",
        ]
    ]
