"""Settings as plain data: what a console shows and a store keeps of them."""

import dataclasses
import ipaddress
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from rosterway.settings.secrets import Secret
from rosterway.settings.values import Address, Days, Hours


def as_data(value: object) -> Any:
    """Strings, numbers, lists and dicts only, fit for JSON; a secret becomes where it is kept."""
    match value:
        case Secret():
            return {value.place.value: value.name}
        case ZoneInfo():
            return value.key
        case timedelta():
            return duration_text(value)
        case date():
            return value.isoformat()
        case Address() | Days() | Hours() | ipaddress.IPv4Network() | ipaddress.IPv6Network():
            return str(value)
        case Mapping():
            pairs = cast("Mapping[str, object]", value)
            return {name: as_data(inner) for name, inner in pairs.items()}
        case tuple() | list():
            return [as_data(inner) for inner in cast("tuple[object, ...]", value)]
        case str():
            return str(value)
        case _ if dataclasses.is_dataclass(value):
            fields = dataclasses.fields(value)
            return {field.name: as_data(getattr(value, field.name)) for field in fields}
        case _:
            return value


def duration_text(duration: timedelta) -> str:
    """`1h30m`, as it is written in the file."""
    left = int(duration.total_seconds())
    text = ""
    for letter, seconds in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, seconds)
        text += f"{count}{letter}" if count else ""
    return text or "0s"
