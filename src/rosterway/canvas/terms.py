"""Terms of an account, looked up by their SIS id.

Facts: canvas-lms `terms_api_controller.rb`; any id in a path may be spelled `sis_term_id:X`.
"""

import msgspec

from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.shapes import Id, shaped
from rosterway.errors import RejectedError

_TERM = Call("looking a term up by its SIS id", "read the terms of the account")


class _Term(msgspec.Struct):
    id: Id


async def term_id(client: CanvasClient, sis_id: str) -> str:
    """The Canvas id of a term.

    Raises:
        RejectedError: Canvas has no term with this SIS id, or does not say.
    """
    try:
        told = await client.get(client.account_path("terms", f"sis_term_id:{sis_id}"), call=_TERM)
    except RejectedError as error:
        if error.status != 404:
            raise
        raise RejectedError(
            f"Canvas has no term with the SIS id {sis_id}",
            system=error.system,
            status=404,
            remedy="Look the term's SIS id up in Canvas (Admin, Terms), and mend the setting.",
        ) from error
    return str(shaped(told, _Term, _TERM).id)
