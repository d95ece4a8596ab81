"""How a delivery reaches a feed: the command to copy, for SFTP and for the command line."""

from dataclasses import dataclass

from fastapi import Request

from rosterway.console.access import Desk
from rosterway.settings import GATEWAY, Address
from rosterway.store import sftp_accounts
from rosterway.store.feeds import Feed

#: Addresses that mean "every address of this machine", which nobody can type in.
_ANY = {"0.0.0.0", "::", ""}  # noqa: S104 - compared with, never bound to


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How files get to one feed; `sftp` is empty where it takes none."""

    feed: str
    folder: str
    sftp: str
    by_hand: str
    logins: tuple[str, ...]


def where_to_upload(request: Request, desk: Desk, feed: Feed) -> Ways:
    """The ways into a feed."""
    settings = desk.office.tenant(desk.tenant.name)
    told = settings.feeds.get(feed.name)
    folder = told.folder if told and told.source == GATEWAY and told.folder else ""
    logins = tuple(one.login for one in sftp_accounts.every(desk.handle))
    sftp = ""
    if folder and logins:
        host, port = _sftp_door(request, desk)
        sftp = f"sftp -P {port} {logins[0]}@{host}:/{folder}/"
    several = len(desk.office.settings.tenants) > 1
    tenant = f" --tenant {desk.tenant.name}" if several else ""
    return Ways(
        feed=feed.name,
        folder=folder,
        sftp=sftp,
        by_hand=f"rosterway feed deliver {feed.name} FOLDER{tenant}",
        logins=logins,
    )


def _sftp_door(request: Request, desk: Desk) -> tuple[str, int]:
    """Host and port of the SFTP door as a client would reach it."""
    address: Address = desk.office.settings.server.sftp
    host, port = address.host, address.port
    running = desk.office.home.running()
    if running is not None and running.sftp:
        port = int(running.sftp.rpartition(":")[2])
    return (request.url.hostname or "localhost") if host in _ANY else host, port
