"""What is wrong with a configuration file, as values.

A file is read to its end and every finding reported at once: nobody should have to mend a file one
message at a time. A finding never quotes a value that might be a secret.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

#: Where a value stands in the file: keys, and positions in arrays.
Path = tuple[str | int, ...]


class Severity(StrEnum):
    """An error keeps the file from being used; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a reader of one value answers instead of the value; `at` leads further inside it."""

    problem: str
    remedy: str
    at: Path = ()
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: where (`path` dotted, line and column if it is in the file), what, how."""

    path: str
    line: int | None
    problem: str
    remedy: str
    severity: Severity = Severity.ERROR
    column: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}: {self.path}" if self.line else self.path
        return f"{where}: {self.problem}; {self.remedy}"


def dotted(path: Path) -> str:
    """A path as a person writes it: `tenant.lincoln.sftp.uploader.keys[0]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            bare = part.replace("-", "").replace("_", "").isalnum() and part.isascii()
            text += ("." if text else "") + (part if bare else f'"{part}"')
    return text


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be."""
    by_fold = {name.lower().replace("-", "_"): name for name in known}
    folded = word.lower().replace("-", "_").replace(" ", "_")
    found = difflib.get_close_matches(folded, by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def one_of(words: Iterable[str]) -> str:
    """`"a", "b" or "c"`."""
    quoted = [f'"{word}"' for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
