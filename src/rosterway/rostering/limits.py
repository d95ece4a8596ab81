"""The numbers of the guards: careful defaults, changed by a feed or a `--limits` file.

A limit of removals is broken when they exceed both its count and its share (`safety.md`, "Limits").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import cast

from rosterway.errors import ConfigError
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.settings.findings import nearest


class Scope(StrEnum):
    """Which rows a limit of removals is about."""

    TABLE = "table"
    TERM = "term"
    ROLE = "role"
    SCHOOL = "school"
    COMBINED = "combined"  # a school's term, a term's role, …


class Guard(StrEnum):
    """A rule that makes a plan wait for a person."""

    REMOVALS = "removals"
    CLASS = "class"
    TO_NONE = "to-none"
    TWIN_CLASS = "twin-class"
    NEW_USERS = "new-users"
    KEY_DRIFT = "key-drift"
    HEADER_DRIFT = "header-drift"
    EMPTIED = "emptied"
    MISSING_TABLE = "missing-table"
    UNPROVEN_PULL = "unproven-pull"
    NO_BASELINE = "no-baseline"
    FIRST_LOAD = "first-load"
    AFTER_PAUSE = "after-pause"


def exact_share(share: float, of: int) -> Fraction:
    """A share as it was written, of so many: 0.29 of 100 is 29 and not a little less."""
    return Fraction(str(share)) * of


@dataclass(frozen=True, slots=True)
class Limit:
    """More than `count` and more than `share` of what there was: both must be exceeded."""

    count: int
    share: float

    def is_exceeded(self, count: int, of: int) -> bool:
        """Whether so many of so many are too many."""
        return count > self.count and count > exact_share(self.share, of)

    def allowance(self, of: int) -> int:
        """How many of so many may go."""
        return max(self.count, int(exact_share(self.share, of)))

    def as_dict(self) -> dict[str, float]:
        """As a hold shows it."""
        return {"count": self.count, "share": self.share}


_NARROW = Limit(10, 0.05)
_REMOVALS: Mapping[Scope, Limit] = {
    Scope.TABLE: _NARROW,
    Scope.TERM: _NARROW,
    Scope.ROLE: _NARROW,
    Scope.SCHOOL: Limit(25, 0.05),
    Scope.COMBINED: Limit(25, 0.10),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """All the numbers. `by_table` overrides `removals` for a table and scope, `named` both.

    A name is a school's, a term's or a role's, for one table or (None) for all.
    """

    removals: Mapping[Scope, Limit] = field(default_factory=lambda: dict(_REMOVALS))
    by_table: Mapping[tuple[str, Scope], Limit] = field(
        default_factory=dict[tuple[str, Scope], Limit]
    )
    named: Mapping[tuple[str | None, Scope, str], Limit] = field(
        default_factory=dict[tuple[str | None, Scope, str], Limit]
    )
    to_none: int = 5  #: a class, or any scope, of so many that goes to none
    class_size: int = 10  #: a class of so many ...
    class_share: float = 0.5  #: ... that loses this share
    new_users: Limit = Limit(50, 0.10)
    drift: Limit = Limit(50, 0.30)
    twin_class: Limit = Limit(2, 0.80)  #: a class of so many, of whom a new class has this share
    off: frozenset[Guard] = frozenset()

    def of_removals(self, table: str, scope: Scope) -> Limit:
        """The limit of a table's removals in a scope."""
        return self.by_table.get((table, scope), self.removals[scope])

    def at(self, table: str, names: Mapping[Scope, str], live: int) -> Limit:
        """The limit of a table's removals in a scope of these names and so many live rows.

        What a school, term or role may lose by its name it may lose in a combination as well.
        """
        scopes = list(names)
        if len(scopes) <= 1:
            (scope,) = scopes or [Scope.TABLE]
            return self._named(table, scope, names.get(scope, "")) or self.of_removals(table, scope)
        usual = self.of_removals(table, Scope.COMBINED)
        named = [self._named(table, scope, name) for scope, name in names.items()]
        given = [limit for limit in named if limit is not None]
        return max([usual, *given], key=lambda limit: limit.allowance(live))

    def _named(self, table: str, scope: Scope, name: str) -> Limit | None:
        return self.named.get((table, scope, name), self.named.get((None, scope, name)))

    def is_on(self, guard: Guard) -> bool:
        """Whether a guard is not switched off."""
        return guard not in self.off

    def as_dict(self) -> dict[str, object]:
        """The numbers as the digest sees them."""
        return {
            "removals": {scope.value: limit.as_dict() for scope, limit in self.removals.items()},
            "by_table": {
                f"{table}.{scope.value}": limit.as_dict()
                for (table, scope), limit in sorted(self.by_table.items())
            },
            "named": [
                [table or "", scope.value, name, limit.count, limit.share]
                for (table, scope, name), limit in sorted(
                    self.named.items(), key=lambda item: [part or "" for part in item[0]]
                )
            ],
            "class": [self.to_none, self.class_size, self.class_share],
            "new_users": self.new_users.as_dict(),
            "drift": self.drift.as_dict(),
            "twin_class": self.twin_class.as_dict(),
            "off": sorted(self.off),
        }


