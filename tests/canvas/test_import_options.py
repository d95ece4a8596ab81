"""The parameters of a SIS import."""

import pytest

from rosterway.canvas.import_options import Drop, ImportOptions, UserRemoval
from rosterway.errors import UsageError


def test_what_was_not_asked_for_is_not_sent():
    assert ImportOptions().form() == []


@pytest.mark.parametrize(
    ("options", "form"),
    [
        (ImportOptions(skip_deletes=True), [("skip_deletes", "true")]),
        (
            ImportOptions(batch_mode=True, batch_mode_term_id="sis_term_id:F26"),
            [("batch_mode", "true"), ("batch_mode_term_id", "sis_term_id:F26")],
        ),
        (
            ImportOptions(multi_term_batch_mode=True, change_threshold=5),
            [("multi_term_batch_mode", "true"), ("change_threshold", "5")],
        ),
        (
            ImportOptions(
                diffing_data_set_identifier="roster",
                diffing_drop_status=Drop.INACTIVE,
                diffing_user_remove_status=UserRemoval.SUSPENDED,
                diff_row_count_threshold=100,
            ),
            [
                ("diffing_data_set_identifier", "roster"),
                ("diffing_drop_status", "inactive"),
                ("diffing_user_remove_status", "suspended"),
                ("diff_row_count_threshold", "100"),
            ],
        ),
        (
            ImportOptions(override_sis_stickiness=True, clear_sis_stickiness=True),
            [("override_sis_stickiness", "true"), ("clear_sis_stickiness", "true")],
        ),
    ],
)
def test_what_was_asked_for_is_sent_by_canvas_names(options, form):
    assert form == options.form()


def test_multi_term_batch_mode_is_never_sent_as_false():
    """Canvas asks only whether the parameter is there: "false" would be a yes."""
    sent = dict(ImportOptions(multi_term_batch_mode=False, skip_deletes=True).form())
    assert "multi_term_batch_mode" not in sent


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"batch_mode": True}, "needs batch_mode_term_id"),
        ({"batch_mode_term_id": "1"}, "needs batch_mode"),
        ({"multi_term_batch_mode": True}, "needs change_threshold"),
        (
            {
                "multi_term_batch_mode": True,
                "batch_mode": True,
                "batch_mode_term_id": "1",
                "change_threshold": 5,
            },
            "exclude each other",
        ),
        ({"batch_mode_enrollment_drop_status": Drop.DELETED}, "needs a batch mode"),
        (
            {
                "batch_mode": True,
                "batch_mode_term_id": "1",
                "batch_mode_enrollment_drop_status": Drop.DELETED_LAST_COMPLETED,
            },
            "does not know deleted_last_completed",
        ),
        (
            {
                "batch_mode": True,
                "batch_mode_term_id": "1",
                "diffing_data_set_identifier": "roster",
            },
            "Canvas ignores",
        ),
        ({"diffing_data_set_identifier": "x" * 129}, "128"),
        ({"diffing_data_set_identifier": ""}, "128"),
        ({"diffing_remaster_data_set": True}, "need diffing_data_set_identifier"),
        ({"diffing_drop_status": Drop.DELETED}, "need diffing_data_set_identifier"),
        ({"diffing_user_remove_status": UserRemoval.DELETED}, "need diffing_data_set_identifier"),
        ({"diff_row_count_threshold": 5}, "need diffing_data_set_identifier"),
        ({"add_sis_stickiness": True}, "override_sis_stickiness"),
        ({"clear_sis_stickiness": True}, "override_sis_stickiness"),
        (
            {
                "override_sis_stickiness": True,
                "add_sis_stickiness": True,
                "clear_sis_stickiness": True,
            },
            "exclude each other",
        ),
        ({"change_threshold": 0, "diffing_data_set_identifier": "r"}, "1 to 100"),
        ({"change_threshold": 5}, "needs diffing or a batch mode"),
        ({"diffing_data_set_identifier": "r", "diff_row_count_threshold": 0}, "above 0"),
    ],
)
def test_wishes_canvas_would_not_do_as_they_are_meant_are_refused_before_sending(wishes, words):
    with pytest.raises(UsageError, match=words):
        ImportOptions(**wishes)


def test_every_wrong_wish_is_named_at_once():
    with pytest.raises(UsageError) as caught:
        ImportOptions(batch_mode=True, change_threshold=500)
    assert "batch_mode_term_id" in caught.value.message
    assert "1 to 100" in caught.value.message
