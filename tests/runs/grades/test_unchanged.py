"""What a sync costs the SIS when nothing has changed, in a class as large as they come."""

from rosterway.passback.ledger import SETTLED
from rosterway.sandbox.canvas.gradebook.classroom import grade_classes
from rosterway.store import ledger

STUDENTS, ASSIGNMENTS = 150, 40
#: Some of what a teacher makes is not flagged for the SIS.
MADE = ASSIGNMENTS + 4
GRADES = 'preview = "never"\ncap = 44\nperformance = ["bulk-results"]\n'


async def test_150_students_and_40_assignments_unchanged_cost_eight_requests_and_no_put(
    open_school,
):
    rules = 'rules = { default_category = "Homework" }'
    school = await open_school(grades=GRADES + rules, classes=1, most=STUDENTS, people=300)
    course = int(school.course)
    grade_classes(school.sandbox.instance, [course], seed=1, assignments=MADE)
    first = await school.sync()
    assert (first.outcome, first.reason) == ("delivered", "")
    assert len(school.kept("lineItem")) >= ASSIGNMENTS
    assert len({one["student"] for one in school.kept("result")}) == STUDENTS
    known = ledger.of_course(school.handle, school.course)
    assert {one.state for one in known} <= SETTLED
    before = len(school.sis.provider.requests)

    again = await school.sync()

    asked = list(school.sis.provider.requests)[before:]
    assert again.outcome == "nothing"
    assert {one.method for one in asked} == {"GET"}
    assert len(asked) <= 8
