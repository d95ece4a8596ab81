"""Names made after a template: `{class.title} ({teacher.familyName})`.

Braces hold a field, or several between `|` of which the first that is not blank is taken. Blanks at
the ends and twice in a row are left out; two braces are one. A template all of whose fields are
blank gives NULL.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rosterway.rostering import sql
from rosterway.settings.findings import Wrong, nearest

_PARTS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|([^{}]+)|(.)", re.DOTALL)

#: Field -> what it is. `class` fields mean nothing where a course holds several classes.
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "class.title": "the title of the class",
        "class.classCode": "its code",
        "class.location": "where it is taught",
        "class.periods": "when, with commas between",
        "class.grades": "its grades, with commas between",
        "class.subjects": "its subjects, with commas between",
        "course.title": "the title of its course",
        "course.courseCode": "the code of its course",
        "school.name": "the name of its school",
        "school.identifier": "the school's own number",
        "term.name": "the name of its term",
        "term.schoolYear": "the school year, by the year it ends in",
        "teacher.familyName": "the family name of its primary teacher",
        "teacher.givenName": "the given name of its primary teacher",
    }
)
#: Fields of which there is one, whatever classes a course holds.
OF_COURSES = frozenset(name for name in FIELDS if not name.startswith(("class.", "teacher.")))


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a template: a text, or fields of which the first filled one is taken."""

    text: str = ""
    fields: tuple[str, ...] = ()


def parts(template: str) -> list[Part] | Wrong:
    """The pieces of a template, or what is wrong with it."""
    found: list[Part] = []
    for match in _PARTS.finditer(template):
        inner, text, stray = match.groups()
        if stray is not None:
            return Wrong(f"a brace stands alone in {template!r}", "write {{ for a brace")
        if text is not None:
            found.append(Part(text))
        elif inner is None:
            found.append(Part(match[0][0]))
        else:
            names = tuple(name.strip() for name in inner.split("|"))
            for name in names:
                if name not in FIELDS:
                    near = nearest(name, FIELDS)
                    hint = f"did you mean {{{near}}}?" if near else f"known: {', '.join(FIELDS)}"
                    return Wrong(f"there is no field {{{name}}}", hint)
            found.append(Part(fields=names))
    return found


def fields_of(template: str) -> tuple[str, ...]:
    """The fields a sound template reads, each once."""
    pieces = parts(template)
    assert not isinstance(pieces, Wrong)
    return tuple(dict.fromkeys(name for piece in pieces for name in piece.fields))


def read(template: str, only: Iterable[str] = FIELDS) -> str:
    """SQL for a sound template; fields that are not in `only` are blank."""
    pieces = parts(template)
    assert not isinstance(pieces, Wrong)
    known = frozenset(only)
    written: list[str] = []
    filled: list[str] = []
    for piece in pieces:
        if not piece.fields:
            written.append(sql.text(piece.text))
            continue
        names = [sql.name(name) for name in piece.fields if name in known]
        if names:
            written.append(f"coalesce({', '.join(names)}, '')")
            filled += [f"{name} IS NOT NULL" for name in names]
    if not filled:
        return "NULL::VARCHAR"
    whole = f"trim(regexp_replace(concat({', '.join(written)}), '\\s+', ' ', 'g'))"
    return f"CASE WHEN {' OR '.join(filled)} THEN nullif({whole}, '') END"
