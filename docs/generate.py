"""Write the reference pages from the data the program runs on: `make docs`.

    python docs/generate.py [--check]

`--check` writes nothing and fails if a page is stale; `make lint` calls it so.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import typer.main

from rosterway.cli.groups import ITSELF, GroupWithItself
from rosterway.cli.main import app
from rosterway.formats.canvas_csv.foretold import NOT_FORETOLD, foretelling
from rosterway.formats.canvas_csv.messages import RULES as MESSAGES
from rosterway.formats.canvas_csv.table import Need, Table, Without
from rosterway.formats.canvas_csv.tables import TABLES
from rosterway.formats.catalogue import RULES
from rosterway.formats.oneroster.deviations import RULES as DEVIATIONS
from rosterway.formats.oneroster.rules import RULES as RECORD_RULES
from rosterway.oneroster.gradebook import CategoryWay
from rosterway.oneroster.paging import WORDS as REASONS
from rosterway.oneroster.profiles import Profile, profile
from rosterway.oneroster.profiles import names as profile_names
from rosterway.passback import dictionary
from rosterway.passback.categories import NOT_FOUND
from rosterway.passback.course_grades import RULES as NO_COURSE_GRADE
from rosterway.passback.differences import WORDS as DIFFERENCES
from rosterway.passback.holds import WORDS as GRADE_GUARDS
from rosterway.passback.likely_words import CAUSES
from rosterway.passback.places import COURSE_RULES
from rosterway.passback.preflight import RULES as PREFLIGHT
from rosterway.passback.reasons import ReasonRule
from rosterway.passback.repair import RULES as UNREPAIRED
from rosterway.passback.rule_words import RULES as GRADE_RULES
from rosterway.passback.rules import Rules
from rosterway.passback.silences import SILENCE_RULES
from rosterway.passback.tell import LEFT_RULES
from rosterway.rostering.imports import STEPS
from rosterway.rostering.limits import Guard, Limits, Scope
from rosterway.rostering.policy import Phase, Policy
from rosterway.rostering.translate import policy_document
from rosterway.rostering.translate.cells import Rule as CellRule
from rosterway.rostering.translate.policy import ENROLLMENT_ROLES, TranslationPolicy
from rosterway.rostering.translate.problems import RULES as TRANSLATION_RULES
from rosterway.rostering.translate.templates import FIELDS
from rosterway.rostering.translate.translation import TABLES as TRANSLATED
from rosterway.runs.stages import WORDS
from rosterway.sandbox.canvas.faults import FAULTS
from rosterway.sandbox.sis.faults import FAULTS as SIS_FAULTS
from rosterway.sandbox.sis.gradebook.picky import DEMANDS
from rosterway.sandbox.sis.gradebook.vendors import VENDORS
from rosterway.settings import schema
from rosterway.settings.document import DOCUMENT
from rosterway.settings.plain import as_data
from rosterway.settings.values import Kind

HERE = Path(__file__).parent / "reference"
_NOTE = "<!-- Written by docs/generate.py from the program's own data. Do not edit. -->"


def main() -> int:
    """Write or check every page; the number of stale ones."""
    check = "--check" in sys.argv
    stale = 0
    for name, page in PAGES.items():
        text = "\n".join([_NOTE, "", *page()]) + "\n"
        path = HERE / f"{name}.md"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if check:
            print(f"{path.name} is stale: run `make docs`")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.name}")
    return stale if check else 0


def canvas_csv() -> Iterator[str]:
    """Every Canvas SIS CSV table."""
    yield "# Canvas SIS CSV files"
    yield ""
    yield "In the order in which Canvas recognises them (the first match wins, whatever the file is"
    yield "called) and applies them inside one zip."
    for place, table in enumerate(TABLES, start=1):
        yield ""
        yield f"## {place}. {table.name}"
        yield ""
        yield f"{table.title}." + ("" if table.documented else " Not in Canvas's own reference.")
        yield ""
        yield f"- Recognised by: {_recognised(table)}"
        yield f"- One row is: {_key(table)}"
        if table.statuses:
            words = [
                f"`{status.word}`{'' if status.access else ' (no access)'}"
                for status in table.statuses
            ]
            yield f"- Status: {', '.join(words)}"
        yield f"- When it goes: {table.gone_means}"
        if not table.compared:
            yield "- Never compared with an earlier delivery: its rows are orders, given once."
        for group in table.one_of:
            yield f"- Needs one of: {', '.join(f'`{name}`' for name in group)}"
        for note in table.notes:
            yield f"- {note}"
        yield ""
        yield from _rows(
            ("column", "holds", "needed", "blank", "left out", "sticky", "notes"),
            (
                (
                    f"`{column.name}`",
                    _holds(column.kind.value, column.values, column.refers),
                    _NEEDS[column.need] + (f", unless `{column.unless}`" if column.unless else ""),
                    _without(column.need, column.blank),
                    _without(column.need, column.omitted),
                    "yes" if column.sticky else "",
                    (
                        column.note + (" `<delete>` clears it." if column.delete_word else "")
                    ).strip(),
                )
                for column in table.columns
            ),
        )


def problems() -> Iterator[str]:
    """Every problem code."""
    yield "# Problems"
    yield ""
    yield "What `rosterway check` can find. An *error* is a row or file Canvas would refuse; a"
    yield "*warning* one it would accept and lose, clear or change something of, or that depends on a"
    yield "refused row; a *repair* was made by us without loss. *What becomes of it* is what Rosterway"
    yield "does, *in Canvas* what Canvas would do with it as it came."
    yield ""
    yield from _rows(
        ("code", "severity", "what becomes of it", "in Canvas", "message", "remedy", "source"),
        (
            (
                f"`{rule.code}`",
                rule.severity.value,
                rule.consequence.value,
                rule.canvas_words,
                rule.message,
                rule.remedy,
                rule.source,
            )
            for rule in RULES.values()
        ),
    )


def canvas_rules() -> Iterator[str]:
    """Each of Canvas's rules, the problem that foretells it, and the test that proves it."""
    proofs = _proofs()
    yield "# Canvas's rules, foretold"
    yield ""
    yield "Whatever Canvas says about the rows of a SIS import, and the problem that says it before"
    yield "anything is sent: with what Canvas has already beside it, as in every run of a feed. The"
    yield "example that proves a problem is a case of that name in `tests/rostering/problems.txt`, or a"
    yield "test. `tests/rostering/test_check_beside_canvas.py` makes up deliveries and holds all of it"
    yield "to what the sandbox Canvas refuses."
    yield ""
    yield from _rows(
        ("Canvas says", "tables", "problem", "example"),
        (
            (
                f"`{rule.template}`",
                ", ".join(rule.tables) or "any",
                ", ".join(f"`{code}`" for code in foretelling(rule.name))
                or f"none: {NOT_FORETOLD[rule.name]}",
                "; ".join(dict.fromkeys(proofs[code] for code in foretelling(rule.name))),
            )
            for rule in MESSAGES
        ),
    )
    yield ""
    yield "## What Canvas does without a word"
    yield ""
    yield from _rows(
        ("problem", "in Canvas", "Canvas's rule", "example"),
        (
            (f"`{rule.code}`", rule.canvas_words, rule.source, proofs[rule.code])
            for rule in RULES.values()
            if rule.silent
        ),
    )


