"""Messages about users, logins, admins and observers.

Facts: canvas-lms `lib/sis/user_importer.rb`, `admin_importer.rb`, `user_observer_importer.rb`.

- A bad e-mail address is *partly*: Canvas has saved user and login before it looks at the address,
  although it does not count the row.
- "… or login of L already exists" is *refused*, though it also answers a login sent twice: the
  message does not say whose login it is, and it may be another person's.
- Unlinking an observer who is not linked is *already gone*: Canvas says outright that the link is
  not there.
"""

from rosterway.formats.canvas_csv.message_rules.rule import (
    Effect,
    MessageRule,
    Who,
    improper_status,
    missing,
    partly,
    refused,
)

_BOTH = ("users", "logins")
_SAME_PERSON = (
    "If {holder} and {user_id} are one person, send a change_sis_id from the old id to the new."
    " Otherwise give one of them another {what}."
)


def _claimed(what: str, template_end: str, holder: str, remedy: str) -> MessageRule:
    slug = f"users-{what.replace('_', '-')}-claimed"
    return refused(
        slug if holder == "SIS ID" else f"{slug}-unlabelled",
        _BOTH,
        f"An existing Canvas user with the {holder} {{holder}} has already claimed {template_end}",
        f"The {what} of user {{user_id}} belongs to the user with the {holder} {{holder}} already.",
        remedy,
        who=Who.SENDER if holder == "SIS ID" else Who.CANVAS_ADMIN,
    )


_LOGIN = "{user_id}'s user_id requested login information"
_INTEGRATION = "{user_id}'s requested integration_id"
_UNLABELLED = (
    "That user has no SIS ID. If it is the same person, give it the SIS ID {user_id} in Canvas."
)

USERS: tuple[MessageRule, ...] = (
    missing("users", "user_id", "No user_id given for a user"),
    missing("users", "login_id", "No login_id given for user {user_id}"),
    missing("users", "status", "No status given for user {user_id}"),
    improper_status("users", "Improper status for user {user_id}"),
    refused(
        "users-nul",
        _BOTH,
        "Some of the fields contain NULL character{_?}",
        "A cell of the row contains a NUL character.",
        "Remove it at the source; it is usually damage from an export.",
    ),
    _claimed("login_id", _LOGIN, "SIS ID", _SAME_PERSON.replace("{what}", "login_id")),
    _claimed("login_id", _LOGIN, "Canvas ID", _UNLABELLED),
    _claimed(
        "integration_id", _INTEGRATION, "SIS ID", _SAME_PERSON.replace("{what}", "integration_id")
    ),
    _claimed("integration_id", _INTEGRATION, "Canvas ID", _UNLABELLED),
    refused(
        "users-provider-unknown",
        _BOTH,
        "unrecognized authentication provider {authentication_provider_id} for {user_id}",
        "Canvas has no authentication provider {authentication_provider_id}.",
        "Set the provider up in Canvas, or correct authentication_provider_id.",
    ),
    partly(
        "users-email-invalid",
        _BOTH,
        "The email address associated with user '{user_id}' is invalid (email: '{_?}')",
        "User {user_id} was saved; the e-mail address was not taken.",
        "Correct the address and send the row again.",
    ),
    partly(
        "users-email-not-saved",
        _BOTH,
        "An email did not pass validation ({_?}, error: {error?})",
        "The user was saved; the e-mail address was not taken.",
        "Correct the address and send the row again.",
    ),
    partly(
        "users-email-claimed",
        _BOTH,
        "E-mail address {_} for user {user_id} is already claimed; ignoring",
        "User {user_id} was saved; the e-mail address belongs to another user.",
        "Find out whose address it is, and correct it.",
    ),
    refused(
        "users-login-invalid",
        _BOTH,
        "Could not save the user with user_id: '{user_id}'. Invalid login_id: '{login_id?}'",
        "Canvas does not accept the login_id of user {user_id}.",
        "Use at most 100 printable characters.",
    ),
    refused(
        "users-not-saved",
        _BOTH,
        "Could not save the user with user_id: '{user_id}'. {error?}",
        "Canvas could not save user {user_id}: {error}",
        "Correct the row as the message says.",
    ),
    refused(
        "users-yourself",
        ("users", "admins"),
        "Can't remove yourself user_id '{user_id}'",
        "{user_id} is the user Rosterway's token belongs to, who cannot be removed.",
        "Keep that user out of the roster, or use a token of a user made for Rosterway.",
        who=Who.OPERATOR,
    ),
    MessageRule(
        "users-crash",
        _BOTH,
        Effect.CRASHED,
        "Something broke with this user. Contact Support with ErrorReport id: {report}",
        "Canvas failed while it was working on this row; it may have been saved or not.",
        "Send the row again. If it fails again, give Canvas support the error report {report}.",
        Who.SUPPORT,
    ),
)

