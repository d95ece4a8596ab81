"""The SIS of a tenant's grades, opened: its gradebooks to be read and written, and on which terms.

A profile says what is known of a provider; what the configuration says goes before it.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from yarl import URL

from rosterway.errors import ConfigError
from rosterway.formats.oneroster import gradebook_writing
from rosterway.formats.oneroster.gradebook_writing import Manner
from rosterway.oneroster import client as provider
from rosterway.oneroster.address import gradebook_root
from rosterway.oneroster.asking import asked_of, shown_of, source_of
from rosterway.oneroster.auth import OAuth2
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.doors import CategoryWay, Doors
from rosterway.oneroster.gradebook import Gradebooks
from rosterway.oneroster.gradebook_writes import GradebookWriter
from rosterway.oneroster.patience import Waiting
from rosterway.oneroster.profiles import FOLDER, profile, with_profile
from rosterway.passback.caution import Caution
from rosterway.passback.identity import Identity
from rosterway.passback.rules import DateForm, Rules, ScoreDate
from rosterway.passback.terms import Terms
from rosterway.runs.grades.syncing import Syncing
from rosterway.settings import (
    Connection,
    Endpoints,
    GradeFiles,
    Grades,
    Performance,
    Preview,
    Tenant,
    Version,
)
from rosterway.settings.findings import nearest

#: What reading and writing a gradebook takes, where nobody has configured scopes (oneroster.md 5).
_SCOPES = ("gradebook.readonly", "gradebook.createput", "gradebook.delete")

#: Puts under way at a time where nobody says.
IN_FLIGHT = 4

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Sis:
    """A SIS that is open."""

    client: ProviderClient
    gradebooks: Gradebooks
    writer: GradebookWriter
    connection: Connection
    in_flight: int


@asynccontextmanager
async def opened(sync: Syncing) -> AsyncGenerator[Sis]:
    """The SIS of a run; what it waits for is shown with the run."""
    connection = with_profile(sync.connection, sync.office.config_folder / FOLDER)
    in_flight = sync.grades.in_flight or connection.concurrency or IN_FLIGHT
    source = source_of(connection, sync.office.places(sync.handle), asked=asked_of(connection))
    gradebook = gradebook_root(source.root, connection.version, connection.gradebook_url)
    rules = rules_of(sync, connection)
    doors = Doors(
        rostering=source.root,
        gradebook=gradebook,
        version=connection.version,
        page_size=connection.page_size or _PAGE,
        categories=_category_way(sync, connection),
        shown=shown_of(connection),
    )

    def waits(told: Waiting) -> None:
        sync.say(f"{told.why}: waiting {told.seconds:.0f} s")

    async with ProviderClient(
        source.root,
        _with_scopes(source.auth, connection.version),
        wiring=source.wiring,
        patience=_patience(sync),
        max_requests=in_flight,
        on_wait=waits,
    ) as client:
        yield Sis(
            client=client,
            gradebooks=Gradebooks(client, doors),
            writer=GradebookWriter(
                client,
                gradebook,
                manner_of(rules, sync, connection.version, source.root, gradebook),
                shown=shown_of(connection),
            ),
            connection=connection,
            in_flight=in_flight,
        )


def provider_of(tenant: Tenant, grades: Grades) -> Connection | GradeFiles:
    """What the settings say of the SIS that grades go to: its connection, or its files."""
    if grades.connection is None:
        assert grades.files is not None
        return grades.files
    return tenant.connections[grades.connection]


def terms_of(sync: Syncing) -> Terms:
    """On which terms this institution passes grades to this provider."""
    grades, told = sync.grades, provider_of(sync.tenant, sync.grades)
    rules = rules_of(sync, told)
    is_first = grades.preview is Preview.FIRST
    return Terms(
        identity=Identity(sync.tenant.canvas.key, rules.id_form),
        zone=sync.zone,
        rules=rules,
        caution=Caution(
            first_sync=is_first,
            new_line_items=grades.cap,
            adoptions=grades.adoptions and grades.preview is not Preview.NEVER,
            cleared=grades.cleared,
            sis_edits=grades.sis_edits,
        ),
        endpoints=grades.endpoints,
        version=told.version,
    )


def rules_of(sync: Syncing, connection: Connection | GradeFiles) -> Rules:
    """What the provider of a run accepts."""
    return rules_set(sync.grades, connection, sync.office.config_folder)


def rules_set(grades: Grades, connection: Connection | GradeFiles, config_folder: Path) -> Rules:
    """What a provider accepts: its profile's pack, and over it what the settings say.

    Raises:
        ConfigError: there is no such profile, or a rule cannot be like that.
    """
    known = profile(connection.profile, config_folder / FOLDER).passback
    return rules_from(grades.rules, known.pack())


def default_category(tenant: Tenant, config_folder: Path) -> str | None:
    """The category that takes what fits none, as the rules of the tenant's SIS have it.

    Raises:
        ConfigError: as `rules_set` does.
    """
    grades = tenant.grades
    if grades is None:
        return None
    return rules_set(grades, provider_of(tenant, grades), config_folder).default_category


def rules_from(settings: Mapping[str, object], base: Rules | None = None) -> Rules:
    """A rule pack with some rules changed.

    Raises:
        ConfigError: there is no such rule, or it cannot be like that.
    """
    fields = msgspec.to_builtins(base or Rules())
    for name in settings:
        if name not in Rules.__struct_fields__:
            near = nearest(name, Rules.__struct_fields__)
            raise ConfigError(
                f"rules.{name}: there is no such rule",
                remedy=f"did you mean `{near}`?" if near else "the reference page lists the rules",
            )
    try:
        return msgspec.convert({**fields, **settings}, Rules)
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"rules: {error}", remedy="the reference page on rules lists what there is"
        ) from error


def manner_of(
    rules: Rules, sync: Syncing, version: Version, rostering: URL, gradebook: URL
) -> Manner:
    """How the provider is written to."""
    moment = gradebook_writing.DateForm.MOMENT
    day = gradebook_writing.DateForm.DAY
    return Manner(
        version=version,
        rostering=str(rostering),
        gradebook=str(gradebook),
        shape=gradebook_writing.Shape(rules.shape),
        modified=sync.grades.endpoints is Endpoints.MODIFIED,
        grading_period=rules.grading_period,
        score_date=moment if rules.score_date is ScoreDate.MOMENT else day,
        due_date=day if rules.date_form is DateForm.DAY else moment,
        flags=rules.flags,
    )


def _category_way(sync: Syncing, connection: Connection) -> CategoryWay:
    """How categories are asked for: as the settings say, else as the profile does."""
    way = CategoryWay(sync.grades.categories)
    if way is not CategoryWay.AUTO:
        return way
    if Performance.CLASS_CATEGORIES in sync.grades.performance:
        return CategoryWay.CLASS
    return profile(connection.profile, sync.office.config_folder / FOLDER).passback.categories


def _with_scopes(auth: provider.Auth, version: Version) -> provider.Auth:
    """The same sign-in, where scopes are guessed with those of the gradebook."""
    if not isinstance(auth, OAuth2) or not auth.is_scope_guessed:
        return auth
    prefix = f"https://purl.imsglobal.org/spec/or/v{version.replace('.', 'p')}/scope/"
    return replace(auth, scope=" ".join([auth.scope, *(prefix + name for name in _SCOPES)]))


def _patience(sync: Syncing) -> provider.Patience:
    usual, scale = provider.Patience(), sync.office.patience.scale
    return replace(usual, first=usual.first * scale, longest=usual.longest * scale)
