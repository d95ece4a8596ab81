"""Secrets by reference: the file says where a secret is kept, never what it is.

A `Secret` holds no secret, so it may be printed, compared and kept; `reveal` fetches the value at
the last moment, and whoever calls it must not keep the answer longer than the call it is for.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from rosterway.errors import ConfigError
from rosterway.settings.findings import Wrong, nearest
from rosterway.settings.values import Kind

_MOST_BYTES = 65_536
_WAYS = '{ env = "NAME" }, { file = "PATH" } or { sealed = "NAME" }'


class SecretPlace(StrEnum):
    """Where a secret may be kept."""

    ENV = "env"
    FILE = "file"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class SecretPlaces:
    """What `Secret.reveal` looks in.

    `folder` is what a relative file name starts from (the configuration file's folder); `unseal`
    answers the tenant's sealed secret of that name and raises `NotFoundError` if there is none.
    """

    environ: Mapping[str, str] = field(repr=False)
    folder: Path
    unseal: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    """Where one secret is kept."""

    place: SecretPlace
    name: str

    def __str__(self) -> str:
        return f"{self.place}:{self.name}"

    def reveal(self, places: SecretPlaces) -> str:
        """The secret itself; `ConfigError` says what is missing, never what was found."""
        match self.place:
            case SecretPlace.ENV:
                value = places.environ.get(self.name, "")
                missing = f"the environment variable {self.name} is not set"
            case SecretPlace.FILE:
                value = _content(places.folder / self.name)
                missing = f"the secret file {self.name} is empty"
            case SecretPlace.SEALED:
                if places.unseal is None:
                    raise ConfigError(
                        f'the sealed secret "{self.name}" cannot be opened here',
                        remedy="sealed secrets need a home folder; use env or file",
                    )
                value = places.unseal(self.name)
                missing = f'the sealed secret "{self.name}" is empty'
        if not value:
            raise ConfigError(missing, remedy="set it, then start again")
        return value


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ConfigError(f"{path} is too large for a secret", remedy="name the right file")
        return content.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise ConfigError(
            f"the secret file {path} cannot be read: {error.strerror}",
            remedy="create it, readable by the user Rosterway runs as",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"the secret file {path} is not UTF-8 text") from error


_NAMES = {
    SecretPlace.ENV: re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}"),
    SecretPlace.FILE: re.compile(r"[^\x00-\x1f]{1,4000}"),
    SecretPlace.SEALED: re.compile(r"[a-z0-9][a-z0-9._-]{0,99}"),
}


def _read(raw: object) -> object:
    if not isinstance(raw, dict):
        return Wrong(
            "a secret may not stand in this file, which is copied, reviewed and kept in version "
            "control; take it as known by now",
            f"write {_WAYS}, and change the secret",
        )
    table = cast("dict[str, Any]", raw)
    if len(table) != 1:
        return Wrong("one place is named for a secret, no more and no fewer", f"write {_WAYS}")
    word, name = next(iter(table.items()))
    if word not in list(SecretPlace):
        near = nearest(word, list(SecretPlace))
        hint = f"did you mean `{near}`?" if near else f"write {_WAYS}"
        return Wrong(f"`{word}` is no place for a secret", hint, at=(word,))
    place = SecretPlace(word)
    if not isinstance(name, str) or not _NAMES[place].fullmatch(name):
        # the value is not quoted: somebody may have put the secret itself here
        return Wrong(
            f"this cannot be the name of a secret in {place}", f"write {_WAYS}", at=(word,)
        )
    return Secret(place, name)


SECRET = Kind(f"a secret by reference: {_WAYS}", _read)
