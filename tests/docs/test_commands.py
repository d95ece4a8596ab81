"""Every command the pages show is one `rosterway` takes, letter by letter; nothing is run.

A line is given to the command line's own parser: names, options, arguments and choices are its
business, so a page cannot show an option that is gone.
"""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer
import typer.main

from docs.pages import page, written
from rosterway.cli.main import app

#: Being built (issue 3): told in the pages and the change log when the whole of it works.
BEING_BUILT: set[str] = set()

#: What people leave out or fill in -> something of its kind.
_FILLED = {"…": "x", "'": "'"}
#: `NAME=value … command`, a prompt, or the virtual environment's folder may stand before it.
_BEFORE = re.compile(r"^\s*(?:[$>]\s+)?(?:[A-Z_]+=\S+\s+)*(?:\.venv/bin/)?(?=rosterway(?:\s|$))")


def lines_of(text: str) -> Iterator[str]:
    """The command lines in a block of code; a backslash at a line's end goes on with the next."""
    for line in text.replace("\\\n", " ").splitlines():
        if (found := _BEFORE.match(line)) is not None:
            yield line[found.end() :].strip()


def shown() -> list[tuple[str, str]]:
    """(page, command line) of everything shown in blocks or in sentences."""
    found = [
        (one.name, line)
        for one in written()
        for text in (*(b.text for b in one.blocks() if b.language != "toml"), *one.words())
        for line in lines_of(text)
    ]
    return list(dict.fromkeys(found))


def words_of(line: str) -> list[str]:
    """A command line as a shell would give it to the program, with what is to be filled in."""
    for sign, filled in _FILLED.items():
        line = line.replace(sign, filled)
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|<>")
    lexer.whitespace_split, lexer.commenters = True, "#"
    words = list(lexer)
    end = next((at for at, word in enumerate(words) if set(word) <= set(";&|<>")), len(words))
    return words[1:end]


def parsed(words: list[str]) -> Any:
    """The context in which a command would run; a usage error if it would not."""
    command: Any = typer.main.get_command(app)
    name, context, rest = "rosterway", None, words
    while True:
        context = command.make_context(name, rest, parent=context)
        if not hasattr(command, "resolve_command"):
            return context
        rest = [*context._protected_args, *context.args]
        if not rest:
            return context
        name, command, rest = command.resolve_command(context, rest)


def names_a_command(words: list[str]) -> bool:
    """Whether these are a command's or a group's name alone, as a sentence speaks of it."""
    command = typer.main.get_command(app)
    for word in words:
        command = getattr(command, "commands", {}).get(word)
        if command is None:
            return False
    return True


def names(command=None, words=()) -> Iterator[str]:
    """Every command by name, without `rosterway`."""
    command = command or typer.main.get_command(app)
    children = getattr(command, "commands", {})
    if not children:
        yield " ".join(words)
    for name, child in children.items():
        yield from names(child, words if child.hidden else (*words, name))


@pytest.mark.parametrize(("where", "line"), shown())
def test_a_command_that_is_shown_is_one_the_program_takes(where, line, monkeypatch):
    monkeypatch.delenv("ROSTERWAY_HOME", raising=False)
    words = words_of(line)
    if names_a_command(words):
        return
    try:
        parsed(words)
    except typer.Exit:
        pass  # --help and --version have nothing more to parse
    except typer.TyperException as error:
        pytest.fail(f"{where}: `{line}`: {error.format_message()}")


def test_a_command_with_a_wrong_option_or_name_would_be_noticed():
    for line in ("rosterway plan x --basline y", "rosterway feed lst", "rosterway check --as x y"):
        with pytest.raises(typer.TyperException):
            parsed(words_of(line))


@pytest.mark.parametrize("name", sorted(set(names()) - BEING_BUILT))
def test_every_command_is_shown_in_a_guide(name):
    words = name.split()
    calls = [words_of(line) for _, line in shown()]
    own = [call for call in calls if call[: len(words)] == words]
    if name == "plan":
        own = [call for call in own if call[1:2] not in (["show"], ["approve"], ["discard"])]

    assert any(len(call) > len(words) or not words_needed(name) for call in own), name


def words_needed(name: str) -> bool:
    """Whether a command cannot be called by its name alone."""
    try:
        parsed(name.split())
    except typer.TyperException:
        return True
    return False


def test_the_change_log_names_every_command():
    unreleased = page("CHANGELOG.md").section("Unreleased")

    missing = {name for name in names() if f"`rosterway {name}`" not in unreleased}

    assert missing <= BEING_BUILT


def test_what_is_being_built_is_not_shown_as_if_it_were_there():
    calls = [words_of(line) for _, line in shown()]

    assert [call for call in calls if " ".join(call[:1]) in BEING_BUILT] == []
    assert [call for call in calls if " ".join(call[:2]) in BEING_BUILT] == []
