"""Deletes and moves that Canvas refuses: what still has something in it.

Facts: canvas-lms `lib/sis/account_importer.rb`, `app/models/enrollment_term.rb`,
`lib/sis/group_category_importer.rb`, `lib/sis/group_importer.rb`. What is deleted in the same
delivery is in nobody's way, since removals are sent in their own order.
"""

from rosterway.formats.canvas_csv.called import CALLED
from rosterway.rostering import sql
from rosterway.rostering.check.known import Case, counted, live

#: Table -> what may be in its rows: table, and the column that names the row.
_WITHIN = {
    "accounts": (("accounts", "parent_account_id"), ("courses", "account_id")),
    "terms": (("courses", "term_id"),),
}


def check_deletes(case: Case) -> None:
    """Find deletes of accounts and terms that are in use; repair the order of those that are not."""
    within = _WITHIN.get(case.table.name, ())
    key = case.table.key[0].columns[0]
    if not within or not case.mirror.has(case.table.name, key) or not case.deletes():
        return
    plain = (
        "AND date_override_enrollment_type IS NULL"
        if case.has("date_override_enrollment_type")
        else ""
    )
    case.make(
        "deleting",
        f"SELECT _file, _row, {key} AS id FROM ({case.going}) WHERE {case.status} = 'deleted' {plain} "
        f"AND {key} IN (SELECT {key} FROM {case.mirror.view(case.table.name)})",
    )
    for name, column in within:
        one, many = CALLED[name]
        if not case.knows(name, column):
            continue
        inner = f"({case.then(name, column)})"
        case.find(
            "delete-blocked",
            key,
            f"SELECT d._file, d._row, d.id AS val, {counted('active ' + one, 'active ' + many)} AS other "
            f"FROM deleting d JOIN {inner} w ON w.{column} = d.id WHERE {live('w.status')} "
            "GROUP BY 1, 2, 3",
        )
        if case.mirror.has(name, column, "status"):
            case.find(
                "delete-order",
                key,
                f"SELECT d._file, d._row, d.id AS val, {counted(one, many)} AS other "
                f"FROM deleting d JOIN ({case.going}) USING (_file, _row) "
                f"JOIN {case.mirror.view(name)} m ON m.{column} = d.id "
                f"WHERE {live('m.status')} GROUP BY 1, 2, 3",
            )


def check_moves(case: Case) -> None:
    """Find group categories with groups, and groups with members, that would go elsewhere."""
    name = case.table.name
    key = case.table.key[0].columns[0]
    held = case.mirror.columns(name)
    if key not in held or not ({"account_id", "course_id"} & {*case.columns, *held}):
        return
    within = (
        ("groups", "group_category_id")
        if name == "group_categories"
        else ("groups_membership", "group_id")
    )
    if not case.knows(*within):
        return
    new, old = _context(case.columns, "d"), _context(held, "m")
    if name == "groups":
        # A group stands where its category does.
        new = f"coalesce({_of_category(case, 'd', case.columns)}, {new})"
        old = f"coalesce({_of_category(case, 'm', held)}, {old})"
    moved = (
        f"SELECT d._file, d._row, d.{key} AS id FROM ({case.going}) d "
        f"JOIN {case.mirror.view(name)} m USING ({key}) WHERE {new} <> {old}"
    )
    if not case.make("moving", moved):
        return
    table, column = within
    one, many = ("group", "groups") if name == "group_categories" else ("member", "members")
    if not case.mirror.has(table, column):
        return
    inner = case.mirror.view(table)
    status = live("w.status") if case.mirror.has(table, "status") else "true"
    case.find(
        "move-blocked",
        key,
        f"SELECT d._file, d._row, d.id AS val, {counted(one, many)} AS other "
        f"FROM moving d JOIN {inner} w ON w.{column} = d.id WHERE {status} GROUP BY 1, 2, 3",
    )


def _context(columns: tuple[str, ...], row: str) -> str:
    """SQL for where a group or category stands, as a text: an account, a course, or the root account."""
    cases = [
        f"WHEN {row}.{name} IS NOT NULL THEN {sql.text(name)} || {row}.{name}"
        for name in ("account_id", "course_id")
        if name in columns
    ]
    return f"CASE {' '.join(cases)} ELSE 'root' END" if cases else "'root'"


def _of_category(case: Case, row: str, columns: tuple[str, ...]) -> str:
    if "group_category_id" not in columns or not case.knows("group_categories"):
        return "NULL"
    place = _context(("account_id", "course_id"), "c")
    categories = case.then("group_categories", "account_id", "course_id")
    return f"(SELECT {place} FROM ({categories}) c WHERE c.group_category_id = {row}.group_category_id)"
