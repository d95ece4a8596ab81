"""Mornings that must not go through: what broken exports and bad decisions look like.

Some befall the district (`change`), before it is written in whatever format; others befall the
files (`spoil`), whatever wrote them. None is an error of format that a checker would refuse: each
is a delivery that reads well and would cost people their access.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from rosterway.sandbox.district.canvas_files import write_canvas
from rosterway.sandbox.district.district import Change, District
from rosterway.sandbox.district.luck import luck
from rosterway.sandbox.district.model import DistrictError, User, UserKind
from rosterway.sandbox.district.roster import Roster

Spoil = Callable[[Path, Random], None]


@dataclass(frozen=True, slots=True)
class Alarm:
    """One kind of alarming morning; `table` is the file that `spoil` befalls unless told else."""

    says: str
    change: Change | None = None
    spoil: Spoil | None = None
    table: str = "enrollments"


# -- to the district -------------------------------------------------------------------------


def school_gone(roster: Roster, rng: Random) -> None:
    """One school of the first zone is missing with everything that was only there."""
    if roster.zone != 1:
        return
    school = rng.choice(list(roster.orgs))
    for section in [s for s in roster.sections.values() if roster.school_of(s) == school]:
        roster.remove_section(section.id)
    for user in [user for user in roster.users.values() if user.school == school]:
        if not roster.schedules.get(user.id):
            roster.remove_user(user.id)
    roster.courses = {
        at: course for at, course in roster.courses.items() if course.school != school
    }
    del roster.orgs[school]


def sections_rekeyed(roster: Roster, rng: Random) -> None:
    """One school of the first zone made its sections anew: same people, other ids."""
    if roster.zone != 1:
        return
    school = rng.choice(list(roster.orgs))
    for section in [s for s in roster.sections.values() if roster.school_of(s) == school]:
        anew = replace(section, id=roster.registrar.section_id(school))
        roster.add_section(anew)
        if section.id in roster.crosslists:
            roster.crosslists[anew.id] = roster.crosslists[section.id]
        for enrollment in list(roster.rolls[section.id].values()):
            roster.move(enrollment, anew.id)
        roster.remove_section(section.id)


def users_rekeyed(roster: Roster, _rng: Random) -> None:
    """The SIS was converted: every student and teacher has another id, and the same login."""

    def anew(user: str) -> str:
        kind = roster.users[user].kind
        return user if kind is UserKind.GUARDIAN else f"N{user}"

    def rekeyed(user: User) -> User:
        return replace(user, id=anew(user.id))

    roster.schedules = {
        anew(user): {at: replace(place, user=anew(user)) for at, place in places.items()}
        for user, places in roster.schedules.items()
    }
    roster.rolls = {
        section: {anew(user): roster.schedules[anew(user)][section] for user in roll}
        for section, roll in roster.rolls.items()
    }
    roster.guardians = {anew(student): links for student, links in roster.guardians.items()}
    roster.wards = {
        guardian: {anew(student): relation for student, relation in links.items()}
        for guardian, links in roster.wards.items()
    }
    roster.admins = [replace(admin, user=anew(admin.user)) for admin in roster.admins]
    roster.users = {anew(user.id): rekeyed(user) for user in roster.users.values()}


# -- to the files ----------------------------------------------------------------------------


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as lines:
        yield from lines


def _rewrite(path: Path, lines: Iterator[bytes]) -> None:
    """Put `lines`, which may still read from `path`, in its place."""
    beside = path.with_suffix(".part")
    with beside.open("wb") as out:
        out.writelines(lines)
    beside.replace(path)


def cut_off(path: Path, _rng: Random) -> None:
    """The last 4% of the rows are missing, clean at a line's end."""
    rows = sum(1 for _ in _lines(path)) - 1
    keep = rows - -(-rows * 4 // 100)
    _rewrite(path, (line for at, line in enumerate(_lines(path)) if at <= keep))


def rows_lost(path: Path, rng: Random) -> None:
    """Of the rows 6% are missing, here and there."""
    rows = sum(1 for _ in _lines(path)) - 1
    lost = frozenset(rng.sample(range(1, rows + 1), -(-rows * 6 // 100)))
    _rewrite(path, (line for at, line in enumerate(_lines(path)) if at not in lost))


def emptied(path: Path, _rng: Random) -> None:
    """The header alone is left."""
    _rewrite(path, (line for at, line in enumerate(_lines(path)) if at == 0))


def missing(path: Path, _rng: Random) -> None:
    """The file was never written."""
    path.unlink()


def zero_byte(path: Path, _rng: Random) -> None:
    """The file was opened and nothing more."""
    path.write_bytes(b"")


def truncated(path: Path, rng: Random) -> None:
    """The transfer broke off in the middle of a row of the last tenth."""
    content = path.read_bytes()
    first = content.index(b"\n") + 1
    somewhere = rng.randrange(max(first, len(content) * 9 // 10), len(content))
    row = content.rindex(b"\n", 0, somewhere) + 1
    path.write_bytes(content[: content.index(b",", row) + 2])


def all_deleted(path: Path, _rng: Random) -> None:
    """Every row of the file says `deleted`."""
    beside = path.with_suffix(".part")
    with (
        path.open(encoding="utf-8", newline="") as old,
        beside.open("w", encoding="utf-8", newline="") as new,
    ):
        rows = csv.reader(old)
        writer = csv.writer(new, lineterminator="\n")
        header = next(rows)
        at = header.index("status")
        writer.writerow(header)
        for row in rows:
            writer.writerow([*row[:at], "deleted", *row[at + 1 :]])
    beside.replace(path)


#: Every kind of alarming morning, by name.
ALARMS: dict[str, Alarm] = {
    "school-gone": Alarm("one school is missing", change=school_gone),
    "sections-rekeyed": Alarm("one school's sections have new ids", change=sections_rekeyed),
    "users-rekeyed": Alarm("students and staff have new ids", change=users_rekeyed),
    "cut-off": Alarm("the last 4% of the rows are missing", spoil=cut_off),
    "rows-lost": Alarm("6% of the rows are missing at random", spoil=rows_lost),
    "all-deleted": Alarm("every status turned deleted", spoil=all_deleted),
    "emptied": Alarm("a header and no rows", spoil=emptied),
    "missing": Alarm("a table is not there", spoil=missing),
    "zero-byte": Alarm("a file without a byte", spoil=zero_byte),
    "truncated": Alarm("a file that ends in the middle of a row", spoil=truncated),
}


def write_alarm(
    district: District, out: Path, alarm: str, *, table: str | None = None
) -> dict[str, int]:
    """Write the district's Canvas files as they are on an alarming morning.

    `table` names the file a file-borne alarm befalls; the counts are of rows before that.

    Raises:
        DistrictError: there is no such alarm, or no such table in the delivery.
    """
    if alarm not in ALARMS:
        message = f"no alarm is called {alarm!r}; there are {', '.join(ALARMS)}"
        raise DistrictError(message)
    kind = ALARMS[alarm]
    rows = write_canvas(district.after(kind.change) if kind.change else district, out)
    if kind.spoil:
        path = out / f"{table or kind.table}.csv"
        if not path.exists():
            message = f"this delivery has no {path.name}"
            raise DistrictError(message)
        kind.spoil(path, luck(district.seed, alarm, path.name))
    return rows
