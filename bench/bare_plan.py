"""The bare tool: what a careful person would write in DuckDB to do the same, and nothing more.

    python bench/bare_plan.py PREVIOUS CURRENT OUT [MEMORY]

Parses both files, checks the current one (required cells, statuses, lengths, duplicate keys), joins
both by key and writes the three files of differences in order.
"""

import sys

import duckdb

COLUMNS = (
    "columns = {course_id: 'VARCHAR', section_id: 'VARCHAR', user_id: 'VARCHAR', "
    "role: 'VARCHAR', status: 'VARCHAR'}"
)


def main() -> None:
    """Do it, and print how many rows of each kind there were."""
    previous, current, out, memory = (*sys.argv[1:4], *(sys.argv[4:] or ["700MB"]))
    con = duckdb.connect(config={"memory_limit": memory, "temp_directory": out})
    for name, folder in (("previous", previous), ("current", current)):
        con.execute(
            f"CREATE TEMP TABLE {name} AS SELECT * FROM read_csv('{folder}/enrollments.csv', "
            f"auto_detect = false, header = true, delim = ',', quote = '\"', {COLUMNS})"
        )
    wrong = con.execute(
        "SELECT count(*) FROM current WHERE section_id IS NULL OR user_id IS NULL OR role IS NULL "
        "OR status NOT IN ('active', 'deleted', 'completed', 'inactive') "
        "OR length(section_id) > 255 OR length(user_id) > 255"
    ).fetchall()
    twins = con.execute(
        "SELECT count(*) FROM (SELECT section_id, user_id, role FROM current "
        "GROUP BY ALL HAVING count(*) > 1)"
    ).fetchall()
    con.execute(
        "CREATE TEMP TABLE differences AS SELECT p.user_id IS NULL AS created, "
        "c.user_id IS NULL AS removed, coalesce(c.course_id, p.course_id) AS course_id, "
        "coalesce(c.section_id, p.section_id) AS section_id, "
        "coalesce(c.user_id, p.user_id) AS user_id, coalesce(c.role, p.role) AS role, "
        "coalesce(c.status, 'deleted') AS status FROM previous p FULL JOIN current c "
        "ON c.section_id = p.section_id AND c.user_id = p.user_id AND c.role = p.role "
        "WHERE p.user_id IS NULL OR c.user_id IS NULL "
        "OR c.course_id IS DISTINCT FROM p.course_id OR c.status IS DISTINCT FROM p.status"
    )
    rows = "course_id, section_id, user_id, role, status"
    counts = [
        con.execute(
            f"COPY (SELECT {rows} FROM differences WHERE {kind} "
            f"ORDER BY section_id, user_id, role) TO '{out}/{name}.csv' (HEADER)"
        ).fetchall()[0][0]
        for name, kind in (
            ("created", "created"),
            ("changed", "NOT created AND NOT removed"),
            ("removed", "removed"),
        )
    ]
    print(wrong[0][0], twins[0][0], *counts)


if __name__ == "__main__":
    main()
