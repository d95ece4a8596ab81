"""A plan's nouns as OneRoster CSV files."""

import csv
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.formats.oneroster.gradebook import Category, LineItem, Result
from rosterway.formats.oneroster.manifest import Mode, read_manifest
from rosterway.passback.gradebook_csv import gradebook_files, gradebook_rows, undescribed
from rosterway.passback.plan import Deletion, LineItemPut, PassbackPlan, ResultPut
from rosterway.settings.shape import Endpoints, Version

ZONE = ZoneInfo("America/Chicago")
AT = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
ITEM = LineItem(
    sourced_id="L1",
    title="Quiz 1",
    class_id="C1",
    category_id="K1",
    school_id="O1",
    grading_period_id="P1",
    due="2026-10-01T23:59:00-05:00",
    minimum=0.0,
    maximum=10.0,
)
RESULT = Result(
    sourced_id="R1",
    line_item_id="L1",
    student_id="S1",
    class_id="C1",
    score=8.5,
    score_status="fully graded",
    score_date="2026-10-02",
    late=False,
    missing=False,
)
KNOWN = (Category(sourced_id="K1", title="Tests", weight=40.0),)

#: The columns as the binding prints them.
HEADERS = {
    ("1.1", "categories.csv"): "sourcedId,status,dateLastModified,title",
    ("1.2", "categories.csv"): "sourcedId,status,dateLastModified,title,weight",
    ("1.1", "lineItems.csv"): (
        "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,"
        "categorySourcedId,gradingPeriodSourcedId,resultValueMin,resultValueMax"
    ),
    ("1.2", "lineItems.csv"): (
        "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,"
        "categorySourcedId,academicSessionSourcedId,resultValueMin,resultValueMax,schoolSourcedId"
    ),
    ("1.1", "results.csv"): (
        "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,"
        "scoreDate,comment"
    ),
    ("1.2", "results.csv"): (
        "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,"
        "scoreDate,comment,textScore,classSourcedId,inProgress,incomplete,late,missing"
    ),
}


def plan_of(*, items=(ITEM,), results=(RESULT,), deletions=(), version=Version.V1P2):
    return PassbackPlan(
        course="7",
        endpoints=Endpoints.STANDARD,
        version=version,
        planned_at=AT,
        digest="",
        line_items=tuple(
            LineItemPut(assignment="a", class_id="C1", line_item=one) for one in items
        ),
        results=tuple(
            ResultPut(assignment="a", class_id="C1", user="u", result=one) for one in results
        ),
        deletions=deletions,
    )


def files(plan, known=KNOWN):
    return gradebook_files(plan, ZONE, known=known, at=AT)


def read(text):
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize(("version", "name"), HEADERS)
def test_each_file_has_the_bindings_columns_in_its_order(version, name):
    found = files(plan_of(version=Version(version)))
    assert HEADERS[version, name] == found[name].splitlines()[0]


def test_a_plan_is_written_as_it_says():
    found = files(plan_of())
    assert found["lineItems.csv"].splitlines()[1] == (
        "L1,active,2026-10-01T12:00:00.000Z,Quiz 1,,2026-10-01,2026-10-01,C1,K1,P1,0,10,O1"
    )
    assert found["results.csv"].splitlines()[1] == (
        "R1,active,2026-10-01T12:00:00.000Z,L1,S1,fully graded,8.5,2026-10-02,,,C1,,,false,false"
    )
    assert found["categories.csv"].splitlines()[1] == (
        "K1,active,2026-10-01T12:00:00.000Z,Tests,40"
    )


@pytest.mark.parametrize("version", list(Version))
def test_the_manifest_is_read_as_deltas_of_the_files_there_are(version):
    found = files(plan_of(version=version), known=())
    manifest = read_manifest(csv.reader(found["manifest.csv"].splitlines()))
    assert (version, ()) == (manifest.version, manifest.findings)
    deltas = {f"{name}.csv" for name, mode in manifest.modes.items() if mode is Mode.DELTA}
    assert set(found) - {"manifest.csv"} == deltas
    assert Mode.ABSENT is manifest.mode("categories")


def test_a_deletion_is_told_with_what_was_there():
    gone = Deletion(assignment="a", class_id="C1", user="u", sourced_id="R1")
    plan = plan_of(items=(), results=(), deletions=(gone,))
    (row,) = gradebook_rows(plan, ZONE, known=(RESULT,), at=AT)
    assert ("R1", "tobedeleted", "8.5") == tuple(
        row.cells[name] for name in ("sourcedId", "status", "score")
    )
    assert () == undescribed(plan, (RESULT,))


def test_a_deletion_of_what_nobody_can_describe_is_said_to_be_left_out():
    gone = Deletion(assignment="a", class_id="C1", user="u", sourced_id="R1")
    plan = plan_of(items=(), results=(), deletions=(gone,))
    assert [] == list(gradebook_rows(plan, ZONE, at=AT))
    assert (gone,) == undescribed(plan)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_what_a_teacher_wrote_never_calculates(text):
    named = msgspec.structs.replace(ITEM, title=text, description=text)
    said = msgspec.structs.replace(RESULT, comment=text)
    found = files(plan_of(items=(named,), results=(said,)))
    shown = f"'{text.strip()}"
    assert [shown, shown] == [read(found["lineItems.csv"])[0][k] for k in ("title", "description")]
    assert shown == read(found["results.csv"])[0]["comment"]


def test_a_negative_score_and_a_letter_stay_what_they_are():
    odd = msgspec.structs.replace(RESULT, score=-1.0, text_score="-")
    (row,) = read(files(plan_of(results=(odd,)))["results.csv"])
    assert ("-1", "-") == (row["score"], row["textScore"])


def test_a_record_without_an_id_is_left_out():
    assert set(files(plan_of(items=(msgspec.structs.replace(ITEM, sourced_id=""),)))) == {
        "manifest.csv",
        "categories.csv",
        "results.csv",
    }


@given(st.permutations(range(4)))
def test_the_same_plan_is_the_same_bytes_in_whatever_order(order):
    results = [msgspec.structs.replace(RESULT, sourced_id=f"R{n}") for n in range(4)]
    shuffled = [results[n] for n in order]
    assert files(plan_of(results=results)) == files(plan_of(results=shuffled))


@given(st.text(), st.text(), st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_whatever_is_written_each_record_is_one_line_with_every_cell(title, comment, score):
    named = msgspec.structs.replace(ITEM, title=title)
    said = msgspec.structs.replace(RESULT, comment=comment, score=score)
    found = files(plan_of(items=(named,), results=(said,)))
    for name in ("lineItems.csv", "results.csv"):
        header, row = csv.reader(found[name].split("\n")[:-1])
        assert len(header) == len(row)
