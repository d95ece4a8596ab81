"""A delivery's files become tables, each row with its place, in little memory."""

import subprocess
import sys
import textwrap

import pytest

from rosterway.gateway.calculator import calculator
from rosterway.gateway.stage import stage
from rosterway.gateway.unpack import unpack
from rosterway.rostering import sql
from rosterway.rostering.findings import Findings
from rosterway.rostering.staged import Trust

USERS = "user_id,login_id,status\n"


@pytest.fixture
def staged(tmp_path):
    """Stage files; the staged delivery, its findings' codes, and a way to read a table."""
    with calculator(tmp_path, memory="300MB", threads=1) as connection:

        def stage_them(files, **options):
            (tmp_path / "in").mkdir()
            for name, text in files.items():
                data = text.encode() if isinstance(text, str) else text
                (tmp_path / "in" / name).write_bytes(data)
            findings = Findings(connection)
            given = unpack([tmp_path / "in"], tmp_path / "unpacked")
            done = stage(connection, given.files, tmp_path, findings, **options)

            def rows(table):
                view = sql.name(done.view(table))
                columns = ", ".join([*done.tables[table].columns, "_file", "_row"])
                return connection.execute(
                    f"SELECT {columns} FROM {view} ORDER BY _file, _row"
                ).fetchall()

            return done, [code for code, _ in sorted(findings.by_code())], rows

        yield stage_them


def test_a_tables_files_are_one_table_whose_rows_know_their_place(staged):
    done, codes, rows = staged(
        {
            "users_b.csv": "login_id,user_id,status\nb,2,active\n\nc,3,active\n",
            "users_a.csv": USERS + "1,a,active\n",
        }
    )

    assert ["users"] == list(done.tables)
    assert [
        ("1", "a", "active", 0, 2),
        ("2", "b", "active", 1, 2),
        ("3", "c", "active", 1, 4),
    ] == rows("users")
    assert [] == codes


def test_a_column_that_one_file_lacks_is_blank_there(staged):
    done, codes, rows = staged(
        {"users_a.csv": USERS + "1,a,active\n", "users_b.csv": USERS.strip() + ",email\n2,b,x,y\n"}
    )

    assert ("user_id", "login_id", "status", "email") == done.tables["users"].columns
    assert [None, "y"] == [row[3] for row in rows("users")]
    assert ["headers-differ"] == codes


def test_tables_stand_in_canvass_order_whatever_the_files_are_called(staged):
    done, _, _ = staged(
        {
            "1.csv": "section_id,user_id,role,status\nS,1,student,active\n",
            "2.csv": USERS + "1,a,active\n",
            "3.csv": "term_id,name,status\nT,Autumn,active\n",
        }
    )

    assert ["terms", "users", "enrollments"] == list(done.tables)


def test_a_header_alone_is_an_emptied_table(staged):
    done, codes, rows = staged({"users.csv": USERS})

    assert done.tables["users"].is_emptied
    assert ([], ["rows-none"]) == (rows("users"), codes)


def test_a_file_without_bytes_is_the_table_its_name_says_and_no_emptied_one(staged):
    done, codes, _ = staged({"2026-users.csv": "", "whatever.csv": ""})

    assert ["users", None] == [file.table for file in done.files]
    assert all(file.is_zero_bytes for file in done.files)
    assert not done.tables["users"].is_emptied
    assert not done.has_rows("users")
    assert ["file-empty"] == codes


