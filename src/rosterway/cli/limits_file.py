"""A file of limits, as `--limits` takes it."""

import tomllib
from pathlib import Path
from typing import Any

from rosterway.errors import UsageError


def limits_in(path: Path) -> dict[str, Any]:
    """What a TOML file says; what it means is `rostering.limits`' to say."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is not TOML: {error}.", remedy="docs/reference/guards.md has an example."
        ) from error
