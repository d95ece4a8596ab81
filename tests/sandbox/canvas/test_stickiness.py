"""Fields that were changed by hand stay so, unless an import is asked to override that."""

import pytest

from canvas_sandbox import table

COURSES = "course_id,short_name,long_name,status"


async def named(canvas):
    return (await canvas.get("courses/sis_course_id:BIO"))["name"]


@pytest.fixture
async def renamed(canvas):
    """A course that came from the SIS, and a teacher has given it another name."""
    await canvas.good({"courses.csv": table(COURSES, "BIO,BIO,Biology,active")})
    path = "courses/sis_course_id:BIO"
    await canvas.call("PUT", path, json={"course": {"name": "Life"}})
    return canvas


@pytest.mark.parametrize(
    ("options", "name", "afterwards"),
    [
        pytest.param({}, "Life", "Life", id="an import leaves it alone"),
        pytest.param(
            {"override_sis_stickiness": "true"}, "Biology II", "Biology II", id="one overrides it"
        ),
        pytest.param(
            {"override_sis_stickiness": "true", "clear_sis_stickiness": "true"},
            "Biology II",
            "Biology III",
            id="one overrides it, and later ones need not",
        ),
        pytest.param({"clear_sis_stickiness": "true"}, "Life", "Life", id="clearing alone is nothing"),
    ],
)  # fmt: skip
async def test_a_name_given_by_hand(renamed, options, name, afterwards):
    await renamed.good({"courses.csv": table(COURSES, "BIO,BIO,Biology II,active")}, **options)
    assert await named(renamed) == name
    await renamed.good({"courses.csv": table(COURSES, "BIO,BIO,Biology III,active")})
    assert await named(renamed) == afterwards


async def test_what_an_import_writes_can_be_made_to_stay(canvas):
    await canvas.good({"courses.csv": table(COURSES, "BIO,BIO,Biology,active")})
    adding = {"override_sis_stickiness": "true", "add_sis_stickiness": "true"}
    await canvas.good({"courses.csv": table(COURSES, "BIO,BIO,Biology II,active")}, **adding)
    await canvas.good({"courses.csv": table(COURSES, "BIO,B-2,Biology III,active")})
    course = await canvas.get("courses/sis_course_id:BIO")
    assert (course["name"], course["course_code"]) == ("Biology II", "B-2")
