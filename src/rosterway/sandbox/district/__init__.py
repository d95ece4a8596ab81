"""A believable school district of any size, as a SIS would send it: day by day, clean or damaged.

`make_district` names one, `on_day` lets nights pass over it, `write_canvas` writes its files;
`write_alarm` writes what must not go through, `make_dirty` damages what was written.
"""

from rosterway.sandbox.district.alarms import ALARMS, Alarm, write_alarm
from rosterway.sandbox.district.canvas_files import write_canvas
from rosterway.sandbox.district.damage import Damage, make_dirty
from rosterway.sandbox.district.damage_kinds import KINDS
from rosterway.sandbox.district.days import NIGHTS, on_day
from rosterway.sandbox.district.district import TODAY, District, make_district
from rosterway.sandbox.district.model import DistrictError

__all__ = [
    "ALARMS",
    "KINDS",
    "NIGHTS",
    "TODAY",
    "Alarm",
    "Damage",
    "District",
    "DistrictError",
    "make_dirty",
    "make_district",
    "on_day",
    "write_alarm",
    "write_canvas",
]
