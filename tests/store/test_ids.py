"""Ids follow from what they name."""

from datetime import timedelta, timezone

from rosterway.store.ids import dated, derived
from store.builders import NOON


def test_equal_parts_give_equal_ids_and_others_give_others():
    assert derived("run", "lincoln", "files") == derived("run", "lincoln", "files")
    assert derived("run", "ab", "c") != derived("run", "a", "bc")
    assert derived("run", "ab") != derived("plan", "ab")


def test_an_id_can_be_spoken_and_put_in_a_path():
    assert derived("run", "x").startswith("run-")
    assert set(derived("run", "x")) <= set("abcdefghijklmnopqrstuvwxyz234567-")


def test_a_dated_id_sorts_by_its_moment_whatever_zone_it_was_told_in():
    elsewhere = NOON.astimezone(timezone(timedelta(hours=9)))

    assert dated(NOON, "delivery", "x") == dated(elsewhere, "delivery", "x")
    assert dated(NOON, "delivery", "z") < dated(NOON + timedelta(seconds=1), "delivery", "a")
    assert len(dated(NOON, "delivery", "x")) == len("20260824-120000-abcdefgh")
