"""Tables and lists in the pages, held to the tables the program runs on."""

import re
import sys
import tomllib
from enum import StrEnum

import pytest

from docs.pages import ROOT, code_of, page, written
from rosterway.cli import output
from rosterway.console.access import RIGHTS, May
from rosterway.console.glossary import TERMS
from rosterway.console.pages import ROOMS
from rosterway.console.signing_in import SESSION
from rosterway.gateway.folders import FOLDER_MARKERS, TEMPORARY_ENDINGS, Layout
from rosterway.rostering.limits import Guard, Limits
from rosterway.rostering.receipt import Receipt, write_json
from rosterway.store.operators import SHORTEST_PASSWORD, Role
from rosterway.store.runs import Outcome

SOURCE = ROOT / "src" / "rosterway"


def first_cells(name: str, heading: str) -> list[str]:
    """The first column of a table, without its code marks."""
    return [row[0].strip("`") for row in page(name).rows(heading)]


# -- receipts.md ---------------------------------------------------------------------------------


def test_receipts_tells_every_outcome_of_a_run():
    assert {one.value for one in Outcome} == set(first_cells("docs/receipts.md", "Outcomes"))


def test_receipts_tells_every_member_of_the_json():
    said = page("docs/receipts.md").section("The JSON")
    receipt = Receipt(delivery="", feed="", received_at=a_moment(), files=(), outcome="")
    written_out: list[str] = []

    class Paper:
        def write(self, text: str, /) -> None:
            written_out.append(text)

    write_json(receipt, (), Paper())
    members = set(re.findall(r'^ {2}"(\w+)":', "".join(written_out), re.MULTILINE))

    assert members == {word for word in code_of(said) if word in members}


def a_moment():
    """Any moment."""
    from datetime import UTC, datetime

    return datetime(2026, 9, 1, tzinfo=UTC)


# -- console.md ----------------------------------------------------------------------------------


def test_console_tells_every_role():
    assert {role.value for role in Role} == set(first_cells("docs/console.md", "Signing in"))


@pytest.mark.parametrize(
    ("right", "words"),
    [
        (May.PEOPLE, "names"),
        (May.STEER, "pause"),
        (May.DECIDE, "approve"),
        (May.AUDIT, "audit log"),
    ],
)
def test_console_gives_each_right_to_the_least_role_that_has_it(right, words):
    rows = {row[0]: row[1] for row in page("docs/console.md").rows("Signing in")}
    ascending = (Role.VIEWER, Role.REGISTRAR, Role.APPROVER, Role.ADMIN)
    least = next(role for role in ascending if right in RIGHTS[role])

    assert words in rows[least.value]
    assert all(right in RIGHTS[role] for role in ascending[ascending.index(least) :])


def test_console_tells_the_keys_of_every_page():
    said = page("docs/console.md").section("Keys")

    assert {room.key: room.name.lower() for room in ROOMS} == dict(
        re.findall(r"`(\w)` (\w+)[,)]", said)
    )


def test_console_tells_how_long_a_session_lasts_and_a_password_must_be():
    text = " ".join(page("docs/console.md").text.split())

    assert 12 * 3600 == SESSION.total_seconds()
    assert "A session lasts twelve hours" in text
    assert f"at least {SHORTEST_PASSWORD} characters" in text


# -- why-a-plan-waits.md, check-and-plan.md ---------------------------------------------------------


def test_why_a_plan_waits_tells_every_guard():
    told = {
        word
        for row in page("docs/why-a-plan-waits.md").rows("When a plan holds")
        for word in code_of(row[0])
    }

    assert {guard.value for guard in Guard} == told


def test_why_a_plan_waits_tells_the_sizes_of_classes():
    text = " ".join(page("docs/why-a-plan-waits.md").text.split())
    limits = Limits()

    assert f"class of {limits.to_none} or more" in text
    assert f"of {limits.class_size} or more that loses half" in text
    assert limits.class_share == 0.5


def test_check_and_plan_tells_every_exit_code():
    codes = {int(row[0].strip("`")) for row in page("docs/check-and-plan.md").rows("Exit codes")}

    assert codes == {
        *(output.DONE, output.FAILED, output.WRONG_USE),
        *(output.HELD, output.INTERRUPTED, output.TERMINATED),
    }


# -- sending-files.md ------------------------------------------------------------------------------


def test_sending_files_tells_every_folder():
    folders = [
        row[0].strip("`/") for row in page("docs/sending-files.md").rows("Where to put them")
    ]

    assert list(Layout()) == folders


