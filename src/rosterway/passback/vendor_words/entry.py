"""One thing a provider may say of what it refuses, as a value.

Its words are templates in the language of Canvas's messages (`formats.canvas_csv.message_rules`):
`{category}` captures text, `{_?}` passes over some, `<a|b>` is one word or the other; letter case,
quotes, hyphens and a full stop at the end do not matter. Providers are asked to put the name of
their system before the message, and many add to it, so every template may stand within more text.
Brackets around what is captured are taken off.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from string import Formatter

import msgspec

from rosterway.formats.canvas_csv.message_rules.rule import compile_template
from rosterway.passback.reasons import Reason, ReasonRule, Who

#: The article the entries of six providers come from (instructure-integration.md S7).
S7 = "SIS Error Code Dictionary"
ONEROSTER = "OneRoster"
HTTP = "HTTP"

#: What is filled in where the provider's words leave a gap.
NOT_SAID = "(not said)"

_STATUS = re.compile(r"^(\d{3}) ")


class Known(StrEnum):
    """How much the dictionary itself says of an entry.

    text: its message, meaning and remedy. meaning: its message and meaning. wording: its message
    only. heading: its title only. What it does not say is our reading. fact: it is no entry of
    that dictionary, but has a source of its own.
    """

    TEXT = "text"
    MEANING = "meaning"
    WORDING = "wording"
    HEADING = "heading"
    FACT = "fact"


#: What a reader is told of a meaning that is not the dictionary's.
OWN_READING = {
    Known.TEXT: "",
    Known.MEANING: "The dictionary does not say what to do; the remedy is ours.",
    Known.WORDING: "The dictionary has this message without a meaning; this is our reading of it.",
    Known.HEADING: "The dictionary has only this heading; what it says here is our reading of it.",
    Known.FACT: "",
}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the dictionary. `profile` "": whichever provider says so.

    It is found by `words` where there are any, by `codes` (OneRoster's codeMinor) or by `statuses`
    alone otherwise; with words, `statuses` are those it may come with, none for any.
    """

    title: str
    rule: ReasonRule
    known: Known
    profile: str = ""
    words: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()

    def reason(self, facts: dict[str, str]) -> Reason:
        """Why, with what the provider's words gave, and whose reading it is."""
        gaps = dict.fromkeys(_gaps(self.rule.message + self.rule.remedy), NOT_SAID)
        reason = self.rule.of(**gaps | facts)
        said = " ".join(filter(None, (reason.message, OWN_READING[self.known])))
        return msgspec.structs.replace(reason, message=said)

    def facts_in(self, words: str) -> dict[str, str] | None:
        """What the provider's words give, if they are this entry's; None if they are not."""
        for template in self.words:
            if match := _pattern(template).fullmatch(words):
                said = {name: value.strip(" []") for name, value in match.groupdict().items()}
                return {name: value for name, value in said.items() if value}
        return None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    # A capture at the end takes the rest of the text for itself.
    tail = "" if template.endswith("}") else "{_?}"
    return compile_template(f"{{_?}}{template}{tail}", skipping=False)


def _gaps(sentence: str) -> Iterator[str]:
    for _, name, _, _ in Formatter().parse(sentence):
        if name:
            yield name


def heading(
    profile: str,
    title: str,
    code: str,
    message: str,
    remedy: str,
    *words: str,
    who: Who,
) -> Entry:
    """An entry of which the dictionary has the title only; a number it begins with is its status.

    It is known by its title, and by `words` that are likely where the title stands for a message.
    """
    status = _STATUS.match(title)
    plain = title[status.end() :] if status else title
    return Entry(
        profile=profile,
        title=title,
        rule=ReasonRule(code=code, message=message, remedy=remedy, who=who, source=S7),
        known=Known.HEADING,
        words=(plain, *words),
        statuses=(int(status[1]),) if status else (),
    )
