"""Groups, their categories and members, against each other and against who is enrolled.

Facts: canvas-lms `lib/sis/group_category_importer.rb`, `lib/sis/group_importer.rb`,
`lib/sis/group_membership_importer.rb`.
"""

from rosterway.rostering.check.blocked import check_moves
from rosterway.rostering.check.known import Case, live


def check_categories(case: Case) -> None:
    """Names of group categories are each one's own within an account or a course."""
    check_moves(case)
    context = "concat_ws(chr(30), account_id, chr(31), course_id)"
    then = case.then("group_categories", "category_name", "account_id", "course_id")
    said = f"SELECT *, lower(category_name) AS said, {context} AS context FROM ({then})"
    taken = f"SELECT * FROM ({said}) WHERE {live()}"
    delivered = (
        f"SELECT d._file, d._row, d.group_category_id, t.category_name, t.said, t.context "
        f"FROM ({case.going}) d JOIN ({said}) t USING (group_category_id)"
    )
    place = case.hits.place("f._file", "f._row")
    case.find(
        "name-taken",
        "category_name",
        f"SELECT d._file, d._row, d.category_name AS val, coalesce(min({place}), 'a category in Canvas') AS other "
        f"FROM ({delivered}) d JOIN ({taken}) t ON t.said = d.said AND t.context = d.context "
        "AND t.group_category_id <> d.group_category_id "
        f"LEFT JOIN ({case.going}) f ON f.group_category_id = t.group_category_id "
        "WHERE f._row IS NULL OR (f._file, f._row) < (d._file, d._row) GROUP BY 1, 2, 3",
    )


def check_groups(case: Case) -> None:
    """A group stands where its category does, and is moved only while it is empty."""
    if case.has("group_category_id") and case.knows("group_categories"):
        categories = case.then("group_categories", "account_id", "course_id")
        for column in ("account_id", "course_id"):
            if not case.has(column):
                continue
            other = "'account ' || c.account_id, 'course ' || c.course_id, 'the root account'"
            # With an account named, Canvas does not look at the course.
            alone = (
                "AND g.account_id IS NULL"
                if column == "course_id" and case.has("account_id")
                else ""
            )
            case.find(
                "category-elsewhere",
                "group_category_id",
                f"SELECT g._file, g._row, g.group_category_id AS val, coalesce({other}) AS other "
                f"FROM ({case.going}) g JOIN ({categories}) c USING (group_category_id) "
                f"WHERE g.{column} IS NOT NULL {alone} AND g.{column} IS DISTINCT FROM c.{column}",
            )
    check_moves(case)


def check_memberships(case: Case) -> None:
    """Members of a course's group are enrolled in the course."""
    if not case.knows("groups") or not case.knows("enrollments", "user_id"):
        return
    if case.has_staged("enrollments", "user_integration_id"):
        return  # who is enrolled cannot be told by user_id
    own = case.then("groups", "course_id", "group_category_id")
    if case.knows("group_categories", "course_id"):
        own = (
            "SELECT g.group_id, coalesce(c.course_id, g.course_id) AS course_id "
            f"FROM ({own}) g LEFT JOIN ({case.then('group_categories', 'course_id')}) c "
            "USING (group_category_id)"
        )
    if not case.make(
        "needing",
        f"SELECT d._file, d._row, d.user_id, g.course_id FROM ({case.going}) d "
        f"JOIN ({own}) g USING (group_id) WHERE g.course_id IS NOT NULL",
    ):
        return
    sources: list[tuple[tuple[str, ...], str]] = []
    if case.has_staged("enrollments"):
        sources.append(
            (
                case.hits.staged.tables["enrollments"].columns,
                case.hits.going("enrollments"),
            )
        )
    if case.mirror.has("enrollments"):
        sources.append(
            (
                case.mirror.columns("enrollments"),
                f"SELECT * FROM {case.mirror.view('enrollments')}",
            )
        )
    enrolled = [query for columns, rows in sources for query in _enrolled(case, columns, rows)]
    if not enrolled:
        return
    case.find(
        "not-in-course",
        "user_id",
        "SELECT n._file, n._row, n.user_id AS val, n.course_id AS other FROM needing n "
        f"ANTI JOIN ({' UNION ALL '.join(enrolled)}) e USING (user_id, course_id)",
    )


def _enrolled(case: Case, columns: tuple[str, ...], rows: str) -> list[str]:
    """Queries for (user_id, course_id) of who is enrolled: by course, section, or cross-listing."""
    if "user_id" not in columns:
        return []
    status = f"AND {live('lower(status)')}" if "status" in columns else ""
    people = f"SELECT * FROM ({rows}) WHERE user_id IN (SELECT user_id FROM needing) {status}"
    queries: list[str] = []
    alone = ""
    if "section_id" in columns and case.knows("sections", "course_id"):
        # The people of a cross-listed section are in the course it is cross-listed into.
        where = case.then("sections", "course_id")
        if case.knows("xlists", "xlist_course_id"):
            guests = f"SELECT * FROM ({case.then('xlists', 'xlist_course_id')}) WHERE {live()}"
            where = (
                "SELECT s.section_id, coalesce(x.xlist_course_id, s.course_id) AS course_id "
                f"FROM ({where}) s LEFT JOIN ({guests}) x USING (section_id)"
            )
        queries.append(
            f"SELECT e.user_id, s.course_id FROM ({people}) e JOIN ({where}) s USING (section_id)"
        )
        alone = "AND section_id IS NULL"
    if "course_id" in columns:
        queries.append(
            f"SELECT user_id, course_id FROM ({people}) WHERE course_id IS NOT NULL {alone}"
        )
    return queries
