"""Columns become lines of CSV, a page at a time.

What `csv.writer` does cell by cell is done here column by column: a column in which nothing needs
quotes is left as it is, which is nearly every one. Lines end with LF; a blank cell is empty.
"""

from collections.abc import Sequence

Cell = str | None
Column = Sequence[Cell]


def csv_lines(columns: Sequence[Column]) -> str:
    """The lines of rows given as columns of one length; ends with LF, or is empty."""
    if not columns or not columns[0]:
        return ""
    lines = map(",".join, zip(*map(_written, columns), strict=True))
    return "\n".join(lines) + "\n"


def _written(column: Column) -> Sequence[str]:
    cells = [cell or "" for cell in column] if None in column else column
    joined = "".join(cells)  # type: ignore[arg-type]
    if not ('"' in joined or "," in joined or "\n" in joined or "\r" in joined or "\0" in joined):
        return cells  # type: ignore[return-value]
    return [_quoted(cell) for cell in cells if cell is not None]


def _quoted(cell: str) -> str:
    """A cell as RFC 4180 wants it. A NUL character is left out: no reader of CSV agrees on it."""
    if "\0" in cell:
        cell = cell.replace("\0", "")
    if '"' in cell or "," in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell
