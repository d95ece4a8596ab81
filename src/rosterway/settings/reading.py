"""`rosterway.toml` and the environment become one frozen `Settings`.

`check` and `parse` are given a text and do no input or output; only `file_text` opens the file.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, cast

from rosterway.errors import ConfigError, UsageError
from rosterway.settings import rules
from rosterway.settings.document import DOCUMENT
from rosterway.settings.findings import Finding, Path
from rosterway.settings.lines import places
from rosterway.settings.schema import Reading, build, errors
from rosterway.settings.secrets import SecretPlace
from rosterway.settings.shape import Settings

HOME_VARIABLE = "ROSTERWAY_HOME"
DATABASE_VARIABLE = "ROSTERWAY_DATABASE"

#: Environment variables that stand above the file.
OVERRIDES: dict[str, Path] = {
    "ROSTERWAY_CONSOLE": ("server", "console"),
    "ROSTERWAY_SFTP": ("server", "sftp"),
    DATABASE_VARIABLE: ("server", "database"),
}


def check(text: str, environ: Mapping[str, str] | None = None) -> list[Finding]:
    """Everything that is wrong with this text, in the order of its lines.

    With `environ`, the variables it names must be set and the `ROSTERWAY_…` ones are checked too.
    """
    return _read(text, environ)[1]


def parse(text: str, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings; `ConfigError` lists every error."""
    settings, findings = _read(text, environ)
    if settings is None:
        wrong = list(errors(findings))
        count = "1 thing" if len(wrong) == 1 else f"{len(wrong)} things"
        raise ConfigError(
            "\n".join([f"{count} to mend in the configuration:", *map(str, wrong)]),
            remedy="mend them, then run `rosterway config check FILE`",
        )
    return settings


def load(path: FilePath, environ: Mapping[str, str]) -> Settings:
    """Read the file; `UsageError` if it cannot be, `ConfigError` if it is wrong."""
    return parse(file_text(path), environ)


def file_text(path: FilePath) -> str:
    """The file's text, for `check`; `UsageError` if it cannot be read, `ConfigError` if no text."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", remedy="name the configuration file"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text", remedy="save it as UTF-8") from error


def home_folder(given: FilePath | None, environ: Mapping[str, str]) -> FilePath:
    """The home: `--home` if given, else `ROSTERWAY_HOME`, else `./rosterway-home`."""
    return given or FilePath(environ.get(HOME_VARIABLE) or "rosterway-home")


def _read(text: str, environ: Mapping[str, str] | None) -> tuple[Settings | None, list[Finding]]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, [_ungrammatical(str(error))]
    origins = _override(document, environ or {})
    reading = Reading(places(text), origins)
    draft = reading.table(DOCUMENT, document)
    rules.complete(draft)
    for path, wrong in rules.between(draft):
        reading.wrong(path, wrong)
    if environ is not None:
        for path, wrong in rules.variables_are_set(draft, environ):
            reading.wrong(path, wrong)
    findings = sorted(
        reading.findings, key=lambda finding: (finding.line or 0, finding.column or 0, finding.path)
    )
    if any(errors(findings)):
        return None, findings
    draft.values["warnings"] = tuple(findings)
    return cast("Settings", build(draft)), findings


def _override(document: dict[str, Any], environ: Mapping[str, str]) -> dict[Path, str]:
    """Put the environment's values over the file's; which value came from which variable."""
    origins: dict[Path, str] = {}
    server = document.setdefault("server", {})
    if not isinstance(server, dict):
        return origins
    for variable, path in OVERRIDES.items():
        value = environ.get(variable)
        if value:
            # a database address in the environment may hold a password, so it stays there
            hidden = variable == DATABASE_VARIABLE and value != "sqlite"
            server[path[-1]] = {SecretPlace.ENV.value: variable} if hidden else value
            origins[path] = variable
    return origins


def _ungrammatical(message: str) -> Finding:
    match = re.search(r"\(at line (\d+), column (\d+)\)|\(at end of document\)", message)
    line, column = (int(match[1]), int(match[2])) if match and match[1] else (None, None)
    problem = message[: match.start()].strip() if match else message
    return Finding(
        "toml", line, f"this is not TOML: {problem}", "mend the syntax first", column=column
    )