def _proofs() -> dict[str, str]:
    """Problem code -> the first example that shows it."""
    examples = HERE.parent.parent / "tests" / "rostering" / "problems.txt"
    proofs = dict.fromkeys(RULES, "`test_check_problems.py`: a delivery that no text can show")
    for case in reversed(re.split(r"\n\n+", examples.read_text(encoding="utf-8"))):
        title = case.split("\n")[0].strip("[]")
        for code in re.findall(r"^> \w+ ([\w-]+) ", case, re.MULTILINE):
            proofs[code] = title
    return proofs


def messages() -> Iterator[str]:
    """Every message of Canvas's."""
    yield "# Canvas's messages"
    yield ""
    yield "What Canvas says about the rows of a SIS import, and what Rosterway makes of it. A message"
    yield "that is not here is *unknown*: the rows of its table stay unconfirmed and are sent again."
    yield ""
    yield from _rows(
        ("message", "tables", "effect", "what it means", "what to do", "who"),
        (
            (
                f"`{rule.template}`",
                ", ".join(rule.tables) or "any",
                rule.effect.value,
                rule.means,
                rule.remedy,
                rule.who.value,
            )
            for rule in MESSAGES
        ),
    )


def guards() -> Iterator[str]:
    """Guards, limits, policy and the order of sending."""
    limits = Limits()
    yield "# Guards, limits and the order of sending"
    yield ""
    yield "## Guards"
    yield ""
    yield from _rows(("guard", "holds when"), ((f"`{g.value}`", _GUARDS[g]) for g in Guard))
    yield ""
    yield "## Limits of removals"
    yield ""
    yield "A limit is broken when removals exceed both its count and its share."
    yield ""
    yield from _rows(
        ("scope", "count", "share"),
        (
            (scope.value, str(limits.removals[scope].count), f"{limits.removals[scope].share:.0%}")
            for scope in Scope
        ),
    )
    yield ""
    yield f"A class of {limits.to_none} or more may not go to none, one of {limits.class_size} or more"
    yield f"may not lose {limits.class_share:.0%}. New users: {limits.new_users.count} and"
    yield f"{limits.new_users.share:.0%}. A column may change in {limits.drift.count} rows and in"
    yield f"{limits.drift.share:.0%} of a table. A class of {limits.twin_class.count} or more has a"
    yield f"twin where a new one has {limits.twin_class.share:.0%} of its people."
    yield ""
    yield "As TOML, for `--limits` or a feed's `limits`:"
    yield ""
    yield "```toml"
    yield from _LIMITS_EXAMPLE
    yield "```"
    yield ""
    yield "## What a vanished row becomes"
    yield ""
    yield from _rows(
        ("table", "becomes", "as its term ends and after it"),
        (
            (table.name, *(Policy().becomes(table.name, phase=phase) for phase in _PHASES))
            for table in TABLES
            if table.compared
        ),
    )
    yield ""
    yield f"A term ends from {Policy().days_before_term_end} days before its last day on"
    yield "(`term_end_days`). A feed's `vanished` says otherwise for a table, for a phase of the term"
    yield f"({', '.join(f'`{phase}`' for phase in Phase)}) and, of enrollments, for a role, which counts"
    yield "before a phase. Nothing of a term that is over is ever deleted by absence. Users are deleted"
    yield 'only by `users = "deleted"`.'
    yield ""
    yield "```toml"
    yield from _VANISHED_EXAMPLE
    yield "```"
    yield ""
    yield "## The order of sending"
    yield ""
    for place, step in enumerate(STEPS, start=1):
        tables = f": {', '.join(step.tables)}" if step.tables else ", all tables"
        yield f"{place}. {step.name}{tables}"
    yield ""
    yield "Empty imports are left out. Each is followed to its end before the next."


