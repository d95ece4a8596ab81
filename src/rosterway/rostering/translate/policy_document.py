"""The policy file: its shape as data, and the reading of it.

Read as `rosterway.toml` is: to its end, every mistake with its line and the nearest right spelling.
"""

import tomllib
from collections.abc import Mapping
from typing import Any, cast

from rosterway.errors import ConfigError
from rosterway.rostering.translate import policy, templates
from rosterway.rostering.translate.policy import CoursePer, TranslationPolicy
from rosterway.rostering.translate.policy_words import (
    FLAG,
    IDS,
    ROLE,
    SEPARATOR,
    TEMPLATE,
    USER_FIELD,
    YEAR,
)
from rosterway.settings import values
from rosterway.settings.findings import Wrong
from rosterway.settings.lines import places
from rosterway.settings.schema import Draft, Key, Many, Mapped, Reading, Table, build, errors
from rosterway.settings.values import choice, frozen, whole_number

_NONE = frozen({})


_ACCOUNTS = policy.AccountChoices()
_TERMS = policy.TermChoices()
_YEARS = policy.YearChoices()
_DATES = policy.DateChoices()
_COURSES = policy.CourseChoices()
_USERS = policy.UserChoices()
_ENROLLMENTS = policy.EnrollmentChoices()
_OBSERVERS = policy.ObserverChoices()

ACCOUNTS = Table(
    policy.AccountChoices,
    (
        Key(
            "district",
            choice(policy.District),
            "what the district (or state) itself is: the root account, or a sub-account",
            default=_ACCOUNTS.district,
        ),
        Key(
            "orgs",
            choice(policy.Accounts),
            "which orgs become sub-accounts: all below the root, schools only, or none",
            default=_ACCOUNTS.orgs,
        ),
    ),
    "Orgs become sub-accounts.",
)
TERMS = Table(
    policy.TermChoices,
    (
        Key(
            "merge",
            choice(policy.Merge),
            "which sessions are one term: each its own; those with a common id; all of a year",
            default=_TERMS.merge,
        ),
        Key(
            "common_id_after",
            SEPARATOR,
            "the common id is what follows this, the last time it stands in the sourcedId",
            default=_TERMS.common_id_after,
        ),
        Key(
            "common_id_metadata",
            values.TEXT,
            "the common id is this value of the session's metadata instead",
            default=_TERMS.common_id_metadata,
        ),
        Key(
            "grading_periods",
            choice(policy.GradingPeriods),
            "a class in a grading period is in it as a term, or in the session above it",
            default=_TERMS.grading_periods,
        ),
    ),
    "Academic sessions become terms.",
)
YEARS = Table(
    policy.YearChoices,
    (
        Key(
            "take",
            choice(policy.SchoolYears),
            "the classes of which school years: those not over and the newest begun, or all",
            default=_YEARS.take,
        ),
        Key("only", Many(YEAR), "these school years and no other", default=_YEARS.only),
        Key(
            "ahead_days",
            whole_number(0, 366),
            "a school year counts as begun so many days before its first",
            default=_YEARS.ahead_days,
        ),
    ),
    "The window of school years.",
)
DATES = Table(
    policy.DateChoices,
    (
        Key(
            "end",
            choice(policy.End),
            "an end date is the day after the last (OneRoster), or the last day",
            default=_DATES.end,
        ),
        Key(
            "time_zone",
            values.ZONE,
            "the schools' time zone: days begin there",
            default=_DATES.time_zone,
        ),
    ),
    "Days become moments.",
)
COURSES = Table(
    policy.CourseChoices,
    (
        Key(
            "per",
            choice(policy.CoursePer),
            "a Canvas course for each class, or for each course, school and term",
            default=_COURSES.per,
        ),
        Key(
            "status",
            choice(policy.CourseStatus),
            "what a course in use is: `active` leaves publishing to its teacher",
            default=_COURSES.status,
        ),
        Key(
            "homerooms",
            choice(policy.Homerooms),
            "homeroom classes are courses, homeroom courses of Canvas's, or left out",
            default=_COURSES.homerooms,
        ),
        Key("short_name", TEMPLATE, "the course code; by kind of course if left out", default=""),
        Key("long_name", TEMPLATE, "the course name; by kind of course if left out", default=""),
        Key("section_name", TEMPLATE, "the section's name", default=_COURSES.section_name),
    ),
    "Classes become courses and sections. A section keeps the sourcedId of its class.",
)
USERS = Table(
    policy.UserChoices,
    (
        Key("user_id", USER_FIELD, "the SIS id in Canvas", default=_USERS.user_id),
        Key(
            "login_id",
            Many(USER_FIELD),
            "what people sign in with: the first of these that is not blank",
            default=_USERS.login_id,
        ),
        Key("integration_id", USER_FIELD, "the integration id; not sent if left out", default=""),
        Key(
            "merge_by",
            USER_FIELD,
            "records with the same value here are one person; none are if left out",
            default="",
        ),
        Key("email", USER_FIELD, "the e-mail address", default=_USERS.email),
        Key(
            "preferred_names",
            choice(policy.Preferred),
            "preferred names (1.2) are not used, or stand in the short name or the first name",
            default=_USERS.preferred_names,
        ),
        Key("pronouns", FLAG, "whether pronouns (1.2) are sent", default=_USERS.pronouns),
        Key(
            "declared_type",
            FLAG,
            "whether roles are sent as declared user types",
            default=_USERS.declared_type,
        ),
        Key(
            "authentication_provider",
            values.TEXT,
            "the login's authentication provider, the same for all; not sent if left out",
            default="",
        ),
        Key(
            "disabled",
            choice(policy.Disabled),
            "what enabledUser false becomes",
            default=_USERS.disabled,
        ),
        Key("gone", choice(policy.GoneUser), "what tobedeleted becomes", default=_USERS.gone),
        Key(
            "kin",
            choice(policy.Kin),
            "which of those who are parents, guardians or relatives only become users: those who "
            "observe somebody, all, or none",
            default=_USERS.kin,
        ),
    ),
    "People become users.",
)
ENROLLMENTS = Table(
    policy.EnrollmentChoices,
    (
        Key(
            "roles",
            Mapped(ROLE, values.TEXT),
            "OneRoster's roles in a class and what they become: a role of Canvas's, your own, or "
            f'"{policy.LEAVE_OUT}"; adds to what is known',
            default=_NONE,
        ),
        Key(
            "aides_by_user_role",
            FLAG,
            "whether a proctor who is an aide as a user counts as an aide",
            default=_ENROLLMENTS.aides_by_user_role,
        ),
        Key(
            "several_roles",
            choice(policy.SeveralRoles),
            "one role of a person in a class, or each",
            default=_ENROLLMENTS.several_roles,
        ),
        Key(
            "dates",
            choice(policy.EnrollmentDates),
            "the dates Canvas is given: all, only those that are not the term's, or none",
            default=_ENROLLMENTS.dates,
        ),
        Key(
            "fill",
            choice(policy.Fill),
            "a date that is missing is the term's, or stays blank",
            default=_ENROLLMENTS.fill,
        ),
        Key(
            "left_early",
            choice(policy.Ended),
            "what an enrollment becomes that ended before its term",
            default=_ENROLLMENTS.left_early,
        ),
        Key(
            "ended",
            choice(policy.Ended),
            "what an enrollment becomes that ended with its term",
            default=_ENROLLMENTS.ended,
        ),
    ),
    "Who is in which section, as what.",
)
OBSERVERS = Table(
    policy.ObserverChoices,
    (
        Key(
            "roles",
            Many(ROLE),
            "the roles in which somebody may see a child; an empty list: nobody",
            default=_OBSERVERS.roles,
        ),
        Key(
            "stated_by",
            choice(policy.StatedBy),
            "whose record must name the other among its agents",
            default=_OBSERVERS.stated_by,
        ),
        Key(
            "never",
            Mapped(values.TEXT, IDS),
            "sourcedId of a person -> the students they never see, whatever the SIS says",
            default=_NONE,
        ),
    ),
    "Who may see a child.",
)
ADMINS = Table(
    policy.AdminChoices,
    (
        Key(
            "roles",
            Mapped(ROLE, values.TEXT),
            "roles of users and the admin role each has in the account of its org",
            default=_NONE,
        ),
    ),
    "Account admins; none unless a role is named.",
)

