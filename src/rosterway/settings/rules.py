"""Rules between values: what each value alone cannot show to be wrong.

They work on a draft, in which broken values are missing, so that one run names everything there is
to mend. A rule whose values are missing has nothing to say.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from rosterway.settings.findings import Path, Wrong, nearest
from rosterway.settings.schema import Draft
from rosterway.settings.secrets import Secret, SecretPlace
from rosterway.settings.shape import (
    GATEWAY,
    Apply,
    Categories,
    Endpoints,
    Environment,
    SftpConnection,
    SisEdits,
    file_names,
)

Said = Iterator[tuple[Path, Wrong]]

#: What a folder means if `apply` is not written.
APPLY_BY_FOLDER = {"imports": Apply.IMPORTS, "diffing": Apply.DIFFING}

#: Folders of a tenant's tree that we write and nobody delivers to.
OURS = frozenset({"results", "grade-export"})

#: Ways of applying that no release carries out yet.
_LEFT_TO_CANVAS = frozenset({Apply.CANVAS_DIFFING, Apply.CANVAS_BATCH})

#: Labels of a host name that say which copy of a Canvas it is.
_COPIES = {"test": Environment.TEST, "beta": Environment.BETA}


def complete(draft: Draft) -> None:
    """Fill in what follows from other values: a feed's `apply` from its folder."""
    for tenant in _tenants(draft).values():
        for feed in _named(tenant, "feeds").values():
            if feed.values.get("apply", "") is None:
                folder = feed.values.get("folder")
                default = Apply.DIFFING if folder is None else APPLY_BY_FOLDER.get(folder)
                feed.values["apply"] = default


def between(draft: Draft) -> Said:
    """Everything that contradicts itself."""
    tenants = _tenants(draft)
    yield from _logins_are_unique(tenants)
    for key, tenant in tenants.items():
        path: Path = ("tenant", key)
        yield from _hosts_match_environment(tenant, (*path, "canvas"))
        yield from _addresses_are_private(tenant, path)
        yield from _accounts_can_be_entered(tenant, (*path, "sftp"))
        yield from _connections_are_named_apart(tenant, (*path, "connection"))
        yield from _sftp_can_be_entered(tenant, (*path, "connection"))
        yield from _feeds_have_a_source(tenant, (*path, "feed"))
        yield from _folders_are_apart(tenant, (*path, "feed"))
        yield from _grades_have_a_connection(tenant, (*path, "grades"))
        yield from _options_go_together(tenant, (*path, "feed"))
        yield from _exports_are_apart(tenant, (*path, "grade_export"))
    yield from _ahead_of_us(draft)


def variables_are_set(draft: Draft, environ: Mapping[str, str]) -> Said:
    """Every environment variable that holds a secret is there."""
    for path, secret in secrets_in(draft):
        if secret.place is SecretPlace.ENV and not environ.get(secret.name):
            yield (
                path,
                Wrong(
                    f"the environment variable {secret.name} is not set",
                    "set it where Rosterway is started",
                ),
            )


def secrets_in(draft: Draft, path: Path = ()) -> Iterator[tuple[Path, Secret]]:
    """Every secret the draft names, with its place in the file."""
    for key in draft.table.keys:
        value = draft.values.get(key.attribute or key.name)
        inner = (*path, key.name)
        if isinstance(value, Secret):
            yield inner, value
        elif isinstance(value, Draft):
            yield from secrets_in(value, inner)
        elif isinstance(value, Mapping):
            for name, named in cast("Mapping[str, object]", value).items():
                if isinstance(named, Secret):
                    yield (*inner, name), named
                elif isinstance(named, Draft):
                    yield from secrets_in(named, (*inner, name))


def _tenants(draft: Draft) -> Mapping[str, Draft]:
    return draft.values.get("tenants", {})


