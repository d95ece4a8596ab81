"""`rosterway doctor canvas`: what the token may do in Canvas, right by right, and who gives it the rest."""

import asyncio
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterway.cli import output
from rosterway.cli.output import Format, FormatOption, HomeOption, answers
from rosterway.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from rosterway.canvas.permissions import Finding
    from rosterway.settings import SecretPlaces, Settings, Tenant

#: What a finding is, in a word.
_WORDS = {True: "good", False: "missing", None: "note"}
#: Without these nothing else can be asked.
_BEFORE_ALL = frozenset({"reachable", "token"})
#: What only who has feeds needs.
_OF_IMPORTS = frozenset({"sis-imports-enabled", "right-to-sis-imports"})
#: What keeps nothing from going.
_CAUTIONS = frozenset({"encryption"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found out about a Canvas: what everything needs, and what grades need besides."""

    url: str
    rosters: "Sequence[Finding]"
    grades: "Sequence[Finding]"

    @property
    def is_usable(self) -> bool:
        """Whether nothing is missing without which rosters or grades cannot go."""
        found = (*self.rosters, *self.grades)
        return all(one.ok is not False or one.name in _CAUTIONS for one in found)


@answers
def canvas(
    tenant: Annotated[
        str | None,
        typer.Option("--tenant", metavar="NAME", help="Needed where the file has several."),
    ] = None,
    course: Annotated[
        str | None,
        typer.Option(
            "--course",
            metavar="COURSE",
            help="A published course, by Canvas id or sis_course_id:…, to look at its assignments.",
        ),
    ] = None,
    config: Annotated[
        Path, typer.Option("--config", metavar="FILE", help="The configuration file.")
    ] = Path("rosterway.toml"),
    form: FormatOption = Format.TEXT,
    home: HomeOption = None,
) -> None:
    """Look at the Canvas of a tenant: whether it answers, and each right its token has or lacks.

    Nothing is changed. A right that is missing is told with what it is for and who grants it. The rights
    for grades are looked at where the file has a way for grades. Exit code 1: something is missing
    without which rosters or grades cannot go.
    """
    from rosterway.cli.configured import load
    from rosterway.settings.logs import configure_logs

    configure_logs(level="WARNING")
    name, told = _tenant_of(load(config, os.environ), tenant)
    with _places(name, told, config.absolute().parent, home) as places:
        looked = asyncio.run(_look(told, told.canvas.token.reveal(places), course))
    if form is Format.JSON:
        output.print_json(_as_dict(name, looked))
    else:
        _print(looked)
    if not looked.is_usable:
        raise typer.Exit(output.FAILED)


def _tenant_of(settings: "Settings", name: str | None) -> "tuple[str, Tenant]":
    known = settings.tenants
    if name is None and len(known) == 1:
        return next(iter(known.items()))
    if name is None:
        raise UsageError(
            f"The file has {len(known)} tenants: {', '.join(known)}.",
            remedy="Say which with --tenant.",
        )
    if name not in known:
        raise NotFoundError(
            f"The file has no tenant {name}.", remedy=f"It has {', '.join(known) or 'none'}."
        )
    return name, known[name]


@contextmanager
def _places(
    name: str, tenant: "Tenant", folder: Path, home: Path | None
) -> "Generator[SecretPlaces]":
    """Where the token is looked for; a home is opened only for a sealed one."""
    from rosterway.cli.opened import opened
    from rosterway.settings import SecretPlaces
    from rosterway.settings.secrets import SecretPlace
    from rosterway.store import secrets

    if tenant.canvas.token.place is not SecretPlace.SEALED:
        yield SecretPlaces(os.environ, folder)
        return
    with opened(home) as (_, store):
        yield SecretPlaces(os.environ, folder, secrets.unsealing(store.tenant(name)))


async def _look(tenant: "Tenant", token: str, course: str | None) -> Looked:
    from rosterway.canvas.client import CanvasClient
    from rosterway.canvas.grade_permissions import probe_grades
    from rosterway.canvas.permissions import probe

    account = tenant.canvas
    async with CanvasClient(account.url, token, account=account.account) as client:
        found = await probe(client)
        if not tenant.feeds:
            found = tuple(one for one in found if one.name not in _OF_IMPORTS)
        is_reached = all(one.ok is not False for one in found if one.name in _BEFORE_ALL)
        grades: tuple[Finding, ...] = ()
        if tenant.grades is not None and is_reached:
            grades = await probe_grades(client, course)
    return Looked(url=account.url, rosters=found, grades=grades)


def _as_dict(name: str, looked: Looked) -> dict[str, Any]:
    def each(found: "Sequence[Finding]") -> list[dict[str, Any]]:
        return [
            {"name": one.name, "ok": one.ok, "says": one.says, "remedy": one.remedy}
            for one in found
        ]

    return {
        "tenant": name,
        "canvas": looked.url,
        "usable": looked.is_usable,
        "rosters": each(looked.rosters),
        "grades": each(looked.grades),
    }


def _print(looked: Looked) -> None:
    output.say(looked.url)
    output.print_table(
        [("", False), ("", False), ("", False)],
        [
            (one.name, _WORDS[one.ok], " ".join(filter(None, (one.says, one.remedy))))
            for one in (*looked.rosters, *looked.grades)
        ],
    )
    output.say("CAN BE USED" if looked.is_usable else "CANNOT BE USED")
