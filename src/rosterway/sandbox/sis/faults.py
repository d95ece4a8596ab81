"""Faults on request: what real providers do that they should not, by name.

Guarantees: a fault is on only while it is asked for and strikes at most as often as asked. None
touches what the SIS holds, except those of `Sort.HELD` and the two that shift rows: they *are* what
it holds, and what `/sandbox/truth` then tells. Where a fault strikes is left to the doors, to
`damage` (how records are told) and to `holding.crooked` (what is held).
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rosterway.sandbox.sis.trouble import SisUsageError


class Sort(StrEnum):
    """Where a fault strikes."""

    TRANSPORT = "transport"  #: instead of the answer, or on its way
    PAGING = "paging"  #: which rows a page has, and what its headers say of them
    ANSWER = "answer"  #: the body around the records
    RECORD = "record"  #: how each record is told
    HELD = "held"  #: what the SIS holds
    ACCESS = "access"  #: tokens, signatures and clocks
    QUERY = "query"  #: what is understood of the parameters
    WRITE = "write"  #: what becomes of a PUT, POST or DELETE


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what happens, and the provider known for it (oneroster.md, section 15)."""

    name: str
    sort: Sort
    what: str
    source: str = ""
    every: int = 1  #: strikes every so many requests unless told otherwise


def _table(*faults: Fault) -> dict[str, Fault]:
    return {fault.name: fault for fault in faults}


_T, _P, _A, _R = Sort.TRANSPORT, Sort.PAGING, Sort.ANSWER, Sort.RECORD
_H, _X, _Q, _W = Sort.HELD, Sort.ACCESS, Sort.QUERY, Sort.WRITE

