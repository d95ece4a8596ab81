"""Everything Rosterway raises on purpose.

The branch says who must act; `retry` says whether waiting helps; `remedy` says what to do.
Bad rows are no exceptions: they are `Problem` values (`rosterway.formats.problems`).
An exception outside this tree is a bug of ours.

    RosterwayError
    ├── ConfigError               the operator: a setting is wrong
    ├── UsageError                the caller: wrong arguments, or a path that cannot be read
    ├── AccessError               the caller may not do this
    ├── DeliveryError             the sender: what arrived cannot be used
    ├── RemoteError               another system said no, or said nothing
    │   ├── UnreachableError      retry
    │   ├── ThrottledError        retry, after `wait` seconds
    │   ├── CredentialsError
    │   ├── RejectedError
    │   └── GarbledError
    └── StoreError                our own memory
        ├── ConflictError         somebody else was first, or things have moved on
        ├── NotFoundError
        └── UnavailableError      retry
"""

from typing import ClassVar


class RosterwayError(Exception):
    """Work stopped, and somebody must act before it can go on."""

    code: ClassVar[str] = "error"
    retry: ClassVar[bool] = False

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class ConfigError(RosterwayError):
    """A setting is wrong; the operator must change it."""

    code = "config"


class UsageError(RosterwayError):
    """The command was called in a way that cannot work."""

    code = "usage"


class AccessError(RosterwayError):
    """The caller may not do this."""

    code = "access"


class DeliveryError(RosterwayError):
    """What arrived cannot be used; the sender must send something else."""

    code = "delivery"


class RemoteError(RosterwayError):
    """Another system (`system`: canvas, sis, sftp) refused, failed or stayed silent.

    `said` is its own code for why, or else its own words, where it gave any.
    """

    code = "remote"

    def __init__(
        self,
        message: str,
        *,
        system: str,
        status: int | None = None,
        remedy: str = "",
        said: str = "",
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.system = system
        self.status = status
        self.said = said


class UnreachableError(RemoteError):
    """No answer, a cut connection, or a server error that may pass."""

    code = "remote.unreachable"
    retry = True


class ThrottledError(RemoteError):
    """Told to slow down; `wait` is how long, in seconds, if that was said."""

    code = "remote.throttled"
    retry = True

    def __init__(
        self,
        message: str,
        *,
        system: str,
        status: int | None = None,
        remedy: str = "",
        wait: float | None = None,
    ) -> None:
        super().__init__(message, system=system, status=status, remedy=remedy)
        self.wait = wait


class CredentialsError(RemoteError):
    """The other system does not accept our token, key or rights."""

    code = "remote.credentials"


class RejectedError(RemoteError):
    """The other system understood and said no."""

    code = "remote.rejected"


class GarbledError(RemoteError):
    """The answer breaks the other system's own specification."""

    code = "remote.garbled"


class StoreError(RosterwayError):
    """Our own memory failed."""

    code = "store"


class ConflictError(StoreError):
    """Somebody else was first, or what this was about has moved on."""

    code = "store.conflict"


class NotFoundError(StoreError):
    """There is no such thing here."""

    code = "store.not-found"


class UnavailableError(StoreError):
    """The database or the disk cannot be used just now."""

    code = "store.unavailable"
    retry = True
