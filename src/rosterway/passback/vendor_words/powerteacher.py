"""PowerTeacher Pro (PowerSchool): thirteen headings of the dictionary, without their messages.

The list in the dictionary goes on; what is not here is explained by its status.
"""

from rosterway.passback.reasons import Who
from rosterway.passback.vendor_words.entry import Entry, heading

_NAME = "powerschool"

ENTRIES: tuple[Entry, ...] = (
    heading(
        _NAME,
        "400 Unable to Create Assignment",
        "powerteacher-create",
        "PowerTeacher Pro did not create the assignment. Most likely a value of it is missing or"
        " not accepted: its category, its due date outside the term, its points or its name.",
        "Check these of the assignment, and sync again.",
        "unable to create {_?}assignment",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "403 Forbidden Rate Limit",
        "powerteacher-rate",
        "PowerSchool was asked too often and answers nothing for a while. It says nothing against"
        " the grades.",
        "Nothing: it is waited out and what is left is sent then. Pressing the button again does"
        " not help; a lower limit of requests for the connection does.",
        "rate limit",
        "too many requests",
        who=Who.ROSTERWAY,
    ),
    heading(
        _NAME,
        "403 User Does Not Teach Section",
        "powerteacher-teacher",
        "PowerSchool does not have the person who syncs as a teacher of the section, as happens"
        " with co-teachers and with a section whose teacher has changed.",
        "Add the person as a teacher of the section in PowerSchool, or let the lead teacher sync.",
        "does not teach",
        who=Who.SIS_ADMIN,
    ),
    heading(
        _NAME,
        "409 Actual Score Grade Scale ID",
        "powerteacher-scale",
        "PowerTeacher Pro does not take the score with the grade scale it has for it. Most likely"
        " a letter was sent that is not on the scale, or no scale was named with it.",
        "Send the score as a number, or let letters be sent by the scale of the class.",
        "actualScoreGradeScaleId",
        "grade scale",
        who=Who.SIS_ADMIN,
    ),
    heading(
        _NAME,
        "409 Assignment is Locked",
        "powerteacher-locked",
        "The assignment is locked in PowerTeacher Pro. Most likely its reporting term is closed.",
        "Have the term or the assignment unlocked in PowerSchool, then send the failed rows again.",
        "locked",
        who=Who.SIS_ADMIN,
    ),
    heading(
        _NAME,
        "409 Due Date Error",
        "powerteacher-due-date",
        "PowerTeacher Pro does not take the due date. Most likely it lies outside the term of the"
        " section, or there is none.",
        "Move the due date into the term, and sync again.",
        "due date",
        "dueDate",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "409 Score Entry Point Required",
        "powerteacher-points",
        "PowerTeacher Pro wants points to score an assignment by. Most likely it is worth none.",
        "Give the assignment points of more than zero, and sync again.",
        "<score entry points|scoreEntryPoints>",
        "points {_?}required",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "409 Student ID",
        "powerteacher-student",
        "PowerTeacher Pro does not take the student. Most likely the student is not enrolled in"
        " the section there any more.",
        "Compare the section's class list in PowerSchool; the grade follows by itself once the"
        " student's class is right in both.",
        "studentId",
        "student {_?}<not enrolled|not found>",
        who=Who.SIS_ADMIN,
    ),
    heading(
        _NAME,
        "409 Teacher Category ID",
        "powerteacher-category",
        "PowerTeacher Pro does not take the category. Most likely it belongs to another teacher,"
        " or is not in use for this section.",
        "Associate the assignment group with a category of the section's teacher, and sync again."
        " New categories can take until the next day to be offered.",
        "teacherCategoryId",
        "category",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "412 Assignment Update is Missing Record",
        "powerteacher-gone",
        "PowerTeacher Pro was asked to change an assignment it does not have for this section."
        " Most likely it was deleted there, or the section was taken out of it.",
        "Clear the integration data of the course and remaster it, so that the assignment is made"
        " again.",
        "missing record",
        who=Who.CANVAS_ADMIN,
    ),
    heading(
        _NAME,
        "Assignment Already Exists",
        "powerteacher-exists",
        "PowerTeacher Pro has an assignment of this name in the section already; names are unique"
        " there.",
        "Link the assignment to the one that is there, or rename one of the two, and sync again.",
        "already exists",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "Assignment Cannot Be Created",
        "powerteacher-cannot-create",
        "PowerTeacher Pro did not create the assignment. Most likely the section has not begun, or"
        " a value of the assignment is not accepted: name, category, due date or points.",
        "Check these of the assignment; before the first day of the term, wait for it.",
        "<cannot|can't|could not> be created",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "404 Not Found",
        "powerteacher-not-found",
        "PowerSchool does not know what was asked for. Most likely the assignment, the section or"
        " the student was deleted there.",
        "Look the assignment up in PowerTeacher Pro. If it is gone, clear the integration data of"
        " the course and remaster it.",
        who=Who.SIS_ADMIN,
    ),
)
