"""Two ways to split a CSV file, one contract: rows with their lines, or the place where it breaks."""

import csv
from io import StringIO

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from gateway.splitting import HEADER, splitting_in
from rosterway.formats import csv_text


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with splitting_in(tmp_path_factory.mktemp("split")) as bench:
        yield bench


@pytest.fixture(params=["as it comes", "exactly"])
def split(request, bench):
    def split(data, **options):
        return bench.split(data, exactly=request.param == "exactly", **options)

    return split


def whole(*rows):
    return ("whole", list(rows), [])


# -- what is read ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1,a,active\n2,b,active\n", [(2, "1", "a", "active"), (3, "2", "b", "active")]),
        ("1,a,active", [(2, "1", "a", "active")]),
        (" 1 ,\ta,active\v\n", [(2, "1", "a", "active")]),
        ('"1","a","active"\n', [(2, "1", "a", "active")]),
        ('1," a ",active\n', [(2, "1", "a", "active")]),
        ("1,,active\n", [(2, "1", None, "active")]),
        ('1,"",active\n', [(2, "1", None, "active")]),
        ('1,"  ",active\n', [(2, "1", None, "active")]),
        ('1,"a,b",active\n', [(2, "1", "a,b", "active")]),
        ('1,"O""Brien",active\n', [(2, "1", 'O"Brien', "active")]),
        ('1,"""",active\n', [(2, "1", '"', "active")]),
        ("1,O'Brien,active\n", [(2, "1", "O'Brien", "active")]),
        ("1,\N{LATIN SMALL LETTER E WITH ACUTE},active\n", [(2, "1", "é", "active")]),
        ("1,a\N{NO-BREAK SPACE},active\n", [(2, "1", "a\N{NO-BREAK SPACE}", "active")]),
        ("1,a\N{LINE SEPARATOR}b,active\n", [(2, "1", "a\N{LINE SEPARATOR}b", "active")]),
        ("1,NULL,active\n", [(2, "1", "NULL", "active")]),
        ("#1,a,active\n", [(2, "#1", "a", "active")]),
        ("1,a\\,active\n", [(2, "1", "a\\", "active")]),
        ("1,a;b,active\n", [(2, "1", "a;b", "active")]),
        ("007,1e5,active\n", [(2, "007", "1e5", "active")]),
        ("1,2026-08-24,true\n", [(2, "1", "2026-08-24", "true")]),
        ("", []),
    ],
)
def test_cells_are_read_as_canvas_reads_them(split, text, rows):
    assert whole(*rows) == split(f"{HEADER}\n{text}")[:3]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do_and_the_lines_are_counted(split, end):
    done = split(end.join([HEADER, "1,a,active", "2,b,active", ""]))

    assert [(2, "1", "a", "active"), (3, "2", "b", "active")] == done.rows
    name = {"\r\n": "CRLF", "\r": "CR"}.get(end)
    assert ([("line-endings", None, name, None)] if name else []) == done.findings


def test_a_byte_order_mark_is_no_part_of_the_header(split):
    assert whole((2, "1", "a", "active")) == split(f"\ufeff{HEADER}\n1,a,active\n")[:3]


@pytest.mark.parametrize("broken", ["a\nb", "a\r\nb", "a\rb", "a\n\nb\n"])
def test_a_break_inside_quotes_counts_as_lines_and_as_no_row(split, broken):
    done = split(f'{HEADER}\n1,"{broken}",active\n2,c,active\n')

    breaks = len(broken.splitlines()) - (not broken.endswith("\n"))
    assert [(2, "1", broken.strip(), "active"), (3 + breaks, "2", "c", "active")] == done.rows


def test_a_windows_file_may_break_its_cells_with_a_bare_newline(split):
    done = split(f'{HEADER}\r\n1,"a\nb",active\r\n2,c,active\r\n')

    assert [(2, "1", "a\nb", "active"), (4, "2", "c", "active")] == done.rows
    assert [("line-endings", None, "CRLF and LF", None)] == done.findings


@pytest.mark.parametrize("blank", ["\n", ",,\n", " , ,\t\n", '"","",""\n', "   \n"])
def test_blank_rows_are_skipped_and_keep_their_lines(split, blank):
    done = split(f"{HEADER}\n{blank}1,a,active\n{blank}{blank}2,b,active\n")

    assert [(3, "1", "a", "active"), (6, "2", "b", "active")] == done.rows
    assert "whole" == done.trust


