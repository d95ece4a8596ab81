"""All that may be behind a refusal, in words and as JSON."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rosterway.cli.grades_told import SyncTold, sync_dict
from rosterway.cli.grades_words import print_sync
from rosterway.cli.output import Format
from rosterway.passback.reasons import Reason, Who
from rosterway.runs.grades.asked import GRADES
from rosterway.runs.grades.outcomes import (
    AssignmentOutcome,
    AssignmentTold,
    Posted,
    ResultOutcome,
    ResultTold,
)
from rosterway.store.runs import Outcome

LIKELIEST = Reason(code="zero", message="It is worth nothing.", remedy="Give it points.")
OTHER = Reason(code="closed", message="The period is closed.", remedy="Open it.", who=Who.SIS_ADMIN)
CAUSES = (LIKELIEST, OTHER)
PLACE: Any = {"assignment": "7", "class_id": "K1"}


@pytest.fixture
def told():
    """A sync of which an assignment and a grade were refused with words that say little."""
    run = SimpleNamespace(
        id="run-1",
        course="77",
        kind=GRADES,
        outcome=Outcome.PARTLY,
        reason="",
        ended_at=datetime(2026, 11, 30, tzinfo=UTC),
    )
    posted = Posted(
        assignments=(
            AssignmentTold(
                **PLACE,
                outcome=AssignmentOutcome.FAILED,
                reasons=(LIKELIEST,),
                answer="error",
                causes=CAUSES,
            ),
        ),
        results=(
            ResultTold(
                **PLACE,
                user="11",
                outcome=ResultOutcome.FAILED,
                reason=LIKELIEST,
                answer="error",
                causes=CAUSES,
            ),
        ),
    )
    return SyncTold(run=cast("Any", run), posted=posted, names={"7": "Cells"})


def test_a_person_reads_the_likeliest_cause_and_then_every_other_with_who_can_mend_it(told, capsys):
    print_sync(told, Format.TEXT)

    lines = capsys.readouterr().out.splitlines()
    why = 'It is worth nothing. The SIS said: "error" Give it points. (For the teacher.)'
    other = "Or: The period is closed. Open it. (For the SIS admin.)"
    assert f"Student 11, Cells: {why} {other}" in lines
    (row,) = [line for line in lines if line.startswith("Cells")]
    assert row.endswith(f"{why} {other}")


def test_a_script_reads_all_causes_in_order(told):
    as_json = sync_dict(told)

    codes = ["zero", "closed"]
    assert codes == [one["code"] for one in as_json["assignments"][0]["classes"][0]["causes"]]
    assert codes == [one["code"] for one in as_json["failed"][0]["causes"]]
