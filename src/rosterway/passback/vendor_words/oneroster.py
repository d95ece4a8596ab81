"""What OneRoster's own codes and HTTP's statuses say of a write, whoever the provider is.

Codes are codeMinor values of 1.2's gradebook service and of early 1.1 (oneroster.md 4); providers
spell them with spaces, underscores and in any letter case. The words are those few that mean the
same wherever they are said.
"""

from rosterway.passback.reasons import ReasonRule, Who
from rosterway.passback.vendor_words.entry import HTTP, ONEROSTER, Entry, Known


def _code(code: str, message: str, remedy: str, who: Who, *, also: tuple[str, ...] = ()) -> Entry:
    rule = ReasonRule(
        code=f"oneroster-{code.replace('_', '-')}",
        message=message,
        remedy=remedy,
        who=who,
        source=ONEROSTER,
    )
    return Entry(title=code, rule=rule, known=Known.FACT, codes=(code, *also))


def _status(title: str, code: str, message: str, remedy: str, who: Who, *statuses: int) -> Entry:
    rule = ReasonRule(code=f"http-{code}", message=message, remedy=remedy, who=who, source=HTTP)
    return Entry(title=title, rule=rule, known=Known.FACT, statuses=statuses)


_MENDED = "Send the failed rows again once it is mended."

CODES: tuple[Entry, ...] = (
    _code(
        "unknownobject",
        "The SIS does not know something that was named: the assignment, the class, the category"
        " or the student.",
        "See the likely causes. If the assignment was deleted in the SIS, clear the integration"
        " data of the course and remaster it.",
        Who.TEACHER,
    ),
    _code(
        "invaliddata",
        "The SIS understood the request and refused a value in it.",
        "See the likely causes, mend the value and send the failed rows again.",
        Who.TEACHER,
    ),
    _code(
        "forbidden",
        "The SIS knows who asks and does not allow it: the credentials may not write this.",
        "Let the SIS's administrator give the credentials the right to write grades"
        " (gradebook.createput) for this school.",
        Who.SIS_ADMIN,
    ),
    _code(
        "unauthorisedrequest",
        "The SIS does not accept the credentials.",
        "Check key and secret of the connection with `rosterway doctor`; nothing is wrong with"
        " the grades.",
        Who.ROSTERWAY,
        also=("unauthorizedrequest", "unauthorized"),
    ),
    _code(
        "server_busy",
        "The SIS has too much to do just now.",
        "Nothing: it is waited out as long as the SIS asks, and what is left is sent then.",
        Who.ROSTERWAY,
    ),
    _code(
        "internal_server_error",
        "The SIS failed while it was working on this; it does not say why.",
        f"See the likely causes and the SIS's own log at the time of the sync. {_MENDED}",
        Who.SIS_ADMIN,
    ),
    _code(
        "deletefailure",
        "The SIS did not delete what was to be deleted. Most likely it allows no deletion, or"
        " grades still hang on it.",
        "Delete it in the SIS, or let cleared grades be sent as not submitted instead.",
        Who.SIS_ADMIN,
    ),
    _code(
        "unsupported",
        "The SIS does not offer what was asked of it.",
        "Check the connection's profile with `rosterway doctor`: what a SIS does not offer can be"
        " left out there.",
        Who.ROSTERWAY,
        also=("unsupportedoperation",),
    ),
    _code(
        "invalid_filter_field",
        "The SIS does not filter by the field it was asked to filter by.",
        "Set the connection's category query to one the SIS knows, or let it read everything.",
        Who.ROSTERWAY,
    ),
    _code(
        "invalid_selection_field",
        "The SIS does not know a field it was asked to show.",
        "Let the connection ask for all fields.",
        Who.ROSTERWAY,
    ),
    _code(
        "invalid_sort_field",
        "The SIS does not sort by the field it was asked to sort by.",
        "Let the connection ask without an order.",
        Who.ROSTERWAY,
    ),
    _code(
        "linkfailure",
        "The SIS could not reach a part of itself.",
        f"Look into the SIS. {_MENDED}",
        Who.SIS_ADMIN,
    ),
    _code(
        "targetreadfailure",
        "The SIS could not read what it has itself.",
        f"Look into the SIS. {_MENDED}",
        Who.SIS_ADMIN,
    ),
)

WORDS: tuple[Entry, ...] = (
    Entry(
        title="ASSIGNMENT_CANNOT_HAVE_ZERO_POINTS",
        rule=ReasonRule(
            code="edlink-zero-points",
            message="The SIS takes no assignment that is worth no points.",
            remedy="Give the assignment points of more than zero, or untick Sync to SIS.",
            who=Who.TEACHER,
            source="Edlink",
        ),
        known=Known.FACT,
        words=("ASSIGNMENT_CANNOT_HAVE_ZERO_POINTS", "cannot have zero points"),
    ),
)

STATUSES: tuple[Entry, ...] = (
    _status(
        "400, 422",
        "invalid",
        "The SIS refused a value and does not say which.",
        "See the likely causes, mend the value and send the failed rows again.",
        Who.TEACHER,
        400,
        422,
    ),
    _status(
        "401",
        "credentials",
        "The SIS does not accept the credentials.",
        "Check key and secret of the connection with `rosterway doctor`; nothing is wrong with"
        " the grades.",
        Who.ROSTERWAY,
        401,
    ),
    _status(
        "403",
        "forbidden",
        "The SIS knows who asks and does not allow it.",
        "Let the SIS's administrator check the rights of the credentials and the teacher of the"
        " section.",
        Who.SIS_ADMIN,
        403,
    ),
    _status(
        "404, 410",
        "unknown",
        "The SIS does not know the assignment, the class or the student, or has no such address.",
        "See the likely causes. If every call fails, check the gradebook address of the connection"
        " with `rosterway doctor`.",
        Who.SIS_ADMIN,
        404,
        410,
    ),
    _status(
        "405, 501",
        "unsupported",
        "The SIS does not offer what was asked of it.",
        "Check the connection's profile with `rosterway doctor`: what a SIS does not offer can be"
        " left out there.",
        Who.ROSTERWAY,
        405,
        501,
    ),
    _status(
        "409, 412",
        "conflict",
        "The SIS has something that stands against it: another assignment of that name, a closed"
        " term, or a grade the teacher has entered there.",
        "See the likely causes, and compare with the gradebook in the SIS.",
        Who.TEACHER,
        409,
        412,
    ),
    _status(
        "413, 414, 415",
        "form",
        "The SIS does not take the form of the request.",
        "Give the SIS's vendor the raw exchange; try the lean form of payloads for the connection.",
        Who.VENDOR,
        413,
        414,
        415,
    ),
    _status(
        "429",
        "busy",
        "The SIS was asked too often and answers nothing for a while.",
        "Nothing: it is waited out as long as the SIS asks, and what is left is sent then.",
        Who.ROSTERWAY,
        429,
    ),
    _status(
        "408, 502, 503, 504",
        "away",
        "The SIS, or something before it, did not answer in time. What was sent may have arrived.",
        "Nothing yet: what became of it is read back before anything is sent again.",
        Who.ROSTERWAY,
        408,
        502,
        503,
        504,
    ),
    _status(
        "500",
        "failed",
        "The SIS failed while it was working on this; it does not say why.",
        f"See the likely causes and the SIS's own log at the time of the sync. {_MENDED}",
        Who.SIS_ADMIN,
        500,
    ),
)
