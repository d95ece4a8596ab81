"""A SIS import as Canvas shows it."""

from datetime import UTC, datetime

import pytest

from rosterway.canvas.sis_import import STATES, STATISTICS, Applied, listed, read_import
from rosterway.errors import GarbledError
from rosterway.formats.canvas_csv.tables import BY_NAME

SHOWN = {
    "id": "10000000000004711",
    "created_at": "2026-08-31T06:00:00Z",
    "started_at": "2026-08-31T06:00:02Z",
    "ended_at": "2026-08-31T06:02:10Z",
    "progress": 100,
    "workflow_state": "imported_with_messages",
    "data": {
        "import_type": "instructure_csv",
        "supplied_batches": ["user", "enrollment"],
        "counts": {"users": 12, "enrollments": 30, "error_count": 1, "warning_count": 2},
        "statistics": {"total_state_changes": 3, "Enrollment": {"created": 3}},
        "diffed_against_sis_batch_id": 4700,
    },
    "diffed_against_import_id": None,
    "processing_errors": [["users.csv", "Invalid UTF-8"]],
    "processing_warnings": [["enrollments.csv", "x"], ["enrollments.csv", "y"]],
    "csv_attachments": [
        {"id": "1", "display_name": "users-ab12.csv", "filename": "1_users-ab12.csv"},
        {"id": "2", "filename": "enrollments-ab12.csv"},
    ],
}


def shown(**other):
    return read_import({**SHOWN, **other})


def test_an_import_is_read_as_it_stands():
    found = shown()
    assert found.id == "10000000000004711"
    assert found.workflow_state == "imported_with_messages"
    assert found.created_at == datetime(2026, 8, 31, 6, 0, tzinfo=UTC)
    assert found.counts["enrollments"] == 30
    assert found.statistics["Enrollment"] == {"created": 3}
    assert found.errors == (("users.csv", "Invalid UTF-8"),)
    assert found.files == ("users-ab12.csv", "enrollments-ab12.csv")
    assert found.raw["progress"] == 100


def test_what_it_was_compared_with_is_read_from_the_place_that_is_not_always_null():
    assert shown().diffed_against == "4700"


@pytest.mark.parametrize(
    "bare",
    [
        {"id": 7, "workflow_state": "initializing"},
        {
            "id": 7,
            "workflow_state": "created",
            "progress": None,
            "data": None,
            "created_at": "yesterday",
            "ended_at": None,
            "processing_warnings": None,
            "csv_attachments": None,
        },
        {"id": 7, "workflow_state": "created", "data": {"counts": {"users": None}}},
    ],
)
def test_an_import_that_has_hardly_begun_is_read_too(bare):
    found = read_import(bare)
    assert (found.id, found.files, found.ended_at, found.message_count) == ("7", (), None, None)


@pytest.mark.parametrize("data", [None, [], "x", {}, {"id": 1}, {"workflow_state": "created"}])
def test_what_has_no_id_or_no_state_is_garbled(data):
    with pytest.raises(GarbledError, match="id or a state"):
        read_import(data)


@pytest.mark.parametrize(
    ("page", "items"), [({"sis_imports": [1]}, [1]), ([1, 2], [1, 2]), ({"sis_imports": []}, [])]
)
def test_a_list_comes_with_a_name_or_bare(page, items):
    assert items == listed(page, "sis_imports")


@pytest.mark.parametrize("page", [None, {}, {"errors": []}, {"sis_imports": None}, "x"])
def test_a_list_that_is_none_is_garbled(page):
    with pytest.raises(GarbledError, match="sis_imports"):
        listed(page, "sis_imports")


# -- states ---------------------------------------------------------------------------------

FINAL = {
    *("imported", "imported_with_messages", "failed", "failed_with_messages", "aborted"),
    *("restored", "partially_restored"),
}


def test_the_states_are_canvas_own():
    assert {name for name, state in STATES.items() if state.final} == FINAL
    assert STATES.keys() - FINAL == {
        *("initializing", "created", "importing", "cleanup_batch", "restoring"),
    }


@pytest.mark.parametrize("name", ["failed", "failed_with_messages", "aborted"])
def test_failed_and_aborted_do_not_mean_that_nothing_happened(name):
    assert shown(workflow_state=name).state.applied is Applied.SOME


def test_a_state_we_do_not_know_is_final_once_the_import_has_ended():
    running = shown(workflow_state="pondering", ended_at=None)
    assert not running.final
    ended = shown(workflow_state="pondered")
    assert ended.final
    assert ended.state.applied is Applied.SOME


# -- counts ---------------------------------------------------------------------------------


def test_messages_are_counted_by_the_counts():
    assert shown().message_count == 3


def test_without_counts_the_inline_lists_count():
    assert shown(data={}).message_count == 3


@pytest.mark.parametrize(
    "last",
    [
        ["and 76 more warnings that were not included", "Download the error file to see all."],
        ["", "and 76 more warnings that were not included"],
    ],
)
def test_a_list_of_24_that_was_cut_counts_what_it_leaves_out(last):
    pairs = [["users.csv", f"message {number}"] for number in range(24)]
    found = shown(data={}, processing_errors=None, processing_warnings=[*pairs, last])
    assert found.message_count == 100


def test_imported_without_counts_or_lists_has_no_messages():
    quiet = shown(
        data={}, workflow_state="imported", processing_errors=None, processing_warnings=None
    )
    assert quiet.message_count == 0


def test_statistics_speak_of_our_tables():
    assert set(STATISTICS.values()) <= BY_NAME.keys()


# -- names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marker", "there"), [("ab12", True), ("1_users", True), ("cd34", False), ("users-cd", False)]
)
def test_a_marker_is_found_in_any_name_of_a_file(marker, there):
    assert there is shown().carries(marker)


def test_the_raw_answer_stays_out_of_the_repr():
    assert "Ann" not in repr(shown(user={"name": "Ann"}))
