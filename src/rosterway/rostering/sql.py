"""Quoting for DuckDB: it has no bind for identifiers and paths, so these three are the only way in."""

from collections.abc import Iterable


def name(identifier: str) -> str:
    """An identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string literal, quoted."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """A parenthesised list of string literals."""
    return "(" + ", ".join(text(value) for value in values) + ")"
