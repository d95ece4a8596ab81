"""A class that vanishes while one with the same people appears (`safety.md`, `twin-class`)."""

import pytest

from rostering.story import NAMES, TOWN, decide, roll, town
from rosterway.rostering.limits import Guard, Limits, limits_from
from rosterway.rostering.policy import policy_from

TEN = NAMES.split()[:10]
#: Everybody sits somewhere else as well, so that nothing wider than the class is struck.
OTHERS: dict[str, str] = dict.fromkeys(("S2", "S3", "SY", "S0"), NAMES)
LIBERAL = {"removals": {scope: {"count": 30} for scope in ("table", "term", "role", "school")}}


def sections(*extra, without=()):
    return [row for row in TOWN["sections"] if row.split(",")[0] not in without] + [*extra]


def day(today, *, new="S9,C1,Bio 9", yesterday=TEN, gone=("S1",), limits=None, **more):
    """S1 is gone from one morning to the next, and `new` is there with the people of `today`."""
    return decide(
        town({"S1": yesterday, **OTHERS}),
        town({"S9": today, **OTHERS}, sections=sections(new, without=gone)),
        limits=limits or limits_from(LIBERAL),
        **more,
    )


@pytest.mark.parametrize(("same", "twin"), [(10, True), (8, True), (7, False)])
def test_a_class_whose_people_appear_to_four_fifths_in_a_new_one_has_a_twin(same, twin):
    told = day([*TEN[:same], *NAMES.split()[20:]])
    assert (["twin-class"] if twin else ["class"]) == told.guards


def test_a_twin_is_told_with_both_classes_and_their_people():
    hold = day(TEN[:9]).hold("twin-class")
    assert {
        "guard": "twin-class",
        "table": "enrollments",
        "scope": {"table": "enrollments", "school": "H", "term": "AUTUMN", "class": "S1"},
        "count": 9,
        "of": 10,
        "share": 0.9,
        "limit": {"count": 2, "share": 0.8},
        "message": (
            "Class S1 vanished, and class S9 appeared with 9 of its 10 people. Was its id changed?"
        ),
        "below": 1,
    } == hold.as_dict()


def test_a_small_class_has_a_twin_too():
    assert ["twin-class"] == day("Ann Ben", yesterday="Ann Ben").guards


def test_one_pupil_who_leaves_a_class_of_one_for_a_new_class_is_no_twin():
    assert [] == day(NAMES, yesterday="Ann").guards


def test_a_class_that_appears_in_another_term_is_no_twin():
    told = day(TEN, new="S9,CY,Yearbook 9")
    assert ["class"] == told.guards


def test_a_class_that_was_there_already_is_no_twin():
    """Two merged sections are an ordinary day."""
    enrolled = {"S2": NAMES.split()[10:], "S3": NAMES, "SY": NAMES, "S0": NAMES}
    told = decide(
        town({"S1": TEN, **enrolled}),
        town({**enrolled, "S2": NAMES}, sections=sections(without=("S1",))),
    )
    assert ("go", []) == (told.decision, told.guards)


def test_a_class_somebody_is_left_in_has_not_vanished():
    enrolled = {"S1": [*TEN, "Zed"], **OTHERS}
    told = decide(
        town(enrolled),
        town({**OTHERS, "S1": ["Zed"], "S9": TEN}, sections=sections("S9,C1,Bio 9")),
        limits=limits_from(LIBERAL),
    )
    assert ["class"] == told.guards


def test_a_class_that_is_left_alone_by_the_policy_is_there_twice_and_holds():
    policy = policy_from({"enrollments": "nothing", "sections": "nothing"})
    told = day(TEN, policy=policy)
    assert ["twin-class"] == told.guards
    assert {0} == set(told.plan.removals.values())


def test_a_class_missing_from_imports_has_not_vanished():
    assert [] == day(TEN, apply="imports").guards


def test_a_course_without_sections_is_a_class_that_may_have_a_twin():
    def courses(*extra):
        return [*TOWN["courses"], *extra]

    def enrolled(course):
        rows = "\n".join(f",{course},{name},student,active" for name in TEN)
        others = "\n".join(f"{row.replace(',', ',,', 1)}" for row in roll(OTHERS))
        return f"section_id,course_id,user_id,role,status\n{rows}\n{others}\n"

    told = decide(
        town(enrollments=enrolled("C7"), courses=courses("C7,LAT,Latin,H,AUTUMN")),
        town(enrollments=enrolled("C8"), courses=courses("C8,LAT,Latin,H,AUTUMN")),
        limits=limits_from(LIBERAL),
    )
    assert ["twin-class"] == told.guards
    assert "C7" == told.hold("twin-class").where.as_dict()["class"]


def test_a_schools_worth_of_twins_is_told_together_beside_the_school():
    names = [f"A{n}" for n in range(8)]
    old = dict.fromkeys(names, TEN)
    new = {f"{name}-2": TEN for name in names}

    def rows(classes):
        return sections(*(f"{name},C1,Bio {name}" for name in classes))

    told = decide(
        town({**old, **OTHERS}, sections=rows(old)), town({**new, **OTHERS}, sections=rows(new))
    )
    assert ["removals", "twin-class"] == told.guards
    hold = told.hold("twin-class")
    assert (80, 80, 8) == (hold.count, hold.of, hold.below)
    assert {"school": "H", "term": "AUTUMN"} == hold.where.as_dict()


def test_the_share_and_the_size_of_a_twin_are_configurable():
    lenient = limits_from({**LIBERAL, "twin_class": {"count": 11, "share": 0.9}})
    assert ["class"] == day(TEN, limits=lenient).guards


def test_twins_can_be_switched_off():
    assert [] == day(TEN, limits=Limits(off=frozenset({Guard.TWIN_CLASS, Guard.CLASS}))).guards
