"""What the sandbox raises.

SandboxError
├── SandboxUsageError     whoever runs the sandbox asked for something it does not have
├── Refused               a row is not imported, and its message says why
├── Crashed               an import ends as failed, as one whose job raised
├── Aborted               somebody aborted the import that is running
└── Stopped               the server is closing; the import starts over next time
"""


class SandboxError(Exception):
    """Anything the sandbox raises on purpose."""


class SandboxUsageError(SandboxError):
    """Unknown fault, knob or folder."""


class Refused(SandboxError):  # noqa: N818 - reads as what happened to the row
    """A row of a file is not imported. The text is Canvas's message, word for word."""


class Crashed(SandboxError):  # noqa: N818 - reads as what happened to the import
    """The job of an import raised."""


class Aborted(SandboxError):  # noqa: N818 - as above
    """The running import was aborted."""


class Stopped(SandboxError):  # noqa: N818 - as above
    """The server is closing."""
