"""What a file's bytes say before they are split, and where splitting stops."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.formats.csv_text import LONGEST_RECORD, Record, Spoilt, Survey, Why, split


def survey(data, *cuts):
    found = Survey()
    places = [0, *sorted(cut for cut in cuts if 3 <= cut < len(data)), len(data)]
    for start, end in pairwise(places):
        if end > start:
            found.feed(data[start:end])
    return found.finish()


def said(found):
    return (
        found.size,
        found.lines,
        found.has_bom,
        found.has_nul,
        found.has_quote,
        found.has_blank,
        found.has_spaced_quote,
        found.has_regular_endings,
        found.bad_at,
        found.is_plain,
    )


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", 0),
        (b"a", 1),
        (b"a\n", 1),
        (b"a\nb", 2),
        (b"a\r\nb\r\n", 2),
        (b"a\rb\r", 2),
        (b"\n", 1),
    ],
)
def test_lines_are_counted_whatever_ends_them(data, lines):
    assert lines == survey(data).lines


@pytest.mark.parametrize(
    ("data", "bad_at"),
    [
        (b"caf\xe9", 3),
        (b"caf\xc3\xa9", None),
        (b"caf\xc3", 3),
        (b"\xff\xfea\0", 0),
        (b"ab\xf0\x9f\x92", 2),
        (b"ab\xf0\x9f\x92\xa9\x80", 6),
        (b"\xed\xa0\x80", 0),
    ],
)
def test_the_first_byte_that_is_no_utf8_is_found(data, bad_at):
    assert bad_at == survey(data).bad_at


PIECES = st.lists(
    st.sampled_from(
        [
            b"a",
            b",",
            b'"',
            b" ",
            b"\t",
            b"\n",
            b"\r",
            b"\r\n",
            b"\0",
            b"\xc3\xa9",
            b"\xff",
            b"\xf0\x9f",
        ]
    ),
    max_size=30,
).map(b"".join)


@given(PIECES, st.lists(st.integers(min_value=3, max_value=40), max_size=5))
def test_it_does_not_matter_in_which_pieces_a_file_is_read(data, cuts):
    assert said(survey(data)) == said(survey(data, *cuts))


@given(PIECES)
def test_bad_bytes_are_where_python_finds_them(data):
    try:
        data.decode("utf-8")
        expected = None
    except UnicodeDecodeError as error:
        expected = error.start
    assert expected == survey(data).bad_at


@pytest.mark.parametrize(
    ("lines", "records"),
    [
        ([], []),
        (["a,b\n"], [Record(1, ["a", "b"])]),
        (["\n", "a\n", "\r\n", "b"], [Record(2, ["a"]), Record(4, ["b"])]),
        (['"a\n', 'b",c\n', "d\n"], [Record(1, ["a\nb", "c"]), Record(3, ["d"])]),
        (["a\n", '"b\n', "c\n"], [Record(1, ["a"]), Spoilt(2, Why.UNCLOSED)]),
        (["a\n", 'b"b\n', "c\n"], [Record(1, ["a"]), Spoilt(2, Why.MISQUOTED)]),
        (["a\n", '"b"b\n', "c\n"], [Record(1, ["a"]), Spoilt(2, Why.MISQUOTED)]),
    ],
)
def test_lines_become_records_until_they_cannot(lines, records):
    assert records == list(split(lines))


def test_an_open_quote_is_not_followed_to_the_end_of_the_world():
    def endless():
        yield "a\n"
        yield '"b\n'
        for _ in range(LONGEST_RECORD // 1_000_000 + 2):
            yield "x" * 1_000_000 + "\n"
        pytest.fail("read on after the longest record")

    assert [Record(1, ["a"]), Spoilt(2, Why.UNCLOSED)] == list(split(endless()))
