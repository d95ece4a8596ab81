"""Profiles load, name where they have things from, and the deviations they name are exercised."""

from collections.abc import Callable

import pytest

from oneroster_pulls import differences, pulled
from rosterway.errors import ConfigError
from rosterway.oneroster.asking import asked_of, source_of
from rosterway.oneroster.profiles import names, profile, with_profile
from rosterway.passback.rules import (
    Bound,
    Consent,
    Excused,
    Inside,
    Missing,
    Rules,
    SameName,
    Ungraded,
)
from rosterway.sandbox.sis.faults import FAULTS
from rosterway.sandbox.sis.gradebook.vendors import VENDORS
from rosterway.sandbox.sis.server import start_sis
from rosterway.settings.secrets import Secret, SecretPlace, SecretPlaces
from rosterway.settings.shape import Connection, Credentials, OAuth2, Version

NAMED = (
    *("powerschool", "eschoolplus", "infinite-campus", "skyward", "qmlativ", "aeries", "synergy"),
    *("aspen", "focus", "schooltool", "blackbaud", "classlink", "clever-csv", "ed-fi", "tyler"),
    *("genius", "timeback", "ric-one", "rediker", "eschooldata", "aspire", "generic"),
)

#: What a fault changes of the records that are told, and so of what arrives.
CHANGED = {
    "odd-vocabulary": {"type", "classType", "role"},
    "one-sided-agents": {"agentSourcedIds"},
    "blank-titles": {"title"},
    "no-names": {"givenName", "familyName", "middleName"},
    "no-email": {"email"},
    "odd-grades": {"grades"},
}
EXERCISED = [
    pytest.param(name, version, each.faults, id=f"{name}-{version}-{'+'.join(each.faults)}")
    for name in names()
    for version in profile(name).versions
    for each in profile(name).deviation
]


def connection(name, sis, version="1.2"):
    known = sis.provider.credentials
    return Connection(
        name="sis",
        profile=name,
        version=Version(version),
        rostering_url=sis.url,
        gradebook_url=None,
        auth=OAuth2(
            token_url=sis.token_url,
            client_id=known.client_id,
            client_secret=Secret(SecretPlace.ENV, "SECRET"),
            scope=None,
        ),
        concurrency=None,
        exclude=(),
        filter={},
    )


def test_every_system_that_is_named_has_a_profile():
    assert set(NAMED) <= set(names())


@pytest.mark.parametrize("name", names())
def test_a_profile_loads_and_says_where_it_has_things_from(name):
    known = profile(name)

    assert known.title
    for each in known.deviation:
        assert each.what.endswith((".", "…"))
        assert each.source
        assert each.faults
        assert set(each.faults) <= set(FAULTS)
    assert known.deviation or known.unverified or known.passback.notes or name == "generic"


@pytest.mark.parametrize(("name", "version", "faults"), EXERCISED)
async def test_what_a_provider_does_differently_does_not_keep_its_roster_from_arriving(
    tmp_path, name, version, faults
):
    knobs = {"slow_seconds": 0.0, "clamp": min(profile(name).reading.page_size or 1000, 500)}
    async with start_sis(students=20, faults=faults, knobs=knobs) as sis:
        told = with_profile(connection(name, sis, version))
        places = SecretPlaces({"SECRET": sis.provider.credentials.client_secret}, tmp_path)
        found = await pulled(
            sis,
            tmp_path / "pull",
            version=Version(version),
            auth=source_of(told, places).auth,
            asked=asked_of(told),
            max_requests=1,
        )
        changed = frozenset[str]().union(*(CHANGED.get(fault, ()) for fault in faults))
        tables = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments", "roles")

        assert found.complete, found.why
        without: dict[str, frozenset[str]] = dict.fromkeys(tables, changed)
        assert differences(sis, tmp_path / "pull", Version(version), without) == {}


