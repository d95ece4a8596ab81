"""How records are told under the faults of `Sort.RECORD`: right in content, odd in form.

Each fault is a function of one told object (a dictionary as it goes to JSON); it may change it,
since every answer damages a copy of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from rosterway.sandbox.sis.model.fields import Field, Kind, Noun
from rosterway.sandbox.sis.model.nouns import NOUNS, PARTS

Told = dict[str, Any]

_INTERNAL = "http://sis-app-01.internal:8080"
_FROZEN = "2020-01-01T00:00:00.000Z"
_SENTINEL = "0001-01-01"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a fault may know: the version, the noun, the address of this host and the time."""

    version: str
    noun: str
    host: str
    now: str


def damage(told: Told, scene: Scene, faults: tuple[str, ...]) -> Told:
    """A copy of an object as these faults tell it, in the table's order."""
    noun = NOUNS[scene.version][scene.noun]
    copied = _copy(told)
    for name, change in DAMAGE.items():
        if name in faults:
            change(copied, noun, scene)
    return copied


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(entry) for name, entry in cast(Told, value).items()}
    if isinstance(value, list):
        return [_copy(entry) for entry in cast(list[Any], value)]
    return value


def _each(told: Told, noun: Noun, change: Callable[[Field, Any], Any]) -> None:
    """Change every value of an object and of the parts inside it."""
    for field in noun.fields:
        value = told.get(field.name)
        if value is None:
            continue
        if field.kind is Kind.PARTS:
            for part in value:
                _each(part, PARTS[field.of], change)
        elif field.many:
            told[field.name] = [change(field, entry) for entry in value]
        else:
            told[field.name] = change(field, value)


def _values(kind: Kind, convert: Callable[[Any], Any]) -> Callable[[Told, Noun, Scene], None]:
    """A fault that converts every value of a kind."""

    def change(told: Told, noun: Noun, scene: Scene) -> None:
        del scene
        _each(told, noun, lambda field, value: convert(value) if field.kind is kind else value)

    return change


def _odd_case(told: Told, noun: Noun, scene: Scene) -> None:
    del scene
    _each(
        told,
        noun,
        lambda field, value: value[:1].upper() + value[1:] if field.kind is Kind.TOKEN else value,
    )


#: Vocabulary -> token -> what some provider says instead.
_ODD_TOKENS = {
    "orgType": {"department": "departments", "district": "local"},
    "enrollmentRole": {"proctor": "aide"},
    "sessionType": {"gradingPeriod": "quarter"},
    "classType": {"scheduled": "regular"},
}


def _odd_vocabulary(told: Told, noun: Noun, scene: Scene) -> None:
    del scene
    _each(
        told,
        noun,
        lambda field, value: (
            _ODD_TOKENS.get(field.of, {}).get(value, value) if field.kind is Kind.TOKEN else value
        ),
    )


def _null_fields(told: Told, noun: Noun, scene: Scene) -> None:
    del scene
    for field in noun.fields:
        if field.name not in told:
            told[field.name] = None


def _refs(convert: Callable[[Told, Scene], Any]) -> Callable[[Told, Noun, Scene], None]:
    """A fault that converts every reference."""

    def change(told: Told, noun: Noun, scene: Scene) -> None:
        _each(
            told,
            noun,
            lambda field, value: convert(value, scene) if _is_ref(field, value) else value,
        )

    return change


def _is_ref(field: Field, value: Any) -> bool:
    return field.kind is Kind.REF and isinstance(value, dict)


def _relative(ref: Told, scene: Scene) -> Told:
    return ref | {"href": "~" + ref["href"].removeprefix(scene.host)}


def _internal(ref: Told, scene: Scene) -> Told:
    return ref | {"href": _INTERNAL + ref["href"].removeprefix(scene.host)}


def _typed_refs(told: Told, noun: Noun, scene: Scene) -> None:
    """1.1 lets a reference say what kind of user or session it means (section 2)."""
    if scene.version != "1.1":
        return
    kinds = {"academicSession": "term"}
    if noun.name == "enrollment" and told.get("role") in {"student", "teacher"}:
        kinds["user"] = told["role"]

    def change(field: Field, value: Any) -> Any:
        if _is_ref(field, value):
            return value | {"type": kinds.get(field.of, field.of)}
        return value

    _each(told, noun, change)


def _string_lists(told: Told, noun: Noun, scene: Scene) -> None:
    del scene
    for field in noun.fields:
        if field.many and field.kind is Kind.TEXT and field.name in told:
            told[field.name] = ",".join(told[field.name])


def _inactive(told: Told, noun: Noun, scene: Scene) -> None:
    del noun, scene
    if told.get("status") == "tobedeleted":
        told["status"] = "inactive"


def _no_status(told: Told, noun: Noun, scene: Scene) -> None:
    del noun, scene
    if told.get("status") == "active":
        del told["status"]


def _without(*names: str) -> Callable[[Told, Noun, Scene], None]:
    def change(told: Told, noun: Noun, scene: Scene) -> None:
        del noun, scene
        for name in names:
            told.pop(name, None)

    return change


