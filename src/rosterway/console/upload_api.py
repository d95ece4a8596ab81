"""Deliveries over HTTPS: declared, sent in pieces that can be taken up again, checked, sealed.

For scripts with a token of one feed, and for the console's own page with a session; both are answered
in JSON. What arrives is a delivery like any other: planned by the same rules, held by the same guards.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import structlog
from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse, Response
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from rosterway.console.access import (
    OF_TENANT,
    May,
    desk_for,
    refuse_unless,
    visitor_of,
)
from rosterway.console.bearer import script_of
from rosterway.console.forms import refuse_unless_of
from rosterway.errors import ConflictError, NotFoundError, UsageError
from rosterway.gateway import parcels
from rosterway.gateway.parcels import Parcel, Piece
from rosterway.runs.office import Office
from rosterway.runs.receive import deliver_parcel
from rosterway.settings import GATEWAY
from rosterway.store import feeds
from rosterway.store.walls import TenantStore

log = structlog.get_logger()
router = APIRouter(prefix=f"{OF_TENANT}/feeds/{{feed}}/uploads")

#: The header in which the console's own page shows that it is one.
CSRF = "x-rosterway-csrf"
#: Pieces, which are as long as they are; everything else is small.
_PIECES = re.compile(r"/t/[^/]+/feeds/[^/]+/uploads/[0-9a-f]{32}/\d+")


class Declaration(msgspec.Struct, forbid_unknown_fields=True):
    """What a sender says it will send."""

    files: list[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One request about an upload: to which feed, and by whom, as a delivery's sender."""

    office: Office
    handle: TenantStore
    feed: str
    sender: str

    @property
    def home(self) -> Path:
        """Where the tenant's uploads are."""
        return self.office.home.parcels(self.handle.name)

    def parcel(self, upload: str) -> Parcel:
        """The upload, if it is this sender's to this feed; NotFoundError else."""
        found = parcels.find(self.home / self.feed, upload)
        if found.said.sender != self.sender:
            raise NotFoundError("there is no such upload")
        return found


def sending(
    request: Request,
    tenant: str,
    feed: str,
    authorization: Annotated[str, Header()] = "",
    shown: Annotated[str, Header(alias=CSRF)] = "",
) -> Sending:
    """Who sends: by token, or signed in. A token of another feed is told as much as one of nobody."""
    office: Office = request.app.state.office
    if authorization:
        request.state.speaks_json = True
        sender = script_of(office, tenant, authorization, feed=feed, may=May.STEER)
    else:
        visitor = visitor_of(request)
        request.state.speaks_json = True
        desk = desk_for(office, visitor, tenant)
        refuse_unless(desk, May.STEER)
        if request.method != "GET":
            refuse_unless_of(request, visitor.session, shown)
        sender = desk.operator
    handle = office.store.tenant(tenant)
    known = feeds.get(handle, feed)
    told = office.tenant(tenant).feeds.get(feed)
    if known.retired_at is not None or told is None or told.source != GATEWAY:
        raise ConflictError(
            f"{feed} takes no files", remedy='send to a feed with `from = "gateway"`'
        )
    return Sending(office=office, handle=handle, feed=feed, sender=sender)


Asked = Annotated[Sending, Depends(sending)]


@router.post("")
async def declare(request: Request, asked: Asked) -> Response:
    """Begin an upload: `{"files": [{"name", "size", "sha256"}]}`."""
    try:
        told = msgspec.json.decode(await request.body(), type=Declaration)
    except msgspec.MsgspecError as error:
        raise UsageError(
            f"this cannot be read: {error}",
            remedy='send {"files": [{"name": "users.csv", "size": 1, "sha256": "…"}]}',
        ) from error
    quota = asked.office.tenant(asked.handle.name).sftp_quota
    begun = await asyncio.to_thread(
        parcels.declare,
        asked.home / asked.feed,
        told.files,
        sender=asked.sender,
        room=quota.gigabytes * 1024**3,
    )
    log.info("upload.declared", tenant=asked.handle.name, feed=asked.feed, files=len(told.files))
    where = f"{request.url.path}/{begun.id}"
    return JSONResponse(_told(begun), 201, headers={"Location": where})


@router.get("/{upload}")
def state(asked: Asked, upload: str) -> Response:
    """How much has arrived of each file, and what became of it."""
    return JSONResponse(_told(asked.parcel(upload)))


@router.patch("/{upload}/{number}")
async def append(
    request: Request,
    asked: Asked,
    upload: str,
    number: int,
    offset: Annotated[int, Header(alias="upload-offset", ge=0)],
) -> Response:
    """Add the body to a file from `Upload-Offset` on; answers how much has arrived of it."""
    parcel = asked.parcel(upload)
    try:
        at = await parcels.append(parcel, number, offset, request.stream())
    except ClientDisconnect:  # nobody listens; what came is kept
        return Response(status_code=400)
    return Response(status_code=204, headers={"Upload-Offset": str(at)})


@router.post("/{upload}/deliver")
def deliver(asked: Asked, upload: str) -> Response:
    """Seal what was sent, if all of it is there; again, and it is the same delivery."""
    now = asked.office.clock()
    parcel = parcels.close(asked.parcel(upload), now=now)
    sealed = deliver_parcel(asked.handle, asked.feed, parcel, now=now)
    log.info("upload.delivered", tenant=asked.handle.name, feed=asked.feed, delivery=sealed.id)
    asked.office.poke()
    return JSONResponse({"delivery": sealed.id})


@router.delete("/{upload}")
def discard(asked: Asked, upload: str) -> Response:
    """Forget an upload."""
    parcels.discard(asked.parcel(upload))
    return Response(status_code=204)


class FormLimit:
    """ASGI middleware: requests are small, but for the pieces of uploads, whose size was declared."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._limited = RequestBodyLimitMiddleware(app, max_body_size=largest)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, limited or not."""
        is_piece = scope.get("method") == "PATCH" and _PIECES.fullmatch(scope.get("path", ""))
        await (self._app if is_piece else self._limited)(scope, receive, send)


def _told(parcel: Parcel) -> Mapping[str, Any]:
    said = parcel.said
    sizes = [one.size for one in said.files] if said.delivery else parcel.arrived()
    return {
        "upload": parcel.id,
        "files": [
            {"name": one.name, "size": one.size, "sha256": one.sha256, "arrived": arrived}
            for one, arrived in zip(said.files, sizes, strict=True)
        ],
        "delivery": said.delivery,
    }
