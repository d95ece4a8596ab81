"""Limits: how much may go before somebody must look (`safety.md`, "Limits", the table of guards).

Each number is tried at its boundary: exactly at it, one above, one below; each scope on its own.
"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostering.story import NAMES, decide, numbered, people, table, town
from rosterway.errors import ConfigError
from rosterway.rostering.limits import Guard, Limit, Limits, Scope, limits_from

# -- One limit -------------------------------------------------------------------------------


@given(
    count=st.integers(0, 60),
    percent=st.integers(0, 100),
    gone=st.integers(0, 5_000),
    of=st.integers(0, 50_000),
)
def test_a_limit_is_exceeded_when_both_its_count_and_its_share_are(count, percent, gone, of):
    both = gone > count and Fraction(gone) > Fraction(percent, 100) * of
    assert both is Limit(count, percent / 100).is_exceeded(gone, of)


@pytest.mark.parametrize("percent", range(1, 100))
def test_exactly_a_share_is_within_it_whatever_the_percentage(percent):
    limit = Limit(0, percent / 100)
    assert not limit.is_exceeded(percent, 100)
    assert limit.is_exceeded(percent + 1, 100)


# -- Scopes of removals ----------------------------------------------------------------------

# Rows spread over classes of fourteen, so that no class loses half and none goes to none.


def spread(count, sections):
    """`count` people over these sections, by turns."""
    enrolled = {section: [] for section in sections}
    for place, name in enumerate(numbered(count)):
        enrolled[sections[place % len(sections)]].append(name)
    return enrolled


def lose(enrolled, gone, sections=None):
    """The same without `gone` people, by turns."""
    left = {section: list(names) for section, names in enrolled.items()}
    order = sections or list(left)
    for place in range(gone):
        left[order[place % len(order)]].pop()
    return left


def sections_of(course, count):
    return [f"{course}-{number}" for number in range(count)]


def school_day(yesterday, today, **options):
    """Two days of the town's four courses with sections of their own and numbered people."""
    every = sorted({name for names in yesterday.values() for name in names})
    sections = [f"{section},{section.split('-')[0]},{section}" for section in yesterday]
    rows = {"sections": sections, "users": people(every)}
    return decide(town(yesterday, **rows), town(today, **rows), **options)


@pytest.mark.parametrize(
    ("live", "gone", "holds"),
    [
        (200, 10, False),  # ten are allowed, whatever the share
        (60, 10, False),
        (200, 11, True),
        (220, 11, False),  # exactly five percent
        (220, 12, True),
        (219, 11, True),
        (400, 20, False),
        (400, 21, True),
    ],
)
def test_ten_live_rows_and_five_percent_of_a_table(live, gone, holds):
    enrolled = spread(live, sections_of("CY", 8))
    told = school_day(enrolled, lose(enrolled, gone))
    assert (["removals"] if holds else []) == told.guards
    if holds:
        hold = told.hold("removals")
        assert (gone, live, {}) == (hold.count, hold.of, hold.where.as_dict())
        assert {"count": 10, "share": 0.05} == hold.limit


def test_ten_and_five_percent_of_a_term():
    enrolled = spread(300, [*sections_of("C1", 4), *sections_of("CY", 6)])
    within = school_day(enrolled, lose(enrolled, 10, sections_of("C1", 4)))
    beyond = school_day(enrolled, lose(enrolled, 11, sections_of("C1", 4)))
    assert [] == within.guards
    assert {"term": "AUTUMN"} == beyond.hold("removals").where.as_dict()
    assert (11, 120) == (beyond.hold("removals").count, beyond.hold("removals").of)


def test_ten_and_five_percent_of_a_role():
    sections = sections_of("CY", 10)
    students = spread(360, sections)
    teachers = {s: [f"T{s[-1]}{n}/teacher" for n in range(4)] for s in sections}
    both = {s: [*students[s], *teachers[s]] for s in sections}
    every = numbered(360) + [f"T{s[-1]}{n}" for s in sections for n in range(4)]
    rows = {"sections": [f"{s},CY,{s}" for s in sections], "users": people(every)}

    def told(gone):
        kept = lose(teachers, gone)
        today = {s: [*students[s], *kept[s]] for s in sections}
        return decide(town(both, **rows), town(today, **rows))

    assert [] == told(10).guards
    assert {"role": "teacher"} == told(11).hold("removals").where.as_dict()