def runs() -> Iterator[str]:
    """Stages of a run."""
    yield "# Stages of a run"
    yield ""
    yield from _rows(
        ("stage", "while it goes on", "afterwards"),
        ((f"`{stage.value}`", words.doing, words.done) for stage, words in WORDS.items()),
    )


def configuration() -> Iterator[str]:
    """Every key of rosterway.toml."""
    yield "# rosterway.toml"
    yield ""
    yield 'A secret is never written into the file: it is `{ env = "NAME" }`, `{ file = "PATH" }`'
    yield 'or `{ sealed = "NAME" }`.'
    yield ""
    yield "Some keys are ahead of what they are for ([which](../running.md#not-there-yet));"
    yield "`rosterway config check` names those that a file uses."
    yield from _settings("", DOCUMENT)


def cli() -> Iterator[str]:
    """Every command."""
    yield "# Commands"
    yield ""
    yield "Every command takes `--format text|json` and `--home DIR`. JSON goes to stdout alone."
    yield "Exit codes: 0 done, 1 problems or failure, 2 wrong use or unreadable path, 10 held for"
    yield "approval, 130 interrupted."
    yield from _commands("rosterway", typer.main.get_command(app))


def sandbox() -> Iterator[str]:
    """Faults of the sandboxes."""
    yield "# Faults of the sandbox Canvas"
    yield ""
    yield "For `rosterway sandbox canvas --faults a,b`."
    yield ""
    yield from _rows(("fault", "what happens"), ((f"`{n}`", w) for n, w in FAULTS.items()))
    yield ""
    yield "# Faults of the sandbox SIS"
    yield ""
    yield "For `rosterway sandbox sis --faults a,b`. `name:3` strikes three times; `name@users` only"
    yield "where the path ends in users."
    yield ""
    yield from _rows(
        ("fault", "where", "what happens", "known of"),
        (
            (f"`{fault.name}`", fault.sort.value, fault.what, fault.source)
            for fault in SIS_FAULTS.values()
        ),
    )
    yield ""
    yield "# Gradebooks of vendors in the sandbox SIS"
    yield ""
    yield "What its gradebook refuses when its knob `vendor` is turned, and in which words. These are those of"
    yield "Instructure's error dictionary, of which for most vendors the titles alone are known; what brings"
    yield "each about is partly a guess. The knob `demands` takes any of them by name."
    yield ""
    yield from _rows(
        ("vendor", "demand", "refused because", "status", "words"),
        (
            (f"`{name}`", f"`{demand}`", DEMANDS[demand].words, str(said.status), said.words)
            for name, vendor in VENDORS.items()
            for demand, said in vendor.refuses.items()
        ),
    )


def deviations() -> Iterator[str]:
    """Deviations of OneRoster providers, and problems with their records."""
    yield "# Deviations of OneRoster providers"
    yield ""
    yield "Where a provider departs from the specification and can still be understood. `rosterway pull`"
    yield "counts them, with one example of each."
    yield ""
    yield from _rows(
        ("code", "what the provider does", "read as", "source"),
        (
            (f"`{rule.code}`", rule.message, rule.read_as, rule.source)
            for rule in DEVIATIONS.values()
        ),
    )
    yield ""
    yield "# Problems with OneRoster records"
    yield ""
    yield "What cannot be understood, or not used."
    yield ""
    yield from _rows(
        ("code", "severity", "what becomes of it", "message", "remedy", "source"),
        (
            (
                f"`{rule.code}`",
                rule.severity.value,
                rule.consequence.value,
                rule.message,
                rule.remedy,
                rule.source,
            )
            for rule in RECORD_RULES.values()
        ),
    )
    yield ""
    yield "# Whether a collection is proven complete"
    yield ""
    yield "What is missing from a collection that is not is never taken for gone."
    yield ""
    yield from _rows(("reason", "what it says"), ((f"`{r.value}`", REASONS[r]) for r in REASONS))


def providers() -> Iterator[str]:
    """What is known of each SIS."""
    yield "# Providers"
    yield ""
    yield "What is known of OneRoster providers. A connection's `profile`, or `--profile` of `rosterway pull`"
    yield "and `rosterway doctor`, names one; it fills in what you leave out. Ask your vendor, and look with"
    yield "`rosterway doctor`: much of it is second-hand, and none is a promise of theirs. Your own profiles"
    yield "are TOML files in a folder `profiles` beside the configuration, with the same keys:"
    yield "`title`, `versions`, `rostering_url`, `gradebook_url`, `token_url`, `unverified`; `[auth]` methods,"
    yield "credentials, scope; `[reading]` page_size, concurrency, service, exclude; `[passback]`"
    yield "quiet_hours, categories, notes; `[[passback.rule]]` rule, value, source, unverified;"
    yield "`[[header]]` name, value, what_for; `[[deviation]]` what, source, faults; `[[link]]` title, url."
    for name in profile_names():
        yield from _provider(name, profile(name))


def grade_errors() -> Iterator[str]:
    """Every refusal of a grade that is explained."""
    yield "# What a SIS says about grades"
    yield ""
    yield "What Rosterway makes of it when a SIS refuses an assignment or a grade. The SIS's own words"
    yield "always stand beside the explanation. The titles are those of Instructure's SIS Error Code"
    yield "Dictionary; the last column says how much of an entry the dictionary has itself, since of"
    yield "most it has the heading only. Where an answer names no cause, the likely causes are found by"
    yield "looking at what was sent."
    for name, entries in dictionary.PROVIDERS.items():
        yield ""
        yield f"## {profile(name).title}"
        yield ""
        yield from _entries(entries)
    yield ""
    yield "## Any provider"
    yield ""
    yield "OneRoster's own codes, in any spelling, a few words that mean the same everywhere, and the"
    yield "statuses of HTTP, in this order. Whatever else it is: the SIS's words are shown, and the raw"
    yield "exchange can be given to its vendor."
    yield ""
    yield from _entries((*dictionary.ANYONE, *dictionary.CODES, *dictionary.STATUSES))
    yield ""
    yield "## Likely causes"
    yield ""
    yield "Found in what was sent, where the answer names no cause. What the SIS itself contradicts and"
    yield "what its profile forbids comes first, then what often has the answer's status, then the order"
    yield "of this table. That nothing is found is said, too."
    yield ""
    yield from _rows(
        ("cause", "what to do", "who", "known from"),
        (
            (rule.message, rule.remedy, rule.who.value, rule.source)
            for rule in (cause.rule for cause in CAUSES.values())
        ),
    )
    yield ""
    yield "## Differences between Canvas and a SIS"
    yield ""
    yield "Every place of a gradebook is one of these when the SIS is read back."
    yield ""
    yield from _rows(
        ("kind", "in words"), ((f"`{kind.value}`", words) for kind, words in DIFFERENCES.items())
    )
    yield ""
    yield "## What a repair leaves as it is"
    yield ""
    yield from _rows(
        ("why", "what to do", "who"),
        ((rule.message, rule.remedy, rule.who.value) for rule in UNREPAIRED),
    )
    yield ""
    yield "## Why a student has no grade of the course"
    yield ""
    yield from _rows(
        ("why", "what to do", "who"),
        ((rule.message, rule.remedy, rule.who.value) for rule in NO_COURSE_GRADE),
    )


def grade_rules() -> Iterator[str]:
    """What decides which grades go, and as what."""
    yield "# What decides how grades go"
    yield ""
    yield "A provider's profile sets some of these rules, and the settings change any of them. The"
    yield "defaults are a SIS that follows OneRoster and forbids nothing."
    yield ""
    yield "## Rules of a provider"
    yield ""
    plain = msgspec.to_builtins(Rules())
    yield from _rows(
        ("rule", "decides", "choices", "default"),
        (
            (
                f"`{row.name}`",
                row.says,
                "; ".join(f"`{choice}`: {means}" for choice, means in row.choices.items()),
                _plainly(plain.get(row.name, getattr(Rules(), row.name))),
            )
            for row in GRADE_RULES
        ),
    )
    yield ""
    yield "## What will fail"
    yield ""
    yield "Found before anything is sent, for each assignment in each class. Nothing of it is sent."
    yield ""
    yield from _reasons((*COURSE_RULES, *(rule.said for rule in PREFLIGHT), NOT_FOUND))
    yield ""
    yield "## Why a student's grade is not told"
    yield ""
    yield from _reasons(SILENCE_RULES)
    yield ""
    yield "## What the SIS keeps though Canvas no longer has it"
    yield ""
    yield from _reasons(LEFT_RULES)
    yield ""
    yield "## What waits for a person"
    yield ""
    yield from _rows(
        ("guard", "waits when"), ((f"`{guard}`", words) for guard, words in GRADE_GUARDS.items())
    )


def _reasons(rules: Iterable[ReasonRule]) -> Iterator[str]:
    yield from _rows(
        ("code", "it is said", "what to do", "who"),
        ((f"`{rule.code}`", rule.message, rule.remedy, rule.who.value) for rule in rules),
    )


def _plainly(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"`{value}`"


def _entries(entries: Iterable[dictionary.Entry]) -> Iterator[str]:
    yield from _rows(
        ("title", "what it means", "what to do", "who", "the dictionary has"),
        (
            (
                entry.title,
                entry.rule.message,
                entry.rule.remedy,
                entry.rule.who.value,
                dictionary.HAS[entry.known],
            )
            for entry in entries
        ),
    )


def _way(way: CategoryWay) -> str:
    return "" if way is CategoryWay.AUTO else way.value


def _toml(value: bool | int | str) -> str:
    return json.dumps(value)


def _provider(name: str, known: Profile) -> Iterator[str]:
    yield ""
    yield f"## {known.title}"
    yield ""
    facts = {
        "profile": f"`{name}`",
        "versions": ", ".join(known.versions),
        "rostering": f"`{known.rostering_url}`" if known.rostering_url else "",
        "tokens": f"`{known.token_url}`" if known.token_url else "",
        "signing in": ", ".join(known.auth.methods),
        "credentials": known.auth.credentials or "",
        "scope": "none is sent" if known.auth.scope == "" else known.auth.scope or "",
        "records a page": str(known.reading.page_size or ""),
        "requests at a time": str(known.reading.concurrency or ""),
        "quiet hours": known.passback.quiet_hours,
        "categories are asked for": _way(known.passback.categories),
        **{f"header `{each.name}`": f"`{each.value}`: {each.what_for}" for each in known.header},
    }
    yield from _rows(("fact", "value"), ((what, value) for what, value in facts.items() if value))
    if known.deviation:
        yield ""
        yield from _rows(
            ("deviation", "source", "faults of the sandbox"),
            (
                (each.what, each.source, ", ".join(f"`{fault}`" for fault in each.faults))
                for each in known.deviation
            ),
        )
    if known.passback.rule:
        yield ""
        yield from _rows(
            ("rule for grades", "value", "source", "not verified"),
            (
                (f"`{each.rule}`", f"`{_toml(each.value)}`", each.source, each.unverified)
                for each in known.passback.rule
            ),
        )
    if known.passback.notes:
        yield ""
        yield "Grades: " + " ".join(known.passback.notes)
    if known.unverified:
        yield ""
        yield "Not verified: " + " ".join(known.unverified)
    if known.link:
        yield ""
        yield "See " + ", ".join(f"[{each.title}]({each.url})" for each in known.link) + "."


def translation() -> Iterator[str]:
    """Every rule, choice and problem of the translation of OneRoster into Canvas CSV."""
    yield "# From OneRoster to Canvas"
    yield ""
    yield "What `rosterway translate` and a feed from a OneRoster provider make of a roster. A cell is"
    yield "filled by the first of its rules that applies; `rosterway translate BUNDLE --explain SOURCEDID`"
    yield "shows which one did, and what it read. Demographics are never read."
    for table in TRANSLATED:
        yield ""
        yield f"## {table.name}"
        yield ""
        yield f"A row is {table.comes_from}."
        yield ""
        yield from _rows(
            ("column", "rule", "what it is", "if the policy says", "reads"),
            (
                (
                    f"`{cell.column}`" if place == 0 else "",
                    f"`{rule.name}`",
                    rule.says,
                    rule.choice,
                    ", ".join(_reads(rule)),
                )
                for cell in table.cells
                for place, rule in enumerate(cell.rules)
            ),
        )
    yield ""
    yield "## The current enrollment"
    yield ""
    yield "Of several enrollments of one person in one class the first in this order is taken: in use;"
    yield "current today, then to come (the soonest), then over (the latest); teacher, ta, other roles,"
    yield "student; the later begun; the later changed; by sourcedId. The others are told."
    yield ""
    yield "# The policy"
    yield ""
    yield "A TOML file for `rosterway translate --policy`. What is not in it is as it is here."
    yield from _settings("", policy_document.DOCUMENT)
    yield ""
    yield "`enrollments.roles` adds to:"
    yield ""
    yield from _rows(
        ("role in a class", "becomes"), ((f"`{r}`", f"`{c}`") for r, c in ENROLLMENT_ROLES.items())
    )
    yield ""
    yield "Names are made after templates such as `{class.title} ({teacher.familyName})`. Of"
    yield "`{class.classCode|course.courseCode}` the first that is not blank is taken. The fields:"
    yield ""
    yield from _rows(("field", "what it is"), ((f"`{n}`", what) for n, what in FIELDS.items()))
    yield ""
    yield "# Problems with a translation"
    yield ""
    yield from _rows(
        ("code", "severity", "what becomes of it", "message", "remedy", "source"),
        (
            (
                f"`{rule.code}`",
                rule.severity.value,
                rule.consequence.value,
                rule.message,
                rule.remedy,
                rule.source,
            )
            for rule in TRANSLATION_RULES.values()
        ),
    )


def _reads(rule: CellRule) -> tuple[str, ...]:
    """What a rule reads, under the defaults where the policy chooses it."""
    policy = TranslationPolicy()
    if rule.chosen(policy) or isinstance(rule.reads, tuple):
        return tuple(f"`{name}`" for name in rule.sources(policy))
    return ()


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "canvas-csv": canvas_csv,
    "problems": problems,
    "canvas-messages": messages,
    "canvas-rules": canvas_rules,
    "guards": guards,
    "runs": runs,
    "configuration": configuration,
    "commands": cli,
    "sandbox-faults": sandbox,
    "oneroster-deviations": deviations,
    "providers": providers,
    "translation": translation,
    "grade-errors": grade_errors,
    "grade-rules": grade_rules,
}

_NEEDS = {
    Need.ROW: "in every row",
    Need.NEW: "in a new row",
    Need.LIVE: "unless it deletes",
    Need.HEADER: "the column",
    Need.NO: "",
}

_GUARDS = {
    Guard.REMOVALS: "removals exceed a limit in a table, term, role, school or combination; or "
    "something is deleted under people the delivery still lists in it",
    Guard.CLASS: "a class goes to none or loses half, moves aside",
    Guard.TO_NONE: "any other scope goes to none",
    Guard.TWIN_CLASS: "a class vanishes while one appears in the same term with nearly the same "
    "people",
    Guard.NEW_USERS: "too many users are new at once",
    Guard.KEY_DRIFT: "one column changes in too many rows",
    Guard.HEADER_DRIFT: "a column that was always there is gone",
    Guard.EMPTIED: "a table comes with a header and no rows, or as an empty file",
    Guard.MISSING_TABLE: "a table the baseline has did not come",
    Guard.UNPROVEN_PULL: "a pull is not proven complete",
    Guard.NO_BASELINE: "rows take access away and nothing is known of what Canvas has",
    Guard.FIRST_LOAD: "it is the first load of a feed",
    Guard.AFTER_PAUSE: "the first run after a pause, a rollover, or a change of policy or "
    "connection would remove anything",
}

_PHASES = (Phase.RUNNING, Phase.OVER)

_VANISHED_EXAMPLE = (
    "[tenant.lincoln.feed.nightly]",
    'from = "gateway"',
    'folder = "diffing"',
    "",
    "[tenant.lincoln.feed.nightly.vanished]",
    'users = "suspended"               # one word for all rows of a table',
    "term_end_days = 14",
    'grace = "2 runs"                  # how long a row is missing before that: runs or days',
    "",
    "[tenant.lincoln.feed.nightly.vanished.enrollments]",
    'becomes = "deleted"               # while the term runs, and before it',
    'before = "deleted"                # a phase of the term',
    'closing = "completed"',
    "",
    "[tenant.lincoln.feed.nightly.vanished.enrollments.role]",
    'teacher = "inactive"              # a role, or a table of phases for it',
)