LOGINS: tuple[MessageRule, ...] = (
    refused(
        "logins-no-user-given",
        "logins",
        "No existing user provided for login with SIS ID {user_id}",
        "The row does not say whose login {user_id} is to be.",
        "Fill in existing_user_id, existing_integration_id or existing_canvas_user_id.",
    ),
    refused(
        "logins-user-unknown",
        "logins",
        "Could not find the existing user for login with SIS ID {user_id}",
        "Canvas does not have the user whom login {user_id} is to belong to.",
        "Add the user to users.csv, or correct the existing_ column.",
    ),
    refused(
        "logins-users-differ",
        "logins",
        "An existing user does not match existing user ids provided for login with SIS ID"
        " {user_id}",
        "The existing_ columns of login {user_id} speak of different users.",
        "Fill in one of them only.",
    ),
    refused(
        "logins-exists",
        "logins",
        "An existing Canvas user with the SIS ID {user_id} or login of {login_id} already exists",
        "Canvas already has a login {login_id} or one with the SIS ID {user_id}.",
        "Nothing, if the row was sent before: logins are added once. Otherwise find out in Canvas"
        " whose login it is.",
        on_resend=True,
    ),
)

ADMINS: tuple[MessageRule, ...] = (
    missing("admins", "user_id", "No user_id given for admin"),
    missing("admins", "status", "No status given for admin"),
    missing("admins", "role", "No role_id or role given for admin"),
    improper_status("admins", "Invalid status {status?} for admin"),
    refused(
        "admins-account-unknown",
        "admins",
        "Invalid account_id given for admin",
        "Canvas does not have the account of this admin.",
        "Add the account to accounts.csv, or correct account_id.",
    ),
    refused(
        "admins-role-unknown",
        "admins",
        "Invalid role '{role?}' for admin",
        'Canvas has no account role "{role}".',
        "Use the exact name of a role of the account; letter case counts.",
    ),
    refused(
        "admins-role-id-unknown",
        "admins",
        "Invalid role_id '{role_id?}' for admin",
        "Canvas has no account role with the id {role_id}.",
        "Correct role_id.",
    ),
    refused(
        "admins-user-unknown",
        "admins",
        "Invalid or unknown user_id '{user_id?}' for admin",
        "Canvas has no user {user_id}.",
        "Add the user to users.csv, or remove the row.",
    ),
)

USER_OBSERVERS: tuple[MessageRule, ...] = (
    missing("user_observers", "observer_id", "No observer_id given for a user observer"),
    missing("user_observers", "student_id", "No user_id given for a user observer"),
    refused(
        "user_observers-self",
        "user_observers",
        "Can't observe yourself user {observer_id}",
        "User {observer_id} is to observe themself.",
        "Correct observer_id or student_id.",
    ),
    improper_status("user_observers", 'Improper status "{status?}" for a user_observer'),
    refused(
        "user_observers-observer-unknown",
        "user_observers",
        "An observer referenced a non-existent user {observer_id}",
        "Canvas has no user {observer_id}, who is to observe.",
        "Add the observer to users.csv, or remove the row.",
    ),
    refused(
        "user_observers-student-unknown",
        "user_observers",
        "A student referenced a non-existent user {student_id}",
        "Canvas has no user {student_id}, who is to be observed.",
        "Add the student to users.csv, or remove the row.",
    ),
    MessageRule(
        "user_observers-gone",
        ("user_observers",),
        Effect.ALREADY_GONE,
        "Can't delete a non-existent observer for observer: {observer_id}, student: {student_id}",
        "{observer_id} does not observe {student_id} (any more).",
        "Nothing: what was to be removed is not there.",
        on_resend=True,
    ),
)

RULES: tuple[MessageRule, ...] = (*USERS, *LOGINS, *ADMINS, *USER_OBSERVERS)
