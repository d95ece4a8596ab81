"""`rosterway check`: its JSON, its words, its exit codes."""

import zipfile

import pytest

from cli.terminal import rosterway, tree

USERS = "user_id,login_id,status\n"
PROBLEM = {
    *("severity", "code", "table", "file", "row", "column", "value", "message", "remedy"),
    *("canvas", "silent"),
}


def delivery(folder, **files):
    """A folder of CSV files: table -> content."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def checked(*paths, **options):
    """What `check --format json` says, once its shape is that of the contract."""
    done = rosterway("check", *paths, "--format", "json", **options)
    assert done.err == ""
    assert list(done.json) == ["kind", "tables", "counts", "problems"]
    assert set(done.json["counts"]) == {"error", "warning", "repair"}
    for problem in done.json["problems"]:
        assert set(problem) == PROBLEM
    by_severity = [problem["severity"] for problem in done.json["problems"]]
    assert done.json["counts"] == {name: by_severity.count(name) for name in done.json["counts"]}
    assert done.code == (1 if done.json["counts"]["error"] else 0)
    return done.json


def test_a_good_delivery_is_its_tables_and_nothing_else(days, quiet_folder):
    found = checked(days.first, cwd=quiet_folder)

    assert found["kind"] == "canvas-csv"
    assert found["counts"] == {"error": 0, "warning": 0, "repair": 0}
    assert found["problems"] == []
    assert found["tables"]["users"]["files"] == ["users.csv"]
    lines = (days.first / "users.csv").read_text().count("\n")
    assert found["tables"]["users"]["rows"] == lines - 1


def test_a_delivery_is_the_same_loose_zipped_and_file_by_file(days, tmp_path):
    files = sorted(days.first.glob("*.csv"))
    with zipfile.ZipFile(tmp_path / "day.zip", "w") as archive:
        for file in files:
            archive.write(file, file.name)

    assert checked(days.first) == checked(tmp_path / "day.zip") == checked(*files)


def test_every_damage_of_the_dirty_district_is_named_and_nothing_is_touched(days):
    before = tree(days.dirty)

    found = checked(days.dirty)

    assert found["counts"]["error"] > 5
    assert found["counts"]["warning"] > 3
    assert found["counts"]["repair"] > 1
    codes = {problem["code"] for problem in found["problems"]}
    assert {"reference-missing", "status-unknown", "key-duplicate", "value-missing"} <= codes
    assert tree(days.dirty) == before


def test_a_problem_has_its_physical_line_and_its_file_inside_the_folder(tmp_path):
    users = 'user_id,login_id,full_name,status\n1,a,"A\nB",active\n2,c,C,gone\n'
    delivery(tmp_path / "in" / "north", users=users)

    [problem] = checked(tmp_path / "in")["problems"]

    assert problem["file"] == "north/users.csv"
    assert (problem["row"], problem["column"], problem["value"]) == (4, "status", "gone")
    assert (problem["table"], problem["severity"]) == ("users", "error")


@pytest.mark.parametrize(
    ("content", "severity", "table", "rows"),
    [
        (USERS, "warning", "users", 0),
        ("", "error", "users", None),
        (USERS + '1,"a,active\n', "error", "users", None),
        (b"\xff\xfe\x00", "error", "users", None),
    ],
    ids=["header only", "no bytes", "open quote", "not text"],
)
def test_a_file_that_cannot_be_used_keeps_its_table(tmp_path, content, severity, table, rows):
    found = checked(delivery(tmp_path / "in", users=content))

    assert severity in {problem["severity"] for problem in found["problems"]}
    assert {problem["table"] for problem in found["problems"]} == {table}
    if rows is not None:
        assert found["tables"][table]["rows"] == rows


def test_what_is_no_delivery_has_no_kind(tmp_path):
    found = checked(delivery(tmp_path / "in", notes="a,b\n1,2\n"))

    assert (found["kind"], found["tables"]) == (None, {})
    assert [problem["row"] for problem in found["problems"]] == [None]


def test_an_empty_folder_is_a_delivery_with_nothing_in_it(tmp_path):
    (tmp_path / "in").mkdir()

    assert [problem["code"] for problem in checked(tmp_path / "in")["problems"]] == [
        "delivery-empty"
    ]


def test_the_later_of_two_rows_that_claim_one_thing_carries_the_error(tmp_path):
    found = checked(delivery(tmp_path / "in", users=USERS + "1,a,active\n2,a,active\n"))

    assert [(one["row"], one["severity"]) for one in found["problems"]] == [(3, "error")]


def test_a_table_that_did_not_come_blames_no_reference(tmp_path):
    sections = "section_id,course_id,name,status\ns1,c1,One,active\n"

    assert checked(delivery(tmp_path / "in", sections=sections))["problems"] == []


def test_a_declared_encoding_is_read_and_an_undeclared_one_an_error(tmp_path):
    folder = delivery(tmp_path / "in", users=(USERS + "1,åsa,active\n").encode("cp1252"))

    assert checked(folder)["counts"]["error"] == 1
    assert checked(folder, "--encoding", "cp1252")["counts"]["error"] == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["nope"], "usage", "There is no file or folder nope."),
        ([".", "--encoding", "klingon"], "config", "There is no encoding called 'klingon'."),
    ],
)
def test_what_cannot_be_read_is_2(words, code, message, quiet_folder):
    done = rosterway("check", *words, "--format", "json", cwd=quiet_folder)

    assert (done.code, done.err) == (2, "")
    assert done.json["error"]["code"] == code
    assert done.json["error"]["message"] == message


def test_people_read_errors_first_a_few_of_each_and_how_to_see_all(days):
    done = rosterway("check", days.dirty)

    order = ["error", "warning", "repair"]
    told = [line.partition(":")[0] for line in done.out.splitlines()]
    severities = [word for word in told if word in order]
    assert severities == sorted(severities, key=order.index)
    assert done.code == 1
    assert done.out.splitlines()[-1].endswith("All of them: --format json")


def test_the_codes_are_those_of_the_catalogue():
    from rosterway.formats.catalogue import RULES

    told = rosterway("check", "--codes", "--format", "json").json

    assert [rule["code"] for rule in told] == list(RULES)
    assert all(rule["message"] and rule["remedy"] for rule in told)


def test_what_was_delivered_before_counts_as_there(tmp_path):
    before = delivery(
        tmp_path / "before",
        courses="course_id,short_name,long_name,status\nC1,Alg,Algebra,active\n",
        users=USERS + "1,ana,active\n",
    )
    today = delivery(
        tmp_path / "today",
        courses="course_id,short_name,long_name,status\nC2,Bio,Biology,active\n",
        sections="section_id,course_id,name,status\nS1,C1,Algebra,active\n",
        users=USERS + "2,ANA,active\n",
    )
    alone = checked(today)["problems"]
    beside = checked(today, "--baseline", before)["problems"]

    assert [("reference-missing", "sections")] == [(one["code"], one["table"]) for one in alone]
    assert [("login-claimed", "users")] == [(one["code"], one["table"]) for one in beside]


def test_a_problem_says_what_canvas_would_have_done(tmp_path):
    terms = "term_id,name,status\nT1,Autumn,active\n"
    courses = (
        "course_id,short_name,long_name,status,term_id\nC1,Alg,Algebra,active,T9\n,B,B,active,T1\n"
    )
    folder = delivery(tmp_path / "in", terms=terms, courses=courses)
    found = {one["code"]: one for one in checked(folder)["problems"]}
    text = rosterway("check", folder).out

    assert ("field-ignored", True) == (
        found["term-unknown"]["canvas"],
        found["term-unknown"]["silent"],
    )
    assert ("row-skipped", False) == (
        found["value-missing"]["canvas"],
        found["value-missing"]["silent"],
    )
    assert "Sent as it came: the value is ignored, without a message." in text
    assert "Sent as it came: the row is skipped." in text
