"""Orgs, sessions and classes become accounts, terms, courses and sections."""

from datetime import date

import pytest

from rostering.translating import (
    SCHOOL,
    changed,
    course,
    enrollment,
    klass,
    org,
    session,
    translated,
    user,
)


def test_the_school_as_canvas_is_told_it():
    told = translated()

    assert told.problems == []
    assert told.translation.is_whole
    assert told.tables == {
        "accounts": [
            {"account_id": "A", "parent_account_id": None, "name": "A name", "status": "active"}
        ],
        "terms": [
            {
                "term_id": "S1",
                "name": "S1 title",
                "status": "active",
                "start_date": "2026-08-17T00:00:00Z",
                "end_date": "2027-01-15T23:59:59Z",
            }
        ],
        "courses": [
            {
                "course_id": "m1",
                "short_name": "math-code",
                "long_name": "m1 class",
                "account_id": "A",
                "term_id": "S1",
                "status": "active",
            }
        ],
        "sections": [
            {"section_id": "m1", "course_id": "m1", "name": "m1 class", "status": "active"}
        ],
        "users": [
            {
                "user_id": name,
                "login_id": f"{name}.login",
                "status": "active",
                "first_name": name.title(),
                "last_name": "Smith",
                "email": f"{name}@school.example",
            }
            for name in ("amy", "pam", "tom")
        ],
        "enrollments": [
            {
                "section_id": "m1",
                "user_id": name,
                "role": role,
                "status": "active",
                "start_date": "2026-08-17T00:00:00Z",
                "end_date": "2027-01-15T23:59:59Z",
            }
            for name, role in (("amy", "student"), ("tom", "teacher"))
        ],
        "user_observers": [{"observer_id": "pam", "student_id": "amy", "status": "active"}],
    }


# -- accounts

DEEP = changed(
    orgs=[
        org("D", "district"),
        org("North", "department", "D"),
        org("A", parent="North"),
        org("Lab", "local", "A"),
    ]
)


@pytest.mark.parametrize(
    ("policy", "accounts"),
    [
        ("", [("A", "North"), ("Lab", "A"), ("North", None)]),
        (
            '[accounts]\ndistrict = "account"',
            [("A", "North"), ("D", None), ("Lab", "A"), ("North", "D")],
        ),
        ('[accounts]\norgs = "schools"', [("A", None)]),
        ('[accounts]\ndistrict = "account"\norgs = "schools"', [("A", None)]),
    ],
)
def test_orgs_below_the_root_become_accounts(policy, accounts):
    told = translated(DEEP, policy)

    assert accounts == sorted(told.rows("accounts", "account_id", "parent_account_id"))
    assert told.row("courses")["account_id"] == "A"


def test_an_account_comes_before_those_below_it():
    assert [("North",), ("A",), ("Lab",)] == translated(DEEP).rows("accounts", "account_id")


def test_without_accounts_courses_stand_in_the_root_account():
    told = translated(policy='[accounts]\norgs = "none"')

    assert "accounts" not in told.tables
    assert told.row("courses")["account_id"] is None


def test_an_org_of_another_type_is_an_account_if_a_class_is_in_it():
    orgs = [org("D", "district"), org("A", "local", "D"), org("Office", "local", "D")]

    told = translated(changed(orgs=orgs), '[accounts]\norgs = "schools"')

    assert [("A",)] == told.rows("accounts", "account_id")


@pytest.mark.parametrize(
    ("orgs", "code"),
    [
        ([org("A", parent="B"), org("B", parent="A")], "org-loop"),
        ([org("A", parent="A")], "org-loop"),
        ([org("A", parent="lost")], "org-parent-unknown"),
    ],
)
def test_an_org_without_a_sound_place_stands_below_the_root(orgs, code):
    told = translated(changed(orgs=orgs))

    assert told.row("accounts", account_id="A")["parent_account_id"] is None
    assert code in told.codes


def test_several_districts_are_one_root_and_told():
    told = translated(changed(orgs=[org("E", "district"), org("B", parent="E")]))

    assert [("A", None), ("B", None)] == told.rows("accounts", "account_id", "parent_account_id")
    assert [problem.value for problem in told.told("districts-several")] == ["D, E"]


@pytest.mark.parametrize("status", ["tobedeleted", "inactive"])
def test_an_org_to_be_deleted_is_a_deleted_account(status):
    told = translated(changed(orgs=[org("B", parent="D", status=status)]))

    assert told.row("accounts", account_id="B")["status"] == "deleted"


# -- terms


def test_a_class_of_both_semesters_is_in_the_year():
    told = translated(changed(classes=[klass("m1", "S1", "S2")]))

    assert told.row("courses")["term_id"] == "FY"
    assert [("FY",)] == told.rows("terms", "term_id")


