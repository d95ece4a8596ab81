"""Send receipts back to where a delivery was collected, and keep in mind those that could not be.

A receipt that does not arrive keeps nothing waiting: it lies in our own tree and with its run, and
the next run of the feed sends it.
"""

import structlog

from rosterway.errors import ConfigError, NotFoundError, RemoteError
from rosterway.gateway.receipts import RECEIPTS
from rosterway.gateway.sftp_client_files import RemoteFiles
from rosterway.runs.office import Office
from rosterway.runs.receive import COLLECTED
from rosterway.runs.their_server import TheirServer, their_server
from rosterway.store import collected, deliveries, stages
from rosterway.store.runs import Run
from rosterway.store.walls import TenantStore

log = structlog.get_logger()


async def send_receipt(office: Office, handle: TenantStore, run: Run) -> None:
    """Send the receipt that a run has written, if its delivery was collected and they want one."""
    if run.delivery is None:
        return
    delivery = deliveries.get(handle, run.delivery)
    connection = office.tenant(handle.name).sftp_connections.get(delivery.sender)
    if delivery.source != COLLECTED or connection is None or connection.results is None:
        return
    try:
        server = their_server(office, handle, connection.name)
        async with server.files() as remote:
            await _send(handle, server, remote, delivery.id, run.id)
    except (ConfigError, RemoteError) as error:
        log.warning("receipt.not-sent", tenant=handle.name, run=run.id, code=error.code)
        collected.owe(
            handle,
            delivery.id,
            feed=delivery.feed,
            run=run.id,
            reason=error.message,
            now=office.clock(),
        )
    else:
        collected.sent(handle, delivery.id)


async def send_owed(
    office: Office, handle: TenantStore, feed: str, server: TheirServer, remote: RemoteFiles
) -> None:
    """Send the receipts of a feed that could not be sent before."""
    for one in collected.owed(handle, feed):
        try:
            await _send(handle, server, remote, one.delivery, one.run)
        except RemoteError as error:
            collected.owe(
                handle,
                one.delivery,
                feed=feed,
                run=one.run,
                reason=error.message,
                now=office.clock(),
            )
            return  # what keeps one keeps the others
        except NotFoundError:
            pass  # its run has none
        collected.sent(handle, one.delivery)


async def _send(
    handle: TenantStore, server: TheirServer, remote: RemoteFiles, delivery: str, run: str
) -> None:
    """The JSON comes last here as well: whoever waits for it finds the others there."""
    if server.connection.results is None:
        return
    for name in RECEIPTS:
        kept = stages.file(handle, run, name)
        path = server.path(server.connection.results, delivery, name)
        await remote.put(handle.blobs.local(kept.blob), path)