def test_twenty_five_and_five_percent_of_a_school():
    # 480 pupils at Mill Middle among 1,000; the rest at Hill High, without dates.
    sections = [*sections_of("C2", 12), *sections_of("CY", 13)]
    enrolled = spread(1_000, sections)
    lenient = limits_from(
        {"removals": {"table": {"count": 90}, "term": {"count": 90}, "role": {"count": 90}}}
    )
    within = school_day(enrolled, lose(enrolled, 25, sections_of("C2", 12)), limits=lenient)
    beyond = school_day(enrolled, lose(enrolled, 26, sections_of("C2", 12)), limits=lenient)
    assert [] == within.guards
    assert {"school": "M"} == beyond.hold("removals").where.as_dict()
    assert {"count": 25, "share": 0.05} == beyond.hold("removals").limit


def test_twenty_five_and_ten_percent_of_a_combination():
    # Hill High's autumn: 240 of its 1,200; only there do people go.
    enrolled = spread(1_200, [*sections_of("C1", 12), *sections_of("CY", 48)])
    lenient = limits_from(
        {"removals": {scope: {"count": 90} for scope in ("table", "term", "role", "school")}}
    )
    within = school_day(enrolled, lose(enrolled, 25, sections_of("C1", 12)), limits=lenient)
    beyond = school_day(enrolled, lose(enrolled, 26, sections_of("C1", 12)), limits=lenient)
    assert [] == within.guards
    assert {"school": "H", "term": "AUTUMN"} == beyond.hold("removals").where.as_dict()
    assert {"count": 25, "share": 0.10} == beyond.hold("removals").limit


def test_a_school_is_an_account_with_everything_below_it():
    accounts = ["D,,District South", "H,D,Hill High", "M,D,Mill Middle"]
    enrolled = spread(60, [*sections_of("C1", 2), *sections_of("C2", 2)])
    rows = {
        "accounts": accounts,
        "sections": [f"{s},{s.split('-')[0]},{s}" for s in enrolled],
        "users": people(numbered(60)),
    }
    off = limits_from(
        {
            "removals": {
                "table": {"count": 99},
                "term": {"count": 99},
                "role": {"count": 99},
                "school": {"count": 8},
            }
        }
    )
    told = decide(town(enrolled, **rows), town(lose(enrolled, 9), **rows), limits=off)
    assert [("removals", {"school": "D"})] == [
        (hold.guard.value, hold.where.as_dict()) for hold in told.plan.holds
    ]


def test_limits_count_removals_net_of_moves():
    sections = sections_of("CY", 8)
    enrolled = spread(120, sections)
    moved = {s: list(names) for s, names in enrolled.items()}
    for at, section in enumerate(sections):
        for _ in range(4):
            moved[sections[(at + 1) % 8]].append(moved[section].pop(0))
    told = school_day(enrolled, moved)
    assert ("go", 0) == (told.decision, told.removals("enrollments"))
    told = school_day(enrolled, lose(moved, 11))
    assert 11 == told.removals("enrollments")
    assert 11 == told.hold("removals").count


# -- Classes, and anything that goes to none -------------------------------------------------


@pytest.mark.parametrize(
    ("size", "gone", "holds"),
    [
        (4, 4, False),
        (5, 4, False),
        (5, 5, True),
        (9, 8, False),
        (9, 9, True),
        (10, 4, False),
        (10, 5, True),
        (11, 5, False),
        (11, 6, True),
    ],
)
def test_a_class_of_five_goes_to_none_or_of_ten_loses_half(size, gone, holds):
    names = NAMES.split()
    others = {"S2": names[12:], "S3": names[12:], "SY": names[12:]}
    told = decide(town({"S1": names[:size], **others}), town({"S1": names[gone:size], **others}))
    assert (["class"] if holds else []) == told.guards
    if holds:
        hold = told.hold("class")
        assert ("S1", gone, size) == (hold.where.as_dict()["class"], hold.count, hold.of)


