"""Aspen (Follett): four headings of the dictionary, without their messages."""

from rosterway.passback.reasons import Who
from rosterway.passback.vendor_words.entry import Entry, heading

_NAME = "aspen"

ENTRIES: tuple[Entry, ...] = (
    heading(
        _NAME,
        "Grading Category Not Found",
        "aspen-category",
        "The gradebook in the SIS has no grading category of the name of the assignment's group.",
        "Give the group the exact name of a category of this class, or associate it with one, and"
        " sync again. Aspen takes no new categories from outside: the teacher makes them there.",
        "category {_?}not found",
        who=Who.TEACHER,
    ),
    heading(
        _NAME,
        "Given Gradebook Column Type",
        "aspen-column-type",
        "The SIS did not take the kind of gradebook column. Most likely the category on record is"
        " none that its gradebook allows for this class.",
        "Associate the assignment group with another category of the class. If all are refused,"
        " ask the SIS's administrator how gradebook column types are set up.",
        "gradebook column type",
        "column type",
        who=Who.SIS_ADMIN,
    ),
    heading(
        _NAME,
        "Rest Easy: Could Not Find Resource",
        "aspen-resource",
        "The SIS has nothing under the address that was asked. Most likely the assignment, class"
        " or student was deleted there or has another id now, or this part of its API is off.",
        "Look the assignment up in the SIS. If it is gone, clear the integration data of the"
        " course and remaster; if every call fails, the SIS's API has to be switched on.",
        "could not find resource",
        "RESTEASY{_}",
        who=Who.SIS_ADMIN,
    ),
    heading(
        _NAME,
        "Validation Exception",
        "aspen-validation",
        "The SIS checked the values and refused one of them, without saying which.",
        "See the likely causes. If none fits, give the SIS's vendor the raw exchange.",
        "ValidationException",
        "validation {_?}<failed|error>",
        who=Who.TEACHER,
    ),
)
