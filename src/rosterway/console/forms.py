"""Forms that can only have come from our own pages.

Every POST carries a token: the session's, or before there is one that of a cookie set with the
sign-in page. In a page the token is masked with fresh random bytes, so that compressing pages tells
nobody about it (BREACH). A browser that says the form came from another site is refused at once.
"""

import base64
import binascii
import secrets
from typing import Annotated

from fastapi import Depends, Form, Request

from rosterway.console.access import SignedIn
from rosterway.errors import AccessError
from rosterway.store.sessions import Session

#: Holds the token of forms that are sent before anybody has signed in.
FORM_COOKIE = "rosterway_form"

Token = Annotated[str, Form(alias="csrf", max_length=400)]


def masked(token: str) -> str:
    """A token as a page shows it, different each time."""
    plain = token.encode()
    mask = secrets.token_bytes(len(plain))
    hidden = bytes(one ^ other for one, other in zip(plain, mask, strict=True))
    return base64.urlsafe_b64encode(mask + hidden).decode()


def is_ours(shown: str, token: str) -> bool:
    """Whether what came back is this token, masked."""
    try:
        content = base64.urlsafe_b64decode(shown.encode())
    except (binascii.Error, ValueError):
        return False
    half = len(content) // 2
    plain = bytes(one ^ other for one, other in zip(content[:half], content[half:], strict=False))
    return bool(token) and secrets.compare_digest(plain, token.encode())


def signed_form(request: Request, visitor: SignedIn, shown: Token = "") -> None:
    """Refuse a form that does not carry its session's token."""
    refuse_unless_of(request, visitor.session, shown)


def refuse_unless_of(request: Request, session: Session, shown: str) -> None:
    """Refuse what a page of this session did not send; `shown` is the token it has."""
    _refuse_other_sites(request)
    _refuse_unless_ours(shown, session.csrf)


def sign_in_form(request: Request, shown: Token = "") -> None:
    """Refuse a form that does not carry the token of its browser's cookie."""
    _refuse_other_sites(request)
    _refuse_unless_ours(shown, request.cookies.get(FORM_COOKIE, ""))


def _refuse_other_sites(request: Request) -> None:
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site not in {"same-origin", "none"}:
        raise AccessError("This form was sent by another site, so it was not heard.")


def _refuse_unless_ours(shown: str, token: str) -> None:
    if not is_ours(shown, token):
        raise AccessError(
            "This form is not from a page of this session, so it was not heard.",
            remedy="Load the page again and repeat what you did.",
        )


Signed = Depends(signed_form)
BeforeSignIn = Depends(sign_in_form)
