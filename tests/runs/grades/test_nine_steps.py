"""The nine steps of a grade sync, against a sandbox Canvas and a sandbox SIS."""

import pytest

from rosterway.runs.grades import files
from rosterway.runs.grades.outcomes import Posted
from rosterway.runs.grades.road import STEPS
from rosterway.store import stages


async def a_graded_essay(school):
    """An essay that everybody has a grade on; what the SIS should say of it then."""
    essay = await school.assign("Essay")
    wanted = {}
    for class_id, group in school.students.items():
        for place, student in enumerate(group):
            await school.grade(essay, student, posted_grade=str(5 + place))
            wanted["Essay", class_id, student] = ("fully graded", 5.0 + place)
    return essay, wanted


@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_grades_reach_the_sis_class_by_class(open_school, version):
    school = await open_school(version)
    _, wanted = await a_graded_essay(school)

    run = await school.sync()

    assert (run.outcome, run.reason) == ("delivered", "")
    assert school.scores() == wanted
    kept = {one.name for one in stages.files(school.handle, run.id)}
    assert {files.ASKED, *(name for name, _ in STEPS)} <= kept
    posted = school.file(run, files.POSTED, Posted)
    assert {one.outcome for one in posted.assignments} == {"sent"}
    assert {one.outcome for one in posted.results} == {"accepted"}
