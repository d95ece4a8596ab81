"""The fields of a user an id can be taken from, as policies name them and as SQL reads them."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from rosterway.rostering import sql

#: Fields with a column of their own.
PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "sourcedId": '"user.sourcedId"',
        "username": '"user.username"',
        "identifier": '"user.identifier"',
        "email": '"user.email"',
        "userMasterIdentifier": '"user.userMasterIdentifier"',
    }
)
#: `userIds:SIS` is the identifier of that type, `metadata:key` a value of the metadata.
_KEYED = re.compile(r"(userIds|metadata):([^\s:]+)")

SAYS = ", ".join(PLAIN) + ", userIds:TYPE or metadata:KEY"

#: Fields in which letter case tells nobody apart.
FOLDED = frozenset({"email", "username"})


def is_known(name: str) -> bool:
    """Whether there is such a field."""
    return name in PLAIN or _KEYED.fullmatch(name) is not None


def read(name: str) -> str:
    """SQL for the field of a user; blank is NULL."""
    if name in PLAIN:
        return PLAIN[name]
    keyed = _KEYED.fullmatch(name)
    assert keyed is not None, name
    where, key = keyed.groups()
    if where == "metadata":
        return f"nullif(trim(json_extract_string(\"user.metadata\", {sql.text(pointer(key))})), '')"
    return (
        'nullif(trim(list_filter(from_json("user.userIds", '
        '\'[{"type":"VARCHAR","identifier":"VARCHAR"}]\'), '
        f"lambda pair: lower(pair.type) = {sql.text(key.lower())})[1].identifier), '')"
    )


def pointer(key: str) -> str:
    """A key of an object as a JSON pointer, whatever letters it has."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def source(name: str) -> str:
    """The column a field is read from, for those who show where a cell comes from."""
    return "user." + name.partition(":")[0]