def test_sessions_that_nothing_holds_together_are_the_last_of_them_and_told():
    alone = [session("X1", "2026-08-17", "2026-10-20"), session("X2", "2026-10-20", "2027-01-16")]
    told = translated(changed(academicSessions=alone, classes=[klass("m1", "X1", "X2")]))

    assert told.row("courses")["term_id"] == "X2"
    assert {"class-terms-apart"} == told.codes


def test_a_class_in_no_known_session_keeps_its_place_and_is_told():
    told = translated(changed(classes=[klass("m1", "lost")]))

    assert told.row("courses")["term_id"] is None
    assert {"class-without-term"} == told.codes


QUARTER = changed(
    academicSessions=[session("Q1", "2026-08-17", "2026-10-20", "S1", type="gradingPeriod")],
    classes=[klass("m1", "Q1")],
)


@pytest.mark.parametrize(
    ("policy", "term"), [("", "Q1"), ('[terms]\ngrading_periods = "parent"', "S1")]
)
def test_a_class_in_a_grading_period_is_in_it_or_in_its_semester(policy, term):
    assert translated(QUARTER, policy).row("courses")["term_id"] == term


BY_SCHOOL = {
    **SCHOOL,
    "orgs": [*SCHOOL["orgs"], org("B", parent="D")],
    "academicSessions": [
        session("h1-A-S1", "2026-08-17", "2027-01-16", title="Fall"),
        session("h2-B-S1", "2026-08-24", "2027-01-23", title="Fall"),
        session("h3-A-S2", "2027-01-16", "2027-06-12", title="Spring"),
    ],
    "classes": [klass("m1", "h1-A-S1"), klass("m2", "h2-B-S1", schoolSourcedId="B")],
}


def test_sessions_with_a_common_id_are_one_term_as_long_as_all_of_them():
    told = translated(BY_SCHOOL, '[terms]\nmerge = "common-id"')

    assert [("m1", "S1"), ("m2", "S1")] == told.rows("courses", "course_id", "term_id")
    assert told.tables["terms"] == [
        {
            "term_id": "S1",
            "name": "Fall",
            "status": "active",
            "start_date": "2026-08-17T00:00:00Z",
            "end_date": "2027-01-22T23:59:59Z",
        }
    ]
    assert {"terms-differ"} == told.codes


@pytest.mark.parametrize(
    ("policy", "sourced_id", "metadata"),
    [
        ('common_id_after = "_"', "hash_S1", None),
        ('common_id_metadata = "commonId"', "whatever", '{"commonId": "S1"}'),
        ("", "S1", None),  # nothing to cut off
    ],
)
def test_the_common_id_stands_where_the_policy_says(policy, sourced_id, metadata):
    one = session(sourced_id, "2026-08-17", "2027-01-16", metadata=metadata)
    tables = {**SCHOOL, "academicSessions": [one], "classes": [klass("m1", sourced_id)]}

    told = translated(tables, f'[terms]\nmerge = "common-id"\n{policy}')

    assert told.row("courses")["term_id"] == "S1"


def test_a_common_id_of_two_years_is_not_one_term():
    sessions = [
        session("a-S1", "2025-08-17", "2026-01-16", schoolYear="2026"),
        session("b-S1", "2026-08-17", "2027-01-16"),
    ]
    tables = {
        **SCHOOL,
        "academicSessions": sessions,
        "classes": [klass("m0", "a-S1"), klass("m1", "b-S1")],
    }

    told = translated(tables, '[terms]\nmerge = "common-id"\n[years]\ntake = "all"')

    assert [("m0", "S1"), ("m1", "2027-S1")] == told.rows("courses", "course_id", "term_id")
    assert [problem.value for problem in told.told("common-id-reused")] == ["2026, 2027"]


def test_a_year_is_one_term():
    told = translated(BY_SCHOOL, '[terms]\nmerge = "school-year"')

    assert [("2027", "2026-2027", "2026-08-17T00:00:00Z", "2027-06-11T23:59:59Z")] == told.rows(
        "terms", "term_id", "name", "start_date", "end_date"
    )
    assert {term for (term,) in told.rows("courses", "term_id")} == {"2027"}


def test_a_session_takes_its_year_from_above():
    tables = changed(
        academicSessions=[session("S1", "2026-08-17", "2027-01-16", "FY", schoolYear=None)]
    )

    assert translated(tables, '[terms]\nmerge = "school-year"').row("courses")["term_id"] == "2027"