def test_a_header_that_comes_late_is_taken_with_its_line(split):
    done = split(f"\n\n{HEADER}\n1,a,active\n", header_line=3)

    assert [(4, "1", "a", "active")] == done.rows


def test_columns_canvas_does_not_know_are_left_out(split):
    done = split("user_id,shoe,login_id,status\n1,44,a,active\n")

    assert [(2, "1", "a", "active")] == done.rows


def test_nul_bytes_within_a_cell_stay_and_around_it_go(split):
    assert [(2, "1", "a\0b", "active")] == split(f"{HEADER}\n\0001,a\0b,active\0\n").rows


# -- rows of another width ------------------------------------------------------------------


def test_a_short_row_is_read_and_told(split):
    done = split(f"{HEADER}\n1,a,active\n2,b\n3,c,active\n")

    assert [(2, "1", "a", "active"), (3, "2", "b", None), (4, "3", "c", "active")] == done.rows
    assert ("whole", [("row-short", 3, None, "2 for 3")]) == (done.trust, done.findings)


def test_a_long_row_is_read_and_told_with_what_is_lost(split):
    done = split(f"{HEADER}\n1,a,active,see office,room 4\n2,b,active\n")

    assert [(2, "1", "a", "active"), (3, "2", "b", "active")] == done.rows
    assert [("row-long", 2, "see office,room 4", "5 for 3")] == done.findings


def test_trailing_commas_with_nothing_behind_them_say_nothing(split):
    assert whole((2, "1", "a", "active")) == split(f"{HEADER}\n1,a,active,,\n")[:3]
    assert whole((2, "1", "a", "active")) == split(f"{HEADER},,\n1,a,active,,\n")[:3]


def test_values_under_no_name_are_told_once(split):
    done = split(f"{HEADER},\n1,a,active,x\n\n2,b,active,y\n")

    assert [("header-unnamed", None, None, None)] == done.findings


def test_a_last_row_that_is_short_means_a_file_cut_off(split):
    done = split(f"{HEADER}\n1,a,active\n2,b")

    assert ("part", [("file-truncated", 3, None, "2 of 3 cells")]) == (done.trust, done.findings)
    assert [(2, "1", "a", "active"), (3, "2", "b", None)] == done.rows


def test_a_missing_final_newline_alone_is_no_cut(split):
    assert "whole" == split(f"{HEADER}\n1,a,active\n2,b,active").trust


def test_a_comma_too_many_in_the_header_cuts_nothing(split):
    done = split(f"{HEADER},\n1,a,active\n2,b,active\n")

    assert ("whole", ["row-short", "row-short"]) == (done.trust, done.codes)


def test_a_last_row_shorter_than_the_others_is_cut_even_under_such_a_header(split):
    assert "part" == split(f"{HEADER},\n1,a,active,\n2,b,act").trust


# -- files that break -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    ['2,b"b,active', '2,"b"b,active', '2, "b",active', '2,"b" ,active', '2,b",x'],
)
def test_a_quote_out_of_place_spoils_the_whole_file_at_its_line(split, row):
    done = split(f"{HEADER}\n1,a,active\n{row}\n3,c,active\n")

    assert ("none", [], [("csv-malformed", 3, None, None)]) == done[:3]


def test_a_quote_left_open_keeps_the_rows_before_it(split):
    done = split(f'{HEADER}\n1,a,active\n2,"b,active\n3,c,active\n')

    assert ("part", [(2, "1", "a", "active")]) == done[:2]
    assert [("csv-unclosed-quote", 3, None, None)] == done.findings


@pytest.mark.parametrize("opening", ["", '"'])
def test_a_row_without_end_keeps_the_rows_before_it(split, opening):
    endless = "x" * (csv_text.LONGEST_RECORD + 1)
    done = split(f"{HEADER}\n1,a,active\n2,{opening}{endless},active\n3,c,active\n")

    assert ("part", [(2, "1", "a", "active")]) == done[:2]
    assert [("csv-endless-row", 3, None, None)] == done.findings


