"""Every problem by example: `problems.txt`, and the zips and links that no text can show."""

import codecs
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rosterway.formats.catalogue import RULES, problem
from rosterway.formats.problems import Finding
from rosterway.gateway.calculator import calculator
from rosterway.gateway.unpack import UnpackLimits, unpack
from rosterway.runs.prepare import read_baseline, read_delivery

CASES_FILE = Path(__file__).parent / "problems.txt"


@dataclass
class Case:
    title: str
    encoding: str = "utf-8"
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    baseline: dict[str, bytes] = field(default_factory=dict[str, bytes])
    expected: list[str] = field(default_factory=list[str])


def read_cases(text):
    for part in re.split(r"\n\n+", text)[1:]:
        title, *lines = part.strip("\n").split("\n")
        case = Case(title.strip("[]"))
        into, name = case.files, ""
        for line in lines:
            if line.startswith("--- "):
                name = line.removeprefix("--- ").removeprefix("was ")
                into = case.baseline if line.startswith("--- was ") else case.files
                into[name] = b""
            elif line.startswith("encoding "):
                case.encoding = line.removeprefix("encoding ")
            elif line.startswith(("> ", "= ", "  ")):
                case.expected.append(line)
            else:
                into[name] += as_bytes(line)
        yield case


def as_bytes(line):
    if line == "\\n":
        return b"\n"
    pieces = re.split(r"(\\x..|\\r)", line)
    return (
        b"".join(
            codecs.escape_decode(piece.encode())[0] if piece.startswith("\\") else piece.encode()
            for piece in pieces
        )
        + b"\n"
    )


CASES = list(read_cases(CASES_FILE.read_text(encoding="utf-8")))


def check_files(folder, files, baseline, encoding="utf-8"):
    """What is said of a delivery: lines as in `problems.txt`."""
    for name, given in (("in", files), ("was", baseline)):
        (folder / name).mkdir()
        for file, text in given.items():
            (folder / name / file).write_bytes(text)
    given = unpack([folder / "in"], folder / "unpacked")
    known = unpack([folder / "was"], folder / "known") if baseline else None
    with calculator(folder, memory="300MB", threads=1) as connection:
        known = read_baseline(connection, known, folder)
        read = read_delivery(connection, given, folder, mirror=known, encoding=encoding)
        problems = list(read.findings.problems())
        rows = {}
        for name, table in read.checked.staged.tables.items():
            rows[name] = (0, table.rows)
            if name in read.checked.roster.tables:
                view = read.checked.roster.view(name)
                rows[name] = (count(connection, f"FROM {view}"), table.rows)
        stopped = dict(
            connection.execute(
                f"SELECT tbl, count(DISTINCT (_file, _row)) FROM {read.checked.stopped} GROUP BY 1"
            ).fetchall()
        )
    for name, (going, of) in rows.items():
        assert of == going + stopped.get(name, 0), f"rows of {name} are lost"
    return [*rows_said(rows), *problems_said(problems)], problems


def count(connection, source):
    return connection.execute(f"SELECT count(*) {source}").fetchall()[0][0]


def rows_said(rows):
    return [f"= {name}: {going} of {of}" for name, (going, of) in rows.items()]


def problems_said(problems):
    for p in problems:
        place = f"{p.file or '-'}:{p.row or '-'}:{p.column or '-'}"
        value = "" if p.value is None else f" {p.value!r}"
        yield f"> {p.severity} {p.code} {p.table or '-'} {place}{value}"
        yield f"  {p.message}"
        yield f"  {p.remedy}"


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_a_delivery_has_exactly_the_problems_of_its_example(tmp_path, case):
    said, _ = check_files(tmp_path, case.files, case.baseline, case.encoding)

    assert case.expected == said


# -- what no text can show --------------------------------------------------------------------

USERS = b"user_id,login_id,status\n1,a,active\n"


def zipped(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)


def link():
    info = zipfile.ZipInfo("users.csv")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


def linked(folder):
    (folder / "users.csv").symlink_to("/etc/passwd")


def unnamed(folder):
    (folder / "us\udce9rs.csv").write_bytes(USERS)


def endless(folder):
    (folder / "users.csv").write_bytes(USERS + b"2," + b"x" * (33 << 20))


