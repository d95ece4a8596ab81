"""A home with one tenant whose grades go to a SIS, and runs of grades in it, for the bench.

What the steps before would have left is put down as files of the run, so that one step alone can be
measured as the engine does it.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from rosterway.runs.clock import utc_now
from rosterway.runs.grades.requests import request_sync
from rosterway.runs.grades.syncing import Syncing, syncing
from rosterway.runs.office import Office
from rosterway.runs.stages import Stage
from rosterway.settings import parse
from rosterway.store import Home, Store, stages, tenants

_NOWHERE = "http://127.0.0.1:9"
NOW = datetime(2026, 9, 20, 15, tzinfo=UTC)
#: The SIS is asked with a bearer token, so that a bare client has nothing more to do.
_CONFIGURATION = """\
[tenant.bench]
name = "Bench"
time_zone = "America/Denver"
[tenant.bench.canvas]
url = "{canvas}"
token = {{ env = "CANVAS_TOKEN" }}
environment = "sandbox"
[tenant.bench.connection.sis]
version = "{version}"
rostering_url = "{rostering}"
gradebook_url = "{gradebook}"
auth = {{ method = "bearer", token = {{ env = "BENCH_TOKEN" }} }}
concurrency = {in_flight}
[tenant.bench.grades]
connection = "sis"
preview = "never"
{grades}"""


@contextmanager
def house(
    folder: Path,
    rostering: str = f"{_NOWHERE}/ims/oneroster/v1p1",
    gradebook: str = "",
    *,
    canvas: str = _NOWHERE,
    in_flight: int = 64,
    grades: str = "",
) -> Generator[Office]:
    """An office of a home of its own. With a root for the `gradebook` the SIS speaks 1.2.

    `CANVAS_TOKEN` and `BENCH_TOKEN` in the environment open Canvas and the SIS; `grades` are more
    lines of its settings.
    """
    home = Home.create(folder / "home")
    store = Store.open(home)
    try:
        tenants.put(store, "bench", title="Bench", time_zone="America/Denver", now=utc_now())
        told = _CONFIGURATION.format(
            canvas=canvas,
            version="1.2" if gradebook else "1.1",
            rostering=rostering,
            gradebook=gradebook or rostering,
            in_flight=in_flight,
            grades=grades,
        )
        settings = parse(told)
        yield Office(home=home, store=store, settings=settings, config_folder=folder)
    finally:
        store.close()


def a_run(office: Office, course: str, left: Mapping[str, object]) -> Syncing:
    """A run of a course that is under way, with the files its earlier steps left."""
    handle = office.store.tenant("bench")
    run = request_sync(handle, course, by="bench", now=utc_now())
    assert office.claim(handle, run)
    for name, made in left.items():
        blob = handle.blobs.put_bytes(msgspec.json.encode(made))
        stages.attach(handle, run.id, name, blob, stage=Stage.FETCH_SNAPSHOT, now=utc_now())
    return syncing(office, handle, run)