@pytest.mark.parametrize("name", names())
def test_every_rule_for_grades_is_one_and_names_its_source(name):
    known = profile(name).passback
    fields = Rules.__struct_fields__

    assert len(known.rule) == len({each.rule for each in known.rule})
    for each in known.rule:
        assert each.rule in fields
        assert each.source
        told = getattr(known.pack(), each.rule)
        assert each.value == told
    changed = {name for name in fields if getattr(known.pack(), name) != getattr(Rules(), name)}
    assert changed <= {each.rule for each in known.rule}


#: What a vendor of the sandbox demands -> the rules of its profile that keep us from breaking it.
#: None: nothing of ours breaks it by construction, or only the SIS knows of it.
KEPT_BY: dict[str, Callable[[Rules], bool] | None] = {
    "title-30": lambda rules: rules.name_length == 30,
    "title-50": lambda rules: rules.name_length == 50,
    "title-unique": lambda rules: rules.same_name is not SameName.ALLOW,
    "assigned-in-period": lambda rules: rules.due_inside is Inside.PERIOD,
    "due-in-period": lambda rules: rules.due_inside is Inside.PERIOD,
    "due-in-term": lambda rules: rules.due_inside is Inside.TERM,
    "whole-maximum": lambda rules: rules.whole_points,
    "some-points": lambda rules: rules.zero_points is Consent.REFUSE,
    "in-bounds": lambda rules: rules.over_maximum is not Bound.ALLOW,
    "whole-score": lambda rules: rules.decimals == 0,
    "always-scored": lambda rules: (
        rules.excused is not Excused.EXEMPT
        and rules.missing is Missing.SKIP
        and rules.ungraded is Ungraded.SKIP
    ),
    "due-after-assigned": None,
    "period-of-class": None,
    "category-of-class": None,
    "same-class": None,
    "line-open": None,
    "line-known": None,
    "enrolled": None,
    "scored-after-assigned": None,
    "not-the-teacher-s": None,
    "results-open": None,
}


@pytest.mark.parametrize("name", VENDORS)
def test_a_profile_keeps_us_from_what_its_vendor_refuses(name):
    known = profile(name).passback.pack()

    for demand in VENDORS[name].refuses:
        keeps = KEPT_BY[demand]
        assert keeps is None or keeps(known), demand
    assert known.deletes == ("deleteResult" not in VENDORS[name].unsupported)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('rule = "name_lenght"\nvalue = 3', "name_length"),
        ('rule = "decimals"\nvalue = "two"', "int"),
        ('rule = "excused"\nvalue = "zero"', "zero"),
    ],
)
def test_a_rule_for_grades_that_is_none_is_told(tmp_path, rule, said):
    (tmp_path / "mine.toml").write_text(f'title = "x"\n[[passback.rule]]\nsource = "us"\n{rule}')

    with pytest.raises(ConfigError) as told:
        profile("mine", tmp_path)

    assert said in f"{told.value.message} {told.value.remedy}"


async def test_what_the_configuration_says_wins_over_the_profile(tmp_path):
    async with start_sis(students=5) as sis:
        bare = connection("powerschool", sis)
        told = with_profile(bare)
        own = tmp_path / "profiles"
        own.mkdir()
        (own / "powerschool.toml").write_text(
            'title = "Ours"\n[reading]\npage_size = 7\nexclude = ["courses"]\n'
        )
        ours = with_profile(bare, own)

    assert isinstance(told.auth, OAuth2)
    assert (told.auth.credentials, told.page_size) == (Credentials.BODY, None)
    assert (ours.page_size, ours.exclude) == (7, ("courses",))
    assert asked_of(ours).page_size == 7


def test_a_scope_that_is_refused_is_not_sent():
    assert profile("synergy").auth.scope == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [("titel = 1", "titel"), ("title = ", "no TOML"), ('title = "x"\n[auth]\nscop = ""', "scop")],
)
def test_a_profile_of_ones_own_that_is_wrong_is_told(tmp_path, text, said):
    (tmp_path / "mine.toml").write_text(text)

    with pytest.raises(ConfigError, match=said):
        profile("mine", tmp_path)


def test_a_profile_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(ConfigError) as told:
        profile("aries")

    assert "aeries" in told.value.remedy
