"""Pulls of the sandbox SIS, and what should have arrived, told apart from any pull.

A pull is compared with the provider's own truth, which is asked after it: the same records, read by
the same reader from one honest page a collection, so that only fetching, proving and joining are
what a test of this room looks at.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from oneroster_servers import Pauses
from rosterway.formats.oneroster.endpoints import ENDPOINTS
from rosterway.formats.oneroster.notes import Notes
from rosterway.formats.oneroster.nouns import Noun
from rosterway.formats.oneroster.reading import Page, PageReader, tables_of
from rosterway.oneroster.address import root_of
from rosterway.oneroster.asking import Asked, Source
from rosterway.oneroster.auth import Auth, Bearer, OAuth1, OAuth2
from rosterway.oneroster.patience import Patience, Surroundings
from rosterway.oneroster.pull import OnProgress, pull
from rosterway.oneroster.pulled import Pulled
from rosterway.oneroster.wire import Wiring
from rosterway.sandbox.sis.server import RunningSis
from rosterway.settings.shape import Signature, Version

Rows = dict[str, dict[str, str]]

#: What a bulk pull reads by default: six collections, one table each and the users' roles.
COLLECTIONS = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")
_NOUNS: dict[str, Noun] = {
    each.noun.plural: each.noun for each in ENDPOINTS.values() if each.path[1:] == each.noun.plural
}


def bearer(sis: RunningSis) -> Auth:
    """The token that never ends."""
    return Bearer(token=sis.provider.credentials.bearer)


def oauth1(sis: RunningSis, signature: Signature = Signature.HMAC_SHA256) -> Auth:
    """Signatures."""
    known = sis.provider.credentials
    return OAuth1(key=known.client_id, secret=known.client_secret, signature=signature)


def oauth2(
    sis: RunningSis, *, scope: str = "", guessed: bool = False, in_body: bool = False
) -> Auth:
    """Client credentials."""
    known = sis.provider.credentials
    return OAuth2(
        token_url=sis.token_url,
        client_id=known.client_id,
        client_secret=known.client_secret,
        scope=scope,
        is_scope_guessed=guessed,
        in_body=in_body,
    )


async def pulled(
    sis: RunningSis,
    folder: Path,
    *,
    asked: Asked | None = None,
    auth: Auth | None = None,
    version: Version = Version.V1P1,
    wiring: Wiring | None = None,
    patience: Patience | None = None,
    max_requests: int = 3,
    pause: Callable[..., object] | None = None,
    clock: Callable[[], float] | None = None,
    on_progress: OnProgress | None = None,
) -> Pulled:
    """Pull a sandbox SIS into a folder, without ever really waiting."""
    world = Surroundings(pause=Pauses(), jitter=lambda: 1.0)
    if clock is not None:
        world = Surroundings(pause=Pauses(), jitter=lambda: 1.0, clock=clock)
    source = Source(
        root=root_of(sis.url, version),
        version=version,
        auth=auth or bearer(sis),
        wiring=wiring or Wiring(),
        patience=patience or Patience(),
        max_requests=max_requests,
    )
    return await pull(
        source,
        asked or Asked(page_size=50),
        folder,
        on_progress=on_progress,
        surroundings=world,
    )


def arrived(folder: Path, table: str) -> Rows:
    """The rows of a staged table by key, without their places."""
    with (folder / f"{table}.csv").open(newline="", encoding="utf-8") as lines:
        return _by_key(dict(row) for row in csv.DictReader(lines))


def held(sis: RunningSis, version: Version, collection: str) -> dict[str, Rows]:
    """The rows that a collection should give, by table."""
    noun = _NOUNS[collection]
    told = sis.provider.truth(collection, version.value)
    page = PageReader(noun, version, Notes(collection, "")).read(
        json.dumps({noun.plural: told}).encode()
    )
    assert isinstance(page, Page)
    return {
        table.name: _by_key(
            csv.DictReader(io.StringIO(page.lines[table.name].decode(), newline=""), table.staged)
        )
        for table in tables_of(noun)
    }


def _by_key(rows) -> Rows:
    found: Rows = {}
    for row in rows:
        del row["_at"]
        key = row["sourcedId"] or "/".join(
            row[name] for name in ("userSourcedId", "roleType", "role", "orgSourcedId")
        )
        assert key not in found, f"{key} arrived twice"
        found[key] = row
    return found


def differences(
    sis: RunningSis, folder: Path, version: Version, without: Mapping[str, frozenset[str]]
) -> dict[str, dict[str, tuple[dict[str, str] | None, dict[str, str] | None]]]:
    """Rows that did not arrive as they are held, by table; `without` columns of some tables."""
    found = {}
    for collection in COLLECTIONS:
        for table, expected in held(sis, version, collection).items():
            actual = arrived(folder, table)
            left_out = without.get(table, frozenset())
            wrong = {
                key: (expected.get(key), actual.get(key))
                for key in expected.keys() | actual.keys()
                if _less(expected.get(key), left_out) != _less(actual.get(key), left_out)
            }
            if wrong:
                found[table] = wrong
    return found


def _less(row: dict[str, str] | None, left_out: frozenset[str]) -> dict[str, str] | None:
    if row is None:
        return None
    return {name: cell for name, cell in row.items() if name not in left_out}