@pytest.mark.parametrize(
    ("policy", "begin", "end"),
    [
        ("", "2026-08-17T00:00:00Z", "2027-01-15T23:59:59Z"),
        ('end = "inclusive"', "2026-08-17T00:00:00Z", "2027-01-16T23:59:59Z"),
        # Summer time at its beginning, winter time at its end
        ('time_zone = "America/Denver"', "2026-08-17T06:00:00Z", "2027-01-16T06:59:59Z"),
    ],
)
def test_days_become_moments_of_the_schools_zone(policy, begin, end):
    told = translated(policy=f"[dates]\n{policy}")

    assert [(begin, end)] == told.rows("terms", "start_date", "end_date")
    assert {(begin, end)} == set(told.rows("enrollments", "start_date", "end_date"))


@pytest.mark.parametrize(
    ("first", "after"), [(None, "2027-01-16"), ("2026-08-17", None), ("2027-01-16", "2026-08-17")]
)
def test_a_session_without_a_stretch_of_time_is_told(first, after):
    bad = session("S1", "", "", "FY", startDate=first, endDate=after)

    assert "session-dates" in translated(changed(academicSessions=[bad])).codes


# -- the window of school years


def years(*spans: tuple[str, str, str]):
    """A class in each of several years: year, first day, day after the last."""
    return {
        **SCHOOL,
        "academicSessions": [
            session(f"Y{year}", first, after, schoolYear=year) for year, first, after in spans
        ],
        "classes": [klass(f"m{year}", f"Y{year}") for year, _, _ in spans],
        "enrollments": [
            enrollment("amy", f"m{year}", beginDate=first, endDate=after)
            for year, first, after in spans
        ],
    }


THREE = years(
    ("2026", "2025-08-18", "2026-06-13"),
    ("2027", "2026-08-17", "2027-06-12"),
    ("2028", "2027-08-16", "2028-06-10"),
)


@pytest.mark.parametrize(
    ("today", "policy", "taken"),
    [
        ("2026-10-13", "", "2027"),
        ("2026-07-01", "", "2026"),  # between two years nothing goes
        ("2026-07-20", "", "2027"),  # a month ahead
        ("2026-07-20", "ahead_days = 0", "2026"),
        ("2025-01-01", "", "2026"),  # nothing has begun: what comes first
        ("2030-01-01", "", "2028"),
        ("2026-10-13", 'take = "all"', "2026 2027 2028"),
        ("2026-10-13", "only = [2026, 2028]", "2026 2028"),
        ("2027-05-20", "ahead_days = 90", "2027 2028"),  # one still runs while the next begins
    ],
)
def test_classes_of_the_window_are_taken_with_their_enrollments(today, policy, taken):
    told = translated(THREE, f"[years]\n{policy}", today=date.fromisoformat(today))

    assert taken.split() == [term[1:] for (term,) in told.rows("terms", "term_id") if term]
    assert taken.split() == [key[1:] for (key,) in told.rows("sections", "section_id") if key]
    assert len(told.tables["enrollments"]) == len(taken.split())
    left = {problem.value for problem in told.told("outside-school-year")}
    assert left == {"2026", "2027", "2028"} - set(taken.split())
    assert told.held == set()


# -- courses and sections

TWO_CLASSES = changed(
    classes=[
        klass("m1"),
        klass("m2", classCode="P2"),
        klass("m3", "S2"),
        klass("m4", schoolSourcedId="B"),
    ],
    orgs=[org("B", parent="D")],
)


def test_a_course_for_each_class():
    told = translated(TWO_CLASSES)

    assert [(key, key) for key in ("m1", "m2", "m3", "m4")] == told.rows(
        "sections", "section_id", "course_id"
    )
    assert [("m1", "math-code"), ("m2", "P2")] == told.rows("courses", "course_id", "short_name")[
        :2
    ]


def test_a_course_for_each_course_school_and_term():
    told = translated(TWO_CLASSES, '[courses]\nper = "course"')

    assert [
        ("math-A-S1", "math course", "A", "S1"),
        ("math-A-S2", "math course", "A", "S2"),
        ("math-B-S1", "math course", "B", "S1"),
    ] == told.rows("courses", "course_id", "long_name", "account_id", "term_id")
    assert [
        ("m1", "math-A-S1"),
        ("m2", "math-A-S1"),
        ("m3", "math-A-S2"),
        ("m4", "math-B-S1"),
    ] == told.rows("sections", "section_id", "course_id")


@pytest.mark.parametrize("per", ["class", "course"])
def test_a_section_keeps_the_sourced_id_of_its_class(per):
    told = translated(TWO_CLASSES, f'[courses]\nper = "{per}"')

    assert {"m1", "m2", "m3", "m4"} == {key for (key,) in told.rows("sections", "section_id")}