_LIMITS_EXAMPLE = (
    "off = []                          # guards switched off, by name",
    "",
    "[removals]                        # table, term and role",
    "count = 10",
    "share = 0.05",
    "",
    "[removals.enrollments.school]     # one table in one scope",
    "count = 25",
    "share = 0.05",
    "",
    "[removals.school.hill-high]       # one school, term or role by its SIS id, in all tables",
    "count = 200",
    "",
    "[removals.enrollments.role.ta]    # the same in one table",
    "count = 0",
    "",
    "[class]",
    "to_none = 5",
    "count = 10",
    "share = 0.5",
    "",
    "[new_users]",
    "count = 50",
    "share = 0.1",
    "",
    "[drift]",
    "count = 50",
    "share = 0.3",
    "",
    "[twin_class]",
    "count = 2                         # people a class must have",
    "share = 0.8                       # of them in the new class",
)


def _rows(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    titles = list(header)
    yield f"| {' | '.join(titles)} |"
    yield f"|{'---|' * len(titles)}"
    for row in rows:
        cells = (cell.replace("|", "\\|").replace("\n", " ") for cell in row)
        yield f"| {' | '.join(cells)} |"


def _recognised(table: Table) -> str:
    groups = " or ".join(" + ".join(f"`{name}`" for name in group) for group in table.header.any_of)
    without = ", ".join(f"`{name}`" for name in table.header.none_of)
    return groups + (f", without {without}" if without else "")


def _key(table: Table) -> str:
    return " + ".join(
        " or ".join(f"`{name}`" for name in part.columns)
        + (" (may be blank)" if part.optional else "")
        for part in table.key
    )


def _holds(kind: str, values: tuple[str, ...], refers: Any) -> str:
    if values:
        return ", ".join(f"`{value}`" for value in values)
    return f"{kind} of {refers.table}" if refers is not None else kind


def _without(need: Need, what: Without) -> str:
    return "refused" if need is Need.ROW else what.value


def _settings(path: str, node: Any) -> Iterator[str]:
    match node:
        case schema.Table():
            if path and node.keys:
                yield ""
                yield f"## `[{path}]`"
                yield ""
                yield node.doc
                yield ""
                yield from _rows(
                    ("key", "value", "default", "what for"),
                    (
                        (
                            f"`{key.name}`",
                            _says(key.node),
                            "required" if key.required else _default(key.default),
                            key.doc,
                        )
                        for key in node.keys
                        if not isinstance(key.node, schema.Table | schema.Named)
                    ),
                )
            for key in node.keys:
                if isinstance(key.node, schema.Table | schema.Named):
                    yield from _settings(f"{path}.{key.name}" if path else key.name, key.node)
        case schema.Named():
            yield from _settings(f"{path}.NAME", node.table)
        case schema.Variant():
            for name, table in node.tables.items():
                is_usual = name == node.usual
                said = f'{node.by} = "{name}"' + (" or none" if is_usual else "")
                yield from _settings(path, replace(table, doc=f"{table.doc} Where `{said}`."))
        case _:
            return


def _says(node: Any) -> str:
    match node:
        case Kind():
            return node.says
        case schema.Many():
            return f"a list: {node.kind.says}"
        case schema.Mapped():
            return f"a table of {node.kind.says}"
        case schema.Variant():
            return "; ".join(
                f'`{node.by} = "{name}"` with ' + ", ".join(f"`{key.name}`" for key in table.keys)
                for name, table in node.tables.items()
            )
        case _:
            return ""


def _default(value: Any) -> str:
    if value is None or value in ((), {}, ""):
        return ""
    data = as_data(value)
    return f"`{data if isinstance(data, str) else json.dumps(data)}`"


def _commands(path: str, command: Any) -> Iterator[str]:
    children = getattr(command, "commands", {})
    if not children:
        yield ""
        yield f"## {path}"
        yield ""
        yield " ".join((command.help or "").split())
        options = [one for one in command.params if one.name not in {"home", "form", "help"}]
        if options:
            yield ""
            yield from _rows(
                ("", "what for"),
                (
                    (
                        f"`{one.opts[0] if one.param_type_name == 'option' else one.name.upper()}`",
                        getattr(one, "help", "") or "",
                    )
                    for one in options
                ),
            )
    for name, child in children.items():
        yield from _commands(
            path if name == ITSELF and isinstance(command, GroupWithItself) else f"{path} {name}",
            child,
        )


if __name__ == "__main__":
    sys.exit(main())