def _logins_are_unique(tenants: Mapping[str, Draft]) -> Said:
    owners: dict[str, str] = {}
    for key, tenant in tenants.items():
        for login in _named(tenant, "sftp"):
            owner = owners.setdefault(login.casefold(), key)
            if owner != key:
                yield (
                    ("tenant", key, "sftp", login),
                    Wrong(
                        f'tenant "{owner}" has an SFTP account of that name already',
                        f'choose another, such as "{key}-{login}"',
                    ),
                )


def _hosts_match_environment(tenant: Draft, path: Path) -> Said:
    canvas = _values(tenant.values.get("canvas"))
    environment = canvas.get("environment")
    host = _host(canvas.get("url", ""))
    if not host or environment is None:
        return
    copy = next((_COPIES[label] for label in host.split(".") if label in _COPIES), None)
    hosted = host.endswith(".instructure.com")
    if copy and environment is not copy:
        yield (
            (*path, "environment"),
            Wrong(
                f'{host} is a {copy} Canvas, and this says "{environment}"',
                f'write "{copy}", or the address of the {environment} Canvas',
            ),
        )
    elif hosted and copy is None and environment is not Environment.PRODUCTION:
        yield (
            (*path, "environment"),
            Wrong(
                f'{host} is a production Canvas, and this says "{environment}"',
                'write "production", or the address of the other Canvas',
            ),
        )


def _addresses_are_private(tenant: Draft, path: Path) -> Said:
    canvas = _values(tenant.values.get("canvas"))
    if canvas.get("environment") is Environment.SANDBOX:
        return
    addresses: list[tuple[Path, str | None]] = [((*path, "canvas", "url"), canvas.get("url"))]
    for name, connection in _named(tenant, "connections").items():
        inner: Path = (*path, "connection", name)
        addresses.append(((*inner, "rostering_url"), connection.values.get("rostering_url")))
        addresses.append(((*inner, "gradebook_url"), connection.values.get("gradebook_url")))
        auth = _values(connection.values.get("auth"))
        addresses.append(((*inner, "auth", "token_url"), auth.get("token_url")))
    for place, url in addresses:
        if url and urlsplit(url).scheme != "https" and not _is_loopback(_host(url)):
            yield (
                place,
                Wrong(
                    "http would send secrets and rosters for everybody to read",
                    "write https (http is for this machine, or for a sandbox)",
                ),
            )


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _accounts_can_be_entered(tenant: Draft, path: Path) -> Said:
    for login, account in _named(tenant, "sftp").items():
        if account.values.get("keys", ("broken",)) == () and (
            account.values.get("password", "broken") is None
        ):
            yield (
                (*path, login),
                Wrong("nobody can sign in to this account", "give it `keys` or a `password`"),
            )


def _connections_are_named_apart(tenant: Draft, path: Path) -> Said:
    if GATEWAY in _named(tenant, "connections"):
        yield (
            (*path, GATEWAY),
            Wrong(f'"{GATEWAY}" is the name of our own door', "choose another name"),
        )


def _is_sftp(connection: Draft | None) -> bool:
    """Whether a connection is one to somebody else's SFTP server."""
    return connection is not None and connection.table.makes is SftpConnection


def _sftp_can_be_entered(tenant: Draft, path: Path) -> Said:
    for name, connection in _named(tenant, "connections").items():
        if not _is_sftp(connection):
            continue
        has = connection.values
        if has.get("key", "broken") is None and has.get("password", "broken") is None:
            hint = 'add key = { sealed = "NAME" } or password = { sealed = "NAME" }'
            yield (*path, name), Wrong("we have nothing to sign in with", hint)
        if has.get("passphrase") and has.get("key", "broken") is None:
            wrong = Wrong("there is no key for it to open", "add the `key`, or leave it out")
            yield (*path, name, "passphrase"), wrong


