"""The cells of users, and the rules that fill them (S9)."""

from collections.abc import Callable

from rosterway.rostering import sql
from rosterway.rostering.translate import user_fields
from rosterway.rostering.translate.cells import CanvasTable, Cell, Rule
from rosterway.rostering.translate.people import KIN
from rosterway.rostering.translate.policy import (
    Disabled,
    Kin,
    Preferred,
    TranslationPolicy,
)


def _field(name: str) -> Callable[[TranslationPolicy], str]:
    """SQL for the field that one of `users`' choices names."""
    return lambda policy: user_fields.read(str(getattr(policy.users, name)))


def _source(name: str) -> Callable[[TranslationPolicy], tuple[str, ...]]:
    return lambda policy: (user_fields.source(str(getattr(policy.users, name))),)


def _login(policy: TranslationPolicy) -> str:
    fields = policy.users.login_id or ("username",)
    return f"coalesce({', '.join(map(user_fields.read, fields))}, NULL)"


def _login_sources(policy: TranslationPolicy) -> tuple[str, ...]:
    return tuple(map(user_fields.source, policy.users.login_id or ("username",)))


def _prefers(choice: Preferred) -> Callable[[TranslationPolicy], bool]:
    return lambda policy: policy.users.preferred_names is choice


def _users(policy: TranslationPolicy) -> str:
    kin = {
        Kin.ALL: "true",
        Kin.NONE: "NOT is_kin",
        Kin.OBSERVERS: "NOT is_kin OR user_id IN (SELECT observer FROM tr_links)",
    }[policy.users.kin]
    return (
        'SELECT u.*, p.user_id AS "person.id", p.records AS "person.records", '
        'p.is_gone AS "person.gone", p.is_disabled AS "person.disabled", k.roles AS "person.roles" '
        f'FROM tr_persons AS p JOIN tr_users AS u ON u."user.sourcedId" = p.record '
        "LEFT JOIN tr_person_roles AS k USING (person) "
        f"WHERE p.claim = 1 AND p.user_id IS NOT NULL AND ({kin.replace('is_kin', 'coalesce(is_kin, false)')}) "
        f"AND NOT (p.is_gone AND {_login(policy)} IS NULL)"
    )


#: What is known of the roles of a person: made once for users.
PERSON_ROLES = (
    "SELECT person, string_agg(DISTINCT role, ', ' ORDER BY role) AS roles, "
    f"bool_and(role IN {sql.texts(KIN)}) AS is_kin "
    "FROM tr_roles JOIN tr_people USING (record) GROUP BY person"
)

#: Declared types by role, the first that applies.
_TYPES = (
    ("student", ("student",)),
    ("teacher", ("teacher",)),
    (
        "administrative",
        (
            *("administrator", "districtAdministrator", "principal", "siteAdministrator"),
            "systemAdministrator",
        ),
    ),
    ("staff", ("aide", "counselor", "proctor")),
    ("observer", KIN),
)


def _declared() -> str:
    whens = " ".join(
        f"WHEN list_has_any(string_split(\"person.roles\", ', '), [{', '.join(map(sql.text, roles))}]) "
        f"THEN {sql.text(word)}"
        for word, roles in _TYPES
    )
    return f"CASE {whens} END"


_GONE = '"person.gone"'

