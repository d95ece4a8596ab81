"""Whether the process lives, and whether it can do its work: for whatever watches it."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from rosterway.errors import RosterwayError
from rosterway.runs.office import Office
from rosterway.store import tenants

router = APIRouter()


@router.get("/healthz")
def alive() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """The store answers, and the work folder is there."""
    office: Office = request.app.state.office
    faults: list[str] = []
    try:
        tenants.every(office.store)
    except RosterwayError as error:
        faults.append(error.message)
    if not office.home.work.is_dir():
        faults.append("the work folder is gone")
    return JSONResponse({"ready": not faults, "faults": faults}, 503 if faults else 200)
