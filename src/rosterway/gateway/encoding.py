"""Bytes into UTF-8, or the exact place where that fails."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from rosterway.errors import ConfigError

_CHUNK = 1 << 20
_BAD_BYTES_SHOWN = 8


def is_utf8(encoding: str) -> bool:
    """Whether a declared encoding is UTF-8 under any of its names. Raises ConfigError if unknown."""
    try:
        "".encode(encoding)  # refuses codecs that are no text encodings, such as base64
        return codecs.lookup(encoding).name in {"utf-8", "utf-8-sig"}
    except LookupError as error:
        raise ConfigError(
            f"There is no encoding called {encoding!r}.",
            remedy="Use a name such as utf-8, cp1252, latin-1 or utf-16.",
        ) from error


def chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, in pieces."""
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def to_utf8(path: Path, encoding: str, target: Path) -> int | None:
    """Write `path`, read as `encoding`, to `target` as UTF-8.

    Returns None, or the offset of the first byte that `encoding` does not have.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    done = 0
    with target.open("wb") as out:
        for chunk in chunks(path):
            pending = len(decoder.getstate()[0])
            try:
                out.write(decoder.decode(chunk).encode())
            except UnicodeDecodeError as error:
                return done - pending + error.start
            done += len(chunk)
        pending = len(decoder.getstate()[0])
        try:
            out.write(decoder.decode(b"", final=True).encode())
        except UnicodeDecodeError as error:
            return done - pending + error.start
    return None


def place_of(path: Path, offset: int) -> tuple[int, bytes]:
    """The line an offset lies on (the first is 1), and the bytes from there on."""
    newlines = returns = 0
    with path.open("rb") as file:
        left = offset
        while left and (chunk := file.read(min(left, _CHUNK))):
            newlines += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            left -= len(chunk)
        # A file whose lines end in CR alone has no newlines at all.
        return 1 + (newlines or returns), file.read(_BAD_BYTES_SHOWN)


def likely_encoding(bad: bytes) -> str:
    """What the bytes look like, as the end of a sentence, or nothing."""
    if bad.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in bad[:2]:
        return ", which look like UTF-16"
    # 0x80-0x9F are printable in Windows-1252 only; letters with accents start at 0xC0.
    if bad[:1] and (0x80 <= bad[0] <= 0x9F or bad[0] >= 0xC0):
        return ", which look like Windows-1252 (cp1252)"
    return ""
