"""Every link leads somewhere, every picture is there, and every page can be reached."""

import pytest

from docs.pages import ROOT, Page, every, written
from rosterway.oneroster.profiles import names, profile

OUTSIDE = ("https://", "http://", "mailto:")


def linked() -> list[tuple[Page, str]]:
    """(page, target) of every link within the repository."""
    return [
        (one, target)
        for one in every()
        for target in dict.fromkeys(one.links())
        if not target.startswith(OUTSIDE)
    ]


def target_of(one: Page, target: str) -> tuple[Page, str]:
    """The file a link leads to, and the heading in it."""
    path, _, heading = target.partition("#")
    return Page((one.path.parent / path).resolve() if path else one.path), heading


@pytest.mark.parametrize(
    ("one", "target"), linked(), ids=lambda value: getattr(value, "name", value)
)
def test_a_link_leads_to_a_file_and_a_heading_that_are_there(one, target):
    found, heading = target_of(one, target)

    assert found.path.exists(), f"{one.name}: {target}"
    assert found.path.is_relative_to(ROOT)
    assert not heading or heading in found.anchors(), f"{one.name}: {target}"


def test_every_page_can_be_reached_from_the_readme():
    met, ahead = set[str](), [Page(ROOT / "README.md")]
    while ahead:
        one = ahead.pop()
        if one.name in met:
            continue
        met.add(one.name)
        targets = (target_of(one, link)[0] for link in one.links() if not link.startswith(OUTSIDE))
        for found in targets:
            inside = sorted(found.path.glob("*.md")) if found.path.is_dir() else [found.path]
            ahead += [Page(path) for path in inside if path.suffix == ".md"]

    assert {one.name for one in every()} == met


def test_every_picture_is_shown_and_says_in_words_what_it_shows():
    pictures = [
        (words, target_of(one, target)[0].path)
        for one in written()
        for words, target in one.pictures()
    ]

    assert {path for _, path in pictures} == set((ROOT / "docs" / "pictures").iterdir())
    assert all(words for words, _ in pictures)


def test_links_leave_the_repository_for_known_places_alone():
    """Nobody looks after what lies elsewhere, so there is little of it."""
    outside = {link for one in every() for link in one.links() if link.startswith(OUTSIDE)}

    vendors = {link.url for name in names() for link in profile(name).link}
    assert outside == {"https://keepachangelog.com", *vendors}
