"""The results of a plan as they are really sent, once the SIS has answered for the line items.

Only then are all ids known: a SIS may choose its own (Modified), a line item may have been adopted
with what it holds, an outcome may be in doubt. Nothing is sent for a line item that did not arrive,
and what the SIS already has as wanted is not sent again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from rosterway.formats.oneroster.gradebook import Result
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.edits import edit_of, is_same, value_of
from rosterway.passback.ledger import Entry, Key, LinkedBy
from rosterway.passback.match import Results, results_of
from rosterway.passback.plan import Deletion, Edit, PassbackPlan, ResultPut, Withheld
from rosterway.passback.silences import Silence
from rosterway.passback.tell import withheld
from rosterway.settings.shape import Endpoints, SisEdits


class FinalResults(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sent in the end. `confirmed` and `absent` need not be: the SIS has just that already."""

    puts: tuple[ResultPut, ...] = ()
    deletions: tuple[Deletion, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    edits: tuple[Edit, ...] = ()
    confirmed: tuple[ResultPut, ...] = ()
    absent: tuple[Deletion, ...] = ()


@dataclass(slots=True)
class _Final:
    puts: list[ResultPut] = field(default_factory=list[ResultPut])
    deletions: list[Deletion] = field(default_factory=list[Deletion])
    withheld: list[Withheld] = field(default_factory=list[Withheld])
    edits: list[Edit] = field(default_factory=list[Edit])
    confirmed: list[ResultPut] = field(default_factory=list[ResultPut])
    absent: list[Deletion] = field(default_factory=list[Deletion])


@dataclass(frozen=True, slots=True)
class _Read:
    """A class's results as they were read just now."""

    results: Results
    is_read: bool
    is_proven: bool


def after_assignments(
    plan: PassbackPlan,
    outcomes: Mapping[tuple[str, str], str],
    classes: Mapping[str, ClassGradebook],
    ledger: Mapping[Key, Entry],
    *,
    sis_edits: SisEdits = SisEdits.OVERWRITE,
    may_overwrite: bool = False,
) -> FinalResults:
    """The final results of a plan.

    `outcomes`: (class, assignment) -> the sourcedId of each line item that was put and accepted;
    one that was put and is not here has failed. `classes` with results, where they were read.
    `may_overwrite`: a person said yes to overwriting what was changed in the SIS.
    """
    final = _Final()
    put = {(one.class_id, one.assignment): one.is_new for one in plan.line_items}
    read = {class_id: _read(of_class) for class_id, of_class in classes.items()}
    keeps = sis_edits is not SisEdits.OVERWRITE and not may_overwrite
    for one in plan.results:
        pair = (one.class_id, one.assignment)
        line_item = outcomes.get(pair, "") if pair in put else one.result.line_item_id
        if not line_item:
            final.withheld.append(_without(one, Silence.LINE_ITEM))
            continue
        named = _with(one, line_item_id=line_item)
        seen = read.get(one.class_id, _NOT_READ)
        entry = ledger.get((*pair, one.user))
        _finish(final, plan, named, seen, entry, is_new=put.get(pair, False), keeps=keeps)
    for gone in plan.deletions:
        seen = read.get(gone.class_id, _NOT_READ)
        _finish_deletion(final, gone, seen, ledger, keeps=keeps)
    return FinalResults(
        puts=tuple(final.puts),
        deletions=tuple(final.deletions),
        withheld=tuple(final.withheld),
        edits=tuple(final.edits),
        confirmed=tuple(final.confirmed),
        absent=tuple(final.absent),
    )


def _read(of_class: ClassGradebook) -> _Read:
    is_read = of_class.results is not None
    return _Read(
        results=results_of(of_class),
        is_read=is_read,
        is_proven=is_read and "results" not in of_class.incomplete,
    )


_NOT_READ = _Read(Results({}), is_read=False, is_proven=False)


def _finish(
    final: _Final,
    plan: PassbackPlan,
    put: ResultPut,
    seen: _Read,
    entry: Entry | None,
    *,
    is_new: bool,
    keeps: bool,
) -> None:
    result = put.result
    known = (entry.sourced_id if entry is not None else "", result.sourced_id)
    found = seen.results.of(result.line_item_id, result.student_id, known)
    if entry is not None and entry.is_in_doubt and found is not None and _is_just(found, result):
        final.confirmed.append(_with(put, sourced_id=found.sourced_id))
        return
    edit = edit_of(put, entry, seen.results) if seen.is_proven else None
    if edit is not None and keeps:
        final.edits.append(edit)
        final.withheld.append(_without(put, Silence.SIS_EDIT))
        return
    is_modified = plan.endpoints is Endpoints.MODIFIED
    if found is not None:
        put = _with(put, sourced_id=found.sourced_id)
        if entry is None and found.sourced_id != result.sourced_id:
            put = msgspec.structs.replace(put, linked_by=LinkedBy.ADOPTED)
    elif is_modified and seen.is_proven:
        put = _with(put, sourced_id="")
    if is_modified and not put.result.sourced_id and not is_new and not seen.is_proven:
        final.withheld.append(_without(put, Silence.UNPROVEN))
        return
    final.puts.append(put)


def _finish_deletion(
    final: _Final, gone: Deletion, seen: _Read, ledger: Mapping[Key, Entry], *, keeps: bool
) -> None:
    entry = ledger.get((gone.class_id, gone.assignment, gone.user))
    had = entry.result if entry is not None else None
    if not gone.user or not seen.is_read:
        (final.deletions if gone.sourced_id else final.absent).append(gone)
        return
    found = seen.results.of(gone.line_item, gone.student, (gone.sourced_id,))
    if found is None:
        is_sent = gone.sourced_id and not seen.is_proven
        (final.deletions if is_sent else final.absent).append(gone)
        return
    if keeps and had is not None and not is_same(found, had):
        final.edits.append(
            Edit(
                assignment=gone.assignment,
                class_id=gone.class_id,
                user=gone.user,
                told=had,
                found=found,
            )
        )
        final.withheld.append(withheld(gone.assignment, gone.class_id, gone.user, Silence.SIS_EDIT))
        return
    final.deletions.append(msgspec.structs.replace(gone, sourced_id=found.sourced_id))


def _is_just(found: Result, wanted: Result) -> bool:
    """Whether the SIS has what is wanted; without a grade, only its very status tells."""
    if value_of(wanted)[0] == "grade":
        return is_same(found, wanted)
    return found.score_status == wanted.score_status


def _with(put: ResultPut, **changes: str) -> ResultPut:
    return msgspec.structs.replace(put, result=msgspec.structs.replace(put.result, **changes))


def _without(put: ResultPut, silence: Silence) -> Withheld:
    return withheld(put.assignment, put.class_id, put.user, silence)
