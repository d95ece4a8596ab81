"""Rows that come and go while somebody reads: real changes of what is held.

Guarantees: nothing refers to a row that comes or goes, so that only its own collection is another
afterwards; a new row's id sorts before all others.
"""

from rosterway.sandbox.sis.holding.held import Held
from rosterway.sandbox.sis.model.fields import Kind
from rosterway.sandbox.sis.model.nouns import NOUNS

_NEW = "-new-"
_TOLD_APART = ("username", "identifier", "title", "name", "familyName")


def insert(held: Held, noun: str, now: str) -> None:
    """A row appears before all others, much like the first."""
    rows = held.records[noun]
    if not rows:
        return
    number = 1 + sum(key.startswith(_NEW) for key in rows)
    while f"{_NEW}{number}" in rows:
        number += 1
    key = f"{_NEW}{number}"
    first = next(row for row in rows.values() if row["status"] == "active")
    row = {name: value for name, value in first.items() if name not in {"agents", "children"}}
    row |= {"sourcedId": key, "dateLastModified": now}
    row |= {name: f"{row[name]} {number}" for name in _TOLD_APART if name in row}
    if noun == "enrollment":
        row["user"] = _newcomer(held, row["class"])
    held.put_first(noun, row)


def remove(held: Held, noun: str) -> None:
    """The first row that nothing refers to goes, without a trace."""
    referred: set[str] = set()
    if noun != "enrollment":
        referred = _referred_to(held, noun)
    key = next((key for key in held.records[noun] if key not in referred), None)
    if key is not None:
        held.purge(noun, key)


def shift(held: Held, noun: str, now: str) -> None:
    """The row that came goes again; without one, one comes."""
    came = next((key for key in held.records[noun] if key.startswith(_NEW)), None)
    if came is None:
        insert(held, noun, now)
    else:
        held.purge(noun, came)


def _newcomer(held: Held, at: str) -> str:
    """A student who is not in a class yet."""
    there = {row["user"] for row in held.records["enrollment"].values() if row["class"] == at}
    return next(
        key
        for key, user in held.records["user"].items()
        if key not in there and user["roles"][0]["role"] == "student"
    )


def _referred_to(held: Held, noun: str) -> set[str]:
    referred: set[str] = set()
    for other, rows in held.records.items():
        fields = [
            field
            for field in NOUNS["1.2"][other].fields
            if field.kind is Kind.REF and field.of == noun
        ]
        for row in rows.values():
            for field in fields:
                referred.update(_keys(row.get(field.name)))
            if noun == "org":
                referred.update(role["org"] for role in row.get("roles", ()))
    if noun == "user":
        referred.update(held.records["demographics"])
    return referred


def _keys(value: str | list[str] | None) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