#: Code -> who makes such a delivery in a folder, the problem's message, its remedy.
MADE: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "zip-unreadable": (
        lambda folder: (folder / "users.zip").write_bytes(b"PK"),
        "users.zip is not a zip file that can be read: File is not a zip file.",
        "Make the zip anew and deliver it again; check that the upload was not cut.",
    ),
    "zip-too-large": (
        lambda folder: zipped(folder / "users.zip", ("users.csv", bytes(9000))),
        "users.zip unpacks to more than is allowed: 9,000 bytes of 5,000.",
        "Deliver the CSV files loose, or in several smaller zips.",
    ),
    "zip-unsafe-name": (
        lambda folder: zipped(folder / "users.zip", ("../users.csv", USERS)),
        (
            "users.zip holds a name that would leave its folder: ../users.csv. "
            "Nothing of it was unpacked."
        ),
        "Make the zip with plain file names inside.",
    ),
    "zip-link": (
        lambda folder: zipped(folder / "users.zip", (link(), "/etc/passwd")),
        (
            "users.zip holds a link, users.csv, and links are never followed. "
            "Nothing of it was unpacked."
        ),
        "Put the file itself into the zip.",
    ),
    "zip-inside-zip": (
        lambda folder: zipped(folder / "all.zip", ("users.csv", USERS), ("more.zip", b"")),
        "all.zip/more.zip is a zip inside a zip and was not opened.",
        "Put its CSV files into the outer zip.",
    ),
    "file-link": (
        linked,
        "users.csv is a link, and links are never followed.",
        "Deliver the file itself.",
    ),
    "file-unreadable": (
        unnamed,
        "us\N{REPLACEMENT CHARACTER}rs.csv cannot be read: its name is not UTF-8.",
        "Check the file and its permissions and deliver it again.",
    ),
    "csv-endless-row": (
        endless,
        (
            "users.csv has a row of more than 32 million characters at line 3. The rows before it were "
            "read; nothing is removed on the word of this file."
        ),
        "Look at that line: a quote was left open, or the file is no CSV from there on.",
    ),
}

#: Found where deliveries arrive, not where they are read: tests of runs and of sealing have it.
ELSEWHERE = {"file-cut"}


@pytest.mark.parametrize("code", MADE)
def test_a_delivery_that_no_text_can_show_has_its_problem(tmp_path, code):
    make, message, remedy = MADE[code]
    (tmp_path / "in").mkdir()
    make(tmp_path / "in")
    limits = UnpackLimits(free_ratio=5000, ratio=1)
    given = unpack([tmp_path / "in"], tmp_path / "unpacked", limits=limits)
    with calculator(tmp_path, memory="300MB", threads=1) as connection:
        found = list(read_delivery(connection, given, tmp_path).findings.problems(code=code))

    assert [(message, remedy)] == [(problem.message, problem.remedy) for problem in found]


def test_no_problem_is_without_an_example():
    shown = {line.split()[2] for case in CASES for line in case.expected if line.startswith("> ")}

    assert set(RULES) == shown | set(MADE) | ELSEWHERE


def test_words_for_a_problem_found_elsewhere_are_whole():
    found = problem(Finding(code="file-cut", file="users.csv", other="1,024 bytes"))

    assert "users.csv was cut in the middle of its upload, after 1,024 bytes." == found.message


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_says_a_sentence_and_what_to_do(rule):
    assert rule.remedy.endswith((".", "?")) or rule.code in {"csv-malformed", "table-unknown"}
    assert rule.severity.value != "error" or rule.consequence.value != "none"
    assert rule.stops_row == (rule.consequence.value in {"row refused", "row held back"})


# -- one telling for many rows -----------------------------------------------------------------


def excel(rows, *, dated):
    """A file whose dates Excel has rewritten; `dated` rows also have an end."""
    lines = [
        f"C{number},a,b,active,08/24/2026,{'12/18/2026' if number < dated else ''}"
        for number in range(rows)
    ]
    header = "course_id,short_name,long_name,status,start_date,end_date"
    return {"courses.csv": "\n".join([header, *lines, ""]).encode()}


def test_what_strikes_most_rows_is_told_once_for_each_column(tmp_path):
    _, problems = check_files(tmp_path, excel(50, dated=45), {})

    assert [None, None] == [problem.row for problem in problems]
    assert ["start_date", "end_date"] == sorted((p.column or "" for p in problems), reverse=True)
    messages = sorted(problem.message for problem in problems)
    assert messages[0].startswith("45 rows of courses.csv alike, the first at line 2: Row 2 of")
    assert messages[1].startswith("50 rows of courses.csv alike, the first at line 2: Row 2 of")


@pytest.mark.parametrize(("rows", "dated", "told"), [(19, 19, 38), (100, 79, 80), (100, 80, 2)])
def test_what_strikes_few_rows_is_told_for_each(tmp_path, rows, dated, told):
    _, problems = check_files(tmp_path, excel(rows, dated=dated), {})

    assert told == len(problems)


def test_an_error_is_told_for_every_row(tmp_path):
    rows = b"".join(b"%d,a%d,gone\n" % (number, number) for number in range(60))
    _, problems = check_files(tmp_path, {"users.csv": b"user_id,login_id,status\n" + rows}, {})

    assert list(range(2, 62)) == [problem.row for problem in problems]


def test_a_value_of_any_length_is_quoted_short(tmp_path):
    row = b"1," + b"a" * 1_000_000 + b",active\n"
    _, [found] = check_files(tmp_path, {"users.csv": b"user_id,login_id,status\n" + row}, {})

    assert "a" * 200 + "… (1,000,000 characters)" == found.value