@pytest.mark.parametrize(
    ("text", "trust", "rows"),
    [
        (USERS + "1,a,active\n", Trust.WHOLE, 1),
        (USERS + "1,a,active\n2,b", Trust.PART, 2),
        (USERS + '1,a,active\n2,"b,active\n', Trust.PART, 1),
        (USERS + '1,a,active\n2,b"b,active\n', Trust.NONE, 0),
        (USERS.encode() + b"1,\xe9,active\n", Trust.NONE, 0),
        ("user_id,login_id\n1,a\n", Trust.NONE, 0),
        ("user_id;login_id;status\n1;a;active\n", Trust.NONE, 0),
    ],
)
def test_a_file_is_trusted_as_far_as_it_could_be_read(staged, text, trust, rows):
    done, _, _ = staged({"users.csv": text})
    table = done.tables["users"]

    assert [trust] == [file.trust for file in table.files]
    assert (rows, trust is Trust.WHOLE) == (table.rows, table.is_whole)


def test_one_bad_file_of_a_table_does_not_keep_the_other_from_being_read(staged):
    done, codes, rows = staged(
        {"users_a.csv": USERS + "1,a,active\n", "users_b.csv": USERS + '2,b"b,active\n'}
    )

    assert not done.tables["users"].is_whole
    assert [("1", "a", "active", 0, 2)] == rows("users")
    assert ["csv-malformed"] == codes


def test_a_mark_before_blank_lines_before_the_header_is_no_matter(staged):
    _, codes, rows = staged({"users.csv": f"\ufeff\r\n\r\n{USERS.strip()}\r\n1,a,active\r\n"})

    assert [("1", "a", "active", 0, 4)] == rows("users")
    assert ["byte-order-mark", "line-endings"] == codes


def test_a_quoted_header_may_break_a_line_in_a_name_nobody_knows(staged):
    _, codes, rows = staged({"users.csv": f'"shoe\nsize",{USERS}44,1,a,active\n'})

    assert [("1", "a", "active", 0, 3)] == rows("users")
    assert ["column-unknown"] == codes


def test_a_file_in_utf16_is_read_where_it_is_declared(staged):
    text = f"{USERS}1,José,active\r\n"
    _, codes, rows = staged({"users.csv": text.encode("utf-16")}, encoding="utf-16")

    assert [("1", "José", "active", 0, 2)] == rows("users")
    assert ["encoding-declared", "line-endings"] == codes


# -- memory -----------------------------------------------------------------------------------

READS = """
import resource, sys
from pathlib import Path
from rosterway.gateway.calculator import calculator
from rosterway.gateway.unpack import unpack
from rosterway.runs.prepare import read_delivery

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

work, rows, row, memory = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
with (work / "enrollments.csv").open("w") as file:
    file.write("section_id,user_id,role,status\\n")
    for number in range(rows):
        file.write(row.format(number=number))
start = peak()
with calculator(work, memory=memory, threads=1) as connection:
    given = unpack([work / "enrollments.csv"], work / "unpacked")
    read = read_delivery(connection, given, work)
    print(read.checked.staged.tables["enrollments"].rows, peak() - start)
"""


def read_in_a_process(folder, *, rows, row, memory):
    """Rows read and the megabytes it took beyond an idle process."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(READS), folder, str(rows), row, memory],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return tuple(int(number) for number in done.stdout.split())


PLAIN = "S{number},{number},student,active\n"
ODD = 'S{number},{number},"stu""dent",Active\n'


@pytest.mark.parametrize("row", [PLAIN, ODD], ids=["quick", "exact"])
def test_three_hundred_thousand_rows_are_read_in_little_memory(tmp_path, row):
    read, megabytes = read_in_a_process(tmp_path, rows=300_000, row=row, memory="64MB")

    assert 300_000 == read
    assert megabytes < 250


@pytest.mark.soak
@pytest.mark.parametrize("row", [PLAIN, ODD], ids=["quick", "exact"])
def test_memory_does_not_grow_with_the_rows(tmp_path, row):
    (tmp_path / "few").mkdir()
    (tmp_path / "many").mkdir()
    _, few = read_in_a_process(tmp_path / "few", rows=1_000_000, row=row, memory="200MB")
    _, many = read_in_a_process(tmp_path / "many", rows=6_000_000, row=row, memory="200MB")

    assert many < few + 150