def _feeds_have_a_source(tenant: Draft, path: Path) -> Said:
    connections = _named(tenant, "connections")
    for name, feed in _named(tenant, "feeds").items():
        source, folder = feed.values.get("source"), feed.values.get("folder", "broken")
        if source is None:
            continue
        if source == GATEWAY or _is_sftp(connections.get(source)):
            yield from _is_for_connections(feed, (*path, name))
            if folder is None and source == GATEWAY:
                yield (
                    (*path, name),
                    Wrong("`folder` is missing", 'add folder = "imports" or folder = "diffing"'),
                )
            elif feed.values.get("apply", "broken") is None:
                yield (
                    (*path, name),
                    Wrong(
                        f'the folder "{folder}" does not say how files are applied',
                        'add apply = "imports" or apply = "diffing"',
                    ),
                )
            continue
        if source not in connections:
            near = nearest(source, [GATEWAY, *connections])
            hint = f'did you mean "{near}"?' if near else f'write "{GATEWAY}" or a connection'
            yield (*path, name, "from"), Wrong(f'there is no connection "{source}"', hint)
        elif folder is not None and folder != "broken":
            yield (
                (*path, name, "folder"),
                Wrong(f'nobody puts files there: the feed reads "{source}"', "leave it out"),
            )
        if feed.values.get("delta") and feed.values.get("schedule", "broken") is None:
            yield (
                (*path, name, "delta"),
                Wrong(
                    "what was deleted in the SIS may be forgotten there before a delta tells of it",
                    'add schedule = "0 2 * * *", when the whole SIS is read',
                ),
            )


#: What only a feed from a OneRoster connection has, and what it would be for.
_OF_CONNECTIONS = {
    "policy": "a policy is for what is read from a connection",
    "delta": "only a connection is asked for what has changed",
    "filter": "only a connection is asked with a filter",
}


def _is_for_connections(feed: Draft, path: Path) -> Said:
    for key, problem in _OF_CONNECTIONS.items():
        if feed.values.get(key):
            yield (
                (*path, key),
                Wrong(problem, "leave it out: these files are in Canvas's own form"),
            )


def _folders_are_apart(tenant: Draft, path: Path) -> Said:
    feeds: dict[tuple[str, str], str] = {}
    connections = _named(tenant, "connections")
    for name, feed in _named(tenant, "feeds").items():
        source, folder = feed.values.get("source", GATEWAY), feed.values.get("folder", "")
        theirs = connections.get(source)
        if not folder and not (theirs is not None and _is_sftp(theirs)):
            continue
        if (folder or "").casefold() in (OURS if theirs is None else _ours_there(theirs)):
            yield (
                (*path, name, "folder"),
                Wrong(f'"{folder}" is where we write for the sender', "choose another folder"),
            )
        other = feeds.setdefault((source, (folder or "").casefold()), name)
        if other != name:
            where = f'"{folder}"' if folder else f'the folder of "{source}"'
            yield (
                (*path, name, "folder"),
                Wrong(f'feed "{other}" takes what arrives in {where}', "choose another folder"),
            )


def _ours_there(connection: Draft) -> set[str]:
    """Folders on somebody else's server that we write into."""
    named = (connection.values.get(key) for key in ("results", "grade_export", "moved_to"))
    return {name.casefold() for name in named if name}


#: Of grades, what only a SIS that answers can be asked, with what is usual.
_ASKING: dict[str, object] = {
    "endpoints": Endpoints.STANDARD,
    "performance": (),
    "sis_edits": SisEdits.OVERWRITE,
    "verify": False,
    "in_flight": None,
    "quiet": None,
    "categories": Categories.AUTO,
    "bulk_url": None,
}


