"""The SIS settings of an account that a grade sync heeds.

Facts: canvas-lms `app/models/account.rb`, `lib/assignment_util.rb` (instructure-integration.md S5).
What cannot be read is None and is not enforced; Canvas itself refuses what breaks it.

Not every Canvas tells them here, and it takes an administrator's right: read them once an account,
not once a course. What they demand of an assignment Canvas says with it (`gradebook_assignments`).
"""

from typing import Any, cast

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.shapes import mapping
from rosterway.errors import CredentialsError, RejectedError
from rosterway.passback.gradebook import SyncSettings

_READING = Call("reading the settings of an account", "manage_account_settings")
_NAME, _SYNCING = "sis_name", "sis_syncing"
_DUE_DATE = "sis_require_assignment_due_date"
_IS_LIMITED, _LIMIT = "sis_assignment_name_length", "sis_assignment_name_length_input"
_ALL = (_NAME, _SYNCING, _DUE_DATE, _IS_LIMITED, _LIMIT)


async def read_sync_settings(client: CanvasClient, account: str | None = None) -> SyncSettings:
    """The settings of `account`; what it does not tell, its root account is asked for.

    Args:
        client: of the root account.
        account: a sub-account's id; None: the client's.
    """
    told = await _settings(client, account or client.account)
    if account not in {None, client.account} and not told.keys() >= set(_ALL):
        told = await _settings(client, client.account) | told
    syncing = _switch(told, _SYNCING)
    limited = _switch(told, _IS_LIMITED)
    required = _switch(told, _DUE_DATE)
    return SyncSettings(
        sis_name=str(told.get(_NAME) or "SIS"),
        is_syncing=syncing,
        # Canvas demands neither while the master switch is off.
        requires_due_date=False if syncing is False else required,
        name_length=_length(told.get(_LIMIT)) if limited and syncing is not False else None,
    )


async def _settings(client: CanvasClient, account: str) -> dict[str, Any]:
    """What is told and is not null, {value, locked} taken for its value."""
    path = path_of("api", "v1", "accounts", account, "settings")
    try:
        answer = mapping(await client.get(path, call=_READING))
    except (CredentialsError, RejectedError):
        return {}
    values = {name: _value(answer[name]) for name in _ALL if name in answer}
    return {name: value for name, value in values.items() if value is not None}


def _value(told: Any) -> Any:
    return cast("dict[str, Any]", told).get("value") if isinstance(told, dict) else told


def _switch(told: dict[str, Any], name: str) -> bool | None:
    return str(told[name]).lower() in {"true", "1"} if name in told else None


def _length(told: Any) -> int | None:
    """Canvas stores it as it was typed."""
    return int(told) if str(told).isdecimal() and int(told) > 0 else None
