"""What the token may do for grade passback, right by right.

Canvas is asked which rights its user has in the account (`permissions`, canvas-lms
`accounts_controller.rb`); a Canvas that does not answer that lets them be seen at a course, if one
is named, and else not be known. Whether a token's own scopes allow a call is seen only with it.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.failures import RIGHTS
from rosterway.canvas.gradebook_assignments import NOT_ENABLED
from rosterway.canvas.permissions import Finding
from rosterway.canvas.shapes import mapping
from rosterway.errors import CredentialsError, RejectedError, RemoteError


@dataclass(frozen=True, slots=True)
class GradeRight:
    """A right: any one of `names` gives it. `required`: without it nothing is synced."""

    finding: str
    names: tuple[str, ...]
    required: bool
    for_what: str
    without: str = ""


#: In the order a sync needs them.
GRADE_RIGHTS: Sequence[GradeRight] = (
    GradeRight("right-to-list-courses", ("read_course_list",), True, "find courses"),
    GradeRight("right-to-people", ("read_roster",), True, "see who is in a class"),
    GradeRight(
        "right-to-sis-ids",
        ("read_sis", "manage_sis"),
        True,
        "see the SIS ids of classes and people",
    ),
    GradeRight("right-to-grades", ("view_all_grades",), True, "read assignments and grades"),
    GradeRight(
        "right-to-integration-data",
        ("manage_sis",),
        False,
        "write on an assignment when it was synced",
        "Syncs work without it; when and how an assignment was synced is told here only.",
    ),
    GradeRight(
        "right-to-change-assignments",
        ("manage_assignments_edit", "manage_assignments"),
        False,
        "make the fixes a preflight offers",
        "Syncs work without it; a teacher makes the fixes.",
    ),
    GradeRight(
        "right-to-reports",
        ("read_reports",),
        False,
        "ask for the grade export",
        "Syncs work without it.",
    ),
)

_ASKING = Call("asking which rights the token's user has")
_LOOKING = Call("looking at the assignments that sync to the SIS", "view_all_grades")
_SIS_CALL = "sis-assignments-enabled"


async def probe_grades(client: CanvasClient, course: str | None = None) -> tuple[Finding, ...]:
    """What can be known, in order; nothing is changed.

    Args:
        client: of the root account.
        course: a published course, by id or `sis_course_id:X`, to see whether the SIS assignments
            call is enabled there; None: it is not looked at.
    """
    return tuple([finding async for finding in _findings(client, course)])


async def _findings(client: CanvasClient, course: str | None) -> AsyncGenerator[Finding, None]:
    held = await _held(client)
    for right in GRADE_RIGHTS:
        yield _finding(right, held)
    if course is not None:
        yield await _sis_call(client, course)


async def _held(client: CanvasClient) -> dict[str, Any]:
    """Right -> whether it is held, of those Canvas answers for."""
    names = dict.fromkeys(name for right in GRADE_RIGHTS for name in right.names)
    try:
        answer = await client.get(
            client.account_path("permissions"),
            call=_ASKING,
            params=[("permissions[]", name) for name in names],
        )
    except RemoteError:
        return {}
    return mapping(answer)


def _finding(right: GradeRight, held: dict[str, Any]) -> Finding:
    told = [name for name in right.names if isinstance(held.get(name), bool)]
    label = " or ".join(_labelled(name) for name in right.names)
    if any(held[name] for name in told):
        return Finding(right.finding, True, f"The token's user may {right.for_what}.")
    if not told:
        return Finding(right.finding, None, f"Canvas does not say whether it has {label}.")
    says = f"The token's user may not {right.for_what}."
    remedy = (
        "An admin of Canvas gives the token's user a role with the right"
        f" {label} on the root account."
    )
    if right.required:
        return Finding(right.finding, False, says, remedy)
    return Finding(right.finding, None, f"{says} {right.without}", remedy)


def _labelled(name: str) -> str:
    """A right as Canvas's API has it, and as its page of permissions does, where we know that."""
    return f"{name} (“{RIGHTS[name]}”)" if name in RIGHTS else name


async def _sis_call(client: CanvasClient, course: str) -> Finding:
    """Whether the call that tells of overrides and cross-listed sections is there."""
    path = path_of("api", "sis", "courses", course, "assignments")
    try:
        await client.get(path, call=_LOOKING, params=[("per_page", "1")])
    except RejectedError as refused:
        if refused.said == NOT_ENABLED or refused.status == 404:
            return Finding(
                _SIS_CALL,
                None,
                "The SIS assignments call is not enabled; the ordinary one is used instead.",
                "Switch the feature post_grades on, or install a tool with the placement post_grades.",
            )
        return Finding(_SIS_CALL, None, refused.message, refused.remedy)
    except CredentialsError as refused:
        return Finding(_SIS_CALL, False, refused.message, refused.remedy)
    except RemoteError as error:
        return Finding(_SIS_CALL, None, error.message, error.remedy)
    return Finding(_SIS_CALL, True, "Canvas tells of overrides and cross-listed sections.")
