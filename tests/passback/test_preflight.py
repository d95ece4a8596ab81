"""What will fail is said before it is sent: one case that breaks each rule, one that just keeps it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from passback.a_course import (
    DUE,
    NOW,
    SESSIONS,
    assignment,
    both,
    gradebook,
    graded,
    of_class,
    plan,
    terms,
)
from rosterway.formats.oneroster.gradebook import LineItem
from rosterway.passback.class_gradebook import Session
from rosterway.passback.decide import plan_passback
from rosterway.passback.gradebook import AssignmentGroup, Course, Placement, SyncSettings
from rosterway.passback.plan import FixKind, Judgement, PassbackPlan, Verdict
from rosterway.passback.preflight import RULES
from rosterway.passback.reasons import Who
from rosterway.settings.shape import Endpoints, Version

WHOLE = {"whole_points": True}
UNPROVEN = {"incomplete": ("line_items",)}
THERE = LineItem(sourced_id="li", title="Essay 42", class_id="c-1", due="2026-10-01")
CHRISTMAS = datetime(2026, 12, 24, 12, tzinfo=UTC)
SUMMER = datetime(2026, 8, 1, 12, tzinfo=UTC)
TWINS = (THERE, LineItem(sourced_id="li-2", title="Essay 42", class_id="c-1", due="2026-10-01"))
TWO_DUES = (
    Placement(section="s1", due_at=DUE),
    Placement(section="s2", due_at=DUE + timedelta(days=1)),
)


def said(case: dict[str, Any]) -> set[str]:
    """The codes of the reasons against the course's one assignment in class c-1."""
    return {reason.code for reason in judged(case).reasons}


def judged(case: dict[str, Any]) -> Judgement:
    """The verdict on assignment 42 in class c-1."""
    found = {(one.assignment, one.class_id): one for one in made(case).judgements}
    return found["42", "c-1"]


def made(case: dict[str, Any]) -> PassbackPlan:
    """The plan of a course with one assignment, one grade, and what the case changes."""
    case = dict(case)
    rules = case.pop("rules", {})
    endpoints = case.pop("endpoints", Endpoints.STANDARD)
    version = case.pop("version", Version.V1P2)
    classes = both(**case.pop("sis", {}))
    others = case.pop("others", ())
    scores = case.pop("scores", [graded("1")])
    book = {key: case.pop(key) for key in ("course", "settings", "groups") if key in case}
    return plan(
        gradebook([assignment(**case), *others], scores, **book),
        classes,
        terms=terms(endpoints=endpoints, version=version, **rules),
    )


