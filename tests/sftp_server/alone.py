"""A server on uvloop in a process of its own, to be killed: alone.py HOME. Prints its port."""

import sys
from pathlib import Path

import asyncssh
import uvloop

from rosterway.gateway.arrivals import Arrivals
from rosterway.gateway.journal import FileJournal
from rosterway.gateway.watch import FeedFolder
from rosterway.sftp_server.accounts import SftpAccount
from rosterway.sftp_server.door import listen


async def take(arrival):
    print("taken", arrival)


async def main(home):
    tree = home / "tenants" / "lincoln"
    key = asyncssh.read_private_key(home / "lincoln.key").export_public_key().decode()
    account = SftpAccount(login="lincoln", tenant="lincoln", root=tree, keys=(key,))
    arrivals = Arrivals(
        [FeedFolder(tenant="lincoln", feed="diffing", path=tree / "diffing")],
        sealed=home / "sealed",
        journal=FileJournal(home / "journal.db"),
        on_sealed=take,
    )
    arrivals.start()
    door = await listen(
        "127.0.0.1",
        0,
        accounts={"lincoln": account}.get,
        key_file=home / "keys" / "sftp_host_key",
        arrivals=arrivals,
    )
    print(door.port, flush=True)
    await arrivals.run()


uvloop.run(main(Path(sys.argv[1])))
