"""What a gradebook has before anybody writes to it: categories, and a letter scale for each class.

Categories are `global`, as most systems have them; `by-class` adds each class's own, tied by
Instructure's extension `metadata.classId` (instructure-integration.md section 3.1).
"""

from collections.abc import Iterator

from rosterway.sandbox.sis.gradebook.shelf import Shelf
from rosterway.sandbox.sis.holding.records import ACTIVE, GONE, Record
from rosterway.sandbox.sis.trouble import SisUsageError

_WEIGHTS = {"Homework": 20.0, "Quizzes": 30.0, "Tests": 40.0, "Projects": 10.0}
_LETTERS = {"A": "90-100", "B": "80-89", "C": "70-79", "D": "60-69", "F": "0-59"}

CATEGORIES = ("global", "by-class", "none")


def set_up(shelf: Shelf, classes: dict[str, Record], kind: str, date: str) -> None:
    """Fill an empty shelf; one that holds anything is left alone.

    Raises:
        SisUsageError: there is no such kind of categories.
    """
    if kind not in CATEGORIES:
        raise SisUsageError(f"categories are {', '.join(CATEGORIES)}, not {kind!r}")
    if any(shelf.records.values()) or kind == "none":
        return
    live = {key: record for key, record in classes.items() if record["status"] != GONE}
    shelf.put_all("category", _categories(live if kind == "by-class" else {}, date))
    shelf.put_all("scoreScale", _scales(live, date))


def _categories(classes: dict[str, Record], date: str) -> Iterator[Record]:
    for number, (title, weight) in enumerate(_WEIGHTS.items(), 1):
        yield {
            "sourcedId": f"category-{number}",
            "status": ACTIVE,
            "dateLastModified": date,
            "title": title,
            "weight": weight,
        }
    for key in classes:
        yield {
            "sourcedId": f"category-{key}",
            "status": ACTIVE,
            "dateLastModified": date,
            "metadata": {"classId": key},
            "title": "Participation",
            "weight": 5.0,
        }


def _scales(classes: dict[str, Record], date: str) -> Iterator[Record]:
    for key, record in classes.items():
        yield {
            "sourcedId": f"scale-{key}",
            "status": ACTIVE,
            "dateLastModified": date,
            "title": "Letter grades",
            "type": "letters",
            "course": record["course"],
            "class": key,
            "scoreScaleValue": [
                {"itemValueLHS": letter, "itemValueRHS": points}
                for letter, points in _LETTERS.items()
            ],
        }