def settings(**changes: Any) -> SyncSettings:
    return SyncSettings(sis_name="Aeries", **changes)


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "course-unpublished": (
        {"course": Course(id="7", name="English", published=False)},
        {"course": Course(id="7", name="English", published=False), "rules": {"needs_published": False}},
    ),
    "unpublished": ({"published": False}, {"published": False, "rules": {"needs_published": False}}),
    "not-graded": ({"grading_type": "not_graded"}, {"grading_type": "pass_fail"}),
    "mastery-path": ({"mastery_paths": True, "rules": {"mastery_paths": "refuse"}}, {"mastery_paths": True}),
    "only-individuals": (
        {"only_individuals": True, "individuals": ("1",), "rules": {"individuals": "refuse"}},
        {"only_individuals": True, "individuals": ("1",)},
    ),
    "individuals": (
        {"individuals": ("1",), "rules": {"individuals": "refuse"}},
        {"individuals": ("1",)},
    ),
    "group-not-from-sis": (
        {"rules": {"needs_sis_group": True}},
        {"rules": {"needs_sis_group": True},
         "groups": (AssignmentGroup(id="g1", name="Homework", sis_source_id="x"),)},
    ),
    "name-too-long": (
        {"name": "x" * 31, "rules": {"name_length": 30}},
        {"name": "x" * 30, "rules": {"name_length": 30}},
    ),
    "no-name": ({"name": "  "}, {"name": "-"}),
    "same-name": (
        {"name": "Quiz", "rules": {"same_name": "refuse"}, "others": (assignment("9", name="quiz"),)},
        {"name": "Quiz", "rules": {"same_name": "suffix"}, "others": (assignment("9", name="quiz"),)},
    ),
    "no-due-date": ({"due_at": None, "rules": {"undated": "refuse"}}, {"due_at": None}),
    "no-session": (
        {"due_at": None, "sis": {"sessions": ()}},
        {"due_at": None, "sis": {"sessions": ()}, "rules": {"undated": "omit"}},
    ),
    "due-outside-term": (
        {"due_at": CHRISTMAS, "rules": {"due_inside": "term"}},
        {"due_at": datetime(2026, 12, 20, 5, 59, tzinfo=UTC), "rules": {"due_inside": "term"}},
    ),
    "due-outside-period": (
        {"due_at": CHRISTMAS, "rules": {"due_inside": "grading-period"}},
        {"due_at": DUE, "rules": {"due_inside": "grading-period"}},
    ),
    "differing-due-dates": ({"placements": TWO_DUES, "rules": {"same_due": True}}, {"rules": {"same_due": True}}),
    "assigned-early": (
        {"created_at": SUMMER, "rules": {"early_assigned": "refuse"}},
        {"created_at": datetime(2026, 8, 15, 6, tzinfo=UTC), "rules": {"early_assigned": "refuse"}},
    ),
    "no-grading-period": (
        {"due_at": CHRISTMAS, "version": Version.V1P1},
        {"due_at": CHRISTMAS, "version": Version.V1P1, "rules": {"shape": "lean"}},
    ),
    "no-sessions": (
        {"sis": {"sessions": ()}, "version": Version.V1P1},
        {"sis": {"sessions": ()}, "version": Version.V1P1, "rules": {"grading_period": False}},
    ),
    "no-school": (
        {"sis": {"school_id": None}},
        {"sis": {"school_id": None}, "version": Version.V1P1},
    ),
    "zero-points": ({"points_possible": 0.0, "rules": {"zero_points": "refuse"}}, {"points_possible": 0.0}),
    "negative-points": ({"points_possible": -1.0}, {"points_possible": 0.0}),
    "fractional-points": ({"points_possible": 10.5, "rules": WHOLE}, {"points_possible": 10.0, "rules": WHOLE}),
    "no-grade-yet": ({"scores": [], "rules": {"needs_grade": True}}, {"rules": {"needs_grade": True}}),
    "multiple-matches": ({"sis": {"line_items": TWINS}}, {"sis": {"line_items": (THERE,)}}),
    "shared-match": (
        {"sis": {"line_items": (THERE,)}, "others": (assignment("9", name="Essay 42"),)},
        {"sis": {"line_items": (THERE,)}, "others": (assignment("9", name="Essay 43"),)},
    ),
    "unproven-line-items": ({"sis": UNPROVEN}, {"sis": UNPROVEN, "rules": {"adopts": False}}),
    "no-category": ({"sis": {"categories": ()}}, {"sis": {"categories": ()}, "rules": {"needs_category": False}}),
}  # fmt: skip

#: Told in test_plan, where there is a ledger.
ELSEWHERE = {"line-item-gone"}


@pytest.mark.parametrize("code", CASES)
def test_what_breaks_a_rule_will_fail_and_nothing_of_it_is_sent(code):
    case, _ = CASES[code]
    assert code in said(case)
    assert Verdict.WILL_FAIL is judged(case).verdict
    sent = made(case)
    assert not [one for one in (*sent.line_items, *sent.results) if one.assignment == "42"
                and one.class_id == "c-1"]  # fmt: skip


@pytest.mark.parametrize("code", CASES)
def test_what_just_keeps_a_rule_goes(code):
    _, case = CASES[code]
    assert set() == said(case)


def test_every_rule_is_tried():
    assert {rule.said.code for rule in RULES} == (CASES.keys() | ELSEWHERE) - {"no-category"}


def test_every_rule_says_what_to_do_and_names_its_source():
    assert all(rule.said.remedy and rule.said.source for rule in RULES)


def test_an_ordinary_course_has_nothing_against_it():
    assert [Verdict.FINE, Verdict.FINE] == [one.verdict for one in made({}).judgements]


@pytest.mark.parametrize(
    ("changes", "case", "expected"),
    [
        ({"name_length": 20}, {"name": "x" * 21}, {"name-too-long"}),
        ({"name_length": 20}, {"name": "x" * 21, "rules": {"long_name": "cut"}}, set()),
        ({"name_length": 20}, {"name": "x" * 21, "rules": {"name_length": 90}}, {"name-too-long"}),
        ({"requires_due_date": True}, {"due_at": None}, {"no-due-date"}),
        ({"requires_due_date": True}, {}, set()),
        ({}, {"due_at": None}, set()),
    ],
)
def test_the_settings_of_the_canvas_account_hold_as_well(changes, case, expected):
    assert expected == said({**case, "settings": settings(**changes)})


def test_without_terms_of_the_sis_the_term_of_canvas_counts():
    course = Course(
        id="7",
        name="English",
        term_start_at=datetime(2026, 8, 15, tzinfo=UTC),
        term_end_at=datetime(2026, 9, 30, 5, tzinfo=UTC),
    )
    case = {"course": course, "sis": {"sessions": ()}, "rules": {"due_inside": "term"}}
    assert {"due-outside-term"} == said(case)


