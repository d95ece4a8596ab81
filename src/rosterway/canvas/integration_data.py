"""Our one key in Canvas's `integration_data`, beside the keys of others.

Facts: canvas-sis.md 6.2, 6.3. The data is read with `read_sis` or `manage_sis` and written with
`manage_sis` only, else dropped **without a word**; on an assignment it is replaced, on an
assignment group merged into what is there.

Guarantees: what others keep there is read just before and written back as it was; nothing is written
where it cannot be read; what is there already is not written again; whether Canvas took it is told
by its own answer. Leaves to `sync_marks` and `association_mirror` what is kept.
"""

from enum import StrEnum
from typing import Any, cast

import msgspec

from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.shapes import mapping
from rosterway.errors import RejectedError

#: What we keep stands under this key.
KEY = "rosterway"
_FIELD = "integration_data"


class Outcome(StrEnum):
    """What became of something to be written."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"  # it was there already
    DROPPED = "dropped"  # Canvas answered well and did not keep it: no manage_sis
    UNREADABLE = "unreadable"  # Canvas does not show the data, so nothing was written
    REFUSED = "refused"
    GONE = "gone"


class Written(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of the data of one assignment or group; `says` are Canvas's words, if any."""

    id: str
    outcome: Outcome
    says: str = ""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where something is written: `wrapped` is the name Canvas wants around its fields, if any."""

    id: str
    path: str
    call: Call
    wrapped: str | None = None


def shown(told: dict[str, Any]) -> dict[str, Any] | None:
    """The integration data of what Canvas told; None: it is not shown to us."""
    return mapping(told[_FIELD]) if _FIELD in told else None


def kept(data: dict[str, Any] | None) -> dict[str, Any]:
    """What we keep in it."""
    return mapping((data or {}).get(KEY))


async def write(
    client: CanvasClient,
    target: Target,
    stored: dict[str, Any] | None,
    wanted: dict[str, Any] | None,
) -> Written:
    """Write what we keep; `stored` is all the data as just read, `wanted` None takes ours out.

    Raises:
        RemoteError: other than a refusal of these very data, see `failures`. Writing again is safe.
    """
    if stored is None:
        return Written(id=target.id, outcome=Outcome.UNREADABLE)
    if wanted == stored.get(KEY):
        return Written(id=target.id, outcome=Outcome.UNCHANGED)
    others = {name: value for name, value in stored.items() if name != KEY}
    data = others if wanted is None else others | {KEY: wanted}
    body = {_FIELD: data}
    try:
        answer = await client.send(
            "PUT",
            target.path,
            call=target.call,
            json={target.wrapped: body} if target.wrapped else body,
        )
    except RejectedError as refused:
        outcome = Outcome.GONE if refused.status == 404 else Outcome.REFUSED
        return Written(id=target.id, outcome=outcome, says=refused.said)
    now = shown(mapping(answer))
    is_taken = now is not None and (_holds(now.get(KEY), wanted) if wanted else KEY not in now)
    return Written(id=target.id, outcome=Outcome.WRITTEN if is_taken else Outcome.DROPPED)


def _holds(stands: Any, wanted: Any) -> bool:
    """Whether what stands there has all that was wanted; merged data may have more."""
    if not isinstance(wanted, dict):
        return stands == wanted
    fields = cast("dict[str, Any]", wanted)
    return all(_holds(mapping(stands).get(name), value) for name, value in fields.items())
