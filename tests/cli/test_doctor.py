"""`rosterway doctor`: what a person and a script are told."""

import pytest

from cli.terminal import rosterway
from rosterway.sandbox.sis.server import in_background


@pytest.fixture(scope="module")
def sis():
    with in_background(students=30) as running:
        yield running


def doctor(sis, *words, token="", version="1.2"):
    return rosterway(
        *("doctor", "--rostering-url", sis.root(version), "--version", version),
        *("--auth", "bearer", "--token-env", "SIS_TOKEN", *words),
        SIS_TOKEN=token or sis.provider.credentials.bearer,
    )


def test_a_script_is_told_everything(sis):
    done = doctor(sis, "--format", "json", "--gradebook-url", sis.root("1.2", "gradebook"))

    assert done.code == 0, done.err
    told = done.json
    assert told.keys() >= {
        *("reachable", "authenticated", "clock_skew_seconds", "operations", "deviations"),
        *("speed", "estimate_seconds", "recommend"),
    }
    assert {"operation", "required", "status"} <= told["operations"][0].keys()
    assert {each["operation"] for each in told["operations"]} >= {
        "getAllClasses",
        "getAllLineItems",
    }


def test_a_person_is_told_a_table_and_a_verdict(sis):
    done = doctor(sis)

    assert done.code == 0
    assert "getAllEnrollments" in done.out
    assert "recommended: page_size" in done.out
    assert done.out.splitlines()[-1] == "CAN BE USED"


def test_a_provider_that_cannot_be_used_is_1_with_why_and_what_to_do(sis):
    done = doctor(sis, token="not-it")

    assert done.code == 1
    assert "does not accept who we say we are" in done.out
    assert done.out.splitlines()[-1] == "CANNOT BE USED"
    assert "not-it" not in done.out + done.err


# -- writing ------------------------------------------------------------------------------------


def first_class(sis):
    return sis.provider.truth("enrollments")[0]["class"]["sourcedId"]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_script_that_tries_writing_is_told_what_was_written_and_that_it_is_gone(sis, version):
    done = doctor(sis, "--write-test", first_class(sis), "--format", "json", version=version)

    assert done.code == 0, done.err
    told = done.json["write_test"]
    assert told.keys() >= {
        *("class_id", "student", "title", "steps", "shapes", "endpoints", "keeps_ids"),
        *("statuses", "altered", "deletes", "remains", "why", "good"),
    }
    assert ("standard", True, [], "") == (
        told["endpoints"],
        told["good"],
        told["remains"],
        told["why"],
    )
    assert [] == sis.provider.truth("lineItems") == sis.provider.truth("results")


def test_a_person_is_told_the_student_the_steps_and_a_verdict(sis):
    done = doctor(sis, "--write-test", first_class(sis))

    assert done.code == 0, done.out
    assert "one result of student" in done.out
    assert "delete the lineItem rosterway-test-" in done.out
    assert done.out.splitlines()[-1] == "GRADES CAN BE WRITTEN"


def test_what_is_left_in_the_sis_is_named_and_1():
    with in_background(students=30, knobs={"vendor": "aeries"}) as sis:
        done = doctor(sis, "--write-test", first_class(sis))

    assert done.code == 1
    assert "REMAINS in the SIS: lineItem rosterway-test-" in done.out
    assert "It does not delete." in done.out


def test_a_class_that_is_not_there_is_1_and_nothing_is_written(sis):
    done = doctor(sis, "--write-test", "nowhere")

    assert done.code == 1
    assert done.out.splitlines()[-1] == "GRADES CANNOT BE WRITTEN"
    assert [] == sis.provider.truth("lineItems")
