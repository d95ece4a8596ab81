"""Where a provider's services are, and how it is asked for a gradebook: what a profile says of it.

Leaves asking to `gradebook`.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from yarl import URL

from rosterway.oneroster.failures import Shown
from rosterway.settings.shape import Version


class CategoryWay(StrEnum):
    """How a class's categories are asked for (instructure-integration 3.1)."""

    AUTO = "auto"
    ALL = "all"
    CLASS = "class"
    FILTER = "filter"
    BARE_FILTER = "bare-filter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where a provider's services are, and how it is asked."""

    rostering: URL
    gradebook: URL
    version: Version
    page_size: int = 1000
    categories: CategoryWay = CategoryWay.AUTO
    reads_sessions: bool = True
    shown: Shown = field(default_factory=Shown)
