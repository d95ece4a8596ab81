"""What is asked of one collection, how far it is, and how reading it ended."""

from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec

from rosterway.formats.oneroster.deviations import Deviation
from rosterway.formats.oneroster.endpoints import Endpoint
from rosterway.oneroster.failures import Shown
from rosterway.oneroster.paging import Proof, Reason
from rosterway.settings.shape import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of one collection.

    `filter` and `fields` are sent as they are; `sort` asks for the order of sourcedIds; `parallel`
    allows several pages at a time; `readings` bounds how often a collection in motion is read.
    """

    endpoint: Endpoint
    school: str | None = None
    version: Version
    filter: str = ""
    fields: tuple[str, ...] = ()
    page_size: int = 1000
    sort: bool = True
    parallel: bool = True
    readings: int = 3
    shown: Shown = field(default_factory=Shown)

    @property
    def path(self) -> str:
        """The path below the root."""
        return self.endpoint.path_for(self.school)

    def query(self) -> tuple[tuple[str, str], ...]:
        """The query of a page but for its offset; `limit` comes first."""
        query = [("limit", str(self.page_size))]
        if self.sort:
            query += [("sort", "sourcedId"), ("orderBy", "asc")]
        if self.filter:
            query.append(("filter", self.filter))
        if self.fields:
            query.append(("fields", ",".join(self.fields)))
        return tuple(query)

    def covers(self, query: tuple[tuple[str, str], ...]) -> bool:
        """Whether pages of a query made earlier, perhaps a plainer one, are what is asked."""
        asked, given = dict(self.query()), dict(query)
        return (
            given.get("filter") == asked.get("filter")
            and given.get("fields") in {asked.get("fields"), None}
            and given.get("limit", "").isdecimal()
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a collection is; `total` None while the provider does not say."""

    path: str
    records: int
    total: int | None
    reading: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How reading one collection ended.

    `records` are the provider's entries, `refused` those of them without an id; `error` is what
    stopped it, in words, and `status` the answer's; `requests` and `seconds` are of the last sitting.
    """

    endpoint: str
    school: str | None
    path: str
    proof: Proof
    records: int = 0
    refused: int = 0
    pages: int = 0
    readings: int = 1
    deviations: tuple[Deviation, ...] = ()
    error: str = ""
    status: int | None = None
    requests: int = 0
    seconds: float = 0.0

    @property
    def why(self) -> str:
        """Why it is not proven complete; blank if it is."""
        return "" if self.proof.is_proven else self.error or self.proof.words

    @property
    def is_final(self) -> bool:
        """Whether a pull that resumes need not read it again."""
        return self.proof.reason is not Reason.FAILED

    def as_dict(self) -> dict[str, Any]:
        """The outcome as JSON has it."""
        return asdict(self)


def outcome_of(told: dict[str, Any]) -> Outcome:
    """What `Outcome.as_dict` told."""
    return msgspec.convert(told, Outcome)
