"""The sourcedIds we choose: the same assignment, class and student always get the same one.

A put that is repeated therefore lands where the first one did (oneroster.md 10.1). Two Canvas
installations that pass grades to one SIS never choose the same. Leaves to `ledger` which id the SIS
really uses: a provider may have chosen its own (Modified), or a line item may have been adopted.
"""

import hashlib
import re
from enum import StrEnum

import msgspec

#: The namespace of our version 5 UUIDs: fixed for ever, because ids already in a SIS depend on it.
NAMESPACE = bytes.fromhex("6f1d3c0e5b7a5d1e9a426c2f8e0b7d54")

#: What a sourcedId may hold (oneroster.md 10.1); it is shorter than 256 characters by its making.
_PLAIN = re.compile(r"[0-9A-Za-z_]{1,40}")


class IdForm(StrEnum):
    """How an id is written: readable, or as a UUID where a provider takes nothing else."""

    READABLE = "readable"
    UUID = "uuid"


class Identity(msgspec.Struct, frozen=True):
    """Chooses ids. `account` tells one Canvas root account from every other, e.g. its host and id."""

    account: str
    form: IdForm = IdForm.READABLE

    def category(self, group: str) -> str:
        """The sourcedId of an assignment group, for a SIS that has its categories from us."""
        return self._written(f"canvas-{_hash(self.account)}-g{_part(group)}")

    def line_item(self, assignment: str, class_id: str) -> str:
        """The sourcedId of an assignment in one class."""
        return self._written(self._line_item(assignment, class_id))

    def result(self, assignment: str, class_id: str, user: str) -> str:
        """The sourcedId of a student's result on an assignment in one class; `user` is Canvas's."""
        return self._written(f"{self._line_item(assignment, class_id)}-u{_part(user)}")

    def _line_item(self, assignment: str, class_id: str) -> str:
        account, of_class = _hash(self.account), _hash(class_id)
        return f"canvas-{account}-a{_part(assignment)}-c{of_class}"

    def _written(self, key: str) -> str:
        return uuid5(key) if self.form is IdForm.UUID else key


def uuid5(key: str) -> str:
    """The version 5 UUID of a key in our namespace (RFC 9562, 5.5)."""
    octets = bytearray(hashlib.sha1(NAMESPACE + key.encode(), usedforsecurity=False).digest()[:16])
    octets[6] = octets[6] & 0x0F | 0x50
    octets[8] = octets[8] & 0x3F | 0x80
    text = octets.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _hash(text: str) -> str:
    """Twelve hexadecimal digits: a course has tens of classes, so no two of them meet."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _part(ident: str) -> str:
    """An id of Canvas's as it is, or its hash where it could not stand in a sourcedId."""
    return ident if _PLAIN.fullmatch(ident) else f"x{_hash(ident)}"
