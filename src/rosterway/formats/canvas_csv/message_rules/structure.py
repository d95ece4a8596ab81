"""Messages about accounts, terms, courses, sections and cross-listings.

Facts: canvas-lms `lib/sis/*_importer.rb` and `lib/sis/csv/*_importer.rb`.

A course whose blueprint could not be joined is *partly*: Canvas joins blueprints after it has
saved the courses. A bad date is *partly* too: the row is saved with the date empty.
"""

from rosterway.formats.canvas_csv.message_rules.rule import (
    MessageRule,
    Who,
    improper_status,
    missing,
    partly,
    refused,
)

_DATES = "Write the date as 2026-08-31T00:00:00Z and send the row again."

ACCOUNTS: tuple[MessageRule, ...] = (
    missing("accounts", "account_id", "No account_id given for an account"),
    refused(
        "accounts-parent-unknown",
        "accounts",
        "Parent account didn't exist for {account_id}",
        "Canvas does not know the parent of account {account_id}.",
        "Put the parent into accounts.csv above its children, or correct parent_account_id.",
    ),
    missing("accounts", "name", "No name given for account {account_id}"),
    improper_status("accounts", 'Improper status "{status?}" for account {account_id}'),
    refused(
        "accounts-has-children",
        "accounts",
        "Cannot delete the sub_account with ID: {account_id}"
        " because it has active sub<_| |->accounts.",
        "Account {account_id} still has accounts below it.",
        "Delete or move those first.",
    ),
    refused(
        "accounts-has-courses",
        "accounts",
        "Cannot delete the sub_account with ID: {account_id} because it has active courses.",
        "Account {account_id} still has active courses.",
        "Delete or move the courses first.",
    ),
    refused(
        "accounts-loop",
        "accounts",
        "Setting account {account_id}'s parent to {parent_account_id} would create a loop",
        "Account {parent_account_id} lies below account {account_id}.",
        "Correct parent_account_id.",
    ),
)

_TERM_INVALID = "A term did not pass validation (term: {term_id} / {name?}, error: "

TERMS: tuple[MessageRule, ...] = (
    missing("terms", "term_id", "No term_id given for a term"),
    missing("terms", "name", "No name given for term {term_id}"),
    improper_status("terms", 'Improper status "{status?}" for term {term_id}'),
    refused(
        "terms-override-no-term",
        "terms",
        "Cannot set date override on non-existent term{_?}",
        "Dates for a role were given for a term that Canvas does not have.",
        "Send a row for the term itself, without date_override_enrollment_type, before.",
    ),
    refused(
        "terms-override-type",
        "terms",
        "Invalid date_override_enrollment_type{_?}",
        "Canvas does not know this date_override_enrollment_type.",
        "Use StudentEnrollment, TeacherEnrollment, TaEnrollment or DesignerEnrollment.",
    ),
    refused(
        "terms-has-courses",
        "terms",
        _TERM_INVALID + "{_?}Cannot delete a term with active courses{_?})",
        "Term {term_id} still has active courses.",
        "Delete the courses or move them to another term first.",
    ),
    refused(
        "terms-default-delete",
        "terms",
        _TERM_INVALID + "{_?}Cannot delete the default term{_?})",
        "Term {term_id} is Canvas's default term, which cannot be deleted.",
        "Take the row out of terms.csv.",
    ),
    refused(
        "terms-default-name",
        "terms",
        _TERM_INVALID + "{_?}Cannot change the default term name{_?})",
        "Term {term_id} is Canvas's default term, which cannot be renamed.",
        "Give it the name it has in Canvas.",
    ),
    refused(
        "terms-invalid",
        "terms",
        _TERM_INVALID + "{error?})",
        "Canvas refused term {term_id}: {error}",
        "Correct the row as the message says.",
    ),
    partly(
        "terms-date",
        "terms",
        "Bad date format for term {term_id}",
        "Term {term_id} was saved without its dates: a start_date that cannot be read also loses"
        " the end_date.",
        _DATES,
    ),
)

