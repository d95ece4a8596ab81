"""What a provider's refusal of a lineItem or result means, in plain words.

Guarantees: every answer has an explanation that says who must act; the provider's own words are
kept beside ours, never replaced. An answer that says nothing useful is marked `vague`, so that
`likely` looks into the payload for causes.

Leaves to `oneroster.error_bodies` how the words are found in a body, and to `dictionary` what is
known of them.
"""

from collections.abc import Iterator

import msgspec

from rosterway.passback.dictionary import ANYONE, CODES, PROVIDERS, SHARED, STATUSES, Entry, Known
from rosterway.passback.reasons import Reason, ReasonRule, Who

#: A text beyond this is no message, and would take patterns long to give up on.
_LONGEST = 1_000

#: Codes, and entries, of which it takes a look at the payload to know what is meant.
_VAGUE = frozenset(
    {
        "aeries-internal",
        "aeries-add",
        "aspen-validation",
        "campus-create",
        "campus-put",
        "campus-score",
        "campus-scores",
        "campus-scores-put",
        "powerteacher-cannot-create",
        "powerteacher-create",
        "oneroster-unknownobject",
        "oneroster-invaliddata",
        "oneroster-internal-server-error",
        "http-invalid",
        "http-unknown",
        "http-conflict",
        "http-failed",
        "unexplained",
    }
)

UNEXPLAINED = ReasonRule(
    code="unexplained",
    message="The SIS refused it with an answer that Rosterway does not know.",
    remedy="See the SIS's own words and the likely causes. If none fits, give the SIS's vendor the"
    " raw exchange.",
    who=Who.VENDOR,
)
UNANSWERED = ReasonRule(
    code="unanswered",
    message="The SIS did not answer. What was sent may have arrived.",
    remedy="Nothing yet: what became of it is read back before anything is sent again.",
    who=Who.ROSTERWAY,
)


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a provider refused one write.

    `profile` is the name of the provider's profile; `status` None: there was no answer; `words` its
    description, `codes` its minor codes in any spelling.
    """

    profile: str = ""
    status: int | None = None
    words: str = ""
    codes: tuple[str, ...] = ()


class Explanation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What it means. `words` are the provider's own, kept as they came.

    `title` is the entry's name in the dictionary, "" for none; `known` how much of it is the
    dictionary's. `vague`: it does not name one cause, `likely` may (`likely.with_causes`).
    """

    reason: Reason
    words: str = ""
    title: str = ""
    known: Known = Known.FACT
    vague: bool = False
    likely: tuple[Reason, ...] = ()


def explain(refusal: Refusal) -> Explanation:
    """What the refusal means: the provider's own entries first, then what anyone's words say."""
    words = " ".join(refusal.words.split())
    found = next(_fitting(refusal, words), None)
    if found is None:
        rule = UNANSWERED if refusal.status is None and not words else UNEXPLAINED
        return Explanation(reason=rule.of(), words=refusal.words, vague=rule is UNEXPLAINED)
    entry, facts = found
    reason = entry.reason(facts)
    return Explanation(
        reason=reason,
        words=refusal.words,
        title=entry.title,
        known=entry.known,
        vague=reason.code in _VAGUE,
    )


def _fitting(refusal: Refusal, words: str) -> Iterator[tuple[Entry, dict[str, str]]]:
    """The entries that fit, best first, with what the words give them."""
    own = PROVIDERS.get(refusal.profile, ())
    if words and len(words) <= _LONGEST:
        for entry in (*own, *SHARED, *ANYONE):
            if _may_come_with(entry, refusal.status):
                facts = entry.facts_in(words)
                if facts is not None:
                    yield entry, facts
    said = {_folded(code) for code in (*refusal.codes, words)}
    for entry in own:
        if not entry.words and refusal.status in entry.statuses:
            yield entry, {}
    for entry in CODES:
        if said & {_folded(code) for code in entry.codes}:
            yield entry, {}
    for entry in STATUSES:
        if refusal.status in entry.statuses:
            yield entry, {}


def _may_come_with(entry: Entry, status: int | None) -> bool:
    """Whether the status speaks for it; an entry by status alone is looked at later."""
    return bool(entry.words) and (not entry.statuses or status in {None, *entry.statuses})


def _folded(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalpha())
