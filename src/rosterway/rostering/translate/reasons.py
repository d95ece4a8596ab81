"""Why a record has no row of its own: each reason as a question to the tables of a translation.

The preview of a record asks them all, so that what is left out is explained like what is sent.
"""

from dataclasses import dataclass

from rosterway.rostering import sql
from rosterway.rostering.translate.work import Work


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence, and SQL that has a row (`because`) if it is true of the record `{record}`."""

    says: str
    query: str


_CLASS = 'FROM tr_classes WHERE "class.sourcedId" = {record}'
_SAID = 'FROM tr_said WHERE "enrollment.sourcedId" = {record}'

REASONS: tuple[Reason, ...] = (
    Reason(
        "The class is in school year {because}, which is not taken (`years`).",
        f'SELECT "term.schoolYear" AS because {_CLASS} AND "left" = \'year\'',
    ),
    Reason(
        "The class is a {because}, and those are left out (`courses.homerooms`).",
        f'SELECT "class.classType" AS because {_CLASS} AND "left" = \'homeroom\'',
    ),
    Reason(
        "The enrollment is in class {because}, which is left out.",
        f'SELECT "class.sourcedId" AS because {_SAID} AND "left" IS NOT NULL',
    ),
    Reason(
        "The enrollment is in class {because}, which is not there.",
        f"SELECT coalesce(\"class.sourcedId\", 'none') AS because {_SAID} AND has_no_class",
    ),
    Reason(
        "The enrollment is of user {because}, who is not there or has no id.",
        f'SELECT coalesce("user.sourcedId", \'none\') AS because {_SAID} AND "user.id" IS NULL',
    ),
    Reason(
        "The enrollment's role is {because}, which is left out (`enrollments.roles`).",
        'SELECT "role.read" AS because FROM tr_rows WHERE "enrollment.sourcedId" = {record} '
        "AND role IS NULL",
    ),
    Reason(
        "The enrollment gives way to {because}, the current one of the same person in the same class.",
        'SELECT winner AS because FROM tr_losers WHERE "enrollment.sourcedId" = {record}',
    ),
    Reason(
        "The user belongs to children ({because}) and observes none of them, and is no user (`users.kin`).",
        "SELECT roles AS because FROM tr_people JOIN tr_person_roles USING (person) "
        "WHERE record = {record} AND is_kin AND user_id NOT IN "
        "(SELECT observer FROM tr_links WHERE observer IS NOT NULL)",
    ),
    Reason(
        "The person's id is {because}, which is another person's or blank (`users.user_id`).",
        "SELECT coalesce(p.user_id, 'blank') AS because FROM tr_people AS g JOIN tr_persons AS p "
        "USING (person) WHERE g.record = {record} AND g.user_id IS NULL",
    ),
    Reason(
        "The org is a {because}, which is Canvas's root account or none (`accounts`).",
        "SELECT coalesce(type, 'thing unnamed') AS because FROM tr_orgs WHERE id = {record} AND NOT is_account",
    ),
    Reason(
        "No class that is taken is in session {because}.",
        "SELECT session AS because FROM tr_term_of WHERE session = {record} AND term NOT IN "
        '(SELECT "term.id" FROM tr_terms)',
    ),
)


def reasons_for(work: Work, record: str) -> list[str]:
    """Why a record has no row, in sentences."""
    found: list[str] = []
    for reason in REASONS:
        query = reason.query.replace("{record}", sql.text(record))
        for (because,) in work.connection.execute(query).fetchall():
            found.append(reason.says.replace("{because}", because))
    return found
