"""The results that are really sent, once the SIS has answered for the line items."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passback.a_course import (
    DUE,
    accept,
    assignment,
    both,
    empty,
    gradebook,
    graded,
    of_class,
    plan,
    terms,
)
from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback.caution import Caution
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.edits import is_same, value_of
from rosterway.passback.finish import after_assignments
from rosterway.passback.gradebook import Gradebook
from rosterway.passback.ledger import Entry, Key, LinkedBy, State
from rosterway.passback.terms import Terms
from rosterway.settings.shape import Endpoints, SisEdits, Version

MODIFIED = terms(endpoints=Endpoints.MODIFIED)
SCORES = [graded("1", 8.0), graded("2", 9.5)]
PAIR = ("c-1", "42")
THERE = LineItem(sourced_id="li-1", title="Essay 42", class_id="c-1", due="2026-10-01")


def result(ident: str, student: str = "u-1", score: float = 8.0, **changes: str) -> Result:
    return Result(
        sourced_id=ident,
        line_item_id=changes.pop("line_item_id", "li-1"),
        student_id=student,
        score=score,
        score_status="fully graded",
    )


def synced(chosen: Terms) -> tuple[dict[Key, Entry], dict[str, ClassGradebook]]:
    return accept(plan(gradebook(submissions=SCORES), terms=chosen))


def test_nothing_is_sent_for_a_line_item_that_did_not_arrive():
    final = after_assignments(plan(gradebook(submissions=SCORES)), {}, both(), {})
    assert () == final.puts
    assert [("1", "line-item-failed"), ("2", "line-item-failed")] == [
        (one.user, one.reason.code) for one in final.withheld
    ]


def test_the_id_the_sis_chose_is_the_one_its_results_name():
    made = plan(gradebook(submissions=SCORES), terms=MODIFIED)
    final = after_assignments(made, {PAIR: "77"}, both(), {})
    assert [("77", ""), ("77", "")] == [
        (one.result.line_item_id, one.result.sourced_id) for one in final.puts
    ]


@pytest.mark.parametrize("endpoints", Endpoints)
def test_a_result_that_is_there_is_written_to_and_not_doubled(endpoints):
    classes = {"c-1": of_class(line_items=(THERE,)), "c-2": of_class("c-2")}
    made = plan(gradebook(submissions=SCORES), classes, terms=terms(endpoints=endpoints))
    assert ("c-1",) == made.read_results
    read = {"c-1": of_class(results=(result("theirs"),))}
    final = after_assignments(made, {PAIR: "li-1"}, read, {})
    assert ("theirs", LinkedBy.ADOPTED) == (
        final.puts[0].result.sourced_id,
        final.puts[0].linked_by,
    )


def test_where_results_are_not_proven_the_sis_chooses_no_second_id():
    classes = {"c-1": of_class(line_items=(THERE,)), "c-2": of_class("c-2")}
    made = plan(gradebook(submissions=SCORES), classes, terms=MODIFIED)
    read = {"c-1": of_class(results=(result("theirs"),), incomplete=("results",))}
    final = after_assignments(made, {PAIR: "li-1"}, read, {})
    assert ["theirs"] == [one.result.sourced_id for one in final.puts]
    assert [("2", "unproven-results")] == [(one.user, one.reason.code) for one in final.withheld]


def test_a_doubtful_result_that_arrived_is_confirmed_and_not_sent_again():
    ledger, classes = synced(terms())
    for user in ("1", "2"):
        key = ("c-1", "42", user)
        ledger[key] = msgspec.structs.replace(ledger[key], state=State.UNKNOWN)
    seen = tuple(one for one in classes["c-1"].results or () if one.student_id == "u-1")
    classes["c-1"] = msgspec.structs.replace(classes["c-1"], results=seen)
    made = plan(gradebook(submissions=SCORES), classes, ledger, terms())
    assert ("c-1",) == made.read_results
    final = after_assignments(made, {}, classes, ledger)
    assert ["1"] == [one.user for one in final.confirmed]
    assert ["2"] == [one.user for one in final.puts]


@pytest.mark.parametrize(
    ("endpoints", "expected"), [(Endpoints.MODIFIED, True), (Endpoints.STANDARD, False)]
)
def test_where_the_sis_chooses_ids_a_result_that_is_proven_gone_gets_a_new_one(endpoints, expected):
    chosen = terms(endpoints=endpoints)
    ledger, classes = synced(chosen)
    made = plan(gradebook(submissions=[graded("1", 1.0)]), classes, ledger, chosen)
    final = after_assignments(made, {}, {"c-1": of_class(results=())}, ledger)
    assert [expected] == [one.result.sourced_id == "" for one in final.puts]


@pytest.mark.parametrize("may_overwrite", [True, False])
def test_a_grade_changed_in_the_sis_meanwhile_is_overwritten_only_with_a_yes(may_overwrite):
    asks = terms(caution=Caution(first_sync=False, sis_edits=SisEdits.ASK))
    ledger, classes = synced(asks)
    made = plan(gradebook(submissions=[graded("1", 4.0), empty("2")]), classes, ledger, asks)
    changed = tuple(msgspec.structs.replace(one, score=1.0) for one in classes["c-1"].results or ())
    read = {"c-1": of_class(results=changed)}
    final = after_assignments(
        made, {}, read, ledger, sis_edits=SisEdits.ASK, may_overwrite=may_overwrite
    )
    assert (["1"] if may_overwrite else []) == [one.user for one in final.puts]
    assert (["2"] if may_overwrite else []) == [one.user for one in final.deletions]
    assert ([] if may_overwrite else ["1", "2"]) == [one.user for one in final.edits]


@pytest.mark.parametrize(
    ("incomplete", "deleted", "absent"), [((), [], ["1"]), (("results",), ["1"], [])]
)
def test_what_is_proven_gone_is_not_deleted_again(incomplete, deleted, absent):
    ledger, classes = synced(terms())
    made = plan(gradebook(submissions=[empty("1"), SCORES[1]]), classes, ledger, terms())
    read = {"c-1": of_class(results=(), incomplete=incomplete)}
    final = after_assignments(made, {}, read, ledger)
    assert deleted == [one.user for one in final.deletions]
    assert absent == [one.user for one in final.absent]


@pytest.mark.parametrize(("held", "deleted"), [("u-1", ["sis-7"]), ("u-2", [])])
def test_a_doubtful_grade_that_was_then_cleared_is_looked_for_and_taken_out(held, deleted):
    ledger, classes = accept(plan(gradebook(submissions=[SCORES[1]]), terms=MODIFIED))
    doubtful = Entry(class_id="c-1", assignment="42", user="1", state=State.UNKNOWN)
    ledger[doubtful.key] = doubtful
    made = plan(gradebook(submissions=[empty("1"), SCORES[1]]), classes, ledger, MODIFIED)
    assert ("c-1",) == made.read_results
    there = result("sis-7", held, line_item_id="sis-c-1-42")
    final = after_assignments(made, {}, {"c-1": of_class(results=(there,))}, ledger)
    assert deleted == [one.sourced_id for one in final.deletions]
    assert ([] if deleted else ["1"]) == [one.user for one in final.absent]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (result("a"), result("b", score=8.0001), True),
        (result("a"), result("b", score=8.01), False),
        (result("a"), None, False),
        (None, None, True),
        (result("a"), msgspec.structs.replace(result("b"), score_status="not submitted"), False),
        (result("a"), msgspec.structs.replace(result("b"), score_status="exempt"), False),
        (result("a"), msgspec.structs.replace(result("b"), score_status=""), True),
        (result("a"), msgspec.structs.replace(result("b"), is_deleted=True), False),
        (
            msgspec.structs.replace(result("a"), score=0.0, score_status="not submitted"),
            msgspec.structs.replace(result("b"), score=None, score_status="submitted"),
            True,
        ),
        (
            msgspec.structs.replace(result("a"), text_score="A"),
            msgspec.structs.replace(result("b"), text_score="B"),
            False,
        ),
    ],
)
def test_two_results_say_the_same_where_a_person_reads_the_same(one, other, expected):
    assert expected is is_same(one, other)


# -- Whatever a teacher does, the SIS follows or it is said why not -----------------------------

USERS = ("1", "2", "3", "11")
ASSIGNMENTS = ("42", "43")
WORK = st.sampled_from(["none", "graded", "zero", "excused", "hidden", "missing"]).flatmap(
    lambda kind: st.tuples(st.just(kind), st.integers(1, 12).map(float))
)


def submission(user: str, on: str, work: tuple[str, float]):
    kind, score = work
    return {
        "none": lambda: empty(user, on),
        "graded": lambda: graded(user, score, on),
        "zero": lambda: graded(user, 0.0, on),
        "excused": lambda: empty(user, on, excused=True),
        "hidden": lambda: graded(user, score, on, posted_at=None),
        "missing": lambda: empty(user, on, missing=True),
    }[kind]()


@st.composite
def courses(draw: st.DrawFn) -> Gradebook:
    """A course at one moment: names, dates, which assignments are synced, and everyone's work."""
    synced_ones = draw(st.sets(st.sampled_from(ASSIGNMENTS), min_size=1))
    return gradebook(
        [
            assignment(
                one,
                name=f"Essay {one}{draw(st.sampled_from(['', ' again']))}",
                due_at=DUE + timedelta(days=draw(st.integers(0, 2))),
                group=draw(st.sampled_from(["g1", "g2"])),
            )
            for one in sorted(synced_ones)
        ],
        [submission(user, one, draw(WORK)) for one in sorted(synced_ones) for user in USERS],
    )


