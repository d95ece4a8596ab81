"""The catalogue of what a translation notices, and findings of a OneRoster roster in words.

A finding's `table` is the staged table, `file` what it was read from, `row` its place there, `other`
the record's sourcedId or, where several are told together, how many and the first of them.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import duckdb

from rosterway.formats.catalogue import RULES as CANVAS_RULES
from rosterway.formats.catalogue import problem as canvas_problem
from rosterway.formats.oneroster.rules import RULES as RECORD_RULES
from rosterway.formats.problems import Consequence, Finding, Problem, Rule, Severity, in_words
from rosterway.rostering import sql
from rosterway.rostering.findings import Findings

_E, _W = Severity.ERROR, Severity.WARNING
_C = Consequence
_BATCH = 2_000

_RULES: tuple[Rule, ...] = (
    # -- sessions and orgs
    Rule(
        "session-dates",
        _W,
        _C.VALUE_LOST,
        "Session {other} has no stretch of time: {value}.",
        "Give it a start date and a later end date in the SIS; enrollments take theirs from it.",
        "oneroster 7.1: startDate and endDate are required",
    ),
    Rule(
        "common-id-reused",
        _W,
        _C.NONE,
        "The common id {other} stands for sessions of several school years ({value}); only the "
        "earliest year's term is called that, the others' bear their year.",
        "Ask the provider for ids that name the year, or merge by school year.",
        "instructure-integration 9: common term id",
    ),
    Rule(
        "terms-differ",
        _W,
        _C.NONE,
        "Sessions that are one term, {other}, have different dates ({value}); the term is as long as "
        "all of them.",
        "Agree on the dates in the SIS, or do not merge.",
        "instructure-integration 9: common term id",
    ),
    Rule(
        "org-loop",
        _W,
        _C.VALUE_LOST,
        "Org {other} is below itself; it stands below the root account.",
        "Correct its parent in the SIS.",
        "oneroster 7.2: parent",
    ),
    Rule(
        "org-parent-unknown",
        _W,
        _C.VALUE_LOST,
        "Org {other} is below {value}, which is not there; it stands below the root account.",
        "Export every org, or correct its parent.",
        "CSV binding 13.2: semantic completeness",
    ),
    Rule(
        "districts-several",
        _W,
        _C.NONE,
        "Several districts ({value}) are one root account.",
        'Set accounts.district = "account" if each is to have its own.',
        "instructure-integration S9: district to root",
    ),
    # -- classes
    Rule(
        "class-without-term",
        _W,
        _C.VALUE_LOST,
        "Class {other} is in no session that is there ({value}); its course goes to Canvas's default "
        "term.",
        "Give it a term in the SIS, or export its sessions.",
        "oneroster 7.4: terms",
    ),
    Rule(
        "class-terms-apart",
        _W,
        _C.VALUE_KEPT,
        "Class {other} lists sessions that nothing holds together ({value}); the one that ends last "
        "is taken for its term.",
        "Give the sessions one parent, or merge terms by school year.",
        "oneroster 7.4: a class may list several sessions",
    ),
    Rule(
        "class-without-school",
        _W,
        _C.VALUE_LOST,
        "The school {value} of class {other} is not there; its course goes to the root account.",
        "Export every org.",
        "CSV binding 13.2: semantic completeness",
    ),
    Rule(
        "class-without-course",
        _W,
        _C.VALUE_KEPT,
        "The course {value} of class {other} is not there, so nothing is known of it but its id.",
        "Export every course.",
        "CSV binding 13.2: semantic completeness",
    ),
    Rule(
        "outside-school-year",
        _W,
        _C.NONE,
        "Classes of school year {value} are left out, with their enrollments: {other}.",
        'Nothing, if that year is over or to come; otherwise set years.take = "all" or years.only.',
        "instructure-integration 9: the current school year",
    ),
    Rule(
        "homerooms-left-out",
        _W,
        _C.NONE,
        "Homeroom classes are left out, with their enrollments: {other}.",
        "Nothing: the policy says so (courses.homerooms).",
        "oneroster 7.4: classType",
    ),
    # -- people
    Rule(
        "user-without-login",
        _E,
        _C.ROW_HELD,
        "User {other} has nothing to sign in with; Canvas would refuse the row.",
        "Fill it in the SIS, or name further fields in users.login_id.",
        "canvas-csv users: login_id",
    ),
    Rule(
        "user-without-id",
        _E,
        _C.ROW_HELD,
        "User {other} has no {column}, which is the SIS id by the policy; what depends on it is held "
        "back.",
        "Fill it in the SIS, or choose another field in users.user_id.",
        "canvas-csv users: user_id",
    ),
    Rule(
        "user-id-shared",
        _E,
        _C.ROW_HELD,
        "User {other} claims the id {value}, which is another person's; the row and what depends on "
        "it are held back.",
        "Correct it in the SIS. If they are one person, name what they share in users.merge_by.",
        "canvas-csv users: user_id is unique",
    ),
    Rule(
        "people-differ",
        _W,
        _C.NONE,
        "Records {other} share {column} {value} and neither given nor family name; they are kept "
        "apart.",
        "Correct the {column} in the SIS, or the names.",
        "instructure-integration 9; users.merge_by",
    ),
    # -- observers
    Rule(
        "observer-role",
        _W,
        _C.NONE,
        "Agents of students whose role is {value} see nobody: {other}.",
        "Nothing, if that is right; otherwise add the role to observers.roles.",
        "oneroster 7.5: agents; relative is not guardian",
    ),
    Rule(
        "observer-unstated",
        _W,
        _C.NONE,
        "Agents named by the {value}'s record alone see nobody: {other}.",
        "Ask the provider to name them on both, or choose observers.stated_by.",
        "oneroster 7.5: agents must exist both ways",
    ),
    Rule(
        "observer-unknown",
        _W,
        _C.NONE,
        "Agent {value} of a student is not there: {other}.",
        "Read the users who are parents and guardians, too.",
        "instructure-integration 9: getAllUsers",
    ),
    # -- enrollments
    Rule(
        "reference-unknown",
        _E,
        _C.ROW_HELD,
        "{column} of enrollment {other} is {value}, which is not there; the row is held back.",
        "Export what it refers to, or correct it.",
        "CSV binding 13.2: semantic completeness",
    ),
    Rule(
        "role-left-out",
        _W,
        _C.NONE,
        "Enrollments with the role {value} are left out: {other}.",
        "Say in enrollments.roles what the role is in Canvas.",
        "instructure-integration S9: administrator and proctor are to be chosen",
    ),
    Rule(
        "enrollment-again",
        _W,
        _C.NONE,
        "Enrollment {other} gives way to {value}, the current one of the same person in the same "
        "class.",
        "Ask the provider for the current record alone.",
        "instructure-integration 9: duplicated enrollment records",
    ),
    Rule(
        "enrollment-date-missing",
        _W,
        _C.NONE,
        "Enrollments without {column} in term {value}: {other}.",
        "Ask the provider for both dates, the term's if need be; until then enrollments.fill says "
        "what is taken.",
        "instructure-integration 9: every enrollment needs both",
    ),
    Rule(
        "enrollment-backward",
        _W,
        _C.VALUE_LOST,
        "Enrollment {other} ends before it begins: {value}. Its dates are not used.",
        "Correct it in the SIS.",
        "oneroster 7.6: the end is excluded",
    ),
    # -- bundles
    Rule(
        "delta-alone",
        _W,
        _C.NONE,
        "{file} holds changes alone; nothing is known of what they do not repeat.",
        "Name the bulk bundle they belong to.",
        "CSV binding 13.2: bulk and delta",
    ),
)
RULES: Mapping[str, Rule] = MappingProxyType({rule.code: rule for rule in _RULES})

#: Everything that reading and translating a OneRoster roster may find.
ALL: Mapping[str, Rule] = MappingProxyType({**CANVAS_RULES, **RECORD_RULES, **RULES})


def problem(finding: Finding) -> Problem:
    """The finding in words."""
    rule = RULES.get(finding.code) or RECORD_RULES.get(finding.code)
    return canvas_problem(finding) if rule is None else in_words(finding, rule, {})


def problems(
    connection: duckdb.DuckDBPyConnection, findings: Findings, *, about: str | None = None
) -> Iterator[Problem]:
    """The findings in words, by file and row, whole files first; of those `about` a record alone."""
    findings.flush()
    cursor = connection.cursor()
    cursor.execute(
        f"SELECT code, tbl, file, line, col, val, other FROM {findings.table} "
        + (f"WHERE {_names(about)} " if about is not None else "")
        + "ORDER BY file NULLS FIRST, line NULLS FIRST, code, col, val, other"
    )
    while rows := cursor.fetchmany(_BATCH):
        for found, table, file, row, column, value, other in rows:
            yield problem(
                Finding(
                    code=found,
                    table=table,
                    file=file,
                    row=row,
                    column=column,
                    value=value,
                    other=other,
                )
            )


def _names(record: str) -> str:
    """SQL that is true of findings that name a record, alone or among others."""
    named = sql.text(record)
    said = "regexp_split_to_array(concat_ws(' ', val, other), '[ ,]+')"
    return f"(val = {named} OR other = {named} OR list_contains({said}, {named}))"


def counts(findings: Findings) -> dict[str, int]:
    """How many findings are of each severity."""
    found = dict.fromkeys((severity.value for severity in Severity), 0)
    for code, count in findings.by_code():
        found[ALL[code].severity.value] += count
    return found


def errors(findings: Findings) -> int:
    """How many findings are errors."""
    return sum(count for code, count in findings.by_code() if ALL[code].severity is Severity.ERROR)
