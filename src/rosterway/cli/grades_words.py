"""What a grade sync will do, or has done, in a teacher's words: assignment by assignment."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rosterway.cli import output
from rosterway.cli.grades_told import SyncTold, failed_in, results_in, sync_dict
from rosterway.cli.output import Format
from rosterway.console.grade_words import AFTER, BEFORE, GRADE_OUTCOMES, GRID, WHO
from rosterway.passback.plan import Judgement
from rosterway.runs.grades.outcomes import AssignmentTold

if TYPE_CHECKING:
    from rosterway.passback.line_items import Alteration
    from rosterway.passback.reasons import Reason

#: How many grades that failed a person is shown; JSON has them all.
_SHOWN = 20


def reason_words(reason: "Reason", answer: str = "") -> str:
    """A reason in a sentence, with what to do and who can do it."""
    said = f' The SIS said: "{answer}"' if answer else ""
    if not reason.remedy:
        return f"{reason.message}{said}"
    return f"{reason.message}{said} {reason.remedy} (For {WHO[reason.who]}.)"


def grade_words(reason: "Reason | None", answer: str, causes: "Sequence[Reason]") -> str:
    """Why a grade did not go: the reason, and what else it may be."""
    if reason is None:
        return answer
    return " ".join([reason_words(reason, answer), *causes_words(causes, (reason,))])


def causes_words(causes: "Iterable[Reason]", told: "Iterable[Reason]") -> Iterator[str]:
    """What else may be behind a refusal, a sentence each."""
    known = set(told)
    for one in causes:
        if one not in known:
            yield f"Or: {reason_words(one)}"


def print_sync(told: SyncTold, form: Format) -> None:
    """Print a sync that has ended, or waits for a yes."""
    if form is Format.JSON:
        output.print_json(sync_dict(told))
        return
    print_places(told)
    run, waiting = told.run, told.waiting
    print_failed(told)
    output.say(_sum(told))
    if waiting is not None:
        for why in waiting.summary["why"]:
            output.say(f"Waits for a yes: {why}")
        output.say(f"`rosterway grades approve {waiting.digest[:12]}` sends it.")
    elif run.outcome is not None:
        said = GRADE_OUTCOMES[run.kind][run.outcome]
        output.say(f"{said.word}: {run.reason or said.sentence}")


def print_places(told: SyncTold) -> None:
    """Print each assignment in each class, with what keeps it from going."""
    if not told.places:
        return
    output.print_table(
        [("assignment", False), ("id", False), ("section", False), ("", False), ("why", False)],
        [
            (
                told.names.get(place.assignment, "?"),
                place.assignment,
                told.sections.get(place.class_id, place.class_id),
                _state(place),
                " ".join(_whys(place)),
            )
            for place in told.places
        ],
    )


def print_failed(told: SyncTold) -> None:
    """Print the grades that did not go, and what is not told of others."""
    failed = list(failed_in(told))
    for one in failed[:_SHOWN]:
        name = told.names.get(one.assignment, one.assignment)
        output.say(f"Student {one.user}, {name}: {grade_words(one.reason, one.answer, one.causes)}")
    if len(failed) > _SHOWN:
        output.say(f"… and {len(failed) - _SHOWN:,} more: --format json")
    withheld = Counter(
        one.reason.message for one in (told.plan.withheld if told.plan is not None else ())
    )
    for message, count in withheld.most_common():
        output.say(f"{output.counted(count, 'grade')} not told: {message}")


def _sum(told: SyncTold) -> str:
    counts = results_in(told)
    if told.posted is None:
        return (
            f"{output.counted(counts['sent'], 'grade')} would be sent,"
            f" {counts['unchanged']:,} unchanged."
        )
    if "written" in counts:
        return (
            f"{output.counted(counts['written'], 'grade')} delivered by file: the SIS does not"
            f" answer. {counts['unchanged']:,} unchanged."
        )
    return (
        f"{output.counted(counts['sent'], 'grade')} sent: {counts['accepted']:,} accepted,"
        f" {counts['verified']:,} read back, {counts['failed']:,} failed."
        f" {counts['unchanged']:,} unchanged."
    )


def _state(place: Judgement | AssignmentTold) -> str:
    is_done = isinstance(place, AssignmentTold)
    return GRID[AFTER[place.outcome] if is_done else BEFORE[place.verdict]].word


def _whys(place: Judgement | AssignmentTold) -> Iterator[str]:
    answer = place.answer if isinstance(place, AssignmentTold) else ""
    for reason in place.reasons:
        yield reason_words(reason, answer)
    if isinstance(place, AssignmentTold):
        yield from causes_words(place.causes, place.reasons)
    yield from _altered(place.alterations)
    if isinstance(place, Judgement):
        if place.candidates:
            yield f"Choose one with `rosterway grades link`: {', '.join(place.candidates)}."
        for fix in place.fixes:
            yield f'Offered: {fix.kind.value} "{fix.before}" to "{fix.after}".'


def _altered(alterations: "Iterable[Alteration]") -> Iterator[str]:
    for one in alterations:
        yield f'The {one.what} goes as "{one.after}" instead of "{one.before}".'
