"""How the SIS answers: JSON, and its refusals in the shape of the version or of a known deviation.

Facts: oneroster.md section 4. The SIS's name stands at the start of every description, as
Instructure asks of providers.
"""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from rosterway.sandbox.sis.asking.query import Warned
from rosterway.sandbox.sis.model.operations import ROOTS
from rosterway.sandbox.sis.provider import Provider, compact
from rosterway.sandbox.sis.trouble import Refusal, SisUsageError

PROVIDER = web.AppKey("provider", Provider)

_NAME = "Sandbox SIS"
#: What 1.1 writes for the words of 1.2 (section 4, codeMinor spelled with spaces).
_MINOR_OF_1P1 = {
    "unknownobject": "unknown object",
    "invaliddata": "invalid data",
    "unauthorisedrequest": "unauthorized",
    "fullsuccess": "full success",
}

Info = dict[str, Any]


def _official(major: str, severity: str, minor: str, text: str) -> Info:
    field = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
    return {
        "imsx_codeMajor": major,
        "imsx_severity": severity,
        "imsx_description": text,
        "imsx_CodeMinor": {"imsx_codeMinorField": [field]},
    }


def _set_of_1p1(major: str, severity: str, minor: str, text: str) -> Info:
    return {"statusInfoSet": [status_info(major, severity, minor, text)]}


def status_info(major: str, severity: str, minor: str, text: str) -> Info:
    """One entry of 1.1's statusInfoSet."""
    return {
        "imsx_codeMajor": major,
        "imsx_severity": severity,
        "imsx_description": text,
        "imsx_codeMinor": _MINOR_OF_1P1.get(minor, minor),
        "imsx_messageRefIdentifier": "0",
        "imsx_operationRefIdentifier": "0",
    }


def _errors(major: str, severity: str, minor: str, text: str) -> Info:
    entry = {"codeMajor": major, "severity": severity, "codeMinor": minor, "description": text}
    return {"errors": [entry]}


def _wrapped(major: str, severity: str, minor: str, text: str) -> Info:
    return {"imsx_StatusInfo": _official(major, severity, minor, text)}


def _bare(major: str, severity: str, minor: str, text: str) -> Info:
    return {
        "imsx_codeMajor": major,
        "imsx_severity": severity,
        "imsx_description": text,
        "imsx_codeMinor": minor,
    }


#: The knob `error_shape` -> who answers so (section 4) and how.
SHAPES: dict[str, Callable[[str, str, str, str], Info]] = {
    "official": _official,  # 1.2's document; 1.1 then answers as its own text has it
    "statusInfoSet": _set_of_1p1,  # 1.1 as Questar and older RIC One
    "errors": _errors,  # RIC One, go-oneroster
    "StatusInfo": _wrapped,  # LongsightGroup
    "bare": _bare,  # Ed-Fi, Timeback
}


def refused(request: web.Request, refusal: Refusal) -> web.Response:
    """A refusal as an answer."""
    version = "1.1" if request.path.startswith(ROOTS["1.1", "rostering"]) else "1.2"
    provider = request.app[PROVIDER]
    shape = provider.knobs.error_shape
    if shape not in SHAPES:
        raise SisUsageError(f"no error shape {shape!r}; there are {', '.join(SHAPES)}")
    if shape == "official" and version == "1.1":
        shape = "statusInfoSet"
    status = refusal.status
    if status == 422 and version == "1.1":
        status = 400  # 1.1's table has no 422 for what cannot be read
    major = "unsupported" if refusal.minor == "unsupported" else "failure"
    body = SHAPES[shape](major, "error", refusal.minor, f"{_NAME}: {refusal.text}")
    return answer(body, status=status, headers=refusal.headers)


def warning(warned: Warned) -> Info:
    """A warning beside the data of a 1.1 answer."""
    return status_info("success", "warning", warned.minor, f"{_NAME}: {warned.text}")


def answer(
    body: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """An answer in JSON; bytes are taken as they are."""
    data = body if isinstance(body, bytes) else compact(body)
    return web.Response(
        body=data, status=status, content_type="application/json", charset="utf-8", headers=headers
    )
