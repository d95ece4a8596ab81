"""The kinds of value a policy file holds, besides those of `rosterway.toml`."""

from typing import cast

from rosterway.formats.oneroster.vocabularies import USER_ROLE
from rosterway.rostering.translate import templates, user_fields
from rosterway.settings.findings import Wrong, nearest
from rosterway.settings.values import Kind, toml_type


def _read_flag(raw: object) -> object:
    return (
        raw if isinstance(raw, bool) else Wrong(f"this is {toml_type(raw)}", "write true or false")
    )


def _read_field(raw: object) -> object:
    if not isinstance(raw, str) or not user_fields.is_known(raw):
        near = nearest(raw, user_fields.PLAIN) if isinstance(raw, str) else None
        hint = f'did you mean "{near}"?' if near else f"write {user_fields.SAYS}"
        return Wrong("this is no field of a user", hint)
    return raw


def _read_template(raw: object) -> object:
    if not isinstance(raw, str) or not raw.strip():
        return Wrong("this is no template of a name", f"write {TEMPLATE.says}")
    found = templates.parts(raw)
    return found if isinstance(found, Wrong) else raw


def _read_role(raw: object) -> object:
    word = raw if isinstance(raw, str) else ""
    if word in USER_ROLE.folded.values() or word.startswith("ext:"):
        return word
    near = nearest(word, USER_ROLE.folded.values())
    return Wrong(
        f'"{word}" is no role of OneRoster',
        f'did you mean "{near}"?'
        if near
        else f"write one of {', '.join(USER_ROLE.folded.values())}",
    )


def _read_names(raw: object) -> object:
    if isinstance(raw, list):
        items = cast("list[object]", raw)
        if all(isinstance(item, str) and item for item in items):
            return tuple(str(item) for item in items)
    return Wrong("this is no list of ids", "write a list of sourcedIds")


def _read_year(raw: object) -> object:
    if isinstance(raw, int) and not isinstance(raw, bool) and 1900 <= raw <= 9999:
        return str(raw)
    return Wrong("this is no school year", "write the year it ends in: 2027")


def _read_separator(raw: object) -> object:
    if isinstance(raw, str) and raw and raw == raw.strip():
        return raw
    return Wrong("this separates nothing", 'write what stands before the common id: "-"')


FLAG = Kind("true or false", _read_flag)
USER_FIELD = Kind(user_fields.SAYS, _read_field)
TEMPLATE = Kind('a template such as "{class.title} ({teacher.familyName})"', _read_template)
ROLE = Kind("a role of OneRoster's", _read_role)
IDS = Kind("a list of sourcedIds", _read_names)
YEAR = Kind("the year a school year ends in", _read_year)
SEPARATOR = Kind("a text", _read_separator)
