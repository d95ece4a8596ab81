"""Every word set in code is one the program knows: a setting, a guard, a variable, a module, a file.

So a page cannot go on about a problem code, a `make` target or a guard that was renamed. Words of
others (`sftp`, `Secure`) are listed here by name.
"""

import importlib
import importlib.util
import re
from dataclasses import fields
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

from docs.pages import ROOT, code_of, page, written
from docs.test_commands import names
from docs.test_settings import KEYS
from rosterway.canvas.grade_permissions import GRADE_RIGHTS
from rosterway.console.first_look import FIRST
from rosterway.formats.canvas_csv.tables import TABLES
from rosterway.formats.catalogue import RULES
from rosterway.formats.oneroster.deviations import RULES as DEVIATIONS
from rosterway.formats.problems import Consequence, InCanvas, Severity
from rosterway.gateway.folders import Layout
from rosterway.gateway.memory import MEMORY
from rosterway.passback.rules import Rules
from rosterway.passback.transform import Rule, Scores
from rosterway.rostering.forecast import When
from rosterway.rostering.grade_export import CHECKS
from rosterway.rostering.limits import Guard, Scope
from rosterway.rostering.policy import NOTHING, Phase, Unit
from rosterway.rostering.receipt import COLUMNS
from rosterway.runs.stages import Stage
from rosterway.sandbox.canvas.faults import FAULTS
from rosterway.sandbox.canvas.instance import RIGHTS
from rosterway.sandbox.canvas.state.gradebook import Submission
from rosterway.settings import (
    Apply,
    Approve,
    CourseGradeKind,
    Endpoints,
    Environment,
    Performance,
    SisEdits,
)
from rosterway.settings.document import DATABASE
from rosterway.settings.reading import HOME_VARIABLE, OVERRIDES
from rosterway.store.operators import Role
from rosterway.store.plans import Decision, PlanState
from rosterway.store.runs import Outcome

#: Words in code that are not ours, and whose they are.
THEIRS = {
    *("sftp", "scp"),  # OpenSSH
    *("import_sis", "workflow_state", "integration_data"),  # Canvas
    "tobedeleted",  # OneRoster
    *("Secure", "now"),  # a browser's cookie, an argument's usual name
    *("canvasapi", "export"),  # a library, a folder of the reader's
}

ENUMS: tuple[type[StrEnum], ...] = (
    *(Apply, Approve, Environment, Guard, Scope, Severity, Consequence, InCanvas),
    *(Decision, Outcome, PlanState, Role, Stage),
    *(CourseGradeKind, Endpoints, Performance, SisEdits, Scores, Phase, Unit, When),
)

#: Members of what commands print as JSON and of `receipt.json` (docs/check-and-plan.md).
TOLD = {
    *("ready", "console", "sftp", "sign_in", "error", "code", "message", "remedy"),
    *("delivery", "feed", "received_at", "files", "outcome", "reason", "plan", "imports", "rows"),
    *("problems", "messages", "applied", "refused", "unconfirmed", "unsent", "counts", "effect"),
    *("digest", "decision", "tables", "removals", "holds", "kind", "table", "file", "row"),
    *("column", "value", "severity", "guard", "scope", "of", "share", "limit", "create", "update"),
    *("delete", "unchanged", "vanished", "run", "step", "below", "sha256"),
    *("waits", "first", "unit", "forecast"),
}

_PLAIN = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_VARIABLE = re.compile(r"\bROSTERWAY_[A-Z_]+\b")
_TARGET = re.compile(r"\bmake ([a-z]+)\b")


@cache
def known() -> frozenset[str]:
    """Every plain word the program gives a meaning to."""
    return frozenset(
        {
            *KEYS,
            *TOLD,
            *RULES,
            *DEVIATIONS,
            *FAULTS,
            *RIGHTS,
            *(name for right in GRADE_RIGHTS for name in right.names),
            *Rules.__struct_fields__,
            *(str(kind.__struct_config__.tag) for kind in Rule.__args__),
            *(field for kind in Rule.__args__ for field in kind.__struct_fields__),
            *(field.name for field in fields(Submission)),
            *COLUMNS,
            *(check.code for check in CHECKS),
            *THEIRS,
            *Layout(),
            NOTHING,
            *(word.value for words in ENUMS for word in words),
            *(part for name in names() for part in name.split()),
            *(table.name for table in TABLES),
            *(column.name for table in TABLES for column in table.columns),
            *(status.word for table in TABLES for status in table.statuses),
            *(path.stem for path in (ROOT / "src" / "rosterway").iterdir()),
            FIRST,
            DATABASE.says.split('"')[1],
            "rosterway",
        }
    )


