"""Who the door of the hosted SFTP lets in: the file's accounts, and those that operators have made.

The file's are read once, at start; the others are looked up whenever somebody knocks.
"""

import os
from collections.abc import Callable, Iterable
from ipaddress import ip_network

from rosterway.gateway.folders import Layout
from rosterway.runs.office import Office
from rosterway.settings import GATEWAY, SecretPlaces, Tenant
from rosterway.sftp_server.accounts import PasswordDigest, SftpAccount, secret_verifier
from rosterway.sftp_server.room import Quota
from rosterway.store import secrets, sftp_accounts
from rosterway.store.sftp_accounts import Origin


def hosted_accounts(office: Office) -> Callable[[str], SftpAccount | None]:
    """Finds an account by its login, as it is at that moment; StoreError if that cannot be told."""
    of_file = dict(_of_file(office))

    def find(login: str) -> SftpAccount | None:
        return of_file.get(login) or _of_operators(office, login)

    return find


def arriving(tenant: Tenant) -> list[str]:
    """The folders of our own tree that feeds arrive in."""
    feeds = tenant.feeds.values()
    return [feed.folder for feed in feeds if feed.folder and feed.source == GATEWAY]


def layout_of(tenant: Tenant) -> Layout:
    """The tree's folders: those every tenant has, and those its feeds name."""
    usual = Layout()
    named = tuple(dict.fromkeys([*usual.incoming, *arriving(tenant)]))
    return Layout(incoming=named, outgoing=usual.outgoing)


def _quota_of(tenant: Tenant) -> Quota:
    told = tenant.sftp_quota
    return Quota(size=told.gigabytes * 1024**3, files=told.files)


def _of_file(office: Office) -> Iterable[tuple[str, SftpAccount]]:
    for tenant in office.settings.tenants.values():
        handle = office.store.tenant(tenant.key)
        places = SecretPlaces(
            environ=os.environ, folder=office.config_folder, unseal=secrets.unsealing(handle)
        )
        for account in tenant.sftp.values():
            password = account.password.reveal(places) if account.password else None
            yield (
                account.login,
                SftpAccount(
                    login=account.login,
                    tenant=tenant.key,
                    root=office.home.tree(tenant.key),
                    keys=account.keys,
                    password=secret_verifier(password) if password else None,
                    allow=account.allow,
                    layout=layout_of(tenant),
                    quota=_quota_of(tenant),
                ),
            )


def _of_operators(office: Office, login: str) -> SftpAccount | None:
    found = sftp_accounts.at_the_door(office.store, login)
    if found is None or found.origin is Origin.FILE:
        return None
    tenant = office.settings.tenants.get(found.tenant)
    if tenant is None:  # the file names it no more
        return None
    return SftpAccount(
        login=found.login,
        tenant=tenant.key,
        root=office.home.tree(tenant.key),
        keys=found.keys,
        password=PasswordDigest(bytes.fromhex(found.password)) if found.password else None,
        allow=tuple(ip_network(one) for one in found.allow),
        layout=layout_of(tenant),
        quota=_quota_of(tenant),
    )
