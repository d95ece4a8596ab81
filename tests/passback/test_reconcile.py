"""Canvas beside the SIS: every difference has its kind, its words and, if any, its repair."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.formats.oneroster.gradebook import Category, LineItem, Result
from rosterway.passback import ledger
from rosterway.passback.caution import Caution
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.differences import WORDS, Kind
from rosterway.passback.gradebook import (
    Assignment,
    AssignmentGroup,
    Course,
    Gradebook,
    Placement,
    Section,
    Student,
    Submission,
    SubmissionState,
)
from rosterway.passback.identity import Identity
from rosterway.passback.ledger import Entry, LinkedBy, State
from rosterway.passback.plan import (
    Deletion,
    Judgement,
    Left,
    LineItemPut,
    PassbackPlan,
    ResultPut,
    Verdict,
    Withheld,
)
from rosterway.passback.reasons import Reason
from rosterway.passback.reconcile import reconcile, reconcile_course
from rosterway.passback.repair import repair, repairable
from rosterway.passback.rules import Rules
from rosterway.passback.terms import Terms
from rosterway.settings.shape import Endpoints, SisEdits, Version

ZONE = ZoneInfo("America/Chicago")
AT = datetime(2026, 10, 1, tzinfo=UTC)
WHY = Reason(code="locked", message="The term is closed.")
GRADEBOOK = Gradebook(
    course=Course(id="7", name="Algebra"),
    taken_at=AT,
    sections=(Section(id="s", name="Algebra 1", class_id="C1"),),
    students=tuple(Student(id=f"u{n}", sourced_id=f"S{n}") for n in range(4)),
)
ITEM = LineItem(
    sourced_id="L1", title="Quiz 1", class_id="C1", due="2026-10-01T23:59:00.000Z", maximum=10.0
)
OTHER = LineItem(sourced_id="X1", title="Tardiness", class_id="C1")
ITEM_PUT = LineItemPut(assignment="a", class_id="C1", line_item=ITEM)


def graded(score: float | None = 8.0, status="fully graded", **more):
    return Result(
        sourced_id="R1",
        line_item_id="L1",
        student_id="S1",
        score=score,
        score_status=status,
        **more,
    )


def wants(result, exact=None, *, is_cleared=False):
    return ResultPut(
        assignment="a",
        class_id="C1",
        user="u1",
        result=result,
        score=exact,
        is_cleared=is_cleared,
    )


def told(result, state=State.ACCEPTED, reason=None):
    return Entry(
        class_id="C1",
        assignment="a",
        user="u1",
        sourced_id="R1" if result else "",
        state=state,
        fingerprint=ledger.fingerprint(result) if result else "",
        result=result,
        reason=reason,
    )


LINK = Entry(
    class_id="C1",
    assignment="a",
    sourced_id="L1",
    fingerprint=ledger.fingerprint(ITEM),
    line_item=ITEM,
)


def plan_of(*results, items=(ITEM_PUT,), endpoints=Endpoints.STANDARD, **more):
    return PassbackPlan(
        course="7",
        endpoints=endpoints,
        version=Version.V1P2,
        planned_at=AT,
        digest="",
        line_items=items,
        results=results,
        **more,
    )


def sis(*results, items=(ITEM,), incomplete=()):
    return ClassGradebook(class_id="C1", line_items=items, results=results, incomplete=incomplete)


def compare(plan, of_class, *entries):
    return reconcile(GRADEBOOK, plan, (of_class,), entries, ZONE)


def one_result(plan, of_class, *entries):
    (found,) = [one for one in compare(plan, of_class, LINK, *entries).differences if one.user]
    return found


EXEMPT = graded(score=None, status="exempt")
CLEARED = graded(score=None, status="not submitted")
LEFT = Left(assignment="a", class_id="C1", user="u1", reason=WHY)
SILENT = Withheld(assignment="a", class_id="C1", user="u1", reason=WHY)
GONE = Deletion(assignment="a", class_id="C1", user="u1", sourced_id="R1")

E = graded
#: kind, Canvas's side, the SIS's result, the ledger's entry; then whether it can be repaired, and
#: whether that overwrites somebody's work in the SIS.
CASES = [
    (Kind.SAME, plan_of(wants(E())), E(), told(E()), False, False),
    (Kind.SAME, plan_of(wants(E(late=True))), E(), told(E(late=True)), False, False),
    (Kind.SAME, plan_of(wants(EXEMPT)), E(0.0, "exempt"), told(EXEMPT), False, False),
    (Kind.SAME, plan_of(wants(E())), E(), told(None, State.UNKNOWN), False, False),
    (Kind.NEVER_SENT, plan_of(wants(E())), None, None, True, False),
    (Kind.NEVER_SENT, plan_of(wants(E(0.0))), None, told(None), True, False),
    (Kind.CHANGED, plan_of(wants(E(9.0))), E(), told(E()), True, False),
    (Kind.CHANGED, plan_of(wants(E(late=True))), E(late=False), told(E()), True, False),
    (Kind.REFUSED, plan_of(wants(E())), None, told(None, State.REFUSED, WHY), True, False),
    (Kind.REFUSED, plan_of(wants(E(9.0))), E(), told(E(), State.REFUSED, WHY), True, False),
    (Kind.REFUSED, plan_of(wants(E(9.0))), E(7.0), told(E(), State.REFUSED, WHY), True, True),
    (Kind.UNCONFIRMED, plan_of(wants(E())), None, told(None, State.UNKNOWN), True, False),
    (Kind.UNCONFIRMED, plan_of(wants(E(9.0))), E(), told(E(), State.INTENDED), True, False),
    (Kind.EDITED_IN_SIS, plan_of(wants(E())), E(7.0), told(E()), True, True),
    (Kind.EDITED_IN_SIS, plan_of(wants(E(9.0))), E(7.0), told(E()), True, True),
    (Kind.ENTERED_IN_SIS, plan_of(wants(E())), E(7.0), None, True, True),
    (Kind.ENTERED_IN_SIS, plan_of(wants(E())), CLEARED, None, True, True),
    (Kind.DELETED_IN_SIS, plan_of(wants(E())), None, told(E()), True, True),
    (Kind.DELETED_IN_CANVAS, plan_of(deletions=(GONE,)), E(), told(E()), True, False),
    (Kind.DELETED_IN_CANVAS, plan_of(deletions=(GONE,)), E(7.0), told(E()), True, True),
    (
        Kind.DELETED_IN_CANVAS,
        plan_of(wants(CLEARED, is_cleared=True)),
        E(),
        told(E()),
        True,
        False,
    ),
    (Kind.DELETED_IN_CANVAS, plan_of(left=(LEFT,)), E(), told(E()), False, False),
    (Kind.EXCUSED, plan_of(wants(EXEMPT)), E(0.0), None, True, True),
    (Kind.EXCUSED, plan_of(wants(EXEMPT)), E(), told(E()), True, False),
    (Kind.EXCUSED, plan_of(wants(E())), EXEMPT, told(E()), True, True),
    (Kind.ROUNDING, plan_of(wants(E(8.5))), E(9.0), told(E(8.5)), False, True),
    (Kind.ROUNDING, plan_of(wants(E(8.5), 8.46)), E(8.5), told(E(8.5)), False, False),
    (Kind.BY_RULE, plan_of(wants(E(10.0), 12.0)), E(10.0), told(E(10.0)), False, False),
    (Kind.WITHHELD, plan_of(withheld=(SILENT,)), None, None, False, False),
    (Kind.WITHHELD, plan_of(withheld=(SILENT,)), E(), told(E()), False, False),
]


@pytest.mark.parametrize(("kind", "plan", "theirs", "entry", "repairs", "edited"), CASES)
def test_each_combination_of_both_sides_and_the_ledger_has_its_kind(
    kind, plan, theirs, entry, repairs, edited
):
    found = one_result(plan, sis(*([theirs] if theirs else [])), *([entry] if entry else []))
    assert (kind, repairs, edited) == (found.kind, found.is_repairable, found.is_edited)


def test_every_kind_has_a_case():
    elsewhere = {Kind.ONLY_IN_SIS, Kind.UNREAD}
    assert set(Kind) == {kind for kind, *_ in CASES} | elsewhere
    assert set(Kind) == set(WORDS)


def test_both_values_and_the_reason_are_in_the_words():
    found = one_result(plan_of(wants(E(9.0))), sis(E(8.0)), told(E(8.0), State.REFUSED, WHY))
    assert "Canvas has 9; the SIS refused it and has 8. The term is closed." == found.message
    assert ("9", "8", WHY) == (found.canvas, found.sis, found.reason)


def test_an_edit_is_told_with_all_three_values():
    found = one_result(plan_of(wants(E(9.0))), sis(E(7.0)), told(E(8.0)))
    assert "The SIS was told 8 and has 7: somebody changed it there. Canvas has 9." == found.message


@pytest.mark.parametrize("incomplete", [True, False])
def test_what_an_incomplete_list_does_not_show_is_not_called_missing(incomplete):
    of_class = sis(incomplete=("results",) if incomplete else ())
    found = one_result(plan_of(wants(E())), of_class, told(E()))
    assert (Kind.UNREAD if incomplete else Kind.DELETED_IN_SIS) is found.kind
    assert incomplete != found.is_repairable


def test_a_class_that_was_not_read_is_told_as_unread():
    found = reconcile(GRADEBOOK, plan_of(wants(E())), (), (LINK, told(E())), ZONE)
    assert {Kind.UNREAD: 2} == found.counts


def test_what_only_the_sis_has_is_shown_and_cannot_be_repaired():
    theirs = (
        E(),
        msgspec.structs.replace(E(), sourced_id="R7", student_id="S7"),
        msgspec.structs.replace(E(), sourced_id="R8", line_item_id="X1"),
    )
    found = compare(plan_of(wants(E())), sis(*theirs, items=(ITEM, OTHER)), LINK, told(E()))
    alone = found.of(Kind.ONLY_IN_SIS)
    assert ["X1", "R7"] == [one.sourced_id for one in alone]
    assert '"Tardiness", without a due date, with 1 results' == alone[0].sis
    assert "S7" == alone[1].student_id
    assert frozenset() == repairable(found)
    done = repair(found, [one.key for one in alone], SisEdits.OVERWRITE, overwrite=True)
    assert ((), (), ()) == (done.line_items, done.results, done.deletions)
    assert {"only-in-sis"} == {one.reason.code for one in done.left}


ITEMS = [
    (Kind.SAME, (ITEM,), LINK),
    (Kind.SAME, (msgspec.structs.replace(ITEM, due="2026-10-01", maximum=None),), LINK),
    (Kind.NEVER_SENT, (), None),
    (Kind.DELETED_IN_SIS, (), LINK),
    (
        Kind.CHANGED,
        (msgspec.structs.replace(ITEM, title="Quiz"),),
        msgspec.structs.replace(LINK, line_item=msgspec.structs.replace(ITEM, title="Quiz")),
    ),
    (Kind.EDITED_IN_SIS, (msgspec.structs.replace(ITEM, title="Test"),), LINK),
    (Kind.EDITED_IN_SIS, (msgspec.structs.replace(ITEM, due="2026-10-02"),), LINK),
    (
        Kind.ENTERED_IN_SIS,
        (msgspec.structs.replace(ITEM, maximum=20.0),),
        Entry(class_id="C1", assignment="a", sourced_id="L1", linked_by=LinkedBy.ADOPTED),
    ),
    (Kind.REFUSED, (), Entry(class_id="C1", assignment="a", state=State.REFUSED, reason=WHY)),
    (Kind.UNCONFIRMED, (), Entry(class_id="C1", assignment="a", state=State.INTENDED)),
]


@pytest.mark.parametrize(("kind", "listed", "entry"), ITEMS)
def test_an_assignment_is_compared_as_its_results_are(kind, listed, entry):
    found = compare(plan_of(), sis(items=listed), *([entry] if entry else []))
    assert {kind: 1} == found.counts


def test_an_assignment_that_will_fail_is_withheld_with_its_reason():
    judged = Judgement(assignment="a", class_id="C1", verdict=Verdict.WILL_FAIL, reasons=(WHY,))
    found = compare(plan_of(items=(), judgements=(judged,)), sis(items=()))
    assert {Kind.WITHHELD: 1} == found.counts
    assert WHY == found.differences[0].reason


def test_the_totals_name_the_students_whose_points_differ():
    found = compare(plan_of(wants(E(9.0), 9.25)), sis(E(8.0)), LINK, told(E(8.0)))
    (total,) = found.totals
    assert ("S1", 9.25, 8.0, 1) == (
        total.student_id,
        total.canvas,
        total.sis,
        total.differences,
    )
    same = compare(plan_of(wants(E(8.0))), sis(E(8.0)), LINK, told(E(8.0)))
    assert () == same.totals


PLACE = ("C1", "a", "u1")


@pytest.mark.parametrize(
    ("edits", "overwrite", "code"),
    [
        (SisEdits.ASK, False, "sis-edit-needs-yes"),
        (SisEdits.ASK, True, None),
        (SisEdits.KEEP, True, "sis-edit-kept"),
        (SisEdits.OVERWRITE, False, None),
    ],
)
@pytest.mark.parametrize(
    ("plan", "theirs", "entry"),
    [
        (plan_of(wants(E())), E(7.0), told(E())),
        (plan_of(wants(E())), E(7.0), None),
        (plan_of(wants(E())), None, told(E())),
        (plan_of(deletions=(GONE,)), E(7.0), told(E())),
        (plan_of(wants(E(9.0))), E(7.0), told(E(), State.REFUSED)),
    ],
)
def test_an_edit_made_in_the_sis_is_overwritten_only_as_the_policy_says(
    plan, theirs, entry, edits, overwrite, code
):
    of_class = sis(*([theirs] if theirs else []))
    found = compare(plan, of_class, LINK, *([entry] if entry else []))
    done = repair(found, [PLACE], edits, overwrite=overwrite)
    assert ([code] if code else []) == [one.reason.code for one in done.left]
    assert (0 if code else 1) == len(done.results) + len(done.deletions)


def test_only_what_was_chosen_is_repaired():
    found = compare(plan_of(wants(E(9.0))), sis(E(8.0), items=()), LINK, told(E(8.0)))
    assert repair(found, [], SisEdits.OVERWRITE) == repair(found, (), SisEdits.OVERWRITE)
    assert () == repair(found, [], SisEdits.OVERWRITE).results


def test_a_grade_brings_its_assignment_along_when_the_sis_does_not_have_it():
    found = compare(plan_of(wants(E())), sis(items=()))
    done = repair(found, [PLACE], SisEdits.ASK)
    assert ((ITEM_PUT,), 1) == (done.line_items, len(done.results))


def test_a_grade_waits_for_an_assignment_whose_repair_needs_a_yes():
    new = plan_of(wants(E()))
    found = compare(new, sis(items=()), LINK)
    assert ["line-item-not-repaired"] == [
        one.reason.code for one in repair(found, [PLACE], SisEdits.ASK).left
    ]
    assert 1 == len(repair(found, [PLACE], SisEdits.ASK, overwrite=True).line_items)


def test_a_put_goes_to_the_result_that_is_there():
    theirs = msgspec.structs.replace(E(7.0), sourced_id="T-9")
    found = one_result(plan_of(wants(E())), sis(theirs))
    assert found.result is not None
    assert "T-9" == found.result.result.sourced_id


@pytest.mark.parametrize(("endpoints", "ident"), [("standard", "R1"), ("modified", "")])
def test_a_sis_that_chooses_ids_is_not_asked_for_one_it_has_no_longer(endpoints, ident):
    found = one_result(plan_of(wants(E()), endpoints=Endpoints(endpoints)), sis(), told(E()))
    assert found.result is not None
    assert ident == found.result.result.sourced_id


def test_a_difference_that_is_gone_by_now_is_not_repaired():
    found = compare(plan_of(), sis(), LINK)
    (left,) = repair(found, [PLACE], SisEdits.OVERWRITE).left
    assert "not-in-both" == left.reason.code


# -- With the plan a sync would make ------------------------------------------------------------------

TERMS = Terms(
    identity=Identity("canvas.example/1"),
    zone=ZONE,
    rules=Rules(decimals=0),
    caution=Caution(sis_edits=SisEdits.KEEP),
    version=Version.V1P2,
)
COURSE = msgspec.structs.replace(
    GRADEBOOK,
    students=tuple(Student(id=f"u{n}", sourced_id=f"S{n}", sections=("s",)) for n in range(4)),
    groups=(AssignmentGroup(id="g", name="Tests"),),
    assignments=(
        Assignment(
            id="a",
            name="Quiz 1",
            group="g",
            points_possible=10.0,
            placements=(Placement(section="s", due_at=AT),),
        ),
    ),
    submissions=tuple(
        Submission(
            assignment="a",
            user=f"u{n}",
            state=SubmissionState.GRADED,
            score=score,
            excused=score is None,
            graded_at=AT,
            posted_at=AT,
        )
        for n, score in enumerate((8.4, 9.0, None, 0.0))
    ),
)
EMPTY = ClassGradebook(
    class_id="C1",
    school_id="O1",
    students=("S0", "S1", "S2", "S3"),
    categories=(Category(sourced_id="K1", title="Tests"),),
    line_items=(),
    results=(),
)


def course_beside(of_class, entries):
    return reconcile_course(
        COURSE, {"C1": of_class}, {one.key: one for one in entries}, (), TERMS, now=AT
    )


def test_a_course_that_was_never_synced_is_explained_repaired_and_then_the_same():
    before = course_beside(EMPTY, ())
    assert {Kind.NEVER_SENT: 5} == before.counts
    done = repair(before, repairable(before), SisEdits.KEEP)
    of_class, entries = carried_out(done, EMPTY, ())
    after = course_beside(
        msgspec.structs.replace(EMPTY, line_items=of_class.line_items, results=of_class.results),
        entries,
    )
    assert {Kind.SAME: 4, Kind.ROUNDING: 1} == after.counts
    (rounded,) = after.of(Kind.ROUNDING)
    assert "Canvas has 8.4, the SIS 8: the same but for rounding." == rounded.message


def test_an_edit_in_the_sis_is_seen_though_a_sync_would_keep_it():
    done = repair(course_beside(EMPTY, ()), {("C1", "a", "u1")}, SisEdits.KEEP)
    of_class, entries = carried_out(done, EMPTY, ())
    result = next(iter(of_class.results or ()))
    edited = msgspec.structs.replace(
        EMPTY,
        line_items=of_class.line_items,
        results=(msgspec.structs.replace(result, score=4.0),),
    )
    found = course_beside(edited, entries)
    assert ["u1"] == [one.user for one in found.of(Kind.EDITED_IN_SIS)]


# -- Whatever happened on both sides -----------------------------------------------------------------

scores = st.sampled_from([None, 0.0, 5.0, 7.5, 8.25, 10.0])
values = st.builds(
    lambda score, status: (score, status),
    scores,
    st.sampled_from(["fully graded", "exempt", "not submitted"]),
)
states = st.sampled_from(list(State))


@st.composite
def courses(draw):
    """A plan, a SIS and a ledger that have drifted apart in any way."""
    modified = draw(st.booleans())
    puts, gone, theirs, entries, items, listed = [], [], [], [], [], []
    for assignment in ("a", "b"):
        ident = f"L{assignment}"
        item = msgspec.structs.replace(ITEM, sourced_id=ident, title=assignment)
        items.append(LineItemPut(assignment=assignment, class_id="C1", line_item=item))
        link = draw(st.sampled_from(["none", "told", "linked"]))
        if draw(st.booleans()):
            renamed = draw(st.sampled_from([assignment, "renamed"]))
            listed.append(msgspec.structs.replace(item, title=renamed))
        if link != "none":
            entries.append(
                Entry(
                    class_id="C1",
                    assignment=assignment,
                    sourced_id=ident,
                    state=draw(states),
                    linked_by=LinkedBy.ADOPTED if link == "linked" else LinkedBy.OURS,
                    line_item=item if link == "told" else None,
                )
            )
        for n in range(3):
            result = Result(sourced_id=f"R{assignment}{n}", line_item_id=ident, student_id=f"S{n}")

            def valued(value, result=result):
                return msgspec.structs.replace(result, score=value[0], score_status=value[1])

            if has := draw(st.none() | values):
                theirs.append(valued(has))
            if accepted := draw(st.none() | values):
                entries.append(
                    Entry(
                        class_id="C1",
                        assignment=assignment,
                        user=f"u{n}",
                        sourced_id=result.sourced_id,
                        state=draw(states),
                        result=valued(accepted),
                    )
                )
            wanted = draw(st.none() | st.just("delete") | values)
            deletion = Deletion(
                assignment=assignment, class_id="C1", user=f"u{n}", sourced_id=result.sourced_id
            )
            if wanted == "delete":
                gone.append(deletion)
            elif wanted:
                put = msgspec.structs.replace(wants(valued(wanted), wanted[0]), user=f"u{n}")
                puts.append(msgspec.structs.replace(put, assignment=assignment))
    endpoints = Endpoints.MODIFIED if modified else Endpoints.STANDARD
    plan = plan_of(*puts, items=tuple(items), deletions=tuple(gone), endpoints=endpoints)
    return plan, sis(*theirs, items=tuple(listed)), tuple(entries)


def rows(of_class):
    """Everything the SIS has of a class, by id."""
    return {one.sourced_id: one for one in (*(of_class.results), *(of_class.line_items))}


def carried_out(done, of_class, entries, keep=lambda score: score):
    """The SIS and the ledger after a repair; `keep` is what the SIS makes of a score."""
    items = {one.sourced_id: one for one in of_class.line_items}
    results = {one.sourced_id: one for one in of_class.results}
    known = {one.key: one for one in entries}
    for put in done.line_items:
        ident = put.line_item.sourced_id or f"new-{put.assignment}"
        items[ident] = msgspec.structs.replace(put.line_item, sourced_id=ident)
        known[put.class_id, put.assignment, ""] = Entry(
            class_id=put.class_id,
            assignment=put.assignment,
            sourced_id=ident,
            line_item=items[ident],
        )
    for put in done.results:
        ident = put.result.sourced_id or f"new-{put.assignment}-{put.user}"
        sent = msgspec.structs.replace(put.result, sourced_id=ident)
        results[ident] = msgspec.structs.replace(
            sent, score=None if sent.score is None else keep(sent.score)
        )
        known[put.class_id, put.assignment, put.user] = Entry(
            class_id=put.class_id,
            assignment=put.assignment,
            user=put.user,
            sourced_id=ident,
            result=sent,
        )
    for deletion in done.deletions:
        results.pop(deletion.sourced_id)
        known.pop((deletion.class_id, deletion.assignment, deletion.user), None)
    of_class = sis(*results.values(), items=tuple(items.values()))
    return of_class, tuple(known.values())


@given(courses(), st.sampled_from([lambda score: score, round]))
def test_after_everything_repairable_is_repaired_nothing_repairable_is_left(course, keep):
    plan, of_class, entries = course
    before = compare(plan, of_class, *entries)
    done = repair(before, repairable(before), SisEdits.ASK, overwrite=True)
    assert () == done.left
    after = compare(plan, *(carried := carried_out(done, of_class, entries, keep))[:1], *carried[1])
    assert frozenset() == repairable(after)
    assert set(after.counts) <= {
        Kind.SAME,
        Kind.ROUNDING,
        Kind.ONLY_IN_SIS,
        Kind.DELETED_IN_CANVAS,
        Kind.BY_RULE,
    }


@given(courses())
def test_without_a_yes_nothing_anybody_did_in_the_sis_changes(course):
    plan, of_class, entries = course
    before = compare(plan, of_class, *entries)
    done = repair(before, repairable(before), SisEdits.ASK)
    after, _ = carried_out(done, of_class, entries)
    edited = {one.sourced_id for one in before.differences if one.is_edited and one.sourced_id}
    was, now = rows(of_class), rows(after)
    assert {ident: was[ident] for ident in edited} == {ident: now.get(ident) for ident in edited}


@given(courses())
def test_what_only_the_sis_has_survives_every_repair(course):
    plan, of_class, entries = course
    before = compare(plan, of_class, *entries)
    done = repair(before, {one.key for one in before.differences}, SisEdits.OVERWRITE)
    after, _ = carried_out(done, of_class, entries)
    alone = {one.sourced_id for one in before.of(Kind.ONLY_IN_SIS)}
    assert alone <= set(rows(after))


@given(courses())
def test_every_place_is_told_once_and_every_row_of_the_sis_is_somewhere(course):
    plan, of_class, entries = course
    found = compare(plan, of_class, *entries).differences
    keys = [(one.key, one.sourced_id) for one in found]
    assert len(keys) == len(set(keys))
    linked = {entry.sourced_id for entry in entries if not entry.user}
    linked |= {put.line_item.sourced_id for put in plan.line_items}
    known = {one.sourced_id for one in of_class.results if one.line_item_id in linked}
    known |= {one.sourced_id for one in of_class.line_items}
    assert known <= {one.sourced_id for one in found}
