"""Messages about enrollments.

Facts: canvas-lms `lib/sis/enrollment_importer.rb`.

- "Attempted enrolling of deleted user" is *refused*: Canvas makes the enrollment deleted, so the
  person has nothing, and a person who comes back gets enrollments only if they are sent again.
  Taking the row as applied would keep it from being sent.
- "Enrolled a user …, but referenced a deleted sis login" is *applied*: the person is enrolled
  through another login.
- In these messages `user_id` is what the row identified its user by, which may have been the
  integration id; Canvas fills blanks (a course found through its section) with nothing.
"""

from rosterway.formats.canvas_csv.message_rules.rule import (
    Effect,
    MessageRule,
    Who,
    improper_status,
    missing,
    partly,
    refused,
)

_TABLE = "enrollments"

RULES: tuple[MessageRule, ...] = (
    refused(
        "enrollments-no-course",
        _TABLE,
        "No course_id or section_id given for an enrollment",
        "A row of enrollments.csv has neither course_id nor section_id.",
        "Fill in section_id, or remove the row.",
    ),
    missing(_TABLE, "user_id", "No user_id given for an enrollment"),
    improper_status(_TABLE, 'Improper status "{status?}" for an enrollment'),
    refused(
        "enrollments-role-unknown",
        _TABLE,
        'Improper role "{role?}" for an enrollment',
        'Canvas has no active role "{role}" in the account of the course.',
        "Use student, teacher, ta, observer or designer, or the exact name of a custom role.",
    ),
    refused(
        "enrollments-user-unknown",
        _TABLE,
        "User not found for enrollment"
        " (User ID: {user_id?}, Course ID: {course_id?}, Section ID: {section_id?})",
        "Canvas has no user {user_id}.",
        "Add the user to users.csv, or remove the row.",
    ),
    refused(
        "enrollments-nowhere",
        _TABLE,
        "Neither course nor section existed for user enrollment"
        " (Course ID: {course_id?}, Section ID: {section_id?}, User ID: {user_id?})",
        "Canvas has neither course {course_id} nor section {section_id}.",
        "Add the section to sections.csv and its course to courses.csv, or remove the row.",
    ),
    refused(
        "enrollments-section-unknown",
        _TABLE,
        "An enrollment referenced a non-existent section {section_id}",
        "Canvas has no section {section_id}.",
        "Add the section to sections.csv, or remove the row.",
    ),
    refused(
        "enrollments-course-unknown",
        _TABLE,
        "An enrollment referenced a non-existent course {course_id}",
        "Canvas has no course {course_id}.",
        "Add the course to courses.csv, or remove the row.",
    ),
    refused(
        "enrollments-associated-unknown",
        _TABLE,
        "An enrollment referenced a non-existent associated user {associated_user_id}",
        "Canvas has no user {associated_user_id}, who is to be observed.",
        "Add that user to users.csv, or remove the row.",
    ),
    refused(
        "enrollments-unrelated",
        _TABLE,
        "An enrollment listed a section ({section_id}) and a course ({course_id})"
        " that are unrelated for user ({user_id?})",
        "Section {section_id} does not belong to course {course_id}.",
        "Correct course_id, or leave it empty: the section knows its course.",
    ),
    refused(
        "enrollments-blueprint",
        _TABLE,
        '<Student|Observer> enrollment for "{user_id}" not allowed in blueprint course'
        ' "{course_id?}"',
        "Course {course_id} is a blueprint, which takes no students and no observers.",
        "Remove the row, or turn the blueprint off in Canvas.",
    ),
    refused(
        "enrollments-user-deleted",
        _TABLE,
        "Attempted enrolling of deleted user {user_id} in course {course_id?}",
        "User {user_id} is deleted in Canvas; the enrollment was made deleted as well.",
        "Send the user as active in users.csv; the enrollment is sent again by itself.",
    ),
    MessageRule(
        "enrollments-login-deleted",
        (_TABLE,),
        Effect.APPLIED,
        "Enrolled a user {user_id} in course {course_id?}, but referenced a deleted sis login",
        "{user_id} is enrolled, though the login with that id is deleted.",
        "Send the user as active in users.csv, or use the id the person has now.",
    ),
    refused(
        "enrollments-no-login",
        _TABLE,
        "User {root}:{user_id} does not have a usable login for this account",
        "User {user_id} has no login in this Canvas account.",
        "Add the user to users.csv, or establish trust between the accounts in Canvas.",
        who=Who.CANVAS_ADMIN,
    ),
    refused(
        "enrollments-invalid",
        _TABLE,
        "An enrollment did not pass validation (course: {course_id?}, section: {section_id?},"
        " user: {user_id?}, role: {role?}, error: {error?})",
        "Canvas refused to enroll {user_id} in section {section_id}: {error}",
        "See whether the section or the course is deleted, and send it as active first.",
    ),
    refused(
        "enrollments-not-saved",
        _TABLE,
        "An enrollment failed to save ({error?})",
        "Canvas could not save the enrollment: {error}",
        "Send the row again.",
    ),
    partly(
        "enrollments-date",
        _TABLE,
        "Bad date format for user {user_id} in course {course_id?}",
        "{user_id} is enrolled with the date emptied.",
        "Write the date as 2026-08-31T00:00:00Z and send the row again.",
    ),
)