def _only_enrollments(
    change: Callable[[Told, Noun, Scene], None],
) -> Callable[[Told, Noun, Scene], None]:
    def narrowed(told: Told, noun: Noun, scene: Scene) -> None:
        if noun.name == "enrollment":
            change(told, noun, scene)

    return narrowed


def _sentinel(told: Told, noun: Noun, scene: Scene) -> None:
    del noun, scene
    if "beginDate" in told:
        told["beginDate"] = _SENTINEL


def _inclusive(told: Told, noun: Noun, scene: Scene) -> None:
    del noun, scene
    if told.get("endDate"):
        told["endDate"] = (date.fromisoformat(told["endDate"]) - timedelta(days=1)).isoformat()


def _modified(moment: str) -> Callable[[Told, Noun, Scene], None]:
    def change(told: Told, noun: Noun, scene: Scene) -> None:
        del noun
        if "dateLastModified" in told:
            told["dateLastModified"] = moment or scene.now

    return change


def _agent_source_ids(told: Told, noun: Noun, scene: Scene) -> None:
    del noun, scene
    if "agents" in told:
        told["agentSourceIds"] = [
            agent["sourcedId"] if isinstance(agent, dict) else agent for agent in told.pop("agents")
        ]


def _one_sided(told: Told, noun: Noun, scene: Scene) -> None:
    del noun, scene
    roles = told.get("roles") or [{"role": told.get("role")}]
    if str(roles[0]["role"]).casefold() == "student":
        told.pop("agents", None)


def _extra_fields(told: Told, noun: Noun, scene: Scene) -> None:
    told["lastSyncedBy"] = "nightly export"
    if noun.name == "enrollment":
        key = told.get("sourcedId", "")
        href = f"{scene.host}/courses/of-{key}"
        told["course"] = {"href": href, "sourcedId": f"of-{key}", "type": "course"}


def _passwords(told: Told, noun: Noun, scene: Scene) -> None:
    del scene
    if noun.name == "user":
        told["password"] = f"{{SSHA}}not-for-you-{told.get('sourcedId', '')}"


def _blank_titles(told: Told, noun: Noun, scene: Scene) -> None:
    del scene
    if noun.name == "class" and "title" in told:
        told["title"] = ""


def _no_names(told: Told, noun: Noun, scene: Scene) -> None:
    del scene
    if noun.name == "user" and sum(map(ord, str(told.get("sourcedId", "")))) % 10 == 0:
        told |= {name: "" for name in ("givenName", "familyName") if name in told}


#: What some systems call a grade.
_ODD_GRADES = {"KG": "P4", "09": "9", "10": "10th", "01": "Grade 1"}


def _odd_grades(told: Told, noun: Noun, scene: Scene) -> None:
    del noun, scene
    if "grades" in told:
        told["grades"] = [_ODD_GRADES.get(grade, grade) for grade in told["grades"]]


def _numbers(told: Told, noun: Noun, scene: Scene) -> None:
    """The other half of the held fault numeric-ids: what is a number is written as one."""
    del scene

    def change(field: Field, value: Any) -> Any:
        if field.kind is Kind.ID:
            return _number(value)
        if _is_ref(field, value):
            return value | {"sourcedId": _number(value["sourcedId"])}
        return value

    _each(told, noun, change)


def _number(key: Any) -> Any:
    return int(key) if isinstance(key, str) and key.isdecimal() else key


#: Those that a filter by date sees as well.
DATING = ("same-modified", "frozen-modified")

#: Fault -> what it does to a told object; references lose their form after all else.
DAMAGE: dict[str, Callable[[Told, Noun, Scene], None]] = {
    "one-sided-agents": _one_sided,
    "blank-titles": _blank_titles,
    "no-names": _no_names,
    "no-email": _without("email"),
    "odd-grades": _odd_grades,
    "typed-refs": _typed_refs,
    "inactive-status": _inactive,
    "no-status": _no_status,
    "odd-vocabulary": _odd_vocabulary,
    "odd-case": _odd_case,
    "real-booleans": _values(Kind.FLAG, lambda value: value == "true"),
    "loud-booleans": _values(Kind.FLAG, lambda value: str(value).upper()),
    "digit-booleans": _values(Kind.FLAG, lambda value: str(int(str(value).lower() == "true"))),
    "inclusive-ends": _inclusive,
    "missing-dates": _only_enrollments(_without("beginDate", "endDate")),
    "sentinel-dates": _sentinel,
    "date-times": _values(Kind.DATE, lambda value: f"{value}T00:00:00"),
    "same-modified": _modified(""),
    "frozen-modified": _modified(_FROZEN),
    "plain-moments": _values(Kind.MOMENT, lambda value: str(value).partition(".")[0]),
    "passwords": _passwords,
    "string-lists": _string_lists,
    "numeric-ids": _numbers,
    "relative-hrefs": _refs(_relative),
    "internal-hrefs": _refs(_internal),
    "lean-refs": _refs(lambda ref, scene: {"sourcedId": ref["sourcedId"]}),  # noqa: ARG005
    "bare-refs": _refs(lambda ref, scene: ref["sourcedId"]),  # noqa: ARG005
    "agent-source-ids": _agent_source_ids,
    "null-fields": _null_fields,
    "extra-fields": _extra_fields,
}
