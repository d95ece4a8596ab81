"""An honest stand-in for Canvas's SIS side: imports, grades, reports and the reads a gateway needs.

Its semantics, traps and messages are those of Canvas as its source, documentation and users
describe them. It knows nothing of Rosterway, so it cannot agree with us by accident. It listens on
loopback, holds one root account, and keeps everything in a folder.

    server      running it: `serve` for people, `running` for tests
    app         the doors put together
    api/        Canvas's REST API, and the sandbox's own controls under /sandbox
    importing/  from an upload to a changed roster; one module a family of files
    gradebook/  what a grade, a date or a flag does to the rest of a course
    reports/    provisioning, SIS export and grade export
    state/      the roster, units of work over it, and the paperwork beside it
    instance, knobs, faults, pace     what all of them share

Choices, where the sources are silent:

    reading       `row` is the physical line a record ends on. Only quotes are strict; line ends may
                  be mixed. Ambiguous dates are read as Ruby does (8/1/2026 is the eighth of January).
    jobs          A segment is 1000 rows and not tried again, since it would fail again. After an
                  abort the next import starts at once (`pause_after_abort` makes it wait).
                  An import the closing server interrupted starts over.
    offered files `csv_attachments` appear when an import starts, named by their path in the zip.
    unreadable    A zip that is none, or a bomb, ends as failed_with_messages with Canvas's
                  "Error while importing CSV"; a crash while diffing or cleaning up as failed.
    accounts      A blank parent is the root account. Too long a name is refused as for courses.
    courses       Deleting one deletes its enrollments and leaves its sections. A course made by a
                  cross-listing is unpublished. Enrolling into a deleted course is possible.
    users         A deleted row for nobody is a success. An unknown declared_user_type is ignored.
                  NUL is refused in users only.
    enrollments   Custom roles are looked for before Canvas's own. Rows of another root account are
                  passed over, so nobody is ever without a usable login. Only two dates together
                  count.
    change_sis_id leaves `sis_import_id` alone. Deleted things keep their ids.
    tags          Differentiation and institutional tags are off until their knob is turned;
                  messages the sources do not quote are modelled on those of groups.
    diffing       The sixth import after five overruns in a row fails with a message of our wording.
                  A file without any key column is imported whole, with a warning.
    batch mode    A missing batch_mode_term_id is refused like an unknown one. With several terms
                  the threshold is over all of them. What a deleted course or section takes along
                  is not counted.
    undoing       is unconditional: later changes of the same state are overwritten. Any limit makes
                  it partial.
    nothing       is forgotten after 30 days.
"""
