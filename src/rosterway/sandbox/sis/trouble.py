"""What the sandbox SIS raises.

SisError
├── SisUsageError   whoever runs the sandbox asked for something it does not have
└── Refusal         a request is answered with an error; the doors give it the version's shape
"""

from collections.abc import Mapping


class SisError(Exception):
    """Anything the sandbox SIS raises on purpose."""


class SisUsageError(SisError):
    """Unknown fault, knob, version, collection or folder."""


class Refusal(SisError):  # noqa: N818 - an answer, not a failure
    """A request is refused. `minor` is OneRoster's codeMinor in the spelling of 1.2."""

    def __init__(
        self, status: int, minor: str, text: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        self.minor = minor
        self.text = text
        self.headers = dict(headers or {})


def unknown_object(what: str, key: str) -> Refusal:
    """There is no such thing (oneroster.md section 4)."""
    return Refusal(404, "unknownobject", f"unknown {what} {key}")


def invalid_data(text: str) -> Refusal:
    """Well-formed, and wrong: 422, since 1.2 documents no 400 for what is written."""
    return Refusal(422, "invaliddata", text)