def plain_words():
    """(page, word) of every plain word in code."""
    return [
        (one.name, word)
        for one in written()
        for word in dict.fromkeys(one.words())
        if _PLAIN.fullmatch(word) and len(word) > 1 and not word.startswith("test_")
    ]


@pytest.mark.parametrize(("where", "word"), plain_words())
def test_a_word_in_code_is_one_the_program_knows(where, word):
    assert word in known(), f"{where}: `{word}`"


def test_a_test_that_is_named_is_there():
    named = {word for one in written() for word in one.words() if word.startswith("test_")}
    there = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    assert {name for name in named if f"def {name}(" not in there} == set()


def dotted_words():
    """(page, name) of every `room.module` and `room.module.function`."""
    rooms = {path.stem for path in (ROOT / "src" / "rosterway").iterdir()}
    return [
        (one.name, word)
        for one in written()
        for word in dict.fromkeys(one.words())
        if re.fullmatch(r"[a-z_]+(?:\.\w+)+", word.removeprefix("rosterway."))
        and word.removeprefix("rosterway.").split(".")[0] in rooms
        and not word.endswith((".py", ".toml", ".md", ".csv", ".txt"))
    ]


@pytest.mark.parametrize(("where", "name"), dotted_words())
def test_a_module_or_function_that_is_named_is_there(where, name):
    module, *rest = name.removeprefix("rosterway.").split(".")
    found = importlib.import_module(f"rosterway.{module}")
    for part in rest:
        if (
            importlib.util.find_spec(f"{found.__name__}.{part}")
            if hasattr(found, "__path__")
            else 0
        ):
            found = importlib.import_module(f"{found.__name__}.{part}")
        else:
            found = getattr(found, part)


def paths_named():
    """(page, path) of every file of the repository a sentence names."""
    return [
        (one.name, word)
        for one in written()
        for word in dict.fromkeys(one.words())
        if re.fullmatch(
            r"(?:docs|src|tests|bench|requirements|\.ci)(?:/[\w.*-]*)+|[A-Z]+\.md", word
        )
    ]


@pytest.mark.parametrize(("where", "path"), paths_named())
def test_a_file_that_is_named_is_there(where, path):
    assert list(ROOT.glob(path.rstrip("/"))), where


def test_every_make_target_that_is_named_is_there_and_every_target_is_told():
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for one in written()
        for text in (*one.words(), *(block.text for block in one.blocks()))
        for target in _TARGET.findall(text)
    }

    assert named <= targets
    assert targets - {"help"} == set(_TARGET.findall(page("CONTRIBUTING.md").section("Commands")))


def test_every_environment_variable_that_is_named_is_read_and_every_one_read_is_told():
    source = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    # The crash test's, the demo's
    inner = {"ROSTERWAY_KILL_AT", "ROSTERWAY_DEMO_CANVAS_TOKEN", "ROSTERWAY_DEMO_SIS_TOKEN"}
    read = set(_VARIABLE.findall(source)) - inner
    told = {
        name
        for row in page("docs/running.md").rows("Environment variables")
        for name in code_of(row[0])
    }
    named = {name for one in written() for name in _VARIABLE.findall(one.text)}

    assert {HOME_VARIABLE, MEMORY, *OVERRIDES} <= read
    assert read == told
    assert named <= read


def test_a_word_the_program_does_not_know_would_be_noticed():
    assert not {"remvals", "new_user", "canvas-difing"} & known()


def test_the_words_of_others_are_used():
    """A word that is no longer used leaves the list."""
    used = {word for _, word in plain_words()} | {w for one in written() for w in one.words()}

    assert sorted(THEIRS - used) == []


def test_every_guide_is_a_page_of_readable_length():
    """Longer pages are two pages."""
    long = {one.name: len(one.text.splitlines()) for one in written() if one.name != "CHANGELOG.md"}

    assert {name: lines for name, lines in long.items() if lines > 170} == {}
    assert Path(ROOT / "README.md").exists()


def test_an_event_that_is_shown_is_one_that_is_logged():
    source = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    logged = set(re.findall(r'log\.\w+\(\s*"([a-z.-]+)"', source))
    shown = {
        word.split()[0]
        for one in written()
        for word in one.words()
        if re.match(r"\w+\.\w+ \w+=", word)
    }

    assert shown
    assert shown <= logged
