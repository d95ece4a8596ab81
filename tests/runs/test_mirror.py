"""A feed's delivery is checked beside what every feed of the tenant has confirmed: in this process."""

from datetime import UTC, datetime

import duckdb
import msgspec
import pytest

from rosterway.runs.calculation import plan
from rosterway.runs.jobs import DeliveredPath, PlanJob, TablePath

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def known(folder, name, select):
    """A table of a baseline."""
    path = folder / f"{name}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
        columns = tuple(column[0] for column in connection.execute(select).description)
    return TablePath(str(path), columns)


@pytest.fixture
def job(tmp_path):
    """A delivery of two users, beside nothing."""
    (tmp_path / "work").mkdir()
    (tmp_path / "users.csv").write_text(
        "user_id,login_id,status\n1,ana,active\n2,bo,active\n", encoding="utf-8"
    )
    return PlanJob(
        work=str(tmp_path / "work"),
        tenant="lincoln",
        feed="files",
        files=(DeliveredPath("users.csv", str(tmp_path / "users.csv")),),
        encoding="utf-8",
        apply="diffing",
        now=NOW,
        baseline={},
        pending={},
        elsewhere=(),
        vanished={},
        limits={},
        options={},
    )


ANA = "SELECT '{}' AS user_id, 'Ana' AS login_id, 'active' AS status"


@pytest.mark.parametrize(
    ("owner", "errors"),
    [("9", 1), ("1", 0)],
    ids=["another has it", "the other feed has the same user"],
)
def test_a_login_that_another_feed_has_confirmed_is_claimed(job, tmp_path, owner, errors):
    other = {"users": known(tmp_path, "users", ANA.format(owner))}

    assert errors == plan(msgspec.structs.replace(job, elsewhere=(other,))).problem_counts["error"]


def test_a_login_is_free_where_the_policy_deletes_its_owner_in_the_same_plan(job, tmp_path):
    before = {"users": known(tmp_path, "users", ANA.format("9"))}
    deleting = msgspec.structs.replace(job, baseline=before, vanished={"users": "deleted"})

    assert 0 == plan(deleting).problem_counts["error"]


def test_a_login_is_not_free_where_its_owner_is_suspended(job, tmp_path):
    before = {"users": known(tmp_path, "users", ANA.format("9"))}

    assert 1 == plan(msgspec.structs.replace(job, baseline=before)).problem_counts["error"]


def test_a_user_whom_another_feed_has_too_may_go_from_this_one(job, tmp_path):
    mail = f"{ANA.format('9')}, 'ana@x.edu' AS email"
    other = {"users": known(tmp_path, "users", mail)}
    (tmp_path / "own").mkdir()
    own = {"users": known(tmp_path / "own", "users", ANA.format("9").replace("'Ana'", "'cy'"))}
    both = msgspec.structs.replace(job, baseline=own, elsewhere=(other,))

    assert 1 == plan(both).plan["tables"]["users"]["vanished"]