def limits_from(given: Mapping[str, object]) -> Limits:
    """Read limits as a TOML file gives them (`command-line.md`, "plan").

    Raises ConfigError, naming the key, for anything not understood.
    """
    limits = Limits()
    for key, value in given.items():
        match key:
            case "removals":
                limits = _with_removals(limits, _table(value, key))
            case "class":
                limits = _with_class(limits, _table(value, key))
            case "new_users":
                limits = replace(
                    limits, new_users=_limit(_table(value, key), key, limits.new_users)
                )
            case "drift":
                limits = replace(limits, drift=_limit(_table(value, key), key, limits.drift))
            case "twin_class":
                limits = replace(
                    limits, twin_class=_limit(_table(value, key), key, limits.twin_class)
                )
            case "off":
                limits = replace(limits, off=_guards(value))
            case _:
                raise _unknown(
                    key, ("removals", "class", "new_users", "drift", "twin_class", "off")
                )
    return limits


def _with_removals(limits: Limits, given: Mapping[str, object]) -> Limits:
    scopes = dict(limits.removals)
    by_table = dict(limits.by_table)
    named = dict(limits.named)
    plain = {key: value for key, value in given.items() if key in {"count", "share"}}
    if plain:
        for scope in (Scope.TABLE, Scope.TERM, Scope.ROLE):
            scopes[scope] = _limit(plain, "removals", scopes[scope])
    for key in given.keys() - {"count", "share"}:
        where = f"removals.{key}"
        inner = _table(given[key], where)
        if key in {scope.value for scope in Scope}:
            scopes[Scope(key)] = _limit(_plain(inner, key), where, scopes[Scope(key)])
            _with_names(named, None, Scope(key), inner, scopes[Scope(key)])
        elif key in BY_NAME:
            _with_table(by_table, named, scopes, key, inner)
        else:
            raise _unknown(where, (*Scope, "or a table's name"))
    return replace(limits, removals=scopes, by_table=by_table, named=named)


def _with_table(
    by_table: dict[tuple[str, Scope], Limit],
    named: dict[tuple[str | None, Scope, str], Limit],
    scopes: Mapping[Scope, Limit],
    table: str,
    given: Mapping[str, object],
) -> None:
    plain = {key: value for key, value in given.items() if key in {"count", "share"}}
    if plain:
        for scope in (Scope.TABLE, Scope.TERM, Scope.ROLE):
            by_table[table, scope] = _limit(plain, f"removals.{table}", scopes[scope])
    for key in given.keys() - {"count", "share"}:
        where = f"removals.{table}.{key}"
        if key not in {scope.value for scope in Scope}:
            raise _unknown(where, tuple(Scope))
        scope = Scope(key)
        inner = _table(given[key], where)
        limit = _limit(_plain(inner, key), where, by_table.get((table, scope), scopes[scope]))
        if inner.keys() & {"count", "share"}:
            by_table[table, scope] = limit
        _with_names(named, table, scope, inner, limit)


#: Scopes whose names may have limits of their own.
_NAMED = (Scope.SCHOOL, Scope.TERM, Scope.ROLE)


def _plain(given: Mapping[str, object], scope: str) -> Mapping[str, object]:
    """What is said of a scope itself, where names may be said beside it."""
    if scope not in _NAMED:
        return given
    return {key: value for key, value in given.items() if not isinstance(value, Mapping)}


def _with_names(
    named: dict[tuple[str | None, Scope, str], Limit],
    table: str | None,
    scope: Scope,
    given: Mapping[str, object],
    default: Limit,
) -> None:
    """Limits of single schools, terms and roles, below their scope."""
    if scope not in _NAMED:
        return
    for name, value in given.items():
        if isinstance(value, Mapping):
            where = f"removals.{f'{table}.' if table else ''}{scope.value}.{name}"
            named[table, scope, name] = _limit(_table(cast("object", value), where), where, default)


def _with_class(limits: Limits, given: Mapping[str, object]) -> Limits:
    for key, value in given.items():
        match key:
            case "to_none":
                limits = replace(limits, to_none=_whole(value, "class.to_none"))
            case "count":
                limits = replace(limits, class_size=_whole(value, "class.count"))
            case "share":
                limits = replace(limits, class_share=_share(value, "class.share"))
            case _:
                raise _unknown(f"class.{key}", ("to_none", "count", "share"))
    return limits


def _limit(given: Mapping[str, object], where: str, default: Limit) -> Limit:
    for key in given:
        if key not in {"count", "share"}:
            raise _unknown(f"{where}.{key}", ("count", "share"))
    count = _whole(given["count"], f"{where}.count") if "count" in given else default.count
    share = _share(given["share"], f"{where}.share") if "share" in given else default.share
    return Limit(count, share)


def _table(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{where} must be a table of limits.", remedy="Write count and share.")
    return {str(key): inner for key, inner in value.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - TOML


def _whole(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f"{where} must be a whole number.", remedy="Write a number from 0 up.")
    return value


def _share(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ConfigError(
            f"{where} must be a share between 0 and 1.", remedy="Write 0.05 for five percent."
        )
    return float(value)


def _guards(value: object) -> frozenset[Guard]:
    names = {guard.value for guard in Guard}
    if not isinstance(value, list | tuple) or not all(name in names for name in value):  # pyright: ignore[reportUnknownVariableType] - TOML
        raise ConfigError(
            "off must be a list of guards.", remedy=f"The guards are: {', '.join(Guard)}."
        )
    return frozenset(Guard(str(name)) for name in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - as above


def _unknown(where: str, known: tuple[str, ...]) -> ConfigError:
    meant = nearest(where.rpartition(".")[2], [*known, *BY_NAME])
    hint = f"Did you mean `{meant}`? " if meant else ""
    return ConfigError(
        f"{where} is no limit Rosterway knows.", remedy=f"{hint}Known there: {', '.join(known)}."
    )
