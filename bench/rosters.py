"""Two days of a very large district: one enrollment in a hundred changed, added, removed."""

from pathlib import Path

import duckdb

#: Enrollments of one section, of one student; sections of one course.
_CLASS, _SCHEDULE, _SECTIONS = 25, 8, 4


def write_days(folder: Path, rows: int) -> tuple[Path, Path]:
    """Write `previous/` and `current/` with so many enrollments and what they name; both folders."""
    connection = duckdb.connect()
    folders: list[Path] = []
    for day, name in enumerate(("previous", "current")):
        out = folder / name
        out.mkdir(parents=True)
        for table, query in _tables(rows, day).items():
            connection.execute(f"COPY ({query}) TO '{out}/{table}.csv' (HEADER)")
        folders.append(out)
    connection.close()
    return folders[0], folders[1]


def _tables(rows: int, day: int) -> dict[str, str]:
    students, sections = max(1, rows // _SCHEDULE), max(1, rows // _CLASS)
    courses = -(-sections // _SECTIONS)
    lines, status = f"SELECT i FROM range({rows}) t(i)", "'active'"
    if day:
        added = f"SELECT i FROM range({rows}, {rows + rows // 100}) t(i)"
        lines += f" WHERE hash(i) % 100 <> 1 UNION ALL {added}"
        status = "CASE WHEN hash(i) % 100 = 2 THEN 'completed' ELSE 'active' END"
    home = _id("C", 7, f"i // {_SECTIONS}")
    return {
        "users": f"SELECT {_id('U', 9)} AS user_id, 'login' || i AS login_id, "
        "'First' || i % 997 AS first_name, 'Last' || i % 4999 AS last_name, "
        "'login' || i || '@school.example' AS email, 'active' AS status "
        f"FROM range({students}) t(i)",
        "courses": f"SELECT {_id('C', 7)} AS course_id, 'C' || i AS short_name, "
        f"'Course ' || i AS long_name, 'active' AS status FROM range({courses}) t(i)",
        "sections": f"SELECT {_id('S', 8)} AS section_id, {home} AS course_id, "
        f"'Section ' || i AS name, 'active' AS status FROM range({sections}) t(i)",
        # Whoever is added stands one section on, so that nobody is in a section twice. Exports come
        # in no order, and in another one each night.
        "enrollments": f"SELECT {_id('C', 7, f'section // {_SECTIONS}')} AS course_id, "
        f"{_id('S', 8, 'section')} AS section_id, "
        f"{_id('U', 9, f'(i * 7919) % {students}')} AS user_id, 'student' AS role, status "
        f"FROM (SELECT i, (i + i // {rows}) % {sections} AS section, {status} AS status "
        f"FROM ({lines})) ORDER BY hash(i + {day})",
    }


def _id(letter: str, width: int, number: str = "i") -> str:
    return f"'{letter}' || lpad(({number})::VARCHAR, {width}, '0')"
