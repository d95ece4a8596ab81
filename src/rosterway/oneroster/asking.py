"""Where a roster is pulled from, and which collections of it, made from a configured connection."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from yarl import URL

from rosterway.errors import ConfigError
from rosterway.formats.oneroster import filters
from rosterway.formats.oneroster.endpoints import (
    ENDPOINTS,
    EXCLUDED,
    SERVICES,
    Endpoint,
    Service,
    scopes,
)
from rosterway.oneroster.address import root_of
from rosterway.oneroster.auth import Auth, revealed
from rosterway.oneroster.failures import Shown
from rosterway.oneroster.outcome import Wanted
from rosterway.oneroster.patience import Patience
from rosterway.oneroster.wire import Wiring
from rosterway.settings import shape
from rosterway.settings.secrets import SecretPlaces
from rosterway.settings.shape import Version

#: Where the schools of the school-specific service are listed, the better place first.
SCHOOL_LISTS = ("getAllSchools", "getAllOrgs")

#: What is asked for where neither configuration nor profile says.
_USUAL_PAGE, _USUAL_REQUESTS = 1000, 3

_Value = TypeVar("_Value")

_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A provider, and how it is talked to."""

    root: URL
    version: Version
    auth: Auth
    max_requests: int = _USUAL_REQUESTS
    wiring: Wiring = field(default_factory=Wiring)
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is pulled.

    A collection is named by its operation (`getAllUsers`), its path or the path's end (`users`).
    `include` adds to what a service reads without being told, `exclude` takes from it. `filters`
    and `fields` are by collection. `since` asks only for what was changed after a moment.
    """

    service: Service = Service.BULK
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_FIELDS)
    page_size: int = _USUAL_PAGE
    sort: bool = True
    parallel: bool = True
    readings: int = 3
    since: datetime | None = None
    shown: Shown = field(default_factory=Shown)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The collections to read, in the order of the service.

        Raises:
            ConfigError: a name is none, or nothing is left to read.
        """
        served = SERVICES[self.service]
        included = {name for word in self.include for name in self._named(word, beyond=True)}
        excluded = {name for word in self.exclude for name in self._named(word)}
        left_out = (set(EXCLUDED[self.service]) - included) | excluded
        names = [*served, *(name for name in ENDPOINTS if name in included - set(served))]
        found = tuple(ENDPOINTS[name] for name in names if name not in left_out)
        if not found:
            raise ConfigError("Every collection is excluded", remedy="Leave one to read.")
        is_listed = any(each.name in SCHOOL_LISTS for each in found)
        if not is_listed and any(each.is_per_school for each in found):
            raise ConfigError(
                "What is read school by school needs the list of schools",
                remedy="Do not exclude both schools and orgs.",
            )
        return found

    def wanted(self, endpoint: Endpoint, version: Version, school: str | None = None) -> Wanted:
        """What is asked of one of them.

        Raises:
            ConfigError: its filter cannot be asked.
        """
        written = self._for(endpoint, self.filters)
        condition = filters.parse(written) if written else None
        is_list = self.service is Service.SCHOOL and endpoint.name in SCHOOL_LISTS
        if self.since is not None and not is_list:
            condition = filters.changed_since(self.since, condition)
        return Wanted(
            endpoint=endpoint,
            school=school,
            version=version,
            filter="" if condition is None else str(condition),
            fields=self._for(endpoint, self.fields) or (),
            page_size=self.page_size,
            sort=self.sort,
            parallel=self.parallel,
            readings=self.readings,
            shown=self.shown,
        )

    def check(self) -> None:
        """See that everything named is a collection and every filter can be asked.

        Raises:
            ConfigError: it is not.
        """
        for word in (*self.filters, *self.fields):
            self._named(word, beyond=True)
        for endpoint in self.endpoints():
            self.wanted(endpoint, Version.V1P1)

    def over(self, usual: Mapping[str, _Value], own: Mapping[str, _Value]) -> dict[str, _Value]:
        """What is said of collections by its `own`, and by what is `usual` of all the others.

        Raises:
            ConfigError: something named is no collection.
        """
        taken = {name for word in own for name in self._named(word, beyond=True)}
        left = {
            word: value
            for word, value in usual.items()
            if taken.isdisjoint(self._named(word, beyond=True))
        }
        return {**left, **own}

    def _for(self, endpoint: Endpoint, given: Mapping[str, _Value]) -> _Value | None:
        exact = given.get(endpoint.name)
        if exact is not None:
            return exact
        return next(
            (value for word, value in given.items() if _plain(word) == name_of(endpoint)), None
        )

    def _named(self, word: str, *, beyond: bool = False) -> list[str]:
        """The operations a word names: of this service, else (`beyond`) of all there are."""
        if word in ENDPOINTS:
            return [word]
        plain = _plain(word)
        served = [name for name in SERVICES[self.service] if name_of(ENDPOINTS[name]) == plain]
        if served or not beyond:
            return served or self._unknown(word)
        everywhere = [name for name, each in ENDPOINTS.items() if each.path == f"/{plain}"]
        return everywhere or self._unknown(word)

    def _unknown(self, word: str) -> list[str]:
        known = {name_of(each) for each in ENDPOINTS.values()} | set(ENDPOINTS)
        if _plain(word) in known:
            return []
        near = get_close_matches(word, known, n=1)
        raise ConfigError(
            f"There is no collection {word!r}",
            remedy=f"Did you mean {near[0]}?" if near else "One is enrollments, for example.",
        )


