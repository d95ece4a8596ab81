"""The gradebook's reads that grade passback takes, as data, and a look at whether one is served.

Facts: instructure-integration.md 2 (what is required), oneroster.md 8 (paths, versions, envelopes).
"""

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

import msgspec

from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.failures import Answer, Call, Shown, garbled
from rosterway.settings.shape import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One collection of the gradebook; `{class}` stands for a class's id."""

    operation: str
    path: str
    envelope: str
    required: bool
    versions: frozenset[Version] = frozenset(Version)

    @property
    def is_per_class(self) -> bool:
        """Whether it is read of one class."""
        return "{class}" in self.path


_NEW = frozenset({Version.V1P2})
READS = (
    Read(operation="getAllCategories", path="/categories", envelope="categories", required=True),
    Read(
        operation="getCategoriesForClass",
        path="/classes/{class}/categories",
        envelope="categories",
        required=False,
        versions=_NEW,
    ),
    Read(operation="getAllLineItems", path="/lineItems", envelope="lineItems", required=True),
    Read(
        operation="getLineItemsForClass",
        path="/classes/{class}/lineItems",
        envelope="lineItems",
        required=True,
    ),
    Read(
        operation="getResultsForClass",
        path="/classes/{class}/results",
        envelope="results",
        required=True,
    ),
    Read(
        operation="getScoreScalesForClass",
        path="/classes/{class}/scoreScales",
        envelope="scoreScales",
        required=False,
        versions=_NEW,
    ),
    Read(
        operation="getAllScoreScales",
        path="/scoreScales",
        envelope="scoreScales",
        required=False,
        versions=_NEW,
    ),
)


async def is_served(client: ProviderClient, read: Read, class_id: str, shown: Shown) -> int:
    """How many records a first page of one has. Raises `RemoteError` if it is not served."""
    path = read.path.replace("{class}", quote(class_id, safe=""))
    call = Call(f"reading {path}", shown)

    def count(answer: Answer) -> int:
        if answer.status == 204 or not answer.body.strip():
            return 0
        try:
            said: Any = msgspec.json.decode(answer.body)
        except msgspec.DecodeError as error:
            raise garbled("The answer is no JSON", call, answer.status) from error
        found: object = None
        if isinstance(said, dict):
            found = cast("dict[str, Any]", said).get(read.envelope)
        if not isinstance(found, list):
            raise garbled(f"The answer has no {read.envelope}", call, answer.status)
        return len(cast("list[Any]", found))

    return await client.read(path, [("limit", "10"), ("offset", "0")], call, count)
