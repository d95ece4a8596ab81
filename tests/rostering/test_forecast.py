"""Who loses access by a plan, and when."""

from datetime import UTC, date, datetime

from rostering.story import NAMES, TOWN, decide, district, town
from rosterway.rostering.policy import policy_from

CLASS = "Ann Ben Cal Dee Eve Fay Gus Hal"
WITHOUT_HAL = town({"S1": CLASS.replace(" Hal", "")})
TODAY = date(2026, 10, 13)


def told_of(told):
    return [(row["words"], row["lost"], row["day"], row["runs"]) for row in told.forecast]


def test_who_vanishes_loses_access_now():
    told = decide(town({"S1": CLASS}), WITHOUT_HAL)
    assert [("S1 Hal student", "now", TODAY, None)] == told_of(told)
    assert {"now": 1} == told.plan.as_dict()["forecast"]
    (row,) = told.forecast
    assert ("enrollments", "Hal", "S1") == (row["tbl"], row["person"], row["class"])


def test_who_moves_loses_nothing():
    told = decide(town({"S1": CLASS, "S2": "Zed"}), town({"S1": CLASS[:-4], "S2": "Zed Hal"}))
    assert [] == told.forecast


def test_who_waits_loses_access_when_the_grace_is_over():
    of_days = decide(town({"S1": CLASS}), WITHOUT_HAL, policy=policy_from({"grace": "5 days"}))
    of_runs = decide(town({"S1": CLASS}), WITHOUT_HAL, policy=policy_from({"grace": "2 runs"}))
    assert [("S1 Hal student", "grace", date(2026, 10, 18), None)] == told_of(of_days)
    assert [("S1 Hal student", "grace", None, 2)] == told_of(of_runs)


def test_a_row_that_says_when_it_ends_loses_access_then():
    def enrolled(end):
        rows = [
            f"S1,{name},student,active,{end if name == 'Hal' else ''}" for name in NAMES.split()
        ]
        return "\n".join(["section_id,user_id,role,status,end_date", *rows]) + "\n"

    told = decide(
        district(**TOWN, enrollments=enrolled("")),
        district(**TOWN, enrollments=enrolled("2026-11-02")),
    )
    assert [("S1 Hal student", "end-date", date(2026, 11, 2), None)] == told_of(told)
    again = enrolled("2026-11-02")
    assert (
        []
        == decide(district(**TOWN, enrollments=again), district(**TOWN, enrollments=again)).forecast
    )


def test_what_is_left_alone_as_its_term_closes_goes_with_the_term():
    sections = [row for row in TOWN["sections"] if not row.startswith("S2")]
    told = decide(town(), town(sections=sections), at=datetime(2026, 12, 14, 6, tzinfo=UTC))
    assert [("S2", "term-end", date(2026, 12, 18), None)] == told_of(told)


def test_a_first_load_takes_nothing_from_anybody():
    assert [] == decide(None, town({"S1": CLASS})).forecast
