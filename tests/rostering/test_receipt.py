"""The receipt: text, JSON and CSV say the same, and no cell of a delivery makes mischief in them."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from rostering.story import confirm, decide, town
from rosterway.rostering.receipt import (
    COLUMNS,
    Approved,
    Receipt,
    write_csv,
    write_json,
    write_text,
)

ZONE = ZoneInfo("America/Chicago")
TOLD = decide(
    town({"S1": "Ann Ben Cal Dee Eve"}),
    town(
        enrollments="section_id,user_id,role,status\nS2,Zed,student,active\nS2,Yan,student,gone\n"
    ),
)
MESSAGES = confirm(
    town({"S1": "Ann"}),
    town({"S1": "Ann Eve"}),
    says={
        "01/enrollments.csv": [
            (2, "User not found for enrollment (User ID: Eve, Course ID: , Section ID: S1)")
        ]
    },
).messages
PROBLEMS = [problem.as_dict() for problem in TOLD.problems]
RECEIPT = Receipt(
    delivery="D1",
    feed="nightly",
    received_at=datetime(2026, 10, 13, 6, 0, tzinfo=UTC),
    files=({"name": "enrollments.csv", "rows": 2},),
    outcome="partly",
    reason="One row was refused.",
    plan=TOLD.plan.as_dict(),
    imports=({"id": 7, "workflow_state": "imported_with_messages"},),
    rows={"applied": 5, "refused": 1},
    messages=tuple(message.as_dict() for message in MESSAGES),
)


def as_text(receipt=RECEIPT, problems=PROBLEMS):
    write_text(receipt, problems, out := io.StringIO(), ZONE)
    return out.getvalue()


def as_json(receipt=RECEIPT, problems=PROBLEMS):
    write_json(receipt, problems, out := io.StringIO())
    return json.loads(out.getvalue())


def as_csv(receipt=RECEIPT, problems=PROBLEMS):
    write_csv(receipt, problems, out := io.StringIO())
    return list(csv.DictReader(io.StringIO(out.getvalue(), newline=""), strict=True))


def test_the_story_has_a_problem_a_hold_and_a_message():
    assert {"status-unknown"} == {problem["code"] for problem in PROBLEMS}
    assert ["class"] == TOLD.guards
    assert 1 == len(MESSAGES)


def test_text_json_and_csv_say_the_same_of_every_problem_and_every_message():
    text, data, rows = as_text(), as_json(), as_csv()
    ours = [row for row in rows if row["source"] == "rosterway"]
    theirs = [row for row in rows if row["source"] == "canvas"]
    assert [problem["message"] for problem in data["problems"]] == [r["message"] for r in ours]
    assert [message["message"] for message in data["messages"]] == [r["message"] for r in theirs]
    for row in rows:
        assert row["message"] in text
        assert row["remedy"] in text
    assert [str(problem["row"]) for problem in data["problems"]] == [row["row"] for row in ours]
    assert [str(message["row"]) for message in data["messages"]] == [r["row"] for r in theirs]


def test_text_and_json_say_the_same_of_outcome_counts_and_holds():
    text, data = as_text(), as_json()
    assert "Delivered in part" in text
    assert ("partly", "One row was refused.") == (data["outcome"], data["reason"])
    assert "One row was refused." in text
    assert "Rows: 5 applied, 1 refused" in text
    assert {"applied": 5, "refused": 1} == data["rows"]
    assert data["plan"]["digest"] == TOLD.plan.digest
    for hold in data["plan"]["holds"]:
        assert f"Held by {hold['guard']}: {hold['message']}" in text
    counts = data["plan"]["tables"]["enrollments"]
    (line,) = [line for line in text.splitlines() if line.split()[:1] == ["enrollments"]]
    assert line.split()[1:4] == [
        f"{counts['unchanged']:,}", f"{counts['create']:,}", f"{counts['update']:,}",
    ]  # fmt: skip
    assert line.split()[4] == str(data["plan"]["removals"]["enrollments"])


def test_an_approved_plan_was_held_and_the_receipt_says_who_let_it_go():
    at = datetime(2026, 10, 13, 12, 30, tzinfo=UTC)
    approved = replace(RECEIPT, approved=Approved(by="maria", at=at, reason="two schools merge"))
    text = as_text(approved)
    for hold in as_json()["plan"]["holds"]:
        assert f"\nWas held by {hold['guard']}: {hold['message']}" in text
    assert "Approved by maria, 2026-10-13 07:30:00 CDT: two schools merge" in text
    told = {"by": "maria", "at": "2026-10-13T12:30:00+00:00", "reason": "two schools merge"}
    assert (None, told) == (as_json()["approved"], as_json(approved)["approved"])


def test_the_text_is_told_in_the_schools_own_time():
    assert "Received 2026-10-13 01:00:00 CDT" in as_text()
    assert "2026-10-13T06:00:00+00:00" == as_json()["received_at"]


def test_a_receipt_of_nothing_is_whole_json_and_a_header_of_csv():
    empty = replace(RECEIPT, outcome="nothing", plan={}, imports=(), rows={}, messages=())
    assert [] == as_json(empty, [])["problems"]
    assert [] == as_csv(empty, [])
    assert "Nothing to send" in as_text(empty, [])


def test_the_csv_has_the_columns_of_the_contract():
    write_csv(RECEIPT, [], out := io.StringIO())
    assert ",".join(COLUMNS) == out.getvalue().splitlines()[0]


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://x.test","click")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "\uff1d1+1",
    ],
    ids=repr,
)  # fmt: skip
def test_no_cell_of_the_csv_is_taken_for_a_formula(cell):
    problem = {**PROBLEMS[0], "value": cell, "file": cell, "message": cell}
    message = {**RECEIPT.messages[0], "message": cell, "file": cell}
    for row in as_csv(replace(RECEIPT, messages=(message,)), [problem]):
        for name in ("file", "message"):
            assert row[name].startswith("'")
            assert row[name][1:] == cell.replace("\r", "\n")
    assert cell == as_json(RECEIPT, [problem])["problems"][0]["value"], "the JSON is as it was"


@pytest.mark.parametrize("cell", ["Ann", "O'Hara", "3.5", "a=b", "", "Zoë"])
def test_an_ordinary_cell_of_the_csv_is_as_it_was(cell):
    (row, *_) = as_csv(RECEIPT, [{**PROBLEMS[0], "value": cell}])
    assert cell == row["value"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x1b[2J", "\u2028", "\x85"])
def test_no_cell_begins_a_line_of_the_text(end):
    forged = f"x{end}Delivered: Canvas confirmed every row."
    text = as_text(RECEIPT, [{**PROBLEMS[0], "message": forged}])
    assert len(as_text(RECEIPT, [{**PROBLEMS[0], "message": "x"}]).splitlines()) == len(
        text.splitlines()
    )
    assert "\x1b" not in text


def test_many_problems_alike_are_told_once_in_the_text_and_all_in_the_csv():
    problems = [{**PROBLEMS[0], "row": row} for row in range(2, 102)]
    assert "… and 95 more alike (all in receipt.csv)" in as_text(RECEIPT, problems)
    assert 100 == len([row for row in as_csv(RECEIPT, problems) if row["source"] == "rosterway"])
    assert 100 == len(as_json(RECEIPT, problems)["problems"])


def test_a_personal_name_in_another_script_survives_all_three():
    problem = {**PROBLEMS[0], "message": "吳寶春 has no status."}
    assert "吳寶春 has no status." in as_text(RECEIPT, [problem])
    assert "吳寶春 has no status." == as_json(RECEIPT, [problem])["problems"][0]["message"]
    assert "吳寶春 has no status." == as_csv(RECEIPT, [problem])[0]["message"]
