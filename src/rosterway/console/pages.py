"""Pages: templates with what every one of them needs, and nothing that decides anything."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from rosterway.console import quantities
from rosterway.console.access import Desk, May
from rosterway.console.forms import masked
from rosterway.console.glossary import TERMS
from rosterway.console.words import Shape, Tone
from rosterway.formats.canvas_csv.called import called

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
#: Where static files are served.
STATIC_PATH = "/static"


@dataclass(frozen=True, slots=True)
class Room:
    """An entry of the rail: where it leads and the key that follows `g`."""

    name: str
    path: str
    key: str
    needs: May = May.LOOK


#: The rail, in order.
ROOMS: tuple[Room, ...] = (
    Room("Overview", "", "o"),
    Room("Feeds", "feeds", "f"),
    Room("Runs", "runs", "r"),
    Room("Problems", "problems", "p"),
    Room("Grades", "grades", "d"),
    Room("Audit", "audit", "a", May.AUDIT),
    Room("Settings", "settings", "s"),
)


@cache
def static_url(name: str) -> str:
    """The address of a static file, which changes with its content."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{STATIC_PATH}/{name}?v={digest}"


def with_query(path: str, **query: object) -> str:
    """A path with the parts of the query that have a value."""
    given = {key: str(value) for key, value in query.items() if value not in {None, ""}}
    return f"{path}?{urlencode(given)}" if given else path


def term(word: str, text: str | None = None) -> Markup:
    """A term of ours, linked to what it means."""
    return Markup('<a class="term" href="/glossary#{}" title="{}">{}</a>').format(
        word.replace(" ", "-"), TERMS[word], text or word
    )


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words: dict[str, Any] = {
        "static": static_url,
        "with_query": with_query,
        "term": term,
        "May": May,
        "Tone": Tone,
        "Shape": Shape,
        "rooms": ROOMS,
    }
    filters: dict[str, Any] = {
        "counted": quantities.counted,
        "size": quantities.size,
        "span": quantities.length,
        "percent": quantities.percent,
        "table": called,
        "things": quantities.of_things,
    }
    made.globals.update(words)
    made.filters.update(filters)
    return made


_TEMPLATES = _environment()


def page(
    request: Request,
    template: str,
    desk: Desk | None = None,
    *,
    status: int = 200,
    room: str = "",
    **facts: Any,
) -> HTMLResponse:
    """A whole page. `room` names the rail's entry it belongs to."""
    return HTMLResponse(
        rendered(template, desk, request=request, room=room, **facts), status_code=status
    )


def rendered(template: str, desk: Desk | None = None, **facts: Any) -> str:
    """A template's text; pages that are about a tenant get their desk."""
    told: Mapping[str, Any] = {"request": None, "room": "", "desk": desk, "csrf": "", **facts}
    if desk is not None:
        told = {
            **told,
            "times": desk.times,
            "csrf": masked(desk.visitor.session.csrf),
            "url": desk.url,
        }
    return _TEMPLATES.get_template(template).render(told)
