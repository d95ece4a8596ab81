"""Put the house together and open its doors: store, engine, conductor, SFTP, console; in one loop.

Everything is taken down in the opposite order. What is under way is taken up by the next process.
"""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import structlog
import uvicorn

from rosterway.cli.configured import policy_texts
from rosterway.cli.hosted_accounts import hosted_accounts, layout_of
from rosterway.console.app import create_app
from rosterway.console.first_look import first_look
from rosterway.console.one_time import OneTimeLinks
from rosterway.errors import ConfigError
from rosterway.gateway.arrivals import Arrivals
from rosterway.gateway.handoff import Arrival
from rosterway.gateway.journal import FileJournal
from rosterway.gateway.memory import MEMORY, memory_within
from rosterway.gateway.watch import FeedFolder
from rosterway.runs import kept, workflows
from rosterway.runs.clock import utc_now
from rosterway.runs.conductor import Conductor
from rosterway.runs.office import Office, Patience
from rosterway.runs.receive import receive_arrival
from rosterway.settings import GATEWAY, Address, SecretPlaces, Settings
from rosterway.sftp_server.door import Door, listen
from rosterway.store import conductor as due
from rosterway.store import configuration
from rosterway.store.home import Home, Running
from rosterway.store.store import Store

log = structlog.get_logger()

#: Seconds until who is inside by an account that was changed is noticed.
_ROUND = 10

#: Told where the doors are, and the link that signs in once while nobody has a password.
Ready = Callable[[Running, str | None], None]


async def serve_home(
    home: Home, settings: Settings, config_folder: Path, *, ready: Ready, stop: asyncio.Event
) -> None:
    """Serve a home until `stop` is set; `ready` is told once where the doors are."""
    async with AsyncExitStack() as open_:
        open_.enter_context(home.owned())
        policies = policy_texts(settings, config_folder)
        store = await asyncio.to_thread(_open_store, home, settings, policies)
        open_.callback(store.close)
        for warning in settings.warnings:
            log.warning("settings.warning", where=warning.path, problem=warning.problem)
        wake = asyncio.Event()
        office = Office(
            home=home,
            store=store,
            settings=settings,
            config_folder=config_folder,
            policies=policies,
            memory=memory_within(os.environ.get(MEMORY)),
            patience=Patience.told(os.environ),
            poke=wake.set,
        )
        await asyncio.to_thread(kept.forget_others, home, _with_deltas(settings))
        await asyncio.to_thread(workflows.launch, office, home.workflows)
        open_.callback(workflows.shut_down)
        conductor = Conductor(office, workflows.begin, wake)
        arrivals = await open_.enter_async_context(_arrivals(office))
        # Before the door, so that it is still at work when the door closes on open uploads.
        await open_.enter_async_context(_working(arrivals.run()))
        door = await _door(office, arrivals)
        open_.push_async_callback(door.close)
        await open_.enter_async_context(_working(_keep_in_order(door)))
        links = OneTimeLinks()
        path = await asyncio.to_thread(first_look, office, links)
        console = await open_.enter_async_context(_console(office, settings.server.console, links))
        await open_.enter_async_context(_working(conductor.run()))
        running = Running(pid=os.getpid(), console=console, sftp=_shown(door), started_at=utc_now())
        home.announce(running)
        ready(running, console + path if path else None)
        log.info("serve.ready", console=console, sftp=running.sftp)
        await stop.wait()
        log.info("serve.stopping")


def _with_deltas(settings: Settings) -> set[tuple[str, str]]:
    """The feeds for which the roster of a SIS is kept between pulls."""
    return {
        (tenant.key, feed.name)
        for tenant in settings.tenants.values()
        for feed in tenant.feeds.values()
        if feed.delta is not None
    }


def _open_store(home: Home, settings: Settings, policies: Mapping[str, str]) -> Store:
    database = settings.server.database
    if not isinstance(database, str):
        places = SecretPlaces(environ=os.environ, folder=Path.cwd())
        database = database.reveal(places)
    store = Store.open(home, database)
    home.keep_store_on(store.database.dialect)
    configuration.apply(store, settings, policies=policies, now=utc_now())
    due.discard_unfinished_blobs(store)
    return store


@asynccontextmanager
async def _arrivals(office: Office) -> AsyncGenerator[Arrivals]:
    home = office.home
    folders: list[FeedFolder] = []
    for tenant in office.settings.tenants.values():
        home.add_tenant(tenant.key)
        layout = layout_of(tenant)
        layout.make(home.tree(tenant.key))
        folders += [
            FeedFolder(
                tenant=tenant.key,
                feed=feed.name,
                path=home.tree(tenant.key) / feed.folder,
                settle=feed.settle,
            )
            for feed in tenant.feeds.values()
            if feed.folder and feed.source == GATEWAY
        ]
    journal = FileJournal(home.uploads)

    async def sealed(arrival: Arrival) -> None:
        await receive_arrival(office, arrival)

    arrivals = Arrivals(folders, sealed=home.sealed, journal=journal, on_sealed=sealed)
    arrivals.start()
    try:
        yield arrivals
    finally:
        await arrivals.stop()
        journal.close()


async def _door(office: Office, arrivals: Arrivals) -> Door:
    address = office.settings.server.sftp
    try:
        return await listen(
            address.host,
            address.port,
            accounts=hosted_accounts(office),
            key_file=office.home.host_key,
            arrivals=arrivals,
        )
    except OSError as error:
        raise _taken("SFTP", "sftp", address, error) from error


async def _keep_in_order(door: Door) -> None:
    """Have the door take note of what operators change while it is open."""
    while True:
        await asyncio.sleep(_ROUND)
        door.reread_keys()
        await door.recheck()


def _taken(who: str, key: str, address: Address, error: OSError) -> ConfigError:
    return ConfigError(
        f"{who} cannot listen at {address}: {os.strerror(error.errno or 0)}.",
        remedy=f"Choose another address in [server] {key}, or stop what listens there.",
    )


@asynccontextmanager
async def _console(office: Office, address: Address, links: OneTimeLinks) -> AsyncGenerator[str]:
    listening = _bound(address)
    app = create_app(office, links=links)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False
    )
    server = _QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            if task.done():
                await task
            await asyncio.sleep(0.01)
        host, port = listening.getsockname()[:2]
        yield f"http://{f'[{host}]' if ':' in host else host}:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True
        with suppress(asyncio.CancelledError):
            await task


class _QuietServer(uvicorn.Server):
    """uvicorn that leaves signals to us."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Do not."""
        yield


def _bound(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
    except OSError as error:
        listening.close()
        raise _taken("The console", "console", address, error) from error
    listening.set_inheritable(False)
    return listening


@asynccontextmanager
async def _working(work: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _shown(door: Door) -> str:
    host = f"[{door.host}]" if ":" in door.host else door.host
    return f"{host}:{door.port}"
