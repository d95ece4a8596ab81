"""The gradebook: what a grade, a date or a flag does to the rest of a course.

    settings      of accounts (inherited, locked) and of courses
    rules         what an assignment may not be, in Canvas's words
    dates         who is assigned what, and when it is due for whom
    writing       assignments, groups and overrides made and changed
    schemes       a posted grade to points, and points to a grade
    marking       what happens to a submission, and when `graded_at` changes
    lateness      late, missing, and what the late policy takes off
    periods       grading periods, and which of them are closed
    totals        current and final scores
    shelf         a course's gradebook as it is read
    copying       a course's assignments copied into another
    classroom     a class graded in process, and changing its mind

Choices, where the sources are silent:

    submissions   have an id made of assignment and user. One of a student who is assigned no more
                  is shown while it has a score. A score above zero is not missing.
    grades        A grade that cannot be read (a letter without a scheme) clears, as no grade would.
    late policy   A deduction is worked out when a score is set or its status changes, not later.
    weights       are scaled up when those of groups with points sum to less than 100.
    copies        A second copy of the same course updates what the first one made. Integration
                  fields of assignments are never copied, those of groups by a knob.
    posting       is done by hand at `/sandbox/assignments/:id/grades`: Canvas has no REST for it.
    the zone      of every account and course is UTC.
    not there     GraphQL, custom gradebook columns, moderated grading, groups of students, rubrics,
                  quizzes and discussions of their own, `assignments/bulk_update`, un-flagging when a
                  grading period closes, `mgp_grade_export_csv`.
"""
