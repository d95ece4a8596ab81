"""An assignment keeps its line items whatever becomes of its course in Canvas."""

from runs.grades.conftest import GRADED, TEACHING, imported, some_classes
from runs.grades.test_nine_steps import a_graded_essay

#: A course with a section of its own, and a third class's section, taken into the first course.
COURSES = [
    "course_id,short_name,long_name,term_id,status",
    "C2,BIO2,Biology 2,F26,active",
    "C3,BIO3,Biology 3,F26,active",
]


def line_items(school):
    """The id of each line item by class and title."""
    return {(one["class"], one["title"]): one["sourcedId"] for one in school.kept("lineItem")}


async def section_of(school, tmp_path, name, course, class_id, students):
    """A section that the SIS knows by its class, with students in it."""
    tables = {
        "courses": COURSES,
        "sections": [
            "section_id,course_id,name,status",
            f"{class_id},{course},Period 9,active",
        ],
        "users": [
            "user_id,login_id,status,full_name",
            *(f"{one},{one.lower()},active,Student {one}" for one in students),
        ],
        "enrollments": [
            "course_id,section_id,user_id,role,status",
            *(f"{course},{class_id},{one},student,active" for one in students),
        ],
    }
    await imported(school, tmp_path / f"{name}.zip", tables)


async def in_canvas(school, sis_id):
    told = await school.canvas.get(f"/api/v1/courses/sis_course_id:{sis_id}", call=TEACHING)
    return str(told["id"])


async def copied(school, source, target):
    """A copy of a course into another, with its fields of integration, as Canvas can be made to."""
    school.sandbox.instance.knobs.copy_integration_fields = True
    body = {
        "migration_type": "course_copy_importer",
        "settings": {"source_course_id": source},
    }
    where = f"/api/v1/courses/{target}/content_migrations"
    await school.canvas.send("POST", where, call=TEACHING, json=body)
    await school.sandbox.line.idle(30)


async def users_in(school, course):
    found = await school.canvas.get(
        f"/api/v1/courses/{course}/enrollments", call=TEACHING, params=[("per_page", "100")]
    )
    return {one["user"]["sis_user_id"]: str(one["user_id"]) for one in found}


async def test_a_course_copied_renamed_cross_listed_and_redated_keeps_its_links(
    open_school, tmp_path
):
    school = await open_school()
    essay, wanted = await a_graded_essay(school)
    assert (await school.sync()).outcome == "delivered"
    before = line_items(school)
    _, _, third, fourth = some_classes(school.sis.provider, 4, 4).items()

    # Renamed and re-dated; another course's section is cross-listed into it; and it is copied.
    changes = {"name": "Report", "due_at": "2026-10-09T05:59:00Z"}
    await school.teach("PUT", f"/assignments/{essay}", {"assignment": changes})
    await section_of(school, tmp_path, "third", "C2", *third)
    xlist = {"xlists": ["xlist_course_id,section_id,status", f"C1,{third[0]},active"]}
    await imported(school, tmp_path / "xlist.zip", xlist)
    school.users |= await users_in(school, school.course)
    for student in third[1]:
        await school.grade(essay, student, posted_grade="7")
    await section_of(school, tmp_path, "fourth", "C3", *fourth)
    first, copy = school.course, await in_canvas(school, "C3")
    await copied(school, first, copy)

    assert (await school.sync()).outcome == "delivered"

    after = line_items(school)
    for (class_id, _), sourced_id in before.items():
        assert after.pop((class_id, "Report")) == sourced_id
    assert list(after) == [(third[0], "Report")]
    wanted = {("Report", *key[1:]): value for key, value in wanted.items()}
    wanted |= {("Report", third[0], one): (GRADED, 7.0) for one in third[1]}
    assert school.scores() == wanted

    # The copy's assignment is another one: its line item is new, and nobody else's is touched.
    known = line_items(school)
    school.course, school.users = copy, await users_in(school, copy)
    await school.teach("PUT", "", {"course": {"event": "offer"}})
    (report,) = await school.teach("GET", "/assignments", None)
    for student in fourth[1]:
        await school.grade(report["id"], student, posted_grade="6")
    assert (await school.sync()).outcome == "delivered"
    assert line_items(school).keys() - known.keys() == {(fourth[0], "Report")}
    assert line_items(school).items() >= known.items()
    wanted |= {("Report", fourth[0], one): (GRADED, 6.0) for one in fourth[1]}
    assert school.scores() == wanted

    school.course = first
    assert (await school.sync()).outcome == "nothing"
    assert school.scores() == wanted
