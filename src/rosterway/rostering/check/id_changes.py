"""Changes of SIS ids: against what Canvas has, against each other, and against the other files.

Canvas changes ids before anything else, so every later check sees the mirror with the new ids
(`renamed`). Facts: canvas-lms `lib/sis/change_sis_id_importer.rb`.
"""

from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.rostering import sql
from rosterway.rostering.check.hits import Hits
from rosterway.rostering.check.known import Case
from rosterway.rostering.roster import Roster

#: What a type of `change_sis_id` is: the table whose id it changes.
TABLES = {
    "account": "accounts",
    "term": "terms",
    "course": "courses",
    "section": "sections",
    "group": "groups",
    "group_category": "group_categories",
    "user": "users",
}
_TYPES = {table: kind for kind, table in TABLES.items()}


def check_id_changes(case: Case) -> None:
    """Judge every change, and make `id_changes` (kind, old, new, place) of those that go."""
    for column in ("old_id", "new_id", "old_integration_id", "new_integration_id"):
        if case.has(column) and "integration" in column:
            case.find(
                "id-change-category",
                column,
                f"SELECT _file, _row, {column} AS val, NULL AS other FROM ({case.going}) "
                f"WHERE lower(type) = 'group_category' AND {column} IS NOT NULL",
            )
    for kind, table in TABLES.items():
        key = BY_NAME[table].key[0].columns[0]
        if case.has("old_id", "new_id") and case.mirror.has(table, key):
            _check_ids(case, kind, table, key)
        if case.mirror.has(table, key, "integration_id"):
            _check_integration_ids(case, kind, table, key)
    if case.has("new_id"):
        place = case.hits.place("first_file", "first_row")
        window = "OVER (PARTITION BY lower(type), new_id ORDER BY _file, _row)"
        case.find(
            "id-change-taken",
            "new_id",
            f"SELECT _file, _row, new_id AS val, {place} AS other FROM (SELECT *, "
            f"row_number() {window} AS place, first(_file) {window} AS first_file, "
            f"first(_row) {window} AS first_row FROM ({case.going}) WHERE new_id IS NOT NULL) "
            "WHERE place > 1",
        )
    _keep(case)


def _of(case: Case, kind: str) -> str:
    return f"(SELECT * FROM ({case.going}) WHERE lower(type) = {sql.text(kind)})"


def _check_ids(case: Case, kind: str, table: str, key: str) -> None:
    known = f"(SELECT {key} FROM {case.mirror.view(table)} WHERE {key} IS NOT NULL)"
    unknown = f"FROM {_of(case, kind)} WHERE old_id IS NOT NULL AND old_id NOT IN {known}"
    case.find(
        "id-change-done",
        "old_id",
        f"SELECT _file, _row, old_id AS val, new_id AS other {unknown} AND new_id IN {known}",
    )
    case.find(
        "id-change-unknown",
        "old_id",
        f"SELECT _file, _row, old_id AS val, {sql.text(kind)} AS other "
        f"FROM {_of(case, kind)} WHERE old_id IS NOT NULL AND old_id NOT IN {known}",
    )
    case.find(
        "id-change-taken",
        "new_id",
        f"SELECT _file, _row, new_id AS val, {sql.text('by another ' + kind)} AS other "
        f"FROM {_of(case, kind)} WHERE new_id IN {known}",
    )


def _check_integration_ids(case: Case, kind: str, table: str, key: str) -> None:
    mirror = case.mirror.view(table)
    known = f"(SELECT integration_id FROM {mirror} WHERE integration_id IS NOT NULL)"
    if case.has("old_integration_id"):
        old = "old_integration_id"
        case.find(
            "id-change-unknown",
            old,
            f"SELECT _file, _row, {old} AS val, {sql.text(kind)} AS other "
            f"FROM {_of(case, kind)} WHERE {old} IS NOT NULL AND {old} NOT IN {known}",
        )
        if case.has("old_id"):
            case.find(
                "identifiers-disagree",
                old,
                f"SELECT c._file, c._row, c.{old} AS val, "
                f"'that of ' || any_value(m.{key}) AS other FROM {_of(case, kind)} c "
                f"JOIN {mirror} m ON m.integration_id = c.{old} AND m.{key} <> c.old_id "
                "WHERE c.old_id IS NOT NULL GROUP BY 1, 2, 3",
            )
    if case.has("new_integration_id"):
        new = "new_integration_id"
        case.find(
            "id-change-taken",
            new,
            f"SELECT _file, _row, {new} AS val, {sql.text('by another ' + kind)} AS other "
            f"FROM {_of(case, kind)} WHERE {new} IN {known}",
        )


