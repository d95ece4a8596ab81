"""The catalogue of problems that show only beside what Canvas holds: the silent traps among them.

What Canvas holds is the feed's baseline and the baselines of the tenant's other feeds. Every rule
names the message or behaviour of Canvas behind it; the checks are in `rosterway.rostering.check`.
"""

from rosterway.formats.problems import Consequence, InCanvas, Rule, Severity

_E, _W, _R = Severity.ERROR, Severity.WARNING, Severity.REPAIR
_C = Consequence
_IN = InCanvas

KNOWN_RULES: tuple[Rule, ...] = (
    # -- what a delivery would clear without a word --
    Rule(
        "column-clears",
        _W,
        _C.VALUE_LOST,
        "{file} has no column {column}, and Canvas has a value there for {value} of its rows (the "
        "first is {other}). A column that is left out clears them.",
        "Send the column {column} with its values.",
        "integration_id and the dates of sections, terms and enrollments are written on every row",
        canvas=_IN.FIELD_CLEARED,
        silent=True,
    ),
    Rule(
        "blanks-clear",
        _W,
        _C.VALUE_LOST,
        "{file} has no value at all in {column}, and Canvas has one for {value} of its rows (the "
        "first is {other}). Blank cells clear them.",
        "Send the values of {column}; of courses, leave the column out to keep them.",
        "course_importer.rb, section_importer.rb, term_importer.rb: a blank is written",
        canvas=_IN.FIELD_CLEARED,
        silent=True,
    ),
    Rule(
        "provider-reset",
        _W,
        _C.VALUE_LOST,
        "Row {row} of {file} has no {column}, where Canvas has {other}: the login of {value} would "
        "be reset to no provider, and its owner may be unable to sign in.",
        "Send the provider on every row.",
        "user_importer.rb: a blank authentication_provider_id is written",
        canvas=_IN.FIELD_CLEARED,
        silent=True,
    ),
    Rule(
        "zeros-lost",
        _W,
        _C.ROW_HELD,
        "Of the rows of {file}, {value} lost the zeros their {column} began with (the first: {other}). "
        "Canvas would take them for new ones; these rows are held back.",
        "Export the ids as text. Excel drops leading zeros when it opens a CSV file.",
        "ids are compared as text",
        canvas=_IN.MORE_CHANGED,
        silent=True,
    ),
    # -- logins --
    Rule(
        "login-swapped",
        _W,
        _C.ROW_HELD,
        "Row {row} of {file}: the login_id “{value}” is still that of {other}. The two change in one "
        "import, in no sure order, so this row is held back until the login is free.",
        "Nothing to do: deliver again, and the row goes. If it is one person, send a change_sis_id row.",
        "user_importer.rb: swapping login ids works only in an order that frees the id first",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "login-cycle",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: the login_id “{value}” is that of {other}, and they exchange logins "
        "with each other, so none is free first.",
        "Give one of them another login for one delivery, then the right one.",
        "user_importer.rb: swapping login ids works only in an order that frees the id first",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "login-exists",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: {column} “{value}” belongs to {other} already, and a further login "
        "must be new.",
        "Take the row out if the login was made before; else correct it.",
        "login_importer.rb: An existing Canvas user with the SIS ID X or login of L already exists",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "identifiers-disagree",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: {column} “{value}” is {other}, so the identifiers of this row mean "
        "two different ones.",
        "Correct one of them, or leave it out.",
        "login_importer.rb: An existing user does not match existing user ids; "
        "change_sis_id_importer.rb: referenced a different T than the old_integration_id",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "person-twice",
        _W,
        _C.NONE,
        "Row {row} of {file} gives {column} “{value}” to a user while {other} deletes the user who "
        "has it: it looks like one person under two ids, who loses every enrollment of the old one.",
        "Send a change_sis_id row from the old id to the new one, and no deletion.",
        "user_importer.rb: deleting the last login takes enrollments, memberships and admin roles",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "last-login",
        _W,
        _C.NONE,
        "Row {row} of {file} deletes the last login known of user {value}: Canvas takes {other} "
        "along, and they do not come back with the user.",
        "Send suspended instead, unless the person is gone for good.",
        "user_importer.rb: with the last login go enrollments, memberships and admin roles",
        canvas=_IN.MORE_CHANGED,
        silent=True,
    ),
    # -- deletes and moves that Canvas refuses --
    Rule(
        "delete-blocked",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file} deletes {value}, which still has {other}.",
        "Delete or move what is in it first, or keep it.",
        "account_importer.rb: Cannot delete the sub_account; term.rb: Cannot delete a term with "
        "active courses",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "delete-order",
        _R,
        _C.REPAIRED,
        "Row {row} of {file} deletes {value} together with what is in it ({other}); it is sent last.",
        "Nothing to do. Canvas itself would have refused it.",
        "sis_batch.rb: accounts and terms come before courses",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "move-blocked",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file} moves {value} to another account or course while it has {other}.",
        "Leave it where it is, or make a new one there.",
        "group_category_importer.rb, group_importer.rb: Cannot move",
        canvas=_IN.ROW_SKIPPED,
    ),
    # -- groups --
    Rule(
        "name-taken",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: the name “{value}” is in use in the same place, by {other}.",
        "Give each group category of an account or course a name of its own.",
        "group_category.rb: Name N is already in use",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "category-elsewhere",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: group category {value} belongs to another place ({other}) than the "
        "group.",
        "Name the category's own account or course, or none.",
        "group_importer.rb: Group Category G didn't exist in account A|in course C",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "category-deleted",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: {column} {value} is deleted ({other}).",
        "Keep the category, or name another.",
        "group_importer.rb: Group Category G didn't exist",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "not-in-course",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: user {value} has no enrollment in the group's course {other}.",
        "Enroll the user there, or take the row out.",
        "group_membership_importer.rb: User U doesn't have an enrollment in the course of group G",
        canvas=_IN.ROW_SKIPPED,
    ),
    # -- id changes --
    Rule(
        "id-change-unknown",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: Canvas has no {other} {value}, so its id cannot be changed.",
        "Correct the old id.",
        "change_sis_id_importer.rb: An old_id referenced a non-existent T",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "id-change-done",
        _W,
        _C.ROW_HELD,
        "Row {row} of {file}: the change from {value} to {other} was made already.",
        "Take the row out: a change of id is sent once.",
        "change_sis_id_importer.rb: not to be repeated",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "id-change-taken",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: the new id {value} is in use already ({other}).",
        "Choose another id, or deal with the one who has it first.",
        "change_sis_id_importer.rb: A new_id referenced an existing T",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "id-change-category",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file} gives an integration id to a group category, which has none.",
        "Use old_id and new_id alone.",
        "change_sis_id_importer.rb: Group categories should not have integration IDs",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "id-change-ignored",
        _W,
        _C.ROW_HELD,
        "Row {row} of {file} still says {value}, which {other} changes. Canvas changes ids first and "
        "would make a new one of this row; it is held back.",
        "Use the new id in every other file of the delivery.",
        "import_refactored.rb: ids are changed before anything else",
        canvas=_IN.MORE_CHANGED,
        silent=True,
    ),
    # -- courses, sections, cross-listings --
    Rule(
        "course-reopened",
        _W,
        _C.NONE,
        "Row {row} of {file}: `active` re-opens course {value}, which is completed in Canvas.",
        "Send completed, or unpublished if it is not to be open.",
        "course_importer.rb: active re-opens a completed course as available",
        canvas=_IN.MORE_CHANGED,
        silent=True,
    ),
    Rule(
        "blueprint-refused",
        _W,
        _C.VALUE_LOST,
        "Row {row} of {file}: course {value} cannot be tied to its blueprint: it {other}.",
        "Correct blueprint_course_id.",
        "course_importer.rb: Cannot associate course",
        canvas=_IN.FIELD_IGNORED,
    ),
    Rule(
        "account-fallback",
        _W,
        _C.NONE,
        "Row {row} of {file}: account {value} is unknown, so the course goes to {other}.",
        "Add the account, or correct it.",
        "course_importer.rb: fallback_account_id",
        canvas=_IN.FIELD_CHANGED,
        silent=True,
    ),
    Rule(
        "fallback-unknown",
        _W,
        _C.VALUE_LOST,
        "Row {row} of {file}: the fallback account {value} is unknown.",
        "Add the account, or correct it.",
        "course_importer.rb: fallback_account_id",
        canvas=_IN.FIELD_IGNORED,
        silent=True,
    ),
    Rule(
        "section-pulled-out",
        _W,
        _C.NONE,
        "Row {row} of {file}: section {value} is cross-listed into {other}; another course_id than "
        "its own pulls it out.",
        "Send the section with the course it came from, or end the cross-listing first.",
        "section_importer.rb: a cross-listed section re-sent with another course is moved",
        canvas=_IN.MORE_CHANGED,
        silent=True,
    ),
    Rule(
        "xlist-elsewhere",
        _W,
        _C.NONE,
        "Row {row} of {file} ends a cross-listing of section {value} that is not there: it is "
        "cross-listed into {other}, and Canvas does nothing.",
        "Name the course it is cross-listed into.",
        "xlist_importer.rb: another existing course makes it a no-op",
        canvas=_IN.ROW_SKIPPED,
        silent=True,
    ),
    # -- enrollments, admins, observers --
    Rule(
        "blueprint-enrollment",
        _W,
        _C.NONE,
        "Row {row} of {file} enrolls somebody as {value} in {other}, which other courses name as their "
        "blueprint. Canvas refuses students and observers there.",
        "Enroll teachers and designers only in a blueprint course.",
        "enrollment_importer.rb: enrollment not allowed in blueprint course",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "observer-alone",
        _W,
        _C.NONE,
        "Of the rows of {file}, {value} would enroll an observer who observes nobody (the first: {other}).",
        "Give associated_user_id, or send user_observers.csv.",
        "enrollment_importer.rb: associated_user_id",
        canvas=_IN.APPLIED,
        silent=True,
    ),
    Rule(
        "roles-disagree",
        _W,
        _C.NONE,
        "Of the rows of {file}, {value} gave a role and a role_id that mean different roles elsewhere "
        "in it (the first: {other}). Canvas goes by role_id.",
        "Send role or role_id, or correct them.",
        "enrollment_importer.rb: role_id wins",
        canvas=_IN.FIELD_CHANGED,
        silent=True,
    ),
    Rule(
        "admin-role",
        _E,
        _C.ROW_REFUSED,
        "Row {row} of {file}: “{value}” is a role in courses, and no role of an admin.",
        "Use AccountAdmin, or an account role of your own, spelled exactly so.",
        "admin_importer.rb: Invalid role 'R' for admin",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "admin-unknown",
        _W,
        _C.NONE,
        "Of the rows of {file}, {value} would delete an admin whom no delivery has made (the first: "
        "{other}). Canvas removes only those it got from a delivery.",
        "Remove them in Canvas.",
        "admin_importer.rb: only SIS-managed admins can be removed",
        canvas=_IN.ROW_SKIPPED,
        silent=True,
    ),
    Rule(
        "observer-unknown",
        _W,
        _C.NONE,
        "Of the rows of {file}, {value} would end an observation that is none, as far as is known (the "
        "first: {other}). Canvas refuses that.",
        "Take the rows out: one deletion is enough.",
        "user_observer_importer.rb: Can't delete a non-existent observer",
        canvas=_IN.ROW_SKIPPED,
    ),
    # -- cells Canvas reads otherwise for what it has --
    Rule(
        "status-ignored",
        _W,
        _C.VALUE_KEPT,
        "Row {row} of {file}: “{value}” is no status of {table}; the account keeps the one it has.",
        "Use one of: {statuses}.",
        "account_importer.rb: Improper status, for new accounts only",
        canvas=_IN.FIELD_IGNORED,
        silent=True,
    ),
    Rule(
        "choice-unlisted",
        _W,
        _C.NONE,
        "Row {row} of {file}: “{value}” is none of the usual values of {column}; Canvas refuses the "
        "row unless this instance allows it.",
        "Use one of: {choices}; or make sure that the instance knows it.",
        "course_importer.rb: Invalid grade_passback_setting",
        canvas=_IN.ROW_SKIPPED,
    ),
    Rule(
        "table-mistaken",
        _E,
        _C.FILE_REFUSED,
        "{file} looks like {value}, and Canvas takes it for {table}, because of its columns {other}. "
        "Nothing of it was used.",
        "Take the columns {other} out of {value}, or rename one of them.",
        "import_refactored.rb: the first header that matches wins",
        canvas=_IN.FILE_MISTAKEN,
        silent=True,
    ),
)
