"""The words in which the shape of a configuration file is written down, and the reading of one.

A schema is made of `Table`, `Named` (tables under names of the user's choosing), `Variant` (tables
told apart by one word), `Many` and `Mapped` (arrays and small tables of one kind), with a `Kind`
at each end. Reading yields a `Draft`: every value that was sound, so that rules between values can
still be checked when others are broken. `build` turns a draft without errors into the frozen
values.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from rosterway.settings.findings import Finding, Path, Severity, Wrong, dotted, nearest, one_of
from rosterway.settings.lines import Place
from rosterway.settings.values import Kind, frozen, toml_type


@dataclass(frozen=True, slots=True)
class Many:
    """An array of one kind."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Mapped:
    """A small table whose keys are free and whose values are of one kind."""

    names: Kind
    kind: Kind


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table, stored as `attribute`; it is `required`, or has a `default`."""

    name: str
    node: "Node"
    doc: str = ""
    attribute: str = ""
    required: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with known keys; `makes` takes one keyword argument an attribute."""

    makes: Callable[..., object]
    keys: tuple[Key, ...]
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Tables of one shape, each under a name of kind `names`, kept in its `attribute` as well."""

    names: Kind
    attribute: str
    table: "Table | Variant"


@dataclass(frozen=True, slots=True)
class Variant:
    """A table whose other keys depend on the word under `by`; `usual` is meant where none stands."""

    by: str
    tables: Mapping[str, Table]
    usual: str | None = None


Node = Kind | Many | Mapped | Table | Named | Variant


@dataclass(slots=True)
class Draft:
    """What was sound in one table, by attribute."""

    table: Table
    values: dict[str, Any] = field(default_factory=dict[str, Any])


_BROKEN = object()
_SHAPELESS = Table(dict, ())


class Reading:
    """One reading of one document; `findings` gathers what is wrong."""

    def __init__(self, places: Mapping[Path, Place], origins: Mapping[Path, str]) -> None:
        self.findings: list[Finding] = []
        self._places = places
        self._origins = origins

    def table(self, table: Table, raw: object, path: Path = ()) -> Draft:
        """Read a whole table; keys that are broken are missing from the draft."""
        draft = Draft(table)
        given = self._as_table(raw, path)
        if given is None:
            return draft
        known = {key.name: key for key in table.keys}
        for name in given.keys() - known.keys():
            self._unknown(name, known, (*path, name))
        for key in table.keys:
            attribute = key.attribute or key.name
            if key.name in given:
                value = self._node(key.node, given[key.name], (*path, key.name))
                if value is not _BROKEN:
                    draft.values[attribute] = value
            elif key.required:
                shown = key.node.says if isinstance(key.node, Kind) else "it"
                self.wrong(path, Wrong(f"`{key.name}` is missing", f"add {key.name}: {shown}"))
            else:
                draft.values[attribute] = key.default
        return draft

    def wrong(self, path: Path, wrong: Wrong) -> None:
        """Put a finding on record; a path without a line of its own has that of what it is in."""
        path = (*path, *wrong.at)
        place = None
        if path in self._origins:
            shown = self._origins[path]
        else:
            starts = (path[:length] for length in range(len(path), 0, -1))
            place = next((self._places[start] for start in starts if start in self._places), None)
            shown = dotted(path)
        line, column = place or (None, None)
        self.findings.append(
            Finding(shown, line, wrong.problem, wrong.remedy, wrong.severity, column)
        )

    def _node(self, node: Node, raw: object, path: Path) -> object:
        match node:
            case Kind():
                return self._kind(node, raw, path)
            case Many():
                return self._many(node, raw, path)
            case Mapped():
                return self._mapped(node, raw, path)
            case Table():
                return self.table(node, raw, path)
            case Named():
                return self._named(node, raw, path)
            case Variant():
                return self._variant(node, raw, path)

    def _kind(self, kind: Kind, raw: object, path: Path) -> object:
        value = kind.read(raw)
        if isinstance(value, Wrong):
            self.wrong(path, value)
            return _BROKEN
        return value

    def _many(self, many: Many, raw: object, path: Path) -> object:
        if not isinstance(raw, list):
            hint = f"write an array, each item {many.kind.says}"
            self.wrong(path, Wrong(f"this is {toml_type(raw)}", hint))
            return _BROKEN
        items = cast("list[object]", raw)
        read = [self._kind(many.kind, item, (*path, at)) for at, item in enumerate(items)]
        return tuple(value for value in read if value is not _BROKEN)

    def _mapped(self, mapped: Mapped, raw: object, path: Path) -> object:
        given = self._as_table(raw, path)
        if given is None:
            return _BROKEN
        pairs: dict[str, object] = {}
        for name, inner in given.items():
            if self._kind(mapped.names, name, (*path, name)) is not _BROKEN:
                pairs[name] = self._kind(mapped.kind, inner, (*path, name))
        return frozen({name: value for name, value in pairs.items() if value is not _BROKEN})

    def _named(self, named: Named, raw: object, path: Path) -> object:
        drafts: dict[str, Draft] = {}
        for name, inner in (self._as_table(raw, path) or {}).items():
            self._kind(named.names, name, (*path, name))
            draft = self._node(named.table, inner, (*path, name))
            if not isinstance(draft, Draft):  # of no shape we know, but there
                draft = Draft(_SHAPELESS)
            drafts[name] = draft
            draft.values[named.attribute] = name
        return drafts

    def _variant(self, variant: Variant, raw: object, path: Path) -> object:
        given = self._as_table(raw, path)
        if given is None:
            return _BROKEN
        word = given.get(variant.by, variant.usual)
        if not isinstance(word, str) or word not in variant.tables:
            near = nearest(word, variant.tables) if isinstance(word, str) else None
            hint = f'did you mean "{near}"?' if near else f"write {one_of(variant.tables)}"
            problem = f"`{variant.by}` is {'unknown' if variant.by in given else 'missing'}"
            at = (variant.by,) if variant.by in given else ()
            self.wrong(path, Wrong(problem, hint, at=at))
            return _BROKEN
        rest = {name: value for name, value in given.items() if name != variant.by}
        return self.table(variant.tables[word], rest, path)

    def _as_table(self, raw: object, path: Path) -> dict[str, Any] | None:
        if isinstance(raw, dict):
            return cast("dict[str, Any]", raw)
        self.wrong(path, Wrong(f"this is {toml_type(raw)}", f"write a table: [{dotted(path)}]"))
        return None

    def _unknown(self, name: str, known: Mapping[str, Key], path: Path) -> None:
        near = nearest(name, known)
        hint = f"did you mean `{near}`?" if near else f"known here: {', '.join(known)}"
        self.wrong(path, Wrong("there is no such setting", hint))


def build(draft: Draft) -> object:
    """The frozen value that a draft without errors stands for."""
    return draft.table.makes(**{name: _built(value) for name, value in draft.values.items()})


def _built(value: object) -> object:
    if isinstance(value, Draft):
        return build(value)
    if isinstance(value, dict):
        drafts = cast("dict[str, Draft]", value)
        return frozen({name: build(draft) for name, draft in drafts.items()})
    return value


def errors(findings: list[Finding]) -> Iterator[Finding]:
    """Those that keep the file from being used."""
    return (finding for finding in findings if finding.severity is Severity.ERROR)
