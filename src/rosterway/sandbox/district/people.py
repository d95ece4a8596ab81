"""People, one at a time, with ids, logins and addresses that nobody else has.

Ids look like those of real systems: students have eight digits with a zero in front that Excel
eats, staff and guardians a letter. They are spread over their range so that neighbours in a file
are no neighbours in number, yet never meet: a count, interleaved by zone, goes through a bijection.
Every address is at a domain reserved for documentation (RFC 2606), so no mail can arrive.
"""

import unicodedata
from dataclasses import dataclass, field, replace
from random import Random

from rosterway.sandbox.district.model import User, UserKind
from rosterway.sandbox.district.names import (
    NICKNAMES,
    SUFFIXES,
    Heritage,
    any_heritage,
    family_name,
    given_name,
)

_MAIL = ("example.com", "example.net", "mail.example.org", "family.example.net")
_STROKES = str.maketrans("łøđßæœþðŁØĐÞ", "lodsaotdLODT")


def plain(name: str) -> str:
    """The name in the small ASCII letters a login is made of."""
    bare = unicodedata.normalize("NFKD", name.translate(_STROKES))
    return "".join(letter for letter in bare.lower() if "a" <= letter <= "z")


@dataclass(slots=True)
class Registrar:
    """Takes people in for one zone of `zones`; keeps count so that ids stay unique for ever."""

    zone: int
    zones: int
    domain: str
    turn: int
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def student(
        self, rng: Random, *, heritage: Heritage, family: str, school: str, grade: int
    ) -> User:
        """A child of a family; the youngest have no mailbox."""
        number = self._next("student", 10_000_000)
        given = given_name(heritage, rng)
        login = f"{plain(family)[:7]}{plain(given)[:1]}{number:07d}"
        return User(
            id=f"{number:08d}",
            kind=UserKind.STUDENT,
            given=given,
            family=family,
            suffix=rng.choice(SUFFIXES) if rng.random() < 0.015 else "",
            nickname=NICKNAMES.get(given, "") if rng.random() < 0.5 else "",
            login=login,
            email=f"{login}@students.{self.domain}" if grade >= 3 else "",
            school=school,
            grade=grade,
        )

    def staff(self, rng: Random, kind: UserKind, school: str) -> User:
        """Somebody the district pays."""
        number = self._next("staff", 1_000_000)
        heritage = any_heritage(rng)
        given, family = given_name(heritage, rng), family_name(heritage, rng)
        login = f"{plain(given)}.{plain(family)}{number}@{self.domain}"
        return User(
            id=f"E{number:06d}",
            kind=kind,
            given=given,
            family=family,
            suffix="",
            nickname=NICKNAMES.get(given, ""),
            login=login,
            email=login,
            school=school,
        )

    def guardian(self, rng: Random, *, heritage: Heritage, family: str) -> User:
        """Somebody's parent or guardian; a few share no name with the child, or no address."""
        number = self._next("guardian", 10_000_000)
        given = given_name(heritage, rng)
        own = family_name(any_heritage(rng), rng) if rng.random() < 0.25 else family
        reachable = rng.random() >= 0.08
        email = f"{plain(given)}.{plain(own)}{number}@{rng.choice(_MAIL)}" if reachable else ""
        return User(
            id=f"P{number:07d}",
            kind=UserKind.GUARDIAN,
            given=given,
            family=own,
            suffix="",
            nickname="",
            login=email or f"parent{number:07d}",
            email=email,
            school="",
        )

    def section_id(self, school: str) -> str:
        """The next section number of a school."""
        self.counts[school] = self.counts.get(school, 0) + 1
        return f"{school}{self.counts[school]:04d}"

    def _next(self, kind: str, room: int) -> int:
        """The next number of a kind, below `room`, that no zone has given out."""
        count = self.counts.get(kind, 0)
        self.counts[kind] = count + 1
        place = count * self.zones + self.zone
        if place >= room:
            message = f"no {kind} id is left in {room}"
            raise OverflowError(message)
        return (place * 7_654_321 + self.turn) % room


def married(user: User, rng: Random) -> User:
    """The same person under a new family name; half of the staff get a new address with it."""
    family = user.family
    while family == user.family:
        family = family_name(any_heritage(rng), rng)
    changed = replace(user, family=family)
    if user.kind not in {UserKind.TEACHER, UserKind.AIDE} or rng.random() < 0.5:
        return changed
    domain = user.login.partition("@")[2]
    login = f"{plain(user.given)}.{plain(family)}{int(user.id[1:])}@{domain}"
    return replace(changed, login=login, email=login)