def test_moves_aside_a_class_may_lose_half():
    told = decide(
        town({"S1": "Ann Ben Cal Dee Eve Fay Gus Hal Ida Joe", "S2": "Zed"}),
        town({"S1": "Ann Ben Cal Dee Eve", "S2": "Zed Fay Gus Hal Ida Joe"}),
    )
    assert [] == told.guards


@pytest.mark.parametrize(("size", "holds"), [(4, False), (5, True), (10, True)])
def test_any_other_scope_of_five_that_goes_to_none_holds(size, holds):
    others = {"S1": NAMES.split()[15:]}
    yesterday, today = (
        town(others, user_observers=[f"Zed,{name}" for name in names])
        for names in (NAMES.split()[:size], [])
    )
    today["user_observers"] = table("user_observers", ["Yan,Xia"])
    yesterday["user_observers"] += "Yan,Xia,deleted\n"
    told = decide(yesterday, today)
    assert (["to-none"] if holds else []) == told.guards
    assert size == told.removals("user_observers")


def test_a_role_of_five_that_goes_to_none_holds_though_the_table_is_large():
    teachers = [f"{name}/teacher" for name in NAMES.split()[:5]]
    students = numbered(300)
    rows = {"users": people([*NAMES.split(), *students])}
    spread_out = {"S1": students[:100], "S2": students[100:200], "SY": students[200:]}
    yesterday = {**spread_out, "S3": [*teachers, *NAMES.split()[10:20]]}
    today = {**spread_out, "S3": NAMES.split()[10:20]}
    told = decide(town(yesterday, **rows), town(today, **rows))
    assert {"role": "teacher"} == told.hold("to-none").where.as_dict()


# -- New users -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "new", "holds"),
    [
        (100, 50, False),
        (100, 51, True),
        (500, 50, False),
        (510, 51, False),  # exactly ten percent
        (509, 51, True),
        (600, 60, False),
        (600, 61, True),
    ],
)
def test_with_a_baseline_new_users_may_not_exceed_both_fifty_and_ten_percent(known, new, holds):
    names = numbered(known)
    today = names + numbered(new, letter="N")
    told = decide(
        town({"S1": "U0001"}, users=people(names)), town({"S1": "U0001"}, users=people(today))
    )
    assert (["new-users"] if holds else []) == told.guards


def test_without_a_baseline_new_users_are_the_first_load():
    told = decide(None, town({}, users=people(numbered(200))), first_load=True)
    assert [] == told.guards


# -- After a pause ---------------------------------------------------------------------------


@pytest.mark.parametrize("after", ["a pause", "a change of policy or connection"])
def test_the_first_run_after_a_pause_holds_if_it_would_remove_anything(after):
    yesterday, today = town({"S1": NAMES}), town({"S1": NAMES.removesuffix(" Zed")})
    told = decide(yesterday, today, after=after)
    assert ["after-pause"] == told.guards
    assert after in told.hold("after-pause").message
    assert 1 == told.hold("after-pause").count


def test_the_first_run_after_a_pause_goes_if_it_removes_nothing():
    assert "go" == decide(town({"S1": "Ann"}), town({"S1": "Ann Ben"}), after="a pause").decision


NEW_YEAR = {
    "terms": [
        "AUTUMN,Autumn 2026,active,2026-08-17,2026-12-18",
        "NEXT,Spring 2027,active,2027-01-04,2027-06-04",
    ],
    "courses": ["C1,BIO,Biology,H,AUTUMN", "C2,ART,Art,M,AUTUMN", "N1,CHE,Chemistry,H,NEXT"],
    "sections": ["S1,C1,Bio 1", "S3,C2,Art", "N1A,N1,Che 1"],
}
THIS_YEAR = {
    "terms": NEW_YEAR["terms"][:1],
    "courses": NEW_YEAR["courses"][:2],
    "sections": NEW_YEAR["sections"][:2],
}


