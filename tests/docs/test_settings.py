"""Every piece of configuration the pages show is one `rosterway config check` finds nothing in.

A whole file is checked as it stands, but for what its text says is to be filled in. A piece of one
(a feed, an account) is put into the smallest file it can stand in. Limits are read as `--limits`
reads them.
"""

import re
import tomllib
from typing import Any

import pytest

from docs.pages import Block, Page, every, written
from rosterway.cli.configured import findings
from rosterway.rostering.limits import Guard, limits_from
from rosterway.settings import schema
from rosterway.settings.document import DOCUMENT

#: What a page leaves to be filled in -> something of its kind.
FILLED_IN = {
    "AAAA…": "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
}

#: The smallest file in which anything of the tenant `lincoln` can stand.
FRAME = """
[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"
[tenant.lincoln.canvas]
url = "https://lincoln.test.instructure.com"
token = { env = "CANVAS_TOKEN" }
environment = "test"
"""

LIMITS = {"removals", "class", "new_users", "drift", "twin_class", "off"}
#: What begins a file that is no configuration of ours: `test_transforms` looks at those.
OTHERS = {"transform", "project"}


def filled(text: str) -> str:
    """The text with what is left to its reader."""
    for sign, value in FILLED_IN.items():
        text = text.replace(sign, value)
    return text


def examples() -> list[Any]:
    """Every block of TOML, with its page."""
    return [
        pytest.param(one, block, id=f"{one.name}-{number}")
        for one in every()
        for number, block in enumerate(b for b in one.blocks() if b.language == "toml")
        if not tomllib.loads(filled(block.text)).keys() <= OTHERS
    ]


@pytest.mark.parametrize(("one", "block"), examples())
def test_an_example_is_good_as_it_stands(one: Page, block: Block):
    text = filled(block.text)
    shown = tomllib.loads(text)
    if shown.keys() <= LIMITS:
        limits_from(shown)
        return
    of_lincoln = shown.get("tenant", {}).get("lincoln", {})
    is_whole = "canvas" in of_lincoln or not of_lincoln
    environ = dict.fromkeys(re.findall(r'env = "(\w+)"', text + FRAME), "x")

    found = findings(text if is_whole else text + FRAME, environ)

    assert [f"{finding.path}: {finding.problem}" for finding in found] == []


def test_an_example_that_needs_nothing_filled_in_would_be_refused_if_it_were_wrong():
    text = FRAME + '[tenant.lincoln.feed.nightly]\nfrom = "gateway"\nfoldr = "diffing"\n'

    assert findings(text, {"CANVAS_TOKEN": "x"})


def keys_of(node: Any) -> set[str]:
    """Every key a configuration file may have, at any depth."""
    match node:
        case schema.Table():
            own = {key.name for key in node.keys}
            return own.union(*(keys_of(key.node) for key in node.keys))
        case schema.Named():
            return keys_of(node.table)
        case schema.Variant():
            return {node.by}.union(*(keys_of(table) for table in node.tables.values()))
        case _:
            return set()


KEYS = keys_of(DOCUMENT) | LIMITS | {"count", "share", "to_none", "env", "file", "sealed"}


def pairs() -> list[tuple[str, str]]:
    """(page, `key = value`) as sentences mention it."""
    return [
        (one.name, word)
        for one in written()
        for word in dict.fromkeys(one.words())
        if re.match(r"\[?[a-z_.]+\]?(?: [a-z_]+)? = ", word)
    ]


@pytest.mark.parametrize(("where", "pair"), pairs())
def test_a_setting_in_a_sentence_is_a_key_there_is_with_a_value_it_may_have(where, pair):
    key, value = next(iter(tomllib.loads(pair).items()))

    assert key in KEYS, where
    if key == "off":
        assert set(value) <= {guard.value for guard in Guard}, where