def test_only_a_new_line_item_waits_for_its_first_grade():
    case = {"scores": [], "rules": {"needs_grade": True}, "sis": {"line_items": (THERE,)}}
    assert set() == said(case)


def test_it_is_said_who_can_mend_it():
    reasons = judged({"published": False, "sis": {"school_id": None}}).reasons
    assert [Who.TEACHER, Who.SIS_ADMIN] == [reason.who for reason in reasons]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (
            {"name": "The causes of the First World War, part two", "rules": {"name_length": 30}},
            (FixKind.RENAME, "The causes of the First World", ""),
        ),
        ({"due_at": None, "rules": {"undated": "refuse"}}, (FixKind.DUE_DATE, "2026-10-14", "s1")),
        (
            {"due_at": CHRISTMAS, "rules": {"due_inside": "term"}},
            (FixKind.DUE_DATE, "2026-10-14", "s1"),
        ),
        (
            {"placements": TWO_DUES, "rules": {"same_due": True}},
            (FixKind.DUE_DATE, "2026-10-02", "s1"),
        ),
        (
            {"due_at": CHRISTMAS, "version": Version.V1P1},
            (FixKind.DUE_DATE, "2026-10-14", "s1"),
        ),
        (
            {"created_at": SUMMER, "rules": {"early_assigned": "refuse"}},
            (FixKind.AVAILABLE, "2026-08-15", "s1"),
        ),
    ],
)
def test_what_would_mend_it_in_canvas_is_offered(case, expected):
    assert [expected] == [(fix.kind, fix.after, fix.section) for fix in judged(case).fixes]


def test_an_offered_name_is_one_the_class_does_not_have():
    twin = assignment("9", name="A long essay on ships")
    case = {"name": "A long essay on ships at sea", "others": (twin,), "rules": {"name_length": 21}}
    assert ["A long essay on (2)"] == [fix.after for fix in judged(case).fixes]


def test_a_session_that_ends_tomorrow_still_takes_what_is_due_on_its_last_day():
    last = datetime(2026, 10, 15, 4, 59, tzinfo=UTC)  # the 14th in Chicago
    put = made({"due_at": last}).line_items[0]
    assert "gp-1" == put.line_item.grading_period_id


def test_no_student_is_locked_out_by_a_day_that_is_yet_to_come():
    november = datetime(2026, 11, 2, 12, tzinfo=UTC)
    case = {"due_at": november, "created_at": SUMMER, "rules": {"early_assigned": "refuse"}}
    assert {"assigned-early"} == said(case)
    assert () == judged(case).fixes


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, "2026-08-15T23:59:00.000Z"),
        ({"early_assigned": "allow"}, "2026-08-01T23:59:00.000Z"),
        ({"early_assigned": "clamp", "grading_period": False}, "2026-08-01T23:59:00.000Z"),
    ],
)
def test_a_day_of_assigning_before_the_period_goes_as_declared(rules, expected):
    put = made({"created_at": SUMMER, "rules": rules}).line_items[0]
    assert expected == put.line_item.assigned


@pytest.mark.parametrize(
    ("ends", "expected"),
    [("either", set()), ("inclusive", set()), ("exclusive", {"due-outside-term"})],
)
def test_the_end_of_a_term_is_a_day_of_it_or_not_as_declared(ends, expected):
    the_20th = datetime(2026, 12, 20, 12, tzinfo=UTC)
    assert expected == said({"due_at": the_20th, "rules": {"due_inside": "term", "ends": ends}})


def test_a_class_of_half_a_year_has_no_day_of_the_other_half():
    year = Session(
        sourced_id="y", kind="schoolYear", start="2026-08-15", end="2027-06-01", is_above=True
    )
    spring = datetime(2027, 3, 1, 12, tzinfo=UTC)
    case = {
        "due_at": spring,
        "sis": {"sessions": (year, *SESSIONS)},
        "rules": {"due_inside": "term"},
    }
    assert {"due-outside-term"} == said(case)


def test_what_may_be_due_anywhere_is_of_the_year_where_it_is_outside_the_classs_term():
    year = Session(
        sourced_id="y", kind="schoolYear", start="2026-08-15", end="2027-06-01", is_above=True
    )
    spring = datetime(2027, 3, 1, 12, tzinfo=UTC)
    case = {"due_at": spring, "sis": {"sessions": (year, *SESSIONS)}, "version": Version.V1P1}
    assert "y" == made(case).line_items[0].line_item.grading_period_id


def test_a_plan_depends_on_nothing_it_was_not_given():
    book, chosen = gradebook([assignment()], [graded("1")]), terms()
    classes = {"c-1": of_class(sessions=SESSIONS), "c-2": of_class("c-2")}
    one, other = (plan_passback(book, classes, {}, (), chosen, now=NOW) for _ in range(2))
    assert one == other