#: Every fault. A blank source: defensive practice, or the issue asks for it.
FAULTS: dict[str, Fault] = _table(
    Fault("429-seconds", _T, "429 with Retry-After in seconds", "ClassLink: 429", 3),
    Fault("429-date", _T, "429 with Retry-After as a date", "ClassLink: 429", 3),
    Fault("503", _T, "503 with Retry-After in seconds", "", 3),
    Fault("502", _T, "502 with a gateway's HTML page", "ClassLink: 502", 3),
    Fault("500", _T, "500 with the version's error body", "", 3),
    Fault("500-midway", _T, "each page after the first is 500 the first time it is asked for"),
    Fault("html-200", _T, "200 with an HTML page", "section 4: HTML everywhere", 3),
    Fault("cut", _T, "the connection is cut before an answer", "", 3),
    Fault("cut-midway", _T, "the connection is cut in the middle of the body", "", 3),
    Fault("truncated-json", _T, "200 with JSON that ends in the middle", "", 3),
    Fault("slow", _T, "every answer takes `slow_seconds`", "section 15.1: rule 9"),
    Fault("hangs", _T, "no answer until faults are put anew"),
    Fault("text-html-json", _T, "JSON that says it is text/html"),
    Fault("blank-body", _T, "200 without any body", "section 3: missing body", 3),
    Fault("clamped-limit", _P, "no page has more than `clamp` rows", "Ed-Fi: limit clamped"),
    Fault("no-totals", _P, "no X-Total-Count", "Ed-Fi: no X-Total-Count"),
    Fault("totals-too-low", _P, "X-Total-Count is the number of rows on the page"),
    Fault("totals-too-high", _P, "X-Total-Count is seven too many"),
    Fault("garbled-totals", _P, "X-Total-Count is no number"),
    Fault("x-count", _P, "the total is in X-Count instead", "ClassLink: extra headers"),
    Fault("no-links", _P, "no Link header", "Ed-Fi: no Link"),
    Fault("relative-links", _P, "Link with a path and no host", "Aeries: `~/ims/…`"),
    Fault("internal-links", _P, "Link to a host only the provider sees", "section 3: step 1"),
    Fault("endless-links", _P, "rel=next also on the last page"),
    Fault("ignored-offset", _P, "every page is the first", "section 3: step 4"),
    Fault("repeated-page", _P, "a page after the first shows the one before again", "", 3),
    Fault("shifting-rows", _P, "between pages a row appears before all others, then goes again"),
    Fault("rows-inserted", _P, "after each page but the last a row appears before all others"),
    Fault("rows-removed", _P, "after each page but the last a row before it is gone for good"),
    Fault("unstable-order", _P, "rows come in another order each time, unless sorted"),
    Fault("duplicate-rows", _P, "each page after the first begins with the last row before it"),
    Fault("empty-answer", _A, "200 with an empty collection, without a total", "", 3),
    Fault("204-for-empty", _A, "204 in place of an empty collection", "RIC One: 204"),
    Fault("404-for-empty", _A, "404 in place of an empty collection", "section 6: semantics"),
    Fault("no-envelope", _A, "200 without the envelope's key", "ClassLink: no envelope", 3),
    Fault("bare-list", _A, "the rows without any envelope"),
    Fault(
        "path-envelopes",
        _A,
        "the envelope is keyed as the path: students, term, school",
        "Aeries: singletons keyed `term`, `school`",
    ),
    Fault("totals-in-body", _A, "totalCount, pageCount, offset in the body", "Timeback"),
    Fault("real-booleans", _R, "true and false without quotes", "section 2: early 1.1 swagger"),
    Fault("loud-booleans", _R, '"TRUE" and "FALSE"', "section 15.1: rule 2"),
    Fault("digit-booleans", _R, '"1" and "0"', "section 15.1: rule 2"),
    Fault("odd-case", _R, "tokens in capitals: Student, Scheduled", "section 15.1: rule 5"),
    Fault(
        "odd-vocabulary",
        _R,
        "tokens of their own: departments, aide, quarter",
        "Rediker: `departments`; Infinite Campus: `local`; SDS: role `aide`",
    ),
    Fault("null-fields", _R, "null for every field without a value", "Aeries: explicit nulls"),
    Fault("bare-refs", _R, "a reference is the bare id", "section 15.1: rule 4"),
    Fault("lean-refs", _R, "a reference has its sourcedId alone", "section 10.2: Google's suite"),
    Fault("relative-hrefs", _R, "href is `~/ims/oneroster/…`", "Aeries: `~/ims/…`"),
    Fault("internal-hrefs", _R, "href names a host only the provider sees", "section 15.1: rule 4"),
    Fault(
        "typed-refs", _R, "references say student, teacher, term (legal in 1.1)", "section 16: 14"
    ),
    Fault("string-lists", _R, "grades, subjects, periods: one string", "section 15.1: rule 6"),
    Fault("inactive-status", _R, "inactive in place of tobedeleted", "section 12"),
    Fault("no-status", _R, "no status on live records", "section 12: Record[-]"),
    Fault("missing-dates", _R, "enrollments without dates", "Instructure: section 9"),
    Fault("sentinel-dates", _R, "0001-01-01 for every begin", "section 15.1: rule 2"),
    Fault("date-times", _R, "days as moments: 2026-08-17T00:00:00", "section 15.1: rule 2"),
    Fault("plain-moments", _R, "moments without fraction and zone", "section 15.1: rule 2"),
    Fault("inclusive-ends", _R, "the end is the last day itself", "section 16: row 20"),
    Fault(
        "same-modified", _R, "dateLastModified is now, on everything", "section 12: delta = full"
    ),
    Fault("frozen-modified", _R, "dateLastModified never moves", "section 12: delta = nothing"),
    Fault("agent-source-ids", _R, "`agentSourceIds` in place of `agents`", "Ed-Fi"),
    Fault("one-sided-agents", _R, "guardians list children, children no guardians", "section 7.5"),
    Fault("extra-fields", _R, "fields nobody asked for; a course in enrollments", "Timeback"),
    Fault("passwords", _R, "users carry a password", "ClassLink: passwords"),
    Fault("blank-titles", _R, "classes without a title", "Aeries: elementary titles blank"),
    Fault("no-names", _R, "every tenth user has blank names", "Skyward: users without names"),
    Fault("no-email", _R, "users without e-mail", "PowerSchool: e-mail often absent"),
    Fault("odd-grades", _R, "grades P3, 9, 10th", "Synergy: P3, P4"),
    Fault("numeric-ids", _H, "ids of digits are numbers: no leading zero, no quotes"),
    Fault("school-users", _H, "users of several schools: a record for each", "issue: duplicates"),
    Fault("dangling-refs", _H, "every fiftieth enrollment names an unknown user", "rule 7"),
    Fault("dangling-classes", _H, "every twentieth class names an unknown course", "rule 7"),
    Fault(
        "duplicate-enrollments",
        _H,
        "every twentieth enrollment has an older one beside it that has ended",
        "Instructure: section 9; section 7.6",
    ),
    Fault("no-current-class", _H, "students without a class are not listed", "Aeries"),
    Fault("no-agents", _H, "nobody is linked to anybody"),
    Fault("expiring-tokens", _X, "a token serves `token_uses` requests, then 401"),
    Fault("one-token", _X, "a new token ends the ones before", "Instructure: section 6"),
    Fault("401", _X, "a good token is answered 401", "", 3),
    Fault("skewed-clock", _X, "the provider's clock is `skew_seconds` ahead", "section 5.2"),
    Fault("scope-refused", _X, "a token request with a scope is refused", "Synergy: rejects scope"),
    Fault("missing-scope-refused", _X, "one without a scope is refused", "Aeries: MUST be sent"),
    Fault("unknown-scope-refused", _X, "one unknown scope spoils the request", "Aeries"),
    Fault("core-not-enough", _X, "/enrollments wants roster.readonly", "Aeries: live server"),
    Fault("lifetime-string", _X, "expires_in is a string", "section 15.1: rule 8"),
    Fault("no-lifetime", _X, "no expires_in", "section 15.1: rule 8"),
    Fault("lower-token-type", _X, "token_type is bearer", "section 15.1: rule 8"),
    Fault("token-500", _X, "the token address answers 500", "", 3),
    Fault("cookies", _X, "pages after the first need the cookie of the first", "Aeries: cookies"),
    Fault("large-limit-400", _Q, "400 when limit is more than `clamp`", "section 15.1: rule 9"),
    Fault("large-limit-500", _Q, "500 when limit is more than `clamp`", "section 15.1: rule 9"),
    Fault("filter-refused", _Q, "400 for any filter", "Ed-Fi: allow-list"),
    Fault("filter-ignored", _Q, "filters are not applied", "section 14: the client test"),
    Fault("fields-refused", _Q, "400 for any fields", "section 3: drop and retry"),
    Fault("fields-ignored", _Q, "every field is told"),
    Fault("sort-refused", _Q, "400 for any sort", "RIC One: 400 for bad sorting"),
    Fault("sort-ignored", _Q, "sort is not applied"),
    Fault("global-refused", _Q, "403 for whole collections except orgs and sessions", "section 6"),
    Fault("no-nested", _Q, "404 for what belongs to a school, class or user", "Ed-Fi: none"),
    Fault("categories-refused", _Q, "400 for categories without a filter", "Aspen: by class only"),
    Fault("write-429", _W, "429 with Retry-After, and nothing is written", "PTPro: 403, 429", 3),
    Fault("write-hangs", _W, "written, and no answer until faults are put anew", "", 3),
    Fault("write-cut", _W, "written, and the connection is cut before an answer", "", 3),
    Fault("write-500", _W, "written, and answered 500", "Aeries: Internal Server Error", 3),
    Fault("write-blank", _W, "written, and answered without the object that is due"),
    Fault("pairs-object", _W, "sourcedIdPairs is one object", "Timeback: an object"),
    Fault("pairs-short", _W, "sourcedIdPairs names every second object", "section 10.1"),
    Fault("pairs-reversed", _W, "sourcedIdPairs come in another order", "section 10.1"),
)


