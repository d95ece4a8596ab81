"""The pages people read, taken apart: code blocks, words in code, links, headings.

Only as much Markdown as the pages use. What is written by `docs/generate.py` is held to the program
by `make lint`; here it is a target of links.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?<=\n\n)(?: {4}.+\n)+")
_CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: `language` is empty where none is given."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page, as it is in the repository."""

    path: Path

    @property
    def name(self) -> str:
        """Its path from the root, for people."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        """All of it."""
        return _text(self.path)

    @property
    def prose(self) -> str:
        """It without its blocks of code."""
        return _INDENTED.sub("\n", _FENCED.sub("", self.text))

    def blocks(self, heading: str = "") -> list[Block]:
        """Its blocks of code (under a heading), fenced or indented, without the indent."""
        text = self.section(heading) + "\n" if heading else self.text
        found = [
            Block(one[2], re.sub(rf"^{one[1]}", "", one[3], flags=re.MULTILINE))
            for one in _FENCED.finditer(text)
        ]
        indented = _INDENTED.findall(_FENCED.sub("", text))
        cut = (re.sub(r"^ {4}", "", one, flags=re.MULTILINE) for one in indented)
        return [*found, *(Block("", one) for one in cut)]

    def words(self) -> list[str]:
        """What stands in `code` within its sentences, on one line each."""
        return [" ".join(one[2].split()) for one in _CODE.finditer(self.prose)]

    def links(self) -> list[str]:
        """Where its links and pictures lead."""
        return [one[3] for one in _LINK.finditer(_CODE.sub("", self.prose))]

    def pictures(self) -> list[tuple[str, str]]:
        """Its pictures: what they show in words, and where they are."""
        return [(one[2], one[3]) for one in _LINK.finditer(self.prose) if one[1]]

    def anchors(self) -> set[str]:
        """What a link may put behind `#`, as GitHub makes it from the headings."""
        return {_anchor(one[1]) for one in _HEADING.finditer(_FENCED.sub("", self.text))}

    def section(self, heading: str) -> str:
        """What stands under a heading, up to the next one of the same depth or above."""
        lines = self.text.splitlines()
        begin = next(at for at, line in enumerate(lines) if line.lstrip("# ") == heading)
        depth = len(lines[begin]) - len(lines[begin].lstrip("#"))
        rest = lines[begin + 1 :]
        ends = (at for at, line in enumerate(rest) if re.match(rf"#{{1,{depth}}} ", line))
        return "\n".join(rest[: next(ends, len(rest))])

    def rows(self, heading: str = "") -> list[list[str]]:
        """The cells of the tables (under a heading), without their titles."""
        text = self.section(heading) if heading else self.text
        lines = [line.strip() for line in text.splitlines()]
        drawn = [at for at, line in enumerate(lines) if re.fullmatch(r"\|(:?-+:?\|)+", line)]
        titles = {at - 1 for at in drawn}
        kept = (at for at in range(len(lines)) if at not in {*drawn, *titles})
        return [
            [cell.strip() for cell in re.split(r"(?<!\\)\|", lines[at])[1:-1]]
            for at in kept
            if lines[at].startswith("|")
        ]


def page(name: str) -> Page:
    """A page by its path from the root."""
    return Page(ROOT / name)


def written() -> Iterator[Page]:
    """Every page that is written by hand."""
    yield from (page(name) for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))
    yield from (Page(path) for path in sorted((ROOT / "docs").glob("*.md")))
    yield from (Page(path) for path in sorted((ROOT / "docs" / "decisions").glob("*.md")))


def every() -> Iterator[Page]:
    """Every page, those made from data, too."""
    yield from written()
    yield from (Page(path) for path in sorted((ROOT / "docs" / "reference").glob("*.md")))


def code_of(cell: str) -> list[str]:
    """What stands in `code` in a piece of text."""
    return [one[2] for one in _CODE.finditer(cell)]


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _anchor(heading: str) -> str:
    plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return plain.replace(" ", "-")
