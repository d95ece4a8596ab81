"""The catalogue of problems with OneRoster records: what cannot be understood, or not used.

A finding's `table` is the staged table, `file` the endpoint or the file, `row` the place in it (the
first record of a collection is 1; in a file the line), `other` the record's sourcedId.
"""

from collections.abc import Mapping
from types import MappingProxyType

from rosterway.formats.problems import Consequence, Finding, Problem, Rule, Severity, in_words

_E, _W = Severity.ERROR, Severity.WARNING
_C = Consequence

_RULES: tuple[Rule, ...] = (
    Rule(
        "record-unreadable",
        _E,
        _C.ROW_REFUSED,
        "Entry {row} of {file} is no record: {value}.",
        "Ask the provider to send an object for every record. Nothing is removed on the word of "
        "this collection.",
        "oneroster 2: a collection is an array of objects",
    ),
    Rule(
        "record-without-id",
        _E,
        _C.ROW_REFUSED,
        "Entry {row} of {file} has no sourcedId, so it cannot be told which record it is.",
        "Ask the provider to fill it. Nothing is removed on the word of this collection.",
        "oneroster 2: sourcedId is required",
    ),
    Rule(
        "value-missing",
        _E,
        _C.ROW_REFUSED,
        "{other} in {file} has no {column}, without which it means nothing.",
        "Fill it in the SIS. What Canvas has for this record stays as it is.",
        "1.2 OpenAPI: required",
    ),
    Rule(
        "word-unknown",
        _W,
        _C.VALUE_KEPT,
        "{column} of {other} in {file} is {value!r}, a word its vocabulary does not have.",
        "Choose in the policy what it means, or ask the provider to use a word of the standard.",
        "1.2 OpenAPI: enumerations",
    ),
    Rule(
        "status-unknown",
        _E,
        _C.ROW_HELD,
        "The status of {other} in {file} is {value!r}; whether it is in use cannot be known.",
        "Ask the provider for active or tobedeleted. What Canvas has for this record stays.",
        "1.2 OpenAPI: status",
    ),
    Rule(
        "value-unreadable",
        _W,
        _C.VALUE_LOST,
        "{column} of {other} in {file} cannot be read: {value}.",
        "Correct it in the SIS, or ask the provider to send it in the standard's form.",
        "1.2 OpenAPI: types",
    ),
    Rule(
        "collection-twice",
        _W,
        _C.NONE,
        "{value} stands in {file} more than once; the first record of it was taken.",
        "Ask the provider for one record for each sourcedId.",
        "oneroster 2: sourcedId is unique within an object type",
    ),
    # -- bundles
    Rule(
        "manifest-missing",
        _E,
        _C.FILE_REFUSED,
        "The bundle has no manifest.csv, so it cannot be told which version it is and which files "
        "are meant to be there.",
        "Export the bundle as OneRoster 1.1 or 1.2.",
        "CSV binding 13.1",
    ),
    Rule(
        "manifest-unreadable",
        _E,
        _C.FILE_REFUSED,
        "manifest.csv cannot be understood: {value}.",
        "Its header is propertyName,value and it names manifest.version and oneroster.version.",
        "CSV binding 13.1",
    ),
    Rule(
        "manifest-version",
        _E,
        _C.FILE_REFUSED,
        "manifest.csv says {column} {value}, which is not known.",
        "Export the bundle as OneRoster 1.1 or 1.2.",
        "CSV binding 13.1",
    ),
    Rule(
        "manifest-row",
        _W,
        _C.NONE,
        "manifest.csv says nothing that is known about {column}: {value}.",
        "Each file of the version has one row: absent, bulk or delta.",
        "CSV binding 13.1",
    ),
    Rule(
        "file-not-sent",
        _E,
        _C.FILE_REFUSED,
        "manifest.csv promises {file} ({value}), which is not in the bundle.",
        "Send the file, or mark it absent.",
        "CSV binding 13.1: files and manifest must agree",
    ),
    Rule(
        "file-not-promised",
        _E,
        _C.FILE_REFUSED,
        "{file} is in the bundle although manifest.csv marks it {value}; it was not read.",
        "Mark it bulk or delta, or leave it out.",
        "CSV binding 13.1: files and manifest must agree",
    ),
    Rule(
        "file-of-other-version",
        _W,
        _C.NONE,
        "{file} is no file of OneRoster {value} and was not read.",
        "Leave it out, or export the bundle in the version that has it.",
        "CSV binding 13.3",
    ),
    Rule(
        "file-without-id",
        _E,
        _C.FILE_REFUSED,
        "{file} has no column sourcedId.",
        "Make the first line the names of the columns.",
        "CSV binding 13.1",
    ),
)
RULES: Mapping[str, Rule] = MappingProxyType({rule.code: rule for rule in _RULES})


def problem(finding: Finding) -> Problem:
    """The finding in words."""
    return in_words(finding, RULES[finding.code], {})
