"""Messages about whole files and whole imports: reading, crashes, Canvas's own diff and batch mode.

Facts: canvas-lms `lib/sis/csv/import_refactored.rb`, `lib/sis/csv/diff_generator.rb`,
`app/models/sis_batch.rb`.
"""

from rosterway.formats.canvas_csv.message_rules.rule import Effect, MessageRule, Scope, Who


def _file(name: str, template: str, means: str, remedy: str) -> MessageRule:
    return MessageRule(
        name, (), Effect.FILE_REFUSED, template, means, remedy, Who.SENDER, Scope.FILE
    )


def _not_run(name: str, template: str, means: str, remedy: str) -> MessageRule:
    return MessageRule(
        name, (), Effect.NOT_RUN, template, means, remedy, Who.OPERATOR, Scope.IMPORT
    )


_WHOLE = "Canvas applied the files whole instead of comparing them, so it removed nothing."
_CLEANUP = "The rows were applied; the clean-up after them was not run."

RULES: tuple[MessageRule, ...] = (
    _file(
        "file-utf8",
        "Invalid UTF-8{_?}",
        "The file is not UTF-8, and Canvas took no row of it.",
        "Save the file as UTF-8 and send it again.",
    ),
    _file(
        "file-malformed",
        "Malformed CSV{_?}",
        "The file is not well-formed CSV, and Canvas took no row of it.",
        "Look for a stray or an open quote, mend it and send the file again.",
    ),
    _file(
        "file-headers",
        "Couldn't find Canvas CSV import headers{_?}",
        "The header is none that Canvas knows, and Canvas took no row of the file.",
        "Compare the first line with the columns the table needs.",
    ),
    _file(
        "file-type",
        "Skipping unknown file type{_?}",
        "Canvas reads .csv and .zip files only and passed over this one.",
        "Send it as .csv; a zip inside a zip is not opened.",
    ),
    MessageRule(
        "file-crash",
        (),
        Effect.CRASHED,
        "Error while importing CSV. Please contact support. (Error report {report})",
        "Canvas failed while it was working on this file; nobody can say which rows it applied.",
        "Send the file again. If it fails again, give Canvas support the error report {report}.",
        Who.SUPPORT,
        Scope.FILE,
    ),
    MessageRule(
        "more-messages",
        (),
        Effect.UNKNOWN,
        "and {count} more {_} that were not included",
        "{count} more messages are not in this list.",
        "Read them all from the errors of the import.",
        Who.OPERATOR,
        Scope.IMPORT,
    ),
    _not_run(
        "diff-size",
        "Diffing not performed because file size difference exceeded threshold",
        f"The size of the files changed by more than the threshold. {_WHOLE}",
        "Check that the delivery is complete. If it is, send it once with the threshold raised.",
    ),
    _not_run(
        "diff-rows",
        "Diffing not performed because <difference |diff >row count exceeded threshold",
        f"More rows changed than the threshold allows. {_WHOLE}",
        "Check that the delivery is complete. If it is, send it once with the threshold raised.",
    ),
    _not_run(
        "diff-several-files",
        "Can't perform diffing against more than one file of the same type",
        f"There was more than one file of a table. {_WHOLE}",
        "Send one file a table.",
    ),
    _not_run(
        "diff-mismatched",
        "Unable to perform diffing against mismatched previous and current {kind} imports",
        f"The files of {{kind}}s have other names or another number than last time. {_WHOLE}",
        "Keep the number and the names of the files from one delivery to the next.",
    ),
    _not_run(
        "diff-headers",
        "Couldn't generate diff: <CSV |>headers do not match, cannot diff",
        f"The header is not the one of the previous delivery. {_WHOLE}",
        "Keep the header, or send the delivery once as a remaster.",
    ),
    _not_run(
        "batch-threshold",
        "{count} {what} would be deleted and exceeds the set threshold of {percent}%",
        f"{{count}} {{what}} would have gone, more than the {{percent}}% allowed. {_CLEANUP}",
        "Check that the delivery is complete. If it is, send it once with the threshold raised.",
    ),
    _not_run(
        "batch-terms",
        "Terms not found. Terms must be included with multi_term_batch_mode",
        f"A multi-term batch needs terms.csv. {_CLEANUP}",
        "Add terms.csv with every term the batch speaks for.",
    ),
)
