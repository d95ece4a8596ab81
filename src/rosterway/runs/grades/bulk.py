"""Performance strategies: many results in one request, where the provider offers it.

A post is not idempotent: the SIS gives each result a new id. So only results nobody has an id for go
that way; a post without an answer is read back before anything is sent again, as every other is.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import msgspec

from rosterway.formats.oneroster.gradebook import Result
from rosterway.oneroster.gradebook_writes import Bulk, BulkWay, Written
from rosterway.runs.grades.pieces import Parcel, Piece, singly
from rosterway.runs.grades.sis import Sis
from rosterway.runs.grades.syncing import Syncing
from rosterway.settings import Performance, Version

#: Results in one request.
AT_ONCE = 100
#: The words of `performance` for it, and where the results go.
WAYS = {
    Performance.BULK_RESULTS: BulkWay.LINE_ITEM,
    Performance.BULK_URL: BulkWay.URL,
}


def packing(sync: Syncing, opened: Sis) -> Callable[[Sequence[Piece]], list[Parcel]]:
    """How results are packed into requests."""
    way = way_of(sync)
    if way is None or (way is BulkWay.LINE_ITEM and opened.connection.version is Version.V1P1):
        return singly
    return _by_line_item


def way_of(sync: Syncing) -> BulkWay | None:
    """Where many results go at once; None: they do not."""
    return next((WAYS[word] for word in sync.grades.performance if word in WAYS), None)


def _by_line_item(pieces: Sequence[Piece]) -> list[Parcel]:
    together: dict[str, list[Piece]] = defaultdict(list)
    alone: list[Piece] = []
    for piece in pieces:
        is_new = piece.was is None or (not piece.was.fingerprint and not piece.was.is_in_doubt)
        if isinstance(piece.noun, Result) and is_new and not piece.deletes:
            together[piece.noun.line_item_id].append(piece)
        else:
            alone.append(piece)
    parcels: list[Parcel] = [
        found[start : start + AT_ONCE]
        for found in together.values()
        for start in range(0, len(found), AT_ONCE)
    ]
    return [*parcels, *singly(alone)]


async def post_many(sync: Syncing, opened: Sis, parcel: Parcel, moment: str) -> list[Written]:
    """Send a parcel in one request; one outcome each, in order."""
    # What is known by no id yet needs one for as long as it takes to tell the answers apart.
    results = [
        msgspec.structs.replace(piece.noun, sourced_id=piece.noun.sourced_id or f"new-{place}")
        for place, piece in enumerate(parcel, start=1)
        if isinstance(piece.noun, Result)
    ]
    way = way_of(sync) or BulkWay.LINE_ITEM
    bulk = Bulk(
        way=way,
        class_id=parcel[0].key[0],
        line_item_id=results[0].line_item_id,
        path=sync.grades.bulk_url or "",
    )
    return await opened.writer.post_many(results, bulk, moment)
