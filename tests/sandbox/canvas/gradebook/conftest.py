"""A class in a sandbox Canvas whose clock stands still until it is moved.

Biology (C2, published) has Ann (U1) and Cat (U3) in section S3, Bob (U2) in section S4, and Pat (P1)
in section S9, which is cross-listed from course C9. Algebra (C1) is not published.
"""

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from canvas_sandbox import COURSES, ENROLLMENTS, SCHOOL, SECTIONS, client_of, table

CLASS = {
    "courses.csv": table(COURSES, "C9,BIO9,Biology at home,B,T1,published"),
    "sections.csv": table(SECTIONS, "S4,C2,Biology 2,active", "S9,C9,Biology 9,active"),
    "enrollments.csv": table(ENROLLMENTS, "C2,S4,U2,student,active", "C9,S9,P1,student,active"),
}
CROSS_LISTED = {"xlists.csv": table("xlist_course_id,section_id,status", "C2,S9,active")}


class Clock:
    """Stands at nine o'clock on a Monday in November."""

    def __init__(self):
        self.now = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def __call__(self):
        return self.now

    def on(self, **later):
        """Let time pass; what the time is then, as Canvas prints it."""
        self.now += timedelta(**later)
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")


class Room:
    """What a teacher does in Biology."""

    path = "courses/sis_course_id:C2"

    def __init__(self, canvas, clock):
        self.canvas = canvas
        self.clock = clock

    async def call(self, method, path, **options):
        """Status and answer of a request below the course."""
        return await self.canvas.call(method, f"{self.path}/{path}", **options)

    async def get(self, path=""):
        return await self.canvas.get(f"{self.path}/{path}")

    async def assign(self, **fields):
        """A published assignment of 20 points for the SIS; its JSON."""
        given = {"name": "Essay", "points_possible": 20, "published": True, "post_to_sis": True}
        status, made = await self.call("POST", "assignments", json={"assignment": given | fields})
        assert status == 201, made
        return made

    async def change(self, assignment, **fields):
        """Change an assignment; its JSON."""
        path = f"assignments/{assignment['id']}"
        status, changed = await self.call("PUT", path, json={"assignment": fields})
        assert status == 200, changed
        return changed

    async def override(self, assignment, **fields):
        """Override an assignment's dates; the override's JSON."""
        path = f"assignments/{assignment['id']}/overrides"
        status, made = await self.call("POST", path, json={"assignment_override": fields})
        assert status == 201, made
        return made

    async def mark(self, assignment, student="U1", **submission):
        """Grade a student; the submission's JSON."""
        path = f"assignments/{assignment['id']}/submissions/sis_user_id:{student}"
        data = {f"submission[{name}]": value for name, value in submission.items()}
        status, marked = await self.call("PUT", path, data=data)
        assert status == 200, marked
        return marked

    async def hand_in(self, assignment, student="U1", **submission):
        """Hand work in for a student; the submission's JSON."""
        given = {"submission_type": "online_text_entry", "user_id": f"sis_user_id:{student}"}
        path = f"assignments/{assignment['id']}/submissions"
        status, made = await self.call("POST", path, json={"submission": given | submission})
        assert status == 201, made
        return made

    async def post(self, assignment, *, posted):
        """Show an assignment's grades, or hide them."""
        path = f"assignments/{assignment['id']}/grades"
        return await self.canvas.control("PUT", path, json={"posted": posted})

    async def submission(self, assignment, student="U1"):
        path = f"assignments/{assignment['id']}/submissions/sis_user_id:{student}"
        return await self.get(path)

    async def grades(self, student="U1", more=""):
        """The grades of a student's enrollment."""
        path = f"enrollments?type[]=StudentEnrollment&sis_user_id[]={student}{more}"
        (enrollment,) = await self.get(path)
        return enrollment["grades"]

    async def sis(self, query=""):
        """What a SIS sees of the course."""
        return await self.canvas.get(f"/api/sis/{self.path}/assignments{query}")

    async def settings(self, account="self", **settings):
        """Set what an account demands; a dictionary has value and locked, else it is the value."""
        pairs = {n: v if isinstance(v, dict) else {"value": v} for n, v in settings.items()}
        body = {"account": {"settings": pairs}}
        status, answer = await self.canvas.call("PUT", f"accounts/{account}", json=body)
        assert status == 200, answer

    async def token(self, *rights):
        """Headers of somebody with these rights and no others, who administers nothing."""
        teacher = await self.canvas.get("users/sis_user_id:U2")
        body = {"rights": list(rights), "user_id": teacher["id"]}
        made = await self.canvas.control("POST", "tokens", json=body)
        return {"Authorization": f"Bearer {made['token']}"}


@pytest.fixture
def clock():
    return Clock()


@pytest_asyncio.fixture
async def canvas(tmp_path, clock):
    """An empty Canvas on a clock of the test's own."""
    async with client_of(tmp_path, clock=clock) as client:
        yield client


@pytest_asyncio.fixture
async def room(canvas, clock):
    """Biology."""
    await canvas.good(SCHOOL)
    await canvas.good(CLASS)
    await canvas.good(CROSS_LISTED)
    return Room(canvas, clock)


@pytest.fixture
def quarters(room):
    """Gives the term two grading periods, the first of them closed."""

    async def make():
        periods = [
            {"title": "Q1", "start_date": "2026-08-01T00:00:00Z"},
            {"title": "Q2", "start_date": "2026-10-16T00:00:00Z"},
        ]
        periods[0] |= {"end_date": "2026-10-15T23:59:59Z", "close_date": "2026-10-30T23:59:59Z"}
        periods[1] |= {"end_date": "2026-12-20T23:59:59Z"}
        body = {
            "enrollment_term_ids": ["sis_term_id:T1"],
            "grading_period_set": {"title": "Quarters"},
            "grading_periods": periods,
        }
        _, made = await room.canvas.call("POST", "accounts/self/grading_period_sets", json=body)
        (quarters,) = made["grading_period_set"]
        return [period["id"] for period in quarters["grading_periods"]]

    return make
