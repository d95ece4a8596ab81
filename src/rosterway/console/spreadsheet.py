"""CSV that people open in a spreadsheet: readable as UTF-8, and with no cell that calculates."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

#: Excel takes a file for UTF-8 only if it begins so.
_MARK = "\ufeff"
#: What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_lines(batches: Iterable[Sequence[Sequence[object]]]) -> Iterator[str]:
    """Batches of rows as text, a piece for each batch."""
    text = io.StringIO(_MARK)
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, lineterminator="\n")
    for batch in batches:
        writer.writerows([harmless(cell) for cell in row] for row in batch)
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def harmless(cell: object) -> object:
    """A cell as it is shown, never calculated; an empty one for None."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return "" if cell is None else cell
