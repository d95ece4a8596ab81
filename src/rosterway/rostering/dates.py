"""Dates in cells, as SQL: which are ISO 8601, which exist, what instant they mean.

Canvas reads dates with a lenient parser in UTC and clears what it cannot read, often without a word
(canvas-lms `lib/sis/csv/csv_base_importer.rb`), so only unmistakable ones are let through.
"""

_SHAPE = (
    r"^\d{4}-\d{2}-\d{2}"
    r"([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?( ?UTC|Z|z| ?[+-]\d{2}:?\d{2})?)?$"
)

#: The cell's minutes without seconds, which is ISO 8601 and DuckDB's parser refuses.
_NO_SECONDS = r"^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2})(UTC|Z|z|[+-].*)?$"


def is_iso(cell: str) -> str:
    """Whether the cell has the shape of an ISO 8601 date or time."""
    return f"regexp_full_match({cell}, '{_SHAPE}')"


def instant(cell: str) -> str:
    """The instant the cell means (a date alone is its first moment in UTC), or NULL."""
    tight = f"replace(upper({cell}), ' UTC', 'Z')"
    tight = f"regexp_replace({tight}, ' ?([+-]\\d{{2}}:?\\d{{2}})$', '\\1')"
    with_seconds = f"regexp_replace({tight}, '{_NO_SECONDS}', '\\1:00\\2')"
    return f"CASE WHEN {is_iso(cell)} THEN try_cast({with_seconds} AS TIMESTAMPTZ) END"
