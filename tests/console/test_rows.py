"""The rows of a plan: found, paged, and taken away."""

import csv
import io
import re

import pytest

from console.house import FORMULA, found_in, text_of
from rosterway.console.spreadsheet import harmless
from rosterway.store import audit


def rows(house, ending="", **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/t/lincoln/plans/{house.plan.id}/rows{ending}?{asked}"


def table_of(text):
    assert text.startswith("\ufeff"), "a spreadsheet reads it as UTF-8"
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def ids_on(page):
    return re.findall(r'<span class="ids">(.*?)</span></th>', page)


async def test_the_page_begins_with_what_is_removed(house, approver):
    read = text_of((await approver.get(rows(house))).text)

    assert "Rows of courses" in read
    assert "49 rows" in read
    assert "It is not in the delivery any more." in read


@pytest.mark.parametrize("search", ["90000001", "new1", "o'neill", "ZO%C3%8B"])
async def test_a_person_is_found_by_id_login_and_name(house, approver, search):
    page = (await approver.get(rows(house, table="users", what="all", q=search))).text

    assert "1 row" in text_of(page)
    assert "Zoë &lt;b&gt;O&#39;Neill&lt;/b&gt;" in page


@pytest.mark.parametrize("search", ["%25", "_", "'", "') OR true --", "%5C"])
async def test_a_search_is_text_and_never_a_pattern_or_a_question(house, approver, search):
    answer = await approver.get(rows(house, table="terms", what="all", q=search))

    assert 200 == answer.status_code
    assert "No row is like that." in answer.text


async def test_enrollments_are_found_by_the_name_of_their_person(house, approver):
    page = (await approver.get(rows(house, table="enrollments", what="removed"))).text
    title = found_in(r'<span class="title">([^<,]+), ', page)

    found = (await approver.get(rows(house, table="enrollments", what="removed", q=title))).text

    titles = re.findall(r'<span class="title">([^<,]+),', found)
    assert titles
    assert {title} == set(titles)


async def test_a_change_is_shown_with_before_and_after(house, approver):
    page = (await approver.get(rows(house, table="users", what="changed"))).text

    assert re.search(r"<dt>full_name</dt><dd><del>[^<]+</del> <ins>=1\+1</ins>", page)
    assert "users.csv" in page
    assert "line 2" in page


async def test_paging_shows_every_row_once_there_and_back(house, approver):
    address = rows(house, table="enrollments", what="removed")
    last, there, pages = "", [], 0
    while address:
        page = (await approver.get(address)).text
        there += ids_on(page)
        pages += 1
        following = re.search(r'href="([^"]+)" rel="next"', page)
        last, address = address, following and following[1].replace("&amp;", "&")
    back, address = [], last
    while address:
        page = (await approver.get(address)).text
        back = ids_on(page) + back
        before = re.search(r'href="([^"]+)" rel="prev"', page)
        address = before and before[1].replace("&amp;", "&")

    whole = house.plan.summary["removals"]["enrollments"]
    assert whole == len(there)
    assert pages == -(-whole // 50)
    assert there == back


async def test_rows_of_a_school_and_of_a_class_are_as_many_as_the_sheet_says(house, approver):
    plan = f"/t/lincoln/plans/{house.plan.id}"
    school = (await approver.get(f"{plan}/schools/00101")).text
    classes = school.partition('id="classes"')[2]
    counts = re.findall(r'class="num removed" href="([^"]+)">([\d,]+)<', classes)

    for address, count in counts[:4]:
        page = (await approver.get(address.replace("&amp;", "&"))).text
        assert f"{count} row" in text_of(page)


async def test_the_csv_has_every_row_and_calculates_nothing(house, approver):
    answer = await approver.get(rows(house, ".csv", table="users", what="changed"))

    (row,) = table_of(answer.text)
    assert "'" + FORMULA == row["after.full_name"]
    assert "attachment" in answer.headers["content-disposition"]
    assert house.plan.summary["removals"]["enrollments"] == len(
        table_of(
            (await approver.get(rows(house, ".csv", table="enrollments", what="removed"))).text
        )
    )


async def test_the_json_has_the_same_rows(house, approver):
    found = (await approver.get(rows(house, ".json", table="users", what="changed"))).json()

    assert [FORMULA] == [row["after.full_name"] for row in found]


async def test_a_table_without_a_change_gives_empty_downloads(house, approver):
    assert [] == (await approver.get(rows(house, ".json", table="terms", what="new"))).json()
    assert [] == table_of((await approver.get(rows(house, ".csv", table="terms", what="new"))).text)


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_taken_for_a_formula(cell):
    assert "'" + cell == harmless(cell)


async def test_taking_rows_away_is_written_down(house, approver):
    await approver.get(rows(house, ".csv", table="users", what="changed"))

    entry = audit.entries(house.lincoln, limit=1)[0]
    assert ("approver", "rows.download", house.plan.id) == (entry.actor, entry.act, entry.subject)


async def test_an_unknown_table_is_not_found_and_an_odd_filter_is_explained(house, approver):
    assert 404 == (await approver.get(rows(house, table="lunches"))).status_code
    answer = await approver.get(rows(house, table="users", what="odd"))
    assert 400 == answer.status_code
    assert "This cannot be read: what." in answer.text