COURSES: tuple[MessageRule, ...] = (
    missing("courses", "course_id", "No course_id given for a course"),
    missing("courses", "short_name", "No short_name given for course {course_id}"),
    missing("courses", "long_name", "No long_name given for course {course_id}"),
    improper_status("courses", 'Improper status "{status?}" for course {course_id}'),
    refused(
        "courses-format",
        "courses",
        'Invalid course_format "{course_format?}" for course {course_id}',
        'Canvas does not know the course_format "{course_format}" of course {course_id}.',
        "Use online, on_campus or blended, or leave the cell empty.",
    ),
    refused(
        "courses-grade-passback",
        "courses",
        'Invalid grade_passback_setting "{grade_passback_setting?}" for course {course_id}',
        'Canvas does not know the grade_passback_setting "{grade_passback_setting}".',
        "Use nightly_sync or not_set, or leave the cell empty.",
    ),
    refused(
        "courses-account-unknown",
        "courses",
        'Account not found "{account_id?}" for course {course_id}',
        "Canvas has no account {account_id} for course {course_id}.",
        "Add the account to accounts.csv, or correct account_id.",
    ),
    partly(
        "courses-abstract-unknown",
        "courses",
        "unknown abstract course id {abstract_course_id}, ignoring abstract course reference",
        "Canvas has no abstract course {abstract_course_id}; the course was saved without it.",
        "Correct abstract_course_id, or empty the cell.",
    ),
    partly(
        "courses-blueprint-unknown",
        "courses",
        'Unknown blueprint course "{blueprint_course_id}" for course "{course_id}"',
        "Course {course_id} was saved, but Canvas has no blueprint course {blueprint_course_id}.",
        "Correct blueprint_course_id, or make that course a blueprint in Canvas.",
    ),
    partly(
        "courses-is-blueprint",
        "courses",
        'Cannot associate course "{course_id}" - is a blueprint course',
        "Course {course_id} was saved. It is a blueprint itself and cannot follow another.",
        "Empty blueprint_course_id, or turn its blueprint off in Canvas.",
        who=Who.CANVAS_ADMIN,
    ),
    partly(
        "courses-other-blueprint",
        "courses",
        'Cannot associate course "{course_id}" - is associated to another blueprint course',
        "Course {course_id} was saved. It follows another blueprint already.",
        "Send `dissociate` as blueprint_course_id first, then the new one.",
    ),
    partly(
        "courses-blueprint-account",
        "courses",
        'Cannot associate course "{course_id}"'
        " - is not in the same or lower account as the blueprint course",
        "Course {course_id} was saved. Its account does not lie below its blueprint's.",
        "Move the course or the blueprint, or correct blueprint_course_id.",
    ),
    refused(
        "courses-sis-id-taken",
        "courses",
        "A course did not pass validation (course: {course_id} / {short_name?},"
        ' error: {_?}SIS ID "{_}" is already in use{_?})',
        "Another course in Canvas already has the SIS ID {course_id}.",
        "Find that course in Canvas, and clear or correct its SIS ID.",
        who=Who.CANVAS_ADMIN,
    ),
    refused(
        "courses-invalid",
        "courses",
        "A course did not pass validation (course: {course_id} / {short_name?}, error: {error?})",
        "Canvas refused course {course_id}: {error}",
        "Correct the row as the message says.",
    ),
    partly(
        "courses-date",
        "courses",
        "Bad date format for course {course_id}",
        "Course {course_id} was saved with the date emptied.",
        _DATES,
    ),
)

SECTIONS: tuple[MessageRule, ...] = (
    missing("sections", "section_id", "No section_id given for a section in course {course_id?}"),
    missing("sections", "course_id", "No course_id given for a section {section_id}"),
    missing("sections", "name", "No name given for section {section_id} in course {course_id?}"),
    improper_status(
        "sections", 'Improper status "{status?}" for section {section_id} in course {course_id?}'
    ),
    refused(
        "sections-course-unknown",
        "sections",
        "Section {section_id} references course {course_id} <which|that> doesn't exist",
        "Canvas has no course {course_id} for section {section_id}.",
        "Add the course to courses.csv, or correct course_id.",
    ),
    refused(
        "sections-invalid",
        "sections",
        "A section did not pass validation"
        " (section: {section_id} / {name?}, course: {course_id?}, error: {error?})",
        "Canvas refused section {section_id}: {error}",
        "Correct the row as the message says.",
    ),
    partly(
        "sections-date",
        "sections",
        "Bad date format for section {section_id}",
        "Section {section_id} was saved with the date emptied.",
        _DATES,
    ),
)

XLISTS: tuple[MessageRule, ...] = (
    missing("xlists", "xlist_course_id", "No xlist_course_id given for a cross-listing"),
    missing("xlists", "section_id", "No section_id given for a cross-listing"),
    improper_status("xlists", 'Improper status "{status?}" for a cross-listing'),
    refused(
        "xlists-section-unknown",
        "xlists",
        "A cross-listing referenced a non-existent section {section_id}",
        "Canvas has no section {section_id} to cross-list.",
        "Add the section to sections.csv, or remove the row.",
    ),
    refused(
        "xlists-failed",
        "xlists",
        "<An|A> <active|deleted> cross-listing failed: {error?}",
        "Canvas could not change the cross-listing: {error}",
        "Look the section up in Canvas; it may have been moved by hand.",
        who=Who.CANVAS_ADMIN,
    ),
)

RULES: tuple[MessageRule, ...] = (*ACCOUNTS, *TERMS, *COURSES, *SECTIONS, *XLISTS)