@pytest.mark.parametrize(
    ("per", "statuses"),
    [("class", {"m1": "deleted", "m2": "active"}), ("course", {"math-A-S1": "active"})],
)
def test_a_course_goes_with_the_last_of_its_classes(per, statuses):
    tables = changed(classes=[klass("m1", status="tobedeleted"), klass("m2")])

    told = translated(tables, f'[courses]\nper = "{per}"')

    assert statuses == dict(told.rows("courses", "course_id", "status"))
    assert {"m1": "deleted", "m2": "active"} == dict(told.rows("sections", "section_id", "status"))
    assert told.row("enrollments", user_id="amy")["status"] == "deleted"


@pytest.mark.parametrize(
    ("policy", "status"), [("", "active"), ('status = "published"', "published")]
)
def test_a_course_in_use_is_what_the_policy_says(policy, status):
    assert translated(policy=f"[courses]\n{policy}").row("courses")["status"] == status


HOMEROOM = changed(
    classes=[klass("home", classType="homeroom")], enrollments=[enrollment("amy", "home")]
)


@pytest.mark.parametrize(
    ("policy", "flags"),
    [
        ("course", None),
        ("homeroom-course", {"home": "true", "m1": "false"}),
    ],
)
def test_homerooms_are_courses(policy, flags):
    told = translated(HOMEROOM, f'[courses]\nhomerooms = "{policy}"')

    assert {"home", "m1"} == {key for (key,) in told.rows("courses", "course_id")}
    if flags is None:
        assert "homeroom_course" not in told.tables["courses"][0]
    else:
        assert flags == dict(told.rows("courses", "course_id", "homeroom_course"))


def test_homerooms_may_be_left_out_with_their_enrollments():
    told = translated(HOMEROOM, '[courses]\nhomerooms = "leave-out"')

    assert [("m1",)] == told.rows("sections", "section_id")
    assert {("m1",)} == set(told.rows("enrollments", "section_id"))
    assert {"homerooms-left-out"} == told.codes


NAMED = changed(
    classes=[
        klass(
            "m1",
            title="Algebra",
            classCode="A-1",
            location="Room 4",
            periods=["1", "3"],
            grades=["09"],
            subjects=["Math"],
        )
    ],
    orgs=[org("A", parent="D", identifier="0042")],
    users=[user("una", "teacher", familyName="Ames")],
    enrollments=[enrollment("una", role="teacher", primary="true")],
)


TEMPLATES = {
    "{class.title} ({teacher.familyName})": "Algebra (Ames)",
    "{class.classCode}: {course.title}, {class.periods}": "A-1: math course, 1, 3",
    "{school.name}/{school.identifier} {class.location}": "A name/0042 Room 4",
    "{term.name} {term.schoolYear}": "S1 title 2027",
    "{class.grades} {class.subjects} {teacher.givenName}": "09 Math Una",
    "It's {{{class.title}}}": "It's {Algebra}",
}


@pytest.mark.parametrize("turn", range(0, len(TEMPLATES), 3))
def test_names_follow_their_template(turn):
    short, long, section = list(TEMPLATES)[turn : turn + 3]
    policy = f"""
        [courses]
        short_name = "{short}"
        long_name = "{long}"
        section_name = "{section}"
    """

    told = translated(NAMED, policy)

    assert [(TEMPLATES[short], TEMPLATES[long])] == told.rows("courses", "short_name", "long_name")
    assert [(TEMPLATES[section],)] == told.rows("sections", "name")


def test_a_class_without_a_title_is_named_all_the_same():
    blank = {"title": None, "classCode": None}
    tables = changed(
        classes=[
            klass("m1", **blank),
            klass("m2", **{**blank, "courseSourcedId": "lost"}),
            klass("m3", **{**blank, "classCode": "X", "courseSourcedId": "lost"}),
        ]
    )
    names = [("math course",), ("m2",), ("X",)]

    told = translated(tables)

    assert names == told.rows("sections", "name")
    assert names == told.rows("courses", "long_name")


def test_a_blank_field_leaves_no_hole_in_a_name():
    told = translated(
        policy='[courses]\nsection_name = "{class.location} {class.title} {class.periods}"'
    )

    assert told.row("sections")["name"] == "m1 class"


def test_what_a_class_refers_to_and_is_not_there_is_told():
    tables = changed(classes=[klass("m1", schoolSourcedId="lost", courseSourcedId="gone")])

    told = translated(tables, '[courses]\nper = "course"')

    assert {"class-without-school", "class-without-course"} <= told.codes
    assert told.row("courses")["account_id"] is None


def test_two_courses_of_one_school_and_term_are_two():
    tables = changed(
        courses=[course("art")], classes=[klass("m1"), klass("a1", courseSourcedId="art")]
    )

    told = translated(tables, '[courses]\nper = "course"')

    assert [("art-A-S1",), ("math-A-S1",)] == told.rows("courses", "course_id")


def test_of_tables_that_were_not_sent_nothing_is_said():
    told = translated({"orgs": SCHOOL["orgs"]})

    assert set(told.tables) == {"accounts"}