@dataclass(slots=True)
class _Active:
    left: int | None
    every: int
    at: str
    seen: int = 0


class Faults:
    """The faults that are on."""

    def __init__(self) -> None:
        self._active: dict[str, _Active] = {}
        #: Grows with every `put`.
        self.generation = 0
        #: Set with the next `put`: what a fault holds up waits for it.
        self.changed = asyncio.Event()

    def put(
        self, names: Iterable[str], *, times: int | None = None, every: int | None = None
    ) -> None:
        """Have these faults on and no others.

        `name:3` strikes three times; `name@users` only where the path ends in users. A fault that
        is counted strikes every time until it is used up, unless `every` says otherwise.

        Raises:
            SisUsageError: there is no such fault, or what is held should be counted.
        """
        active: dict[str, _Active] = {}
        for spelled in names:
            rest, _, own_times = spelled.partition(":")
            name, _, at = rest.partition("@")
            if name not in FAULTS:
                raise SisUsageError(f"no fault {name!r}; there are {', '.join(FAULTS)}")
            if own_times and not own_times.isdigit():
                raise SisUsageError(f"{spelled!r} should end in a number, as in {name}:3")
            left = int(own_times) if own_times else times
            if own_times and FAULTS[name].sort is Sort.HELD:
                raise SisUsageError(f"{name} is what is held and cannot be counted")
            often = every or (FAULTS[name].every if left is None else 1)
            active[name] = _Active(left, often, at)
        self._active = active
        self.generation += 1
        self.changed.set()
        self.changed = asyncio.Event()

    def on(self, name: str) -> bool:
        """Whether a fault is on, without using it up."""
        return name in self._active

    def strike(self, name: str, path: str = "") -> bool:
        """Whether a fault happens now; uses up one of its times."""
        active = self._active.get(name)
        if active is None or not path.endswith(active.at):
            return False
        active.seen += 1
        if active.seen % active.every:
            return False
        if active.left is not None:
            active.left -= 1
            if active.left <= 0:
                del self._active[name]
        return True

    def of(self, sort: Sort) -> tuple[str, ...]:
        """The faults of a sort that are on."""
        return tuple(name for name in self._active if FAULTS[name].sort is sort)

    def as_dict(self) -> dict[str, Any]:
        """The faults that are on, with how often they may still strike."""
        return {
            name: {"times": active.left, "every": active.every, "at": active.at}
            for name, active in self._active.items()
        }