def test_sending_files_tells_markers_and_temporary_names():
    said = set(page("docs/sending-files.md").words())

    assert {*FOLDER_MARKERS, *(f"{ending}" for ending in TEMPORARY_ENDINGS)} <= said


# -- glossary.md -------------------------------------------------------------------------------------


def test_the_glossary_has_every_word_of_the_consoles_own():
    said = {
        word.strip().lower()
        for row in page("docs/glossary.md").rows()
        for word in re.split(r"[,/;:]", row[0])
    }
    alike = {"limit": "limits", "seal": "sealed"}

    assert [w for w in TERMS if alike.get(w, w).lower() not in said] == []


# -- dependencies.md, CONTRIBUTING.md ------------------------------------------------------------------


def rooms_that_import(module: str) -> set[str]:
    """The rooms of `src/rosterway` that import a library."""
    asks = re.compile(rf"^\s*(?:from|import) {module}\b", re.MULTILINE)
    return {
        path.relative_to(SOURCE).parts[0].removesuffix(".py")
        for path in SOURCE.rglob("*.py")
        if asks.search(path.read_text(encoding="utf-8"))
    }


#: A distribution -> what it is imported as, where that differs; None if nothing imports it.
IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "python-multipart": None,  # FastAPI's, for forms
    "psycopg": None,  # SQLAlchemy's
    "tzdata": None,  # zoneinfo's
    "rich": "rich",
}


def told_of_dependencies() -> dict[str, set[str]]:
    """A distribution -> the rooms the page says import it."""
    return {
        name: {room.strip().split(".")[0].split("/")[0].split(" ")[0] for room in row[2].split(",")}
        for row in page("docs/dependencies.md").rows()
        for name in re.split(r", | \(", row[0])
        if re.fullmatch(r"[a-z0-9-]+", name)
    }


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[>\[<=;~ ]", line)[0] for line in project["dependencies"]}

    assert needed == told_of_dependencies().keys() - {"htmx"}


@pytest.mark.parametrize("name", sorted(told_of_dependencies().keys() - {"htmx"}))
def test_a_dependency_is_imported_where_the_page_says(name):
    module = IMPORTED_AS.get(name, name.replace("-", "_"))
    if module is None:
        return

    assert rooms_that_import(module) == told_of_dependencies()[name]


def test_contributing_draws_the_arrows_that_are_held():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    arrows = next(one for one in contracts["contracts"] if one["id"] == "arrows")
    there = {path.stem for path in SOURCE.iterdir()}
    layers = [
        [room for room in re.findall(r"\w+", layer) if room in there and not room.startswith("_")]
        for layer in arrows["layers"]
    ]
    drawn = next(w for w in page("CONTRIBUTING.md").words() if w.startswith("cli →"))

    assert [set(layer) for layer in layers if layer] == [
        set(re.findall(r"\w+", layer)) for layer in drawn.split("→")
    ]


def test_the_pages_name_the_pythons_that_are_supported():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]

    assert wanted == ">=3.11,<3.14"
    assert sys.version_info >= (3, 11)
    for name in ("README.md", "CONTRIBUTING.md"):
        assert "Python 3.11, 3.12 or 3.13" in " ".join(page(name).text.split())


# -- decisions -----------------------------------------------------------------------------------------


def test_decisions_are_numbered_without_a_gap_and_titled_by_their_number():
    notes = [one for one in written() if one.name.startswith("docs/decisions/")]

    for number, one in enumerate(notes, start=1):
        assert one.path.name.startswith(f"{number:04d}-")
        assert one.text.startswith(f"# {number}. ")


class Capability(StrEnum):
    """What a person can do with Rosterway: a word of each stands in the change log."""

    SFTP = "SFTP server"
    SEALING = "sealed"
    CHECK = "every rule"
    PLAN = "digest"
    GUARDS = "guards"
    LIMITS = "limits"
    IMPORTS = "SIS Imports"
    MESSAGES = "messages"
    BASELINE = "baseline"
    RECEIPT = "receipt"
    CRASH = "crash"
    CONSOLE = "console"
    LINK = "one-time link"
    AUDIT = "audit log"
    SETTINGS = "rosterway.toml"
    DISTRICT = "district"
    SANDBOX = "sandbox Canvas"
    FAULTS = "faults"
    DEMO = "make demo"
    BENCH = "make bench"
    REFERENCE = "reference pages"


@pytest.mark.parametrize("capability", list(Capability))
def test_the_change_log_names_every_capability(capability):
    assert capability.value in " ".join(page("CHANGELOG.md").section("Unreleased").split())
