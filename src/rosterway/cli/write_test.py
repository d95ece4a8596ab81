"""`rosterway doctor --write-test`: write one line item and one result to a class, and take them away."""

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from rosterway.cli import output

if TYPE_CHECKING:
    from rosterway.oneroster.asking import Asked, Source
    from rosterway.oneroster.write_test import WriteTest

#: What it takes beside reading the roster, where nobody has configured scopes (oneroster 5.1).
_SCOPES = ("gradebook.readonly", "gradebook.createput", "gradebook.delete")


async def write_to(
    source: "Source", asked: "Asked", gradebook_url: str | None, class_id: str
) -> "WriteTest":
    """Try it, one request after the other."""
    from rosterway.oneroster.address import gradebook_root
    from rosterway.oneroster.client import ProviderClient
    from rosterway.oneroster.doctor import PATIENCE
    from rosterway.oneroster.doors import Doors
    from rosterway.oneroster.write_test import try_writing

    source = _with_scopes(source)
    doors = Doors(
        rostering=source.root,
        gradebook=gradebook_root(source.root, source.version, gradebook_url),
        version=source.version,
        page_size=asked.page_size,
        shown=asked.shown,
    )
    async with ProviderClient(
        source.root, source.auth, wiring=source.wiring, patience=PATIENCE, max_requests=1
    ) as client:
        return await try_writing(
            client, doors, class_id, token=secrets.token_hex(4), on_progress=output.note
        )


def _with_scopes(source: "Source") -> "Source":
    from rosterway.oneroster.auth import OAuth2

    auth = source.auth
    if not isinstance(auth, OAuth2) or not auth.is_scope_guessed:
        return source
    prefix = f"https://purl.imsglobal.org/spec/or/v{source.version.replace('.', 'p')}/scope/"
    scope = " ".join([auth.scope, *(prefix + name for name in _SCOPES)])
    return replace(source, auth=replace(auth, scope=scope))


def show(test: "WriteTest") -> None:
    """The test in words."""
    output.say(f'Write test in class {test.class_id}: a line item "{test.title}"')
    if test.student:
        output.say(f"    and one result of student {test.student}, both deleted afterwards.")
    output.print_table(
        [("step", False), ("outcome", False), ("status", True), ("seconds", True), ("", False)],
        [
            (
                step.what,
                step.outcome,
                "" if step.status is None else str(step.status),
                f"{step.seconds:.3f}",
                step.words,
            )
            for step in test.steps
        ],
    )
    if test.endpoints:
        output.say(f"Endpoints: {test.endpoints}; line items accepted: {', '.join(test.shapes)}.")
    if test.keeps_ids is False:
        output.say("It gives ids of its own, and says which.")
    for status, became in test.statuses.items():
        if became == "":
            output.say(f"scoreStatus {status!r} is refused.")
        elif became != status:
            output.say(f"scoreStatus {status!r} became {became!r}.")
    for each in test.altered:
        output.say(f"altered: {each}")
    if test.deletes is False:
        output.say("It does not delete.")
    for each in test.remains:
        output.say(f"REMAINS in the SIS: {each}. Delete it there.")
    if test.why:
        output.say(f"{test.why}.")
    output.say("GRADES CAN BE WRITTEN" if not test.why else "GRADES CANNOT BE WRITTEN")
