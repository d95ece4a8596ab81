"""Settings as they are, the audit log, the glossary, and finding a thing by its id."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from rosterway import __version__
from rosterway.console.access import OF_TENANT, RIGHTS, Auditing, Desk, Looking, May, SignedIn
from rosterway.console.glossary import TERMS
from rosterway.console.pages import page
from rosterway.errors import NotFoundError, RosterwayError
from rosterway.settings import as_data
from rosterway.store import audit, deliveries, feeds, operators, plans, runs, sftp_accounts
from rosterway.store.operators import Role

router = APIRouter(prefix=OF_TENANT)
#: What concerns no tenant.
open_router = APIRouter()

_ENTRIES = 50


@router.get("/settings")
def settings(request: Request, desk: Looking) -> Response:
    """What the configuration file says of this tenant; secrets only by where they are kept."""
    told = desk.office.tenant(desk.tenant.name)
    return page(
        request,
        "settings.html",
        desk,
        room="Settings",
        told=told,
        canvas=as_data(told.canvas),
        accounts=[
            (one.login, one.origin.value, len(one.keys), one.allow)
            for one in sftp_accounts.every(desk.handle)
        ],
        operators=[
            (one, role)
            for one in operators.every(desk.office.store)
            if (role := one.role_in(desk.tenant.name))
        ],
        rights=[(role.value, [may.value for may in May if may in RIGHTS[role]]) for role in Role],
        version=__version__,
        may_audit=desk.may(May.AUDIT),
    )


@router.get("/audit")
def log(request: Request, desk: Auditing, before: int | None = None) -> Response:
    """Who did what, the latest first, and whether the chain of entries holds."""
    found = audit.entries(desk.handle, before=before, limit=_ENTRIES + 1)
    return page(
        request,
        "audit.html",
        desk,
        room="Audit",
        entries=found[:_ENTRIES],
        more=found[_ENTRIES - 1].seq if len(found) > _ENTRIES else None,
        verified=audit.verify(desk.handle) if before is None else None,
    )


@router.get("/find")
def find(request: Request, desk: Looking, q: str = "") -> Response:
    """Lead to the run, plan, delivery or feed that is named."""
    text = q.strip()
    target = _found(desk, text) if text else None
    if target is not None:
        return RedirectResponse(target, 303)
    return page(request, "find.html", desk, text=text, status=404 if text else 200)


@open_router.get("/glossary")
def glossary(request: Request, _visitor: SignedIn) -> Response:
    """What our words mean."""
    return page(
        request, "glossary.html", terms=sorted(TERMS.items(), key=lambda one: one[0].lower())
    )


def _found(desk: Desk, text: str) -> str | None:
    """The address of what is called so."""
    known = {feed.name for feed in feeds.every(desk.handle, retired=True)}
    if text in known:
        return desk.url("feeds", text)
    try:
        if text.startswith("run-"):
            return desk.url("runs", runs.get(desk.handle, text).id)
        if text.startswith("plan-"):
            return desk.url("plans", plans.get(desk.handle, text).id)
        if text[:1].isdigit() and "-" in text:
            found = runs.latest(desk.handle, delivery=deliveries.get(desk.handle, text).id, limit=1)
            if found:
                return desk.url("runs", found[0].id)
    except NotFoundError:
        pass
    try:
        return desk.url("plans", plans.by_digest(desk.handle, text).id)
    except RosterwayError:
        return None
