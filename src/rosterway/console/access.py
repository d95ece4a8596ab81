"""Who may do what: roles and rights as one table, and the desk a request is served at.

A page names the right it asks for (`at`); what an operator may not see in a tenant where they have
no role at all looks exactly like what does not exist.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from rosterway.console.times import LocalTime
from rosterway.errors import AccessError, NotFoundError
from rosterway.runs.office import Office
from rosterway.store import operators, sessions, tenants
from rosterway.store.operators import Operator, Role
from rosterway.store.sessions import Session
from rosterway.store.tenants import Tenant
from rosterway.store.walls import TenantStore

#: Where everything about a tenant is.
OF_TENANT = "/t/{tenant}"

#: The cookie of a signed-in browser.
COOKIE = "rosterway_session"


class May(StrEnum):
    """Something a role allows, as the end of "this role may not …"."""

    LOOK = "look at this"
    PEOPLE = "see people's names and files with them"
    STEER = "pause, resume or run feeds, or send them deliveries"
    DECIDE = "approve or discard plans"
    GRADES = "sync grades, mend what keeps them back, or associate categories"
    FORGET = "remaster grades or forget what the SIS was told"
    AUDIT = "read the audit log"
    ACCOUNTS = "change SFTP accounts"


RIGHTS: Mapping[Role, frozenset[May]] = {
    Role.VIEWER: frozenset({May.LOOK}),
    Role.REGISTRAR: frozenset({May.LOOK, May.PEOPLE, May.STEER, May.GRADES}),
    Role.APPROVER: frozenset(May) - {May.AUDIT, May.ACCOUNTS},
    Role.ADMIN: frozenset(May),
    Role.TEACHER: frozenset(),  # teachers work inside Canvas
}


def roles_that(may: May) -> list[str]:
    """The roles that have a right, by name."""
    return [role.value for role in Role if may in RIGHTS[role]]


class SignInError(AccessError):
    """Nobody is signed in."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in operator and the session they are in."""

    operator: Operator
    session: Session

    def rights_in(self, tenant: str) -> frozenset[May]:
        """What they may do in a tenant; nothing where they have no role."""
        role = self.operator.role_in(tenant)
        return RIGHTS[role] if role else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One request about one tenant: whose, who asks, what they may do, and what time it is."""

    office: Office
    handle: TenantStore
    tenant: Tenant
    visitor: Visitor
    rights: frozenset[May]
    times: LocalTime

    @property
    def now(self) -> datetime:
        """This moment, in UTC."""
        return self.times.now

    @property
    def operator(self) -> str:
        """Who acts, as the audit log has it."""
        return self.visitor.operator.name

    @property
    def role(self) -> str:
        """The operator's role here, in a word."""
        role = self.visitor.operator.role_in(self.tenant.name)
        return role.value if role else ""

    @property
    def sees_people(self) -> bool:
        """Whether names are shown, or ids only."""
        return May.PEOPLE in self.rights

    def may(self, what: May) -> bool:
        """Whether a button that does this is shown."""
        return what in self.rights

    def url(self, *parts: str) -> str:
        """The address of a page of this tenant."""
        return "/".join(["/t", *(quote(part, safe="") for part in (self.tenant.name, *parts))])


def visitor_of(request: Request) -> Visitor:
    """Who is signed in; SignInError if nobody is. Store calls: run it in a worker thread."""
    office: Office = request.app.state.office
    shown = request.cookies.get(COOKIE)
    found = sessions.find(office.store, shown, now=office.clock()) if shown else None
    if found is None:
        raise SignInError("Please sign in.")
    session, operator = found
    return Visitor(operator, session)


SignedIn = Annotated[Visitor, Depends(visitor_of)]


def desk_for(office: Office, visitor: Visitor, tenant: str) -> Desk:
    """A visitor's desk in a tenant; NotFoundError where they have no role or it does not exist."""
    rights = visitor.rights_in(tenant)
    known = visitor.operator.role_in(tenant) is not None
    if not known or tenant not in office.settings.tenants:
        raise NotFoundError("There is no such page, or it is not yours to see.")
    found = tenants.get(office.store, tenant)
    return Desk(
        office=office,
        handle=office.store.tenant(tenant),
        tenant=found,
        visitor=visitor,
        rights=rights,
        times=LocalTime(ZoneInfo(found.time_zone), office.clock()),
    )


def desk_again(request: Request, desk: Desk) -> Desk:
    """The same desk a while later: signed in still, with the role there is now."""
    found = desk_for(desk.office, visitor_of(request), desk.tenant.name)
    refuse_unless(found, May.LOOK)
    return found


def at(*needed: May) -> Callable[..., Desk]:
    """A dependency: the desk of the tenant in the path, if the visitor may all this there."""

    def desk(request: Request, tenant: str, visitor: SignedIn) -> Desk:
        found = desk_for(request.app.state.office, visitor, tenant)
        for may in (May.LOOK, *needed):
            refuse_unless(found, may)
        return found

    return desk


def refuse_unless(desk: Desk, may: May) -> None:
    """AccessError, in plain words, unless the desk has the right."""
    if may in desk.rights:
        return
    if not desk.rights:
        raise AccessError(
            "Teachers work with Rosterway inside Canvas.", remedy="Open it from your course."
        )
    allowed = " or ".join(roles_that(may))
    raise AccessError(
        f"Your role here is {desk.role}; it may not {may}.",
        remedy=f"Ask someone whose role is {allowed}.",
    )


def who_may(office: Office, tenant: str, may: May) -> list[str]:
    """The operators who have a right in a tenant, by name."""
    return [
        operator.name
        for operator in operators.every(office.store)
        if (role := operator.role_in(tenant)) and may in RIGHTS[role]
    ]


Looking = Annotated[Desk, Depends(at(May.LOOK))]
SeeingPeople = Annotated[Desk, Depends(at(May.PEOPLE))]
Steering = Annotated[Desk, Depends(at(May.STEER))]
Deciding = Annotated[Desk, Depends(at(May.DECIDE))]
Syncing = Annotated[Desk, Depends(at(May.GRADES))]
Forgetting = Annotated[Desk, Depends(at(May.FORGET))]
Auditing = Annotated[Desk, Depends(at(May.AUDIT))]
Vetting = Annotated[Desk, Depends(at(May.ACCOUNTS))]