def test_a_rollover_holds_if_it_would_remove_anything():
    told = decide(
        town({"S1": NAMES}, **THIS_YEAR),
        town({"S1": NAMES.removesuffix(" Zed"), "N1A": "Ann"}, **NEW_YEAR),
    )
    assert ["after-pause"] == told.guards
    assert "rollover" in told.hold("after-pause").message


def test_a_rollover_is_seen_by_its_courses_where_terms_are_not_delivered():
    def undated(rows):
        return {**rows, "terms": None}

    told = decide(
        town({"S1": NAMES}, **undated(THIS_YEAR)),
        town({"S1": NAMES.removesuffix(" Zed"), "N1A": "Ann"}, **undated(NEW_YEAR)),
    )
    assert ["after-pause"] == told.guards


def test_a_new_term_with_few_courses_is_no_rollover():
    rows = {**NEW_YEAR, "courses": [*NEW_YEAR["courses"], "C3,MUS,Music,M,AUTUMN"]}
    told = decide(
        town({"S1": NAMES}, **THIS_YEAR),
        town({"S1": NAMES.removesuffix(" Zed")}, **rows),
    )
    assert [] == told.guards


# -- Configuration ---------------------------------------------------------------------------


def test_limits_are_configurable_for_each_table_and_scope():
    limits = limits_from(
        {
            "removals": {
                "count": 20,
                "share": 0.1,
                "school": {"count": 40},
                "users": {"share": 0.01, "school": {"count": 3, "share": 0.5}},
            },
            "class": {"to_none": 3, "count": 6, "share": 0.7},
            "new_users": {"count": 5},
            "off": ["first-load"],
        }
    )
    assert Limit(20, 0.1) == limits.of_removals("enrollments", Scope.TERM)
    assert Limit(40, 0.05) == limits.of_removals("enrollments", Scope.SCHOOL)
    assert Limit(20, 0.01) == limits.of_removals("users", Scope.TABLE)
    assert Limit(3, 0.5) == limits.of_removals("users", Scope.SCHOOL)
    assert (3, 6, 0.7) == (limits.to_none, limits.class_size, limits.class_share)
    assert Limit(5, 0.1) == limits.new_users
    assert not limits.is_on(Guard.FIRST_LOAD)


NAMED = {
    "removals": {
        "school": {"count": 30, "H": {"count": 400}},
        "term": {"YEAR": {"share": 0.5}},
        "enrollments": {
            "school": {"H": {"count": 500, "share": 0.2}},
            "role": {"ta": {"count": 0}},
        },
    }
}


@pytest.mark.parametrize(
    ("table", "names", "limit"),
    [
        ("sections", {}, Limit(10, 0.05)),
        ("sections", {Scope.SCHOOL: "M"}, Limit(30, 0.05)),
        ("sections", {Scope.SCHOOL: "H"}, Limit(400, 0.05)),
        ("enrollments", {Scope.SCHOOL: "H"}, Limit(500, 0.2)),
        ("enrollments", {Scope.TERM: "YEAR"}, Limit(10, 0.5)),
        ("enrollments", {Scope.ROLE: "ta"}, Limit(0, 0.05)),
        ("enrollments", {Scope.ROLE: "teacher"}, Limit(10, 0.05)),
        ("enrollments", {Scope.SCHOOL: "H", Scope.ROLE: "student"}, Limit(500, 0.2)),
        ("enrollments", {Scope.SCHOOL: "M", Scope.ROLE: "ta"}, Limit(25, 0.10)),
    ],
)
def test_a_school_a_term_and_a_role_may_have_limits_of_their_own(table, names, limit):
    assert limit == limits_from(NAMED).at(table, names, 1000)


def test_a_school_that_is_allowed_to_lose_more_does_not_hold_and_another_does():
    enrolled = spread(600, [*sections_of("C1", 10), *sections_of("C2", 10)])
    wide = {scope: {"share": 0.5} for scope in ("table", "term", "role")}
    named = {**wide, "school": {"H": {"share": 0.5}}}
    limits = limits_from({"removals": named})
    of_hill = lose(enrolled, 40, sections_of("C1", 10))
    of_mill = lose(enrolled, 40, sections_of("C2", 10))
    assert [] == school_day(enrolled, of_hill, limits=limits).guards
    (hold,) = school_day(enrolled, of_mill, limits=limits).plan.holds
    assert "M" == hold.where.as_dict()["school"]


