"""Signing in and out: a password, or once with a link; failures make the next try wait."""

import secrets
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from rosterway.console.access import COOKIE, RIGHTS, May, SignedIn, visitor_of
from rosterway.console.attempts import Attempts
from rosterway.console.first_look import FIRST
from rosterway.console.forms import FORM_COOKIE, BeforeSignIn, Signed, masked
from rosterway.console.one_time import OneTimeLinks
from rosterway.console.pages import page
from rosterway.console.quantities import length
from rosterway.errors import AccessError, NotFoundError
from rosterway.runs.office import Office
from rosterway.store import audit, operators, sessions, tenants

log = structlog.get_logger()
router = APIRouter()

#: How long a sign-in lasts.
SESSION = timedelta(hours=12)
#: Checking a password takes a tenth of a second of a core and 64 MB: so many at once.
_CHECKING = BoundedSemaphore(2)

_WRONG = "That name and password do not belong together."


@router.get("/")
def home(request: Request, visitor: SignedIn) -> Response:
    """Lead to the only tenant there is for this operator, or let them choose."""
    office: Office = request.app.state.office
    found = [
        tenant
        for tenant in tenants.every(office.store)
        if tenant.name in office.settings.tenants
        and visitor.operator.role_in(tenant.name) is not None
    ]
    if len(found) == 1:
        return RedirectResponse(f"/t/{found[0].name}", 303)
    may = {tenant.name: May.LOOK in visitor.rights_in(tenant.name) for tenant in found}
    return page(
        request,
        "tenants.html",
        tenants=[tenant for tenant in found if may[tenant.name]],
        csrf=masked(visitor.session.csrf),
        operator=visitor.operator.name,
    )


@router.get("/sign-in")
def show(request: Request, next: str = "/") -> Response:  # noqa: A002 - the query's own word
    """The sign-in page; before there is any operator it says how to make one."""
    try:
        visitor_of(request)
    except AccessError:
        return _sign_in_page(request, next)
    return RedirectResponse(_local(next), 303)


@router.post("/sign-in", dependencies=[BeforeSignIn])
def sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002 - as above
) -> Response:
    """Check name and password."""
    office: Office = request.app.state.office
    attempts: Attempts = request.app.state.attempts
    address, now = _address(request), office.clock()
    wait = attempts.wait(address, name, now=now)
    if wait:
        log.warning("console.sign-in-waits", address=address)
        said = f"Too many tries. The next one is heard in {length(wait)}."
        return _sign_in_page(request, next, name=name, fault=said, status=429)
    with _CHECKING:
        operator = operators.sign_in(office.store, name.strip(), password)
    if operator is None:
        attempts.failed(address, name, now=now)
        log.warning("console.sign-in-failed", address=address)
        return _sign_in_page(request, next, name=name, fault=_WRONG, status=401)
    attempts.succeeded(address, name)
    return _begin(request, operator.name, _local(next))


@router.get("/sign-in/{token}")
def show_link(request: Request, token: str) -> Response:
    """A page with one button, so that only a person uses a link up."""
    links: OneTimeLinks = request.app.state.links
    name = links.operator(token, now=request.app.state.office.clock())
    if name is None:
        raise _used_up()
    return _with_form_cookie(request, "sign_in_once.html", name=name, token=token)


@router.post("/sign-in/{token}", dependencies=[BeforeSignIn])
def use_link(request: Request, token: str) -> Response:
    """Sign in with a link, which ends it."""
    links: OneTimeLinks = request.app.state.links
    name = links.use(token, now=request.app.state.office.clock())
    if name is None:
        raise _used_up()
    return _begin(request, name, "/")


@router.post("/sign-out", dependencies=[Signed])
def sign_out(request: Request, visitor: SignedIn) -> Response:
    """End this session."""
    office: Office = request.app.state.office
    sessions.end(office.store, request.cookies.get(COOKIE, ""))
    log.info("console.signed-out", operator=visitor.operator.name)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


def _begin(request: Request, operator: str, target: str) -> Response:
    office: Office = request.app.state.office
    now = office.clock()
    shown, _ = sessions.start(office.store, operator, now=now, lifetime=SESSION)
    audit.append(
        office.store.installation,
        actor=operator,
        act="operator.sign-in",
        subject=operator,
        now=now,
        details={"address": _address(request)},
    )
    log.info("console.signed-in", operator=operator)
    answer = RedirectResponse(target, 303)
    _put_cookie(request, answer, COOKIE, shown, SESSION)
    answer.delete_cookie(FORM_COOKIE)
    return answer


def _sign_in_page(
    request: Request, target: str, *, name: str = "", fault: str = "", status: int = 200
) -> Response:
    office: Office = request.app.state.office
    known = [one for one in operators.every(office.store) if one.name != FIRST]
    return _with_form_cookie(
        request,
        "sign_in.html",
        status=status,
        has_operators=any(RIGHTS[role] for one in known for role in one.roles.values()),
        next=_local(target),
        name=name,
        fault=fault,
    )


def _with_form_cookie(
    request: Request, template: str, *, status: int = 200, **facts: Any
) -> Response:
    token = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
    answer = page(request, template, status=status, csrf=masked(token), **facts)
    _put_cookie(request, answer, FORM_COOKIE, token, timedelta(hours=1))
    return answer


def _put_cookie(
    request: Request, answer: Response, name: str, value: str, lifetime: timedelta
) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def _local(target: str) -> str:
    """A path of ours; anything else leads home, so that no link sends people elsewhere."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    is_plain = not any(sign in target for sign in "\r\n\t")
    return target if is_path and is_plain else "/"


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _used_up() -> NotFoundError:
    return NotFoundError(
        "This link has been used, or its time is over.",
        remedy="Sign in with a name and a password, or have another link made.",
    )