USERS = CanvasTable(
    name="users",
    comes_from="a person: a user's record, or several that are one person",
    made_of=("users",),
    base=_users,
    key=("person.id",),
    records=("person.records",),
    cells=(
        Cell(
            "user_id",
            (
                Rule(
                    "user-id",
                    "The field `users.user_id` names; of merged records the first by sourcedId "
                    "(or value).",
                    '"person.id"',
                    lambda policy: (*_source("user_id")(policy), "person.records"),
                ),
            ),
        ),
        Cell(
            "login_id",
            (
                Rule(
                    "login-field",
                    "The first field of `users.login_id` that is not blank.",
                    _login,
                    _login_sources,
                ),
            ),
        ),
        Cell(
            "status",
            (
                Rule(
                    "user-gone",
                    "Every record of the person is to be deleted: `users.gone`.",
                    lambda policy: sql.text(policy.users.gone.value),
                    ("user.status",),
                    when=_GONE,
                ),
                Rule(
                    "user-disabled",
                    "No record in use is enabled: access is curtailed, nothing is deleted.",
                    "'suspended'",
                    ("user.enabledUser",),
                    when='"person.disabled"',
                    chosen=lambda policy: policy.users.disabled is Disabled.SUSPENDED,
                    choice='users.disabled = "suspended"',
                ),
                Rule(
                    "user-in-use",
                    "The record is in use.",
                    "'active'",
                    ("user.status", "user.enabledUser"),
                ),
            ),
        ),
        Cell(
            "first_name",
            (
                Rule(
                    "preferred-first-name",
                    "The preferred given name.",
                    '"user.preferredGivenName"',
                    ("user.preferredGivenName",),
                    when='"user.preferredGivenName" IS NOT NULL',
                    chosen=_prefers(Preferred.FIRST_NAME),
                    choice='users.preferred_names = "first-name"',
                ),
                Rule("given-name", "The given name.", '"user.givenName"', ("user.givenName",)),
            ),
        ),
        Cell(
            "last_name",
            (
                Rule(
                    "preferred-last-name",
                    "The preferred family name.",
                    '"user.preferredFamilyName"',
                    ("user.preferredFamilyName",),
                    when='"user.preferredFamilyName" IS NOT NULL',
                    chosen=_prefers(Preferred.FIRST_NAME),
                    choice='users.preferred_names = "first-name"',
                ),
                Rule("family-name", "The family name.", '"user.familyName"', ("user.familyName",)),
            ),
        ),
        Cell(
            "short_name",
            (
                Rule(
                    "preferred-short-name",
                    "Preferred names, where there are any, with the other name as it is.",
                    'concat_ws(\' \', coalesce("user.preferredGivenName", "user.givenName"), '
                    'coalesce("user.preferredFamilyName", "user.familyName"))',
                    ("user.preferredGivenName", "user.preferredFamilyName"),
                    when='"user.preferredGivenName" IS NOT NULL OR '
                    '"user.preferredFamilyName" IS NOT NULL',
                    chosen=_prefers(Preferred.SHORT_NAME),
                    choice='users.preferred_names = "short-name"',
                ),
                Rule(
                    "plain-short-name",
                    "No name is preferred: given and family name.",
                    'concat_ws(\' \', "user.givenName", "user.familyName")',
                    ("user.givenName", "user.familyName"),
                    chosen=_prefers(Preferred.SHORT_NAME),
                    choice='users.preferred_names = "short-name"',
                ),
            ),
        ),
        Cell(
            "email",
            (
                Rule(
                    "email-field",
                    "The field `users.email` names.",
                    _field("email"),
                    _source("email"),
                ),
            ),
        ),
        Cell(
            "integration_id",
            (
                Rule(
                    "integration-id",
                    "The field `users.integration_id` names.",
                    _field("integration_id"),
                    _source("integration_id"),
                    chosen=lambda policy: bool(policy.users.integration_id),
                    choice="users.integration_id is named",
                ),
            ),
        ),
        Cell(
            "authentication_provider_id",
            (
                Rule(
                    "authentication-provider",
                    "`users.authentication_provider`, the same for all.",
                    lambda policy: sql.text(policy.users.authentication_provider),
                    chosen=lambda policy: bool(policy.users.authentication_provider),
                    choice="users.authentication_provider is named",
                ),
            ),
        ),
        Cell(
            "pronouns",
            (
                Rule(
                    "pronouns",
                    "The pronouns.",
                    '"user.pronouns"',
                    ("user.pronouns",),
                    chosen=lambda policy: policy.users.pronouns,
                    choice="users.pronouns = true",
                ),
            ),
        ),
        Cell(
            "declared_user_type",
            (
                Rule(
                    "declared-type",
                    "What the person's roles make them, the first of student, teacher, "
                    "administrative, staff, observer.",
                    _declared(),
                    ("person.roles",),
                    chosen=lambda policy: policy.users.declared_type,
                    choice="users.declared_type = true",
                ),
            ),
        ),
    ),
)