@pytest.mark.parametrize("cell", ["x" * 10_000_000, "é" * 3_000_000])
def test_a_cell_of_millions_of_characters_is_still_a_cell(split, cell):
    assert [(2, "1", cell, "active"), (3, "2", "b", "active")] == split(
        f"{HEADER}\n1,{cell},active\n2,b,active\n"
    ).rows


def test_millions_of_doubled_quotes_are_still_a_cell(split):
    done = split(f'{HEADER}\n1,"{3_000_000 * chr(34) * 2}",active\n')

    assert [(2, "1", 3_000_000 * '"', "active")] == done.rows


# -- the two ways against each other, and against somebody else's reader ---------------------

#: Anything that has ever meant something to a reader of CSV.
BITS = st.sampled_from(
    [
        *["a", "7", " ", "\t", ",", '"', '""', "\n", "\r", "\r\n", "\0", "\v", "\f", "\x1c", "\\"],
        *["\ufeff", "\N{NEXT LINE}", "\N{LINE SEPARATOR}", "\N{NO-BREAK SPACE}", "é", "#", "'"],
    ]
)
WILD = st.lists(BITS, max_size=24).map("".join)

CELL = st.one_of(
    st.sampled_from(["1", "a", "", " a ", "active", "é", "a b"]),
    st.sampled_from(['"a"', '""', '" a "', '"a,b"', '"a""b"', '"a\nb"', '"a\rb"', '"a\r\nb"']),
)


PLAIN = st.sampled_from(["1", "a", "b c", " é "])
HEADERS = st.sampled_from([HEADER, f"{HEADER},", "login_id,,status,shoe,user_id"])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def files(draw):
    """A header, and below it what somebody meant to write, with a slip now and then, or anything."""
    header, end = draw(HEADERS), draw(ENDS)
    kind = draw(st.sampled_from(["plain", "quoted", "ragged", "wild"]))
    if kind == "wild":
        return header, f"{header}{end}{draw(WILD)}"
    width = header.count(",") + 1
    widths = st.sampled_from([width, width, width - 1, width + 1, 1])
    rows = [
        ",".join(
            draw(PLAIN if kind == "plain" else CELL)
            for _ in range(draw(widths) if kind == "ragged" else width)
        )
        for _ in range(draw(st.integers(min_value=0, max_value=6)))
    ]
    return header, end.join([header, *rows]) + draw(st.sampled_from(["", end]))


thoroughly = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@thoroughly
@given(files())
@example((HEADER, f'{HEADER}\n1,"a\rb",active'))
@example((HEADER, f'{HEADER}\r\t"a"'))
@example((HEADER, f"{HEADER},\n1,a,active,\t\n"))
def test_both_ways_say_the_same(bench, file):
    _, text = file
    quick = bench.split(text)
    event("quick" if quick.quick else "gave up")

    assert quick.said == bench.split(text, exactly=True).said


@thoroughly
@given(files())
def test_what_is_accepted_is_what_pythons_reader_reads_line_by_line(bench, file):
    header, text = file
    done = bench.split(text)
    if done.trust == "whole":
        assert read_by_python(header, text) == done.rows


def read_by_python(header, text):
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    starts = [1]
    records = []
    for record in reader:
        records.append((starts[-1], [clean(cell) for cell in record]))
        starts.append(reader.line_num + 1)
    names = HEADER.split(",")
    places = [place for place, name in enumerate(header.split(",")) if name in names]
    return [
        (line, *([*cells, *[""] * 5][place] or None for place in places))
        for line, cells in records[1:]
        if any(cells)
    ]


def clean(cell):
    return cell.strip(csv_text.BLANK)


def test_plain_rows_go_the_quick_way(bench):
    assert bench.split(f"{HEADER}\n1,a,active\n").quick
    assert bench.split(f'{HEADER}\r\n1,"a, b",active\r\n').quick
    assert not bench.split(f"{HEADER}\n1,a,active\n", exactly=True).quick


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_both_ways_say_the_same_of_files_larger_than_any_buffer(bench, seed):
    rows = [f'{number},"n{number * (seed + 7)}",active' for number in range(2_000_000)]
    rows[1_500_000] = ["1500000,a,active", "1500000, a,active", "1500000,a,active,x"][seed]
    text = "\n".join([HEADER, *rows])

    quick, exact = bench.split(text), bench.split(text, exactly=True)
    assert 2_000_000 == len(quick.rows)
    assert quick.said == exact.said