def question(source: Source, asked: Asked) -> tuple[str, ...]:
    """What is asked of whom, whatever the size of pages and the moment.

    Pulls that ask the same bring the same collections, each as it is at its time.
    """
    whole = replace(asked, since=None)
    wanted = (whole.wanted(endpoint, source.version) for endpoint in whole.endpoints())
    parts = (f"{each.path} {each.filter} {','.join(each.fields)}" for each in wanted)
    return (str(source.root), source.version.value, asked.service.value, *parts)


def source_of(
    connection: shape.Connection,
    places: SecretPlaces,
    *,
    asked: Asked | None = None,
    headers: Mapping[str, str] = _NOTHING,
    ca_file: Path | None = None,
) -> Source:
    """The provider of a configured connection, with its secrets.

    Raises:
        ConfigError: an address is none, a secret is missing, or a certificate cannot be read.
    """
    wanted = scopes(connection.version, (asked or asked_of(connection)).endpoints())
    sent = {
        name: value if isinstance(value, str) else value.reveal(places)
        for name, value in connection.headers.items()
    }
    if ca_file is None and connection.ca is not None:
        ca_file = places.folder / connection.ca
    return Source(
        root=root_of(connection.rostering_url, connection.version),
        version=connection.version,
        auth=revealed(connection.auth, places, wanted, shown_of(connection)),
        max_requests=connection.concurrency or _USUAL_REQUESTS,
        wiring=Wiring(headers={**sent, **headers}, ca_file=ca_file),
    )


def asked_of(
    connection: shape.Connection,
    job: Asked | None = None,
    *,
    filters: Mapping[str, str] = _NOTHING,
) -> Asked:
    """What a connection is asked for: what it excludes and filters, then what a job adds.

    A job's own filter of a collection (`filters` is for one that has nothing else of its own) takes
    the place of the connection's, by whatever name either calls it.

    Raises:
        ConfigError: something named is no collection.
    """
    job = job or Asked(
        service=connection.service or Service.BULK,
        page_size=connection.page_size or _USUAL_PAGE,
        filters=filters,
    )
    asked = replace(
        job,
        exclude=(*connection.exclude, *job.exclude),
        filters=job.over(connection.filter, job.filters),
        fields=job.over(connection.fields, job.fields),
        shown=shown_of(connection),
    )
    asked.check()
    return asked


def shown_of(connection: shape.Connection) -> Shown:
    """Which of the provider's own words people see (instructure-integration 10)."""
    return Shown(None if connection.show_errors is None else frozenset(connection.show_errors))


def name_of(endpoint: Endpoint) -> str:
    """The name people know a collection by: the end of its path."""
    return endpoint.path.rpartition("/")[2]


def _plain(word: str) -> str:
    return word.strip().lstrip("/").rpartition("/")[2]
