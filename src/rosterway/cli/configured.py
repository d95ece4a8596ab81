"""A configuration file, read whole: the settings, and what the rostering makes of its words.

`rosterway.settings` leaves the meaning of `vanished` and `limits` to `rosterway.rostering`; here
both have their say, and so do collections and policy files, which belong to other rooms as well: `serve`
starts with no file that `config check` would refuse.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from rosterway.errors import ConfigError
from rosterway.formats.oneroster import filters
from rosterway.oneroster.asking import Asked, asked_of, name_of
from rosterway.oneroster.profiles import FOLDER, profile, with_profile
from rosterway.rostering.limits import limits_from
from rosterway.rostering.policy import policy_from
from rosterway.rostering.translate.policy_document import policy_from as translation_policy
from rosterway.runs.grades.sis import rules_from
from rosterway.runs.grades.transform_snapshot import FILE_OF_RULES, rules_in
from rosterway.settings import (
    Connection,
    Feed,
    Finding,
    Grades,
    Settings,
    Severity,
    Version,
    check,
    file_text,
    parse,
)
from rosterway.settings.findings import dotted
from rosterway.settings.lines import Place, places

#: Where something stands in the file, key by key.
Keys = tuple[str | int, ...]

#: Any moment: whether a filter leaves room for one does not depend on which.
_SOME_TIME = datetime(2024, 1, 1, tzinfo=UTC)

#: A feed's tables whose words belong to the rostering -> who reads one entry of them.
_READERS: Mapping[str, Callable[[Any], object]] = {"vanished": policy_from, "limits": limits_from}


def findings(
    text: str, environ: Mapping[str, str] | None, folder: Path | None = None
) -> list[Finding]:
    """Everything that is wrong with this text, in the order of its lines; see `settings.check`.

    With the `folder` it lies in, the policy files it names are read, too.
    """
    found = [*check(text, environ), *_of_feeds(text)]
    if not any(one.severity is Severity.ERROR for one in found):
        found += _of_pulls(text, folder)
    return sorted(found, key=lambda one: (one.line or 0, one.column or 0))


def load(file: Path, environ: Mapping[str, str]) -> Settings:
    """The settings; ConfigError says every error with `file:line:column`."""
    text = file_text(file)
    wrong = [
        one
        for one in findings(text, environ, file.absolute().parent)
        if one.severity is Severity.ERROR
    ]
    if wrong:
        count = "1 thing" if len(wrong) == 1 else f"{len(wrong)} things"
        lines = (
            f"{place(file, one)}: {one.path}: {one.problem.rstrip('.')}; {one.remedy}"
            for one in wrong
        )
        raise ConfigError(
            "\n".join([f"{count} to mend in the configuration:", *lines]),
            remedy=f"Mend them, then run `rosterway config check {file}`.",
        )
    return parse(text, environ)


def policy_texts(settings: Settings, folder: Path) -> dict[str, str]:
    """The texts of the policy files that feeds name, by the names they have there.

    Raises ConfigError if one cannot be read or used.
    """
    named = {
        feed.policy
        for tenant in settings.tenants.values()
        for feed in tenant.feeds.values()
        if feed.policy is not None
    }
    return {name: _policy_text(folder / name) for name in sorted(named)}


def place(file: Path, finding: Finding) -> str:
    """`rosterway.toml:4:1`; the file alone for what stands nowhere in it."""
    if finding.line is None:
        return str(file)
    return ":".join(str(part) for part in (file, finding.line, finding.column) if part is not None)


def _of_feeds(text: str) -> Iterator[Finding]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # `settings.check` has said so
    known = places(text)
    for tenant, settings in _tables(document.get("tenant")):
        for feed, words in _tables(settings.get("feed")):
            for key, reader in _READERS.items():
                for name, value in _items(words.get(key)):
                    path = ("tenant", tenant, "feed", feed, key, name)
                    try:
                        reader({name: value})
                    except ConfigError as error:
                        yield Finding(
                            dotted(path),
                            known[path].line,
                            error.message.removeprefix(f"{key}.{name}: "),
                            error.remedy,
                            column=known[path].column,
                        )


def _of_pulls(text: str, folder: Path | None) -> Iterator[Finding]:
    """What is wrong with what is asked of connections, and with policy files."""
    known = places(text)
    for tenant in parse(text, None).tenants.values():
        sound: dict[str, Connection] = {}
        for name, connection in tenant.connections.items():
            try:
                filled_in = with_profile(connection, folder / FOLDER if folder else None)
                asked_of(filled_in)
                sound[name] = filled_in
            except ConfigError as error:
                yield _found(known, ("tenant", tenant.key, "connection", name), error)
        if tenant.grades is not None:
            yield from _of_grades(known, tenant.key, tenant.grades, folder)
        for name, feed in tenant.feeds.items():
            if feed.source in sound:
                path = ("tenant", tenant.key, "feed", name)
                yield from _of_feed(known, path, sound[feed.source], feed)
            if feed.policy is None or folder is None:
                continue
            try:
                _policy_text(folder / feed.policy)
            except ConfigError as error:
                yield _found(known, ("tenant", tenant.key, "feed", name, "policy"), error)


def _of_feed(
    known: Mapping[Keys, Place], path: Keys, connection: Connection, feed: Feed
) -> Iterator[Finding]:
    """What is wrong with what a feed asks its connection for, in whole pulls and in deltas."""
    try:
        asked = asked_of(connection, filters=feed.filter)
    except ConfigError as error:
        yield _found(known, (*path, "filter"), error)
        return
    if feed.delta is None:
        return
    try:
        replace(asked, since=_SOME_TIME).check()
    except ConfigError as error:
        yield _found(known, (*path, "delta"), error)
    if hidden := _hidden_from_deltas(asked):
        at = known[(*path, "delta")]
        yield Finding(
            dotted((*path, "delta")),
            at.line,
            f"a filter by status hides from deltas what was deleted in {hidden}",
            "leave the filter out; what was deleted is seen by whole pulls alone",
            Severity.WARNING,
            at.column,
        )


def _hidden_from_deltas(asked: Asked) -> str:
    """The collections whose filter is about status (oneroster 12)."""
    wanted = [asked.wanted(endpoint, Version.V1P1) for endpoint in asked.endpoints()]
    return ", ".join(
        name_of(each.endpoint)
        for each in wanted
        if each.filter and "status" in filters.parse(each.filter).fields
    )


def _of_grades(
    known: Mapping[Keys, Place], tenant: str, grades: Grades, folder: Path | None
) -> Iterator[Finding]:
    """What is wrong with the rules and the profile of a SIS, and with the file of transforms."""
    path: Keys = ("tenant", tenant, "grades")
    for name, value in grades.rules.items():
        try:
            rules_from({name: value})
        except ConfigError as error:
            yield _found(known, (*path, "rules", name), error)
    if grades.files is not None:
        try:
            profile(grades.files.profile, folder / FOLDER if folder else None)
        except ConfigError as error:
            yield _found(known, (*path, "files", "profile"), error)
    name = grades.transform
    if name is not None and folder is not None and name.endswith(FILE_OF_RULES):
        try:
            rules_in(folder / name)
        except ConfigError as error:
            yield _found(known, (*path, "transform"), error)


def _policy_text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}", remedy="name the policy file"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text", remedy="save it as UTF-8") from error
    translation_policy(text)
    return text


def _found(known: Mapping[Keys, Place], path: Keys, error: ConfigError) -> Finding:
    at = known[path]
    return Finding(dotted(path), at.line, error.message, error.remedy, column=at.column)


def _tables(node: object) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, inner in _items(node):
        if isinstance(inner, dict):
            yield name, cast("dict[str, Any]", inner)


def _items(node: object) -> list[tuple[str, Any]]:
    return list(cast("dict[str, Any]", node).items()) if isinstance(node, dict) else []