@pytest.mark.parametrize(
    "given",
    [
        {"removal": {}},
        {"removals": {"school": {"H": {"cuont": 1}}}},
        {"removals": {"table": {"H": {"count": 1}}}},
        {"removals": {"users": {"combined": {"H": {"count": 1}}}}},
        {"removals": {"county": {"count": 1}}},
        {"removals": {"users": {"city": {"count": 1}}}},
        {"removals": {"count": -1}},
        {"removals": {"count": True}},
        {"removals": {"share": 5}},
        {"removals": 5},
        {"class": {"size": 5}},
        {"off": ["everything"]},
        {"off": "class"},
    ],
    ids=str,
)
def test_a_limit_not_understood_is_refused_by_name(given):
    with pytest.raises(ConfigError):
        limits_from(given)


@pytest.mark.parametrize(
    ("share", "gone", "holds"), [(0.7, 7, True), (0.7, 6, False), (0.6, 6, True)]
)
def test_a_class_that_loses_exactly_its_share_holds_whatever_the_percentage(share, gone, holds):
    names = NAMES.split()
    others = {"S2": names[12:], "S3": names[12:], "SY": names[12:]}
    told = decide(
        town({"S1": names[:10], **others}),
        town({"S1": names[gone:10], **others}),
        limits=limits_from({"class": {"share": share}}),
    )
    assert (["class"] if holds else []) == told.guards


def test_a_guard_that_is_switched_off_is_not_asked_and_the_plan_says_so():
    told = decide(
        town({"S1": "Ann Ben Cal Dee Eve", "S2": NAMES}),
        town({"S1": "", "S2": NAMES}),
        limits=Limits(off=frozenset({Guard.CLASS})),
    )
    assert ("go", ["class"]) == (told.decision, list(told.plan.off))


# -- What a hold says ------------------------------------------------------------------------


def test_every_hold_says_which_guard_which_scope_how_many_of_how_many_and_the_limit():
    enrolled = spread(300, [*sections_of("C1", 4), *sections_of("CY", 6)])
    told = school_day(enrolled, lose(enrolled, 11, sections_of("C1", 4)))
    (hold,) = told.plan.holds
    assert hold.as_dict() == {
        "guard": "removals",
        "table": "enrollments",
        "scope": {"table": "enrollments", "term": "AUTUMN"},
        "count": 11,
        "of": 120,
        "share": 0.0917,
        "limit": {"count": 10, "share": 0.05},
        "message": "Term AUTUMN would lose 11 of 120 enrollments; the limit is 10.",
        "below": 0,
    }


def test_one_cause_is_one_hold_at_the_widest_scope_with_a_count_of_what_lies_below():
    enrolled = spread(140, sections_of("C1", 10))
    told = school_day(enrolled, lose(enrolled, 70))
    (hold,) = told.plan.holds
    assert ("removals", {}, 70, 140) == (
        hold.guard.value,
        hold.where.as_dict(),
        hold.count,
        hold.of,
    )
    # The term, the role, the school, their combinations, and ten classes that lose half.
    assert 7 + 10 == hold.below


def test_many_classes_that_lose_their_people_are_told_together():
    enrolled = spread(600, sections_of("CY", 60))
    today = {s: ([] if s in sections_of("CY", 6) else names) for s, names in enrolled.items()}
    lenient = limits_from(
        {"removals": {s: {"share": 0.5} for s in ("table", "term", "role", "school", "combined")}}
    )
    (hold,) = school_day(enrolled, today, limits=lenient).plan.holds
    assert ("class", 60, 60, 6) == (hold.guard.value, hold.count, hold.of, hold.below)
    assert {"school": "H", "term": "YEAR"} == hold.where.as_dict()
