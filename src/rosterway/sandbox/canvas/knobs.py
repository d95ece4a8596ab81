"""What can be set about this Canvas that a real one's administrators or operators decide.

Guarantees: a knob is set by name and only to a value of its own type. Which knob does what is left
to the modules that read it.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

from rosterway.sandbox.canvas.trouble import SandboxUsageError


@dataclass(slots=True)
class Knobs:
    """The defaults are a stock Canvas that works as fast as it can."""

    #: The most entries a page may have (50 in stock Canvas, 100 on Instructure's hosts).
    page_max: int = 100
    #: How long an import takes at least, in seconds, spread evenly over its progress.
    import_seconds: float = 0.0
    #: Imports wait before each step until `POST /sandbox/steps` lets them go on.
    stepped: bool = False
    #: Seconds until the next queued import starts after an abort (600 in Canvas).
    pause_after_abort: float = 0.0
    #: Rows a segment has at most; 1000 in Canvas.
    segment_rows: int = 1000
    #: Segments of one type run last to first, as parallel jobs may; accounts never do.
    segments_backwards: bool = False
    #: The account's setting "SIS imports".
    sis_imports: bool = True
    #: Account features of 2025 and 2026.
    differentiation_tags: bool = False
    institutional_tags: bool = False
    #: The feature "post_grades" (bulk SIS grade export), without which there are no SIS assignments.
    post_grades: bool = True
    #: The feature under which the account's SIS sync settings hold.
    new_sis_integrations: bool = True
    #: Copying a course copies the SIS ids and integration data of its assignment groups.
    copy_integration_fields: bool = False
    #: Answers of an import's list of errors that lag, when the fault errors-lag is on.
    lagging_answers: int = 2

    def turn(self, changes: dict[str, Any]) -> None:
        """Set knobs by name; all of them or none."""
        known = {field.name: field.type for field in fields(self)}
        for name, value in changes.items():
            kind = known.get(name)
            if kind is None:
                raise SandboxUsageError(f"no knob {name!r}; there are {', '.join(known)}")
            if kind is float and type(value) is int:
                continue
            if type(value) is not kind:
                raise SandboxUsageError(f"knob {name!r} takes {getattr(kind, '__name__', kind)}")
        for name, value in changes.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """All knobs by name."""
        return asdict(self)
