"""The ways in which hands and spreadsheets damage CSV files, as a table.

Each is one kind of damage: to a `row`, or to the `whole` file line by line. The list is what
administrators report: Excel, "CSV (MS-DOS)", copy and paste, retyped cells.
"""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from random import Random

#: A row's cells, the header's, the cells of the row before and chance -> lines, and which columns
#: were damaged; None where this damage does not fit the row.
RowDamage = Callable[[list[str], list[str], list[str], Random], tuple[list[bytes], str] | None]
#: A line's number in the file, from 0, and the line without its end -> the line as it becomes.
WholeDamage = Callable[[int, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of damage and the `tables` it befalls unless told otherwise.

    `refuses` says that one such row costs Canvas's reader the whole file, `usual` that it belongs
    to the mix of an ordinary bad export.
    """

    says: str
    tables: tuple[str, ...]
    row: RowDamage | None = None
    whole: WholeDamage | None = None
    refuses: bool = False
    usual: bool = True


#: What a row of a table may refer to, of which one is made to dangle.
_REFERENCES = ("section_id", "course_id", "account_id", "user_id", "student_id")
_REQUIRED = ("user_id", "login_id", "role", "status", "name", "long_name", "student_id")
_STATUS_WORDS = ("enrolled", "current", "A", "1", "withdrawn", "yes")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T\S*")


def as_line(cells: list[str]) -> bytes:
    """Cells as one line of CSV, without its end."""
    text = StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue().encode()


def _with(cells: list[str], header: list[str], column: str, value: str) -> list[bytes]:
    changed = list(cells)
    changed[header.index(column)] = value
    return [as_line(changed)]


def _some_column(header: list[str], columns: tuple[str, ...], rng: Random) -> str | None:
    present = [column for column in columns if column in header]
    return rng.choice(present) if present else None


def _unzeroed(cell: str) -> str:
    return cell.lstrip("0") if re.fullmatch(r"0\d+", cell) else cell


def _american(cell: str) -> str:
    return _ISO.sub(lambda found: f"{found[2]}/{found[3]}/{found[1]}", cell)


def _rewritten(
    cells: list[str], header: list[str], rewrite: Callable[[str], str]
) -> tuple[list[bytes], str] | None:
    changed = [rewrite(cell) for cell in cells]
    names = [name for name, old, new in zip(header, cells, changed, strict=True) if old != new]
    return ([as_line(changed)], ", ".join(names)) if names else None


def _lost_zeros(
    cells: list[str], header: list[str], _before: list[str], _rng: Random
) -> tuple[list[bytes], str] | None:
    return _rewritten(cells, header, _unzeroed)


def _us_date(
    cells: list[str], header: list[str], _before: list[str], _rng: Random
) -> tuple[list[bytes], str] | None:
    return _rewritten(cells, header, _american)


def _duplicate_row(
    cells: list[str], _header: list[str], _before: list[str], _rng: Random
) -> tuple[list[bytes], str] | None:
    return [as_line(cells), as_line(cells)], ""


def _duplicate_key(
    cells: list[str], header: list[str], _before: list[str], _rng: Random
) -> tuple[list[bytes], str] | None:
    if "last_name" in header:
        family = cells[header.index("last_name")]
        return [as_line(cells), *_with(cells, header, "last_name", f"{family}-Hale")], "last_name"
    status = "deleted" if cells[header.index("status")] == "active" else "active"
    return [as_line(cells), *_with(cells, header, "status", status)], "status"


def _dangling(
    cells: list[str], header: list[str], _before: list[str], rng: Random
) -> tuple[list[bytes], str] | None:
    column = _some_column(header, tuple(name for name in _REFERENCES if name != header[0]), rng)
    if column is None:
        return None
    value = cells[header.index(column)]
    mistyped = value.replace("0", "O", 1) if "0" in value else f"{value}9"
    return _with(cells, header, column, mistyped), column


def _blank(
    cells: list[str], header: list[str], _before: list[str], rng: Random
) -> tuple[list[bytes], str] | None:
    column = _some_column(header, _REQUIRED, rng)
    return (_with(cells, header, column, ""), column) if column else None


def _bad_status(
    cells: list[str], header: list[str], _before: list[str], rng: Random
) -> tuple[list[bytes], str] | None:
    return _with(cells, header, "status", rng.choice(_STATUS_WORDS)), "status"


def _bad_email(
    cells: list[str], header: list[str], _before: list[str], _rng: Random
) -> tuple[list[bytes], str] | None:
    email = cells[header.index("email")] if "email" in header else ""
    return (_with(cells, header, "email", email.partition("@")[0]), "email") if email else None


def _claimed_login(
    cells: list[str], header: list[str], before: list[str], _rng: Random
) -> tuple[list[bytes], str] | None:
    if "login_id" not in header or not before:
        return None
    taken = before[header.index("login_id")]
    return _with(cells, header, "login_id", taken), "login_id"


def _nul(
    cells: list[str], header: list[str], _before: list[str], rng: Random
) -> tuple[list[bytes], str] | None:
    column = _some_column(header, ("first_name", "name", "long_name"), rng) or header[0]
    value = cells[header.index(column)]
    return _with(cells, header, column, f"{value[:1]}\0{value[1:]}"), column


def _stray_quote(
    cells: list[str], header: list[str], _before: list[str], _rng: Random
) -> tuple[list[bytes], str] | None:
    line = as_line(cells)
    return [line[:3] + b'"' + line[3:]], header[0]


def _bad_utf8(
    cells: list[str], header: list[str], _before: list[str], _rng: Random
) -> tuple[list[bytes], str] | None:
    return [as_line([f"{cells[0]}#", *cells[1:]]).replace(b"#", b"\xa0", 1)], header[0]


def _short_row(
    cells: list[str], header: list[str], _before: list[str], _rng: Random
) -> tuple[list[bytes], str] | None:
    return [as_line(cells[:-1])], header[-1]


def _long_row(
    cells: list[str], _header: list[str], _before: list[str], _rng: Random
) -> tuple[list[bytes], str] | None:
    return [as_line([*cells, "see office"])], ""


def _blank_row(
    cells: list[str], _header: list[str], _before: list[str], _rng: Random
) -> tuple[list[bytes], str] | None:
    return [as_line(cells), b"," * (len(cells) - 1)], ""


def _smart_quotes(
    cells: list[str], header: list[str], _before: list[str], _rng: Random
) -> tuple[list[bytes], str] | None:
    def smart(cell: str) -> str:
        return re.sub(r"(?<=\w)'(?=\w)", "\N{RIGHT SINGLE QUOTATION MARK}", cell)

    return _rewritten(cells, header, smart)


def _header_spaces(at: int, line: bytes) -> bytes:
    return line.replace(b",", b", ") if at == 0 else line


def _trailing_commas(_at: int, line: bytes) -> bytes:
    return line + b",,"


def _excel(_at: int, line: bytes) -> bytes:
    cells = next(csv.reader([line.decode("utf-8", "surrogateescape")]))
    return as_line([_american(_unzeroed(cell)) for cell in cells])


def _cp1252(_at: int, line: bytes) -> bytes:
    return line.decode("utf-8", "replace").encode("cp1252", "replace")


def _crlf(_at: int, line: bytes) -> bytes:
    return line + b"\r"


def _bom(at: int, line: bytes) -> bytes:
    return b"\xef\xbb\xbf" + line if at == 0 else line


#: Every kind of damage; whole-file kinds take effect in this order.
KINDS: dict[str, Kind] = {
    "lost-zeros": Kind("ids without the zeros in front", ("enrollments",), _lost_zeros),
    "duplicate-row": Kind("a row twice", ("users", "enrollments"), _duplicate_row),
    "duplicate-key": Kind(
        "two rows of one thing that disagree", ("users", "enrollments"), _duplicate_key
    ),
    "dangling-reference": Kind("an id nobody has", ("sections", "enrollments"), _dangling),
    "blank-required": Kind("a required cell is blank", ("users", "enrollments"), _blank),
    "bad-status": Kind("a status Canvas does not know", ("users", "enrollments"), _bad_status),
    "bad-email": Kind("an address without a domain", ("users",), _bad_email),
    "claimed-login": Kind("the login of somebody else", ("users",), _claimed_login),
    "nul-byte": Kind("a NUL byte inside a cell", ("users",), _nul),
    "short-row": Kind("a row with a cell too few", ("enrollments",), _short_row),
    "long-row": Kind("a row with a cell too many", ("users",), _long_row),
    "blank-row": Kind("a row of commas", ("enrollments",), _blank_row),
    "us-date": Kind("a date as month/day/year", ("terms",), _us_date),
    "smart-quotes": Kind("typographic apostrophes", ("users",), _smart_quotes),
    "stray-quote": Kind("a quote inside a bare cell", ("admins",), _stray_quote, refuses=True),
    "bad-utf8": Kind("a byte that is not UTF-8", ("user_observers",), _bad_utf8, refuses=True),
    "header-spaces": Kind("spaces before column names", ("xlists",), whole=_header_spaces),
    "trailing-commas": Kind("commas after every row", ("sections",), whole=_trailing_commas),
    "excel": Kind(
        "opened and saved in Excel: no zeros in front, US dates",
        ("sections",),
        whole=_excel,
        usual=False,
    ),
    "cp1252": Kind("saved as Windows text", ("users",), whole=_cp1252, refuses=True, usual=False),
    "crlf": Kind("Windows line ends", ("terms",), whole=_crlf),
    "bom": Kind("a byte order mark", ("courses",), whole=_bom),
}
