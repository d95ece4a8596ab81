"""A class of the sandbox SIS with a student in it, and what any consumer writes about them."""


class School:
    """A class with a student in it, and what is written about them."""

    def __init__(self, sis, klass, student, stranger):
        self.sis = sis
        self.klass = klass
        self.student = student
        self.stranger = stranger

    def ref(self, kind, key):
        return {"href": f"https://sis.example/{kind}/{key}", "sourcedId": key, "type": kind}

    def line(self, key="li-1", **changes):
        return {
            "sourcedId": key,
            "status": "active",
            "dateLastModified": "2026-10-01T12:00:00.000Z",
            "title": "Quiz 1",
            "assignDate": "2026-09-24T00:00:00.000Z",
            "dueDate": "2026-10-01T23:59:00.000Z",
            "class": self.ref("class", self.klass["sourcedId"]),
            "school": self.klass["school"],
            "category": self.ref("category", "category-1"),
            "resultValueMin": 0,
            "resultValueMax": 20,
        } | changes

    def old_line(self, key="li-1", **changes):
        given = self.line(key, gradingPeriod=self.klass["terms"][0], **changes)
        del given["school"]
        return given

    def result(self, key="r-1", line="li-1", **changes):
        return {
            "sourcedId": key,
            "status": "active",
            "dateLastModified": "2026-10-02T08:00:00.000Z",
            "lineItem": self.ref("lineItem", line),
            "student": self.ref("user", self.student),
            "scoreStatus": "fully graded",
            "score": 18.5,
            "scoreDate": "2026-10-02",
        } | changes

    async def put(self, noun, body, version="1.2", at=None):
        path = {"lineItem": "lineItems", "result": "results", "category": "categories"}[noun]
        key = at or body["sourcedId"]
        return await self.sis.grade("PUT", f"/{path}/{key}", {noun: body}, version)


async def school_of(sis):
    classes = {row["sourcedId"]: row for row in await sis.truth("classes")}
    enrollments = await sis.truth("enrollments")
    seat = next(
        row
        for row in enrollments
        if (row["role"], row["status"]) == ("student", "active")
        and len(classes[row["class"]["sourcedId"]]["terms"]) == 2
    )
    at = seat["class"]["sourcedId"]
    inside = {r["user"]["sourcedId"] for r in enrollments if r["class"]["sourcedId"] == at}
    students = await sis.ids("/students", limit="999")
    stranger = next(key for key in students if key not in inside)
    return School(sis, classes[at], seat["user"]["sourcedId"], stranger)
