"""The disk that a pull is put on, and what it means when it takes no more."""

from collections.abc import Generator
from contextlib import contextmanager

import duckdb

from rosterway.errors import UnavailableError


@contextmanager
def on_disk(what: str) -> Generator[None]:
    """Say it in our words when the disk does not do `what`.

    Raises:
        UnavailableError: it does not.
    """
    try:
        yield
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        why = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0]
        raise UnavailableError(
            f"The disk does not take {what}: {why}",
            remedy="Make room where the pull is put; it goes on where it stopped.",
        ) from error
