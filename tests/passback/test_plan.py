"""A course's sync, planned: what goes, what is left out and why, what waits for a person."""

from datetime import timedelta

import msgspec
import pytest

from passback.a_course import (
    CHICAGO,
    DUE,
    NOW,
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
from rosterway.passback.gradebook import Placement, Section, Student
from rosterway.passback.ledger import Entry, LinkedBy, State
from rosterway.passback.match import MatchedBy
from rosterway.passback.plan import Guard, PassbackPlan, Verdict
from rosterway.passback.terms import Selection
from rosterway.settings.shape import Endpoints, SisEdits

MODIFIED = terms(endpoints=Endpoints.MODIFIED)
SCORES = [graded("1", 8.0), graded("2", 9.5), graded("11", 7.0)]


def test_an_assignment_in_two_sections_is_two_line_items_with_two_ids():
    made = plan(gradebook(submissions=SCORES))
    assert [("c-1", "42"), ("c-2", "42")] == [
        (one.class_id, one.assignment) for one in made.line_items
    ]
    assert 2 == len({one.line_item.sourced_id for one in made.line_items})


def test_each_grade_goes_to_the_class_its_student_is_in():
    made = plan(gradebook(submissions=SCORES))
    assert [("c-1", "1", 8.0), ("c-1", "2", 9.5), ("c-2", "11", 7.0)] == [
        (one.class_id, one.user, one.result.score) for one in made.results
    ]


def test_what_the_sis_accepted_is_not_sent_again():
    book = gradebook(submissions=SCORES)
    ledger, classes = accept(plan(book))
    again = plan(book, classes, ledger)
    assert again.is_empty
    assert {Verdict.UNCHANGED} == {one.verdict for one in again.judgements}
    assert (2, 3) == (again.counts.unchanged_line_items, again.counts.unchanged_results)
    assert () == again.read_results


@pytest.mark.parametrize("endpoints", Endpoints)
def test_a_sync_sends_only_the_grade_that_changed(endpoints):
    chosen = terms(endpoints=endpoints)
    ledger, classes = accept(plan(gradebook(submissions=SCORES), terms=chosen))
    changed = gradebook(submissions=[graded("1", 8.5), *SCORES[1:]])
    again = plan(changed, classes, ledger, chosen)
    assert [] == list(again.line_items)
    assert [("1", 8.5)] == [(one.user, one.result.score) for one in again.results]
    assert ledger["c-1", "42", "1"].sourced_id == again.results[0].result.sourced_id


def test_a_new_line_item_has_no_id_where_the_sis_chooses_it_and_keeps_the_one_returned():
    book = gradebook(submissions=SCORES)
    first = plan(book, terms=MODIFIED)
    assert {""} == {one.line_item.sourced_id for one in first.line_items}
    assert {("", "")} == {(one.result.sourced_id, one.result.line_item_id) for one in first.results}
    ledger, classes = accept(first)
    assert "sis-c-1-42" == ledger["c-1", "42", ""].sourced_id
    assert {"sis-c-1-42"} == {one.line_item_id for one in classes["c-1"].results or ()}
    assert plan(book, classes, ledger, MODIFIED).is_empty


@pytest.mark.parametrize("endpoints", Endpoints)
def test_a_link_survives_another_name_and_another_due_date(endpoints):
    chosen = terms(endpoints=endpoints)
    ledger, classes = accept(plan(gradebook(submissions=SCORES), terms=chosen))
    moved = assignment(name="Another essay", due_at=DUE + timedelta(days=5))
    again = plan(gradebook([moved], SCORES), classes, ledger, chosen)
    assert [ledger["c-1", "42", ""].sourced_id, ledger["c-2", "42", ""].sourced_id] == [
        one.line_item.sourced_id for one in again.line_items
    ]
    assert {False} == {one.is_new for one in again.line_items}
    assert () == again.results


def test_a_copied_course_starts_without_links_and_takes_none_from_the_copied_data():
    ledger, classes = accept(plan(gradebook(submissions=SCORES)))
    copied = assignment("900", name="Essay 900", integration_data={"line_item": "canvas-x"})
    made = plan(gradebook([copied], course=gradebook().course), classes, {})
    assert {True} == {one.is_new for one in made.line_items}
    assert not {one.line_item.sourced_id for one in made.line_items} & {
        entry.sourced_id for entry in ledger.values()
    }


def test_an_assignment_moved_to_another_group_is_told_its_new_category():
    ledger, classes = accept(plan(gradebook(submissions=SCORES)))
    again = plan(gradebook([assignment(group="g2")], SCORES), classes, ledger)
    assert ["cat-t", "cat-t"] == [one.line_item.category_id for one in again.line_items]


# -- What the SIS has already -----------------------------------------------------------------


def _there(ident: str = "li-1", title: str = "Essay 42", due: str = "2026-10-01") -> LineItem:
    return LineItem(sourced_id=ident, title=title, class_id="c-1", due=due, description="Theirs")


def test_a_line_item_of_the_same_name_and_due_day_is_adopted_after_a_yes():
    careful = terms(caution=Caution(first_sync=False))
    classes = {"c-1": of_class(line_items=(_there(),)), "c-2": of_class("c-2")}
    made = plan(gradebook(submissions=SCORES), classes, terms=careful)
    put = made.line_items[0]
    assert ("li-1", False, LinkedBy.ADOPTED) == (
        put.line_item.sourced_id,
        put.is_new,
        put.linked_by,
    )
    assert "Theirs" == put.line_item.description
    assert [Guard.ADOPTIONS] == [hold.guard for hold in made.holds]
    assert ("c-1",) == made.read_results


def test_two_line_items_of_one_name_and_due_day_are_never_guessed_between():
    classes = both(line_items=(_there(), _there("li-2")))
    made = plan(gradebook(submissions=SCORES), classes)
    judged = made.judgements[0]
    assert (Verdict.WILL_FAIL, MatchedBy.SEVERAL) == (judged.verdict, judged.matched_by)
    assert ("li-1", "li-2") == judged.candidates
    assert 'Multiple matches found for "Essay 42" due on 2026-10-01 in SIS.' == (
        judged.reasons[0].message
    )
    assert made.is_empty


def test_two_assignments_that_match_one_line_item_are_never_guessed_between():
    twins = [assignment("42", name="Quiz"), assignment("43", name="Quiz")]
    made = plan(gradebook(twins), both(line_items=(_there(title="Quiz"),)))
    assert {"shared-match"} == {one.reasons[0].code for one in made.judgements}


def test_a_line_item_linked_to_one_assignment_is_not_taken_for_another():
    ledger, classes = accept(plan(gradebook(submissions=SCORES)))
    twin = assignment("43", name="Essay 42")
    made = plan(gradebook([assignment(), twin], SCORES), classes, ledger)
    assert [("c-1", "43", True), ("c-2", "43", True)] == [
        (one.class_id, one.assignment, one.is_new) for one in made.line_items
    ]


def test_a_line_item_deleted_in_the_sis_is_made_anew_only_by_a_remaster():
    ledger, _ = accept(plan(gradebook(submissions=SCORES)))
    asked = plan(gradebook(submissions=SCORES), both(), ledger)
    assert {"line-item-gone"} == {one.reasons[0].code for one in asked.judgements}
    assert asked.is_empty
    again = plan(gradebook(submissions=SCORES), both(), ledger, remaster=True)
    assert (2, 3) == (again.counts.new_line_items, again.counts.results)


@pytest.mark.parametrize(
    ("chosen", "is_made"),
    [
        (MODIFIED, False),
        (terms(endpoints=Endpoints.MODIFIED, adopts=False), False),
        (terms(), False),
        (terms(adopts=False), True),
    ],
    ids=["modified", "modified-without-adopting", "standard", "standard-without-adopting"],
)
def test_on_an_unproven_list_nothing_is_made_that_could_be_there(chosen, is_made):
    made = plan(gradebook(submissions=SCORES), both(incomplete=("line_items",)), terms=chosen)
    assert is_made is bool(made.line_items)
    if not is_made:
        assert {"unproven-line-items"} == {one.reasons[0].code for one in made.judgements}


def test_a_sis_that_offers_no_list_of_line_items_is_told_under_our_own_ids():
    made = plan(gradebook(submissions=SCORES), both(line_items=None, unserved=("line_items",)))
    assert 2 == made.counts.new_line_items


# -- What Canvas no longer has -----------------------------------------------------------------


def _after(changed, chosen):
    ledger, classes = accept(plan(gradebook(submissions=SCORES), terms=chosen))
    return plan(gradebook(submissions=[changed, *SCORES[1:]]), classes, ledger, chosen), ledger


def test_a_cleared_grade_is_deleted():
    made, ledger = _after(empty("1"), terms())
    assert [("1", ledger["c-1", "42", "1"].sourced_id)] == [
        (one.user, one.sourced_id) for one in made.deletions
    ]
    after, classes = accept(made, ledger)
    again = plan(gradebook(submissions=[empty("1"), *SCORES[1:]]), terms=terms(), ledger=after,
                 classes=_with_line_items(classes, ledger))  # fmt: skip
    assert () == again.deletions


def _with_line_items(classes, ledger):
    return {
        ident: msgspec.structs.replace(
            one,
            line_items=tuple(
                entry.line_item
                for entry in ledger.values()
                if entry.line_item is not None and entry.class_id == ident
            ),
        )
        for ident, one in classes.items()
    }


@pytest.mark.parametrize(
    "chosen", [terms(cleared="not-submitted"), terms(deletes=False)], ids=["chosen", "no-delete"]
)
def test_a_cleared_grade_is_told_as_not_submitted_where_it_is_not_deleted(chosen):
    made, _ = _after(empty("1"), chosen)
    assert [("1", "not submitted", None, True)] == [
        (one.user, one.result.score_status, one.result.score, one.is_cleared)
        for one in made.results
    ]


def test_a_cleared_grade_that_is_kept_is_listed():
    made, _ = _after(empty("1"), terms(cleared="keep"))
    assert made.is_empty
    assert [("1", "cleared-kept")] == [(one.user, one.reason.code) for one in made.left]


def test_an_excuse_taken_back_is_noticed():
    excused = graded("1", None, excused=True)
    ledger, classes = accept(plan(gradebook(submissions=[excused]), terms=terms()))
    assert ["exempt"] == [one.score_status for one in classes["c-1"].results or ()]
    made = plan(gradebook(submissions=[empty("1")]), classes, ledger, terms())
    assert ["1"] == [one.user for one in made.deletions]


def test_a_grade_hidden_again_stays_in_the_sis_and_is_said():
    made, _ = _after(graded("1", 3.0, posted_at=None), terms())
    assert made.is_empty
    assert [("1", "hidden")] == [(one.user, one.reason.code) for one in made.withheld]


def test_an_incremental_read_says_nothing_of_those_it_does_not_show():
    ledger, classes = accept(plan(gradebook(submissions=SCORES)))
    made = plan(gradebook(submissions=[], since=NOW), classes, ledger)
    assert (True, (), ()) == (made.is_empty, made.withheld, made.left)


def test_a_submission_a_whole_read_does_not_show_removes_nothing():
    ledger, classes = accept(plan(gradebook(submissions=SCORES)))
    made = plan(gradebook(submissions=SCORES[1:]), classes, ledger)
    assert made.is_empty
    assert [("1", "not-read")] == [(one.user, one.reason.code) for one in made.withheld]


def test_an_assignment_no_longer_synced_stays_in_the_sis_and_is_said():
    ledger, classes = accept(plan(gradebook(submissions=SCORES)))
    made = plan(gradebook([]), classes, ledger)
    assert made.is_empty
    assert [("c-1", "withdrawn"), ("c-2", "withdrawn")] == [
        (one.class_id, one.reason.code) for one in made.left
    ]


def test_an_assignment_no_longer_synced_is_deleted_only_by_policy_and_with_a_yes():
    ledger, classes = accept(plan(gradebook(submissions=SCORES)))
    made = plan(gradebook([]), classes, ledger, terms(withdrawn="delete"))
    assert [ledger["c-1", "42", ""].sourced_id, ledger["c-2", "42", ""].sourced_id] == [
        one.sourced_id for one in made.deletions
    ]
    assert [Guard.WITHDRAWN] == [hold.guard for hold in made.holds]


def test_an_adopted_line_item_is_never_deleted():
    entry = Entry(class_id="c-1", assignment="9", sourced_id="li-9", linked_by=LinkedBy.ADOPTED)
    made = plan(gradebook([]), ledger={entry.key: entry}, terms=terms(withdrawn="delete"))
    assert () == made.deletions


def test_a_selection_says_nothing_of_what_was_not_selected():

    two = [assignment("42"), assignment("43")]
    made = plan(gradebook(two), selection=Selection(assignments=("43",), classes=("c-2",)))
    assert [("c-2", "43")] == [(one.class_id, one.assignment) for one in made.judgements]
    assert [("c-2", "43")] == [(one.class_id, one.assignment) for one in made.line_items]


def test_a_selection_of_assignments_withdraws_none():
    chosen = terms(withdrawn="delete")
    ledger, classes = accept(plan(gradebook(submissions=SCORES), terms=chosen))
    only = Selection(assignments=("43",))
    made = plan(gradebook([assignment("43")]), classes, ledger, chosen, selection=only)
    assert ((), ()) == (made.deletions, made.left)


# -- Who gets nothing --------------------------------------------------------------------------


def test_nothing_is_told_of_a_student_the_sis_does_not_list_in_the_class():
    classes = {"c-1": of_class(students=("u-2",)), "c-2": of_class("c-2")}
    made = plan(gradebook(submissions=SCORES), classes)
    assert ["2", "11"] == [one.user for one in made.results]
    assert [("1", "not-in-class")] == [(one.user, one.reason.code) for one in made.withheld]


@pytest.mark.parametrize("changes", [{"students": None}, {"incomplete": ("students",)}])
def test_without_a_proven_list_of_students_the_sis_enrollment_in_canvas_is_believed(changes):
    assert ["1", "2", "11"] == [
        one.user for one in plan(gradebook(submissions=SCORES), both(**changes)).results
    ]


def test_a_student_added_by_hand_is_named_and_gets_nothing():
    students = (Student(id="99", sections=("s1",)),)
    made = plan(gradebook(submissions=[graded("99")], students=students))
    assert () == made.results
    assert [("99", "no-sis-id")] == [(one.user, one.reason.code) for one in made.withheld]


def test_the_grades_of_a_student_who_moved_stay_in_the_old_class_and_go_to_the_new():
    ledger, classes = accept(plan(gradebook(submissions=SCORES)))
    moved = Student(id="1", sourced_id="u-1", sections=("s2",))
    students = (moved, *gradebook().students[1:])
    classes["c-2"] = msgspec.structs.replace(
        classes["c-2"], students=(*(classes["c-2"].students or ()), "u-1")
    )
    made = plan(gradebook(submissions=SCORES, students=students), classes, ledger)
    assert [("c-2", "1")] == [(one.class_id, one.user) for one in made.results]
    assert [("c-1", "1", "left-class")] == [
        (one.class_id, one.user, one.reason.code) for one in made.left
    ]


def test_an_assignment_in_no_section_from_the_sis_says_so():
    made = plan(gradebook(sections=(Section(id="s1", name="By hand"),)), {})
    assert [("", "no-sis-section")] == [
        (one.class_id, one.reasons[0].code) for one in made.judgements
    ]


def test_a_class_that_could_not_be_read_fails_by_itself():
    made = plan(gradebook(submissions=SCORES), {"c-1": of_class()})
    assert [("c-1", Verdict.FINE), ("c-2", Verdict.WILL_FAIL)] == [
        (one.class_id, one.verdict) for one in made.judgements
    ]


# -- What waits for a person -------------------------------------------------------------------


def _guards(made: PassbackPlan) -> list[Guard]:
    return [hold.guard for hold in made.holds]


def test_the_first_sync_of_a_course_is_shown_before_it_is_sent():
    careful = terms(caution=Caution())
    first = plan(gradebook(submissions=SCORES), terms=careful)
    assert [Guard.FIRST_SYNC] == _guards(first)
    ledger, classes = accept(first)
    changed = gradebook(submissions=[graded("1", 1.0)])
    assert [] == _guards(plan(changed, classes, ledger, careful))


def test_a_sync_that_could_send_nothing_leaves_the_next_one_the_first():
    careful = terms(caution=Caution())
    uncategorised = {key: of_class(key, categories=()) for key in both()}
    nothing = plan(gradebook(submissions=SCORES), uncategorised, terms=careful)
    assert nothing.is_empty
    ledger, _ = accept(nothing)
    next_one = plan(gradebook(submissions=SCORES), ledger=ledger, terms=careful)
    assert [Guard.FIRST_SYNC] == _guards(next_one)


@pytest.mark.parametrize(("count", "expected"), [(3, []), (4, [Guard.NEW_LINE_ITEMS])])
def test_more_new_line_items_than_the_cap_wait(count, expected):
    capped = terms(caution=Caution(first_sync=False, new_line_items=3))
    many = [assignment(str(n), sections=("s1",)) for n in range(count)]
    assert expected == _guards(plan(gradebook(many), terms=capped))


@pytest.mark.parametrize(("count", "expected"), [(3, []), (4, [Guard.CLEARED])])
def test_more_grades_taken_back_than_the_cap_wait(count, expected):
    capped = terms(caution=Caution(first_sync=False, cleared=3))
    users = [str(n) for n in range(1, 9)]
    ledger, classes = accept(
        plan(gradebook(submissions=[graded(user) for user in users]), terms=capped)
    )
    now = [empty(user) if int(user) <= count else graded(user) for user in users]
    assert expected == _guards(plan(gradebook(submissions=now), classes, ledger, capped))


def _edited(policy: SisEdits) -> PassbackPlan:
    chosen = terms(caution=Caution(first_sync=False, sis_edits=policy))
    ledger, classes = accept(plan(gradebook(submissions=SCORES), terms=chosen))
    changed = tuple(
        msgspec.structs.replace(one, score=1.0) if one.student_id == "u-1" else one
        for one in classes["c-1"].results or ()
    )
    classes["c-1"] = msgspec.structs.replace(classes["c-1"], results=changed)
    regraded = gradebook(submissions=[graded("1", 8.5), graded("2", 4.0), *SCORES[2:]])
    return plan(regraded, classes, ledger, chosen)


@pytest.mark.parametrize(
    ("policy", "sent", "edits", "guards"),
    [
        (SisEdits.OVERWRITE, ["1", "2"], [], []),
        (SisEdits.ASK, ["1", "2"], ["1"], [Guard.SIS_EDITS]),
        (SisEdits.KEEP, ["2"], ["1"], []),
    ],
)
def test_a_grade_changed_in_the_sis_is_overwritten_as_the_policy_says(policy, sent, edits, guards):
    made = _edited(policy)
    assert sent == [one.user for one in made.results]
    assert edits == [one.user for one in made.edits]
    assert guards == _guards(made)


# -- The digest --------------------------------------------------------------------------------


def test_the_digest_does_not_depend_on_order_or_the_hour():
    two = [assignment("42"), assignment("43")]
    book = gradebook(two, SCORES)
    turned = gradebook(
        reversed(two),
        reversed(SCORES),
        sections=tuple(reversed(book.sections)),
        students=tuple(reversed(book.students)),
    )
    one, other = plan(book), plan(turned, now=NOW + timedelta(hours=3))
    assert one.digest == other.digest
    assert one.results == other.results
    assert one.judgements == other.judgements


def test_the_digest_covers_every_grade():
    assert (
        plan(gradebook(submissions=SCORES)).digest
        != plan(gradebook(submissions=[graded("1", 8.01), *SCORES[1:]])).digest
    )


def test_a_plan_is_kept_as_json_and_read_back_the_same():
    made = plan(gradebook(submissions=SCORES))
    assert made == msgspec.json.decode(msgspec.json.encode(made), type=PassbackPlan)


def test_what_is_in_doubt_is_looked_at_before_it_is_sent_again():
    ledger, classes = accept(plan(gradebook(submissions=SCORES)))
    key = ("c-1", "42", "1")
    ledger[key] = msgspec.structs.replace(ledger[key], state=State.UNKNOWN)
    made = plan(gradebook(submissions=SCORES), classes, ledger)
    assert ["1"] == [one.user for one in made.results]
    assert ("c-1",) == made.read_results


def test_assignments_for_some_students_only_go_to_the_classes_those_are_in():
    only = assignment(sections=(), only_individuals=True, individuals=("11",))
    made = plan(gradebook([only], [graded("11")]))
    assert [("c-2", "42")] == [(one.class_id, one.assignment) for one in made.line_items]
    assert ["11"] == [one.user for one in made.results]


def test_due_dates_of_sections_hold_in_their_own_class():
    later = (
        Placement(section="s1", due_at=DUE),
        Placement(section="s2", due_at=DUE + timedelta(days=30)),
    )
    made = plan(gradebook([assignment(placements=later)]))
    assert [
        ("2026-10-01T23:59:00.000Z", "gp-1"),
        ("2026-10-31T23:59:00.000Z", "gp-2"),
    ] == [(one.line_item.due, one.line_item.grading_period_id) for one in made.line_items]
    assert "America/Chicago" == str(CHICAGO)


def test_a_result_the_sis_has_under_another_name_is_not_doubled():
    theirs = Result(sourced_id="r-9", line_item_id="li-1", student_id="u-1", score=5.0)
    classes = {
        "c-1": of_class(line_items=(_there(),), results=(theirs,)),
        "c-2": of_class("c-2"),
    }
    made = plan(gradebook(submissions=SCORES), classes)
    ledger, _ = accept(made, classes=classes)
    assert "r-9" == ledger["c-1", "42", "1"].sourced_id


def test_an_assignment_made_anew_in_the_sis_asks_it_for_new_ids_of_all_results():
    ledger, _ = accept(plan(gradebook(submissions=SCORES), terms=MODIFIED))
    again = plan(gradebook(submissions=SCORES), both(), ledger, MODIFIED, remaster=True)
    assert {("", "")} == {(one.result.sourced_id, one.result.line_item_id) for one in again.results}


def test_an_assignment_that_was_deleted_in_the_sis_by_us_is_made_anew_when_it_is_synced_again():
    chosen = terms(withdrawn="delete")
    ledger, classes = accept(plan(gradebook(submissions=SCORES), terms=chosen))
    ledger, classes = accept(plan(gradebook([]), classes, ledger, chosen), ledger, classes)
    again = plan(gradebook(submissions=SCORES), classes, ledger, chosen)
    assert (2, 3) == (again.counts.new_line_items, again.counts.results)


def test_an_assignment_with_nothing_but_hidden_grades_to_tell_is_unchanged():
    ledger, classes = accept(plan(gradebook(submissions=SCORES)))
    hidden = [graded("1", 3.0, posted_at=None), *SCORES[1:]]
    made = plan(gradebook(submissions=hidden), classes, ledger)
    assert {Verdict.UNCHANGED} == {one.verdict for one in made.judgements}
    assert 1 == made.counts.withheld


def test_a_line_item_that_was_adopted_stays_one_that_is_not_ours():
    classes = {"c-1": of_class(line_items=(_there(),)), "c-2": of_class("c-2")}
    ledger, classes = accept(plan(gradebook(submissions=SCORES), classes), classes=classes)
    renamed = gradebook([assignment(name="Another essay")], SCORES)
    made = plan(renamed, classes, ledger)
    assert [LinkedBy.ADOPTED, LinkedBy.OURS] == [one.linked_by for one in made.line_items]


def test_of_two_sections_of_one_class_the_first_gives_the_dates_and_both_their_students():
    sections = (
        Section(id="s1", name="English, 1st", class_id="c-1"),
        Section(id="s2", name="English, 1st, again", class_id="c-1"),
    )
    dated = (
        Placement(section="s1", due_at=DUE),
        Placement(section="s2", due_at=DUE + timedelta(days=9)),
    )
    everyone = tuple(f"u-{n}" for n in range(1, 21))
    made = plan(
        gradebook([assignment(placements=dated)], SCORES, sections=sections),
        {"c-1": of_class(students=everyone)},
    )
    assert ["2026-10-01T23:59:00.000Z"] == [one.line_item.due for one in made.line_items]
    assert ["1", "2", "11"] == [one.user for one in made.results]


@pytest.mark.parametrize(
    ("policy", "classes"),
    [(SisEdits.OVERWRITE, ()), (SisEdits.ASK, ("c-1",)), (SisEdits.KEEP, ("c-1",))],
)
def test_what_was_told_is_looked_at_again_only_where_edits_are_not_overwritten(policy, classes):
    chosen = terms(caution=Caution(first_sync=False, sis_edits=policy))
    ledger, held = accept(plan(gradebook(submissions=SCORES), terms=chosen))
    unread = {ident: msgspec.structs.replace(one, results=None) for ident, one in held.items()}
    changed = gradebook(submissions=[graded("1", 1.0), *SCORES[1:]])
    assert classes == plan(changed, unread, ledger, chosen).read_results


@pytest.mark.parametrize("adopts", [True, False])
def test_a_line_item_of_ours_whose_answer_was_lost_is_no_adoption(adopts):
    careful = terms(endpoints=Endpoints.MODIFIED, caution=Caution(first_sync=False), adopts=adopts)
    ledger = {
        ("c-1", "42", ""): Entry(class_id="c-1", assignment="42", state=State.UNKNOWN, attempts=1)
    }
    classes = {"c-1": of_class(line_items=(_there(),)), "c-2": of_class("c-2")}
    made = plan(gradebook(submissions=SCORES), classes, ledger, careful)
    assert [] == _guards(made)
    assert ["li-1", ""] == [one.line_item.sourced_id for one in made.line_items]
