"""Which importer handles which type of file."""

from collections.abc import Callable, Sequence

from rosterway.sandbox.canvas.importing import (
    abstract_courses,
    accounts,
    admins,
    change_sis_id,
    courses,
    differentiation_tags,
    enrollments,
    grade_publishing,
    group_categories,
    group_memberships,
    groups,
    institutional_tags,
    logins,
    sections,
    terms,
    user_observers,
    users,
    xlists,
)
from rosterway.sandbox.canvas.importing.desk import Desk
from rosterway.sandbox.canvas.importing.reading import Row

IMPORTERS: dict[str, Callable[[Sequence[Row], Desk], None]] = {
    "change_sis_id": change_sis_id.process,
    "account": accounts.process,
    "term": terms.process,
    "abstract_course": abstract_courses.process,
    "course": courses.process,
    "section": sections.process,
    "xlist": xlists.process,
    "user": users.process,
    "login": logins.process,
    "enrollment": enrollments.process,
    "admin": admins.process,
    "group_category": group_categories.process,
    "group": groups.process,
    "group_membership": group_memberships.process,
    "grade_publishing_results": grade_publishing.process,
    "user_observer": user_observers.process,
    "differentiation_tag_set": differentiation_tags.process_sets,
    "differentiation_tag": differentiation_tags.process_tags,
    "differentiation_tag_membership": differentiation_tags.process_memberships,
    "institutional_tag_category": institutional_tags.process_categories,
    "institutional_tag": institutional_tags.process_tags,
    "institutional_tag_association": institutional_tags.process_associations,
}
