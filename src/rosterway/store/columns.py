"""Column types that mean the same on SQLite and PostgreSQL, and the tables' common shape.

Text is ordered by code point on both (PostgreSQL by collation "C"). Times are UTC, written as text
of one width, so that their order is the order of the text and a person can read them in any tool.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.schema import SchemaItem

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


#: Text, ordered by code point.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


class Kept(TypeDecorator[Any]):
    """Text that stands for something else: `write` makes it, `read` takes it back."""

    impl = TEXT
    cache_ok = True

    def __init__(self, write: Callable[[Any], str], read: Callable[[str], Any]) -> None:
        super().__init__()
        self.write = write
        self.read = read

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ARG002 theirs
        """To text."""
        return None if value is None else self.write(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:  # noqa: ARG002 theirs
        """From text."""
        return None if value is None else self.read(value)


def canonical(value: Any) -> bytes:
    """JSON with sorted keys: equal values give equal bytes."""
    return msgspec.json.encode(value, order="sorted")


def text(name: str, *, null: bool = False) -> Column[Any]:
    """A column of text."""
    return Column(name, TEXT, nullable=null)


def number(name: str, *, null: bool = False) -> Column[Any]:
    """A column of whole numbers."""
    return Column(name, BigInteger, nullable=null)


def flag(name: str) -> Column[Any]:
    """A column of yes and no."""
    return Column(name, Boolean, nullable=False)


def instant(name: str, *, null: bool = False) -> Column[Any]:
    """A column of moments, kept as `2026-08-24T02:15:00.000000Z`."""
    return Column(name, _INSTANT, nullable=null)


def json(name: str, kind: Any, *, null: bool = False) -> Column[Any]:
    """A column of JSON that holds values of this type."""
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind)
    kept = Kept(lambda value: canonical(value).decode(), decoder.decode)
    return Column(name, kept, nullable=null)


def choice(name: str, words: type[StrEnum], *, null: bool = False) -> Column[Any]:
    """A column of words of a closed set."""
    return Column(name, Kept(str, words), nullable=null)


@lru_cache(maxsize=32)
def _written(moment: datetime) -> str:
    """A moment as it is kept; the rows of one transaction share theirs."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be kept")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_INSTANT = Kept(_written, datetime.fromisoformat)


def tenant_table(
    name: str, *items: SchemaItem, key: tuple[str, ...], of_known_tenants: bool = True
) -> Table:
    """A table inside the walls: its rows belong to a tenant, and its key begins with it.

    References between such tables include the tenant, so the database itself refuses one that
    leads from one tenant to another.
    """
    constraints: list[SchemaItem] = [PrimaryKeyConstraint("tenant", *key)]
    if of_known_tenants:
        constraints.append(ForeignKeyConstraint(["tenant"], ["tenants.name"]))
    return Table(name, METADATA, text("tenant"), *items, *constraints, info={"walled": True})


def refers(columns: tuple[str, ...], table: str, keys: tuple[str, ...]) -> ForeignKeyConstraint:
    """A reference to a row of another table of the same tenant."""
    return ForeignKeyConstraint(
        ["tenant", *columns], [f"{table}.tenant", *(f"{table}.{key}" for key in keys)]
    )