def _keep(case: Case) -> None:
    """`id_changes`: old ids are found by their integration ids where only those are given."""
    cells = {
        name: name if case.has(name) else "NULL::VARCHAR"
        for name in ("old_id", "new_id", "old_integration_id", "new_integration_id")
    }
    place = case.hits.place()
    case.hits.connection.execute(
        "CREATE OR REPLACE TEMP TABLE id_changes AS SELECT lower(type) AS kind, "
        f"{cells['old_id']} AS old, {cells['new_id']} AS new, "
        f"{cells['old_integration_id']} AS old_integration, "
        f"{cells['new_integration_id']} AS new_integration, {place} AS place FROM ({case.going})"
    )
    for kind, table in TABLES.items():
        key = BY_NAME[table].key[0].columns[0]
        if case.mirror.has(table, key, "integration_id"):
            case.hits.connection.execute(
                f"UPDATE id_changes SET old = m.{key} FROM {case.mirror.view(table)} m "
                f"WHERE kind = {sql.text(kind)} AND old IS NULL "
                "AND m.integration_id = old_integration"
            )


def renamed(hits: Hits, mirror: Roster) -> Roster:
    """The mirror once the ids are changed; needs `id_changes`."""
    kinds = {
        kind
        for (kind,) in hits.connection.execute("SELECT DISTINCT kind FROM id_changes").fetchall()
    }
    if not kinds:
        return mirror
    after = Roster(f"{mirror.prefix}_renamed", mirror.tables)
    for name, columns in mirror.tables.items():
        joins: list[str] = []
        cells: list[str] = []
        for place, column in enumerate(columns):
            cell = f"m.{sql.name(column)}"
            kind = _kind_of(name, column)
            if kind in kinds:
                alias = f"c{place}"
                joins.append(
                    f"LEFT JOIN (SELECT old, any_value(new) AS new FROM id_changes "
                    f"WHERE kind = {sql.text(kind)} AND new IS NOT NULL GROUP BY old) {alias} "
                    f"ON {alias}.old = {cell}"
                )
                cell = f"coalesce({alias}.new, {cell})"
            cells.append(f"{cell} AS {sql.name(column)}")
        hits.connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {after.view(name)} AS SELECT {', '.join(cells)} "
            f"FROM {mirror.view(name)} m {' '.join(joins)}"
        )
    return after


def _kind_of(table: str, column: str) -> str:
    """The type whose ids a column holds; blank if it is none of them."""
    definition = BY_NAME[table]
    if table in _TYPES and definition.key[0].columns == (column,):
        return _TYPES[table]
    if (table, column) == ("xlists", "xlist_course_id"):
        return "course"
    refers = definition.by_name[column].refers
    if refers is None or refers.table not in _TYPES:
        return ""
    return _TYPES[refers.table] if BY_NAME[refers.table].key[0].columns == (refers.column,) else ""


def check_ignored(case: Case) -> None:
    """Find rows that still say an id which this delivery changes; needs `id_changes`."""
    kind = _TYPES.get(case.table.name)
    if kind is None:
        return
    key = case.table.key[0].columns[0]
    changed = f"(SELECT * FROM id_changes WHERE kind = {sql.text(kind)} AND new IS NOT NULL)"
    case.find(
        "id-change-ignored",
        key,
        f"SELECT d._file, d._row, d.{key} AS val, any_value(c.place) AS other "
        f"FROM ({case.going}) d JOIN {changed} c ON c.old = d.{key} "
        f"WHERE d.{key} NOT IN (SELECT new FROM {changed}) GROUP BY 1, 2, 3",
    )
