"""Gradebooks of known vendors as data: what each demands, and in whose words it refuses.

The knob `vendor`. Words and statuses are those of Instructure's error dictionary, of which for most
vendors the titles alone are known (instructure-integration.md S7); the demands are from sections
3.2, 3.4 and 7, oneroster.md section 15 and users-and-pains.md rows 3 and 14. Where a status is not
known it is 422.
"""

from dataclasses import dataclass, field

from rosterway.sandbox.sis.gradebook.picky import DEMANDS, PICKY
from rosterway.sandbox.sis.knobs import Knobs
from rosterway.sandbox.sis.trouble import Refusal, SisUsageError


@dataclass(frozen=True, slots=True)
class Said:
    """How a demand that is not met is answered."""

    words: str
    status: int = 422
    minor: str = "invaliddata"


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's gradebook. `read_as` are statuses it keeps as others."""

    refuses: dict[str, Said]
    unsupported: tuple[str, ...] = ()
    read_as: dict[str, str] = field(default_factory=dict[str, str])


_NO_DELETE = ("deleteLineItem", "deleteResult")
_WORDLESS = Said("")

VENDORS: dict[str, Vendor] = {
    "aeries": Vendor(
        {
            "same-class": Said("Gradebook number does not match."),
            "line-known": Said("Invalid assignment ID (lineItem sourcedId is invalid)."),
            "enrolled": Said("Student Does Not Belong"),
            "whole-maximum": Said("Unable to Add Assignment"),
        },
        unsupported=_NO_DELETE,
    ),
    "aspen": Vendor(
        {
            "line-known": Said("Rest Easy: Could Not Find Resource", 404, "unknownobject"),
            "enrolled": Said("Validation Exception", 400),
        }
    ),
    "blackbaud": Vendor(
        dict.fromkeys(
            (
                "assigned-in-period",
                "period-of-class",
                "enrolled",
                "scored-after-assigned",
                "in-bounds",
                "not-the-teacher-s",
            ),
            _WORDLESS,
        ),
        read_as={"submitted": "fully graded", "partially graded": "fully graded"},
    ),
    "eschoolplus": Vendor({"always-scored": Said("Scores must be numeric")}),
    "focus": Vendor(
        {
            "due-in-term": Said("Invalid Due Date"),
            "line-known": Said("Assignment Not Found", 404, "unknownobject"),
        }
    ),
    "infinite-campus": Vendor(
        {
            "title-30": Said("Assignment Cannot Be Created"),
            "due-after-assigned": Said("Assignment Dates Error"),
            "due-in-period": Said("Could Not Determine Class or Grading Period"),
            "enrolled": Said("Cannot Export Canvas Submission in Section"),
            "whole-score": Said("Unable to Process Score"),
        }
    ),
    "pinnacle": Vendor({"due-in-term": Said("Invalid Due Date", 400)}),
    "powerschool": Vendor(
        {
            "title-30": Said("Unable to Create Assignment", 400),
            "title-unique": Said("Assignment Already Exists", 409),
            "due-in-term": Said("Due Date", 409),
            "category-of-class": Said("Teacher Category ID", 409),
            "some-points": Said("Score Entry Point Required", 409),
            "line-open": Said("Assignment is Locked", 409),
            "results-open": Said("Assignment is Locked", 409),
            "line-known": Said("Not Found", 404, "unknownobject"),
            "enrolled": Said("Student ID", 409),
        }
    ),
    "schooltool": Vendor({"always-scored": Said("Scores must be numeric")}),
}
_NOBODY = Vendor({})


def vendor_of(knobs: Knobs) -> Vendor:
    """The vendor whose gradebook it is, with the demands that are made beside.

    Raises:
        SisUsageError: there is no such vendor or demand.
    """
    vendor = VENDORS.get(knobs.vendor)
    if knobs.vendor and vendor is None:
        raise SisUsageError(f"no vendor {knobs.vendor!r}; there are {', '.join(VENDORS)}")
    vendor = vendor or _NOBODY
    named = [*(PICKY if knobs.picky else ()), *knobs.demands.split()]
    for name in named:
        if name not in DEMANDS:
            raise SisUsageError(f"no demand {name!r}; there are {', '.join(DEMANDS)}")
    own = {name: Said(DEMANDS[name].words) for name in named}
    return Vendor(own | vendor.refuses, vendor.unsupported, vendor.read_as)


def refusal(said: Said) -> Refusal:
    """A refusal in a vendor's words."""
    return Refusal(said.status, said.minor, said.words)
