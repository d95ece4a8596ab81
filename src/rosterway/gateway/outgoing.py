"""Files put where somebody takes them: each whole or not at all, under a stable and a dated name.

Whoever looks at the folder finds a file as it was or as it is, and never a part of one. Of the dated
copies only those are removed whose own name says that they are too old.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path, PurePath


def place_file(source: Path, target: Path) -> None:
    """Copy a file to its place; one of that name is replaced."""
    place(target, lambda draft: shutil.copyfile(source, draft))


def place_text(text: str, target: Path) -> None:
    """Write a text to its place, as UTF-8."""
    place(target, lambda draft: draft.write_text(text, encoding="utf-8"))


def place(target: Path, write: Callable[[Path], object]) -> None:
    """Have `write` make a draft beside the target, and put it in the target's place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")
    try:
        write(draft)
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def dated(name: str, day: date) -> str:
    """The name of a file's copy of a day: `grades.csv` becomes `grades-2026-12-01.csv`."""
    path = PurePath(name)
    return f"{path.stem}-{day:%Y-%m-%d}{path.suffix}"


def remove_old_copies(folder: Path, name: str, *, today: date, keep: int) -> list[str]:
    """Remove dated copies of a file that are older than `keep` days; their names."""
    there = [found.name for found in folder.iterdir() if found.is_file()] if folder.is_dir() else []
    removed = old_copies(there, name, today=today, keep=keep)
    for one in removed:
        (folder / one).unlink()
    return removed


def old_copies(there: Iterable[str], name: str, *, today: date, keep: int) -> list[str]:
    """Which of these names are dated copies of a file that are older than `keep` days."""
    path = PurePath(name)
    copy = re.compile(
        rf"{re.escape(path.stem)}-(\d{{4}}-\d{{2}}-\d{{2}}){re.escape(path.suffix)}", re.ASCII
    )
    first = today - timedelta(days=keep)
    return [
        one for one in sorted(there) if (match := copy.fullmatch(one)) and _day(match[1]) < first
    ]


def _day(written: str) -> date:
    """The day; one that does not exist is never over."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return date.max
