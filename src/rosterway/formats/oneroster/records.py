"""JSON records as msgspec reads them: a struct for each noun, made from its table of fields.

One struct serves both versions, because providers mix them (1.2 roles below a v1p1 address). A
record that fits its struct costs nothing more; one that does not is mended field by field
(`mending`), and the rest of its page with it.
"""

from collections.abc import Mapping
from functools import cache
from keyword import iskeyword
from types import MappingProxyType
from typing import Any

import msgspec

from rosterway.formats.oneroster.field import Kind
from rosterway.formats.oneroster.nouns import NOUNS, USER, Noun


class Ref(msgspec.Struct, gc=False):
    """A GUIDRef, of which only the id is believed: hrefs are relative, internal or stale."""

    sourcedId: str  # noqa: N815 - 1EdTech's name


class Pair(msgspec.Struct, gc=False, omit_defaults=True):
    """One of a user's userIds."""

    type: str | None = None
    identifier: str | None = None


class Credential(msgspec.Struct, gc=False):
    """A credential of a profile; its password is not even read."""

    type: str | None = None
    username: str | None = None


class Profile(msgspec.Struct, gc=False, omit_defaults=True):
    """One of a user's profiles (1.2)."""

    profileId: str | None = None  # noqa: N815
    profileType: str | None = None  # noqa: N815
    vendorId: str | None = None  # noqa: N815
    applicationId: str | None = None  # noqa: N815
    credentials: list[Credential] | None = None


class Role(msgspec.Struct, gc=False):
    """One of a user's roles (1.2)."""

    roleType: str | None = None  # noqa: N815
    role: str | None = None
    org: Ref | None = None
    userProfile: str | None = None  # noqa: N815
    beginDate: str | None = None  # noqa: N815
    endDate: str | None = None  # noqa: N815


#: What a field holds after reading, by kind.
TYPES: Mapping[Kind, Any] = MappingProxyType(
    {
        Kind.ID: str,
        Kind.TEXT: str | None,
        Kind.CHOICE: str | None,
        Kind.DATE: str | None,
        Kind.INSTANT: str | None,
        Kind.YEAR: str | int | None,
        Kind.FLAG: str | bool | None,
        Kind.TEXTS: list[str] | str | None,
        Kind.REF: Ref | None,
        Kind.REFS: list[Ref] | None,
        Kind.PAIRS: list[Pair] | None,
        Kind.PROFILES: list[Profile] | None,
    }
)
#: Aliases carry what their field would, or bare ids.
_ALIAS_TYPES: Mapping[Kind, Any] = MappingProxyType({**TYPES, Kind.REFS: list[str] | str | None})
ROLES = "roles"


def attribute(name: str) -> str:
    """The attribute a JSON field is kept in."""
    return f"{name}_" if iskeyword(name) else name


@cache
def struct_of(noun: Noun) -> type[msgspec.Struct]:
    """The struct of a noun's records."""
    fields: list[Any] = []
    renamed: dict[str, str] = {}
    for each in noun.fields:
        name = attribute(each.name)
        if name != each.name:
            renamed[name] = each.name
        kind = TYPES[each.kind]
        fields.append((name, kind) if each.kind is Kind.ID else (name, kind, None))
        fields += [(alias, _ALIAS_TYPES[each.kind], None) for alias in each.aliases]
    if noun is USER:
        fields.append((ROLES, list[Role] | None, None))
    fields.append(("metadata", msgspec.Raw, msgspec.Raw()))
    return msgspec.defstruct(noun.singular, fields, rename=renamed or None, gc=False)


@cache
def decoder_of(noun: Noun) -> msgspec.json.Decoder[Any]:
    """Decodes a whole page of a noun, if all of it is as it should be."""
    page = msgspec.defstruct(
        f"{noun.plural}_page",
        [("records", list[struct_of(noun)])],
        rename={"records": noun.plural},
    )
    return msgspec.json.Decoder(page)


for _noun in NOUNS:
    decoder_of(_noun)
