"""Infinite Campus: ten headings of the dictionary, without their messages, and one fact."""

from rosterway.passback.reasons import ReasonRule, Who
from rosterway.passback.vendor_words.entry import Entry, Known, heading

_NAME = "infinite-campus"

ENTRIES: tuple[Entry, ...] = (
    heading(
        _NAME,
        "Assignment Cannot Be Created",
        "campus-create",
        "The SIS did not create the assignment. What it demands of one: a name of at most 30"
        " characters that no other has, a due date in the term that is the same for all, a group"
        " that came from its own categories, and at least one grade.",
        "Check these of the assignment, and sync again.",
        "assignment {_?}<cannot|can't|could not> be created",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "Assignment Dates Error",
        "campus-dates",
        "The SIS does not take the dates. Most likely the due date lies outside the term or"
        " grading period of the section, or before the day the assignment is given out.",
        "Move the dates into the grading period, and sync again.",
        "assignment dates",
        "<invalid|bad> {_?}date",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "Assignment Scores Export-PUT for OneRoster Error",
        "campus-scores-put",
        "The SIS refused scores of the assignment when they were put to it one by one. Most"
        " likely the assignment is not there, or a student is not in the section any more.",
        "See the likely causes for each student, mend them and send the failed rows again.",
        "scores export {_?}PUT{_?}error",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "Assignment Scores Export Error",
        "campus-scores",
        "The scores of the assignment were not all taken. Most likely the assignment itself was"
        " refused before, or a score is of a kind the SIS does not take there.",
        "Mend what is said of the assignment first, then send the failed rows again.",
        "scores export {_?}error",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "Cannot Export Canvas Submission in Section",
        "campus-submission",
        "A grade has no place in the section in the SIS. Most likely the student has left the"
        " section, or is in another section of a cross-listed course.",
        "Compare the section's class list in the SIS; the grade follows by itself once the"
        " student's class is right in both.",
        "<cannot|can't|could not> export {_?}submission",
        who=Who.SIS_ADMIN,
    ),
    heading(
        _NAME,
        "Could Not Determine Class or Grading Period",
        "campus-period",
        "The SIS found no class, or no grading period the due date falls into. Most likely the"
        " due date lies outside every grading period, or the section was made by hand in Canvas.",
        "Move the due date into a grading period of the section, and see that the section came"
        " from the SIS.",
        "<could not|cannot|can't> determine {_?}<class|grading period>",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "Exchange Error",
        "campus-exchange",
        "The exchange between the integration and the SIS broke off; it says nothing of a value"
        " in the gradebook.",
        "Send the failed rows again. If it comes back, give the SIS's vendor the raw exchange.",
        who=Who.VENDOR,
    ),
    heading(
        _NAME,
        "Data Sync Job Timed Out",
        "campus-timeout",
        "The SIS took longer than was waited for. What had been sent by then may have arrived.",
        "Nothing yet: what became of it is read back before anything is sent again. If it happens"
        " often, sync fewer assignments at a time or at a quieter hour.",
        "<job|sync> {_?}timed out",
        who=Who.ROSTERWAY,
    ),
    heading(
        _NAME,
        "PUT for OneRoster Error",
        "campus-put",
        "The SIS refused what was put to it, without saying why.",
        "See the likely causes. If none fits, give the SIS's vendor the raw exchange.",
        "PUT {_?}OneRoster {_?}error",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "Unable to Process Score",
        "campus-score",
        "The SIS did not take a score. Most likely it is over the points possible, negative, of"
        " more decimals than the SIS keeps, or a letter where a number is wanted.",
        "Correct the score in Canvas, or set how scores are rounded and limited for this SIS, and"
        " send it again.",
        "<unable to|could not|cannot> process {_?}score",
        who=Who.TEACHER,
    ),
    Entry(
        profile=_NAME,
        title="401 without the vendor's header",
        rule=ReasonRule(
            code="campus-vendor-header",
            message="Infinite Campus answers 401 to everything of the gradebook unless the header"
            " x-vendor-authorization with the vendor's key and secret comes with it.",
            remedy="Add the header to the connection. Gradebook sync is licensed apart: ask Infinite"
            " Campus if there are no vendor's key and secret yet.",
            who=Who.ROSTERWAY,
            source="kb.infinitecampus.com",
        ),
        known=Known.FACT,
        statuses=(401,),
    ),
)
