"""Damaging a delivery on purpose, and telling exactly where.

Works on files as `canvas_files` writes them (a record is a line), in one pass each, in little
memory. What was damaged is told to the caller and left nowhere in the folder, which a delivery is
to be made of.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rosterway.sandbox.district.damage_kinds import KINDS, Kind, RowDamage
from rosterway.sandbox.district.luck import luck
from rosterway.sandbox.district.model import DistrictError

#: Of a table's rows this share gets each kind of damage, at least one row and at most a few.
_SHARE, _MOST = 0.001, 12


@dataclass(frozen=True, slots=True)
class Damage:
    """One damage; `line` counts from 1, the header, and is None for the whole file.

    `columns` names the damaged cells where there are some in particular.
    """

    file: str
    line: int | None
    kind: str
    columns: str = ""


def make_dirty(out: Path, *, seed: int, kinds: tuple[str, ...] | None = None) -> list[Damage]:
    """Damage the delivery in `out`; what was damaged, by file and line.

    Without `kinds` the delivery gets the usual mix, in which whatever costs a whole file befalls
    only small tables. A kind may name its table: `crlf:users`. A table that is not there, or has
    no row the damage fits, is spared.

    Raises:
        DistrictError: there is no such kind.
    """
    if kinds is None:
        kinds = tuple(name for name, kind in KINDS.items() if kind.usual)
    by_table: dict[str, dict[str, Kind]] = {}
    for asked in kinds:
        name, _, table = asked.partition(":")
        if name not in KINDS:
            message = f"no kind of damage is called {name!r}; there are {', '.join(KINDS)}"
            raise DistrictError(message)
        for befallen in (table,) if table else KINDS[name].tables:
            by_table.setdefault(befallen, {})[name] = KINDS[name]
    damages: list[Damage] = []
    for table in sorted(by_table):
        path = out / f"{table}.csv"
        if path.exists():
            damages += _damage(path, by_table[table], luck(seed, "damage", table))
    return damages


def _damage(path: Path, kinds: dict[str, Kind], rng: Random) -> list[Damage]:
    """Rewrite one file."""
    damages = [Damage(path.name, None, name) for name, kind in kinds.items() if kind.whole]
    wholes = [kind.whole for name, kind in KINDS.items() if name in kinds and kind.whole]
    beside = path.with_suffix(".part")
    with beside.open("wb") as out:
        lines = _lines(path, {name: kind.row for name, kind in kinds.items() if kind.row}, rng)
        for at, (line, name, columns) in enumerate(lines):
            if name:
                damages.append(Damage(path.name, at + 1, name, columns))
            written = line
            for whole in wholes:
                written = whole(at, written)
            out.write(written + b"\n")
    beside.replace(path)
    return damages


def _lines(
    path: Path, kinds: dict[str, RowDamage], rng: Random
) -> Iterator[tuple[bytes, str, str]]:
    """The lines of a file without their ends: which damage each bears, in which columns.

    Of a damage that makes two lines of one, the second bears it.
    """
    due = _rows_due(path, kinds, rng)
    waiting: deque[str] = deque()
    header: list[str] = []
    before: list[str] = []
    with path.open("rb") as file:
        for at, raw in enumerate(file):
            line = raw.rstrip(b"\n")
            waiting.extend(due.get(at, ()))
            if at == 0 or (not waiting and not due.get(at + 1)):
                header = header or line.decode().split(",")
                yield line, "", ""
                continue
            cells = next(csv.reader([line.decode()]))
            done = _first_fitting(waiting, kinds, (cells, header, before), rng)
            before = cells
            if done is None:
                yield line, "", ""
                continue
            name, lines, columns = done
            waiting.remove(name)
            for unharmed in lines[:-1]:
                yield unharmed, "", ""
            yield lines[-1], name, columns


def _rows_due(path: Path, kinds: dict[str, RowDamage], rng: Random) -> dict[int, list[str]]:
    """Which damages come due at which row; those that do not fit it wait for the next that does."""
    with path.open("rb") as file:
        rows = sum(1 for _ in file) - 1
    due: dict[int, list[str]] = {}
    for name in kinds:
        for _ in range(min(_MOST, 1 + int(rows * _SHARE))):
            due.setdefault(rng.randint(1, max(1, rows)), []).append(name)
    return due


def _first_fitting(
    waiting: deque[str],
    kinds: dict[str, RowDamage],
    row: tuple[list[str], list[str], list[str]],
    rng: Random,
) -> tuple[str, list[bytes], str] | None:
    for name in waiting:
        done = kinds[name](*row, rng)
        if done:
            return name, *done
    return None