DOCUMENT = Table(
    TranslationPolicy,
    tuple(
        Key(name, table, default=table.makes())
        for name, table in (
            ("accounts", ACCOUNTS),
            ("terms", TERMS),
            ("years", YEARS),
            ("dates", DATES),
            ("courses", COURSES),
            ("users", USERS),
            ("enrollments", ENROLLMENTS),
            ("observers", OBSERVERS),
            ("admins", ADMINS),
        )
    ),
)


def policy_from(text: str) -> TranslationPolicy:
    """The policy a TOML text is; ConfigError with every mistake in it."""
    try:
        return policy_of(tomllib.loads(text), text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"The policy is not TOML: {error}.", remedy="Mend the syntax first."
        ) from error


def policy_of(document: Mapping[str, Any], text: str = "") -> TranslationPolicy:
    """The policy of data as TOML gives it; `text` is what it was read from, for its lines."""
    reading = Reading(places(text) if text else {}, {})
    draft = reading.table(DOCUMENT, dict(document))
    _judge_names(reading, draft)
    _judge_logins(reading, draft)
    findings = list(errors(reading.findings))
    if findings:
        count = "1 thing" if len(findings) == 1 else f"{len(findings)} things"
        lines = "\n".join(map(str, sorted(findings, key=lambda one: (one.line or 0, one.path))))
        raise ConfigError(
            f"{count} to mend in the policy:\n{lines}",
            remedy="The reference page on translation lists every key.",
        )
    return cast("TranslationPolicy", build(draft))


def _judge_names(reading: Reading, draft: Draft) -> None:
    """A course of several classes has no class's title to bear."""
    courses = draft.values.get("courses")
    if not isinstance(courses, Draft) or courses.values.get("per") is not CoursePer.COURSE:
        return
    for name in ("short_name", "long_name"):
        template = courses.values.get(name) or ""
        wrong = [
            field for field in templates.fields_of(template) if field not in templates.OF_COURSES
        ]
        if wrong:
            reading.wrong(
                ("courses", name),
                Wrong(
                    f"{{{wrong[0]}}} is a class's, and this course holds several",
                    f"use {', '.join(sorted(templates.OF_COURSES))}",
                ),
            )


def _judge_logins(reading: Reading, draft: Draft) -> None:
    users = draft.values.get("users")
    if isinstance(users, Draft) and users.values.get("login_id") == ():
        reading.wrong(
            ("users", "login_id"),
            Wrong("nobody could sign in", 'name a field: ["username"]'),
        )