def in_sis(classes: dict[str, ClassGradebook]) -> dict[tuple[str, str], Result]:
    """What the SIS has, by our assignment and student; it holds nothing twice."""
    found: dict[tuple[str, str], Result] = {}
    for of in classes.values():
        for one in of.results or ():
            key = (one.line_item_id, one.student_id)
            assert key not in found
            found[key] = one
    return found


@settings(max_examples=60, deadline=None)
@given(
    history=st.lists(courses(), min_size=1, max_size=5),
    endpoints=st.sampled_from(Endpoints),
    version=st.sampled_from(Version),
    rules=st.sampled_from(
        [{}, {"cleared": "not-submitted"}, {"deletes": False}, {"excused": "skip"},
         {"over_maximum": "clamp"}, {"over_maximum": "refuse"}, {"same_name": "suffix"}]
    ),
)  # fmt: skip
def test_after_any_history_the_sis_has_what_canvas_has_or_it_is_said_why(
    history, endpoints, version, rules
):
    chosen = terms(
        endpoints=endpoints,
        version=version,
        caution=Caution(first_sync=False, adoptions=False, cleared=99),
        **rules,
    )
    ledger: dict[Key, Entry] = {}
    classes = both(results=())
    for book in history:
        made = plan(book, classes, ledger, chosen)
        ledger, classes = accept(made, ledger, classes)
    book = history[-1]
    last = plan(book, classes, ledger, chosen)
    assert last.is_empty
    said = {(one.class_id, one.assignment, one.user) for one in (*last.withheld, *last.left)}
    have = in_sis(classes)
    of_user = {one.id: one.sections[0].replace("s", "c-") for one in book.students}
    for one in book.submissions:
        class_id = of_user[one.user]
        item = ledger[class_id, one.assignment, ""].sourced_id
        found = value_of(have.get((item, f"u-{one.user}")))
        if (class_id, one.assignment, one.user) in said:
            continue
        expected = ("none", None)
        if one.excused:
            expected = ("none" if rules.get("excused") == "skip" else "exempt", None)
        elif one.score is not None:
            is_clamped = rules.get("over_maximum") == "clamp"
            expected = ("grade", min(one.score, 10.0) if is_clamped else one.score)
        assert expected == found[:2]
