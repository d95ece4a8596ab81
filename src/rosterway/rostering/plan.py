"""The plan: what would be sent, in order, with a fingerprint a person can approve.

A plan never touches anything; it is the exact files and the reasons to wait.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rosterway.rostering.compare import Compared
from rosterway.rostering.forecast import Forecast, When
from rosterway.rostering.grace import Waits
from rosterway.rostering.holds import Hold


class Decision(StrEnum):
    """What is to happen with a plan."""

    GO = "go"
    HOLD = "hold"
    NOTHING = "nothing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TableCounts:
    """One table of the balance sheet. `delete` counts vanished rows that are acted on."""

    create: int = 0
    update: int = 0
    delete: int = 0
    unchanged: int = 0
    vanished: int = 0

    def as_dict(self) -> dict[str, int]:
        """As the command line's JSON has it."""
        return {
            "create": self.create,
            "update": self.update,
            "delete": self.delete,
            "unchanged": self.unchanged,
            "vanished": self.vanished,
        }


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file to send: `name` is `01/users.csv`, `sha256` of its exact bytes."""

    name: str
    table: str
    step: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Everything the digest covers, beside the files (`safety.md`, "Digest and approval")."""

    tenant: str
    feed: str
    snapshot: str
    baseline: str
    policy: Mapping[str, object]
    limits: Mapping[str, object]
    options: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be sent, why it waits, and its digest."""

    digest: str
    decision: Decision
    tables: Mapping[str, TableCounts]
    removals: Mapping[str, int]
    holds: Sequence[Hold]
    files: Sequence[PlannedFile]
    off: Sequence[str] = ()
    waits: Mapping[str, Waits] = field(default_factory=dict[str, Waits])
    forecast: Forecast = field(default_factory=dict[When, int])

    def as_dict(self) -> dict[str, object]:
        """As the command line's JSON has it, without the problems."""
        return {
            "digest": self.digest,
            "decision": self.decision.value,
            "tables": {name: counts.as_dict() for name, counts in self.tables.items()},
            "removals": dict(self.removals),
            "holds": [hold.as_dict() for hold in self.holds],
            "files": [file.name for file in self.files],
            "imports": [
                {
                    "file": file.name,
                    "table": file.table,
                    "step": file.step,
                    "rows": file.rows,
                    "sha256": file.sha256,
                }
                for file in self.files
            ],
            "off": list(self.off),
            "waits": {name: waits.as_dict() for name, waits in self.waits.items()},
            "forecast": {when.value: count for when, count in self.forecast.items()},
        }


def digest_of(fingerprint: Fingerprint, files: Sequence[PlannedFile]) -> str:
    """The plan's digest: the same for the same decision, whatever the time or row order."""
    content = {
        "tenant": fingerprint.tenant,
        "feed": fingerprint.feed,
        "snapshot": fingerprint.snapshot,
        "baseline": fingerprint.baseline,
        "policy": fingerprint.policy,
        "limits": fingerprint.limits,
        "options": fingerprint.options,
        "files": [[file.name, file.sha256] for file in files],
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def decide(
    *, holds: Sequence[Hold], files: Sequence[PlannedFile], is_usable: bool, is_strict_refusal: bool
) -> Decision:
    """What is to happen: refused beats hold, hold beats go."""
    if not is_usable or is_strict_refusal:
        return Decision.REFUSED
    if holds:
        return Decision.HOLD
    return Decision.GO if files else Decision.NOTHING


def counts_of(compared: Compared, deleted: int) -> TableCounts:
    """A compared table's line of the balance sheet."""
    return TableCounts(
        create=compared.created,
        update=compared.updated,
        delete=deleted,
        unchanged=compared.unchanged,
        vanished=compared.vanished,
    )