def _grades_have_a_connection(tenant: Draft, path: Path) -> Said:
    """Grades go over a connection, or as files to a SIS that is then asked for nothing."""
    if "grades" not in tenant.values:
        return
    grades = _values(tenant.values["grades"])
    name = grades.get("connection")
    if grades.get("files") is not None:
        known = {"connection": None, **_ASKING}
        for key in (key for key, usual in known.items() if grades.get(key, usual) != usual):
            problem = "a SIS that takes files is asked for nothing"
            yield (*path, key), Wrong(problem, "leave it out, or leave out `files`")
        yield from _is_a_server(tenant, (*path, "files"), grades["files"])
        return
    if name is None:
        if "connection" in grades:
            hint = "write a `connection`, or `files` for a SIS that takes files only"
            yield path, Wrong("nothing says where grades go", hint)
        return
    connections = _named(tenant, "connections")
    if name not in connections:
        near = nearest(name, connections)
        hint = f'did you mean "{near}"?' if near else "name a connection of this tenant"
        yield (*path, "connection"), Wrong(f'there is no connection "{name}"', hint)
    elif _is_sftp(connections[name]):
        problem = f'"{name}" is an SFTP server, which takes no grades one by one'
        yield (*path, "connection"), Wrong(problem, "name a connection over OneRoster")


def _is_a_server(tenant: Draft, path: Path, placing: Draft) -> Said:
    """What files are placed `to`, beside the tenant's own tree."""
    to = placing.values.get("to", GATEWAY)
    if to != GATEWAY and not _is_sftp(_named(tenant, "connections").get(to)):
        problem = f'there is no connection "{to}" of kind sftp'
        yield (*path, "to"), Wrong(problem, f'write "{GATEWAY}", or one that there is')


def _exports_are_apart(tenant: Draft, path: Path) -> Said:
    """Each has files of its own, and asks Canvas for nothing that Canvas would pass over."""
    files: dict[str, str] = {}
    for name, export in _named(tenant, "grade_exports").items():
        file = export.values.get("file") or f"{name}.csv"
        for own in file_names(file, export.values.get("terms", ())).values():
            other = files.setdefault(own.casefold(), name)
            if other != name:
                problem = f'the grade export "{other}" has a file of that name, {own}'
                yield (*path, name), Wrong(problem, "give one of them another `file`")
        yield from _is_a_server(tenant, (*path, name), export)
        if export.values.get("limiting_period") and not export.values.get("include_deleted"):
            yield (
                (*path, name, "limiting_period"),
                Wrong(
                    "Canvas heeds this only where deleted rows are asked for",
                    "write include_deleted = true as well, or leave it out",
                ),
            )


def _options_go_together(tenant: Draft, path: Path) -> Said:
    """Canvas reads stickiness only where it is overridden, and of two wishes one (canvas-sis.md 1.1)."""
    for name, feed in _named(tenant, "feeds").items():
        options = _values(feed.values.get("sis_import"))
        if not options:
            continue
        adds, clears = options.get("add_sis_stickiness"), options.get("clear_sis_stickiness")
        if (adds or clears) and not options.get("override_sis_stickiness"):
            key = "add_sis_stickiness" if adds else "clear_sis_stickiness"
            yield (
                (*path, name, "sis_import", key),
                Wrong(
                    "Canvas heeds this only together with override_sis_stickiness",
                    "write override_sis_stickiness = true as well, or leave it out",
                ),
            )
        if adds and clears:
            yield (
                (*path, name, "sis_import", "add_sis_stickiness"),
                Wrong("Canvas cannot add and clear at once", "leave one of them out"),
            )


def _ahead_of_us(draft: Draft) -> Said:
    """What the file may say and no release does yet: refused where a run would go wrong."""
    server = _values(draft.values.get("server"))
    if server.get("blobs", "files") != "files":
        yield (
            ("server", "blobs"),
            Wrong("files are not kept there yet", 'write "files"'),
        )
    for key, tenant in _tenants(draft).items():
        path: Path = ("tenant", key)
        for name, feed in _named(tenant, "feeds").items():
            apply = feed.values.get("apply")
            if apply in _LEFT_TO_CANVAS:
                yield (
                    (*path, "feed", name, "apply"),
                    Wrong(f'"{apply}" is not carried out yet', 'write "diffing" or "imports"'),
                )


def _named(tenant: Draft, attribute: str) -> Mapping[str, Draft]:
    return tenant.values.get(attribute, {})


def _values(draft: object) -> dict[str, Any]:
    return draft.values if isinstance(draft, Draft) else {}
