"""Two days of a very large enrollments.csv: one row in a hundred changed, added, removed."""

from pathlib import Path

import duckdb

#: Rows of one section, of one student.
_CLASS, _SCHEDULE = 25, 8


def write_days(folder: Path, rows: int) -> tuple[Path, Path]:
    """Write `previous/enrollments.csv` and `current/enrollments.csv`; their folders."""
    students, sections = max(1, rows // _SCHEDULE), max(1, rows // _CLASS)
    extra = rows // 100
    connection = duckdb.connect()
    folders: list[Path] = []
    for day, (what, status) in enumerate(
        (
            (f"SELECT i FROM range({rows}) t(i)", "'active'"),
            (
                (
                    f"SELECT i FROM range({rows}) t(i) WHERE hash(i) % 100 <> 1 "
                    f"UNION ALL SELECT i FROM range({rows}, {rows + extra}) t(i)"
                ),
                "CASE WHEN hash(i) % 100 = 2 THEN 'completed' ELSE 'active' END",
            ),
        )
    ):
        out = folder / ("previous", "current")[day]
        out.mkdir(parents=True)
        connection.execute(
            "COPY (SELECT 'C' || lpad((section // 4)::VARCHAR, 7, '0') AS course_id, "
            "'S' || lpad(section::VARCHAR, 8, '0') AS section_id, "
            f"'U' || lpad(((i * 7919) % {students})::VARCHAR, 9, '0') || '-' || (i // {students}) "
            "AS user_id, 'student' AS role, status FROM "
            f"(SELECT i, i % {sections} AS section, {status} AS status FROM ({what})) "
            # Exports come in no order, and in another one each night.
            f"ORDER BY hash(i + {day})) TO '{out}/enrollments.csv' (HEADER)"
        )
        folders.append(out)
    connection.close()
    return folders[0], folders[1]
