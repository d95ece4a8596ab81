"""`manifest.csv` of a bundle: its version, and what each file is (CSV binding 13.1, 13.2).

The manifest is believed over the files: one it marks absent, or says nothing of, is not read. What
it says beyond that is no reason to refuse a bundle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rosterway.formats.oneroster.tables import BY_NAME
from rosterway.formats.problems import Finding
from rosterway.settings.shape import Version

MANIFEST = "manifest.csv"
_HEADER = ("propertyname", "value")
_SYSTEM = ("source.systemname", "source.systemcode")


class Mode(StrEnum):
    """What a file is: everything there is, what has changed, or not there."""

    ABSENT = "absent"
    BULK = "bulk"
    DELTA = "delta"


#: What `oneroster.version` says. The corrected binding has no value of its own (oneroster 13.1);
#: what some write for it can mean nothing else.
_VERSIONS = {
    "1.1": Version.V1P1,
    "v1p1": Version.V1P1,
    "1.2": Version.V1P2,
    "v1p2": Version.V1P2,
    "1.2.0": Version.V1P2,
    "1.2.1": Version.V1P2,
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself; `version` None: it cannot be read."""

    version: Version | None
    modes: Mapping[str, Mode] = field(default_factory=dict[str, Mode])
    findings: tuple[Finding, ...] = ()
    system: str = ""

    def mode(self, table: str) -> Mode | None:
        """What a table's file is; None: nothing is said of it."""
        return self.modes.get(table)


def read_manifest(records: Iterable[Sequence[str]]) -> Manifest:
    """The manifest that records of cells are, its header among them."""
    rows = [[cell.strip() for cell in record] for record in records]
    if not rows or [cell.lower() for cell in rows[0][:2]] != list(_HEADER):
        return _unreadable("its first line is not propertyName,value")
    said: dict[str, str] = {}
    findings: list[Finding] = []
    modes: dict[str, Mode] = {}
    for line, row in enumerate(rows[1:], start=2):
        name, value = (*row, "", "")[:2]
        if name.lower() in said:
            findings.append(_odd(line, name, f"{value}, said twice"))
            continue
        said[name.lower()] = value
        kind, _, table = name.partition(".")
        if kind == "file" and table in BY_NAME and value.lower() in list(Mode):
            modes[table] = Mode(value.lower())
        elif kind == "file":
            findings.append(_odd(line, name, value))
    written = said.get("oneroster.version", "")
    version = _VERSIONS.get(written.lower())
    if version is None:
        if not written:
            return _unreadable("it names no oneroster.version")
        return Manifest(
            None,
            findings=(
                Finding(
                    code="manifest-version",
                    file=MANIFEST,
                    column="oneroster.version",
                    value=written,
                ),
            ),
        )
    if written != version.value:
        findings.append(_odd(None, "oneroster.version", written))
    of_format = said.get("manifest.version", "")
    if of_format != "1.0":
        findings.append(_odd(None, "manifest.version", of_format))
    system = " ".join(filter(None, (said.get(name, "") for name in _SYSTEM)))
    return Manifest(version, modes, tuple(findings), system)


def _odd(line: int | None, name: str, value: str) -> Finding:
    return Finding(code="manifest-row", file=MANIFEST, row=line, column=name, value=value)


def _unreadable(why: str) -> Manifest:
    return Manifest(None, findings=(Finding(code="manifest-unreadable", file=MANIFEST, value=why),))
