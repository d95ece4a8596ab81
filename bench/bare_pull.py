"""The least a pull can be: fetch a page, decode it, write its rows as CSV, until a page is short.

    python -m bench.bare_pull URL PAGE OUT

Nothing is checked, nothing proven, nothing resumed, and one page is fetched at a time.
"""

import asyncio
import csv
import sys
from pathlib import Path

import aiohttp
import msgspec


class _Ref(msgspec.Struct):
    sourcedId: str  # noqa: N815 - the wire's name


class _Enrollment(msgspec.Struct):
    sourcedId: str  # noqa: N815 - the wire's name
    status: str
    dateLastModified: str  # noqa: N815 - the wire's name
    role: str
    primary: str
    beginDate: str  # noqa: N815 - the wire's name
    endDate: str  # noqa: N815 - the wire's name
    user: _Ref
    school: _Ref
    class_: _Ref = msgspec.field(name="class")


class _Page(msgspec.Struct):
    enrollments: list[_Enrollment]


async def _pull(url: str, size: int, out: Path) -> None:
    decoder, at = msgspec.json.Decoder(_Page), 0
    with out.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        async with aiohttp.ClientSession() as session:
            while True:
                query = {"limit": str(size), "offset": str(at)}
                async with session.get(
                    f"{url}/ims/oneroster/v1p1/enrollments", params=query
                ) as answer:
                    rows = decoder.decode(await answer.read()).enrollments
                writer.writerows(
                    (
                        row.sourcedId,
                        row.status,
                        row.dateLastModified,
                        row.class_.sourcedId,
                        row.school.sourcedId,
                        row.user.sourcedId,
                        row.role,
                        row.primary,
                        row.beginDate,
                        row.endDate,
                    )
                    for row in rows
                )
                at += len(rows)
                if len(rows) < size:
                    return


if __name__ == "__main__":
    asyncio.run(_pull(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
