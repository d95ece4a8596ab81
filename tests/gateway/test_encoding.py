"""Bytes into UTF-8, or the place where that fails."""

import pytest

from rosterway.errors import ConfigError
from rosterway.gateway.encoding import is_utf8, likely_encoding, place_of, to_utf8

TEXT = "user_id,full_name\n1,José\n2,Søren\n"


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "utf_8", "utf-8-sig"])
def test_utf8_is_known_under_its_names(name):
    assert is_utf8(name)


@pytest.mark.parametrize("name", ["cp1252", "latin-1", "utf-16", "shift_jis"])
def test_other_encodings_are_other(name):
    assert not is_utf8(name)


@pytest.mark.parametrize("name", ["klingon", "base64", "rot13", "zip", ""])
def test_what_is_no_encoding_of_text_is_refused(name):
    with pytest.raises(ConfigError, match="There is no encoding called"):
        is_utf8(name)


@pytest.mark.parametrize(
    "encoding", ["cp1252", "latin-1", "utf-16", "utf-16-le", "utf-32", "cp850"]
)
def test_a_declared_encoding_becomes_utf8(tmp_path, encoding):
    (tmp_path / "given").write_bytes(TEXT.encode(encoding))

    assert to_utf8(tmp_path / "given", encoding, tmp_path / "utf8") is None
    assert TEXT.encode() == (tmp_path / "utf8").read_bytes()


def test_a_character_on_the_seam_of_two_pieces_survives(tmp_path):
    text = "x" * ((1 << 20) - 1) + "é" * 10
    for encoding in ("utf-16", "cp1252", "utf-8"):
        (tmp_path / "given").write_bytes(text.encode(encoding))
        assert to_utf8(tmp_path / "given", encoding, tmp_path / "utf8") is None
        assert text == (tmp_path / "utf8").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("data", "encoding", "bad_at"),
    [
        (b"a\x81b", "cp1252", 1),
        (TEXT.encode("utf-16-le")[:-1], "utf-16-le", len(TEXT) * 2 - 2),
        (b"x" * ((1 << 20) + 5) + b"\x81", "cp1252", (1 << 20) + 5),
        (b"a\0\x00\xd8b\0", "utf-16-le", 2),
    ],
)
def test_the_first_byte_the_encoding_lacks_is_found(tmp_path, data, encoding, bad_at):
    (tmp_path / "given").write_bytes(data)

    assert bad_at == to_utf8(tmp_path / "given", encoding, tmp_path / "utf8")


def test_a_place_is_a_line_and_the_bytes_there(tmp_path):
    (tmp_path / "given").write_bytes(b"a\nb\nc\xe9def\nghijklmn")

    assert (3, b"\xe9def\nghi") == place_of(tmp_path / "given", 5)
    assert (1, b"a\nb\nc\xe9de") == place_of(tmp_path / "given", 0)


def test_a_place_is_counted_by_whatever_ends_the_lines(tmp_path):
    (tmp_path / "given").write_bytes(b"a\rb\rc\xe9")
    assert 3 == place_of(tmp_path / "given", 5)[0]
    (tmp_path / "given").write_bytes(b"a\r\nb\r\nc\xe9")
    assert 3 == place_of(tmp_path / "given", 7)[0]


@pytest.mark.parametrize(
    ("data", "guess"),
    [
        (b"\xe9", ", which look like Windows-1252 (cp1252)"),
        (b"\x92s", ", which look like Windows-1252 (cp1252)"),
        (b"\xff\xfea\0", ", which look like UTF-16"),
        (b"\xfe\xff\0a", ", which look like UTF-16"),
        (b"a\0b\0", ", which look like UTF-16"),
        (b"\0a\0b", ", which look like UTF-16"),
        (b"\xa0", ""),
        (b"", ""),
    ],
)
def test_a_guess_is_made_only_where_it_is_good(data, guess):
    assert guess == likely_encoding(data)
