"""DuckDB as a calculator in a locked room.

It sees one folder and the files it is shown by name, and nothing else: no network, no other files,
no settings to change (`safety.md`, "Data handed to the calculator").
"""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import duckdb

from rosterway.gateway.memory import DEFAULT_MEMORY
from rosterway.rostering import sql


@contextmanager
def calculator(
    folder: Path,
    *,
    files: Iterable[Path] = (),
    memory: str = DEFAULT_MEMORY,
    threads: int | None = None,
) -> Generator[duckdb.DuckDBPyConnection]:
    """Open a calculator on `folder`, an existing directory, and on `files` outside of it.

    Spilled data goes below the folder.
    """
    spill = folder.resolve() / "spill"
    spill.mkdir(exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if threads:
        settings["threads"] = str(threads)
    connection = duckdb.connect(":memory:", config=settings)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET allowed_directories = [{sql.text(str(folder.resolve()) + '/')}]")
        shown = ", ".join(sql.text(str(file.resolve())) for file in files)
        connection.execute(f"SET allowed_paths = [{shown}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()
